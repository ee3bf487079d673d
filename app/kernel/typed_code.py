"""A code as somebody typed it: checked and used up in one step (e12; ASVS 6.5.1)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.factors import (
    RecoveryCode,
    SecondFactor,
    code_hash,
    codes_left,
    factor_of,
    tidy,
)
from app.kernel.facts import KernelFact
from app.kernel.people import Person
from app.kernel.work import Work

WRONG_CODE = N_(
    "This code is wrong or was used already. Type the one your phone shows now, "
    "or a recovery code that was not used."
)


@dataclass(frozen=True)
class TypedCode:
    """A code as typed: of the phone, or a recovery code, hashed before any lock is held."""

    digits: str
    hashed: str

    @classmethod
    def of(cls, person: Person, typed: str) -> TypedCode:
        """Read what was typed; only what has the shape of a recovery code is hashed."""
        code, factor = tidy(typed), factor_of(db.session(), person)
        if factor is None or len(code) != 10:
            return cls(code, "")
        return cls("", code_hash(code, factor.salt))

    def use(self, work: Work, person: Person) -> bool:
        """Use the code up, under the lock of the factor: two at once are one."""
        factor = factor_of(work.session, person)
        if factor is None:
            return False
        if not self.hashed:
            return work.fresh(factor).takes(self.digits, work.now)
        work.session.get(SecondFactor, factor.id, populate_existing=True, with_for_update=True)
        known = work.session.scalars(
            sa.select(RecoveryCode).where(
                RecoveryCode.person_id == person.id,
                RecoveryCode.code_hash == self.hashed,
                RecoveryCode.used_at.is_(None),
            )
        ).first()
        if known is None:
            return False
        known.used_at = work.now
        work.session.flush()
        left = codes_left(work.session, person)
        work.record(KernelFact.RECOVERY_USED, work.fresh(person), left=left)
        return True
