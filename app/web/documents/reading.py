"""Read and confirm: what changed for the reader, the text, one button (screen 8; a34, F5)."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.links import link_to
from app.web.documents.openings import note_opening
from app.web.documents.redlines import redline_of
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page, words
from documents import readers, register
from documents.models import Distribution, QuizAttempt, Revision, RevisionState
from documents.models.distribution import reading_obstacle
from documents.permissions import DocumentPermission
from documents.quiz import answer_quiz
from documents.reading import acknowledge
from forms.screen.fields import key_of

bp = Blueprint("reading", __name__)


@bp.get("/read/<int:revision_id>")
@requires(DocumentPermission.ACKNOWLEDGE)
def show(revision_id: int) -> ResponseReturnValue:
    """Show the text with what changed for the reader first; an old edition leads to the current."""
    revision = _revision(revision_id)
    if not _is_readable(revision):
        return redirect(_instead(revision), 302)
    note_opening(revision)
    return _page(revision)


@bp.post("/read/<int:revision_id>")
@requires(DocumentPermission.ACKNOWLEDGE)
def confirm(revision_id: int) -> ResponseReturnValue:
    """Keep the reader's word over exactly this revision."""
    revision = _revision(revision_id)
    answers = _answers(revision)
    try:
        with unit_of_work(signed_in()) as work:
            attempt = None
            if _has_quiz(revision):
                attempt = answer_quiz(work, revision, answers)
            else:
                acknowledge(work, revision)
        if attempt is not None and not attempt.is_passed:
            return _page(revision, attempt=attempt, answers=answers, status=422)
    except InvalidInput as refused:
        return _page(revision, wrong=refused.field, answers=answers, status=422)
    except RuleBroken as refused:
        revision = _revision(revision_id)
        current = register.effective_revision(db.session(), revision.document)
        if current is None or not may(standing(), DocumentPermission.READ_EFFECTIVE, current):
            raise
        note_opening(current)
        return _page(current, problem=words(refused), status=409)
    said = gettext(
        "You confirmed %(code)s %(edition)s.", code=revision.code, edition=revision.label
    )
    return done(said, to=url_for("work.inbox"))


def _distribution(revision: Revision) -> Distribution | None:
    return readers.distribution_of(db.session(), revision, standing())


def _has_quiz(revision: Revision) -> bool:
    """Say whether this reader answers questions: of what can be confirmed, not confirmed yet."""
    distribution = _distribution(revision)
    return (
        distribution is not None
        and bool(distribution.questions)
        and readers.own_acknowledgement(db.session(), distribution, signed_in()) is None
    )


def _answers(revision: Revision) -> dict[int, int]:
    """Give what was chosen, by question; anything that no question offers is left out."""
    found = {}
    distribution = _distribution(revision)
    for one in distribution.questions if distribution is not None else []:
        chosen = key_of(request.form.get(f"question_{one.id}", ""))
        if chosen is not None and chosen < len(one.choices):
            found[one.id] = chosen
    return found


def _revision(revision_id: int) -> Revision:
    """Give a revision of a document this person reads; one before approval is not there yet."""
    found = db.session.get(Revision, revision_id)
    if (
        found is None
        or not may(standing(), DocumentPermission.ACKNOWLEDGE, found)
        or not (_is_asked_before_effect(found) or _has_been_in_force(found))
    ):
        raise NotFound()
    return found


def _has_been_in_force(revision: Revision) -> bool:
    return revision.effective_at is not None and register.sees(
        db.session(), standing(), revision.document
    )


def _is_asked_before_effect(revision: Revision) -> bool:
    """Say whether the viewer is trained on an approved revision before its day (D4, a26)."""
    if revision.state is not RevisionState.APPROVED:
        return False
    distribution = _distribution(revision)
    return (
        distribution is not None
        and distribution.is_asking
        and readers.must_read(db.session(), distribution, signed_in(), standing().on)
    )


def _is_readable(revision: Revision) -> bool:
    return revision.state in (RevisionState.EFFECTIVE, RevisionState.APPROVED)


def _instead(revision: Revision) -> str:
    """Give where to read what took the place of a revision (D6)."""
    current = register.effective_revision(db.session(), revision.document)
    if current is None:
        return link_to(revision.document)
    return url_for("reading.show", revision_id=current.id)


def _page(
    revision: Revision,
    *,
    problem: str = "",
    attempt: QuizAttempt | None = None,
    answers: dict[int, int] | None = None,
    wrong: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    session, person = db.session(), signed_in()
    main = revision.main_file
    reading = register.reading_of(session, main.sha256) if main is not None else None
    distribution = _distribution(revision)
    given = readers.own_acknowledgement(session, distribution, person)
    known = readers.read_before(session, revision, person)
    former = known or revision.predecessor
    before_file = former.main_file if former is not None else None
    before = register.reading_of(session, before_file.sha256) if before_file is not None else None
    compared = before is not None and reading is not None and not (before.scan or reading.scan)
    rendition = register.rendition_of(session, main.sha256) if main is not None else None
    obstacle = reading_obstacle(revision, None, distribution)
    return page(
        "documents/read.html",
        status=status,
        revision=revision,
        document=revision.document,
        distribution=distribution,
        due_on=readers.due_for(session, distribution, person) if distribution is not None else None,
        reading=reading,
        pages=(rendition.pages if rendition and _has_been_in_force(revision) else 0) or 0,
        main_file=main,
        given=given,
        known=known,
        former=former,
        redline=redline_of(before, reading) if compared and reading is not None else None,
        may_confirm=obstacle is None and given is None,
        problem=problem,
        attempt=attempt,
        answers=answers or {},
        wrong_question=wrong,
        document_url=link_to(revision.document)
        if register.sees(session, standing(), revision.document)
        else "",
    )
