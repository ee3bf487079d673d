"""What the trail and the notices can say about findings and reports (T1, T4, e18)."""

from app.kernel.coded import N_
from app.kernel.notices import NoticeKind, asks_by_day
from app.kernel.trail import Fact


class FindingFact(Fact):
    """Facts of findings, reports and what follows them."""

    WRITTEN = "finding.written", N_("%(actor)s wrote down finding %(number)s.")
    CHANGED = "finding.changed", N_("%(actor)s changed finding %(number)s.")
    SENT = "finding.sent", N_("%(actor)s made finding %(number)s known to %(unit)s.")
    ACCEPTED = "finding.accepted", N_("%(actor)s accepted finding %(number)s for the unit.")
    COMMENTED = (
        "finding.commented",
        N_("%(actor)s accepted finding %(number)s for the unit, with a comment: %(words)s"),
    )
    DISPUTED = (
        "finding.disputed",
        N_("%(actor)s disputed finding %(number)s for the unit: %(words)s"),
    )
    UPHELD = "finding.upheld", N_("%(actor)s upheld finding %(number)s: %(reason)s")
    REGRADED = (
        "finding.regraded",
        N_("%(actor)s gave finding %(number)s another grade: %(reason)s"),
    )
    WITHDRAWN = "finding.withdrawn", N_("%(actor)s withdrew finding %(number)s: %(reason)s")
    REPEAT_SETTLED = (
        "finding.repeat_settled",
        N_("%(actor)s said whether finding %(number)s repeats %(earlier)s."),
    )
    SYSTEMIC_SETTLED = (
        "finding.systemic_settled",
        N_("%(actor)s said whether finding %(number)s is systemic."),
    )
    REPORT_WRITTEN = "report.written", N_("%(actor)s wrote on the report of %(number)s.")
    REPORT_ISSUED = (
        "report.issued",
        N_("%(actor)s signed and issued the report of %(number)s (%(count)s findings)."),
    )
    REPORT_RECEIVED = (
        "report.received",
        N_("%(actor)s confirmed for %(unit)s that the report of %(number)s arrived."),
    )
    RECEIPT_REFUSED = (
        "report.receipt_refused",
        N_("%(actor)s refused the report of %(number)s for %(unit)s: %(reason)s"),
    )
    REPORT_REGISTERED = (
        "report.registered",
        N_("%(actor)s entered number %(given)s of the report of %(number)s."),
    )
    COPY_ADDED = (
        "report.copy_added",
        N_("%(actor)s added the signed copy of the report of %(number)s."),
    )
    REPORT_AMENDED = (
        "report.amended",
        N_("%(actor)s amended the report of %(number)s (amendment %(serial)s): %(reason)s"),
    )
    RECOMMENDED = (
        "recommendation.made",
        N_("Recommendation %(number)s came from finding %(finding)s."),
    )
    ANSWERED = (
        "recommendation.answered",
        N_("%(actor)s answered recommendation %(number)s."),
    )
    RATED = "audit.rated", N_("Somebody of an audited unit rated the audit %(number)s.")


class FindingNotice(NoticeKind):
    """Lines people get about findings and reports; nothing leaves before the team sends it."""

    RESPONSE_ASKED = (
        "finding.response_asked",
        N_("Please answer the findings of %(number)s by %(due_on)s (%(count)s of them)."),
    )
    DISPUTED = "finding.disputed", N_("%(number)s is disputed by %(unit)s: %(words)s")
    ANSWERED = "finding.answered", N_("%(unit)s accepts %(number)s.")
    DECIDED = "finding.decided", N_("The lead decided on %(number)s: %(reason)s")
    REPORT_ISSUED = (
        "report.issued",
        N_("The report of %(number)s is issued. Please confirm that you received it."),
    )
    RECEIPT = "report.receipt", N_("%(unit)s answered for the receipt of the report of %(number)s.")
    REPORT_AMENDED = "report.amended", N_("The report of %(number)s is amended: %(reason)s")
    RECOMMENDED = (
        "recommendation.made",
        N_("Please answer recommendation %(number)s by %(due_on)s."),
    )


asks_by_day((FindingNotice.RESPONSE_ASKED, FindingNotice.RECOMMENDED))
