"""Which unit took over which, as the list of units says it (O3)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db import Record


class UnitSuccessor(Record):
    """A unit that ended, and one that took over from it."""

    __tablename__ = "unit_successor"
    __table_args__ = (sa.UniqueConstraint("unit_id", "successor_id"),)

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    successor_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)


def successors_of(session: Session, unit_ids: list[int]) -> dict[int, int]:
    """Give for each unit the first one that took over from it."""
    rows = session.execute(
        sa.select(UnitSuccessor.unit_id, UnitSuccessor.successor_id)
        .where(UnitSuccessor.unit_id.in_(unit_ids))
        .order_by(UnitSuccessor.id.desc())
    )
    return {row.unit_id: row.successor_id for row in rows}


def name_successor(session: Session, unit_id: int, successor_id: int) -> bool:
    """Note who took over from a unit; once."""
    known = session.scalar(
        sa.select(UnitSuccessor.id).where(
            UnitSuccessor.unit_id == unit_id, UnitSuccessor.successor_id == successor_id
        )
    )
    if known is not None or unit_id == successor_id:
        return False
    session.add(UnitSuccessor(unit_id=unit_id, successor_id=successor_id))
    session.flush()
    return True
