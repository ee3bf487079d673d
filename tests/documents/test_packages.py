"""Packages: one route, one signature over all, one switch (a24; D3, D4)."""

from __future__ import annotations

import json

import pytest

from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.work import unit_of_work
from documents.models import Answer, DocumentKind, Revision, RevisionState
from documents.submission import join_package, leave_package
from tests.builders import MONDAY, Office, a_document, a_draft, answered, joined, raw, submitted


def _family(office: Office, forms: int = 2) -> list[Revision]:
    procedure = office.document()
    records = [procedure] + [
        a_document(
            office.officer,
            office.unit,
            title=f"Biểu mẫu {number}",
            kind=DocumentKind.FORM,
            parent=procedure,
            keeper=office.author,
        )
        for number in range(1, forms + 1)
    ]
    return [a_draft(office.author, record) for record in records]


@pytest.mark.covers("a24", "D4")
def test_one_signature_covers_every_member(app):
    office = Office()
    members = _family(office)
    joined(*members, by=office.author)
    submitted(members[0], office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(members[-1], person)
    package = members[0].package
    decisions = [decision for step in package.steps for decision in step.decisions]
    assert len(decisions) == 3
    signed = json.loads(decisions[-1].signature.content)["revisions"]
    assert [one["code"] for one in signed] == ["QT-TP-01", "BM-TP-01.01", "BM-TP-01.02"]
    assert [one["files"][0]["sha256"] for one in signed] == [
        member.main_file.sha256 for member in members
    ]
    assert {member.state for member in members} == {RevisionState.EFFECTIVE}


@pytest.mark.covers("a24", "D4")
def test_a_changed_member_voids_the_signatures_on_the_whole(app):
    office = Office()
    members = _family(office, forms=1)
    joined(*members, by=office.author)
    submitted(members[0], office.author)
    answered(members[0], office.manager)
    step = members[0].package.steps[0]
    content = {**members[0].package.content(step.meaning), "answer": "agree"}
    assert step.decisions[0].signature.covers(content)
    raw("UPDATE revision SET title = 'Tên khác' WHERE id = :id", id=members[1].id)
    content = {**members[0].package.content(step.meaning), "answer": "agree"}
    assert not step.decisions[0].signature.covers(content)


@pytest.mark.covers("a24", "a16")
def test_a_return_sends_every_member_back(app):
    office = Office()
    members = _family(office)
    joined(*members, by=office.author)
    submitted(members[1], office.author)
    answered(members[0], office.manager, Answer.RETURN, "Biểu mẫu 2 sai.")
    assert {member.state for member in members} == {RevisionState.DRAFT}
    assert {member.round for member in members} == {2}


@pytest.mark.covers("a24")
def test_a_member_that_left_goes_its_own_way(app):
    office = Office()
    members = _family(office, forms=1)
    joined(*members, by=office.author)
    with unit_of_work(office.author, now=MONDAY) as work:
        leave_package(work, work.fresh(members[1]))
    submitted(members[0], office.author)
    assert [member.state for member in members] == [RevisionState.IN_REVIEW, RevisionState.DRAFT]
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        leave_package(work, work.fresh(members[1]))  # it is alone: there is nothing to leave


@pytest.mark.covers("a24", "D2")
def test_nothing_joins_or_leaves_after_submission(app):
    office = Office()
    members = _family(office)
    joined(*members[:2], by=office.author)
    submitted(members[0], office.author)
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        join_package(work, work.fresh(members[0].package), work.fresh(members[2]))
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        leave_package(work, work.fresh(members[1]))
    assert len(members[0].package.revisions) == 2


@pytest.mark.covers("a24", "O1")
def test_nobody_lets_a_draft_go_with_a_package_that_is_not_theirs(app):
    office = Office()
    lead = a_draft(office.author, office.document())
    own = a_draft(office.staff, a_document(office.officer, office.unit, keeper=office.staff))
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        join_package(work, work.fresh(lead.package), work.fresh(own))
    with pytest.raises(Forbidden), unit_of_work(office.author, now=MONDAY) as work:
        join_package(work, work.fresh(lead.package), work.fresh(own))
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        join_package(work, work.fresh(lead.package), work.fresh(lead))


@pytest.mark.covers("a24", "O4")
def test_documents_of_two_bodies_never_go_together(app):
    here, there = Office(), Office()
    lead = a_draft(here.author, here.document())
    foreign = a_draft(there.author, there.document())
    for person in (here.officer, there.officer):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            join_package(work, work.fresh(lead.package), work.fresh(foreign))


@pytest.mark.covers("a24")
def test_one_unfinished_member_holds_the_package(app):
    office = Office()
    members = _family(office, forms=1)
    joined(*members, by=office.author)
    raw("UPDATE revision_file SET replaced_at = :at WHERE revision_id = :id",
        at=MONDAY, id=members[1].id)  # fmt: skip
    with pytest.raises(RuleBroken):
        submitted(members[0], office.author)
    assert {member.state for member in members} == {RevisionState.DRAFT}
    assert members[0].document.code is None
