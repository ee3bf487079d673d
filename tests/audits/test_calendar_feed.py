"""Calendars at a secret address, read back as programs read them (b14, b15; RFC 5545)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organising import disable_person
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from audits.agenda import AgendaLine, keep_agenda
from audits.auditor import Qualification, name_auditor
from audits.calendar_feed import feed_events, holder_of, own_feed, renew_feed, stop_feed
from audits.ical import Event, folded, written
from audits.models import AuditState, CalendarFeed, TeamPart
from audits.planned_audit import announce_audit, cancel_audit, move_audit, postpone_audit
from tests.audits.reading_ical import events_in
from tests.audits.world import YEAR, Auditing, in_days
from tests.builders import MONDAY, TODAY, Office

HOST = "nenep.example.vn"


def _events(person):
    held = standing_of(db.session(), person, TODAY)
    found = feed_events(db.session(), held, HOST, f"https://{HOST}")
    return {one["UID"]: one for one in events_in(written("Lịch", found))}


@pytest.mark.covers("b15")
def test_what_is_written_is_read_back_whole():
    name = "Đánh giá, phòng; \\ Tư pháp\nhai dòng " + "ệ" * 200
    events = [
        Event("a@x", name, date(2026, 6, 1), date(2026, 6, 2), datetime(2026, 5, 1, tzinfo=UTC),
              3, "CANCELLED", "Phòng họp\x00\x07", "nói\r\nnhiều", "https://x/y"),
        Event("b@x", "8h", datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC),
              datetime(2026, 5, 1, tzinfo=UTC)),
    ]  # fmt: skip
    text = written("Tên; lịch", events)
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert not any("\n" in line or "\r" in line for line in text.split("\r\n"))
    first, second = events_in(text)
    assert first["SUMMARY"] == name
    assert first["DESCRIPTION"] == "nói\nnhiều"
    assert (first["LOCATION"], first["SEQUENCE"]) == ("Phòng họp", "3")
    assert (first["DTSTART"], first["DTEND"]) == ("20260601", "20260603")
    assert (second["DTSTART"], second["DTEND"]) == ("20260601T080000Z", "20260601T090000Z")


@pytest.mark.covers("b15")
@pytest.mark.parametrize("count", [0, 74, 75, 76, 149, 150, 151, 500])
def test_folding_keeps_every_letter(count):
    line = ("ađ€🙂" * 200)[:count]
    parts = folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line


@pytest.mark.covers("b15", "T4")
def test_an_address_is_made_renewed_and_stopped_and_only_its_digest_is_kept(app):
    office = Auditing()

    def acts(act):
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            return act(work)

    assert not acts(stop_feed)
    first = acts(renew_feed)
    second = acts(renew_feed)
    assert holder_of(db.session(), first) is None
    assert holder_of(db.session(), second).id == office.lead_person.id
    kept = db.session.scalars(sa.select(CalendarFeed.token_digest)).all()
    assert second not in kept
    assert len(kept) == 2
    with unit_of_work(office.administrator, now=MONDAY) as work:
        disable_person(work, work.fresh(office.lead_person), reason="Nghỉ")
    assert holder_of(db.session(), second) is None
    other = Office().staff
    with unit_of_work(other, now=MONDAY) as work:
        third = renew_feed(work)
    assert holder_of(db.session(), third).id == other.id
    with unit_of_work(other, now=MONDAY) as work:
        assert stop_feed(work)
    assert holder_of(db.session(), third) is None
    assert own_feed(db.session(), other) is None


@pytest.mark.covers("b15", "b13")
def test_moves_raise_the_sequence_and_what_is_off_says_so(app):
    office = Auditing()
    programme = office.programme()
    audit = office.audit(programme, days=(in_days(7), in_days(8)))
    beside = office.audit(programme, office.economy, days=(in_days(20), in_days(20)))
    office.audit(programme, days=(None, None), window=(in_days(1), in_days(9)))  # no days yet
    for one in (audit, beside):
        office.joins(one, office.lead)
    uid = f"audit-{audit.id}@{HOST}"
    before = _events(office.lead_person)[uid]
    assert (before["STATUS"], before["DTSTART"]) == ("TENTATIVE", f"{in_days(7):%Y%m%d}")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        line = AgendaLine(in_days(7), "8:30", "10:00", "Tiếp nhận", (office.lead.id,))
        keep_agenda(work, work.fresh(audit), [line])
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        announce_audit(work, work.fresh(audit))
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        move_audit(work, work.fresh(audit), days=(in_days(9), in_days(10)), reason="Trùng họp")
    found = _events(office.lead_person)
    after = found[uid]
    assert (after["STATUS"], after["DTSTART"]) == ("CONFIRMED", f"{in_days(9):%Y%m%d}")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    (hours,) = (one for key, one in found.items() if key.startswith("agenda-"))
    assert hours["DTSTART"] == f"{in_days(9):%Y%m%d}T013000Z"  # 08:30 in Việt Nam
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        postpone_audit(work, work.fresh(audit), reason="Bão")
    with unit_of_work(office.officer, now=MONDAY) as work:
        cancel_audit(work, work.fresh(beside), reason="Sáp nhập")
    found = _events(office.lead_person)
    assert [one["STATUS"] for one in found.values()] == ["CANCELLED", "CANCELLED"]
    assert found[uid]["DTSTART"] == f"{in_days(9):%Y%m%d}"
    assert int(found[uid]["SEQUENCE"]) > int(after["SEQUENCE"])
    assert audit.state is AuditState.POSTPONED


@pytest.mark.covers("b15", "O4")
def test_a_calendar_holds_what_its_person_may_see_and_nothing_else(app):
    office, other = Auditing(), Office()
    programme = office.programme()
    audit = office.audit(programme, days=(in_days(7), in_days(7)))
    beside = office.audit(programme, office.economy, days=(in_days(9), in_days(9)))
    office.joins(audit, office.lead)
    office.joins(beside, office.lead)
    with unit_of_work(office.officer, now=MONDAY) as work:
        guest = name_auditor(
            work, work.fresh(office.body), Qualification(), person=work.fresh(other.staff)
        )
    office.joins(beside, guest, TeamPart.AUDITOR)
    own = {f"audit-{audit.id}@{HOST}"}
    assert set(_events(office.manager)) == set()  # nothing was announced
    assert set(_events(office.leader)) == set()
    assert len(_events(office.officer)) == 2
    office.taken_to(audit, AuditState.ANNOUNCED)
    assert set(_events(office.manager)) == set(_events(office.staff)) == own
    assert set(_events(other.staff)) == {f"audit-{beside.id}@{HOST}"}
    assert set(_events(other.manager)) == set(_events(other.officer)) == set()
    assert audit.number == f"DG-{YEAR}-01"
