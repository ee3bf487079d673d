"""Every form known to `nenep paper` prints a record of its body and keeps the decree."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from app.printed import FORMS, Desk
from audits.meeting import MeetingData, keep_meeting
from audits.models import MeetingKind
from tests.audits.world import Auditing, in_days
from tests.builders import MONDAY, TODAY
from tests.forms.paper import violations

AUDITS = {
    *("auditor_record", "audit_programme", "team_decision", "audit_plan"),
    *("opening_minutes", "closing_minutes"),
}


@pytest.mark.covers("b1", "b10", "b14", "b33")
def test_each_form_prints_its_example_and_nothing_that_is_not_there(app, tmp_path: Path):
    office = Auditing()
    audit = office.audit(office.programme(), days=(in_days(3), in_days(4)))
    office.joins(audit, office.lead)
    for kind in MeetingKind:
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            keep_meeting(work, work.fresh(audit), kind, MeetingData(in_days(3), "8:00"))
    held = standing_of(db.session(), office.officer, TODAY)
    desk = Desk(db.session(), office.body, held, MONDAY)
    assert len({form.kind for form in FORMS}) == len(FORMS)
    printed = set()
    for form in FORMS:
        example = form.example(desk)
        if example is not None:
            sheet = form.build(desk, example)
            assert violations(sheet, form.decree30 or "PL", tmp_path) == [], form.kind
            printed.add(form.kind)
        for unknown in ("khong-co", "999999"):
            with pytest.raises(NotFound):
                form.build(desk, unknown)
    assert printed >= AUDITS | {"master_list", "external_register", "record_list"}
