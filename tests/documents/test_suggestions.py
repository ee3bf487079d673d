"""Suggested wordings, late opinions, quorum: who decides, who only speaks (a13, a19, a20, D3)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.commenting import (
    accepted_wordings,
    answer_suggestion,
    comment_on,
    comments_of,
    give_opinion,
    resolve_comment,
    stands_in,
    suggest_wording,
)
from documents.drafting import bring_file
from documents.models import Answer, CommentKind, Need, RevisionState
from tests.builders import (
    MONDAY,
    Office,
    a_brought_file,
    a_deputy,
    a_draft,
    a_person,
    a_route,
    a_step,
    answered,
    sign_in,
    submitted,
)


def _suggested(revision, person, old="tiếp nhận", new="nhận", reason="Gọn hơn."):
    with unit_of_work(person, now=MONDAY) as work:
        return suggest_wording(work, work.fresh(revision), old=old, new=new, reason=reason)


def _answer(comment, person, accepted, word=""):
    with unit_of_work(person, now=MONDAY) as work:
        answer_suggestion(work, work.fresh(comment), accepted=accepted, word=word)


def _sent():
    office = Office()
    return office, submitted(a_draft(office.author, office.document()), office.author)


@pytest.mark.covers("a19")
def test_only_an_author_accepts_a_wording_or_declines_it_with_a_word(app):
    office, revision = _sent()
    comment = _suggested(revision, office.manager)
    assert (comment.kind, comment.quote, comment.proposed) == (
        CommentKind.SUGGESTION,
        "tiếp nhận",
        "nhận",
    )
    for person in (office.manager, office.officer, office.leader):
        with pytest.raises((Forbidden, RuleBroken)):
            _answer(comment, person, True)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        resolve_comment(work, work.fresh(comment), resolution="Xong.")
    with pytest.raises(RuleBroken):
        _answer(comment, office.author, False)
    _answer(comment, office.author, False, "Luật dùng từ này.")
    assert (comment.is_accepted, comment.resolution) == (False, "Luật dùng từ này.")
    with pytest.raises(RuleBroken):
        _answer(comment, office.author, True)


@pytest.mark.covers("a19")
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("không có trong bản", "x", "a"),
        ("", "x", "a"),
        ("hồ sơ", "hồ sơ", "a"),
        ("hồ sơ", "x", " "),
    ],
)
def test_a_suggestion_names_words_of_the_text_others_for_them_and_why(app, old, new, reason):
    office, revision = _sent()
    with pytest.raises(InvalidInput):
        _suggested(revision, office.manager, old, new, reason)


@pytest.mark.covers("a19", "D2")
def test_an_accepted_wording_is_listed_with_the_round_it_went_into(app):
    office, revision = _sent()
    taken = _suggested(revision, office.manager)
    missed = _suggested(revision, office.manager, "hồ sơ", "giấy tờ")
    for comment in (taken, missed):
        _answer(comment, office.author, True)
    assert taken.went_into is None
    answered(revision, office.manager, Answer.RETURN, "Sửa như góp ý.")
    with unit_of_work(office.author, now=MONDAY) as work:
        bring_file(work, work.fresh(revision), a_brought_file("Công chức nhận hồ sơ."))
    assert [stands_in(db.session(), revision, one) for one in (taken, missed)] == [True, False]
    submitted(revision, office.author)
    assert (taken.went_into, taken.went_into_round) == (revision, 2)
    assert accepted_wordings(db.session(), revision) == [missed]  # kept for the next draft


@pytest.mark.covers("a19", "D14")
def test_nobody_hears_of_a_suggestion_on_a_draft(app):
    office = Office()
    draft = a_draft(office.author, office.document())
    _suggested(draft, office.manager)
    told = sa.select(Notice).where(Notice.kind == "comment.made")
    assert db.session.scalars(told).all() == []
    submitted(draft, office.author)
    _suggested(draft, office.manager)
    assert [one.person_id for one in db.session.scalars(told)] == [office.author.id]


def _leaders(office, count):
    return [
        a_person(office.body, Role.LEADER, name=f"Lãnh đạo {letter}") for letter in "ABCD"[:count]
    ]


def _asked(count, need, quorum=None):
    office = Office()
    people = _leaders(office, count)
    a_route(office.body, a_step(*people, need=need, quorum=quorum))
    return office, people, submitted(a_draft(office.author, office.document()), office.author)


def _opinion(revision, person, seat=None, answer=Answer.AGREE, text="Tôi thấy đúng."):
    with unit_of_work(person, now=MONDAY) as work:
        return give_opinion(work, work.fresh(revision.package), answer, text, seat=seat)


@pytest.mark.covers("a20", "D3", "D8")
def test_who_answers_after_another_returned_it_gives_an_opinion_that_decides_nothing(app):
    office, (first, second), revision = _asked(2, Need.ALL)
    answered(revision, first, Answer.RETURN, "Sai căn cứ.")
    with pytest.raises((Forbidden, RuleBroken)):
        answered(revision, second)
    opinion = _opinion(revision, second)
    assert (opinion.kind, opinion.answer, opinion.round) == (CommentKind.OPINION, Answer.AGREE, 1)
    assert (revision.state, revision.round) == (RevisionState.DRAFT, 2)
    assert comments_of(db.session(), revision) == [opinion]
    with pytest.raises(RuleBroken):
        _opinion(revision, second)
    for person in (first, office.author, office.staff):
        with pytest.raises((Forbidden, RuleBroken)):
            _opinion(revision, person)
    submitted(revision, office.author)
    answered(revision, second)  # the next round asks anew


@pytest.mark.covers("a20", "O2", "a22")
def test_a_deputys_opinion_names_for_whom(app):
    office, (first, second), revision = _asked(2, Need.ALL)
    a_deputy(second, office.staff)
    answered(revision, first, Answer.RETURN, "Sai căn cứ.")
    opinion = _opinion(revision, office.staff, second)
    assert (opinion.author, opinion.acting_for) == (office.staff, second)
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "comment.opinion_given")
    ).one()
    assert (entry.actor_id, entry.acting_for_id) == (office.staff.id, second.id)


@pytest.mark.covers("a13", "D3", "D8")
def test_where_a_number_decides_one_return_is_counted_and_the_others_go_on(app):
    _, (first, second, third), revision = _asked(3, Need.QUORUM, 2)
    answered(revision, first, Answer.RETURN, "Tôi không đồng ý.")
    assert revision.state is RevisionState.IN_APPROVAL
    with pytest.raises(RuleBroken):
        answered(revision, first)
    answered(revision, second)
    assert revision.state is RevisionState.IN_APPROVAL
    answered(revision, third)
    assert revision.package.is_signed_through()
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("a13", "D8", "a20")
def test_where_the_rest_cannot_reach_the_number_it_is_returned(app):
    _, (first, second, third), revision = _asked(3, Need.QUORUM, 2)
    answered(revision, first, Answer.RETURN, "Sai căn cứ.")
    answered(revision, third, Answer.RETURN, "Thiếu biểu mẫu.")
    assert (revision.state, revision.round) == (RevisionState.DRAFT, 2)
    facts = [entry.fact for entry in db.session.scalars(sa.select(TrailEntry))]
    assert (facts.count("revision.return_counted"), facts.count("revision.returned")) == (1, 1)
    assert _opinion(revision, second).kind is CommentKind.OPINION


@pytest.mark.covers("a13")
def test_a_number_that_is_all_of_them_is_lost_with_the_first_return(app):
    _, (first, _), revision = _asked(2, Need.QUORUM, 2)
    answered(revision, first, Answer.RETURN, "Sai căn cứ.")
    assert revision.state is RevisionState.DRAFT


@pytest.mark.covers("a19", "a22", "O2", "L16")
def test_a_deputys_comment_and_suggestion_name_for_whom_as_decisions_do(app, client):
    office, revision = _sent()
    a_deputy(office.manager, office.staff)
    suggested = _suggested(revision, office.staff)
    with unit_of_work(office.staff, now=MONDAY) as work:
        remark = comment_on(work, work.fresh(revision), "Thiếu biểu mẫu.")
    for comment in (suggested, remark):
        assert (comment.author, comment.acting_for) == (office.staff, office.manager)
    told = sa.select(TrailEntry.actor_id, TrailEntry.acting_for_id).where(
        TrailEntry.fact.in_(["comment.made", "comment.wording_suggested"])
    )
    assert db.session.execute(told).all() == [(office.staff.id, office.manager.id)] * 2
    sign_in(client, office.author)
    page = client.get(f"/r/{revision.id}").get_data(as_text=True)
    assert page.count(f"{office.staff.name} thay {office.manager.name}") >= 2


@pytest.mark.covers("a22", "O2")
def test_who_may_comment_on_their_own_speaks_for_nobody(app):
    office, revision = _sent()
    a_deputy(office.manager, office.officer)
    assert _suggested(revision, office.officer).acting_for is None
