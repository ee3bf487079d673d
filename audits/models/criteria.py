"""What is audited against: standards by edition, reform indicators, directives (9.2.2 b)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.trail import Trailed


class CriterionKind(Coded):
    """What sort of criteria a set holds; the criteria of one audit may mix them."""

    STANDARD = "standard", N_("Standard")
    REFORM = "reform", N_("Administrative reform indicators")
    DIRECTIVE = "directive", N_("Directive")


class AskedOf(Coded):
    """Of whom a clause is asked: asking a head of unit about context yields a recited answer."""

    DEPARTMENTS = "departments", N_("Of the units")
    LEADERSHIP = "leadership", N_("Of the leadership")
    BOTH = "both", N_("Of both")
    NOBODY = "nobody", N_("Not asked")

    def reaches(self, *, leadership: bool) -> bool:
        """Say whether units of this sort are asked."""
        own = AskedOf.LEADERSHIP if leadership else AskedOf.DEPARTMENTS
        return self in (own, AskedOf.BOTH)


_OF_PRODUCT = sa.text("body_id IS NULL")


class Standard(Trailed, Record):
    """One edition of one set of criteria; those without a body come with the product."""

    __tablename__ = "standard"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "name"),
        sa.Index(
            "ix_standard_of_product",
            "name",
            unique=True,
            sqlite_where=_OF_PRODUCT,
            postgresql_where=_OF_PRODUCT,
        ),
    )

    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[CriterionKind]
    loaded_at: Mapped[datetime]

    clauses: Mapped[list[Clause]] = relationship(
        back_populates="standard", order_by="Clause.position"
    )

    @property
    def family(self) -> str:
        """Give the name without the edition: editions of one family can be compared."""
        return self.name.partition(":")[0].strip()

    @property
    def edition(self) -> str:
        """Give the edition, such as 2015; nothing where there is only one."""
        return self.name.partition(":")[2].strip()

    def told(self) -> dict[str, Any]:
        return {"standard": self.name}


class Clause(Record):
    """A requirement that findings, questions and coverage point to; never deleted."""

    __tablename__ = "clause"
    __table_args__ = (sa.UniqueConstraint("standard_id", "number"),)

    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(500), default="")
    title_en: Mapped[str] = mapped_column(sa.String(500), default="")

    standard: Mapped[Standard] = relationship(back_populates="clauses")
    parent: Mapped[Clause | None] = relationship(remote_side="Clause.id")

    @property
    def depth(self) -> int:
        """Give how deep it stands: 4 is 1, 4.4 is 2."""
        return self.number.count(".") + 1


class ClauseCounterpart(Record):
    """A clause of an older edition and one of a later edition that asks the same."""

    __tablename__ = "clause_counterpart"
    __table_args__ = (sa.UniqueConstraint("clause_id", "later_id"),)

    clause_id: Mapped[int] = mapped_column(sa.ForeignKey("clause.id"))
    later_id: Mapped[int] = mapped_column(sa.ForeignKey("clause.id"), index=True)


class AskedClauses(Trailed, Record):
    """Where a body asks clauses of somebody else than usual: number of the clause -> of whom."""

    __tablename__ = "asked_clauses"
    __table_args__ = (sa.UniqueConstraint("body_id", "standard_id"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    asked: Mapped[dict[str, Any]] = mapped_column(default=dict)
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    standard: Mapped[Standard] = relationship()

    def told(self) -> dict[str, Any]:
        return {"standard": self.standard.name}
