"""What somebody was typing: personal, untrailed, kept seven days (P5: nothing typed is lost)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.accounts import Draft
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.people import Person
from app.kernel.work import Work

KEPT = timedelta(days=7)
MOST_BYTES = 200_000
LONGEST_PLACE = 200

Typed = dict[str, list[str]]


def keep_draft(work: Work, place: str, typed: Typed, *, most: int = MOST_BYTES) -> None:
    """Keep what the actor typed at a place; a later draft of the same place replaces it."""
    if not place or len(place) > LONGEST_PLACE:
        raise InvalidInput(N_("A draft needs the address of its form."), field="place")
    content = json.dumps(typed, ensure_ascii=False)
    if len(content.encode("utf-8", "surrogatepass")) > most:
        raise InvalidInput(N_("This is too much text for a draft. Save the form itself."))
    draft = _draft(work.session, work.actor, place)
    if draft is None:
        draft = Draft(person_id=work.actor.id, place=place, content=content, saved_at=work.now)
        work.add(draft)
    draft.content, draft.saved_at = content, work.now


def draft_of(session: Session, person: Person, place: str, now: datetime) -> Draft | None:
    """Give what somebody was typing at a place, unless it is over seven days old."""
    draft = _draft(session, person, place)
    return draft if draft is not None and now - draft.saved_at < KEPT else None


def typed_in(draft: Draft) -> Typed:
    """Give the fields of a draft with what was typed into them."""
    return {
        str(name): [str(text) for text in texts]
        for name, texts in json.loads(draft.content).items()
    }


def forget_draft(work: Work, place: str) -> None:
    """Forget the actor's draft of a place, once its form was sent."""
    work.session.execute(
        sa.delete(Draft).where(Draft.person_id == work.actor.id, Draft.place == place)
    )


def forget_old_drafts(work: Work) -> int:
    """Forget drafts of every person that nobody came back to; a daily job."""
    gone = work.session.scalars(
        sa.delete(Draft).where(Draft.saved_at < work.now - KEPT).returning(Draft.id)
    )
    return len(gone.all())


def _draft(session: Session, person: Person, place: str) -> Draft | None:
    return session.scalars(
        sa.select(Draft).where(Draft.person_id == person.id, Draft.place == place)
    ).one_or_none()
