"""Periodic reviews: evidence, verdict with its reason, the next date (D7; a30, a31)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken, Stale
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from documents.change_request import ChangeData, ask_for_change
from documents.models import ChangeSource, ChangeState, Verdict
from documents.overdue_review import overdue_documents
from documents.periodic_review import due_reviews, evidence_of, review_document, reviews_of
from tests.builders import MONDAY, TODAY, Office, a_body
from tests.counting import queries
from tests.documents.test_laws import CITING, NEW, OLD, registered

LATER = datetime(2028, 11, 24, 2, 0, tzinfo=UTC)
LATER_DAY = date(2028, 11, 24)


def reviewed(person, revision, verdict=Verdict.KEEP, reason="Vẫn đúng", now=LATER, **more):
    with unit_of_work(person, now=now) as work:
        return review_document(
            work,
            work.fresh(revision.document),
            verdict,
            reason=reason,
            revision_id=more.get("revision_id", revision.id),
            seen=more.get("seen"),
        )


def held(person, on=LATER_DAY):
    return standing_of(db.session(), person, on)


@pytest.mark.covers("D7", "a30", "a31")
def test_keeping_a_document_sets_its_next_review_and_quiets_the_ladder(app):
    office = Office()
    revision = office.effective()
    document = revision.document
    assert document.next_review_on == date(2028, 11, 23)
    assert overdue_documents(db.session(), office.body.id, LATER_DAY) == [document.id]
    review = reviewed(office.author, revision)
    assert (review.due_on, review.next_on) == (date(2028, 11, 23), date(2030, 11, 24))
    assert document.next_review_on == date(2030, 11, 24)
    assert overdue_documents(db.session(), office.body.id, LATER_DAY) == []
    assert reviews_of(db.session(), document) == [review]


@pytest.mark.covers("a31")
def test_the_evidence_is_kept_with_the_review_as_it_was(app):
    office = Office()
    old = registered(office, OLD)
    revision = office.effective(text=CITING)
    registered(office, NEW, changes=old)
    with unit_of_work(office.staff, now=MONDAY) as work:
        request = ask_for_change(work, ChangeData("Sửa."), [work.fresh(revision.document)])
    seen = evidence_of(db.session(), held(office.author), revision.document, revision, LATER_DAY)
    assert [law.number for law in seen.laws] == [OLD]
    assert not seen.is_quiet
    assert seen.requests == (request,)
    assert seen.months == 24
    assert seen.revisions == 1
    review = reviewed(office.author, revision, reason="Điều khoản cũ không dùng nữa")
    assert review.evidence["laws"][0] | {"changed_on": ""} == {
        "number": OLD,
        "state": "replaced",
        "changed_on": "",
        "by": NEW,
    }
    assert review.evidence["requests"] == [request.number]


@pytest.mark.covers("a31", "D7")
@pytest.mark.parametrize("verdict", [Verdict.REVISE, Verdict.WITHDRAW])
def test_other_verdicts_raise_an_accepted_request_and_are_looked_at_again(app, verdict):
    office = Office()
    revision = office.effective()
    review = reviewed(office.officer, revision, verdict, "Luật đã đổi")
    request = review.request
    assert request.state is ChangeState.ACCEPTED
    assert request.source is ChangeSource.REVIEW
    assert request.owner == office.author
    assert request.reason == "Luật đã đổi"
    assert review.next_on == request.due_on == revision.document.next_review_on


@pytest.mark.covers("a31")
def test_a_review_needs_a_reason_and_the_edition_in_force(app):
    office = Office()
    revision = office.effective()
    with pytest.raises(InvalidInput):
        reviewed(office.author, revision, reason="  ")
    newer = office.effective(revision.document, text="Bản hai.")
    with pytest.raises(RuleBroken) as refused:
        reviewed(office.author, newer, revision_id=revision.id)
    assert refused.value.rule == "D7"
    assert reviews_of(db.session(), revision.document) == []


@pytest.mark.covers("D7")
def test_of_two_reviews_at_once_the_second_is_stale(app):
    office = Office()
    revision = office.effective()
    seen = revision.document.row_version
    reviewed(office.author, revision, seen=seen)
    with pytest.raises(Stale):
        reviewed(office.manager, revision, seen=seen)
    assert len(reviews_of(db.session(), revision.document)) == 1


@pytest.mark.covers("a31", "O1", "O4")
def test_only_those_in_charge_review(app):
    office, other = Office(), Office(a_body())
    revision = office.effective()
    for person in (office.staff, office.leader, office.administrator, other.officer):
        with pytest.raises(Forbidden):
            reviewed(person, revision)
        assert due_reviews(db.session(), held(person), LATER_DAY).rows == []
    for person in (office.author, office.manager, office.officer):
        (row,) = due_reviews(db.session(), held(person), LATER_DAY).rows
        assert row.revision == revision


@pytest.mark.covers("a30", "T18")
def test_the_due_list_pages_by_key_with_a_constant_number_of_questions(app, monkeypatch):
    office = Office()
    monkeypatch.setattr("documents.periodic_review.PAGE", 3)
    counts = []
    for more in (2, 5):
        for _ in range(more):
            office.effective(text=CITING)
        db.session.rollback()
        db.session.expire_all()
        person = held(office.officer)
        with queries() as made:
            for row in due_reviews(db.session(), person, None).rows:
                assert row.document.lead_unit.name
                assert row.revision.label
        counts.append(len(made))
    assert counts[0] == counts[1]
    seen, after = [], None
    while True:
        found = due_reviews(db.session(), held(office.officer), None, after=after)
        seen += [row.document.id for row in found.rows]
        after = found.following
        if after is None:
            break
    assert len(seen) == 7 == len(set(seen))
    assert due_reviews(db.session(), held(office.officer, TODAY), TODAY).rows == []
