"""Screen 33: how a body works, shown before it counts (D7, D10, a1, a2, a10-a14, O6)."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.organisation import Body
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import DocumentKind, Need, RouteTemplate, StepKind
from documents.route_settings import RouteData, StepData, add_route
from tests.builders import (
    MONDAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    a_unit,
    form_token,
    sign_in,
    submitted,
)


def fields(page: str) -> dict[str, str]:
    """Read what a form would send, as a browser does."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if 'type="checkbox"' in tag and " checked" not in tag:
            continue
        if name and 'type="file"' not in tag and 'name="q"' not in tag:
            found[name[1]] = value[1] if value else ""
    for name, inside in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        options = re.findall(r"<option([^>]*)>", inside)
        chosen = [re.search(r'value="([^"]*)"', one)[1] for one in options if "selected" in one]  # type: ignore[index]
        first = re.search(r'value="([^"]*)"', options[0])
        found[name] = chosen[0] if chosen else (first[1] if first else "")
    return found


def changed(client: FlaskClient, path: str, **changes: str) -> Any:
    """Change some fields of a form and send the rest as it stands."""
    page = client.get(path).get_data(as_text=True)
    return client.post(path, data={**fields(page), **changes})


def confirmed(client: FlaskClient, path: str, preview: Any) -> Any:
    """Press the button of the page that shows what changes."""
    assert preview.status_code == 200
    sent = {**fields(preview.get_data(as_text=True)), "confirmed": "y"}
    return client.post(path, data=sent)


def body_of(office: Office) -> Body:
    body = db.session.get(Body, office.body.id, populate_existing=True)
    assert body is not None
    return body


@pytest.mark.covers("D10", "a1", "a2", "T1")
def test_code_scheme_changes_what_comes_and_nothing_that_is(client: FlaskClient) -> None:
    office = Office()
    first = submitted(a_draft(office.author, office.document()), office.author)
    assert first.code == "QT-TP-01"
    sign_in(client, office.officer)
    preview = changed(client, "/settings?lang=en", scheme_procedure="{unit}.{kind}/{year}/{serial}")
    page = preview.get_data(as_text=True)
    assert "Nothing is saved yet" in page
    assert "<del>{kind}-{unit}-{serial}</del> → <ins>{unit}.{kind}/{year}/{serial}</ins>" in page
    assert re.search(r"The next code is like TP.QT/20\d\d/01, no longer like QT-TP-01", page)
    assert "1 document of this kind keeps its code" in page
    assert body_of(office).settings == {}
    assert confirmed(client, "/settings", preview).status_code == 303
    assert body_of(office).settings == {
        "code_scheme": {"procedure": "{unit}.{kind}/{year}/{serial}"}
    }
    second = submitted(a_draft(office.author, office.document("Khai tử")), office.author)
    assert second.code == "TP.QT/2026/01"
    assert first.code == "QT-TP-01"
    told = client.get("/trail?lang=en&fact=body.settings_changed").get_data(as_text=True)
    assert "code scheme (Procedure): {kind}-{unit}-{serial} → {unit}.{kind}/{year}/{serial}" in told


@pytest.mark.covers("D10")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("scheme_procedure", "{kind}-{unit}", "{serial} exactly once"),
        ("scheme_procedure", "{serial}-{serial}", "{serial} exactly once"),
        ("scheme_form", "{kind}-{secret}-{serial}", "holds secret, which is no token"),
        ("scheme_policy", "<b>{serial}", "letters, digits, dots"),
        ("prefix_policy", "C S", "A prefix holds"),
        ("prefix_policy", "", "required"),
        ("months_manual", "0", "from 1 to 120"),
        ("months_manual", "often", "whole number"),
        ("answer_days", "61", "from 1 to 60"),
        ("effective_after_days", "-1", "from 0 to 365"),
        ("reading_days", "0", "from 1 to 120"),
        ("training_days", "121", "from 0 to 120"),
        ("digest_time", "24:00", "such as 07:30"),
        ("help_phone", "<script>", "A telephone number"),
        ("escalation_person_id", "1", "not in the list"),
    ],
)
def test_setting_that_cannot_work_is_said_at_its_field(
    client: FlaskClient, field: str, value: str, words: str
) -> None:
    office = Office()
    sign_in(client, office.officer)
    answer = changed(client, "/settings?lang=en", **{field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert f'href="#{field}"' in page
    assert '<script>"' not in page
    assert "<b>{serial}" not in page
    assert body_of(office).settings == {}


@pytest.mark.covers("D10")
def test_example_answers_while_a_scheme_is_typed(client: FlaskClient) -> None:
    office = Office()
    sign_in(client, office.officer)

    def shown(kind: str, scheme: str, prefix: str = "QT") -> str:
        query = {f"scheme_{kind}": scheme, f"prefix_{kind}": prefix, "lang": "en"}
        return client.get(f"/settings/example/{kind}", query_string=query).get_data(as_text=True)

    assert ">QT-TP-01<" in shown("procedure", "{kind}-{unit}-{serial}")
    assert ">BM-TP-05.01<" in shown("form", "{kind}-{parent}.{serial}", "BM")
    assert "exactly once" in shown("policy", "{kind}")
    assert "&lt;i&gt;-01" in shown("policy", "{kind}-{serial}", "<i>")
    assert client.get("/settings/example/nothing").status_code == 404


@pytest.mark.covers("D7", "a30")
def test_days_hours_and_intervals_are_saved_together(client: FlaskClient) -> None:
    office = Office()
    sign_in(client, office.officer)
    preview = changed(
        client,
        "/settings",
        months_procedure="12",
        answer_days="3",
        effective_after_days="10",
        digest_time="6h15",
        help_phone="0292 3 123 456",
    )
    confirmed(client, "/settings", preview)
    body = body_of(office)
    assert body.setting("review_months")["procedure"] == 12
    assert body.setting("review_months")["policy"] == 12
    assert [body.setting(name) for name in ("answer_days", "effective_after_days")] == [3, 10]
    assert "0292 3 123 456" in client.get("/settings").get_data(as_text=True)
    assert changed(client, "/settings").status_code == 303  # nothing changed: nothing to confirm


@pytest.mark.covers("O6")
def test_who_decides_above_is_of_the_overseeing_body(client: FlaskClient) -> None:
    province = a_body(name="UBND tỉnh")
    above = a_person(province, Role.LEADER, name="Hoàng Gia Bảo")
    a_person(province, Role.STAFF, name="Nhân viên tỉnh")
    small = a_body(name="UBND xã", overseer=province)
    officer = a_person(small, Role.QUALITY_OFFICER, name="Mai Thu An")
    sign_in(client, officer)
    page = client.get("/settings").get_data(as_text=True)
    assert "Hoàng Gia Bảo" in page
    assert "Nhân viên tỉnh" not in page
    preview = changed(client, "/settings", escalation_person_id=str(above.id))
    assert "Hoàng Gia Bảo" in preview.get_data(as_text=True)
    confirmed(client, "/settings", preview)
    body = db.session.get(Body, small.id, populate_existing=True)
    assert body is not None
    assert body.setting("escalation_person_id") == above.id


@pytest.mark.covers("T03")
def test_settings_changed_by_another_meanwhile_are_not_overwritten(client: FlaskClient) -> None:
    office = Office()
    second = a_person(office.body, Role.QUALITY_OFFICER, name="Người thứ hai")
    other = client.application.test_client()
    sign_in(client, office.officer)
    sign_in(other, second)
    mine = changed(client, "/settings", answer_days="3")
    theirs = changed(other, "/settings", answer_days="9")
    assert confirmed(other, "/settings", theirs).status_code == 303
    assert confirmed(client, "/settings", mine).status_code == 409
    assert body_of(office).setting("answer_days") == 9


@pytest.mark.covers("O1", "T05")
def test_settings_and_routes_are_the_quality_officers(client: FlaskClient) -> None:
    office = Office()
    for person in (office.manager, office.leader, office.staff):
        browser = client.application.test_client()
        sign_in(browser, person)
        token = form_token(browser, "/work")
        for path in ("/settings", "/settings/routes", "/settings/routes/new"):
            assert browser.get(path).status_code == 403
        for path in ("/settings", "/settings/routes/new"):
            assert browser.post(path, data={"csrf_token": token}).status_code == 403


def route_fields(*steps: dict[str, str], **more: str) -> dict[str, str]:
    found = {"name": "Luồng của phòng", "kind": "procedure", "unit": "", **more}
    for number in range(4):
        step = steps[number] if number < len(steps) else {}
        for name in ("kind", "role", "need", "quorum"):
            found[f"steps-{number}-{name}"] = step.get(name, "any" if name == "need" else "")
        for name in ("people", "people_typed"):
            if name in step:
                found[f"steps-{number}-{name}"] = step[name]
    return found


@pytest.mark.covers("a10", "a12", "a13", "a14", "T1")
def test_route_is_set_shown_first_and_counted(client: FlaskClient) -> None:
    office = Office()
    office.document()
    a_document(office.officer, office.unit, kind=DocumentKind.FORM, title="Tờ khai")
    sign_in(client, office.officer)
    steps = (
        {
            "kind": "review",
            "people": str(office.manager.id),
            "people_typed": "bui thi lan",
            "need": "quorum",
            "quorum": "2",
        },
        {"kind": "approval", "role": "leader"},
    )
    data = {"csrf_token": form_token(client, "/settings/routes/new"), **route_fields(*steps)}
    preview = client.post("/settings/routes/new?lang=en", data=data)
    page = preview.get_data(as_text=True)
    assert "Nothing is saved yet" in page
    assert "Review: Phạm Thu Hà, Bùi Thị Lan (2 of them)" in page
    assert "Approval: Leader (any one of them)" in page
    assert "1, before: 0" in page
    assert not db.session.scalars(sa.select(RouteTemplate)).all()
    assert confirmed(client, "/settings/routes/new", preview).status_code == 303
    route = db.session.scalars(sa.select(RouteTemplate)).one()
    assert [(step.kind, step.need, step.quorum) for step in route.steps] == [
        (StepKind.REVIEW, Need.QUORUM, 2),
        (StepKind.APPROVAL, Need.ANY, None),
    ]
    listed = client.get("/settings/routes?lang=en").get_data(as_text=True)
    assert "Luồng của phòng" in listed
    assert "1 document takes it" in listed  # the usual route keeps the form
    revision = submitted(a_draft(office.author, office.document("Mới")), office.author)
    assert {seat.person for seat in revision.package.steps[0].seats} == {
        office.manager,
        office.staff,
    }
    told = client.get("/trail?lang=en&fact=route.changed").get_data(as_text=True)
    assert "steps: empty → Review: Phạm Thu Hà, Bùi Thị Lan (2); Approval: Leader" in told


@pytest.mark.covers("D4", "a13")
@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (({"kind": "review", "role": "manager"},), "at least one approval"),
        (({"kind": "approval"},), "either a post or people"),
        (({"kind": "approval", "people_typed": "Không Ai Cả"},), "choose one person"),
        (({"kind": "approval", "role": "leader", "need": "quorum"},), "how many must answer"),
        (({"kind": "approval", "role": "king"},), "choice"),
    ],
)
def test_route_that_could_not_work_is_refused_in_words(
    client: FlaskClient, steps: tuple[dict[str, str], ...], words: str
) -> None:
    office = Office()
    sign_in(client, office.officer)
    data = {"csrf_token": form_token(client, "/settings/routes/new"), **route_fields(*steps)}
    answer = client.post("/settings/routes/new?lang=en", data=data)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert words in page
    assert 'value="Luồng của phòng"' in page  # what was typed is kept
    assert not db.session.scalars(sa.select(RouteTemplate)).all()


@pytest.mark.covers("a14", "O4", "T06")
def test_route_is_changed_taken_out_of_use_and_unseen_elsewhere(client: FlaskClient) -> None:
    office, other = Office(), Office()
    below = a_unit(office.body, code="VP", name="Văn phòng")
    data = RouteData("Cũ", steps=(StepData(StepKind.APPROVAL, role=Role.LEADER),))
    with unit_of_work(office.officer, now=MONDAY) as work:
        route = add_route(work, work.fresh(office.body), data)
    address = f"/settings/routes/{route.id}"
    sign_in(client, office.officer)
    preview = changed(client, address, name="Tên mới", unit=str(below.id))
    assert confirmed(client, address, preview).status_code == 303
    db.session.refresh(route)
    assert (route.name, route.unit_id) == ("Tên mới", below.id)
    again = client.post(address, data={**fields(preview.get_data(as_text=True)), "again": "y"})
    assert 'value="Tên mới"' in again.get_data(as_text=True)
    token = form_token(client, "/settings/routes")
    client.post(f"{address}/use", data={"csrf_token": token, "is_active": ""})
    db.session.refresh(route)
    assert not route.is_active
    client.post(f"{address}/use", data={"csrf_token": token, "is_active": "y"})
    db.session.refresh(route)
    assert route.is_active
    stranger = client.application.test_client()
    sign_in(stranger, other.officer)
    assert stranger.get(address).status_code == 404
    strange_unit = changed(client, address, unit=str(other.unit.id))
    assert strange_unit.status_code == 422
    assert "Tên mới" not in stranger.get("/settings/routes").get_data(as_text=True)
    facts = db.session.scalars(
        sa.select(TrailEntry.fact).where(
            TrailEntry.record_type == "route_template", TrailEntry.record_id == route.id
        )
    ).all()
    assert facts == ["route.changed"] * 4
