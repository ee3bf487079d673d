"""Comments on a passage, suggested wordings, late opinions; how each is dealt with (a18-a20)."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.people import Person
from app.kernel.permissions import Standing, may
from app.kernel.search import nfc
from app.kernel.work import Work
from documents import register
from documents.content.blocks import body_text
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    Answer,
    Comment,
    CommentKind,
    Package,
    Revision,
    RevisionState,
)
from documents.permissions import DocumentPermission, seats_for


def comments_of(session: Session, revision: Revision) -> list[Comment]:
    """Give the comments on a revision, oldest first."""
    return list(
        session.scalars(
            sa.select(Comment)
            .options(
                joinedload(Comment.author),
                joinedload(Comment.resolved_by),
                joinedload(Comment.acting_for),
                joinedload(Comment.went_into),
            )
            .where(Comment.revision_id == revision.id)
            .order_by(Comment.id)
        )
    )


def speaks_for(standing: Standing, revision: Revision) -> Person | None:
    """Give for whom a deputy comments; None for whoever may comment on their own (O2, a22).

    The seat of the open step counts first, as with decisions.
    """
    package = revision.package
    lent = {one.person.id: one.person for one in standing.delegators}
    if package is None or not lent:
        return None
    alone = replace(standing, delegators=())
    if may(alone, DocumentPermission.COMMENT, revision):
        return None
    steps = sorted(package.all_steps, key=lambda step: step is not package.current_step)
    seats = (seat.person for step in steps for seat in seats_for(standing, step))
    return next((person for person in seats if person.id in lent), None)


def comment_on(
    work: Work, revision: Revision, text: str, *, block: int | None = None, quote: str = ""
) -> Comment:
    """Make a remark on a passage of an open revision; its authors are told."""
    work.require(DocumentPermission.COMMENT, revision)
    text = text.strip()
    if not text:
        raise InvalidInput(N_("Write what you want to say."), field="text")
    _check_open(revision)
    comment = _comment(work, revision, text[:4000], block=block, quote=quote.strip()[:500])
    work.add(comment)
    work.record(DocumentFact.COMMENT_MADE, comment)
    _tell_authors(work, revision)
    return comment


def _check_open(revision: Revision) -> None:
    if not revision.is_open:
        raise RuleBroken(
            N_("Comments are made before a revision comes into force. Propose a change instead.")
        )


def _comment(
    work: Work, revision: Revision, text: str, *, block: int | None = None, quote: str = ""
) -> Comment:
    other = speaks_for(work.standing, revision)
    if other is not None:
        work.acting_for = other
    return Comment(
        body_id=revision.body_id,
        revision=revision,
        round=revision.round,
        author_id=work.actor.id,
        author=work.actor,
        acting_for_id=other.id if other is not None else None,
        block=block,
        quote=quote,
        text=text,
        made_at=work.now,
    )


def _tell_authors(work: Work, revision: Revision) -> None:
    if revision.state is not RevisionState.DRAFT:  # D14: nobody hears of a draft
        work.notify(
            DocumentNotice.COMMENTED,
            revision,
            to=revision.authors,
            code=revision.code,
            edition=revision.label,
        )


def resolve_comment(work: Work, comment: Comment, *, resolution: str = "") -> None:
    """Mark a remark as dealt with, saying how."""
    work.require(DocumentPermission.RESOLVE_COMMENT, comment)
    comment = work.fresh(comment)
    comment.resolve(work.actor, resolution, at=work.now)
    work.record(DocumentFact.COMMENT_RESOLVED, comment)


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())


def _words_of(session: Session, revision: Revision) -> str:
    main = revision.main_file
    reading = register.reading_of(session, main.sha256) if main is not None else None
    return _plain(body_text(reading)) if reading is not None else ""


def suggest_wording(
    work: Work,
    revision: Revision,
    *,
    old: str,
    new: str,
    reason: str,
    block: int | None = None,
) -> Comment:
    """Suggest words in place of others of the text; an author accepts or declines (a19)."""
    work.require(DocumentPermission.COMMENT, revision)
    _check_open(revision)
    old, new, reason = _plain(old), _plain(new), reason.strip()
    if not old or old not in _words_of(work.session, revision):
        raise InvalidInput(
            N_("These words are not in the text. Copy them from it, within one passage."),
            field="quote",
        )
    if old == new:
        raise InvalidInput(N_("The new words are the old ones."), field="proposed")
    if not reason:
        raise InvalidInput(N_("Say why; the author decides by it."), field="text")
    comment = _comment(work, revision, reason[:4000], block=block, quote=old[:2000])
    comment.kind, comment.proposed = CommentKind.SUGGESTION, new[:2000]
    work.add(comment)
    work.record(DocumentFact.WORDING_SUGGESTED, comment)
    _tell_authors(work, revision)
    return comment


def answer_suggestion(work: Work, comment: Comment, *, accepted: bool, word: str = "") -> None:
    """Accept or decline a suggested wording, as an author of the revision."""
    work.require(DocumentPermission.ACCEPT_SUGGESTION, comment)
    comment = work.fresh(comment)
    comment.answer_suggestion(work.actor, accepted=accepted, word=word, at=work.now)
    fact = DocumentFact.WORDING_ACCEPTED if accepted else DocumentFact.WORDING_DECLINED
    work.record(fact, comment, reason=comment.resolution or None)


def accepted_wordings(session: Session, revision: Revision) -> list[Comment]:
    """Give accepted wordings of a document's revisions that are in none yet, oldest first."""
    return list(
        session.scalars(
            sa.select(Comment)
            .join(Comment.revision)
            .options(joinedload(Comment.author), joinedload(Comment.revision))
            .where(
                Revision.document_id == revision.document_id,
                Comment.is_accepted.is_(True),
                Comment.went_into_id.is_(None),
            )
            .order_by(Comment.id)
        )
    )


def stands_in(session: Session, revision: Revision, comment: Comment) -> bool:
    """Say whether the file of a revision holds the wording, or has lost the words that go."""
    words = _words_of(session, revision)
    if comment.proposed:
        return comment.proposed in words
    return bool(words) and comment.quote not in words


def place_wordings(work: Work, revision: Revision) -> None:
    """Note at submission which accepted wordings this revision now holds."""
    for comment in accepted_wordings(work.session, revision):
        if stands_in(work.session, revision, comment):
            comment = work.fresh(comment)
            comment.go_into(revision)
            work.record(DocumentFact.WORDING_PLACED, comment, revision=revision.id)


def late_seat(package: Package, person: Person, seat: Person | None = None) -> Person | None:
    """Give the seat from which somebody would still have answered when another returned it."""
    step = package.returned_step
    if step is None or person.id in {author.id for author in package.authors}:
        return None
    answered = {decision.seat_id for decision in step.decisions}
    answered |= {decision.decided_by_id for decision in step.decisions}
    wanted = seat or person
    if person.id in answered or wanted.id in answered:
        return None
    return next((one.person for one in step.seats if one.person_id == wanted.id), None)


def give_opinion(
    work: Work,
    package: Package,
    answer: Answer,
    text: str,
    *,
    seat: Person | None = None,
) -> Comment:
    """Keep what a reviewer says after another returned it: an opinion, which decides nothing."""
    package = work.fresh(package)
    wanted = seat or work.actor
    step = package.returned_step
    lent = seats_for(work.standing, step) if step is not None else []
    if wanted.id not in {one.person_id for one in lent}:
        raise Forbidden(DocumentPermission.COMMENT, package)
    if late_seat(package, work.actor, wanted) is None or step is None:
        raise RuleBroken(N_("You answered in this round already."), rule="D3")
    opinion = _comment(work, package.lead, text.strip()[:4000])
    opinion.kind, opinion.round, opinion.answer = CommentKind.OPINION, step.round, answer
    if wanted.id != work.actor.id:
        work.acting_for = wanted
        opinion.acting_for_id = wanted.id
    already = sa.select(Comment.id).where(
        Comment.revision_id == package.lead.id,
        Comment.kind == CommentKind.OPINION,
        Comment.round == step.round,
        Comment.author_id == work.actor.id,
    )
    with work.session.no_autoflush:
        if work.session.scalar(already) is not None:
            raise RuleBroken(N_("Your opinion on this round is kept already."))
    work.add(opinion)
    work.record(DocumentFact.OPINION_GIVEN, opinion)
    return opinion
