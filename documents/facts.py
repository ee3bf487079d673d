"""What the trail can say about documents, and the notices people get about them."""

from app.kernel.coded import N_
from app.kernel.notices import NoticeKind, asks_by_day, cannot_wait
from app.kernel.trail import Fact


class DocumentFact(Fact):
    """Facts of document control (T1, T4)."""

    COPY_PREPARED = (
        "copy.prepared",
        N_("%(actor)s prepared the digital copy of %(code)s %(edition)s for signing."),
    )
    COPY_SEALED = (
        "copy.sealed",
        N_("The digital copy of %(code)s %(edition)s was sealed with the body's certificate."),
    )
    SIGNED_COPY_BROUGHT = (
        "copy.signed_brought",
        N_("%(actor)s brought the digital copy of %(code)s %(edition)s, signed (%(added)s new)."),
    )
    DOCUMENT_CREATED = "document.created", N_("%(actor)s opened a new document: %(title)s.")
    CODE_GIVEN = "document.code_given", N_("The document %(title)s got the code %(code)s.")
    TRANSLATION_OPENED = (
        "document.translation_opened",
        N_("%(actor)s opened the English translation of %(original)s: %(title)s."),
    )
    RECORD_CHANGED = "document.record_changed", N_("%(actor)s changed the data of %(code)s.")
    KEEPER_CHANGED = (
        "document.keeper_changed",
        N_("%(actor)s put %(code)s into the care of %(keeper)s."),
    )
    REVISION_DRAFTED = (
        "revision.drafted",
        N_("%(actor)s began revision %(edition)s of %(code)s."),
    )
    FILE_BROUGHT = "revision.file_brought", N_("%(actor)s brought the file %(name)s.")
    FILE_TAKEN_OUT = (
        "revision.file_taken_out",
        N_("%(actor)s took the attachment %(name)s out of the draft."),
    )
    FILE_CARRIED = "revision.file_carried", N_("The file %(name)s was carried into the next round.")
    PACKAGE_JOINED = (
        "revision.package_joined",
        N_("%(actor)s let %(code)s %(edition)s go together with %(package_lead)s."),
    )
    PACKAGE_LEFT = (
        "revision.package_left",
        N_("%(actor)s let %(code)s %(edition)s go on its own."),
    )
    FILE_REFUSED = "revision.file_refused", N_("A file of %(actor)s was refused: %(reason)s.")
    DRAFT_CHANGED = (
        "revision.draft_changed",
        N_("%(actor)s changed the draft %(code)s %(edition)s."),
    )
    REVISION_SUBMITTED = (
        "revision.submitted",
        N_("%(actor)s submitted %(code)s %(edition)s (round %(round)s)."),
    )
    STEP_LEFT_OUT = (
        "revision.step_left_out",
        N_("%(actor)s left out a review step of %(code)s %(edition)s: %(reason)s"),
    )
    REVIEW_GIVEN = (
        "revision.review_given",
        N_("%(actor)s reviewed %(code)s %(edition)s and agrees."),
    )
    APPROVAL_GIVEN = (
        "revision.approval_given",
        N_("%(actor)s signed the approval of %(code)s %(edition)s."),
    )
    REVISION_RETURNED = (
        "revision.returned",
        N_("%(actor)s returned %(code)s %(edition)s: %(comment)s"),
    )
    REVISION_APPROVED = (
        "revision.approved",
        N_("%(code)s %(edition)s is approved, in force from %(effective_on)s."),
    )
    REVISION_EFFECTIVE = "revision.effective", N_("%(code)s %(edition)s came into force.")
    REVISION_OBSOLETE = (
        "revision.obsolete",
        N_("%(code)s %(edition)s was superseded by %(successor)s."),
    )
    REVISION_CANCELLED = (
        "revision.cancelled",
        N_("%(actor)s cancelled %(code)s %(edition)s: %(reason)s"),
    )
    COMMENT_MADE = "comment.made", N_("%(actor)s commented on %(code)s %(edition)s.")
    COMMENT_RESOLVED = (
        "comment.resolved",
        N_("%(actor)s resolved a comment on %(code)s %(edition)s."),
    )
    WORDING_SUGGESTED = (
        "comment.wording_suggested",
        N_("%(actor)s suggested a wording for %(code)s %(edition)s."),
    )
    WORDING_ACCEPTED = (
        "comment.wording_accepted",
        N_("%(actor)s accepted a suggested wording for %(code)s %(edition)s."),
    )
    WORDING_DECLINED = (
        "comment.wording_declined",
        N_("%(actor)s declined a suggested wording for %(code)s %(edition)s: %(reason)s"),
    )
    WORDING_PLACED = (
        "comment.wording_placed",
        N_("A wording suggested for %(code)s %(edition)s stands in what was submitted."),
    )
    OPINION_GIVEN = (
        "comment.opinion_given",
        N_("%(actor)s gave an opinion on %(code)s %(edition)s after it had been returned."),
    )
    RETURN_COUNTED = (
        "revision.return_counted",
        N_("%(actor)s would return %(code)s %(edition)s: %(comment)s The others still decide."),
    )
    CHECKED_OUT = (
        "revision.checked_out",
        N_("%(actor)s took the file of %(code)s %(edition)s to edit it, until %(until)s."),
    )
    GIVEN_BACK = (
        "revision.given_back",
        N_("%(actor)s gave the file of %(code)s %(edition)s back unchanged."),
    )
    CHECKED_IN = (
        "revision.checked_in",
        N_("%(actor)s no longer holds the file of %(code)s %(edition)s: it came in."),
    )
    CHECK_OUT_BROKEN = (
        "revision.check_out_broken",
        N_("%(actor)s took the file of %(code)s %(edition)s from %(person)s: %(reason)s"),
    )
    FILE_KEPT_ASIDE = (
        "revision.file_kept_aside",
        N_("The file %(name)s of %(actor)s for %(code)s %(edition)s was kept aside."),
    )
    ASIDE_USED = (
        "revision.aside_used",
        N_("%(actor)s used the file %(name)s, kept aside before, for %(code)s %(edition)s."),
    )
    ROUTE_CHANGED = "route.changed", N_("%(actor)s changed the route %(name)s.")
    ISSUANCE_ENTERED = (
        "issuance.entered",
        N_("%(actor)s entered decision %(number)s of %(happened_on)s."),
    )
    ISSUANCE_CONFIRMED = (
        "issuance.confirmed",
        N_("%(actor)s confirmed decision %(number)s of %(happened_on)s."),
    )
    ISSUANCE_REFUSED = (
        "issuance.refused",
        N_("%(actor)s refused decision %(number)s of %(happened_on)s: %(reason)s"),
    )
    CONFIDENTIAL_OPENED = "document.opened", N_("%(actor)s opened %(code)s (named readers only).")
    FILE_TAKEN = "document.file_taken", N_("%(actor)s downloaded %(name)s of %(code)s %(edition)s.")
    OLD_PAGE_REPORTED = (
        "revision.old_page_reported",
        N_("Somebody found a page of %(code)s %(edition)s that is no longer in force."),
    )
    COPY_PRINTED = "document.printed", N_("%(actor)s printed %(code)s %(edition)s.")
    REVIEW_OVERDUE = (
        "document.review_overdue",
        N_(
            "The periodic review of %(code)s is overdue since %(due_on)s; "
            "whoever is in charge was told."
        ),
    )
    CHANGE_ASKED = "change.asked", N_("%(actor)s asked for a change of %(codes)s: %(number)s.")
    CHANGE_ACCEPTED = (
        "change.accepted",
        N_("%(actor)s accepted %(number)s; %(owner)s answers for it by %(due_on)s."),
    )
    CHANGE_REJECTED = "change.rejected", N_("%(actor)s did not accept %(number)s: %(reason)s")
    CHANGE_PARKED = (
        "change.parked",
        N_("%(actor)s kept %(number)s for the next revision: %(reason)s"),
    )
    CHANGE_TAKEN_UP = (
        "change.taken_up",
        N_("%(actor)s answers %(number)s with %(code)s %(edition)s."),
    )
    CHANGE_LET_GO = "change.let_go", N_("%(number)s waits again: %(revisions)s was given up.")
    CHANGE_LEFT = (
        "change.left",
        N_("%(actor)s said that %(code)s needs no change for %(number)s: %(reason)s"),
    )
    CHANGE_ENDED = (
        "change.ended",
        N_("%(code)s was withdrawn, so %(number)s asks nothing of it any more: %(reason)s"),
    )
    CHANGE_IN_FORCE = (
        "change.in_force",
        N_("The change asked for in %(number)s is in force: %(revisions)s."),
    )
    EXTERNAL_REGISTERED = (
        "external.registered",
        N_("%(actor)s registered %(number)s %(title)s."),
    )
    EXTERNAL_DESCRIBED = (
        "external.described",
        N_("%(actor)s changed the data of %(number)s."),
    )
    EXTERNAL_REPLACED = (
        "external.replaced",
        N_("%(actor)s recorded that %(number)s was replaced by %(other)s on %(changed_on)s."),
    )
    EXTERNAL_AMENDED = (
        "external.amended",
        N_("%(actor)s recorded that %(number)s was amended by %(other)s on %(changed_on)s."),
    )
    CHANGES_RAISED = (
        "external.changes_raised",
        N_("%(actor)s had %(count)s documents that cite %(number)s looked at by %(due_on)s."),
    )
    REVIEW_KEPT = (
        "review.kept",
        N_("%(actor)s reviewed %(code)s %(edition)s and keeps it: %(reason)s"),
    )
    REVIEW_TO_REVISE = (
        "review.to_revise",
        N_("%(actor)s reviewed %(code)s %(edition)s and has it revised: %(reason)s"),
    )
    REVIEW_TO_WITHDRAW = (
        "review.to_withdraw",
        N_("%(actor)s reviewed %(code)s %(edition)s and proposes to withdraw it: %(reason)s"),
    )
    DISTRIBUTED = "revision.distributed", N_("%(code)s %(edition)s was distributed to %(where)s.")
    DISTRIBUTION_CHANGED = (
        "revision.distribution_changed",
        N_("%(actor)s changed who reads %(code)s %(edition)s: %(reason)s"),
    )
    ACKNOWLEDGEMENTS_KEPT = (
        "revision.acknowledgements_kept",
        N_("%(actor)s let earlier acknowledgements count for %(code)s %(edition)s: %(reason)s"),
    )
    KEEPING_TAKEN_BACK = (
        "revision.keeping_taken_back",
        N_("%(actor)s decided that everybody reads %(code)s %(edition)s."),
    )
    ACKNOWLEDGED = (
        "revision.acknowledged",
        N_("%(actor)s read and understood %(code)s %(edition)s."),
    )
    UNIT_ACKNOWLEDGED = (
        "revision.unit_acknowledged",
        N_(
            "%(actor)s confirmed that %(unit)s went through %(code)s %(edition)s "
            "(minutes %(minutes_number)s of %(held_on)s)."
        ),
    )
    READING_ASKED = (
        "revision.reading_asked",
        N_("%(count)s people were asked to read %(code)s %(edition)s."),
    )
    ASKED_AGAIN = (
        "revision.reading_asked_again",
        N_("Everybody is asked to read %(code)s %(edition)s again, by %(due_on)s."),
    )
    READING_CLOSED = (
        "distribution.closed",
        N_("Nobody here is asked to read %(code)s %(edition)s any more: it was taken back."),
    )
    QUIZ_SET = (
        "revision.quiz_set",
        N_("%(actor)s set %(count)s questions on %(code)s %(edition)s."),
    )
    QUIZ_ANSWERED = (
        "revision.quiz_answered",
        N_(
            "%(actor)s answered the questions on %(code)s %(edition)s: "
            "%(right_answers)s of %(questions)s right."
        ),
    )
    READERS_REMINDED = (
        "revision.readers_reminded",
        N_("%(actor)s reminded %(count)s people who have not read %(code)s %(edition)s."),
    )
    WITHDRAWAL_PROPOSED = (
        "withdrawal.proposed",
        N_("%(actor)s proposed to withdraw %(code)s %(edition)s: %(reason)s"),
    )
    WITHDRAWAL_AGREED = (
        "withdrawal.agreed",
        N_("%(actor)s signed the approval to withdraw %(code)s %(edition)s on %(withdraw_on)s."),
    )
    WITHDRAWAL_REFUSED = (
        "withdrawal.refused",
        N_("%(actor)s refused to withdraw %(code)s %(edition)s: %(reason)s"),
    )
    WITHDRAWAL_GIVEN_UP = (
        "withdrawal.given_up",
        N_("%(actor)s gave up the proposal to withdraw %(code)s %(edition)s: %(reason)s"),
    )
    WITHDRAWAL_OVERTAKEN = (
        "withdrawal.overtaken",
        N_("%(code)s %(edition)s was no longer in force on the day it was to be withdrawn."),
    )
    REVISION_WITHDRAWN = (
        "revision.withdrawn",
        N_("%(code)s %(edition)s was withdrawn: %(reason)s"),
    )
    REVISION_RESTORED = (
        "revision.restored",
        N_("%(actor)s began %(edition)s of %(code)s with the files of %(restored_from)s."),
    )
    HOLD_PLACED = "hold.placed", N_("%(actor)s put a hold on %(code)s: %(reason)s")
    HOLD_LIFTED = "hold.lifted", N_("%(actor)s lifted the hold on %(code)s.")
    DISPOSAL_PROPOSED = (
        "disposal.proposed",
        N_("%(actor)s proposed to dispose of %(count)s items (%(number)s): %(reason)s"),
    )
    DISPOSAL_CARRIED_OUT = (
        "disposal.carried_out",
        N_("%(actor)s signed the disposal %(number)s; %(count)s items were disposed of."),
    )
    DISPOSAL_REFUSED = (
        "disposal.refused",
        N_("%(actor)s refused the disposal %(number)s: %(reason)s"),
    )
    DISPOSAL_PRINTED = (
        "disposal.printed",
        N_("%(actor)s took the minutes of the disposal %(number)s."),
    )
    RECORD_KEPT = "record.kept", N_("%(actor)s entered the record %(number)s %(form)s.")
    RECORD_ANNOTATED = (
        "record.annotated",
        N_("%(actor)s added a note to the record %(number)s %(form)s."),
    )
    RECORD_FILE_TAKEN = (
        "record.file_taken",
        N_("%(actor)s took the file of the record %(number)s %(form)s."),
    )
    PUBLISHED = (
        "publication.made",
        N_("%(actor)s published %(code)s %(edition)s to %(count)s bodies below."),
    )
    PUBLICATION_CHANGED = (
        "publication.changed",
        N_("%(actor)s changed to whom %(code)s is published: %(count)s bodies below."),
    )
    EDITION_PASSED_ON = (
        "publication.passed_on",
        N_("%(code)s %(edition)s was passed on to %(count)s bodies below."),
    )
    READING_ASKED_BELOW = (
        "publication.reading_asked",
        N_(
            "%(actor)s asked %(count)s bodies below to read %(code)s %(edition)s, "
            "which was imported and asked nobody by itself."
        ),
    )
    PUBLICATION_ENDED = (
        "publication.ended",
        N_(
            "%(actor)s took %(code)s back from the bodies below; "
            "%(count)s adoptions ended: %(reason)s"
        ),
    )
    ADOPTED = (
        "adoption.made",
        N_("%(actor)s adopted %(code)s %(edition)s of %(of)s (decision of %(decided_on)s)."),
    )
    ADOPTION_ENDED = (
        "adoption.ended",
        N_("The adoption of %(code)s %(edition)s ended: the higher body took it back."),
    )
    ASSIGNED = "assignment.made", N_("%(actor)s put %(code)s %(name)s into the assignment matrix.")
    ASSIGNMENT_CHANGED = (
        "assignment.changed",
        N_("%(actor)s changed %(code)s %(name)s in the assignment matrix."),
    )
    SCOPE_DRAFTED = "scope.drafted", N_("%(actor)s drafted version %(version)s of the scope.")
    SCOPE_CHANGED = "scope.changed", N_("%(actor)s changed version %(version)s of the scope.")
    SCOPE_APPROVED = (
        "scope.approved",
        N_("%(actor)s signed version %(version)s of the scope, in effect from %(effective_on)s."),
    )
    SCOPE_REPLACED = "scope.replaced", N_("Version %(version)s of the scope was replaced.")
    IMPORT_BEGUN = "import.begun", N_("%(actor)s brought the list %(name)s to import.")
    IMPORT_STARTED = "import.started", N_("%(actor)s started the import of %(name)s.")
    IMPORT_STOPPED = "import.stopped", N_("%(actor)s stopped the import of %(name)s.")
    IMPORT_READ = "import.read", N_("The files of %(name)s were read.")
    IMPORT_FINISHED = (
        "import.finished",
        N_("The import of %(name)s is done; %(count)s documents came in."),
    )
    DOCUMENT_IMPORTED = (
        "document.imported",
        N_("%(actor)s imported %(code)s %(title)s from the list of before."),
    )
    REVISION_IMPORTED = (
        "revision.imported",
        N_("Edition %(edition)s of %(code)s was taken over as it was before this system."),
    )
    TEMPLATE_BROUGHT = (
        "template.brought",
        N_("%(actor)s brought version %(version)s of the template for %(purpose)s: %(name)s."),
    )
    TEMPLATE_RETIRED = (
        "template.retired",
        N_("Version %(version)s of the template for %(purpose)s is no longer used."),
    )
    REMINDED = "revision.reminded", N_("%(actor)s reminded those who hold %(code)s %(edition)s.")


class DocumentNotice(NoticeKind):
    """Lines people get about documents; nothing leaves before submission (D14)."""

    REVIEW_ASKED = "revision.review_asked", N_("Please review %(code)s %(edition)s by %(due_on)s.")
    APPROVAL_ASKED = (
        "revision.approval_asked",
        N_("Please approve %(code)s %(edition)s by %(due_on)s."),
    )
    RETURNED = "revision.returned", N_("%(code)s %(edition)s was returned to you: %(comment)s")
    APPROVED = "revision.approved", N_("%(code)s %(edition)s is approved.")
    EFFECTIVE = "revision.effective", N_("%(code)s %(edition)s is in force.")
    CANCELLED = "revision.cancelled", N_("%(code)s %(edition)s was cancelled: %(reason)s")
    COMMENTED = "comment.made", N_("There is a new comment on %(code)s %(edition)s.")
    ISSUANCE_TO_CONFIRM = (
        "issuance.to_confirm",
        N_("Please confirm decision %(number)s that was entered for you to check."),
    )
    REMINDER = "revision.reminder", N_("A reminder: %(code)s %(edition)s waits for you.")
    REVIEW_OVERDUE = (
        "document.review_overdue",
        N_("The periodic review of %(code)s is overdue since %(due_on)s."),
    )
    CHANGE_ASKED = "change.asked", N_("%(number)s asks for a change of %(codes)s.")
    CHANGE_ACCEPTED = (
        "change.accepted",
        N_("%(number)s is accepted: %(owner)s changes %(codes)s by %(due_on)s."),
    )
    CHANGE_REJECTED = "change.rejected", N_("%(number)s was not accepted: %(reason)s")
    CHANGE_PARKED = "change.parked", N_("%(number)s is kept for the next revision: %(reason)s")
    CHANGE_CLOSED = "change.closed", N_("%(number)s is closed: %(codes)s has changed.")
    CHANGE_ENDED = (
        "change.ended",
        N_("%(code)s was withdrawn, so %(number)s asks nothing of it any more: %(reason)s"),
    )
    READING_ASKED = (
        "revision.reading_asked",
        N_("Please read and confirm %(code)s %(edition)s by %(due_on)s."),
    )
    PUBLISHED_BINDING = (
        "publication.binding",
        N_("%(body)s published %(code)s %(edition)s: it is binding for your body."),
    )
    ADOPTION_ASKED = (
        "publication.adoption_asked",
        N_("%(body)s published %(code)s %(edition)s: please decide whether to adopt it."),
    )
    PUBLICATION_ENDED = (
        "publication.ended",
        N_("%(body)s took %(code)s back; what your body adopted of it ended. %(reason)s"),
    )
    ADOPTED = "publication.adopted", N_("%(body)s adopted %(codes)s.")
    OLD_PAGE_FOUND = (
        "revision.old_page_found",
        N_("An old page of %(code)s %(edition)s is still in use: %(place)s"),
    )
    READING_REMINDER = (
        "revision.reading_reminder",
        N_("A reminder: %(code)s %(edition)s waits for you to read it, by %(due_on)s."),
    )
    WITHDRAWAL_ASKED = (
        "withdrawal.asked",
        N_("Please decide by %(due_on)s whether %(code)s %(edition)s is withdrawn."),
    )
    WITHDRAWAL_AGREED = (
        "withdrawal.agreed",
        N_("%(code)s %(edition)s will be withdrawn on %(withdraw_on)s."),
    )
    WITHDRAWAL_REFUSED = (
        "withdrawal.refused",
        N_("%(code)s %(edition)s is not withdrawn: %(reason)s"),
    )
    WITHDRAWN = (
        "revision.withdrawn",
        N_("%(code)s %(edition)s is withdrawn. Take every printed copy out of use."),
    )
    DISPOSAL_ASKED = (
        "disposal.asked",
        N_("Please decide on the disposal %(number)s by %(due_on)s: %(count)s items."),
    )
    DISPOSAL_DECIDED = (
        "disposal.decided",
        N_("The disposal %(number)s is decided: %(count)s items were disposed of."),
    )
    DISPOSAL_REFUSED = "disposal.refused", N_("The disposal %(number)s was refused: %(reason)s")
    RETENTION_ENDS = (
        "retention.ends",
        N_("%(count)s documents and records reach the end of their retention by %(until)s."),
    )
    SCOPE_ASKED = (
        "scope.asked",
        N_(
            "Please sign version %(version)s of the scope, drafted by %(drafter)s: "
            "it is to take effect on %(effective_on)s."
        ),
    )


cannot_wait(
    {
        DocumentNotice.OLD_PAGE_FOUND: N_("People are following a page that no longer holds."),
    }
)
asks_by_day(
    (
        DocumentNotice.REVIEW_ASKED,
        DocumentNotice.APPROVAL_ASKED,
        DocumentNotice.CHANGE_ACCEPTED,
        DocumentNotice.READING_ASKED,
        DocumentNotice.READING_REMINDER,
    )
)
