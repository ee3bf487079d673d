"""Reading in the bodies a text was given to: their own people read and confirm it (7.3; O4).

Each body has a distribution of its own, told in its own chain: none sees who reads in another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.kernel.calendar import today_of, working_days_after
from app.kernel.organisation import Body, Unit
from app.kernel.work import Work
from documents.distribution import imported_ones, is_studied
from documents.facts import DocumentFact
from documents.models import (
    Assignment,
    Distribution,
    DistributionPerson,
    DistributionUnit,
    Document,
    ReadingCall,
    Revision,
)

Place = tuple[int, int]  # a body and a document in it


@dataclass
class _Known:
    """What is known of the bodies and texts in question, asked once for all of them."""

    bodies: dict[int, Body]
    roots: dict[int, Unit]
    present: dict[Place, Distribution] = field(default_factory=dict)  # of this very revision
    former: dict[Place, Distribution] = field(default_factory=dict)  # of the newest one before
    assigned: dict[Place, set[int]] = field(default_factory=dict)
    own: dict[int, Distribution] = field(default_factory=dict)  # of the body that gives it


def ask_below(
    work: Work,
    revisions: Sequence[Revision],
    body_ids: Collection[int],
    *,
    imported_too: bool = False,
) -> None:
    """Ask the people of bodies to read what binds them, or what they adopted, from today on.

    What was taken over from before this system goes to them too, but asks nobody by itself: each
    body may ask its own people, and who gave it may ask all (`imported_too`). Where they are
    asked already nothing changes. The letters follow by a job.
    """
    studied = [one for one in revisions if is_studied(one)]
    if not studied or not body_ids:
        return
    silent = frozenset() if imported_too else imported_ones(work.session, studied)
    known = _known(work.session, studied, body_ids, today_of(None, work.now))
    fresh: list[Distribution] = []
    for revision in sorted(studied, key=lambda one: one.id):
        asks = revision.id not in silent
        for body in sorted(known.bodies.values(), key=lambda one: one.id):
            present = known.present.get((body.id, revision.document_id))
            if present is None:
                fresh.append(_planned(work, known, revision, body, asks=asks))
            elif asks and not present.is_asking:
                fresh.append(_asked_anew(work, present, body))
    work.session.add_all(fresh)
    work.session.flush()
    names = _names(work.session, fresh)
    for distribution in fresh:
        work.record(
            DocumentFact.DISTRIBUTED,
            distribution,
            where=", ".join(names.get(distribution.id, ())) or "–",
            due_on=distribution.due_on,
        )


def asked_below(session: Session, revision: Revision) -> dict[int, date]:
    """Give the bodies below whose people are asked to read a revision, each with since when."""
    rows = session.execute(
        sa.select(Distribution.body_id, Distribution.asked_on).where(
            Distribution.revision_id == revision.id,
            Distribution.body_id != revision.body_id,
            Distribution.asks_reading.is_(True),
            Distribution.asked_on.is_not(None),
        )
    )
    return {row.body_id: row.asked_on for row in rows}


def stop_asking_below(
    work: Work, document: Document, body_ids: Collection[int] | None = None
) -> None:
    """Ask nobody of these bodies, or of any body below, any more; their word stays kept."""
    query = (
        sa.select(Distribution)
        .join(Revision, Revision.id == Distribution.revision_id)
        .where(
            Revision.document_id == document.id,
            Distribution.body_id != document.body_id,
            Distribution.asks_reading.is_(True),
        )
    )
    if body_ids is not None:
        query = query.where(Distribution.body_id.in_(list(body_ids)))
    for distribution in work.fresh_all(work.session.scalars(query).all()):
        distribution.close()
        work.record(DocumentFact.READING_CLOSED, distribution)


def _known(
    session: Session, revisions: Sequence[Revision], body_ids: Collection[int], today: date
) -> _Known:
    bodies = session.scalars(
        sa.select(Body).where(Body.id.in_(body_ids)).options(selectinload(Body.named_days))
    )
    roots = session.scalars(
        sa.select(Unit).where(Unit.body_id.in_(body_ids), Unit.parent_id.is_(None))
    )
    known = _Known({one.id: one for one in bodies}, {one.body_id: one for one in roots})
    asked = {one.id for one in revisions}
    documents = {one.document_id for one in revisions}
    for distribution, document_id in session.execute(
        sa.select(Distribution, Revision.document_id)
        .join(Revision, Revision.id == Distribution.revision_id)
        .where(
            Revision.document_id.in_(documents),
            sa.or_(Distribution.body_id.in_(body_ids), Distribution.body_id == Revision.body_id),
        )
        .options(selectinload(Distribution.units), selectinload(Distribution.people))
        .order_by(Distribution.id)
    ):
        place = (distribution.body_id, document_id)
        if distribution.body_id not in known.bodies:
            known.own[distribution.revision_id] = distribution
        elif distribution.revision_id in asked:
            known.present[place] = distribution
        else:
            known.former[place] = distribution
    for row in session.scalars(
        sa.select(Assignment)
        .where(
            Assignment.document_id.in_(documents),
            Assignment.body_id.in_(body_ids),
            sa.or_(Assignment.valid_until.is_(None), Assignment.valid_until >= today),
        )
        .options(selectinload(Assignment.others))
    ):
        units = known.assigned.setdefault((row.body_id, row.document_id or 0), set())
        units |= {one.unit_id for one in row.others}
        units |= {row.lead_unit_id} if row.lead_unit_id is not None else set()
    return known


def _planned(
    work: Work, known: _Known, revision: Revision, body: Body, *, asks: bool
) -> Distribution:
    """Say who reads a revision there: as for the edition before, by the matrix, or everybody."""
    place = (body.id, revision.document_id)
    former, own = known.former.get(place), known.own.get(revision.id)
    distribution = Distribution(
        body_id=body.id,
        revision_id=revision.id,
        counts_from_id=revision.id,
        cycle=1,
        asks_reading=asks,
        reask_months=former.reask_months if former is not None else None,
    )
    if former is not None:
        units = {link.unit_id for link in former.units}
        distribution.people = [
            DistributionPerson(person_id=link.person_id) for link in former.people
        ]
        if own is not None and own.keeps_earlier and former.revision_id == revision.predecessor_id:
            distribution.keep(former, own.keep_reason)  # what the owner decided counts here too
    else:
        units = known.assigned.get(place) or {known.roots[body.id].id}
    distribution.units = [DistributionUnit(unit_id=key) for key in sorted(units)]
    if asks:
        _ask(work, distribution, body)
    return distribution


def _asked_anew(work: Work, distribution: Distribution, body: Body) -> Distribution:
    """Ask again by what was taken back before; whoever confirmed this edition then has done so."""
    distribution = work.fresh(distribution)
    distribution.asks_reading = True
    _ask(work, distribution, body)
    work.session.execute(
        sa.delete(ReadingCall).where(ReadingCall.distribution_id == distribution.id)
    )
    return distribution


def _ask(work: Work, distribution: Distribution, body: Body) -> None:
    today = today_of(body, work.now)
    distribution.ask(
        on=today, due_on=working_days_after(body, today, int(body.setting("reading_days")))
    )


def _names(session: Session, distributions: Iterable[Distribution]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for key, name in session.execute(
        sa.select(DistributionUnit.distribution_id, Unit.name)
        .join(Unit, Unit.id == DistributionUnit.unit_id)
        .where(DistributionUnit.distribution_id.in_([one.id for one in distributions]))
        .order_by(Unit.sort_key, Unit.id)
    ):
        names.setdefault(key, []).append(name)
    return names
