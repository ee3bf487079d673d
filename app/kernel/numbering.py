"""Counters that give a number once, also when two people ask at the same moment (D9)."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db import Record


class Counter(Record):
    """The last number given under a name in a body."""

    __tablename__ = "counter"
    __table_args__ = (sa.UniqueConstraint("body_id", "name"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    value: Mapped[int] = mapped_column(default=0)


def next_number(session: Session, body_id: int, name: str) -> int:
    """Lock the counter and give the next number; made at the first asking."""
    query = sa.select(Counter).where(Counter.body_id == body_id, Counter.name == name)
    counter = session.scalars(query.with_for_update()).one_or_none()
    if counter is None:
        try:
            with session.begin_nested():
                session.add(Counter(body_id=body_id, name=name, value=0))
        except IntegrityError:  # somebody else made it a moment ago; theirs is locked below
            pass
        counter = session.scalars(
            query.with_for_update().execution_options(populate_existing=True)
        ).one()
    counter.value += 1
    session.flush()
    return counter.value
