"""Holding the file of a draft while one edits it; what came too late is kept aside (a7, 7.5.3.2 c).

Nobody is told by letter: a draft is its authors' own business until it is submitted (D14).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.files import StoredFile
from app.kernel.people import Person
from app.kernel.work import Work
from documents.drafting import bring_file
from documents.facts import DocumentFact
from documents.models import AsideFile, CheckOut, FileReading, FileRole, Revision
from documents.permissions import DocumentPermission
from documents.storing import BroughtFile, store_rows


def open_check_out(session: Session, revision: Revision) -> CheckOut | None:
    """Give the check-out nobody ended yet; its time may have run out."""
    return session.scalars(
        sa.select(CheckOut)
        .options(joinedload(CheckOut.person))
        .where(CheckOut.revision_id == revision.id, CheckOut.ended_at.is_(None))
    ).one_or_none()


def held(session: Session, revision: Revision, now: datetime) -> CheckOut | None:
    """Give who holds the file of a draft at a moment, and until when."""
    found = open_check_out(session, revision)
    return found if found is not None and found.is_held(now) else None


def _by_another(holder: CheckOut) -> RuleBroken:
    return RuleBroken(
        N_("%(name)s holds this file until %(until)s. Wait, or ask for it back."),
        name=holder.person.name,
        until=holder.held_until,
    )


def check_out(work: Work, revision: Revision) -> CheckOut:
    """Take the file of a draft to edit it: others see who holds it, and until when."""
    work.require(DocumentPermission.DRAFT_REVISION, revision)
    revision = work.fresh(revision)  # of two who take it at once the second is told of the first
    if obstacle := revision.files_obstacle():
        raise obstacle
    main = revision.main_file
    if main is None:
        raise RuleBroken(N_("This draft has no file yet."))
    former = open_check_out(work.session, revision)
    if former is not None and former.is_held(work.now):
        if former.person_id == work.actor.id:
            return former
        raise _by_another(former)
    if former is not None:
        former.end(at=former.held_until, by=None)
        work.session.flush()
    hours = int(revision.document.body.setting("check_out_hours"))
    taken = CheckOut(
        body_id=revision.body_id,
        revision=revision,
        person_id=work.actor.id,
        person=work.actor,
        sha256=main.sha256,
        taken_at=work.now,
        held_until=work.now + timedelta(hours=hours),
    )
    work.add(taken)
    work.record(
        DocumentFact.CHECKED_OUT,
        taken,
        until=taken.held_until,
        former=former,
        name=main.name,
        files=[{"sha256": main.sha256}],
    )
    return taken


def end_check_out(work: Work, taken: CheckOut, *, reason: str = "") -> None:
    """Give the file back unchanged; take it from another only in charge of it, with a reason."""
    work.fresh(taken.revision)
    taken = work.fresh(taken)
    if taken.ended_at is not None:
        raise RuleBroken(N_("This file is not held any more."))
    if taken.person_id == work.actor.id:
        taken.end(at=work.now, by=work.actor)
        work.record(DocumentFact.GIVEN_BACK, taken)
        return
    work.require(DocumentPermission.BREAK_CHECK_OUT, taken.revision)
    if not reason.strip():
        raise InvalidInput(
            N_("Say why it is taken back; whoever holds it reads it."), field="reason"
        )
    taken.end(at=work.now, by=work.actor, reason=reason)
    work.record(DocumentFact.CHECK_OUT_BROKEN, taken, reason=taken.end_reason)


def _unfinished(session: Session, revision: Revision, person: Person) -> CheckOut | None:
    """Give somebody's newest check-out where it ran out or was broken, not ended by themselves."""
    newest = session.scalars(
        sa.select(CheckOut)
        .where(CheckOut.revision_id == revision.id, CheckOut.person_id == person.id)
        .order_by(CheckOut.id.desc())
        .limit(1)
    ).one_or_none()
    return newest if newest is not None and newest.ended_by_id != person.id else None


def check_in_obstacle(
    session: Session, revision: Revision, person: Person, now: datetime, *, made_from: str = ""
) -> RuleBroken | None:
    """Say why a file cannot become the draft's; `made_from` is a digest."""
    holder = held(session, revision, now)
    if holder is not None and holder.person_id != person.id:
        return _by_another(holder)
    main = revision.main_file
    taken = _unfinished(session, revision, person)
    base = taken.sha256 if taken is not None else made_from
    if main is not None and base and base != main.sha256:
        return RuleBroken(
            N_("Your file was made from an older one: %(name)s has come in since."), name=main.name
        )
    return None


def end_own(work: Work, revision: Revision) -> None:
    """End the actor's own check-out: their file came in, or the draft is submitted."""
    taken = open_check_out(work.session, revision)
    if taken is not None and taken.person_id == work.actor.id:
        taken.end(at=work.now, by=work.actor)
        work.record(DocumentFact.CHECKED_IN, taken)


def check_nobody_holds(work: Work, revision: Revision) -> None:
    """Refuse to submit while somebody else edits the file; one's own check-out ends."""
    holder = held(work.session, revision, work.now)
    if holder is not None and holder.person_id != work.actor.id:
        raise _by_another(holder)
    end_own(work, revision)


def keep_aside(work: Work, revision: Revision, brought: BroughtFile) -> AsideFile:
    """Keep a file that cannot become the draft's, so that nothing of it is lost."""
    work.require(DocumentPermission.DRAFT_REVISION, revision)
    store_rows(work, brought)
    kept = AsideFile(
        body_id=revision.body_id,
        revision=revision,
        sha256=brought.sha256,
        name=brought.name,
        size=brought.size,
        brought_by_id=work.actor.id,
        brought_by=work.actor,
        brought_at=work.now,
    )
    work.add(kept)
    taken = _unfinished(work.session, revision, work.actor)
    if taken is not None and not taken.is_held(work.now):
        taken.end(at=taken.ended_at or taken.held_until, by=work.actor, reason=taken.end_reason)
    work.record(DocumentFact.FILE_KEPT_ASIDE, kept, taken=taken, files=[{"sha256": brought.sha256}])
    return kept


def kept_aside(session: Session, revision: Revision) -> list[AsideFile]:
    """Give the files kept aside that nobody has used, newest first."""
    return list(
        session.scalars(
            sa.select(AsideFile)
            .options(joinedload(AsideFile.brought_by))
            .where(AsideFile.revision_id == revision.id, AsideFile.used_at.is_(None))
            .order_by(AsideFile.id.desc())
        )
    )


def aside_file(session: Session, revision: Revision, aside_id: int) -> AsideFile:
    """Give one file kept aside of a revision."""
    found = session.get(AsideFile, aside_id)
    if found is None or found.revision_id != revision.id:
        raise NotFound()
    return found


def use_aside(work: Work, kept: AsideFile) -> None:
    """Let a file kept aside become the draft's after all, by whoever compared the two."""
    revision = work.fresh(kept.revision)
    kept = work.fresh(kept)
    if kept.used_at is not None:
        raise RuleBroken(N_("This file was used already."))
    holder = held(work.session, revision, work.now)
    if holder is not None and holder.person_id != work.actor.id:
        raise _by_another(holder)
    stored = work.session.scalars(
        sa.select(StoredFile).where(StoredFile.sha256 == kept.sha256)
    ).one()
    reading = work.session.scalars(
        sa.select(FileReading)
        .where(FileReading.sha256 == kept.sha256)
        .order_by(FileReading.id.desc())
        .limit(1)
    ).one_or_none()
    bring_file(
        work,
        revision,
        BroughtFile(
            sha256=kept.sha256,
            name=kept.name,
            size=kept.size,
            media_type=stored.media_type,
            reader=reading.reader if reading is not None else "",
            reading=reading.content if reading is not None else "",
        ),
        role=FileRole.MAIN,
    )
    kept.used_at = work.now
    work.record(DocumentFact.ASIDE_USED, kept)
    end_own(work, revision)
