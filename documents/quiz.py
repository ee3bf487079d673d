"""The quiz on what changed: set by the owner, answered by the readers, with a pass mark (a36)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.search import nfc
from app.kernel.work import Work
from documents.distribution import planned
from documents.facts import DocumentFact
from documents.models import Distribution, QuizAttempt, QuizQuestion, Revision, RevisionState
from documents.permissions import DocumentPermission
from documents.reading import asking, give_word

MOST_QUESTIONS = 5


@dataclass(frozen=True)
class Question:
    """One question as the owner writes it."""

    text: str
    choices: tuple[str, ...]
    right: int


def set_quiz(work: Work, revision: Revision, questions: list[Question], pass_mark: int) -> None:
    """Set the quiz of a revision before anybody answered it; no question takes it away."""
    revision = work.fresh(revision)
    work.require(DocumentPermission.ADJUST_DISTRIBUTION, revision)
    if not revision.is_open and revision.state is not RevisionState.EFFECTIVE:
        raise RuleBroken(
            N_("This revision is %(state)s; nobody reads it now."), state=revision.state
        )
    if work.session.scalar(
        sa.select(QuizAttempt.id).where(QuizAttempt.revision_id == revision.id).limit(1)
    ):
        raise RuleBroken(N_("Somebody answered this quiz already, so it stays as it is."))
    _check(questions, pass_mark)
    distribution = planned(work, revision)
    for question in list(distribution.questions):
        distribution.questions.remove(question)
        work.session.delete(question)
    work.session.flush()
    distribution.questions = [
        QuizQuestion(
            position=position,
            text=nfc(one.text).strip(),
            choices=[nfc(choice).strip() for choice in one.choices],
            right_choice=one.right,
        )
        for position, one in enumerate(questions, start=1)
    ]
    distribution.pass_mark = pass_mark if questions else None
    work.record(
        DocumentFact.QUIZ_SET,
        revision,
        distribution=distribution,
        count=len(questions),
        pass_mark=distribution.pass_mark,
    )


def _check(questions: list[Question], pass_mark: int) -> None:
    if not 1 <= pass_mark <= 100:
        raise InvalidInput(
            N_("Give a number from %(least)s to %(most)s."), field="pass_mark", least=1, most=100
        )
    if len(questions) > MOST_QUESTIONS:
        raise InvalidInput(N_("Five questions at most: a quiz is short."), field="text_1")
    for number, one in enumerate(questions, start=1):
        if not one.text.strip():
            raise InvalidInput(N_("Write the question."), field=f"text_{number}")
        choices = {nfc(choice).strip() for choice in one.choices}
        if not 2 <= len(one.choices) <= 6 or len(choices) < len(one.choices) or "" in choices:
            raise InvalidInput(
                N_("Give two to six different answers, one in a line."), field=f"choices_{number}"
            )
        if not 0 <= one.right < len(one.choices):
            raise InvalidInput(N_("Say which line is the right answer."), field=f"right_{number}")


def answer_quiz(work: Work, revision: Revision, answers: dict[int, int]) -> QuizAttempt:
    """Take a reader's answers; with the pass mark reached they confirm the revision with it.

    An attempt that does not reach it is kept as well, and confirms nothing.
    """
    work.require(DocumentPermission.ACKNOWLEDGE, revision)
    revision = work.fresh(revision)
    distribution = asking(work, revision)
    if not distribution.questions:
        raise RuleBroken(N_("There are no questions on this revision."))
    missing = [one for one in distribution.questions if one.id not in answers]
    if missing:
        raise InvalidInput(N_("Answer every question."), field=f"question_{missing[0].id}")
    right = sum(answers[one.id] == one.right_choice for one in distribution.questions)
    attempt = QuizAttempt(
        body_id=revision.body_id,
        revision_id=revision.id,
        cycle=distribution.cycle,
        person_id=work.actor.id,
        right_answers=right,
        questions=len(distribution.questions),
        is_passed=_passes(distribution, right),
        answered_at=work.now,
    )
    work.add(attempt)
    work.record(
        DocumentFact.QUIZ_ANSWERED,
        revision,
        attempt=attempt,
        right_answers=right,
        questions=attempt.questions,
    )
    if attempt.is_passed:
        give_word(work, revision, distribution)
    return attempt


def _passes(distribution: Distribution, right: int) -> bool:
    return right * 100 >= (distribution.pass_mark or 0) * len(distribution.questions)
