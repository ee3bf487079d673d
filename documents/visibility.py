"""Conditions of queries: what a person may know of, and what they may read (rules D6, O2, O4).

What a person may is read afresh on every request; only the expression made of it is kept, because
building one takes longer than asking the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.kernel.people import Role
from app.kernel.permissions import Standing
from documents.models import (
    Confidentiality,
    Document,
    DocumentReader,
    Package,
    Publication,
    PublicationBody,
    Revision,
    RevisionAuthor,
    RevisionState,
    Step,
    StepPerson,
)
from documents.models.revision import ENDED_STATES
from documents.permissions import READS_BODY, READS_UNIT


@dataclass(frozen=True)
class Sight:
    """What of a standing decides what somebody sees."""

    person_id: int
    body_id: int
    bodies: frozenset[int]
    units: frozenset[int]
    reads_body: bool
    people: frozenset[int]
    posts: frozenset[tuple[int, Role, frozenset[int]]] = frozenset()  # lent without the rest
    above: frozenset[int] = frozenset()


def sight_of(standing: Standing | Sight) -> Sight:
    """Give what of a standing decides what somebody sees."""
    if isinstance(standing, Sight):
        return standing
    units: set[int] = set()
    for grant in standing.grants:
        if grant.role in READS_UNIT:
            units |= grant.covers
    return Sight(
        person_id=standing.person.id,
        body_id=standing.body_id,
        bodies=frozenset({standing.body_id, *standing.overseen_body_ids}),
        units=frozenset(units),
        reads_body=standing.has(*READS_BODY),
        people=frozenset(
            {standing.person.id}
            | {deputised.person.id for deputised in standing.delegators if deputised.post is None}
        ),
        posts=frozenset(
            (deputised.person.id, grant.role, grant.covers)
            for deputised in standing.delegators
            if deputised.post is not None
            for grant in deputised.grants
        ),
        above=standing.above_body_ids,
    )


def among(column: Any, numbers: Iterable[int]) -> Any:
    """Condition on a column: one of these numbers, written into the text of the query.

    Binding forty units three times takes longer than asking the database.
    """
    written = ", ".join(str(int(number)) for number in sorted(numbers))
    return column.op("IN", is_comparison=True)(sa.literal_column(f"({written})"))


def current_for(standing: Standing | Sight) -> Any:
    """Condition on documents: their effective revision may be read by this person (D6, O4)."""
    return _current_for(sight_of(standing))


def works_on(standing: Standing | Sight) -> Any:
    """Condition on documents: this person may read every revision of them."""
    return _works_on(sight_of(standing))


def takes_part_in(standing: Standing | Sight, taken: Any = Revision) -> Any:
    """Condition on revisions: this person wrote one of its package, or sits on its route (O2)."""
    return _takes_part_in(sight_of(standing), taken)


def visible(standing: Standing | Sight) -> Any:
    """Condition on documents: this person may know of them at all (D6, O4).

    They are in force for them, or in their charge, or they took part in one of their revisions.
    """
    return _visible(sight_of(standing))


def could_read(standing: Standing | Sight) -> Any:
    """Condition on documents: in force no more, and while they were this person read them (D5)."""
    return _could_read(sight_of(standing))


def published_to(body_id: int, above: frozenset[int]) -> Any:
    """Condition on documents: a body above has published them to this one (O4)."""
    named = sa.exists().where(
        PublicationBody.publication_id == Publication.id, PublicationBody.body_id == body_id
    )
    given = sa.select(Publication.document_id).where(
        Publication.body_id.in_(above),
        Publication.ended_at.is_(None),
        sa.or_(Publication.is_for_all, named),
    )
    return sa.and_(
        Document.id.in_(given),
        Document.body_id.in_(above),
        Document.confidentiality != Confidentiality.NAMED,
    )


@lru_cache(maxsize=512)
def _current_for(sight: Sight) -> Any:
    named = sa.exists().where(
        DocumentReader.document_id == Document.id,
        DocumentReader.person_id == sight.person_id,
    )
    return sa.or_(
        sa.and_(
            Document.body_id.in_(sight.bodies),
            Document.confidentiality != Confidentiality.NAMED,
        ),
        sa.and_(Document.body_id == sight.body_id, named),
        _works_on(sight),
        *([published_to(sight.body_id, sight.above)] if sight.above else []),
    )


@lru_cache(maxsize=512)
def _works_on(sight: Sight) -> Any:
    conditions = [Document.keeper_id == sight.person_id]
    if sight.units:
        conditions.append(among(Document.lead_unit_id, sight.units))
    if sight.reads_body:
        conditions.append(
            sa.and_(
                Document.body_id == sight.body_id,
                Document.confidentiality != Confidentiality.NAMED,
            )
        )
    return sa.or_(*conditions)


@lru_cache(maxsize=128)
def _could_read(sight: Sight) -> Any:
    """Given by a body above until the very act that withdrew it, or of the body itself (O4)."""
    in_force, ended, last = aliased(Revision), aliased(Revision), aliased(Revision)
    named = sa.exists().where(
        PublicationBody.publication_id == Publication.id,
        PublicationBody.body_id == sight.body_id,
    )
    given = sa.exists().where(
        Publication.document_id == Document.id,
        Publication.body_id == Document.body_id,
        sa.or_(Publication.is_for_all, named),
        last.document_id == Document.id,
        last.state == RevisionState.WITHDRAWN,
        last.ended_at == Publication.ended_at,
    )
    to_bodies_below = sa.and_(
        Document.body_id.in_(sight.above),
        Document.confidentiality != Confidentiality.NAMED,
        given,
    )
    return sa.and_(
        sa.or_(_current_for(sight), to_bodies_below),
        sa.exists().where(ended.document_id == Document.id, ended.state.in_(ENDED_STATES)),
        ~sa.exists().where(
            in_force.document_id == Document.id, in_force.state == RevisionState.EFFECTIVE
        ),
    )


def _takes_part_in(sight: Sight, taken: Any) -> Any:
    """Each part begins at the revision in question: whoever writes much sees lists as fast."""
    member = aliased(Revision)
    wrote_it = sa.exists().where(
        RevisionAuthor.revision_id == taken.id, RevisionAuthor.person_id == sight.person_id
    )
    wrote_with_it = sa.exists().where(
        member.package_id == taken.package_id,
        RevisionAuthor.revision_id == member.id,
        RevisionAuthor.person_id == sight.person_id,
    )
    is_seated = sa.exists().where(
        Step.package_id == taken.package_id,
        StepPerson.step_id == Step.id,
        sa.or_(StepPerson.person_id.in_(sight.people), *map(_by_post, sight.posts)),
    )
    return sa.or_(wrote_it, sa.and_(taken.package_id.is_not(None), wrote_with_it), is_seated)


def _by_post(lent: tuple[int, Role, frozenset[int]]) -> Any:
    """A seat that comes with one post, over the units that post covers (O2)."""
    person_id, role, covers = lent
    within = sa.select(Package.id).where(Package.lead_unit_id.in_(covers))
    return sa.and_(
        StepPerson.person_id == person_id,
        StepPerson.role == role,
        Step.package_id.in_(within),
    )


@lru_cache(maxsize=512)
def _visible(sight: Sight) -> Any:
    in_force, part = aliased(Revision), aliased(Revision)
    return sa.or_(
        _works_on(sight),
        sa.and_(
            _current_for(sight),
            sa.exists().where(
                in_force.document_id == Document.id, in_force.state == RevisionState.EFFECTIVE
            ),
        ),
        sa.exists().where(part.document_id == Document.id, _takes_part_in(sight, part)),
    )
