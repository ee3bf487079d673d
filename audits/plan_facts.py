"""What the trail and notices say about the plan of one audit (T1, T4; b13-b15, b33)."""

from app.kernel.coded import N_
from app.kernel.notices import NoticeKind, asks_by_day, cannot_wait
from app.kernel.trail import Fact


class PlanFact(Fact):
    """Facts of plans, answers, meetings and calendars."""

    AGENDA_CHANGED = (
        "audit.agenda_changed",
        N_("%(actor)s changed the agenda of %(number)s: %(what)s."),
    )
    SCOPE_CHANGED = (
        "audit.scope_changed",
        N_("%(actor)s changed what %(number)s covers: %(units)s."),
    )
    METHOD_CHANGED = (
        "audit.method_changed",
        N_("%(actor)s changed how %(number)s is done."),
    )
    READING_CHOSEN = (
        "audit.reading_chosen",
        N_("%(actor)s chose what the team of %(number)s reads beside its procedures."),
    )
    REVISION_READ = (
        "audit.revision_read",
        N_("%(actor)s read %(code)s %(edition)s for %(number)s."),
    )
    PLAN_CONFIRMED = (
        "audit.plan_confirmed",
        N_("%(actor)s confirmed the plan of %(number)s for %(unit)s."),
    )
    PLAN_OBJECTED = (
        "audit.plan_objected",
        N_("%(actor)s said what of the plan of %(number)s does not suit %(unit)s."),
    )
    OBJECTION_ANSWERED = (
        "audit.objection_answered",
        N_("%(actor)s answered %(unit)s about the plan of %(number)s."),
    )
    OPENING_KEPT = (
        "audit.opening_kept",
        N_("%(actor)s wrote down the opening meeting of %(number)s."),
    )
    CLOSING_KEPT = (
        "audit.closing_kept",
        N_("%(actor)s wrote down the closing meeting of %(number)s."),
    )
    MINUTES_SIGNED = (
        "audit.minutes_signed",
        N_("%(actor)s signed the minutes of a meeting of %(number)s."),
    )
    FEED_MADE = "calendar.made", N_("%(actor)s made a new secret address of their calendar.")
    FEED_STOPPED = "calendar.stopped", N_("%(actor)s stopped the secret address of their calendar.")


class PlanNotice(NoticeKind):
    """Lines people get about the plan of an audit."""

    ANNOUNCED = (
        "audit.announced",
        N_("The audit %(number)s of %(units)s begins on %(due_on)s: read its plan and confirm it."),
    )
    MOVED = (
        "audit.moved",
        N_("The audit %(number)s of %(units)s is moved from %(old_on)s to %(due_on)s: %(reason)s"),
    )
    POSTPONED = (
        "audit.postponed",
        N_("The audit %(number)s of %(units)s is postponed: %(reason)s"),
    )
    CANCELLED = (
        "audit.cancelled",
        N_("The audit %(number)s of %(units)s is called off: %(reason)s"),
    )
    AGENDA_CHANGED = (
        "audit.agenda_changed",
        N_("The agenda of the audit %(number)s of %(units)s has changed: %(what)s."),
    )
    METHOD_CHANGED = (
        "audit.method_changed",
        N_("How the audit %(number)s of %(units)s is done has changed. %(address)s"),
    )
    JOINED = (
        "audit.member_joined",
        N_("%(auditor)s has joined the team of the audit %(number)s of %(units)s."),
    )
    LEFT = (
        "audit.member_left",
        N_("%(auditor)s has left the team of the audit %(number)s of %(units)s."),
    )
    OPENING_SET = (
        "audit.opening_set",
        N_("The opening meeting of the audit %(number)s is on %(held_on)s at %(hour)s. %(place)s"),
    )
    CLOSING_SET = (
        "audit.closing_set",
        N_("The closing meeting of the audit %(number)s is on %(held_on)s at %(hour)s. %(place)s"),
    )
    OBJECTED = (
        "audit.plan_objected",
        N_("The plan of the audit %(number)s does not suit %(unit)s: %(words)s"),
    )
    ANSWERED = (
        "audit.objection_answered",
        N_("About the plan of the audit %(number)s you are answered: %(words)s"),
    )


# what takes effect by a day leaves at once where the daily letter would come after it
asks_by_day((PlanNotice.ANNOUNCED,))
cannot_wait(
    {
        kind: N_("People plan their days by it.")
        for kind in (PlanNotice.MOVED, PlanNotice.POSTPONED, PlanNotice.CANCELLED)
    }
)
