"""Routes as a body sets them, and who is then asked (a10-a14, D3, O6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.organising import appoint, change_settings, disable_person
from app.kernel.people import Person, Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import (
    Answer,
    DocumentKind,
    Need,
    RevisionState,
    RouteTemplate,
    SeatReason,
    StepKind,
)
from documents.route_settings import (
    RouteData,
    StepData,
    add_route,
    change_route,
    routes_of,
    under_way,
    use_route,
    uses,
    would_use,
)
from documents.routing import planned_route, template_for
from documents.submission import submit_package
from tests.builders import (
    LONG_AGO,
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    submitted,
)

REVIEW = StepData(StepKind.REVIEW, role=Role.MANAGER)
APPROVAL = StepData(StepKind.APPROVAL, role=Role.LEADER)


def a_route(
    office: Office, *steps: StepData, name: str = "Luồng thử", **how: object
) -> RouteTemplate:
    with unit_of_work(office.officer, now=MONDAY) as work:
        data = RouteData(name=name, steps=steps or (REVIEW, APPROVAL), **how)  # type: ignore[arg-type]
        return add_route(work, work.fresh(office.body), data)


@pytest.mark.covers("a10")
def test_steps_are_asked_one_after_the_other(app: Flask) -> None:
    office = Office()
    a_route(office, REVIEW, StepData(StepKind.APPROVAL, role=Role.LEADER))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert revision.package.current_step.waiting == [office.manager]
    with pytest.raises(Forbidden):
        answered(revision, office.leader)
    answered(revision, office.manager)
    assert revision.state is RevisionState.IN_APPROVAL
    answered(revision, office.leader)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("a11", "a12", "a13")
@pytest.mark.parametrize(
    ("need", "quorum", "answers"), [(Need.ALL, None, 3), (Need.ANY, None, 1), (Need.QUORUM, 2, 2)]
)
def test_step_is_satisfied_by_all_by_one_or_by_a_number(
    app: Flask, need: Need, quorum: int | None, answers: int
) -> None:
    office = Office()
    people = tuple(a_person(office.body, Role.STAFF, name=f"Người {n}") for n in range(3))
    a_route(office, StepData(StepKind.REVIEW, people=people, need=need, quorum=quorum), APPROVAL)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    for number, person in enumerate(people[:answers], start=1):
        assert revision.state is RevisionState.IN_REVIEW, number
        answered(revision, person, Answer.AGREE)
    assert revision.state is RevisionState.IN_APPROVAL


@pytest.mark.covers("a14")
def test_nearest_unit_counts_before_the_kind(app: Flask) -> None:
    office = Office()
    below = a_unit(office.unit, code="HT", name="Tổ hộ tịch")
    whole = a_route(office, name="Toàn cơ quan")
    of_kind = a_route(office, name="Biểu mẫu", kind=DocumentKind.FORM)
    of_unit = a_route(office, name="Phòng", unit=office.unit)
    both = a_route(
        office, name="Quy trình của phòng", unit=office.unit, kind=DocumentKind.PROCEDURE
    )
    elsewhere = a_unit(office.body, code="VP", name="Văn phòng")

    def chosen(unit: object, kind: DocumentKind) -> RouteTemplate | None:
        return template_for(db.session(), a_document(office.officer, unit, kind=kind))  # type: ignore[arg-type]

    assert chosen(below, DocumentKind.PROCEDURE) == both
    assert chosen(office.unit, DocumentKind.FORM) == of_unit
    assert chosen(elsewhere, DocumentKind.FORM) == of_kind
    assert chosen(elsewhere, DocumentKind.POLICY) == whole
    with unit_of_work(office.officer, now=MONDAY) as work:
        use_route(work, work.fresh(both), is_active=False)
    assert chosen(below, DocumentKind.PROCEDURE) == of_unit
    routes = routes_of(db.session(), office.body.id)
    counted = uses(db.session(), office.body.id, routes=routes)
    assert counted == {of_unit.id: 3, of_kind.id: 1, whole.id: 1}
    assert would_use(db.session(), office.body.id, RouteData("Mới", unit=below)) == 2
    assert would_use(db.session(), office.body.id, RouteData("Khác"), whole) == 1


@pytest.mark.covers("D4")
@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "at least one approval"),
        ((REVIEW,), "at least one approval"),
        ((APPROVAL, REVIEW), "last step is an approval"),
        ((StepData(StepKind.APPROVAL),), "either a post or people"),
        ((replace(APPROVAL, need=Need.QUORUM),), "how many"),
        ((replace(APPROVAL, need=Need.QUORUM, quorum=0),), "how many"),
        ((REVIEW,) * 6 + (APPROVAL,), "steps at most"),
    ],
)
def test_route_that_could_not_work_is_refused(
    app: Flask, steps: tuple[StepData, ...], words: str
) -> None:
    office = Office()
    with (
        pytest.raises(InvalidInput, match=words),
        unit_of_work(office.officer, now=MONDAY) as work,
    ):
        add_route(work, work.fresh(office.body), RouteData("Sai", steps=steps))
    assert not routes_of(db.session(), office.body.id)


@pytest.mark.covers("a13", "O4")
def test_quorum_stays_within_the_people_named_who_are_of_this_body(app: Flask) -> None:
    office, other = Office(), Office()

    def tried(*people: Person, quorum: int = 1) -> None:
        step = StepData(StepKind.APPROVAL, people=people, need=Need.QUORUM, quorum=quorum)
        a_route(office, step)

    with pytest.raises(InvalidInput, match="more answers than it names"):
        tried(office.leader, office.manager, quorum=3)
    with pytest.raises(NotFound):
        tried(other.leader)
    with unit_of_work(office.administrator, now=MONDAY) as work:
        disable_person(work, work.fresh(office.staff), reason="nghỉ hưu")
    with pytest.raises(InvalidInput, match="without an open account"):
        tried(office.staff)
    tried(office.leader, office.manager, quorum=2)


@pytest.mark.covers("O1", "O4", "T05")
def test_only_the_quality_officer_of_the_body_sets_routes(app: Flask) -> None:
    office, other = Office(), Office()
    made = a_route(office)
    for person in (office.manager, office.leader, office.administrator, other.officer):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            change_route(work, work.fresh(made), RouteData("Khác", steps=(APPROVAL,)))


@pytest.mark.covers("T1", "T4", "e1")
def test_change_of_a_route_is_told_and_leaves_what_is_on_its_way(app: Flask) -> None:
    office = Office()
    made = a_route(office)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert under_way(db.session(), office.body.id) == 1
    with unit_of_work(office.officer, now=MONDAY) as work:
        change_route(work, work.fresh(made), RouteData("Một bước", steps=(APPROVAL,)))
    assert [step.kind for step in revision.package.steps] == [StepKind.REVIEW, StepKind.APPROVAL]
    told = db.session.scalars(
        sa.select(TrailEntry)
        .where(TrailEntry.fact == "route.changed", TrailEntry.chain == office.body.id)
        .order_by(TrailEntry.id.desc())
    ).first()
    details = told.content()["details"]
    before, after = details["steps"]
    assert [step["role"] for step in before] == ["manager", "leader"]
    assert [step["role"] for step in after] == ["leader"]
    assert details["changes"]["name"] == ["Luồng thử", "Một bước"]
    count = db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry))
    with unit_of_work(office.officer, now=MONDAY) as work:  # the same again changes nothing
        change_route(work, work.fresh(made), RouteData("Một bước", steps=(APPROVAL,)))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry)) == count


@pytest.mark.covers("D3", "O6")
def test_step_passes_up_the_tree_where_only_the_author_holds_the_post(app: Flask) -> None:
    office = Office()
    document = office.document()
    steps = planned_route(db.session(), document, [office.manager], TODAY)
    seats = {seat.person.id: seat.reason for step in steps for seat in step.seats}
    assert office.manager.id not in seats
    assert seats[office.leader.id] in (SeatReason.POST, SeatReason.PASSED_UP)
    only_author = a_route(
        office, StepData(StepKind.REVIEW, people=(office.manager,)), APPROVAL, name="Chỉ tác giả"
    )
    assert only_author
    planned = planned_route(db.session(), document, [office.manager], TODAY)
    assert all(seat.person != office.manager for step in planned for seat in step.seats)
    assert planned[-1].kind is StepKind.APPROVAL


@pytest.mark.covers("O6")
def test_leader_who_wrote_it_is_judged_by_the_overseeing_body(app: Flask) -> None:
    province = a_body(name="UBND tỉnh")
    above = a_person(province, Role.LEADER, name="Hoàng Gia Bảo")
    small = a_body(name="UBND xã nhỏ", overseer=province)
    leader = a_person(small, Role.LEADER, Role.QUALITY_OFFICER, name="Mai Thu An")
    document = a_document(leader, db.session.get(Person, leader.id).home_unit)
    assert not [
        seat
        for step in planned_route(db.session(), document, [leader], TODAY)
        for seat in step.seats
    ]
    with unit_of_work(leader, now=MONDAY) as work:
        change_settings(work, work.fresh(small), {"escalation_person_id": above.id})
    planned = planned_route(db.session(), document, [leader], TODAY)
    assert [seat.person for seat in planned[-1].seats] == [above]
    assert planned[-1].seats[0].reason is SeatReason.OVERSEER


@pytest.mark.covers("O6", "T1")
def test_review_step_is_left_out_only_with_a_reason_that_stays(app: Flask) -> None:
    office = Office()
    revision = a_draft(office.author, office.document(), by=office.officer)
    with unit_of_work(office.officer, now=MONDAY) as work:
        submit_package(
            work, work.fresh(revision).package, leave_out={1: "Trưởng phòng đi công tác"}
        )
    steps = revision.package.steps
    assert [step.position for step in steps if step.seats] == [2, 3]
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "revision.step_left_out")
    ).one()
    assert told.content()["details"]["reason"] == "Trưởng phòng đi công tác"
    other = a_draft(office.author, office.document("Khác"), by=office.officer)
    for wrong in ({3: "phê duyệt thì không"}, {1: " "}, {9: "không có bước này"}):
        with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
            submit_package(work, work.fresh(other).package, leave_out=wrong)
    assert other.state is RevisionState.DRAFT
    third = a_draft(office.author, office.document("Thứ ba"))
    with pytest.raises((Forbidden, RuleBroken)), unit_of_work(office.author, now=MONDAY) as work:
        submit_package(work, work.fresh(third).package, leave_out={1: "tự bỏ"})


@pytest.mark.covers("O1", "a10")
def test_appointment_that_ended_is_not_asked(app: Flask) -> None:
    office = Office()
    with unit_of_work(None, now=MONDAY) as work:
        appoint(
            work,
            work.fresh(office.staff),
            Role.MANAGER,
            work.fresh(office.unit),
            from_on=LONG_AGO,
            until_on=LONG_AGO,
        )
    planned = planned_route(db.session(), office.document(), [office.author], TODAY)
    assert [seat.person for seat in planned[0].seats] == [office.manager]
