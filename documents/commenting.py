"""Comments on a passage, and their resolution (a18)."""

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.work import Work
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Comment, Revision, RevisionState
from documents.permissions import DocumentPermission


def comment_on(
    work: Work, revision: Revision, text: str, *, block: int | None = None, quote: str = ""
) -> Comment:
    """Make a remark on a passage of an open revision; its authors are told."""
    work.require(DocumentPermission.COMMENT, revision)
    text = text.strip()
    if not text:
        raise InvalidInput(N_("Write what you want to say."), field="text")
    if not revision.is_open:
        raise RuleBroken(
            N_("Comments are made before a revision comes into force. Propose a change instead.")
        )
    comment = Comment(
        body_id=revision.body_id,
        revision=revision,
        round=revision.round,
        author_id=work.actor.id,
        author=work.actor,
        block=block,
        quote=quote.strip()[:500],
        text=text[:4000],
        made_at=work.now,
    )
    work.add(comment)
    work.record(DocumentFact.COMMENT_MADE, comment)
    if revision.state is not RevisionState.DRAFT:  # D14: nobody hears of a draft
        work.notify(
            DocumentNotice.COMMENTED,
            revision,
            to=revision.authors,
            code=revision.code,
            edition=revision.label,
        )
    return comment


def resolve_comment(work: Work, comment: Comment, *, resolution: str = "") -> None:
    """Mark a remark as dealt with, saying how."""
    work.require(DocumentPermission.RESOLVE_COMMENT, comment)
    comment = work.fresh(comment)
    comment.resolve(work.actor, resolution, at=work.now)
    work.record(DocumentFact.COMMENT_RESOLVED, comment)
