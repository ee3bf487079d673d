"""An office with auditors and a programme, for the tests of audits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.organisation import Unit
from app.kernel.organising import PersonData, change_person
from app.kernel.people import Person, Role
from app.kernel.work import unit_of_work
from audits.auditor import Qualification, name_auditor
from audits.finding import FindingData, findings_now, respond, send_findings, write_finding
from audits.models import (
    Audit,
    Auditor,
    AuditReport,
    AuditState,
    Clause,
    Finding,
    FindingGrade,
    Programme,
    Standard,
    TeamMember,
    TeamPart,
    UnitResponse,
)
from audits.planned_audit import (
    AuditData,
    announce_audit,
    begin_audit,
    close_audit,
    end_fieldwork,
    plan_audit,
)
from audits.programme import (
    ProgrammeData,
    approve_programme,
    draft_programme,
    submit_programme,
)
from audits.reporting import ReportData, digest_of, issue_report, report_in
from audits.standards import load_own_criteria, standards_of
from audits.team import join_team
from tests.builders import MONDAY, TODAY, Office, a_brought_file, a_person, a_proof, a_unit

YEAR = TODAY.year
SAID = "Xác nhận hệ thống phù hợp"


class Auditing(Office):
    """A small body that audits itself: two departments, two auditors, a programme."""

    def __init__(self) -> None:
        super().__init__()
        with unit_of_work(None, now=MONDAY) as work:
            load_own_criteria(work)
        self.economy = a_unit(self.body, "KT", "Phòng Kinh tế")
        self.culture = a_unit(self.body, "VH", "Phòng Văn hóa")
        self.lead_person = a_person(self.culture, Role.STAFF, name="Thái Bá Dũng")
        self.lead = self.auditor(self.lead_person, may_lead=True)
        self.second_person = a_person(self.economy, Role.STAFF, name="Ông Văn Phú")
        self.second = self.auditor(self.second_person)

    def auditor(self, person: Person, **said: Any) -> Auditor:
        """Put somebody on the list."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            return name_auditor(
                work, work.fresh(self.body), Qualification(**said), person=work.fresh(person)
            )

    def move_home(self, person: Person, unit: Unit) -> None:
        """Let somebody work in another unit from now on."""
        with unit_of_work(self.administrator, now=MONDAY) as work:
            found = work.fresh(person)
            data = PersonData(name=found.name, unit=work.fresh(unit), login=found.login)
            change_person(work, found, data)

    def programme(self, year: int = YEAR) -> Programme:
        """Begin the programme of a year."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            standards = standards_of(work.session, self.body.id)[:1]
            data = ProgrammeData(SAID, "Toàn bộ đơn vị", standards)
            return draft_programme(work, work.fresh(self.body), year, data)

    def audit(
        self,
        programme: Programme,
        *units: Unit,
        days: tuple[date | None, date | None] = (TODAY, TODAY),
        window: tuple[date | None, date | None] = (None, None),
        **said: Any,
    ) -> Audit:
        """Plan an audit; of the justice department where no unit is given."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            wanted = [work.fresh(unit) for unit in (units or (self.unit,))]
            data = AuditData(wanted, window, days, **said)
            return plan_audit(work, work.fresh(programme), data)

    def joins(self, audit: Audit, auditor: Auditor, part: TeamPart = TeamPart.LEAD) -> TeamMember:
        """Put an auditor into a team."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            return join_team(work, work.fresh(audit), work.fresh(auditor), part)

    def signed(self, programme: Programme) -> Programme:
        """Have the programme submitted and signed."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            submit_programme(work, work.fresh(programme))
        with unit_of_work(self.leader, now=MONDAY) as work:
            approve_programme(work, work.fresh(programme), proof=a_proof(self.leader))
        return programme

    def taken_to(self, audit: Audit, state: AuditState) -> Audit:
        """Take an audit with its lead through its stages."""
        steps = [
            (AuditState.ANNOUNCED, announce_audit),
            (AuditState.UNDER_WAY, begin_audit),
            (AuditState.REPORTING, end_fieldwork),
            (AuditState.REPORTED, None),
            (AuditState.CLOSED, close_audit),
        ]
        for reached, act in steps:
            if act is None:
                self.issued(audit)
                if reached is state:
                    break
                continue
            with unit_of_work(self.lead_person, now=MONDAY) as work:
                act(work, work.fresh(audit))
            if reached is state:
                break
        return audit

    def finding(
        self,
        audit: Audit,
        statement: str = "Sổ theo dõi ghi thiếu ba hồ sơ.",
        grade: FindingGrade = FindingGrade.MINOR,
        *,
        clause: str = "8.5.1",
        evidence: str = "Sổ tiếp nhận tháng 10, trang 4",
        unit: Unit | None = None,
        now: datetime = MONDAY,
    ) -> Finding:
        """Write a finding down; without a clause or evidence where they are empty."""
        with unit_of_work(self.lead_person, now=now) as work:
            audit = work.fresh(audit)
            asked = sa.select(Clause).join(Standard).where(Standard.name == "ISO 9001:2015")
            found = work.session.scalars(asked.where(Clause.number == clause)).one_or_none()
            data = FindingData(
                work.fresh(unit) if unit is not None else audit.units[0].unit,
                statement,
                grade,
                found,
                evidence=evidence,
            )
            return write_finding(work, audit, data)

    def sent(self, audit: Audit, now: datetime = MONDAY) -> None:
        """Make the findings of an audit known to its units."""
        with unit_of_work(self.lead_person, now=now) as work:
            send_findings(work, work.fresh(audit))

    def answered_by(
        self,
        person: Person,
        finding: Finding,
        response: UnitResponse = UnitResponse.ACCEPT,
        words: str = "",
        now: datetime = MONDAY,
    ) -> None:
        """Answer a finding for its unit."""
        with unit_of_work(person, now=now) as work:
            respond(work, work.fresh(finding), response, words=words)

    def issued(
        self, audit: Audit, words: ReportData | None = None, now: datetime = MONDAY
    ) -> AuditReport:
        """Sign and issue the report of an audit, on a sheet of made-up bytes."""
        said = words or ReportData("Hệ thống phù hợp.", "Ít hơn lần trước.")
        with unit_of_work(self.lead_person, now=now) as work:
            report = report_in(work, work.fresh(audit))
            seen = report.row_version if report is not None else None
            digest = digest_of(findings_now(work, audit))
        with unit_of_work(self.lead_person, now=now) as work:
            return issue_report(
                work,
                work.fresh(audit),
                said,
                printed=a_brought_file("Báo cáo", "bao-cao.docx"),
                digest=digest,
                proof=a_proof(self.lead_person),
                seen=seen,
            )


def in_days(count: int) -> date:
    """Give the day that lies so many days ahead."""
    return TODAY + timedelta(days=count)
