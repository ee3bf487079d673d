"""Nothing is sent before submission; comments, reminders and cancelling after it (D14, D8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Person
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.approval import remind
from documents.commenting import comment_on, resolve_comment
from documents.drafting import bring_file, change_draft
from documents.models import Answer, FileRole, Revision, RevisionState
from documents.submission import cancel_package
from tests.builders import (
    MONDAY,
    Office,
    a_brought_file,
    a_draft,
    answered,
    draft_data,
    joined,
    submitted,
)
from tests.documents.test_coming_into_force import THURSDAY


def _notices() -> list[tuple[str, int]]:
    rows = db.session.query(Notice).order_by(Notice.id)
    return [(notice.kind, notice.person_id) for notice in rows]


def _comment(revision: Revision, person: Person, text: str = "Thiếu thời hạn."):
    with unit_of_work(person, now=MONDAY) as work:
        return comment_on(work, work.fresh(revision), text, block=1, quote="tiếp nhận")


def _cancel(revision: Revision, person: Person, reason: str = "Không cần nữa.") -> None:
    with unit_of_work(person, now=MONDAY) as work:
        cancel_package(work, revision, reason=reason)


@pytest.mark.covers("D14")
def test_drafting_sends_nothing_to_anybody(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    other = a_draft(office.author, office.document("Tờ khai"))
    brought = a_brought_file()
    with unit_of_work(office.author, now=MONDAY) as work:
        bring_file(work, revision, brought, role=FileRole.ATTACHMENT)
        change_draft(work, work.fresh(revision), draft_data(revision, reason="Luật mới"))
    joined(revision, other, by=office.author)
    comment = _comment(revision, office.officer)
    with unit_of_work(office.author, now=MONDAY) as work:
        resolve_comment(work, comment, resolution="Đã bổ sung.")
    assert _notices() == []
    _cancel(revision, office.author)
    assert _notices() == []


@pytest.mark.covers("D14", "a10")
def test_submission_asks_the_first_step_and_nobody_else(app):
    office = Office()
    submitted(a_draft(office.author, office.document()), office.author)
    assert _notices() == [("revision.review_asked", office.manager.id)]


@pytest.mark.covers("D14", "a16")
def test_a_returned_draft_is_quiet_again(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager, Answer.RETURN, "Sửa.")
    before = _notices()
    assert before[-1] == ("revision.returned", office.author.id)
    _comment(revision, office.manager)
    assert _notices() == before


@pytest.mark.covers("D8", "a16")
@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_returning_needs_a_reason(app, reason):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(RuleBroken) as refused:
        answered(revision, office.manager, Answer.RETURN, reason)
    assert refused.value.rule == "D8"
    assert revision.state is RevisionState.IN_REVIEW
    assert not revision.package.current_step.decisions


@pytest.mark.covers("a18")
def test_a_comment_is_told_to_the_authors_and_resolved_once(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    comment = _comment(revision, office.manager)
    assert _notices()[-1] == ("comment.made", office.author.id)
    with unit_of_work(office.author, now=MONDAY) as work:
        resolve_comment(work, comment, resolution=" Đã bổ sung. ")
    assert (comment.resolution, comment.resolved_by) == ("Đã bổ sung.", office.author)
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        resolve_comment(work, comment, resolution="Lần nữa.")
    assert comment.resolution == "Đã bổ sung."


@pytest.mark.covers("a18", "O1")
def test_only_those_who_work_on_it_comment_and_only_before_its_effect(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(Forbidden):
        _comment(revision, office.staff)
    with pytest.raises(InvalidInput):
        _comment(revision, office.manager, "  ")
    comment = _comment(revision, office.leader)  # seated at a later step: may read and remark
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        resolve_comment(work, comment)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    with pytest.raises(RuleBroken):
        _comment(revision, office.officer)


@pytest.mark.covers("a21", "D14")
def test_holders_are_reminded_once_a_day(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)

    def remind_at(days: int, by: Person) -> None:
        with unit_of_work(by, now=MONDAY + timedelta(days=days)) as work:
            remind(work, work.fresh(revision.package))

    remind_at(0, office.author)
    with pytest.raises(RuleBroken):
        remind_at(0, office.officer)
    remind_at(1, office.officer)
    reminders = [one for one in _notices() if one[0] == "revision.reminder"]
    assert reminders == [("revision.reminder", office.manager.id)] * 2
    with pytest.raises(Forbidden):
        remind_at(2, office.staff)
    with pytest.raises(RuleBroken):  # the only holder need not remind himself
        remind_at(2, office.manager)


@pytest.mark.covers("a6", "D9")
@pytest.mark.parametrize("stage", ["draft", "in_review", "in_approval", "approved"])
@pytest.mark.parametrize("who", ["author", "officer"])
def test_author_or_quality_officer_cancels_at_any_time_before_effect(app, stage, who):
    office = Office()
    revision = a_draft(office.author, office.document(), effective_on=THURSDAY)
    if stage != "draft":
        submitted(revision, office.author)
    deciders = {"in_approval": 2, "approved": 3}.get(stage, 0)
    for person in (office.manager, office.officer, office.leader)[:deciders]:
        answered(revision, person)
    assert str(revision.state) == stage
    for person in (office.staff, office.manager, office.leader):
        with pytest.raises(Forbidden):
            _cancel(revision, person)
    with pytest.raises(RuleBroken) as refused:
        _cancel(revision, office.author, "  ")
    assert refused.value.rule == "D8"
    _cancel(revision, getattr(office, who))
    assert revision.state is RevisionState.CANCELLED
    assert revision.cancel_reason == "Không cần nữa."
    assert revision.package.answer_obstacle(office.leader) is not None
    with pytest.raises(RuleBroken):
        _cancel(revision, office.officer)


@pytest.mark.covers("a6", "D4")
def test_what_is_in_force_is_not_cancelled(app):
    office = Office()
    revision = office.effective()
    with pytest.raises(RuleBroken):
        _cancel(revision, office.officer)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("a6", "a24")
def test_cancelling_one_member_cancels_its_package_and_tells_who_held_it(app):
    office = Office()
    lead = a_draft(office.author, office.document())
    form = a_draft(office.author, office.document("Tờ khai"))
    joined(lead, form, by=office.author)
    submitted(lead, office.author)
    _cancel(form, office.author)
    assert {lead.state, form.state} == {RevisionState.CANCELLED}
    assert _notices()[-1] == ("revision.cancelled", office.manager.id)
    facts = db.session.query(TrailEntry).filter_by(fact="revision.cancelled").count()
    assert facts == 2
