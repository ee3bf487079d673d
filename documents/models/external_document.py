"""Laws and standards that come from outside (ISO 9001:2015, 7.5.3.2; rule D12, a48)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Body
from app.kernel.search import fold, nfc, sort_key
from app.kernel.trail import Trailed

# words that stand before a number and are no part of it: Nghị định số, Luật, Thông tư liên tịch
_KINDS = frozenset(
    re.findall(
        r"\w+",
        "nghi dinh luat bo thong tu lien tich quyet chi thi phap lenh cong van so tieu chuan quoc "
        "gia quy hien ket luan huong dan",
    )
)
_DATED = re.compile(r"\bngay\b.*", re.DOTALL)
_RUN = re.compile(r"\d+|[^\W\d_]+")


def number_key(number: str) -> str:
    """Give the one key of a law's number, however it was typed.

    Kind words in front, a date behind, spaces, dashes, case, tone marks and leading zeros fall
    away; Đ, the look-alike Ð and D are one letter.
    """
    folded = fold(nfc(number).replace("\u00d0", "D").replace("\u00f0", "d"))
    runs = _RUN.findall(_DATED.sub("", folded))
    while len(runs) > 1 and runs[0] in _KINDS:
        runs.pop(0)
    joined: list[str] = []
    for run in runs:
        if joined and joined[-1][-1].isalpha() and run[0].isalpha():
            joined[-1] += run
        else:
            joined.append(run.lstrip("0") or run)
    return "/".join(joined)[:120]


class ExternalState(Coded):
    """Whether a law counts: in force, amended by another, replaced or ended."""

    IN_FORCE = "in_force", N_("In force")
    AMENDED = "amended", N_("Amended")
    REPLACED = "replaced", N_("Replaced")


class ExternalDocument(Trailed, Record):
    """One law or standard as a body keeps it; everybody of the body reads it."""

    __tablename__ = "external_document"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number_key"),
        sa.Index("ix_external_document_by_number", "body_id", "number_sort", "id"),
        CheckConstraint("number_key <> ''", name="has_number"),
        CheckConstraint("state = 'in_force' OR changed_on IS NOT NULL", name="change_is_dated"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    number: Mapped[str] = mapped_column(sa.String(120))
    number_key: Mapped[str] = mapped_column(sa.String(120))
    number_sort: Mapped[str] = mapped_column(sa.String(500), default="")
    subject: Mapped[str] = mapped_column(sa.String(500))
    subject_folded: Mapped[str] = mapped_column(sa.String(500), default="")
    issuer: Mapped[str] = mapped_column(sa.String(250), default="")
    issued_on: Mapped[date | None]
    in_force_on: Mapped[date | None]
    state: Mapped[ExternalState] = mapped_column(default=ExternalState.IN_FORCE)
    changed_on: Mapped[date | None]  # the day it was amended or replaced
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("external_document.id"), index=True
    )
    registered_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    body: Mapped[Body] = relationship()
    changed_by: Mapped[ExternalDocument | None] = relationship(remote_side="ExternalDocument.id")

    def describe(self, number: str, subject: str) -> None:
        """Give the number as people write it, with its key, and what it is about."""
        self.number, self.number_key = " ".join(nfc(number).split()), number_key(number)
        self.number_sort = sort_key(self.number)
        self.subject = " ".join(nfc(subject).split())
        self.subject_folded = fold(self.subject)[:500]

    def change_obstacle(self, by: ExternalDocument) -> RuleBroken | None:
        """Say why another document cannot replace or amend this one; None when it can."""
        if self.id == by.id:
            return RuleBroken(N_("A document cannot replace itself."), rule="D12")
        if self.state is ExternalState.REPLACED:
            return RuleBroken(
                N_("%(number)s is replaced already, by %(other)s."),
                rule="D12",
                number=self.number,
                other=self.changed_by.number if self.changed_by is not None else "–",
            )
        above: ExternalDocument | None = by
        while above is not None:
            if above.id == self.id:
                return RuleBroken(
                    N_("%(number)s was itself changed by %(other)s: that would be a circle."),
                    rule="D12",
                    number=by.number,
                    other=self.number,
                )
            above = above.changed_by
        return None

    def be_changed(
        self, by: ExternalDocument, state: ExternalState, *, on: date, at: datetime
    ) -> None:
        """Become amended or replaced by another document on a day (D12)."""
        if obstacle := self.change_obstacle(by):
            raise obstacle
        self.state, self.changed_on, self.changed_at = state, on, at
        self.changed_by, self.changed_by_id = by, by.id

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "title": self.subject}
