"""Who does what: functions and procedures, each with its lead unit (5.3; rule O5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.organisation import Unit
from app.kernel.search import code_key, fold, nfc, sort_key
from app.kernel.trail import Trailed
from documents.models.document import Document


class AssignmentKind(Coded):
    """What is assigned to a unit."""

    FUNCTION = "function", N_("Function")
    PROCEDURE = "procedure", N_("Administrative procedure")


class Assignment(Trailed, Record):
    """One row of the assignment matrix: a function or procedure, for some time."""

    __tablename__ = "assignment"
    __table_args__ = (
        sa.Index("ix_assignment_by_code", "body_id", "code_sort", "id"),
        sa.Index("ix_assignment_by_key", "body_id", "code_key"),
        CheckConstraint("code <> '' AND name <> ''", name="has_code_and_name"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="valid_in_order"),
        CheckConstraint(
            "delegated_until IS NULL OR delegated_from IS NULL"
            " OR delegated_until >= delegated_from",
            name="delegated_in_order",
        ),
        CheckConstraint(
            "delegated_from IS NULL OR legal_owner <> ''", name="delegation_names_owner"
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    kind: Mapped[AssignmentKind]
    code: Mapped[str] = mapped_column(sa.String(80))
    code_key: Mapped[str] = mapped_column(sa.String(80))
    code_sort: Mapped[str] = mapped_column(sa.String(500))
    name: Mapped[str] = mapped_column(sa.String(500))
    name_folded: Mapped[str] = mapped_column(sa.String(500))
    procedure_field: Mapped[str] = mapped_column(sa.String(200), default="")
    legal_owner: Mapped[str] = mapped_column(sa.String(250), default="")
    lead_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    delegated_from: Mapped[date | None]
    delegated_until: Mapped[date | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    lead_unit: Mapped[Unit | None] = relationship()
    document: Mapped[Document | None] = relationship()
    others: Mapped[list[AssignmentUnit]] = relationship(
        back_populates="assignment", order_by="AssignmentUnit.id", cascade="all, delete-orphan"
    )

    def give_name(self, code: str, name: str) -> None:
        """Give the code and name with the keys they are found and compared by."""
        self.code, self.code_key = nfc(code).strip(), code_key(code)
        self.code_sort = sort_key(self.code)
        self.name = nfc(name).strip()
        self.name_folded = fold(self.name)[:500]

    def holds(self, on: date) -> bool:
        """Say whether the row counts on a day; `valid_until` is its last day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def told(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name}


class AssignmentUnit(Record):
    """A unit that takes part in what another leads."""

    __tablename__ = "assignment_unit"
    __table_args__ = (sa.UniqueConstraint("assignment_id", "unit_id"),)

    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)

    assignment: Mapped[Assignment] = relationship(back_populates="others")
    unit: Mapped[Unit] = relationship()
