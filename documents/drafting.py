"""From a Word file to submission: drafts, their files, their data (7.5.2; D2, D9, D13, D14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.search import nfc
from app.kernel.work import Work
from documents import register
from documents.coding import check_typed, typed_code
from documents.facts import DocumentFact
from documents.models import (
    Confidentiality,
    Document,
    DocumentKind,
    DocumentReader,
    DocumentUnit,
    FileRole,
    Package,
    Revision,
    RevisionAuthor,
    RevisionFile,
)
from documents.permissions import DocumentPermission
from documents.publication import keep_published_readable
from documents.storing import BroughtFile, store_rows


@dataclass(frozen=True)
class DocumentData:
    """The record data of a document; changing it never asks for a new approval (D13)."""

    kind: DocumentKind
    lead_unit: Unit
    title: str
    title_en: str = ""
    parent: Document | None = None
    confidentiality: Confidentiality = Confidentiality.BODY
    clauses: tuple[str, ...] = ()
    process: str = ""
    keeper: Person | None = None
    review_months: int | None = None
    retention_years: int | None = None
    time_limit: str = ""
    fee: str = ""
    units: tuple[Unit, ...] = ()
    readers: tuple[Person, ...] = field(default=())


def open_document(work: Work, data: DocumentData) -> Document:
    """Open the record of a new document; its code comes with its first submission (D9)."""
    work.require(DocumentPermission.OPEN_DOCUMENT, data.lead_unit)
    document = Document(body_id=data.lead_unit.body_id, body=data.lead_unit.body, kind=data.kind)
    document.lead_unit, document.lead_unit_id = data.lead_unit, data.lead_unit.id
    document.give_title(_title(data.title))
    _put_data(document, data)
    work.add(document)
    _put_links(work, document, data)
    work.record(DocumentFact.DOCUMENT_CREATED, document)
    return document


def change_record(work: Work, document: Document, data: DocumentData) -> None:
    """Change record data of a document; its revisions and their approvals stay (D13)."""
    work.require(DocumentPermission.CHANGE_RECORD, document)
    if data.lead_unit.id != document.lead_unit_id:
        work.require(DocumentPermission.CHANGE_RECORD, data.lead_unit)
    keep_published_readable(work.session, document, data.confidentiality)
    former = document.keeper_id
    document.kind, document.lead_unit_id = data.kind, data.lead_unit.id
    document.lead_unit = data.lead_unit
    if document.code is None:
        document.give_title(_title(data.title))
    _put_data(document, data)
    links = _put_links(work, document, data)
    if document.keeper_id != former:
        work.record(DocumentFact.KEEPER_CHANGED, document, keeper=data.keeper, **links)
    else:
        work.record(DocumentFact.RECORD_CHANGED, document, **links)


def _title(title: str) -> str:
    title = " ".join(nfc(title).split())
    if not title:
        raise InvalidInput(N_("Give the document a title."), field="title")
    if len(title) > 500:
        raise InvalidInput(N_("The title is too long: 500 characters at most."), field="title")
    return title


def _put_data(document: Document, data: DocumentData) -> None:
    if obstacle := _parent_obstacle(document, data.parent):
        raise obstacle
    document.title_en = nfc(data.title_en).strip()
    document.parent_id = data.parent.id if data.parent is not None else None
    document.parent = data.parent
    document.confidentiality = data.confidentiality
    document.clauses = list(data.clauses)
    document.process = nfc(data.process).strip()
    document.keeper_id = data.keeper.id if data.keeper is not None else None
    document.keeper = data.keeper
    document.review_months = data.review_months
    document.retention_years = data.retention_years
    document.time_limit, document.fee = nfc(data.time_limit).strip(), nfc(data.fee).strip()


def _parent_obstacle(document: Document, parent: Document | None) -> InvalidInput | None:
    """Say why a document cannot belong to another: it would be in a circle, or abroad (O4)."""
    above = parent
    while above is not None:
        if above is document or above.body_id != document.body_id:
            return InvalidInput(N_("A document cannot belong to this one."), field="parent")
        above = above.parent
    return None


def _put_links(work: Work, document: Document, data: DocumentData) -> dict[str, Any]:
    """Write where a document applies and who may read it; give what the trail says of it."""
    wanted = {unit.id for unit in data.units}
    for link in list(document.units):
        if link.unit_id not in wanted:
            work.session.delete(link)
    present = {link.unit_id for link in document.units}
    work.session.add_all(
        DocumentUnit(document=document, unit_id=unit_id) for unit_id in sorted(wanted - present)
    )
    readers = {person.id for person in data.readers}
    for reader in list(document.readers):
        if reader.person_id not in readers:
            work.session.delete(reader)
    named = {reader.person_id for reader in document.readers}
    work.session.add_all(
        DocumentReader(document=document, person_id=person_id)
        for person_id in sorted(readers - named)
    )
    told: dict[str, Any] = {}
    if wanted != present:
        told["applies_to"] = [sorted(present), sorted(wanted)]
    if readers != named:
        told["readers"] = [sorted(named), sorted(readers)]
    work.session.flush()
    return told


def begin_revision(
    work: Work,
    document: Document,
    *,
    authors: list[Person] | None = None,
    amendment_only: bool = False,
) -> Revision:
    """Begin the next revision of a document as a draft; one open revision at a time (D1)."""
    work.require(DocumentPermission.DRAFT_REVISION, document)
    document = work.fresh(document)
    if (open_one := register.open_revision(work.session, document)) is not None:
        raise RuleBroken(
            N_("Revision %(edition)s is %(state)s already. Finish or cancel that one first."),
            rule="D1",
            edition=open_one.label,
            state=open_one.state,
        )
    if register.is_being_withdrawn(work.session, document):
        raise RuleBroken(
            N_("The withdrawal of %(code)s is proposed. Give that up first, then revise it."),
            rule="D8",
            code=document.code,
        )
    newest = register.newest_in_force(work.session, document)
    followed = None
    if document.original is not None:  # a translation says what the original says today (D16)
        followed = register.effective_revision(work.session, document.original)
        if followed is None:
            raise RuleBroken(
                N_("The original is not in force, so there is nothing to translate."), rule="D16"
            )
    package = Package(body_id=document.body_id, lead_unit_id=document.lead_unit_id)
    work.session.add(package)
    revision = Revision(
        body_id=document.body_id,
        predecessor_id=newest.id if newest is not None else None,
        follows_id=followed.id if followed is not None else None,
        title=document.title,
        drafted_at=work.now,
        edition=1 if newest is None else newest.edition + (0 if amendment_only else 1),
        amendment=newest.amendment + 1 if newest is not None and amendment_only else 0,
    )
    revision.document, revision.package = document, package
    work.add(revision)
    people = authors or [work.actor]
    work.session.add_all(
        RevisionAuthor(revision_id=revision.id, person_id=person.id) for person in people
    )
    work.session.flush()
    work.session.refresh(revision)
    work.record(
        DocumentFact.REVISION_DRAFTED,
        revision,
        authors=[person.id for person in people],
        package=package,
    )
    return revision


def bring_file(
    work: Work, revision: Revision, brought: BroughtFile, *, role: FileRole = FileRole.MAIN
) -> RevisionFile:
    """Put a stored file into a draft; the main file of this round is replaced by a new one (D2)."""
    work.require(DocumentPermission.DRAFT_REVISION, revision)
    revision = work.fresh(revision)
    if obstacle := revision.files_obstacle():
        raise obstacle
    store_rows(work, brought)
    before = revision.files
    if before and before[0].round < revision.round:
        _carry_over(work, revision, before)
        work.session.flush()
        work.session.refresh(revision, ["all_files"])
    replaced = []
    if role is FileRole.MAIN:
        replaced = [file for file in revision.files if file.role is FileRole.MAIN]
        for file in replaced:
            file.replaced_at = work.now
    file = RevisionFile(
        body_id=revision.body_id,
        revision=revision,
        round=revision.round,
        role=role,
        sha256=brought.sha256,
        name=brought.name,
        size=brought.size,
    )
    work.add(file)
    work.record(
        DocumentFact.FILE_BROUGHT,
        revision,
        file=file,
        replaced=replaced,
        name=brought.name,
        files=[{"sha256": brought.sha256}],
    )
    return file


def _carry_over(work: Work, revision: Revision, before: list[RevisionFile]) -> None:
    """Start a later round with the files of the one before; those rows stay as they were."""
    carried = [
        RevisionFile(
            body_id=file.body_id,
            revision=revision,
            round=revision.round,
            role=file.role,
            sha256=file.sha256,
            name=file.name,
            size=file.size,
        )
        for file in before
    ]
    work.session.add_all(carried)  # all before the first flush, which would see half of them
    for file in carried:
        work.record(DocumentFact.FILE_CARRIED, file)


def take_out_attachment(work: Work, revision: Revision, file: RevisionFile) -> None:
    """Take an attachment out of a draft; its row and bytes stay for the record (D2)."""
    work.require(DocumentPermission.DRAFT_REVISION, revision)
    revision = work.fresh(revision)
    if obstacle := revision.files_obstacle():
        raise obstacle
    if file.role is not FileRole.ATTACHMENT or file not in revision.files:
        raise InvalidInput(N_("Only an attachment of this draft can be taken out."))
    before = revision.files
    if file.round < revision.round:
        _carry_over(work, revision, before)
        work.session.flush()
        work.session.refresh(revision, ["all_files"])
        file = revision.files[before.index(file)]
    file.replaced_at = work.now
    work.record(
        DocumentFact.FILE_TAKEN_OUT,
        revision,
        file=file,
        name=file.name,
        files=[{"sha256": file.sha256}],
    )


@dataclass(frozen=True)
class DraftData:
    """What an author may change of a draft before submission."""

    title: str
    code: str
    edition: int
    amendment: int
    reason: str
    change_summary: str
    effective_on: date | None
    authors: tuple[Person, ...]


def change_draft(work: Work, revision: Revision, data: DraftData) -> None:
    """Keep what the author typed into a draft; nothing is told to anybody else (D14)."""
    work.require(DocumentPermission.DRAFT_REVISION, revision)
    if obstacle := revision.files_obstacle():
        raise obstacle
    if not data.authors:
        raise InvalidInput(N_("Name at least one person who wrote it."), field="authors")
    former = revision.predecessor
    counters = (data.edition, data.amendment)
    if former is not None and counters <= (former.edition, former.amendment):
        raise InvalidInput(
            N_("The edition must be later than %(edition)s, which is in force."),
            field="edition",
            edition=former.label,
        )
    if data.edition > 99 or data.amendment > 99 or data.edition < 0 or data.amendment < 0:
        raise InvalidInput(N_("Edition and amendment are numbers up to 99."), field="edition")
    code = typed_code(data.code)
    if code and revision.document.code is None:
        check_typed(work.session, revision.document, code)
    revision.title = _title(data.title)
    revision.proposed_code = "" if revision.document.code is not None else code
    revision.edition, revision.amendment = counters
    revision.reason = data.reason.strip()
    revision.change_summary = data.change_summary.strip()
    revision.effective_on = data.effective_on
    authors = _put_authors(work, revision, data.authors)
    if work.has_changed(revision) or authors:
        work.record(DocumentFact.DRAFT_CHANGED, revision, **authors)


def _put_authors(work: Work, revision: Revision, authors: tuple[Person, ...]) -> dict[str, Any]:
    wanted = [person.id for person in authors]
    present = [link.person_id for link in revision.author_links]
    if sorted(wanted) == sorted(present):
        return {}
    if revision.submitted_at is not None and not set(present) <= set(wanted):
        raise InvalidInput(
            N_("Whoever wrote an earlier round stays named as an author; add others beside them."),
            field="authors",
        )
    for link in list(revision.author_links):
        if link.person_id not in wanted:
            revision.author_links.remove(link)
            work.session.delete(link)
    for person in authors:
        if person.id not in present:
            revision.author_links.append(RevisionAuthor(person_id=person.id, person=person))
    work.session.flush()
    return {"authors": [sorted(present), sorted(wanted)]}
