"""Remarks on a passage, wordings suggested for it, opinions that came late (a18-a20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.package import Answer
from documents.models.revision import Revision


class CommentKind(Coded):
    """What somebody said: a remark, a proposed wording, an answer that decides nothing."""

    REMARK = "remark", N_("Comment")
    SUGGESTION = "suggestion", N_("Suggested wording")
    OPINION = "opinion", N_("Opinion")


class Comment(Trailed, Record):
    """One remark on one passage of a revision in one round; never edited, only resolved.

    A suggestion proposes words in place of the quoted ones; only an author accepts it. An opinion
    is the answer of a reviewer who came after another returned the revision.
    """

    __tablename__ = "comment"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[CommentKind] = mapped_column(default=CommentKind.REMARK)
    block: Mapped[int | None]  # index of the block in the reading; None for the whole
    quote: Mapped[str] = mapped_column(sa.Text(), default="")
    text: Mapped[str] = mapped_column(sa.Text())
    proposed: Mapped[str] = mapped_column(sa.Text(), default="")  # nothing: the words go
    answer: Mapped[Answer | None]  # of an opinion
    acting_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    resolution: Mapped[str] = mapped_column(sa.Text(), default="")
    is_accepted: Mapped[bool | None]
    went_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    went_into_round: Mapped[int | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    revision: Mapped[Revision] = relationship(foreign_keys=[revision_id])
    went_into: Mapped[Revision | None] = relationship(foreign_keys=[went_into_id])
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    acting_for: Mapped[Person | None] = relationship(foreign_keys=[acting_for_id])
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=[resolved_by_id])

    @property
    def place_unit_id(self) -> int:
        return self.revision.place_unit_id

    def resolve(self, person: Person, resolution: str, *, at: datetime) -> None:
        """Mark the remark as dealt with, once."""
        if self.kind is CommentKind.SUGGESTION:
            raise RuleBroken(N_("A suggested wording is accepted or declined by an author."))
        self._settle(person, resolution, at=at)

    def _settle(self, person: Person, resolution: str, *, at: datetime) -> None:
        if self.resolved_at is not None:
            raise RuleBroken(N_("This comment was resolved already."))
        self.resolved_at, self.resolved_by_id, self.resolution = at, person.id, resolution.strip()

    def answer_suggestion(self, person: Person, *, accepted: bool, word: str, at: datetime) -> None:
        """Accept the wording, or decline it with a word; only an author does (a19)."""
        if self.kind is not CommentKind.SUGGESTION:
            raise RuleBroken(N_("Only a suggested wording is accepted or declined."))
        if person.id not in {author.id for author in self.revision.authors}:
            raise RuleBroken(N_("Only an author of the revision accepts a wording."))
        if not accepted and not word.strip():
            raise RuleBroken(N_("Say why it is declined; whoever suggested it reads it."))
        self._settle(person, word, at=at)
        self.is_accepted = accepted

    def go_into(self, revision: Revision) -> None:
        """Note into which revision and round an accepted wording went."""
        self.went_into, self.went_into_id = revision, revision.id
        self.went_into_round = revision.round

    def told(self) -> dict[str, Any]:
        return self.revision.told()
