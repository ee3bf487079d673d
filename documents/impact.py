"""What a revision touches: shown before approval, kept as it was at each decision (rule D15).

Plain values only: other parts gather what they know and hand it in; nothing here knows them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.coded import N_
from app.kernel.organisation import UnitClosure
from app.kernel.people import Person
from app.kernel.permissions import Standing
from app.kernel.search import code_key
from app.kernel.trail import canonical
from app.kernel.work import Work
from documents import register
from documents.models import (
    OUT_STATES,
    ChangeItem,
    ChangeRequest,
    Citation,
    ControlledCopy,
    CopyKind,
    Decision,
    Document,
    ExternalDocument,
    Impact,
    IssuanceDecision,
    Package,
    Revision,
    RevisionState,
)
from documents.models.change_request import WAITING
from documents.models.external_document import number_key
from documents.readers import totals
from documents.visibility import visible

MOST: Final = 100  # lines of a group; what is more is counted


@dataclass(frozen=True)
class Touched:
    """One thing a revision touches; `note` is an English message id with its values.

    `kind` and `key` say where it is found; `document_ids` which documents its words tell of.
    """

    text: str
    kind: str = ""
    key: str = ""
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Group:
    """Things of one sort; `label` is an English message id, `more` counts what is not listed."""

    label: str
    lines: tuple[Touched, ...] = ()
    more: int = 0
    unseen: int = 0  # of documents the reader may not know of: counted, never named


Gatherer = Callable[[Session, Revision], Group]
Gathered = Mapping[int, Sequence[Group]]  # by the key of the revision


def _group(label: str, lines: Iterable[Touched]) -> Group:
    listed = tuple(lines)
    return Group(label, listed[:MOST], max(0, len(listed) - MOST))


def _line(document: Document, note: str = "", **values: Any) -> Touched:
    text = " ".join(filter(None, [document.code, document.title]))
    return Touched(text, "document", str(document.id), note, values, (document.id,))


def forms_below(session: Session, revision: Revision) -> Group:
    """Give the forms and documents that belong to this one."""
    rows = session.execute(
        sa.select(Document, Revision)
        .outerjoin(
            Revision,
            sa.and_(Revision.document_id == Document.id, Revision.state == RevisionState.EFFECTIVE),
        )
        .where(Document.parent_id == revision.document_id)
        .order_by(Document.code_sort, Document.id)
    ).all()
    return _group(
        N_("Forms and documents below it"),
        (
            _line(document, N_("current: %(edition)s"), edition=current.label)
            if current is not None
            else _line(document, N_("none is in force"))
            for document, current in rows
        ),
    )


def named_in_text(session: Session, revision: Revision) -> Group:
    """Give the forms, documents and laws that the text of this revision names."""
    main = revision.main_file
    reading = register.reading_of(session, main.sha256) if main is not None else None
    citations = reading.citations if reading is not None else ()
    laws = [one.number for one in citations if one.kind in ("law", "standard")]
    others = [one.number for one in citations if one.kind not in ("law", "standard")]
    document_keys = {code_key(number) for number in others}
    documents = session.scalars(
        sa.select(Document)
        .where(
            Document.body_id == revision.body_id,
            Document.code_key.in_(document_keys),
            Document.id != revision.document_id,
        )
        .order_by(Document.code_sort, Document.id)
    ).all()
    registered = session.scalars(
        sa.select(ExternalDocument)
        .where(
            ExternalDocument.body_id == revision.body_id,
            ExternalDocument.number_key.in_({number_key(number) for number in laws}),
        )
        .order_by(ExternalDocument.number_sort, ExternalDocument.id)
    ).all()
    return _group(
        N_("Forms, documents and laws its text names"),
        [
            *(_line(document) for document in documents),
            *(Touched(f"{law.number} {law.subject}", "law", str(law.id)) for law in registered),
        ],
    )


def citing_it(session: Session, revision: Revision) -> Group:
    """Give the documents in force whose text names this one."""
    rows = session.scalars(
        sa.select(Citation)
        .join(Citation.revision)
        .where(
            Citation.cited_id == revision.document_id,
            Revision.state == RevisionState.EFFECTIVE,
            Revision.document_id != revision.document_id,
        )
        .options(joinedload(Citation.revision).joinedload(Revision.document))
        .order_by(Citation.id)
    ).all()
    return _group(
        N_("Documents in force that name it"),
        (
            _line(row.revision.document, N_("in %(edition)s"), edition=row.revision.label)
            for row in rows
        ),
    )


def changes_asked(session: Session, revision: Revision) -> Group:
    """Give the change requests about this document that still wait."""
    requests = session.scalars(
        sa.select(ChangeRequest)
        .join(ChangeItem, ChangeItem.request_id == ChangeRequest.id)
        .where(
            ChangeItem.document_id == revision.document_id,
            ChangeItem.settled_at.is_(None),
            ChangeRequest.state.in_(WAITING),
        )
        .options(selectinload(ChangeRequest.items))
        .order_by(ChangeRequest.id)
    ).all()
    lines = []
    for request in requests:
        item = request.item_for(revision.document_id)
        answered = item is not None and item.revision_id == revision.id
        note = N_("answered by this revision") if answered else N_("not answered by it")
        about = tuple(one.document_id for one in request.items)
        about = tuple(key for key in about if key != revision.document_id)
        text = f"{request.number}: {request.reason[:120]}"
        lines.append(Touched(text, "change", request.number, note, {}, about))
    return _group(N_("Open change requests"), lines)


def units_and_people(session: Session, revision: Revision) -> Group:
    """Give the units where it applies, with their people, and who has it in care."""
    document = revision.document
    units = [link.unit for link in document.units] or [document.lead_unit]
    units = sorted(units, key=lambda unit: (unit.sort_key, unit.id))
    rows = session.execute(
        sa.select(UnitClosure.ancestor_id, sa.func.count(Person.id))
        .join(Person, Person.home_unit_id == UnitClosure.descendant_id)
        .where(
            UnitClosure.ancestor_id.in_([unit.id for unit in units]), Person.disabled_at.is_(None)
        )
        .group_by(UnitClosure.ancestor_id)
    )
    people = {int(row[0]): int(row[1]) for row in rows}
    lines = [
        Touched(
            unit.name,
            "unit",
            str(unit.id),
            N_("%(count)s people"),
            {"count": people.get(unit.id, 0)},
        )
        for unit in units
    ]
    keeper = document.keeper
    if keeper is not None:
        lines.append(Touched(keeper.name, "person", str(keeper.id), N_("has it in care")))
    return _group(N_("Units and people it touches"), lines)


def training(session: Session, revision: Revision) -> Group:
    """Give what people know of the edition in force, and what they are to learn before effect."""
    lines = []
    former = revision.predecessor
    if former is not None and former.distribution is not None and former.distribution.asks_reading:
        day = (revision.submitted_at or revision.drafted_at).date()
        confirmed, asked = totals(session, former.distribution, day)
        lines.append(
            Touched(
                f"{former.code} {former.label}",
                "revision",
                str(former.id),
                N_("%(confirmed)s of %(asked)s have read it; they are asked anew"),
                {"confirmed": confirmed, "asked": asked},
            )
        )
    days = int(revision.document.body.setting("training_days"))
    if days:
        lines.append(
            Touched(
                revision.label,
                note=N_("people read it for %(days)s working days before it comes into force"),
                values={"days": days},
            )
        )
    return _group(N_("Training"), lines)


def paper_out(session: Session, revision: Revision) -> Group:
    """Give the numbered copies and posted notices of it that are out, with unit and place."""
    rows = session.scalars(
        sa.select(ControlledCopy)
        .where(
            ControlledCopy.document_id == revision.document_id,
            ControlledCopy.state.in_(OUT_STATES),
        )
        .options(joinedload(ControlledCopy.unit), joinedload(ControlledCopy.revision))
        .order_by(ControlledCopy.number)
    ).all()
    notes = {
        CopyKind.COPY: N_("copy %(number)s of %(edition)s is replaced"),
        CopyKind.NOTICE: N_("notice %(number)s of %(edition)s is taken down and replaced"),
    }
    return _group(
        N_("Paper copies and posted notices out there"),
        (
            Touched(
                f"{copy.unit.name}, {copy.place}",
                "copy",
                str(copy.id),
                notes[copy.kind],
                {"number": copy.label, "edition": copy.revision.label},
            )
            for copy in rows
        ),
    )


OWN: Final[tuple[Gatherer, ...]] = (
    forms_below, named_in_text, citing_it, changes_asked, paper_out, training, units_and_people,
)  # fmt: skip


def seen_by(session: Session, standing: Standing, groups: Iterable[Group]) -> list[Group]:
    """Name only what this reader may know of; of the rest, how many there are (D6, O4)."""
    listed = list(groups)
    wanted = {key for group in listed for line in group.lines for key in line.document_ids}
    known = set(
        session.scalars(sa.select(Document.id).where(Document.id.in_(wanted), visible(standing)))
    )
    shown = []
    for group in listed:
        lines = tuple(line for line in group.lines if known.issuperset(line.document_ids))
        shown.append(replace(group, lines=lines, unseen=len(group.lines) - len(lines)))
    return [group for group in shown if group.lines or group.unseen or group.more]


def keep_impacts(
    work: Work,
    package: Package,
    gathered: Gathered | None,
    decision: Decision | None = None,
    *,
    issuance: IssuanceDecision | None = None,
) -> list[Impact]:
    """Keep what each revision of a package touches at this moment; told with the decision.

    `issuance` is a decision made outside, at the moment somebody confirms it here.
    """
    kept = []
    for revision in package.revisions if gathered is not None else ():
        groups = [asdict(group) for group in (gathered or {}).get(revision.id, ())]
        content = canonical({"groups": groups})
        row = Impact(
            body_id=revision.body_id,
            revision=revision,
            round=package.round if decision is None else decision.round,
            decision=decision,
            issuance=issuance,
            taken_at=work.now,
            content=content.decode(),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        work.session.add(row)
        kept.append(row)
    work.session.flush()
    return kept


def groups_of(kept: Impact) -> list[Group]:
    """Read a kept impact exactly as it was."""
    return [
        Group(
            label=one["label"],
            lines=tuple(
                Touched(**{**line, "document_ids": tuple(line["document_ids"])})
                for line in one["lines"]
            ),
            more=one["more"],
        )
        for one in json.loads(kept.content)["groups"]
    ]


def kept_for(session: Session, revision: Revision) -> list[Impact]:
    """Give what was kept for a revision, at each submission and decision, oldest first."""
    return list(
        session.scalars(
            sa.select(Impact)
            .where(Impact.revision_id == revision.id)
            .options(
                joinedload(Impact.decision).options(
                    joinedload(Decision.decided_by), joinedload(Decision.seat)
                ),
                joinedload(Impact.issuance).joinedload(IssuanceDecision.confirmed_by),
            )
            .order_by(Impact.id)
        )
    )
