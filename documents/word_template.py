"""Templates of a body: which blanks there are, bringing one, its versions (a51; 7.5.2 b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.organisation import Body
from app.kernel.permissions import Standing, may
from app.kernel.search import nfc
from app.kernel.work import Work
from documents.facts import DocumentFact
from documents.models import TemplatePurpose, WordTemplate
from documents.permissions import DocumentPermission
from documents.storing import BroughtFile, store_rows

_BODY = {"body": N_("Name of the body"), "today": N_("Today's date")}
_HEAD = {**_BODY, "superior": N_("Higher body")}
_LISTED = {
    "documents.number": N_("Number in the list"),
    "documents.code": N_("Code of the document"),
    "documents.title": N_("Title of the document"),
    "documents.edition": N_("Edition and amendment"),
    "documents.effective_on": N_("In force from"),
    "documents.unit": N_("Lead unit"),
}
_DRAFT = {
    **_BODY,
    "unit": N_("Lead unit"),
    "kind": N_("Kind of document"),
    "code": N_("Code of the document"),
    "title": N_("Title of the document"),
    "title_en": N_("English title"),
    "edition": N_("Edition and amendment"),
    "authors": N_("Who writes it"),
    "editions.edition": N_("Edition of before"),
    "editions.effective_on": N_("When it came into force"),
    "editions.summary": N_("What changed"),
}
BLANKS: dict[TemplatePurpose, dict[str, str]] = {
    **{purpose: _DRAFT for purpose in TemplatePurpose if purpose.kind is not None},
    TemplatePurpose.MASTER_LIST: {
        **_BODY,
        "count": N_("Number of documents"),
        **_LISTED,
    },
    TemplatePurpose.CHANGE_REQUEST: {
        **_BODY,
        "number": N_("Number of the request"),
        "reason": N_("What should change, and why"),
        "source": N_("What made them ask"),
        "impact": N_("What else it touches"),
        "asked_by": N_("Asked by"),
        "asked_on": N_("Asked on"),
        "state": N_("State"),
        "decided_by": N_("Decided by"),
        "decision_reason": N_("Reason of the decision"),
        "owner": N_("Who answers"),
        "due_on": N_("By"),
        **_LISTED,
    },
    TemplatePurpose.EXTERNAL_REGISTER: {
        **_HEAD,
        "count": N_("Number of lines"),
        "laws.number": N_("Number in the list"),
        "laws.law": N_("Number of the law or standard"),
        "laws.subject": N_("What it is about"),
        "laws.issuer": N_("Issued by"),
        "laws.issued_on": N_("Issued on"),
        "laws.in_force_on": N_("In force from"),
        "laws.state": N_("State"),
        "laws.replaced_by": N_("Replaced or amended by"),
        "laws.used_in": N_("Used in"),
    },
    TemplatePurpose.DISTRIBUTION_LIST: {
        **_HEAD,
        "code": N_("Code of the document"),
        "title": N_("Title of the document"),
        "edition": N_("Edition and amendment"),
        "count": N_("Number of lines"),
        "copies.number": N_("Number in the list"),
        "copies.copy": N_("Number of the copy"),
        "copies.edition": N_("Edition and amendment"),
        "copies.where": N_("Where it is"),
        "copies.form": N_("On paper or on screen"),
        "copies.given_on": N_("Given on"),
        "copies.given_by": N_("Given by"),
        "copies.received_by": N_("Received by"),
        "copies.read": N_("Read and confirmed"),
        "copies.old_copy": N_("Old copy taken back"),
        "copies.state": N_("State"),
    },
    TemplatePurpose.DISPOSAL_MINUTES: {
        **_HEAD,
        "minutes": N_("Number of the disposal"),
        "reason": N_("Reason"),
        "method": N_("How it is disposed of"),
        "proposed_by": N_("Proposed by"),
        "decided_by": N_("Decided by"),
        "decided_on": N_("Decided on"),
        "signed_digest": N_("SHA-256 of what was signed"),
        "count": N_("Number of lines"),
        "items.number": N_("Number in the list"),
        "items.name": N_("What is disposed of"),
        "items.edition": N_("Edition and amendment"),
        "items.copies": N_("How many copies"),
        "items.kept_until": N_("Kept until"),
        "items.fingerprint": N_("Fingerprint of the file"),
    },
    TemplatePurpose.RECORD_LIST: {
        **_HEAD,
        "narrowed": N_("Which part of the list this is"),
        "count": N_("Number of lines"),
        "records.number": N_("Number in the list"),
        "records.name": N_("Name of the record"),
        "records.form": N_("Code of the form"),
        "records.unit": N_("Unit that keeps it"),
        "records.medium": N_("On paper or on screen"),
        "records.kept": N_("How long it is kept"),
        "records.place": N_("Where it is"),
        "records.disposal": N_("How it is disposed of"),
    },
    TemplatePurpose.DECLARATION: {
        **_HEAD,
        "address": N_("Address"),
        "standard": N_("Standard"),
        "covers": N_("What the system covers"),
        "effective_on": N_("In force from"),
        "signer": N_("Who signs"),
        "count": N_("Number of procedures"),
        "units.number": N_("Number in the list"),
        "units.name": N_("Name of the unit"),
        "exclusions.number": N_("Number in the list"),
        "exclusions.clause": N_("Excluded clause"),
        "exclusions.reason": N_("Why it is excluded"),
        "procedures.number": N_("Number in the list"),
        "procedures.code": N_("Code of the procedure"),
        "procedures.name": N_("Name of the procedure"),
    },
}


@dataclass(frozen=True)
class Fill:
    """What fills a template: values by name, rows of values by the name of their list."""

    values: dict[str, str]
    rows: dict[str, list[dict[str, str]]]

    def to_plain(self) -> dict[str, Any]:
        """Give it as the limited child takes it."""
        return {"values": self.values, "rows": self.rows}


def check_template(purpose: TemplatePurpose, found: dict[str, Any]) -> None:
    """Refuse a template with code, links or blanks that nobody can fill; say what to do."""
    known = set(BLANKS[purpose])
    unknown = [one for one in [*found["blanks"], *found["row_blanks"]] if one not in known]
    faults = (
        (
            found["expressions"],
            N_(
                "The template holds code: %(what)s. Only the blanks listed here can stand in it; "
                "nothing is computed. Take the code out."
            ),
        ),
        (
            found["broken"],
            N_(
                "This blank is not whole, or stands outside a table row: %(what)s. A blank begins "
                "with {{ and ends with }} in one paragraph; one with a dot stands in a table row."
            ),
        ),
        (
            unknown,
            N_("These blanks are not known: %(what)s. Use those of the list on this page."),
        ),
        (
            found["mixed_rows"],
            N_("One table row repeats one list only, and here stand several: %(what)s."),
        ),
        (
            found["fields"],
            N_(
                "The template holds fields that Word would compute or fetch: %(what)s. Only page "
                "numbers, captions and a table of contents may stay."
            ),
        ),
        (
            found["links"],
            N_("The template points outside itself: %(what)s. Remove the link or the picture."),
        ),
        (
            found["objects"],
            N_("The template holds an embedded object: %(what)s. Remove it, or paste a picture."),
        ),
    )
    for wrong, text in faults:
        if wrong:
            raise InvalidInput(text, field="file", what=", ".join(map(str, wrong[:5]))[:300])


def bring_template(
    work: Work, body: Body, purpose: TemplatePurpose, brought: BroughtFile, note: str = ""
) -> WordTemplate:
    """Put a checked file into use as the next version; the one before ends and stays."""
    work.require(DocumentPermission.CHANGE_TEMPLATES, body)
    work.fresh(body)
    store_rows(work, brought)
    before = in_use(work.session, body.id, purpose)
    if before is not None:
        before.retire(at=work.now)
        work.session.flush()
        work.record(DocumentFact.TEMPLATE_RETIRED, before)
    newest = work.session.scalar(
        sa.select(sa.func.max(WordTemplate.version)).where(
            WordTemplate.body_id == body.id, WordTemplate.purpose == purpose
        )
    )
    template = WordTemplate(
        body_id=body.id,
        purpose=purpose,
        version=(newest or 0) + 1,
        sha256=brought.sha256,
        name=brought.name,
        note=nfc(note).strip()[:500],
        brought_by_id=work.actor.id,
        brought_at=work.now,
    )
    work.add(template)
    work.record(
        DocumentFact.TEMPLATE_BROUGHT,
        template,
        name=brought.name,
        files=[{"sha256": brought.sha256}],
    )
    return template


def retire_template(work: Work, template: WordTemplate) -> None:
    """End the use of a template; drafts and prints begin without one again."""
    work.require(DocumentPermission.CHANGE_TEMPLATES, template)
    template = work.fresh(template)
    if template.is_in_use:
        template.retire(at=work.now)
        work.record(DocumentFact.TEMPLATE_RETIRED, template)


def in_use(session: Session, body_id: int, purpose: TemplatePurpose) -> WordTemplate | None:
    """Give the version of a template that is in use."""
    return session.scalars(
        sa.select(WordTemplate).where(
            WordTemplate.body_id == body_id,
            WordTemplate.purpose == purpose,
            WordTemplate.retired_at.is_(None),
        )
    ).one_or_none()


_IS_IN_USE: Final = sa.select(sa.literal(1)).where(
    WordTemplate.__table__.c.body_id == sa.bindparam("body"),
    WordTemplate.__table__.c.purpose == sa.bindparam("purpose", type_=WordTemplate.purpose.type),
    WordTemplate.__table__.c.retired_at.is_(None),
)


def is_in_use(session: Session, body_id: int, purpose: TemplatePurpose) -> bool:
    """Say whether a body has a template of its own; the cheap question of a page."""
    asked = {"body": body_id, "purpose": purpose}
    return session.connection().execute(_IS_IN_USE, asked).first() is not None


def templates_in_use(session: Session, body_id: int) -> dict[TemplatePurpose, WordTemplate]:
    """Give every template of a body that is in use, by what it is for."""
    found = session.scalars(
        sa.select(WordTemplate)
        .options(joinedload(WordTemplate.brought_by))
        .where(WordTemplate.body_id == body_id, WordTemplate.retired_at.is_(None))
    )
    return {one.purpose: one for one in found}


def versions_of(session: Session, body_id: int, purpose: TemplatePurpose) -> list[WordTemplate]:
    """Give all versions of a template, the newest first."""
    return list(
        session.scalars(
            sa.select(WordTemplate)
            .options(joinedload(WordTemplate.brought_by))
            .where(WordTemplate.body_id == body_id, WordTemplate.purpose == purpose)
            .order_by(WordTemplate.version.desc())
            .limit(200)
        )
    )


def template(session: Session, standing: Standing, template_id: int) -> WordTemplate:
    """Give one version by its key; NotFound for whoever may not change templates."""
    found = session.get(WordTemplate, template_id)
    if found is None or not may(standing, DocumentPermission.CHANGE_TEMPLATES, found):
        raise NotFound()
    return found


def sample(purpose: TemplatePurpose, words: dict[str, str]) -> Fill:
    """Give a trial filling: each blank says what it is, each list has three lines."""
    values = {name: words[name] for name in BLANKS[purpose] if "." not in name}
    rows: dict[str, list[dict[str, str]]] = {}
    for name in BLANKS[purpose]:
        if "." in name:
            listed, _dot, key = name.partition(".")
            lines = rows.setdefault(listed, [{}, {}, {}])
            for number, line in enumerate(lines, start=1):
                line[key] = f"{words[name]} {number}"
    return Fill(values, rows)
