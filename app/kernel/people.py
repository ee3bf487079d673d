"""People, the posts they hold, what they may by appointment and delegation (O1, O2, O4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.organisation import Body, Unit
from app.kernel.search import fold, name_sort_key, nfc
from app.kernel.trail import Trailed


class Role(Coded):
    """A role held over a unit and everything below it."""

    ADMINISTRATOR = "administrator", N_("Administrator")
    QUALITY_OFFICER = "quality_officer", N_("Quality officer")
    QUALITY_REPRESENTATIVE = "quality_representative", N_("Quality representative")
    MANAGER = "manager", N_("Manager")
    LEADER = "leader", N_("Leader")
    AUDITOR = "auditor", N_("Auditor")
    LEAD_AUDITOR = "lead_auditor", N_("Lead auditor")
    STAFF = "staff", N_("Staff")
    INSPECTOR = "inspector", N_("Inspector")


class Capacity(Coded):
    """The standing capacity in which somebody signs papers."""

    OWN = "own", N_("In own name")
    KT = "kt", N_("KT. (deputy for the head)")
    TL = "tl", N_("TL. (by order)")
    TUQ = "tuq", N_("TUQ. (by authorisation)")
    Q = "q", N_("Q. (acting)")
    TM = "tm", N_("TM. (on behalf of the collective)")


class Person(Trailed, Record):
    """Somebody who signs in, or is only named."""

    __tablename__ = "person"
    untold = frozenset(
        {"name", "name_folded", "sort_key", "email", "password_hash", "login", "signed_name"}
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    home_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_folded: Mapped[str] = mapped_column(sa.String(200), default="")
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")
    post: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    login: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(5), default="vi")
    single_keys: Mapped[bool] = mapped_column(default=True)
    wants_letters: Mapped[bool] = mapped_column(default=True)  # the daily one; some cannot wait
    digest_time: Mapped[str | None] = mapped_column(sa.String(5))  # None: when the body says
    disabled_at: Mapped[datetime | None]
    pseudonym_at: Mapped[datetime | None]  # left: lists show a pseudonym, signatures the name
    signed_name: Mapped[str] = mapped_column(sa.String(200), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    body: Mapped[Body] = relationship()
    home_unit: Mapped[Unit] = relationship()
    posts: Mapped[list[SecondaryPost]] = relationship(back_populates="person")
    appointments: Mapped[list[Appointment]] = relationship(
        back_populates="person", foreign_keys="Appointment.person_id"
    )

    @property
    def place_unit_id(self) -> int:
        """Authority over a person is authority over the home unit (O1)."""
        return self.home_unit_id

    def rename(self, name: str) -> None:
        """Give the person a name and the keys it is found and sorted by."""
        self.name = nfc(name).strip()
        self.name_folded = fold(self.name)[:200]
        self.sort_key = name_sort_key(self.name)

    @property
    def as_signed(self) -> str:
        """Give the name as signatures and decisions carry it; a pseudonym never takes its place."""
        return self.signed_name or self.name

    def take_pseudonym(self, name: str, *, at: datetime) -> None:
        """Be known by a pseudonym from now on, without contact data or account; never undone."""
        self.signed_name = self.name
        self.rename(name)
        self.email, self.login, self.password_hash, self.post = "", None, None, ""
        self.pseudonym_at, self.disabled_at = at, self.disabled_at or at

    def told(self) -> dict[str, Any]:
        return {}  # personal data beyond the id never enters the trail (T4)


class SecondaryPost(Trailed, Record):
    """A dated second post: kiêm nhiệm or biệt phái."""

    __tablename__ = "secondary_post"
    __table_args__ = (
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="posts")
    unit: Mapped[Unit] = relationship()

    def told(self) -> dict[str, Any]:
        return {"person_id": self.person_id, "unit": self.unit.name}


class Appointment(Trailed, Record):
    """A role over a unit and everything below, from a date, by a decision, made by another."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.CheckConstraint(
            "appointed_by_id IS NULL OR appointed_by_id <> person_id", name="nobody_appoints_self"
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    role: Mapped[Role]
    capacity: Mapped[Capacity] = mapped_column(default=Capacity.OWN)
    field: Mapped[str] = mapped_column(sa.String(200), default="")
    decision_number: Mapped[str] = mapped_column(sa.String(80), default="")
    from_on: Mapped[date]
    until_on: Mapped[
        date | None
    ]  # before from_on: ended on its first day, so that it never counted
    appointed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    person: Mapped[Person] = relationship(back_populates="appointments", foreign_keys=[person_id])
    unit: Mapped[Unit] = relationship()

    def holds(self, on: date) -> bool:
        """Say whether the role is held on a day; `until_on` is its last day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)

    def told(self) -> dict[str, Any]:
        return {"person_id": self.person_id, "role": str(self.role), "unit": self.unit.name}


class Delegation(Trailed, Record):
    """A person or a post lets another act for some dates; it cannot be passed on (O2).

    Of a post only its role is lent, by whoever holds it on the day; without one, everything.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        sa.CheckConstraint("until_on >= from_on", name="dates_in_order"),
        sa.CheckConstraint("delegator_id <> deputy_id", name="two_people"),
        sa.CheckConstraint("(role IS NULL) = (unit_id IS NULL)", name="post_is_whole"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    delegator_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(500))
    ended_at: Mapped[datetime | None]
    role: Mapped[Role | None]
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))

    delegator: Mapped[Person] = relationship(foreign_keys=[delegator_id])
    deputy: Mapped[Person] = relationship(foreign_keys=[deputy_id])
    unit: Mapped[Unit | None] = relationship()

    def holds(self, on: date) -> bool:
        """Say whether the deputy may act on a day."""
        return self.ended_at is None and self.from_on <= on <= self.until_on

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {"delegator_id": self.delegator_id, "deputy_id": self.deputy_id}
        if self.role is not None and self.unit is not None:
            told |= {"role": str(self.role), "unit": self.unit.name}
        return told
