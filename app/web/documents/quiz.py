"""Setting the quiz of a revision beside what changed in it (screens 8 and 9; a36)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.work import unit_of_work
from app.web.documents.distribution import distribution_address, revision_for
from app.web.documents.links import is_given
from app.web.documents.redlines import redline_of
from app.web.guard import requires, signed_in
from app.web.page import at_field, done, page
from documents import register
from documents.models import Revision
from documents.permissions import DocumentPermission
from documents.quiz import Question, set_quiz
from forms.screen.distribution import QUESTIONS, QuizForm

bp = Blueprint("quiz", __name__)


@bp.route("/r/<int:revision_id>/quiz", methods=["GET", "POST"])
@requires(DocumentPermission.ADJUST_DISTRIBUTION)
def change(revision_id: int) -> ResponseReturnValue:
    """Set up to five questions, with what changed beside them."""
    revision = revision_for(revision_id, DocumentPermission.ADJUST_DISTRIBUTION)
    if is_given(revision.document):  # the questions are of the body that gave it (O4)
        raise NotFound()
    form, status = QuizForm(), 200
    if request.method != "POST":
        _fill(form, revision)
    elif not form.validate_on_submit():
        status = 422
    else:
        try:
            with unit_of_work(signed_in()) as work:
                set_quiz(work, revision, _questions(form), form.pass_mark.data or 0)
            return done(gettext("The questions are kept."), to=distribution_address(revision))
        except InvalidInput as refused:
            status = at_field(form, refused)
    return page(
        "documents/quiz.html",
        status=status,
        revision=revision,
        document=revision.document,
        form=form,
        numbers=range(1, QUESTIONS + 1),
        excerpts=_excerpts(revision),
        back=distribution_address(revision),
        action=url_for("quiz.change", revision_id=revision.id),
    )


def _fill(form: QuizForm, revision: Revision) -> None:
    distribution = revision.distribution
    form.pass_mark.data = (distribution.pass_mark if distribution is not None else None) or 80
    for number, one in enumerate(distribution.questions if distribution else [], start=1):
        form[f"text_{number}"].data = one.text
        form[f"choices_{number}"].data = "\n".join(one.choices)
        form[f"right_{number}"].data = one.right_choice + 1


def _questions(form: QuizForm) -> list[Question]:
    """Give the questions that were written; an empty set of fields is none."""
    found = []
    for number in range(1, QUESTIONS + 1):
        text = form[f"text_{number}"].data or ""
        lines = (form[f"choices_{number}"].data or "").splitlines()
        choices = tuple(line.strip() for line in lines if line.strip())
        if text.strip() or choices:
            right = form[f"right_{number}"].data
            found.append(Question(text, choices, (right or 0) - 1))
    return found


def _excerpts(revision: Revision) -> list[dict[str, object]]:
    """Give the changed passages: what a quiz asks about."""
    files = [one.main_file if one is not None else None for one in (revision.predecessor, revision)]
    before, after = [
        register.reading_of(db.session(), file.sha256) if file is not None else None
        for file in files
    ]
    if before is None or after is None or before.scan or after.scan:
        return []
    return redline_of(before, after).excerpts[:12]
