"""What the system covers: units, exclusions with reasons, signed and versioned (O5; 4.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Scope, ScopeState
from documents.scope import (
    ScopeData,
    approve_scope,
    draft_of,
    draft_scope,
    scope_of,
    scope_on,
    scope_to_sign,
    units_that_count,
)
from tests.builders import MONDAY, TODAY, Office, a_body, a_person, a_proof, a_unit

COVERS = "Giải quyết thủ tục hành chính thuộc thẩm quyền của phường"


def drafted(office: Office, **more) -> Scope:
    by = more.pop("by", office.officer)
    values = {
        "covers": COVERS,
        "units": [office.unit],
        "effective_on": TODAY,
        "exclusions": {"8.3": "Không thiết kế dịch vụ"},
        **more,
    }
    with unit_of_work(by, now=MONDAY) as work:
        return draft_scope(work, work.fresh(office.body), ScopeData(**values))


def approved(office: Office, scope: Scope, by=None) -> Scope:
    by = by or office.leader
    with unit_of_work(by, now=MONDAY) as work:
        approve_scope(work, work.fresh(scope), proof=a_proof(by))
    return scope


@pytest.mark.covers("O5", "a56")
def test_a_leader_signs_what_the_quality_officer_drafted(app):
    office = Office()
    scope = approved(office, drafted(office))
    assert (scope.version, scope.state) == (1, ScopeState.APPROVED)
    assert scope.signature is not None
    assert scope.signature.covers(scope.content())
    assert "8.3" in scope.signature.content
    assert scope_on(db.session(), office.body.id, TODAY) == scope
    assert scope_on(db.session(), office.body.id, TODAY - timedelta(days=1)) is None
    with pytest.raises(RuleBroken, match="signed"):
        approved(office, scope)


@pytest.mark.covers("O5")
def test_a_later_version_replaces_it_from_its_day_and_the_former_answers_for_its_time(app):
    office = Office()
    first = approved(office, drafted(office, effective_on=date(2026, 1, 1)))
    second = a_unit(office.body, "KT", "Phòng Kinh tế")
    later = drafted(office, units=[office.unit, second], effective_on=TODAY, exclusions={})
    assert later.version == 2
    approved(office, later)
    body_id = office.body.id
    assert scope_on(db.session(), body_id, TODAY) == later
    assert scope_on(db.session(), body_id, TODAY - timedelta(days=1)) == first
    assert scope_of(db.session(), body_id, 1).exclusions[0].clause == "8.3"
    counted = units_that_count(db.session(), body_id, TODAY)
    assert {one.unit_id for one in later.units} == {unit.id for unit in counted}  # 2 of 2
    facts = set(db.session.scalars(sa.select(TrailEntry.fact)))
    assert {str(DocumentFact.SCOPE_APPROVED), str(DocumentFact.SCOPE_REPLACED)} <= facts


@pytest.mark.covers("O5")
def test_a_draft_is_one_and_is_changed_until_it_is_signed(app):
    office = Office()
    scope = drafted(office)
    again = drafted(office, covers="Khác", exclusions={"7.1.5": "Không có thiết bị đo"})
    assert again.id == scope.id
    assert [one.clause for one in again.exclusions] == ["7.1.5"]
    assert draft_of(db.session(), office.body.id) == scope
    with pytest.raises(NotFound):
        scope_of(db.session(), office.body.id, 1)


@pytest.mark.covers("O5", "D3")
def test_who_drafts_does_not_approve_and_who_may_not_is_refused(app):
    office = Office()
    both = a_person(office.body, Role.LEADER, Role.QUALITY_OFFICER)
    scope = drafted(office, by=both)
    with pytest.raises(RuleBroken, match="drafted"):
        approved(office, scope, by=both)
    for person in (office.officer, office.manager, Office().leader):
        with pytest.raises(Forbidden):
            approved(office, scope, by=person)
    with pytest.raises(Forbidden):
        drafted(office, by=office.leader)


@pytest.mark.covers("O5")
@pytest.mark.parametrize(
    "wrong",
    [
        {"covers": " "},
        {"units": []},
        {"effective_on": None},
        {"exclusions": {"8.3": " "}},
        {"exclusions": {"tám": "vì thế"}},
        {"covers": "x" * 8001},
    ],
)
def test_what_is_missing_is_said_at_its_field(app, wrong):
    office = Office()
    with pytest.raises(InvalidInput):
        drafted(office, **wrong)
    foreign = Office()
    with pytest.raises(InvalidInput):
        drafted(office, units=[foreign.unit])


@pytest.mark.covers("O5", "D3")
def test_a_draft_that_is_whole_waits_for_a_leader_who_did_not_write_it(app):
    office = Office()
    session = db.session()
    assert scope_to_sign(session, standing_of(session, office.leader, TODAY)) is None
    scope = drafted(office)
    found = scope_to_sign(session, standing_of(session, office.leader, TODAY))
    assert found == (1, office.officer.name, TODAY)
    for nobody in (office.officer, office.manager, office.staff, a_person(a_body(), Role.LEADER)):
        assert scope_to_sign(session, standing_of(session, nobody, TODAY)) is None
    approved(office, scope)
    assert scope_to_sign(session, standing_of(session, office.leader, TODAY)) is None


def told_to_sign() -> list[int]:
    query = sa.select(Notice.person_id).where(Notice.kind == str(DocumentNotice.SCOPE_ASKED))
    return list(db.session.scalars(query.order_by(Notice.id)))


@pytest.mark.covers("O5", "e18", "D3")
def test_whoever_may_sign_a_draft_is_told_once(app):
    office = Office()
    both = a_person(office.body, Role.LEADER, Role.QUALITY_OFFICER)
    a_person(office.unit, Role.LEADER, name="Chỉ một phòng")
    with pytest.raises(InvalidInput):
        drafted(office, covers=" ")
    assert told_to_sign() == []
    scope = drafted(office, by=both)
    assert told_to_sign() == [office.leader.id], "never whoever drafted it"
    drafted(office, by=both, covers="Sửa một chữ")
    assert told_to_sign() == [office.leader.id], "once for each draft"
    drafted(office)  # another changed it last, so the first drafter may sign now
    assert told_to_sign() == [office.leader.id, both.id]
    approved(office, scope)
    drafted(office, covers="Lần sau")
    assert told_to_sign()[2:] == sorted([office.leader.id, both.id])
