"""Loading criteria, comparing editions, saying of whom a clause is asked (9.2.2 a, b; b4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.organisation import Body
from app.kernel.work import Work
from audits.criteria.files import (
    OWN,
    ClauseLine,
    counterparts,
    own_file,
    read_criteria,
    usual,
)
from audits.facts import AuditFact
from audits.models import (
    AskedClauses,
    AskedOf,
    Clause,
    ClauseCounterpart,
    CriterionKind,
    Standard,
)
from audits.permissions import AuditPermission

DEFAULT_STANDARD = "ISO 9001:2015"


def load_own_criteria(work: Work) -> list[Standard]:
    """Load what comes with the product; what is there already stays as it is."""
    loaded: list[Standard] = []
    for name, kind in OWN:
        loaded += load_criteria(work, own_file(name), kind)
    return loaded


def load_criteria(
    work: Work, text: str, kind: CriterionKind, body: Body | None = None
) -> list[Standard]:
    """Load a file of criteria, by the operator; clauses are added and retitled, never taken out."""
    loaded = []
    for name, lines in read_criteria(text).items():
        standard = _standard_named(work.session, name, body)
        if standard is None:
            standard = Standard(
                body_id=body.id if body is not None else None,
                name=name,
                kind=kind,
                loaded_at=work.now,
            )
            work.add(standard)
        elif standard.kind is not kind:
            raise InvalidInput(N_("%(standard)s is there already, of another kind."), standard=name)
        if _put_clauses(work, standard, lines):
            standard.loaded_at = work.now
            work.record(AuditFact.CRITERIA_LOADED, standard, count=len(lines))
            loaded.append(standard)
    _map_editions(work)
    return loaded


def _standard_named(session: Session, name: str, body: Body | None) -> Standard | None:
    owner = Standard.body_id.is_(None) if body is None else Standard.body_id == body.id
    return session.scalars(sa.select(Standard).where(owner, Standard.name == name)).one_or_none()


def _put_clauses(work: Work, standard: Standard, lines: list[ClauseLine]) -> bool:
    """Write the clauses of a file; say whether anything is new."""
    known = {clause.number: clause for clause in standard.clauses}
    is_new = False
    for position, line in enumerate(lines, start=1):
        clause = known.get(line.number)
        wanted = (line.title_vi or line.title_en, line.title_en)
        if clause is None:
            parent = known.get(line.parent)
            clause = Clause(
                standard_id=standard.id,
                parent_id=parent.id if parent is not None else None,
                number=line.number,
                position=position,
            )
            clause.title, clause.title_en = wanted
            known[line.number] = work.add(clause)
            is_new = True
        elif (clause.title, clause.title_en, clause.position) != (*wanted, position):
            clause.title, clause.title_en = wanted
            clause.position, is_new = position, True
    work.session.expire(standard, ["clauses"])
    return is_new


def _map_editions(work: Work) -> None:
    """Tie clauses to those of later editions, as far as both editions are loaded."""
    rows = work.session.execute(
        sa.select(Standard.name, Clause.number, Clause.id)
        .join(Clause, Clause.standard_id == Standard.id)
        .where(Standard.body_id.is_(None))
    )
    ids = {(name, number): key for name, number, key in rows}
    present = {
        (row.clause_id, row.later_id)
        for row in work.session.execute(
            sa.select(ClauseCounterpart.clause_id, ClauseCounterpart.later_id)
        )
    }
    for standard, number, later_standard, later_number in counterparts():
        pair = (ids.get((standard, number)), ids.get((later_standard, later_number)))
        if None not in pair and pair not in present:
            work.add(ClauseCounterpart(clause_id=pair[0], later_id=pair[1]))


def standards_of(session: Session, body_id: int) -> list[Standard]:
    """Give every set of criteria a body can audit against, with its clauses."""
    found = session.scalars(
        sa.select(Standard)
        .where(sa.or_(Standard.body_id.is_(None), Standard.body_id == body_id))
        .options(selectinload(Standard.clauses))
    ).all()
    kinds = list(CriterionKind)
    return sorted(
        found,
        key=lambda one: (one.name != DEFAULT_STANDARD, kinds.index(one.kind), one.name, one.id),
    )


def standard_of(session: Session, body_id: int, standard_id: int) -> Standard:
    """Give one set of criteria a body can use; NotFound for any other."""
    found = session.get(Standard, standard_id)
    if found is None or found.body_id not in (None, body_id):
        raise NotFound()
    return found


def is_asked_whole(clause: Clause, titled_parents: set[int | None]) -> bool:
    """Say whether a clause is asked as a whole: it has a title, and nothing below it has one."""
    return bool(clause.title) and clause.id not in titled_parents


def leaves_of(standard: Standard) -> list[Clause]:
    """Give the clauses that are asked: the lowest ones that have a title."""
    parents = {one.parent_id for one in standard.clauses if one.title}
    return [one for one in standard.clauses if is_asked_whole(one, parents)]


@dataclass(frozen=True)
class Asked:
    """A clause with whom it is asked of, and whether the body says so itself."""

    clause: Clause
    of: AskedOf
    usual: AskedOf

    @property
    def is_own(self) -> bool:
        """Say whether the body asks it of somebody else than usual."""
        return self.of is not self.usual


def asked_by_body(session: Session, body_id: int, standard: Standard) -> list[Asked]:
    """Say for each clause of whom the body asks it."""
    own = asked_record(session, body_id, standard)
    said: Mapping[str, str] = own.asked if own is not None else {}
    found = []
    for clause in leaves_of(standard):
        default = usual(standard.name, clause.number)
        found.append(Asked(clause, AskedOf(said.get(clause.number, default)), default))
    return found


def asked_record(session: Session, body_id: int, standard: Standard) -> AskedClauses | None:
    """Give what a body says of its own about the clauses of a standard."""
    return session.scalars(
        sa.select(AskedClauses).where(
            AskedClauses.body_id == body_id, AskedClauses.standard_id == standard.id
        )
    ).one_or_none()


def ask_clauses(
    work: Work,
    body: Body,
    standard: Standard,
    wanted: Mapping[str, AskedOf],
    *,
    seen: int | None = None,
) -> bool:
    """Say of whom clauses are asked; only what differs from the usual is kept. True if changed."""
    work.require(AuditPermission.CHANGE_CRITERIA, body)
    work.fresh(body)  # of two who begin at once the second sees what the first said
    known = {clause.number for clause in leaves_of(standard)}
    if unknown := sorted(set(wanted) - known):
        raise InvalidInput(N_("There is no clause %(number)s."), number=", ".join(unknown))
    differing = {
        number: str(of)
        for number, of in sorted(wanted.items())
        if of is not usual(standard.name, number)
    }
    record = asked_record(work.session, body.id, standard)
    if record is None:
        if not differing:
            return False
        record = AskedClauses(body_id=body.id, standard_id=standard.id, standard=standard)
        record.asked = differing
        work.add(record)
    else:
        record = work.fresh(record, seen=seen)
        if record.asked == differing:
            return False
        record.asked = differing
    work.record(AuditFact.CLAUSES_ASKED, record)
    return True


def latest_counterparts(session: Session, clause_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Give for each clause those of the latest edition that ask the same; itself where none do.

    History stays comparable by it: what was audited by an older edition counts for the later one.
    """
    wanted = set(clause_ids)
    later: dict[int, set[int]] = {}
    for old, new in session.execute(
        sa.select(ClauseCounterpart.clause_id, ClauseCounterpart.later_id)
    ):
        later.setdefault(old, set()).add(new)

    def newest(key: int, seen: frozenset[int]) -> set[int]:
        found: set[int] = set()
        for one in later.get(key, ()):
            found |= newest(one, seen | {key}) if one not in seen else set()
        return found or {key}

    return {key: frozenset(newest(key, frozenset())) for key in wanted}
