"""The audits of the small world: one under way with its checklist, one with its report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organisation import UnitKind
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from audits.checklists.answering import AnswerData, record_answer
from audits.checklists.drawing import SampleData, draw_sample
from audits.checklists.evidence import EvidenceData, add_evidence
from audits.checklists.generating import Sources
from audits.checklists.preparing import make_checklist
from audits.checklists.templates import TemplateLine, change_template
from audits.facts import AuditFact
from audits.finding import FindingData, findings_now, respond, send_findings, write_finding
from audits.models import (
    Answer,
    AnswerPart,
    Checklist,
    EvidenceKind,
    FindingGrade,
    Grade,
    Question,
    QuestionSource,
    Recommendation,
    TeamPart,
    UnitResponse,
)
from audits.planned_audit import (
    AuditData,
    announce_audit,
    begin_audit,
    end_fieldwork,
    plan_audit,
)
from audits.reporting import ReportData, digest_of, issue_report
from audits.team import join_team
from tests.builders import LONG_AGO, a_brought_file, a_proof, a_unit


def an_audit_under_way(people: dict[str, Person], records: dict[str, Any], auditor: Any) -> None:
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


def a_reported_audit(people: dict[str, Person], records: dict[str, Any], auditor: Any) -> None:
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


def _line(work: Any, audit: Any) -> Answer:
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
        Answer(
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
