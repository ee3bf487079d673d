"""What the trail can say about audits (T1, T4)."""

from app.kernel.coded import N_
from app.kernel.trail import Fact


class AuditFact(Fact):
    """Facts of internal audit."""

    CRITERIA_LOADED = (
        "criteria.loaded",
        N_("The criteria %(standard)s were loaded (%(count)s clauses)."),
    )
    CLAUSES_ASKED = (
        "criteria.asked",
        N_("%(actor)s changed of whom the clauses of %(standard)s are asked."),
    )
    AUDITOR_NAMED = "auditor.named", N_("%(actor)s put %(number)s on the list of auditors.")
    AUDITOR_CHANGED = (
        "auditor.changed",
        N_("%(actor)s changed the qualification or the days of auditor %(number)s."),
    )
    AUDITOR_ENDED = (
        "auditor.ended",
        N_("%(actor)s took auditor %(number)s off the list: %(reason)s"),
    )
    LEAVE_ENTERED = (
        "auditor.leave_entered",
        N_("%(actor)s entered days on which auditor %(number)s is away."),
    )
    LEAVE_ENDED = (
        "auditor.leave_ended",
        N_("%(actor)s took back days on which auditor %(number)s was to be away."),
    )
    CONFLICT_DECLARED = (
        "auditor.conflict_declared",
        N_("%(actor)s declared a conflict of auditor %(number)s with %(unit)s."),
    )
    CONFLICT_ENDED = (
        "auditor.conflict_ended",
        N_("%(actor)s ended the conflict of auditor %(number)s with %(unit)s."),
    )
    ENTRY_ADDED = (
        "auditor.entry_added",
        N_("%(actor)s added a line to the record of auditor %(number)s."),
    )
    EXCEPTION_SIGNED = (
        "auditor.exception_signed",
        N_("%(actor)s signed that auditor %(number)s may audit %(unit)s: %(reason)s"),
    )
    PROGRAMME_DRAFTED = (
        "programme.drafted",
        N_("%(actor)s began the audit programme of %(year)s."),
    )
    PROGRAMME_CHANGED = (
        "programme.changed",
        N_("%(actor)s changed the draft of the audit programme of %(year)s."),
    )
    PROGRAMME_SUBMITTED = (
        "programme.submitted",
        N_("%(actor)s submitted version %(version)s of the audit programme of %(year)s."),
    )
    PROGRAMME_RETURNED = (
        "programme.returned",
        N_("%(actor)s returned the audit programme of %(year)s: %(reason)s"),
    )
    PROGRAMME_APPROVED = (
        "programme.approved",
        N_("%(actor)s signed version %(version)s of the audit programme of %(year)s."),
    )
    PROGRAMME_REOPENED = (
        "programme.reopened",
        N_("%(actor)s began version %(version)s of the audit programme of %(year)s: %(reason)s"),
    )
    PROGRAMME_CLOSED = (
        "programme.closed",
        N_("%(actor)s closed the audit programme of %(year)s."),
    )
    PROPOSAL_ASKED = (
        "programme.proposal_asked",
        N_("%(actor)s asked for a proposal of the audits of %(year)s."),
    )
    PROPOSAL_TAKEN = (
        "programme.proposal_taken",
        N_("%(actor)s took the proposal for %(year)s: %(count)s audits were planned."),
    )
    PROPOSAL_DROPPED = (
        "programme.proposal_dropped",
        N_("%(actor)s dropped the proposal for %(year)s."),
    )
    UNIT_WEIGHED = (
        "audited_unit.weighed",
        N_("%(actor)s changed what planning knows of %(unit)s."),
    )
    AUDIT_PLANNED = "audit.planned", N_("%(actor)s planned the audit %(number)s of %(units)s.")
    AUDIT_ADDED = (
        "audit.added",
        N_("%(actor)s added the unscheduled audit %(number)s of %(units)s: %(reason)s"),
    )
    AUDIT_MOVED = (
        "audit.moved",
        N_("%(actor)s moved %(number)s to %(from_on)s – %(until_on)s: %(reason)s"),
    )
    AUDIT_POSTPONED = "audit.postponed", N_("%(actor)s postponed %(number)s: %(reason)s")
    AUDIT_CANCELLED = "audit.cancelled", N_("%(actor)s called %(number)s off: %(reason)s")
    AUDIT_ANNOUNCED = "audit.announced", N_("%(actor)s announced %(number)s to its units.")
    AUDIT_BEGUN = "audit.begun", N_("%(actor)s began the fieldwork of %(number)s.")
    FIELDWORK_ENDED = "audit.fieldwork_ended", N_("%(actor)s ended the fieldwork of %(number)s.")
    AUDIT_REPORTED = (
        "audit.reported",
        N_("%(actor)s entered the report %(report)s of %(number)s."),
    )
    AUDIT_CLOSED = "audit.closed", N_("%(actor)s closed %(number)s.")
    MEMBER_JOINED = (
        "team.joined",
        N_("%(actor)s put auditor %(auditor)s into the team of %(number)s."),
    )
    MEMBER_LEFT = (
        "team.left",
        N_("%(actor)s took auditor %(auditor)s out of the team of %(number)s: %(reason)s"),
    )
    TEMPLATE_CHANGED = (
        "checklist_template.changed",
        N_("%(actor)s changed the checklist template for units of the kind %(unit_kind)s."),
    )
    CHECKLIST_MADE = (
        "checklist.made",
        N_("%(actor)s made the checklist of %(number)s (%(count)s questions)."),
    )
    CHECKLIST_COPIED = (
        "checklist.copied",
        N_("%(actor)s copied the questions of %(source)s into the checklist of %(number)s."),
    )
    QUESTIONS_ADDED = (
        "checklist.questions_added",
        N_("%(actor)s added %(count)s questions to the checklist of %(number)s."),
    )
    CHECKLIST_READY = "checklist.ready", N_("%(actor)s said the checklist of %(number)s is ready.")
    QUESTION_CHANGED = (
        "question.changed",
        N_("%(actor)s changed a question of %(number)s: %(question)s"),
    )
    QUESTION_MOVED = (
        "question.moved",
        N_("%(actor)s moved a question of %(number)s: %(question)s"),
    )
    QUESTION_RENEWED = (
        "question.renewed",
        N_("%(actor)s took over the new words of the step into %(number)s: %(question)s"),
    )
    QUESTION_LEFT_OUT = (
        "question.left_out",
        N_("%(actor)s left a question of %(number)s out (%(question)s): %(reason)s"),
    )
    QUESTION_BACK_IN = (
        "question.back_in",
        N_("%(actor)s took a question of %(number)s in again: %(question)s"),
    )
    SAMPLE_DRAWN = (
        "sample.drawn",
        N_("%(actor)s drew %(size)s of %(population)s for %(number)s: %(about)s"),
    )
    ANSWER_RECORDED = (
        "answer.recorded",
        N_("%(actor)s answered a question of %(number)s: %(question)s"),
    )
    ANSWER_CHANGED = (
        "answer.changed",
        N_("%(actor)s changed their answer in %(number)s: %(question)s"),
    )
    ANSWER_CHOSEN = (
        "answer.chosen",
        N_("%(actor)s decided which answer counts in %(number)s: %(question)s"),
    )
    EVIDENCE_ADDED = (
        "evidence.added",
        N_("%(actor)s added evidence in %(number)s: %(question)s"),
    )
    EVIDENCE_TAKEN_BACK = (
        "evidence.taken_back",
        N_("%(actor)s took evidence back in %(number)s (%(question)s): %(reason)s"),
    )
    FIELDWORK_REOPENED = (
        "audit.reopened",
        N_("%(actor)s took up the fieldwork of %(number)s again: %(reason)s"),
    )
