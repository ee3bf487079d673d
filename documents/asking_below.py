"""Asking the bodies below to read what was imported above: by decision, never by itself (O4, a53).

What a body brings from before asks nobody to read it, in its own units or below: they worked by
it already. Whoever gave it may ask all who work by it now; each body may ask its own people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.work import Work
from documents import register
from documents.distribution import imported_ones, is_studied
from documents.facts import DocumentFact
from documents.models import Adoption, Publication, PublicationMode, Revision
from documents.permissions import DocumentPermission
from documents.publication import reached_ids
from documents.reading_below import ask_below, asked_below


@dataclass(frozen=True)
class ReadingBelow:
    """Of one edition: who below is asked to read it since when, who is not, and why."""

    is_studied: bool
    is_imported: bool
    asked: dict[int, date]
    silent: frozenset[int]  # work by it and ask nobody

    @property
    def may_be_asked(self) -> bool:
        """Say whether it takes a decision to ask somebody, and there is somebody to ask."""
        return self.is_studied and self.is_imported and bool(self.silent)


def reading_below(session: Session, publication: Publication, revision: Revision) -> ReadingBelow:
    """Say who below reads an edition: the same questions however many bodies there are."""
    asked = asked_below(session, revision)
    working = _working_by(session, publication, revision)
    return ReadingBelow(
        is_studied(revision),
        bool(imported_ones(session, [revision])),
        {body_id: since for body_id, since in asked.items() if body_id in working},
        working - asked.keys(),
    )


def _working_by(session: Session, publication: Publication, revision: Revision) -> frozenset[int]:
    """Give the bodies that work by an edition: those bound, or those that adopted it."""
    reached = reached_ids(session, publication)
    if publication.mode is PublicationMode.BINDING:
        return reached
    adopted: Iterable[int] = session.scalars(
        sa.select(Adoption.body_id).where(
            Adoption.publication_id == publication.id,
            Adoption.revision_id == revision.id,
            Adoption.ended_at.is_(None),
        )
    )
    return reached.intersection(adopted)


def ask_bodies_below(work: Work, publication: Publication) -> int:
    """Ask every body that works by an imported edition to read it; return how many were asked."""
    work.require(DocumentPermission.PUBLISH, publication)
    document = work.fresh(publication.document)
    publication = work.fresh(publication)
    revision = register.effective_revision(work.session, document)
    if revision is None or not publication.is_open:
        raise RuleBroken(N_("It is published to nobody any more."), rule="O4")
    found = reading_below(work.session, publication, revision)
    if not found.may_be_asked:
        raise RuleBroken(
            N_("No body below waits to be asked to read %(code)s %(edition)s."),
            rule="O4",
            code=revision.code,
            edition=revision.label,
        )
    ask_below(work, [revision], found.silent, imported_too=True)
    work.record(
        DocumentFact.READING_ASKED_BELOW,
        publication,
        edition=revision.label,
        count=len(found.silent),
    )
    return len(found.silent)
