"""Routes as a body sets them: ordered steps, chosen by kind and unit (a10-a14, D10)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.organisation import Unit
from app.kernel.people import Person, Role
from app.kernel.trail import Trailed
from documents.models.document import DocumentKind


class StepKind(Coded):
    """What a step asks: to review, or to approve."""

    REVIEW = "review", N_("Review")
    APPROVAL = "approval", N_("Approval")


class Need(Coded):
    """How many of the people of a step must answer."""

    ALL = "all", N_("all of them")
    ANY = "any", N_("any one of them")
    QUORUM = "quorum", N_("a number of them")


class RouteTemplate(Trailed, Record):
    """The route proposed for documents of a kind, of a unit and below, or of the whole body."""

    __tablename__ = "route_template"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[DocumentKind | None]
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    unit: Mapped[Unit | None] = relationship()
    steps: Mapped[list[RouteStep]] = relationship(
        back_populates="template", order_by="RouteStep.position"
    )

    def told(self) -> dict[str, Any]:
        return {"name": self.name}


class RouteStep(Record):
    """One step of a route: a post (role over the lead unit) or named people."""

    __tablename__ = "route_step"
    __table_args__ = (
        sa.UniqueConstraint("template_id", "position"),
        sa.CheckConstraint("need <> 'quorum' OR quorum >= 1", name="quorum_is_a_number"),
    )

    template_id: Mapped[int] = mapped_column(sa.ForeignKey("route_template.id"))
    position: Mapped[int]
    kind: Mapped[StepKind]
    need: Mapped[Need] = mapped_column(default=Need.ANY)
    quorum: Mapped[int | None]
    role: Mapped[Role | None]
    person_ids: Mapped[list[str]] = mapped_column(default=list)

    template: Mapped[RouteTemplate] = relationship(back_populates="steps")


def named_people(session: Any, step: RouteStep) -> list[Person]:
    """Give the people a step names, those without an open account left out."""
    ids = [int(person_id) for person_id in step.person_ids]
    if not ids:
        return []
    return list(
        session.scalars(sa.select(Person).where(Person.id.in_(ids), Person.disabled_at.is_(None)))
    )
