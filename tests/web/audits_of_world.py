"""The audits of the small world that the walks over all routes stand on."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.kernel.people import Person
from app.kernel.work import unit_of_work
from audits.agenda import AgendaLine, keep_agenda
from audits.audit_reading import choose_documents
from audits.auditor import Qualification, declare_conflict, enter_leave, name_auditor
from audits.calendar_feed import own_feed, renew_feed
from audits.meeting import MeetingData, keep_meeting
from audits.models import MeetingKind, TeamPart
from audits.planned_audit import AuditData, announce_audit, plan_audit
from audits.programme import ProgrammeData, draft_programme
from audits.proposal import ask_for_proposal
from audits.standards import load_own_criteria, standards_of
from audits.team import join_team
from audits.unit_answer import answer_plan
from tests.builders import LONG_AGO, MONDAY
from tests.web.reported_world import a_reported_audit, an_audit_under_way


def audits_of(
    people: dict[str, Person], records: dict[str, Any], values: dict[str, str], body: Any
) -> None:
    """Criteria to audit against, and an auditor who is away and has a conflict."""
    with unit_of_work(None, now=MONDAY) as work:
        load_own_criteria(work)
        records["standard"] = standards_of(work.session, body.id)[0]
    with unit_of_work(people["officer"]) as work:
        person = work.fresh(people["lead auditor"])
        said = Qualification(("Hộ tịch",), may_lead=True)
        auditor = name_auditor(work, work.fresh(body), said, person=person)
    with unit_of_work(people["officer"]) as work:
        own, day = work.fresh(auditor), date(2199, 6, 1)
        records["leave"] = enter_leave(work, own, from_on=day, until_on=day)
        away = work.fresh(records["unit"])
        records["conflict"] = declare_conflict(work, own, away, reason="Người thân")
    records["qualified"] = auditor
    with unit_of_work(people["officer"]) as work:
        text = ProgrammeData("Mục tiêu", "Toàn bộ", standards_of(work.session, body.id)[:1])
        own = work.fresh(body)
        records["programme"] = draft_programme(work, own, 2026, text)
        records["proposal"] = ask_for_proposal(work, own, 2199, text=text)
        records["proposal"].answer({"visits": [], "unplaced": []}, at=work.now)
    with unit_of_work(people["officer"]) as work:
        wanted = AuditData([work.fresh(records["beside"])], (None, None), (LONG_AGO, LONG_AGO))
        records["audit"] = plan_audit(work, work.fresh(records["programme"]), wanted)
    with unit_of_work(people["officer"]) as work:
        audit, own = work.fresh(records["audit"]), work.fresh(auditor)
        records["member"] = join_team(work, audit, own, TeamPart.LEAD)
    values["feed.token"] = _planned(people, records)
    an_audit_under_way(people, records, auditor)
    a_reported_audit(people, records, auditor)


def _planned(people: dict[str, Person], records: dict[str, Any]) -> str:
    """The audit is announced and has a line, something to read, an objection, a meeting."""
    lead = people["lead auditor"]
    with unit_of_work(lead) as work:
        audit = work.fresh(records["audit"])
        own = work.fresh(records["qualified"]).id
        keep_agenda(work, audit, [AgendaLine(LONG_AGO, "8:30", "9:30", "Tiếp nhận", (own,))])
    with unit_of_work(lead) as work:
        read = work.fresh(records["effective"])
        choose_documents(work, work.fresh(records["audit"]), [read.document])
        records["read"] = read
    with unit_of_work(lead) as work:
        said = MeetingData(LONG_AGO, "8:00", "8:30", "Phòng họp", typed="Bà Tám", notes="Mở đầu")
        audit = work.fresh(records["audit"])
        records["meeting"] = keep_meeting(work, audit, MeetingKind.OPENING, said)
    with unit_of_work(lead) as work:
        announce_audit(work, work.fresh(records["audit"]))
    with unit_of_work(people["manager of another unit"]) as work:
        audit, unit = work.fresh(records["audit"]), work.fresh(records["beside"])
        records["unit answer"] = answer_plan(work, audit, unit, is_confirmed=False, words="Bận họp")
    with unit_of_work(people["officer"]) as work:
        token = renew_feed(work)
        records["feed"] = own_feed(work.session, work.actor)
    return token
