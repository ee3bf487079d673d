"""Bodies and their units, at a date (ISO 9001:2015, 5.3; rules O1, O3, O4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.search import fold, sort_key
from app.kernel.trail import Trailed

if TYPE_CHECKING:
    from app.kernel.calendar import CalendarDay
    from app.kernel.people import Person


class UnitKind(Coded):
    """What sort of unit a node of the tree is."""

    LEADERSHIP = "leadership", N_("Leadership")
    DEPARTMENT = "department", N_("Department")
    WARD = "ward", N_("Ward or commune")
    SCHOOL = "school", N_("School")
    SERVICE = "service", N_("Service unit")
    TEAM = "team", N_("Section")


DEFAULT_SETTINGS: dict[str, Any] = {
    "code_scheme": {
        "manual": "{kind}-{serial}",
        "policy": "{kind}-{serial}",
        "procedure": "{kind}-{unit}-{serial}",
        "work_instruction": "{kind}-{unit}-{serial}",
        "form": "{kind}-{parent}.{serial}",
        "record_type": "{kind}-{unit}-{serial}",
    },
    "kind_prefixes": {
        "manual": "STCL",
        "policy": "CS",
        "procedure": "QT",
        "work_instruction": "HD",
        "form": "BM",
        "record_type": "HS",
    },
    "review_months": {
        "manual": 24,
        "policy": 12,
        "procedure": 24,
        "work_instruction": 24,
        "form": 36,
        "record_type": 36,
    },
    "retention_years": {  # after it ended; 0: for ever
        "manual": 10,
        "policy": 10,
        "procedure": 10,
        "work_instruction": 5,
        "form": 5,
        "record_type": 5,
    },
    "retention_notice_days": 60,  # how long before the end of retention people are told
    "answer_days": 5,  # working days a step of a route has
    "effective_after_days": 5,  # proposed distance between submission and effect
    "check_out_hours": 24,  # how long one author holds the file of a draft
    "reading_days": 10,  # working days people have to read what came into force
    "training_days": 0,  # working days people read what is approved before it comes into force
    "digest_time": "07:30",  # when the daily letter leaves, on the wall clock of the body
    "weekend_days": [5, 6],  # Saturday and Sunday; Monday is 0
    "help_phone": "",
    "factor_for_signers": False,  # who signs needs a second factor to sign in
    "factor_for_administrators": False,
    "factor_at_signing": False,  # a code beside the password of every signature
    "audit_former_months": 12,  # how long a unit one left is not audited by one; 0: at once (A1)
    "audit_counts_wrote": True,  # nor the lead unit of a procedure one wrote (A1)
    "audit_cycle_years": 1,  # within how many years everything is to be audited once (A2)
    "finding_response_days": 5,  # working days a unit has to answer a finding (A9)
    "recommendation_days": 30,  # working days a unit has to answer a recommendation
    "programme_name": "Chương trình đánh giá nội bộ",  # as it is printed
    "risk_weights": {"since": 30, "importance": 30, "changes": 20, "overdue": 20},  # (A5)
    "escalation_person_id": None,  # of the overseeing body, when nobody here may decide (O6)
}


class Body(Trailed, Record):
    """A public body with its own quality management system."""

    __tablename__ = "body"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(250))
    overseer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"))
    time_zone: Mapped[str] = mapped_column(sa.String(40), default="Asia/Ho_Chi_Minh")
    locale: Mapped[str] = mapped_column(sa.String(5), default="vi")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_demo: Mapped[bool] = mapped_column(default=False)
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    overseer: Mapped[Body | None] = relationship(remote_side="Body.id")
    named_days: Mapped[list[CalendarDay]] = relationship(
        back_populates="body", order_by="CalendarDay.day"
    )

    @property
    def body_id(self) -> int:
        """Every record names its body; a body names itself."""
        return self.id

    def setting(self, name: str) -> Any:
        """Give a setting of this body, or the product's default."""
        value = self.settings.get(name)
        default = DEFAULT_SETTINGS[name]
        if isinstance(default, dict):
            return {**default, **(value or {})}
        return default if value is None else value

    def told(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name}


class Unit(Trailed, Record):
    """A node of a body's tree; its official code may change by law and is never its identity."""

    __tablename__ = "unit"
    __table_args__ = (
        sa.CheckConstraint(
            "active_until IS NULL OR active_until >= active_from", name="active_in_order"
        ),
        sa.Index("ix_unit_by_name", "body_id", "sort_key", "id"),
        sa.Index(
            "ix_unit_one_root_per_body",
            "body_id",
            unique=True,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(250))
    name_en: Mapped[str] = mapped_column(sa.String(250), default="")
    name_folded: Mapped[str] = mapped_column(sa.String(250), default="")
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")
    kind: Mapped[UnitKind]
    active_from: Mapped[date]
    active_until: Mapped[date | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    body: Mapped[Body] = relationship()
    parent: Mapped[Unit | None] = relationship(remote_side="Unit.id")

    def rename(self, name: str, name_en: str = "") -> None:
        """Give the unit its name and the keys it is found and sorted by."""
        self.name, self.name_en = name, name_en
        self.name_folded = fold(name)[:250]
        self.sort_key = sort_key(name)

    def is_active(self, on: date) -> bool:
        """Say whether the unit exists on a day; `active_until` is its last day."""
        return self.active_from <= on and (self.active_until is None or on <= self.active_until)

    def told(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name}


class UnitClosure(Record):
    """Every pair of a unit and a unit at or below it, so that a subtree is one query."""

    __tablename__ = "unit_closure"
    __table_args__ = (sa.UniqueConstraint("ancestor_id", "descendant_id"),)

    ancestor_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    descendant_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    depth: Mapped[int]


def place_unit(session: Session, unit: Unit) -> None:
    """Write the pairs of a new unit with everything above it."""
    session.flush()
    session.add(UnitClosure(ancestor_id=unit.id, descendant_id=unit.id, depth=0))
    if unit.parent_id is not None:
        above = session.scalars(
            sa.select(UnitClosure).where(UnitClosure.descendant_id == unit.parent_id)
        ).all()
        session.add_all(
            UnitClosure(ancestor_id=pair.ancestor_id, descendant_id=unit.id, depth=pair.depth + 1)
            for pair in above
        )
    session.flush()


def subtree_ids(session: Session, unit_ids: set[int]) -> frozenset[int]:
    """Give the ids of units at or below any of these."""
    if not unit_ids:
        return frozenset()
    return frozenset(
        session.scalars(
            sa.select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id.in_(unit_ids))
        )
    )


def ancestor_ids(session: Session, unit_id: int) -> list[int]:
    """Give the ids of the unit and everything above it, nearest first."""
    return list(
        session.scalars(
            sa.select(UnitClosure.ancestor_id)
            .where(UnitClosure.descendant_id == unit_id)
            .order_by(UnitClosure.depth)
        )
    )


def root_unit(session: Session, body_id: int) -> Unit:
    """Give the unit that stands for the whole body."""
    return session.scalars(
        sa.select(Unit).where(Unit.body_id == body_id, Unit.parent_id.is_(None))
    ).one()


def units_of(session: Session, body_id: int, on: date | None = None) -> list[Unit]:
    """Give a body's units in Vietnamese order, all or those that exist on a day."""
    return list(session.scalars(_units_of(sa.select(Unit), body_id, on)))


class UnitLine(NamedTuple):
    """What a tree of units shows of one."""

    id: int
    parent_id: int | None
    name: str


def unit_lines(session: Session, body_id: int, on: date | None = None) -> list[UnitLine]:
    """Give the same units for a tree: as values, which takes a third of the time."""
    query = _LINES if on is None else _LINES_ON
    asked = {"body": body_id} if on is None else {"body": body_id, "day": on}
    return [UnitLine(*row) for row in session.execute(query, asked)]


def _units_of(query: Any, body_id: Any, on: Any) -> Any:
    query = query.where(Unit.body_id == body_id).order_by(Unit.sort_key, Unit.id)
    if on is None:
        return query
    return query.where(
        Unit.active_from <= on, sa.or_(Unit.active_until.is_(None), Unit.active_until >= on)
    )


_OVERSEEN = sa.select(Body.__table__.c.id).where(
    Body.__table__.c.overseer_id.in_(sa.bindparam("bodies", expanding=True))
)


def bodies_below(session: Session, body_id: int) -> frozenset[int]:
    """Give the ids of the bodies one oversees, all the way down (O4)."""
    below: set[int] = set()
    edge = {body_id}
    while edge:
        edge = set(session.scalars(_OVERSEEN, {"bodies": list(edge)})) - below
        below |= edge
    return frozenset(below - {body_id})


def _above() -> Any:
    """Put the question together: the whole way up at once, however many levels there are."""
    body = Body.__table__
    way = (
        sa.select(body.c.overseer_id.label("id"))
        .where(body.c.id == sa.bindparam("body"), body.c.overseer_id.is_not(None))
        .cte("way", recursive=True)
    )
    following = (
        sa.select(body.c.overseer_id)
        .join(way, body.c.id == way.c.id)
        .where(body.c.overseer_id.is_not(None))
    )
    return sa.select(way.union(following).c.id)


_ABOVE = _above()


def bodies_above(session: Session, body_id: int) -> frozenset[int]:
    """Give the ids of the bodies that oversee one, all the way up (O4)."""
    return frozenset(session.scalars(_ABOVE, {"body": body_id})) - {body_id}


_LINE = Unit.__table__.c.id, Unit.__table__.c.parent_id, Unit.__table__.c.name
_BODY: Any = sa.bindparam("body", type_=sa.BigInteger())
_LINES = _units_of(sa.select(*_LINE), _BODY, None)
_LINES_ON = _units_of(sa.select(*_LINE), _BODY, sa.bindparam("day", type_=sa.Date()))


def person_body_ids(person: Person) -> set[int]:
    """Give the bodies a person belongs to: the home body only, invitations come with audits."""
    return {person.body_id}
