"""Who may try what with documents: one table (rules O1, O4, D3, D6)."""

from typing import Any

from app.kernel.access import oneself
from app.kernel.coded import N_
from app.kernel.people import Role
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
    DigitalCopy,
    Document,
    Package,
    Revision,
    RevisionState,
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
    RESOLVE_COMMENT = "documents.comment.resolve"
    CANCEL_REVISION = "documents.revision.cancel"
    LEAVE_OUT_STEP = "documents.step.leave_out"
    CHANGE_ROUTES = "documents.route.change"
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
    IMPORT = "documents.import.run"
    BRING_SIGNED = "documents.copy.bring"


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
        case Comment() | DigitalCopy():
            return record.revision.document
    return None


def _revisions_of(record: Any) -> list[Revision]:
    match record:
        case Revision():
            return record.package.revisions if record.package is not None else [record]
        case Package():
            return list(record.revisions)
        case Comment():
            return _revisions_of(record.revision)
    return []


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
    return record is None or (document is not None and document.keeper_id == standing.person.id)


def _package_of(record: Any) -> Package | None:
    if isinstance(record, Package):
        return record
    revisions = _revisions_of(record)
    return revisions[0].package if revisions else None


@because(N_("Sits on its route, or acts for somebody who does"))
def is_seated(standing: Standing, record: Any) -> bool:
    """Sits at a step of the package's route, in any round, or acts for somebody who does (O2)."""
    if record is None:
        return True
    package = _package_of(record)
    if package is None:
        return False
    people = {standing.person.id, *(deputy.person.id for deputy in standing.delegators)}
    return any(seat.person_id in people for step in package.all_steps for seat in step.seats)


@because(N_("Is asked for an answer now, or acts for somebody who is"))
def is_asked_now(standing: Standing, record: Any) -> bool:
    """Sits at the step that is being answered, or acts for somebody who does."""
    if record is None:
        return True
    package = _package_of(record)
    step = package.current_step if package is not None else None
    if step is None:
        return False
    people = {standing.person.id, *(deputy.person.id for deputy in standing.delegators)}
    return any(seat.person_id in people for seat in step.seats)


@because(N_("Audits or inspects this body"))
def reads_body(standing: Standing, record: Any) -> bool:
    """Auditors and inspectors read all documents of their body that are not for named people."""
    if record is None:
        return standing.has(*READS_BODY)
    document = document_of(record)
    return (
        document is not None
        and document.body_id == standing.body_id
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


def _why_effective(standing: Standing, record: Any) -> list[Reason]:
    document = document_of(record)
    if document is not None and document.confidentiality is Confidentiality.NAMED:
        return reasons(standing, is_named_reader, document)
    return reasons(standing, _of_the_body, document)


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
    return same_body(standing, document) or overseen_body(standing, document)


@because(N_("Works in this body"), is_everybody=True)
def takes_part(standing: Standing, record: Any) -> bool:
    """Everybody of the body but those who only inspect it, and change nothing."""
    only_inspects = {grant.role for grant in standing.grants} == {Role.INSPECTOR}
    return same_body(standing, record) and not only_inspects


@because(N_("Has its documents in care"))
def decides_on_changes(standing: Standing, record: Any) -> bool:
    """Keep every document the request is about: its manager, or the quality officer (O1)."""
    if not isinstance(record, ChangeRequest):
        return standing.has(*KEEPS) and (record is None or same_body(standing, record))
    if record.body_id != standing.body_id:
        return False
    return all(standing.has(*KEEPS, unit_id=item.document.lead_unit_id) for item in record.items)


@because(N_("Answers for the change"))
def answers_for_change(standing: Standing, record: Any) -> bool:
    """Was named to see to the change, or acts for who was (O2)."""
    if not isinstance(record, ChangeRequest):
        return record is None or same_body(standing, record)
    people = {standing.person.id, *(deputy.person.id for deputy in standing.delegators)}
    return record.body_id == standing.body_id and record.owner_id in people


@because(N_("Reads what is in force in this body"))
def reads_as_staff(standing: Standing, record: Any) -> bool:
    """Works in the document's body, and is named where it is for named people (D6).

    Whether a revision can be confirmed now is a rule: what became obsolete is refused with the
    way to the one in force.
    """
    document = document_of(record)
    if record is None:
        return True
    if document is None or not same_body(standing, document):
        return False
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


sees_whole_distribution = any_of(holds(*READS_UNIT), reads_body, is_keeper)
_reads_any_revision = any_of(holds(*READS_UNIT), reads_body, is_author, is_keeper, is_seated)

add_table(
    {
        DocumentPermission.LIST: any_of(same_body, overseen_body),
        DocumentPermission.READ_EFFECTIVE: any_of(reads_effective, _reads_any_revision),
        DocumentPermission.READ_REVISION: any_of(reads_effective, _reads_any_revision),
        DocumentPermission.OPEN_DOCUMENT: holds(*KEEPS),
        DocumentPermission.CHANGE_RECORD: holds(*KEEPS),
        DocumentPermission.DRAFT_REVISION: any_of(holds(*KEEPS), is_author, is_keeper),
        DocumentPermission.SUBMIT_REVISION: any_of(holds(*KEEPS), is_author, is_keeper),
        DocumentPermission.DECIDE: is_asked_now,
        DocumentPermission.COMMENT: any_of(
            holds(Role.QUALITY_OFFICER, Role.MANAGER), is_author, is_seated
        ),
        DocumentPermission.RESOLVE_COMMENT: any_of(holds(Role.QUALITY_OFFICER), is_author),
        DocumentPermission.CANCEL_REVISION: any_of(holds(Role.QUALITY_OFFICER), is_author),
        DocumentPermission.LEAVE_OUT_STEP: holds(Role.QUALITY_OFFICER),
        DocumentPermission.CHANGE_ROUTES: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.ENTER_ISSUANCE: holds_over_body(Role.QUALITY_OFFICER),
        DocumentPermission.CONFIRM_ISSUANCE: holds_over_body(
            Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.LEADER
        ),
        DocumentPermission.EXPORT_REGISTER: any_of(same_body, overseen_body),
        DocumentPermission.PRINT: any_of(reads_effective, _reads_any_revision),
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
        DocumentPermission.SEE_TRAINING: any_of(oneself, holds(*READS_UNIT), audits_body),
    }
)
