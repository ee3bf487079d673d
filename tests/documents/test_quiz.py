"""A quiz on what changed, with a pass mark, instead of a tick alone (a36; 7.2 d)."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import Acknowledgement, QuizAttempt
from documents.quiz import Question, answer_quiz, set_quiz
from documents.reading import acknowledge
from tests.builders import MONDAY, Office, form_token, sign_in

FIVE = Question("Hồ sơ giải quyết trong mấy ngày?", ("Năm ngày", "Bảy ngày"), 1)
WHERE = Question("Nộp ở đâu?", ("Phường", "Quận", "Tỉnh"), 0)


def quizzed(office, *questions, mark=80):
    revision = office.effective()
    with unit_of_work(office.author, now=MONDAY) as work:
        set_quiz(work, revision, list(questions or (FIVE, WHERE)), mark)
    return revision


def answers(revision, *chosen):
    asked = revision.distribution.questions
    return {one.id: choice for one, choice in zip(asked, chosen, strict=False)}


def tried(revision, person, *chosen):
    with unit_of_work(person, now=MONDAY) as work:
        return answer_quiz(work, revision, answers(revision, *chosen))


def count(kind):
    return db.session.scalar(sa.select(sa.func.count(kind.id)))


@pytest.mark.covers("a36", "T1")
def test_the_pass_mark_confirms_and_less_confirms_nothing_and_both_are_kept(app):
    office = Office()
    revision = quizzed(office)
    assert not tried(revision, office.staff, 1, 2).is_passed
    assert count(Acknowledgement) == 0
    assert tried(revision, office.staff, 1, 0).is_passed
    assert (count(Acknowledgement), count(QuizAttempt)) == (1, 2)
    told = db.session.scalars(
        sa.select(TrailEntry.details)
        .where(TrailEntry.fact == "revision.quiz_answered")
        .order_by(TrailEntry.id)
    )
    assert [json.loads(one)["right_answers"] for one in told] == [1, 2]


@pytest.mark.covers("a36")
def test_a_lower_mark_lets_one_wrong_answer_pass(app):
    office = Office()
    assert tried(quizzed(office, mark=50), office.staff, 1, 2).is_passed


@pytest.mark.covers("a36")
def test_where_there_are_questions_a_tick_confirms_nothing(app):
    office = Office()
    revision = quizzed(office)
    with pytest.raises(RuleBroken), unit_of_work(office.staff, now=MONDAY) as work:
        acknowledge(work, revision)
    with pytest.raises(InvalidInput) as refused:
        tried(revision, office.staff, 1)
    assert refused.value.field == f"question_{revision.distribution.questions[1].id}"
    assert (count(Acknowledgement), count(QuizAttempt)) == (0, 0)


@pytest.mark.covers("a36", "D6")
def test_the_quiz_of_an_obsolete_revision_is_refused(app):
    office = Office()
    old = quizzed(office)
    office.effective(old.document, text="Bản hai.")
    with pytest.raises(RuleBroken):
        tried(old, office.staff, 1, 0)


@pytest.mark.covers("a36")
@pytest.mark.parametrize(
    ("question", "field"),
    [
        (Question(" ", ("a", "b"), 0), "text_1"),
        (Question("Mấy?", ("a",), 0), "choices_1"),
        (Question("Mấy?", ("a", "a"), 0), "choices_1"),
        (Question("Mấy?", ("a", "b"), 2), "right_1"),
        (Question("Mấy?", ("a", "b"), -1), "right_1"),
    ],
)
def test_a_question_that_cannot_be_is_refused_at_its_field(app, question, field):
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        quizzed(office, question)
    assert refused.value.field == field


@pytest.mark.covers("a36")
def test_marks_and_numbers_of_questions_have_their_limits(app):
    office = Office()
    with pytest.raises(InvalidInput):
        quizzed(office, mark=101)
    with pytest.raises(InvalidInput):
        quizzed(office, *[WHERE] * 6)


@pytest.mark.covers("a36")
def test_only_the_owner_sets_a_quiz_and_only_before_somebody_answered(app):
    office = Office()
    revision = quizzed(office)
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        set_quiz(work, revision, [FIVE], 80)
    with unit_of_work(office.officer, now=MONDAY) as work:
        set_quiz(work, revision, [WHERE], 100)
    tried(revision, office.staff, 2)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        set_quiz(work, revision, [], 80)


@pytest.mark.covers("a36")
def test_the_reader_answers_on_the_page_and_is_told_what_is_missing(app, client):
    office = Office()
    revision = quizzed(office)
    first, second = revision.distribution.questions
    sign_in(client, office.staff)
    path = f"/read/{revision.id}?lang=en"
    token = form_token(client, path)
    one, two = f"question_{first.id}", f"question_{second.id}"

    def sent(**chosen):
        return client.post(path, data={"csrf_token": token, **chosen})

    missing = sent(**{one: "1"})
    assert missing.status_code == 422
    assert "Answer every question." in missing.get_data(as_text=True)
    wrong = sent(**{one: "1", two: "9"})
    assert wrong.status_code == 422
    failed = sent(**{one: "1", two: "2"})
    assert failed.status_code == 422
    assert "1 of 2 answers were right" in failed.get_data(as_text=True)
    assert sent(**{one: "1", two: "0"}).status_code == 303
    assert count(Acknowledgement) == 1


@pytest.mark.covers("a36")
def test_the_owner_writes_questions_beside_what_changed(app, client):
    office = Office()
    first = office.effective(text="Giải quyết trong năm ngày.")
    revision = office.effective(first.document, text="Giải quyết trong bảy ngày.")
    sign_in(client, office.officer)
    path = f"/r/{revision.id}/quiz?lang=en"
    page = client.get(path).get_data(as_text=True)
    assert "bảy" in page
    values = {"csrf_token": form_token(client, path), "pass_mark": "100", "text_1": "Mấy ngày?"}
    wrong = client.post(path, data={**values, "choices_1": "Năm"})
    assert wrong.status_code == 422
    assert "Mấy ngày?" in wrong.get_data(as_text=True)
    kept = client.post(path, data={**values, "choices_1": "Năm\nBảy", "right_1": "2"})
    assert kept.status_code == 303
    assert [one.right_choice for one in revision.distribution.questions] == [1]
    assert "Mấy ngày?" in client.get(path).get_data(as_text=True)
