"""An office with auditors and a programme, for the tests of audits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from app.kernel.organisation import Unit
from app.kernel.organising import PersonData, change_person
from app.kernel.people import Person, Role
from app.kernel.work import unit_of_work
from audits.auditor import Qualification, name_auditor
from audits.models import Audit, Auditor, AuditState, Programme, TeamMember, TeamPart
from audits.planned_audit import (
    AuditData,
    announce_audit,
    begin_audit,
    close_audit,
    end_fieldwork,
    plan_audit,
    report_audit,
)
from audits.programme import (
    ProgrammeData,
    approve_programme,
    draft_programme,
    submit_programme,
)
from audits.standards import load_own_criteria, standards_of
from audits.team import join_team
from tests.builders import MONDAY, TODAY, Office, a_person, a_proof, a_unit

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
            (
                AuditState.REPORTED,
                lambda work, one: report_audit(work, one, number="12/BC", on=TODAY),
            ),
            (AuditState.CLOSED, close_audit),
        ]
        for reached, act in steps:
            with unit_of_work(self.lead_person, now=MONDAY) as work:
                act(work, work.fresh(audit))
            if reached is state:
                break
        return audit


def in_days(count: int) -> date:
    """Give the day that lies so many days ahead."""
    return TODAY + timedelta(days=count)
