"""The audits of the small world that the walks over all routes stand on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organisation import UnitKind
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from audits.agenda import AgendaLine, keep_agenda
from audits.audit_reading import choose_documents
from audits.auditor import Qualification, declare_conflict, enter_leave, name_auditor
from audits.calendar_feed import own_feed, renew_feed
from audits.checklists.answering import AnswerData, record_answer
from audits.checklists.drawing import SampleData, draw_sample
from audits.checklists.evidence import EvidenceData, add_evidence
from audits.checklists.generating import Sources
from audits.checklists.preparing import make_checklist
from audits.checklists.templates import TemplateLine, change_template
from audits.facts import AuditFact
from audits.finding import FindingData, findings_now, respond, send_findings, write_finding
from audits.meeting import MeetingData, keep_meeting
from audits.models import (
    AnswerPart,
    Checklist,
    EvidenceKind,
    FindingGrade,
    Grade,
    MeetingKind,
    Question,
    QuestionSource,
    Recommendation,
    TeamPart,
    UnitResponse,
)
from audits.models.answer import Answer as LineAnswer
from audits.planned_audit import (
    AuditData,
    announce_audit,
    begin_audit,
    end_fieldwork,
    plan_audit,
)
from audits.programme import ProgrammeData, draft_programme
from audits.reporting import ReportData, digest_of, issue_report
from audits.standards import load_own_criteria, standards_of
from audits.team import join_team
from audits.unit_answer import answer_plan
from tests.builders import LONG_AGO, MONDAY, a_brought_file, a_proof, a_unit


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
        said = ProgrammeData("Mục tiêu", "Toàn bộ", standards_of(work.session, body.id)[:1])
        records["programme"] = draft_programme(work, work.fresh(body), 2026, said)
    with unit_of_work(people["officer"]) as work:
        wanted = AuditData([work.fresh(records["beside"])], (None, None), (LONG_AGO, LONG_AGO))
        records["audit"] = plan_audit(work, work.fresh(records["programme"]), wanted)
    with unit_of_work(people["officer"]) as work:
        audit, own = work.fresh(records["audit"]), work.fresh(auditor)
        records["member"] = join_team(work, audit, own, TeamPart.LEAD)
    values["feed.token"] = _planned(people, records)
    _asking(people, records, auditor)
    _reported(people, records, auditor)


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


def _asking(people: dict[str, Person], records: dict[str, Any], auditor: Any) -> None:
    """An audit under way of a unit without people, with its checklist, an answer, a photo."""
    empty = a_unit(records["beside"].body, "TRONG", "Phòng chưa có người")
    with unit_of_work(people["officer"]) as work:
        day = date(2020, 2, 3)
        wanted = AuditData([work.fresh(empty)], (None, None), (day, day))
        audit = plan_audit(work, work.fresh(records["programme"]), wanted)
    with unit_of_work(people["officer"]) as work:
        join_team(work, work.fresh(audit), work.fresh(auditor), TeamPart.LEAD)
    for act in (announce_audit, begin_audit):
        with unit_of_work(people["officer"]) as work:
            act(work, work.fresh(audit))
    lead = people["lead auditor"]
    with unit_of_work(lead) as work:
        checklist = make_checklist(work, work.fresh(audit), Sources(clauses=False, steps=False))
    with unit_of_work(lead) as work:
        question = work.fresh(checklist.questions[0])
        data = EvidenceData(EvidenceKind.PHOTO, is_masked=True)
        photo = replace(a_brought_file("Bảng niêm yết", "photo.jpg"), reader="", reading="")
        records["evidence"] = add_evidence(work, question, data, photo)
    with unit_of_work(lead) as work:
        said = AnswerData(grade=Grade.MINOR, notes="Hai bản cũ", people_met="Bà Lan")
        records["concluded"] = record_answer(work, work.fresh(question), said)
    with unit_of_work(lead) as work:
        data = SampleData("Hồ sơ quý III", 2, population=9, seed="17")
        draw_sample(work, work.fresh(checklist), data)
    with unit_of_work(people["officer"]) as work:
        line = TemplateLine("Con dấu", "7.5.3", "Con dấu do ai giữ?")
        change_template(work, work.actor.body, UnitKind.TEAM, [line])
    records |= {"fielded": audit, "question": checklist.questions[1], "answered": question}


def _reported(people: dict[str, Person], records: dict[str, Any], auditor: Any) -> None:
    """An audit with one line, one finding its unit accepted, and an issued report."""
    lead, day = people["lead auditor"], LONG_AGO + timedelta(days=1)
    with unit_of_work(people["officer"]) as work:
        wanted = AuditData([work.fresh(records["beside"])], (None, None), (day, day))
        audit = plan_audit(work, work.fresh(records["programme"]), wanted)
    with unit_of_work(people["officer"]) as work:
        join_team(work, work.fresh(audit), work.fresh(auditor), TeamPart.LEAD)
    for act in (announce_audit, begin_audit):
        with unit_of_work(lead) as work:
            act(work, work.fresh(audit))
    with unit_of_work(lead) as work:
        records["line"] = _line(work, audit)
    with unit_of_work(lead) as work:
        fresh = work.fresh(audit)
        clause = fresh.clauses[0].clause
        beside = work.fresh(records["beside"])
        said = FindingData(beside, "Sổ thiếu", FindingGrade.OBSERVATION, clause, (), "Sổ, trang 4")
        records["found"] = write_finding(work, fresh, said)
    with unit_of_work(lead) as work:
        send_findings(work, work.fresh(audit))
    with unit_of_work(people["manager of another unit"]) as work:
        respond(work, work.fresh(records["found"]), UnitResponse.ACCEPT)
    with unit_of_work(lead) as work:
        end_fieldwork(work, work.fresh(audit))
    with unit_of_work(lead) as work:
        fresh = work.fresh(audit)
        issue_report(
            work,
            fresh,
            ReportData("Hệ thống phù hợp."),
            printed=a_brought_file("Báo cáo", "bao-cao.docx"),
            digest=digest_of(findings_now(work, fresh)),
            proof=a_proof(lead),
            seen=None,
        )
    records["reported"] = audit
    records["recommended"] = db.session.scalars(sa.select(Recommendation)).one()


def _line(work: Any, audit: Any) -> LineAnswer:
    """One question with one answer worth reporting."""
    body_id, who, now = audit.body_id, work.actor.id, work.now
    checklist = work.add(Checklist(body_id=body_id, audit_id=audit.id, made_by_id=who, made_at=now))
    work.record(AuditFact.CHECKLIST_MADE, checklist, count=1)
    question = work.add(
        Question(
            body_id=body_id,
            checklist=checklist,
            checklist_id=checklist.id,
            position=1,
            text="Sổ có đủ không?",
            source=QuestionSource.CLAUSE,
        )
    )
    work.record(AuditFact.QUESTIONS_ADDED, question, count=1)
    answer = work.add(
        LineAnswer(
            body_id=body_id,
            uid="00000000-0000-4000-8000-000000000001",
            question=question,
            question_id=question.id,
            author_id=who,
            part=AnswerPart.AUDITOR,
            grade=Grade.MINOR,
            notes="Thiếu ba hồ sơ",
            recorded_at=now,
        )
    )
    work.record(AuditFact.ANSWER_RECORDED, answer)
    return answer
