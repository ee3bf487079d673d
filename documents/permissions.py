"""Who may try what with documents: one table (rules O1, O4, D3, D6)."""

from typing import Any

from app.kernel.access import oneself
from app.kernel.coded import N_
from app.kernel.people import Person, Role
from app.kernel.permissions import (
    Permission,
    Reason,
    Standing,
    add_table,
    any_of,
    because,
    because_of,
    holds,
    holds_over_body,
    overseen_body,
    reasons,
    same_body,
)
from documents.models import (
    ChangeRequest,
    Comment,
    Confidentiality,
    ControlledCopy,
    CopyRound,
    DigitalCopy,
    Disposal,
    Distribution,
    Document,
    Invitation,
    Package,
    QualityRecord,
    Revision,
    RevisionState,
    Step,
    StepPerson,
    Withdrawal,
)


class DocumentPermission(Permission):
    """Permissions of document control; values read area.record.act."""

    LIST = "documents.document.list"
    READ_EFFECTIVE = "documents.effective.read"
    READ_REVISION = "documents.revision.read"
    OPEN_DOCUMENT = "documents.document.open"
    CHANGE_RECORD = "documents.document.change"
    DRAFT_REVISION = "documents.revision.draft"
    SUBMIT_REVISION = "documents.revision.submit"
    DECIDE = "documents.revision.decide"
    COMMENT = "documents.revision.comment"
    INVITE = "documents.revision.invite"
    END_INVITATION = "documents.invitation.end"
    ACCEPT_SUGGESTION = "documents.suggestion.answer"
    BREAK_CHECK_OUT = "documents.check_out.break"
    RESOLVE_COMMENT = "documents.comment.resolve"
    CANCEL_REVISION = "documents.revision.cancel"
    LEAVE_OUT_STEP = "documents.step.leave_out"
    CHANGE_ROUTES = "documents.route.change"
    CHANGE_TEMPLATES = "documents.template.change"
    ENTER_ISSUANCE = "documents.issuance.enter"
    CONFIRM_ISSUANCE = "documents.issuance.confirm"
    EXPORT_REGISTER = "documents.register.export"
    PRINT = "documents.effective.print"
    REMIND = "documents.revision.remind"
    LIST_CHANGES = "documents.change.list"
    ASK_CHANGE = "documents.change.ask"
    DECIDE_CHANGE = "documents.change.decide"
    ANSWER_CHANGE = "documents.change.answer"
    READ_EXTERNAL = "documents.external.read"
    KEEP_EXTERNAL = "documents.external.keep"
    REVIEW_DOCUMENT = "documents.document.review"
    ACKNOWLEDGE = "documents.revision.acknowledge"
    ACKNOWLEDGE_FOR_UNIT = "documents.unit.acknowledge"
    SEE_DISTRIBUTION = "documents.distribution.see"
    ADJUST_DISTRIBUTION = "documents.distribution.adjust"
    REMIND_READERS = "documents.distribution.remind"
    SEE_TRAINING = "documents.training.see"
    SEE_COPIES = "documents.copy.see"
    KEEP_COPIES = "documents.copy.keep"
    ANSWER_COPY = "documents.copy.answer"
    PUBLISH = "documents.publication.make"
    SEE_PUBLICATIONS = "documents.publication.see"
    ADOPT = "documents.adoption.decide"
    SEE_ASSIGNMENTS = "documents.assignment.see"
    KEEP_ASSIGNMENTS = "documents.assignment.keep"
    APPROVE_SCOPE = "documents.scope.approve"
    IMPORT = "documents.import.run"
    PROPOSE_WITHDRAWAL = "documents.withdrawal.propose"
    SEE_WITHDRAWAL = "documents.withdrawal.see"
    DECIDE_WITHDRAWAL = "documents.withdrawal.decide"
    GIVE_UP_WITHDRAWAL = "documents.withdrawal.give_up"
    LIST_RECORDS = "documents.record.list"
    KEEP_RECORD = "documents.record.keep"
    PLACE_HOLD = "documents.hold.place"
    SEE_DISPOSALS = "documents.disposal.see"
    PROPOSE_DISPOSAL = "documents.disposal.propose"
    DECIDE_DISPOSAL = "documents.disposal.decide"
    BRING_SIGNED = "documents.digital.bring"
    TRY_AGAIN = "documents.work.try_again"


# Who reads every revision of the units they answer for; auditors and inspectors read the body's.
READS_UNIT = (
    Role.MANAGER,
    Role.LEADER,
    Role.QUALITY_OFFICER,
    Role.QUALITY_REPRESENTATIVE,
)
READS_BODY = (Role.AUDITOR, Role.LEAD_AUDITOR, Role.INSPECTOR)
KEEPS = (Role.QUALITY_OFFICER, Role.MANAGER)


def document_of(record: Any) -> Document | None:
    """Give the document behind a record of this domain."""
    match record:
        case Document():
            return record
        case Revision():
            return record.document
        case Package():
            return record.lead.document
        case Comment() | DigitalCopy() | Distribution():
            return record.revision.document
        case ControlledCopy() | CopyRound() | Withdrawal():
            return record.document
    return None


def _revisions_of(record: Any) -> list[Revision]:
    match record:
        case Revision():
            return record.package.revisions if record.package is not None else [record]
        case Package():
            return list(record.revisions)
        case Comment():
            return _revisions_of(record.revision)
        case Invitation():
            return list(record.package.revisions)
    return []


def is_of_body_below(record: Any) -> bool:
    """Say whether it is who reads a text in a body it was given to: that body's affair (O4)."""
    return isinstance(record, Distribution) and record.is_given


@because(N_("Wrote it"))
def is_author(standing: Standing, record: Any) -> bool:
    """Wrote the revision."""
    if record is None:
        return True
    return any(
        link.person_id == standing.person.id
        for revision in _revisions_of(record)
        for link in revision.author_links
    )


@because(N_("Has the document in care"))
def is_keeper(standing: Standing, record: Any) -> bool:
    """Has the document in care."""
    document = document_of(record)
    if record is None or document is None or is_of_body_below(record):
        return record is None
    return document.keeper_id == standing.person.id


def _package_of(record: Any) -> Package | None:
    if isinstance(record, Package):
        return record
    revisions = _revisions_of(record)
    return revisions[0].package if revisions else None


def may_take_seat(
    standing: Standing,
    person_id: int,
    role: Role | None,
    unit_id: int | None,
    body_id: int | None = None,
) -> bool:
    """Sits there, or acts for who does: in everything, or in the post the seat comes with (O2).

    The post must reach the unit; or the whole body, where no unit is given.
    """
    if person_id == standing.person.id:
        return True
    for deputised in standing.delegators:
        if person_id != deputised.person.id:
            continue
        if deputised.post is None:
            return True
        lent, _ = deputised.post
        if role is lent and deputised.has(lent, unit_id=unit_id, body_id=body_id):
            return True
    return False


def seats_for(standing: Standing, step: Step) -> list[StepPerson]:
    """Give the seats of a step somebody may answer from, their own first."""
    unit_id = step.package.lead_unit_id
    found = [
        seat for seat in step.seats if may_take_seat(standing, seat.person_id, seat.role, unit_id)
    ]
    return sorted(found, key=lambda seat: seat.person_id != standing.person.id)


def open_seats_for(standing: Standing, step: Step) -> list[StepPerson]:
    """Give the seats somebody may answer from today: a seat by post goes with the post (O1)."""
    unit_id = step.package.lead_unit_id
    return [seat for seat in seats_for(standing, step) if _has_post(standing, seat, unit_id)]


def _has_post(standing: Standing, seat: StepPerson, lead_unit_id: int) -> bool:
    return still_has_post(standing, seat.person_id, seat.role, lead_unit_id)


def still_has_post(
    standing: Standing,
    person_id: int,
    role: Role | None,
    unit_id: int | None,
    body_id: int | None = None,
) -> bool:
    """Say whether whoever sits there still has the post the seat comes with; no post, no end."""
    if role is None:
        return True
    return any(
        one.person.id == person_id and one.has(role, unit_id=unit_id, body_id=body_id)
        for one in (standing, *standing.delegators)
    )


@because(N_("Is invited to read it and to suggest"))
def is_invited(standing: Standing, record: Any) -> bool:
    """Is asked to read what is on its way and to suggest, until a day; sees nothing else (O4)."""
    if record is None:
        return True
    package = _package_of(record)
    return (
        package is not None
        and any(
            one.person_id == standing.person.id and one.holds(standing.on)
            for one in package.invitations
        )
        and any(revision.is_open for revision in package.revisions)
    )


@because(N_("Sits on its route, or acts for somebody who does"))
def is_seated(standing: Standing, record: Any) -> bool:
    """Sits at a step of the package's route, in any round, or acts for somebody who does (O2)."""
    if record is None:
        return True
    package = _package_of(record)
    return package is not None and any(seats_for(standing, step) for step in package.all_steps)


@because(N_("Is asked for an answer now, or acts for somebody who is"))
def is_asked_now(standing: Standing, record: Any) -> bool:
    """Sits at the step that is being answered, or acts for somebody who does."""
    if record is None:
        return True
    package = _package_of(record)
    step = package.current_step if package is not None else None
    return step is not None and bool(open_seats_for(standing, step))


@because(N_("Audits or inspects this body"))
def reads_body(standing: Standing, record: Any) -> bool:
    """Auditors and inspectors read all documents of their body that are not for named people."""
    if record is None:
        return standing.has(*READS_BODY)
    document = document_of(record)
    return (
        document is not None
        and (record if isinstance(record, Distribution) else document).body_id == standing.body_id
        and document.confidentiality is not Confidentiality.NAMED
        and standing.has(*READS_BODY)
    )


@because(N_("Is named as a reader"))
def is_named_reader(standing: Standing, record: Any) -> bool:
    """Is among the people a confidential document names."""
    document = document_of(record)
    return document is not None and any(
        reader.person_id == standing.person.id for reader in document.readers
    )


@because(N_("Audits or inspects this body"))
def audits_body(standing: Standing, record: Any) -> bool:
    """Auditors and inspectors see who of their body has read what (7.2 d)."""
    return standing.has(*READS_BODY) and (record is None or record.body_id == standing.body_id)


_of_the_body = any_of(same_body, overseen_body)


@because(N_("A higher body published it to this one"), is_everybody=True)
def published_here(standing: Standing, record: Any) -> bool:
    """A body above has given the document to the body one works in (O4)."""
    document = document_of(record)
    if document is None or document.body_id == standing.body_id:
        return False
    if document.body_id not in standing.above_body_ids:
        return False
    return any(one.reaches(standing.body_id) for one in document.publications)


def _why_effective(standing: Standing, record: Any) -> list[Reason]:
    document = document_of(record)
    if document is not None and document.confidentiality is Confidentiality.NAMED:
        return reasons(standing, is_named_reader, document)
    if reasons(standing, _of_the_body, document):
        return reasons(standing, _of_the_body, document)
    return reasons(standing, published_here, document)


@because_of(_why_effective)
def reads_effective(standing: Standing, record: Any) -> bool:
    """Read the effective revision: everybody of the body, unless it is for named people (D6)."""
    if record is None:
        return True
    if isinstance(record, Revision) and record.state is not RevisionState.EFFECTIVE:
        return False
    document = document_of(record)
    if document is None or not isinstance(record, Document | Revision):
        return False  # packages and comments are for those who work on them
    if document.confidentiality is Confidentiality.NAMED:
        return is_named_reader(standing, record) and same_body(standing, document)
    if same_body(standing, document) or overseen_body(standing, document):
        return True
    return published_here(standing, document)


@because(N_("Works in this body"), is_everybody=True)
def takes_part(standing: Standing, record: Any) -> bool:
    """Everybody of the body but those who only inspect it, and change nothing."""
    only_inspects = {grant.role for grant in standing.grants} == {Role.INSPECTOR}
    return same_body(standing, record) and not only_inspects


def _keeps_all(standing: Standing, record: Any) -> bool:
    if not isinstance(record, ChangeRequest):
        return standing.has(*KEEPS) and (record is None or same_body(standing, record))
    if record.body_id != standing.body_id:
        return False
    return all(standing.has(*KEEPS, unit_id=item.document.lead_unit_id) for item in record.items)


@because(N_("Has its documents in care, or acts for who has"))
def decides_on_changes(standing: Standing, record: Any) -> bool:
    """Keep every document the request is about, or act for who does (O1, O2)."""
    return any(_keeps_all(one, record) for one in (standing, *standing.delegators))


def decides_for(standing: Standing, request: ChangeRequest) -> Person | None:
    """Give for whom somebody decides on a request; None where they do so by a post of their own."""
    if _keeps_all(standing, request):
        return None
    return next((one.person for one in standing.delegators if _keeps_all(one, request)), None)


def answers_for(standing: Standing, request: ChangeRequest) -> Person | None:
    """Give for whom somebody answers a request; None where they do so themselves."""
    if _keeps_all(standing, request) or request.owner_id == standing.person.id:
        return None
    lent = [one.person for one in standing.delegators if one.post is None]
    owner = next((person for person in lent if person.id == request.owner_id), None)
    return owner or decides_for(standing, request)


@because(N_("Answers for the change"))
def answers_for_change(standing: Standing, record: Any) -> bool:
    """Was named to see to the change, or acts for who was (O2)."""
    if not isinstance(record, ChangeRequest):
        return record is None or same_body(standing, record)
    lent = {deputy.person.id for deputy in standing.delegators if deputy.post is None}
    people = {standing.person.id, *lent}
    return record.body_id == standing.body_id and record.owner_id in people


@because(N_("Reads what is in force in this body"))
def reads_as_staff(standing: Standing, record: Any) -> bool:
    """Works in the document's body or one it is published to, and is named where it is for
    named people (D6, O4).

    Whether a revision can be confirmed now is a rule: what became obsolete is refused with the
    way to the one in force.
    """
    document = document_of(record)
    if record is None:
        return True
    if document is None:
        return False
    if not same_body(standing, document):
        return document.confidentiality is not Confidentiality.NAMED and published_here(
            standing, document
        )
    return document.confidentiality is not Confidentiality.NAMED or is_named_reader(
        standing, document
    )


@because(N_("Heads the unit, or acts for its head"))
def heads_unit(standing: Standing, record: Any) -> bool:
    """Heads the unit or one above it, or acts for somebody who does (O1, O2)."""
    heads = holds(Role.MANAGER)
    return any(heads(one, record) for one in (standing, *standing.delegators))


@because(N_("Heads a unit that may have to read it"))
def heads_some_unit(standing: Standing, record: Any) -> bool:
    """Heads a unit of the body, or acts for its head: sees what concerns that unit."""
    heads = any(one.has(Role.MANAGER) for one in (standing, *standing.delegators))
    return heads and (record is None or reads_as_staff(standing, record))


@because(N_("Holds the copy, or acts for whoever holds it"))
def holds_copy(standing: Standing, record: Any) -> bool:
    """Has the copy in hand, or acts for whoever has (O2)."""
    if record is None:
        return True
    people = {standing.person.id, *(deputy.person.id for deputy in standing.delegators)}
    return isinstance(record, ControlledCopy) and record.holder_id in people


keeps_copies = any_of(holds(*KEEPS), is_keeper)


def places_for(standing: Standing, record: Withdrawal | Disposal) -> list[Person]:
    """Give the seats from which somebody may decide on a proposal, their own first (O2).

    A seat by post goes with the post: whoever lost it decides no more (O1).
    """
    unit_id = record.place_unit_id if isinstance(record, Withdrawal) else None
    found = [
        seat.person
        for seat in record.seats
        if may_take_seat(standing, seat.person_id, seat.role, unit_id, record.body_id)
        and still_has_post(standing, seat.person_id, seat.role, unit_id, record.body_id)
    ]
    return sorted(found, key=lambda person: person.id != standing.person.id)


@because(N_("Is asked to decide, or acts for somebody who is"))
def decides_on_it(standing: Standing, record: Any) -> bool:
    """Sits where a withdrawal or a disposal is decided, or acts for somebody who does (O2)."""
    if record is None:
        return True
    return isinstance(record, Withdrawal | Disposal) and bool(places_for(standing, record))


@because(N_("Proposed it"))
def proposed_it(standing: Standing, record: Any) -> bool:
    """Proposed the withdrawal or disposal."""
    return record is None or getattr(record, "proposed_by_id", None) == standing.person.id


@because(N_("Works in the unit that keeps it"))
def works_in_unit(standing: Standing, record: Any) -> bool:
    """Works in the unit that keeps the record, not only inspects it."""
    only_inspects = {grant.role for grant in standing.grants} == {Role.INSPECTOR}
    if record is None or only_inspects:
        return not only_inspects
    unit_id = record.unit_id if isinstance(record, QualityRecord) else record.id
    return record.body_id == standing.body_id and unit_id in standing.unit_ids


@because(N_("Leads the body, or acts for who does"))
def adopts_for_body(standing: Standing, record: Any) -> bool:
    """Leads the whole body, or acts for somebody who does: decides what it adopts (O1, O2)."""
    if record is not None and record.body_id != standing.body_id:
        return False
    return any(
        one.has(Role.LEADER, body_id=standing.body_id) for one in (standing, *standing.delegators)
    )


sees_whole_distribution = any_of(holds(*READS_UNIT), reads_body, is_keeper)
_reads_any_revision = any_of(holds(*READS_UNIT), reads_body, is_author, is_keeper, is_seated)


def _why_copies(standing: Standing, record: Any) -> list[Reason]:
    return reasons(standing, _reads_document, document_of(record))


_reads_document = any_of(reads_effective, _reads_any_revision)


def only_invited(standing: Standing, record: Any) -> bool:
    """Say whether somebody reads a revision for no other reason than an invitation."""
    return not _reads_document(standing, record)


@because_of(_why_copies)
def sees_copies(standing: Standing, record: Any) -> bool:
    """Whoever may read the document may see where its numbered copies are (7.5.3.2)."""
    document = document_of(record)
    if record is not None and not (
        same_body(standing, document) or overseen_body(standing, document)
    ):
        return False  # what a higher body gives is its text, not where its paper hangs
    return record is None or _reads_document(standing, document)


add_table(
    {
        DocumentPermission.LIST: any_of(same_body, overseen_body),
        DocumentPermission.READ_EFFECTIVE: any_of(reads_effective, _reads_any_revision),
        DocumentPermission.READ_REVISION: any_of(reads_effective, _reads_any_revision, is_invited),
        DocumentPermission.OPEN_DOCUMENT: holds(*KEEPS),
        DocumentPermission.CHANGE_RECORD: holds(*KEEPS),
        DocumentPermission.DRAFT_REVISION: any_of(holds(*KEEPS), is_author, is_keeper),
        DocumentPermission.SUBMIT_REVISION: any_of(holds(*KEEPS), is_author, is_keeper),
        DocumentPermission.DECIDE: is_asked_now,
        DocumentPermission.COMMENT: any_of(
            holds(Role.QUALITY_OFFICER, Role.MANAGER), is_author, is_seated, is_invited
        ),
        DocumentPermission.INVITE: any_of(holds(*KEEPS), is_author),
        DocumentPermission.END_INVITATION: any_of(holds(*KEEPS), is_author),
        DocumentPermission.ACCEPT_SUGGESTION: is_author,
        DocumentPermission.BREAK_CHECK_OUT: any_of(holds(*KEEPS), is_keeper),
        DocumentPermission.RESOLVE_COMMENT: any_of(holds(Role.QUALITY_OFFICER), is_author),
        DocumentPermission.CANCEL_REVISION: any_of(holds(Role.QUALITY_OFFICER), is_author),
        DocumentPermission.LEAVE_OUT_STEP: holds(Role.QUALITY_OFFICER),
        DocumentPermission.CHANGE_ROUTES: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.CHANGE_TEMPLATES: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.ENTER_ISSUANCE: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.CONFIRM_ISSUANCE: holds_over_body(
            Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.LEADER
        ),
        DocumentPermission.EXPORT_REGISTER: any_of(same_body, overseen_body),
        DocumentPermission.PRINT: any_of(reads_effective, _reads_any_revision),
        DocumentPermission.PUBLISH: holds_over_body(Role.QUALITY_OFFICER, Role.LEADER),
        DocumentPermission.SEE_PUBLICATIONS: holds_over_body(
            Role.QUALITY_OFFICER, Role.LEADER, Role.QUALITY_REPRESENTATIVE, *READS_BODY
        ),
        DocumentPermission.ADOPT: adopts_for_body,
        DocumentPermission.SEE_ASSIGNMENTS: any_of(same_body, overseen_body),
        DocumentPermission.KEEP_ASSIGNMENTS: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.APPROVE_SCOPE: holds_over_body(Role.LEADER),
        DocumentPermission.TRY_AGAIN: holds(*KEEPS),
        DocumentPermission.BRING_SIGNED: any_of(holds(*READS_UNIT), is_keeper),
        DocumentPermission.IMPORT: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.REMIND: any_of(holds(*KEEPS), is_author),
        DocumentPermission.LIST_CHANGES: any_of(same_body, overseen_body),
        DocumentPermission.ASK_CHANGE: takes_part,
        DocumentPermission.DECIDE_CHANGE: decides_on_changes,
        DocumentPermission.ANSWER_CHANGE: any_of(decides_on_changes, answers_for_change),
        DocumentPermission.READ_EXTERNAL: any_of(same_body, overseen_body),
        DocumentPermission.KEEP_EXTERNAL: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.REVIEW_DOCUMENT: any_of(
            holds(*KEEPS, Role.QUALITY_REPRESENTATIVE), is_keeper
        ),
        DocumentPermission.ACKNOWLEDGE: reads_as_staff,
        DocumentPermission.ACKNOWLEDGE_FOR_UNIT: heads_unit,
        DocumentPermission.SEE_DISTRIBUTION: any_of(sees_whole_distribution, heads_some_unit),
        DocumentPermission.ADJUST_DISTRIBUTION: any_of(holds(Role.QUALITY_OFFICER), is_keeper),
        DocumentPermission.REMIND_READERS: any_of(holds(*KEEPS), is_keeper),
        DocumentPermission.SEE_COPIES: any_of(sees_copies, holds_copy),
        DocumentPermission.KEEP_COPIES: keeps_copies,
        DocumentPermission.ANSWER_COPY: any_of(keeps_copies, holds_copy),
        DocumentPermission.PROPOSE_WITHDRAWAL: any_of(holds(*KEEPS), is_keeper),
        DocumentPermission.SEE_WITHDRAWAL: any_of(
            holds(*READS_UNIT), reads_body, is_keeper, decides_on_it, proposed_it
        ),
        DocumentPermission.DECIDE_WITHDRAWAL: decides_on_it,
        DocumentPermission.GIVE_UP_WITHDRAWAL: any_of(proposed_it, holds(Role.QUALITY_OFFICER)),
        DocumentPermission.LIST_RECORDS: any_of(holds(*READS_UNIT), audits_body, works_in_unit),
        DocumentPermission.KEEP_RECORD: any_of(holds(*KEEPS), works_in_unit),
        DocumentPermission.PLACE_HOLD: holds_over_body(
            Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.LEADER
        ),
        DocumentPermission.SEE_DISPOSALS: any_of(
            holds_over_body(Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.LEADER),
            audits_body,
            decides_on_it,
        ),
        DocumentPermission.PROPOSE_DISPOSAL: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.DECIDE_DISPOSAL: decides_on_it,
        DocumentPermission.SEE_TRAINING: any_of(oneself, holds(*READS_UNIT), audits_body),
    }
)
