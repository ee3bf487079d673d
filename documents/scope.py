"""What the system covers: drafted by one, signed by a leader, version after version (4.3; O5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, NotFound
from app.kernel.notices import Notice
from app.kernel.organisation import Body, Unit, root_unit, units_of
from app.kernel.people import Person, Role
from app.kernel.permissions import Standing, may
from app.kernel.search import nfc
from app.kernel.signatures import Meaning, Proof
from app.kernel.work import Work
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Scope, ScopeExclusion, ScopeState, ScopeUnit
from documents.permissions import DocumentPermission
from documents.routing import holders

_CLAUSE = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}")
_LONGEST = 8000


@dataclass(frozen=True)
class ScopeData:
    """What a version of the scope says; exclusions are reasons by clause."""

    covers: str
    units: Sequence[Unit]
    effective_on: date | None
    address: str = ""
    standard: str = ""
    exclusions: Mapping[str, str] | None = None


def draft_scope(work: Work, body: Body, data: ScopeData, *, seen: int | None = None) -> Scope:
    """Draft the next version of the scope, or change the draft there is."""
    work.require(DocumentPermission.KEEP_ASSIGNMENTS, body)
    work.fresh(body)  # of two who begin the next version the second changes the first's draft
    scope = draft_of(work.session, body.id)
    is_new = scope is None
    if scope is None:
        newest = work.session.scalar(
            sa.select(sa.func.max(Scope.version)).where(Scope.body_id == body.id)
        )
        scope = Scope(
            body_id=body.id,
            version=(newest or 0) + 1,
            drafted_by_id=work.actor.id,
            drafted_at=work.now,
        )
    else:
        scope = work.fresh(scope, seen=seen)
        scope.drafted_by_id = work.actor.id
    _put(scope, body, data)
    work.add(scope)
    fact = DocumentFact.SCOPE_DRAFTED if is_new else DocumentFact.SCOPE_CHANGED
    work.record(fact, scope, **{name: value for name, value in scope.content().items()
                                if name in ("units", "exclusions")})  # fmt: skip
    _ask_signers(work, scope)
    return scope


def _ask_signers(work: Work, scope: Scope) -> None:
    """Tell whoever may sign the draft, each once: a draft that is kept is always whole."""
    told = sa.select(Notice.person_id).where(
        Notice.kind == str(DocumentNotice.SCOPE_ASKED),
        Notice.record_type == Scope.__tablename__,
        Notice.record_id == scope.id,
    )
    known = {scope.drafted_by_id, *work.session.scalars(told)}
    root = root_unit(work.session, scope.body_id)
    work.notify(
        DocumentNotice.SCOPE_ASKED,
        scope,
        to=[
            person
            for person in holders(work.session, Role.LEADER, root.id, work.today)
            if person.id not in known
        ],
        version=scope.version,
        drafter=work.actor.name,
        effective_on=scope.effective_on,
    )


def _put(scope: Scope, body: Body, data: ScopeData) -> None:
    covers = nfc(data.covers).strip()
    if not covers:
        raise InvalidInput(N_("Say which fields and services it covers."), field="covers")
    if len(covers) > _LONGEST:
        raise InvalidInput(N_("The text is too long: 8,000 characters at most."), field="covers")
    if any(unit.body_id != body.id for unit in data.units):
        raise InvalidInput(N_("A unit is of another body."), field="units")
    if not data.units:
        raise InvalidInput(N_("Tick the units that apply it."), field="units")
    if data.effective_on is None:
        raise InvalidInput(N_("Give the day it takes effect."), field="effective_on")
    scope.covers, scope.effective_on = covers, data.effective_on
    scope.address = " ".join(nfc(data.address).split())[:500]
    if data.standard.strip():
        scope.standard = " ".join(nfc(data.standard).split())[:80]
    wanted = {unit.id: unit for unit in data.units}
    kept = [one for one in scope.units if one.unit_id in wanted]
    known = {one.unit_id for one in kept}
    scope.units = [*kept, *(ScopeUnit(unit_id=key, unit=unit) for key, unit in wanted.items()
                            if key not in known)]  # fmt: skip
    _exclude(scope, data.exclusions or {})


def _exclude(scope: Scope, exclusions: Mapping[str, str]) -> None:
    known = {one.clause: one for one in scope.exclusions}
    found = []
    for clause, reason in exclusions.items():
        if not _CLAUSE.fullmatch(clause):
            raise InvalidInput(
                N_("%(part)s is no clause. Write one line each, such as 8.3: the reason."),
                field="exclusions",
                part=clause,
            )
        if not reason.strip():
            raise InvalidInput(
                N_("Give the reason why %(clause)s is not applied."),
                field="exclusions",
                clause=clause,
            )
        one = known.get(clause) or ScopeExclusion(clause=clause)
        one.reason = nfc(reason).strip()[:2000]
        found.append(one)
    scope.exclusions = found


def approve_scope(work: Work, scope: Scope, *, proof: Proof, seen: int | None = None) -> None:
    """Approve a version by signature; the one before it is replaced in the same act."""
    work.require(DocumentPermission.APPROVE_SCOPE, scope)
    if proof.person_id != work.actor.id:
        raise Forbidden(DocumentPermission.APPROVE_SCOPE, scope)
    scope = work.fresh(scope)
    if obstacle := scope.approve_obstacle(work.actor):
        raise obstacle
    scope = work.fresh(scope, seen=seen)
    former = approved_scope(work.session, scope.body_id)
    if former is not None and scope.effective_on is not None:
        former = work.fresh(former)
        former.be_replaced(scope.effective_on - timedelta(days=1))
        work.session.flush()  # the database allows one approved version at any moment
        work.record(DocumentFact.SCOPE_REPLACED, former)
    root = root_unit(work.session, scope.body_id)
    signature = work.add(
        proof.over(
            scope.content(),
            body_id=scope.body_id,
            meaning=Meaning.APPROVED,
            at=work.now,
            capacity=work.standing.capacity_for((Role.LEADER,), root.id),
        )
    )
    scope.approve(work.actor, signature, at=work.now)
    work.record(
        DocumentFact.SCOPE_APPROVED, scope, signature=signature, effective_on=scope.effective_on
    )


def _whole() -> tuple[object, ...]:
    return (
        selectinload(Scope.units).joinedload(ScopeUnit.unit),
        selectinload(Scope.exclusions),
    )


def draft_of(session: Session, body_id: int) -> Scope | None:
    """Give the version that is being drafted."""
    return session.scalars(
        sa.select(Scope)
        .where(Scope.body_id == body_id, Scope.state == ScopeState.DRAFT)
        .options(*_whole())  # type: ignore[arg-type]
    ).one_or_none()


def scope_to_sign(session: Session, standing: Standing) -> tuple[int, str, date | None] | None:
    """Give version, drafter and day of the draft this person may sign now; mostly none."""
    if not may(standing, DocumentPermission.APPROVE_SCOPE):
        return None
    if not standing.has(Role.LEADER, body_id=standing.body_id):
        return None
    found = session.execute(
        sa.select(Scope.version, Person.name, Scope.effective_on)
        .join(Person, Person.id == Scope.drafted_by_id)
        .where(
            Scope.body_id == standing.body_id,
            Scope.state == ScopeState.DRAFT,
            Scope.drafted_by_id != standing.person.id,
            Scope.covers != "",
            Scope.effective_on.is_not(None),
            sa.exists().where(ScopeUnit.scope_id == Scope.id),
        )
    ).one_or_none()
    return (found.version, found.name, found.effective_on) if found is not None else None


def approved_scope(session: Session, body_id: int) -> Scope | None:
    """Give the version that was approved last."""
    return session.scalars(
        sa.select(Scope)
        .where(Scope.body_id == body_id, Scope.state == ScopeState.APPROVED)
        .options(*_whole())  # type: ignore[arg-type]
    ).one_or_none()


def scope_on(session: Session, body_id: int, on: date) -> Scope | None:
    """Give the version that was in effect on a day."""
    return session.scalars(
        sa.select(Scope)
        .where(
            Scope.body_id == body_id,
            Scope.state != ScopeState.DRAFT,
            Scope.effective_on <= on,
            sa.or_(Scope.ended_on.is_(None), Scope.ended_on >= on),
        )
        .options(*_whole())  # type: ignore[arg-type]
        .order_by(Scope.version.desc())
        .limit(1)
    ).one_or_none()


def versions_of(session: Session, body_id: int) -> list[Scope]:
    """Give every signed version, newest first."""
    return list(
        session.scalars(
            sa.select(Scope)
            .where(Scope.body_id == body_id, Scope.state != ScopeState.DRAFT)
            .order_by(Scope.version.desc())
        )
    )


def scope_of(session: Session, body_id: int, version: int) -> Scope:
    """Give a signed version by its number; NotFound when there is none."""
    found = session.scalars(
        sa.select(Scope)
        .where(Scope.body_id == body_id, Scope.version == version, Scope.state != ScopeState.DRAFT)
        .options(*_whole())  # type: ignore[arg-type]
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def units_that_count(session: Session, body_id: int, on: date) -> list[Unit]:
    """Give the units the figure speaks of: all of the body on a day but the body itself."""
    return [unit for unit in units_of(session, body_id, on) if unit.parent_id is not None]
