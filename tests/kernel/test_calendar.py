"""Working days are the body's own: every due date leaves weekends and holidays out (N5)."""

from __future__ import annotations

import io
import math
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.calendar import (
    CalendarDay,
    DayKind,
    clock_time,
    is_working_day,
    working_days_after,
)
from app.kernel.calendar_keeping import name_day, name_days, set_weekend, take_day_back
from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput
from app.kernel.holidays import LUNAR, offered_days
from app.kernel.organisation import Body
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.change_request import USUAL_DAYS, usual_due
from tests.builders import MONDAY, TODAY, Office, a_draft, form_token, sign_in, submitted

SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)


def named(office: Office, day: date, kind: DayKind = DayKind.HOLIDAY, name: str = "Lễ") -> None:
    with unit_of_work(office.officer, now=MONDAY) as work:
        name_day(work, work.fresh(office.body), day, kind, name)


def test_a_body_without_a_calendar_rests_on_saturday_and_sunday() -> None:
    body = Body(code="b", name="B", settings={})
    assert [is_working_day(body, TODAY + timedelta(days=n)) for n in range(7)] == [True] * 5 + [
        False,
        False,
    ]
    assert working_days_after(body, TODAY, 5) == TODAY + timedelta(days=7)
    assert working_days_after(body, TODAY, 0) == TODAY


@pytest.mark.covers("N5")
def test_holidays_are_left_out_and_swapped_days_count(app) -> None:
    office = Office()
    named(office, date(2026, 11, 25))
    named(office, SATURDAY, DayKind.WORKING, "Làm bù ngày 25/11")
    assert not is_working_day(office.body, date(2026, 11, 25))
    assert is_working_day(office.body, SATURDAY)
    assert working_days_after(office.body, TODAY, 4) == SATURDAY
    with unit_of_work(office.officer, now=MONDAY) as work:
        day = work.session.scalars(sa.select(CalendarDay).where(CalendarDay.day == SATURDAY)).one()
        take_day_back(work, work.fresh(office.body), day)
    assert working_days_after(office.body, TODAY, 4) == date(2026, 11, 30)
    facts = db.session.scalars(
        sa.select(TrailEntry.fact).where(TrailEntry.fact.startswith("calendar."))
    ).all()
    assert facts == ["calendar.day_off", "calendar.day_worked", "calendar.day_taken_back"]


@pytest.mark.covers("N5", "D7")
def test_due_dates_of_steps_and_requests_count_by_the_bodys_calendar(app) -> None:
    office, other = Office(), Office()
    for step in range(5):
        named(office, TODAY + timedelta(days=step))
    here = submitted(a_draft(office.author, office.document()), office.author)
    there = submitted(a_draft(other.author, other.document()), other.author)
    assert here.package.current_step.due_on == date(2026, 12, 4)
    assert there.package.current_step.due_on == date(2026, 11, 30)
    assert usual_due(office.body, TODAY) == working_days_after(other.body, TODAY, USUAL_DAYS + 4)


def test_a_body_that_works_on_saturdays_says_so(app) -> None:
    office = Office()
    with unit_of_work(office.officer, now=MONDAY) as work:
        set_weekend(work, work.fresh(office.body), [6])
    assert is_working_day(office.body, SATURDAY)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        set_weekend(work, work.fresh(office.body), list(range(7)))


def test_a_calendar_that_names_every_day_ends_the_counting() -> None:
    body = Body(code="b", name="B", settings={"weekend_days": list(range(7))})
    assert working_days_after(body, TODAY, 5) > TODAY


def test_only_the_quality_officer_of_the_whole_body_keeps_it(app) -> None:
    office = Office()
    for person in (office.staff, office.manager, office.administrator):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            name_day(work, work.fresh(office.body), TODAY, DayKind.HOLIDAY, "Lễ")


def _new_moon(number: int) -> float:
    """Reckon a new moon in days since 1970, within minutes (mean moon and its larger terms)."""
    t = number / 1236.85
    mean = 2451550.09766 + 29.530588861 * number + 0.00015437 * t * t
    sun = math.radians(2.5534 + 29.1053567 * number)
    moon = math.radians(201.5643 + 385.81693528 * number)
    node = math.radians(160.7108 + 390.67050284 * number)
    shift = (
        -0.4072 * math.sin(moon) + 0.17241 * math.sin(sun) + 0.01608 * math.sin(2 * moon)
        + 0.01039 * math.sin(2 * node) + 0.00739 * math.sin(moon - sun)
        - 0.00514 * math.sin(moon + sun) + 0.00208 * math.sin(2 * sun)
    )  # fmt: skip
    return mean + shift - 2440587.5 - 70 / 86400


def test_the_table_of_lunar_days_agrees_with_the_moon() -> None:
    moons = {
        date(1970, 1, 1) + timedelta(days=math.floor(_new_moon(number) + 7 / 24))
        for number in range(310, 370)
    }
    for year, (tet, kings) in LUNAR.items():
        assert tet in moons, year
        assert kings - timedelta(days=9) in moons, year
        assert 49 + 9 <= (kings - tet).days <= 60 + 9, "two months later"
        assert date(year, 1, 20) <= tet <= date(year, 2, 20)


def test_holidays_offered_move_off_the_weekend_and_are_only_offered() -> None:
    found = {one.day: one for one in offered_days(2026, [5, 6])}
    for day in ((1, 1), (2, 16), (2, 17), (2, 20), (4, 26), (4, 27), (4, 30), (5, 1), (9, 2)):
        assert date(2026, *day) in found, day
    assert found[date(2026, 4, 27)].instead_of, "the 26th is a Sunday"
    assert not found[date(2026, 9, 1)].is_proposed, "which day beside it is announced each year"
    following = {one.day for one in offered_days(2027, [5, 6]) if one.is_proposed}
    tet = {date(2027, 2, day) for day in (5, 6, 7, 8, 9, 10, 11)}
    assert tet | {date(2027, 4, 16), date(2027, 5, 3)} <= following
    assert all(one.day.month != 2 for one in offered_days(2050, [5, 6])), "typed by hand there"


@pytest.mark.parametrize(
    ("typed", "time"), [("7:30", "07:30"), ("7h", "07:00"), ("16.05", "16:05"), ("0", "00:00")]
)
def test_times_are_read_as_people_type_them(typed: str, time: str) -> None:
    assert clock_time(typed, "at") == time


@pytest.mark.parametrize("typed", ["", "24:00", "7:60", "seven", "-1", "7:3:0"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match="time of day"):
        clock_time(typed, "at")


def days_of(office: Office) -> dict[date, tuple[str, str]]:
    query = sa.select(CalendarDay).where(CalendarDay.body_id == office.body.id)
    return {one.day: (str(one.kind), one.name) for one in db.session.scalars(query)}


def test_the_officer_confirms_offered_days_adds_one_and_takes_one_back(client) -> None:
    office = Office()
    sign_in(client, office.officer)
    page = client.get("/settings/calendar?year=2027&lang=en").get_data(as_text=True)
    assert "Public holidays offered for 2027" in page
    token = form_token(client, "/settings/calendar")
    ticked = ["2027-01-01", "2027-04-30", "2031-01-01", "nonsense"]
    answer = client.post(
        "/settings/calendar/offered?year=2027", data={"csrf_token": token, "day": ticked}
    )
    assert answer.status_code == 303
    assert days_of(office) == {
        date(2027, 1, 1): ("holiday", "Tết Dương lịch"),
        date(2027, 4, 30): ("holiday", "Ngày Chiến thắng 30/4"),
    }
    typed = {"day": "9/1/2027", "kind": "working", "name": "Làm bù 4/1"}
    client.post("/settings/calendar/days", data={"csrf_token": token, **typed})
    assert days_of(office)[date(2027, 1, 9)] == ("working", "Làm bù 4/1")
    wrong = client.post(
        "/settings/calendar/days?lang=en",
        data={"csrf_token": token, **typed, "day": "31/2/2027", "name": "Giữ nguyên"},
    )
    assert wrong.status_code == 422
    assert "31/2/2027" in wrong.get_data(as_text=True)
    assert "Giữ nguyên" in wrong.get_data(as_text=True)
    day = db.session.scalars(sa.select(CalendarDay).where(CalendarDay.day == date(2027, 1, 9)))
    key = day.one().id
    other = Office()
    stranger = client.application.test_client()
    sign_in(stranger, other.officer)
    theirs = form_token(stranger, "/settings/calendar")
    path = f"/settings/calendar/days/{key}"
    assert stranger.post(path, data={"csrf_token": theirs}).status_code == 404
    assert client.post(path, data={"csrf_token": token}).status_code == 303
    assert days_of(office)[date(2027, 1, 9)] == ("ordinary", "Làm bù 4/1")
    shown = client.get("/settings/calendar?year=2027&lang=vi").get_data(as_text=True)
    assert "Làm bù 4/1" not in shown
    assert "Thứ Sáu, 01/01/2027" in shown
    client.post("/settings/calendar/week", data={"csrf_token": token, "weekend": ["6"]})
    assert db.session.get_one(Body, office.body.id).setting("weekend_days") == [6]


def test_a_year_is_brought_as_a_list_looked_at_first_then_in_one_act(client) -> None:
    office = Office()
    with unit_of_work(office.officer, now=MONDAY) as work:
        name_days(work, work.fresh(office.body), [(date(2027, 1, 1), "Tết Dương lịch")])
    sign_in(client, office.officer)
    token = form_token(client, "/settings/calendar/import")
    text = (
        "Ngày;Loại;Tên\n01/01/2027;Nghỉ;Tết Dương lịch\n30/04/2027;nghỉ lễ;Chiến thắng\n"
        "08/05/2027;làm bù;Bù ngày 3/5\n31/02/2027;nghỉ;Sai\n02/09/2027;đi chơi;Sai\n"
        "30/04/2027;nghỉ;Hai lần\n"
    )
    data = {"csrf_token": token, "file": (io.BytesIO(text.encode()), "lich.csv")}
    looked = client.post("/settings/calendar/import?lang=en", data=data)
    page = looked.get_data(as_text=True)
    assert looked.status_code == 200
    assert "2 rows would be done" in page
    assert "3 rows cannot be done" in page
    assert len(days_of(office)) == 1, "looking changes nothing"
    confirmed = "/settings/calendar/import/confirmed"
    assert client.post(confirmed, data={"csrf_token": token}).status_code == 303
    assert days_of(office) == {
        date(2027, 1, 1): ("holiday", "Tết Dương lịch"),
        date(2027, 4, 30): ("holiday", "Chiến thắng"),
        date(2027, 5, 8): ("working", "Bù ngày 3/5"),
    }
    assert client.post(confirmed, data={"csrf_token": token}).status_code == 409


def test_a_list_without_its_columns_is_refused_with_what_to_do(client) -> None:
    office = Office()
    sign_in(client, office.officer)
    token = form_token(client, "/settings/calendar/import")
    data = {"csrf_token": token, "file": (io.BytesIO(b"a;b\n1;2\n"), "lich.csv")}
    answer = client.post("/settings/calendar/import?lang=en", data=data)
    assert answer.status_code == 422
    assert "no column ngay, loai" in answer.get_data(as_text=True)
