"""The programme of a year: drawn up, signed, taken up again; what it covers (b1-b6; A2, A5)."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.coverage import cells, is_excluded
from audits.coverage_register import coverage_of
from audits.models import AskedOf, AuditKind, AuditState, ProgrammeState
from audits.planned_audit import cancel_audit
from audits.programme import (
    ProgrammeData,
    UnitData,
    approve_programme,
    close_programme,
    draft_programme,
    programme_content,
    return_programme,
    revise_programme,
    submit_programme,
    weigh_unit,
)
from audits.register import programme_of, weighed_units
from audits.risk import UnitFacts, risk_of
from audits.standards import standards_of
from audits.year_plan import half_of, load_of, rows_of
from tests.audits.world import SAID, YEAR, Auditing, in_days
from tests.builders import MONDAY, TODAY, Office, a_proof
from tests.counting import queries


def _facts(record_type: str) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(TrailEntry.record_type == record_type)
            .order_by(TrailEntry.id)
        )
    )


@pytest.mark.covers("b1", "b2", "A2", "D3", "T1")
def test_a_programme_is_submitted_returned_and_signed_with_its_gaps(app):
    office = Auditing()
    programme = office.programme()
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        submit_programme(work, work.fresh(programme))  # nothing to audit yet
    office.joins(office.audit(programme), office.lead)
    with unit_of_work(office.officer, now=MONDAY) as work:
        submit_programme(work, work.fresh(programme))
    with pytest.raises(InvalidInput), unit_of_work(office.leader, now=MONDAY) as work:
        return_programme(work, work.fresh(programme), reason=" ")
    with unit_of_work(office.leader, now=MONDAY) as work:
        return_programme(work, work.fresh(programme), reason="Thêm phòng Kinh tế")
    assert (programme.state, programme.return_reason) == (
        ProgrammeState.DRAFT,
        "Thêm phòng Kinh tế",
    )
    office.signed(programme)
    assert programme.state is ProgrammeState.APPROVED
    version = programme.approved
    assert version is not None
    assert version.signature.covers(programme_content(db.session(), programme))
    uncovered = programme_content(db.session(), programme)["uncovered"]
    assert set(uncovered) == {"KT", "VH", office.body.code.upper()}
    assert _facts("programme") == [
        "programme.drafted",
        "programme.submitted",
        "programme.returned",
        "programme.submitted",
        "programme.approved",
    ]


@pytest.mark.covers("b2", "D3", "O1")
def test_only_a_leader_signs_and_never_who_drew_it_up(app):
    office = Auditing()
    programme = office.programme()
    office.audit(programme)
    for person in (office.leader, office.staff, Office().officer):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            submit_programme(work, work.fresh(programme))
    with pytest.raises(RuleBroken), unit_of_work(office.leader, now=MONDAY) as work:
        approve_programme(work, work.fresh(programme), proof=a_proof(office.leader))
    with unit_of_work(office.officer, now=MONDAY) as work:
        submit_programme(work, work.fresh(programme))
    for person, proof in ((office.officer, office.officer), (office.leader, office.officer)):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            approve_programme(work, work.fresh(programme), proof=a_proof(proof))
    with pytest.raises(Stale), unit_of_work(office.leader, now=MONDAY) as work:
        approve_programme(work, work.fresh(programme), proof=a_proof(office.leader), seen=99)
    assert programme.decide_obstacle(office.officer) is not None
    assert programme.decide_obstacle(office.leader) is None


@pytest.mark.covers("b2", "b12")
def test_after_the_signature_a_change_makes_the_next_version(app):
    office = Auditing()
    programme = office.programme()
    office.audit(programme)
    office.signed(programme)
    data = ProgrammeData("Khác", "Khác", standards_of(db.session(), office.body.id)[:1])
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        draft_programme(work, work.fresh(office.body), YEAR, data)
    with pytest.raises(RuleBroken):
        office.audit(programme, office.economy)
    with pytest.raises(InvalidInput):  # an unscheduled one needs its reason
        office.audit(programme, office.economy, kind=AuditKind.UNSCHEDULED)
    extra = office.audit(
        programme, office.economy, kind=AuditKind.UNSCHEDULED, reason="Phản ánh của dân"
    )
    assert extra.programme.version == 1
    assert extra.programme.state is ProgrammeState.APPROVED
    with unit_of_work(office.officer, now=MONDAY) as work:
        revise_programme(work, work.fresh(programme), reason="Thêm phòng Văn hóa")
    assert (programme.version, programme.state) == (2, ProgrammeState.DRAFT)
    office.audit(programme, office.culture)
    office.signed(programme)
    assert [one.version for one in programme.versions] == [1, 2]
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        revise_programme(work, work.fresh(programme), reason="")


@pytest.mark.covers("b3")
def test_a_programme_with_audits_is_never_deleted_and_closes_when_all_have_ended(app):
    office = Auditing()
    programme = office.programme()
    audit = office.audit(programme)
    for record in (programme, audit):
        with (
            pytest.raises(RuntimeError, match="evidence"),
            unit_of_work(office.officer, now=MONDAY) as work,
        ):
            work.session.delete(work.fresh(record))
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        close_programme(work, work.fresh(programme))
    office.signed(programme)
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        close_programme(work, work.fresh(programme))
    assert refused.value.values["numbers"] == audit.number
    with unit_of_work(office.officer, now=MONDAY) as work:
        cancel_audit(work, work.fresh(audit), reason="Đơn vị giải thể")
    with unit_of_work(office.officer, now=MONDAY) as work:
        close_programme(work, work.fresh(programme))
    assert programme.state is ProgrammeState.CLOSED
    with pytest.raises(RuleBroken):
        office.audit(programme, kind=AuditKind.UNSCHEDULED, reason="x")


@pytest.mark.covers("b1")
@pytest.mark.parametrize(
    ("year", "data", "field"),
    [
        (1800, {}, "year"),
        (YEAR, {"objectives": "x" * 8001}, "objectives"),
    ],
)
def test_what_a_programme_cannot_say_is_told_at_its_field(app, year, data, field):
    office = Auditing()
    said = ProgrammeData(**{"objectives": SAID, "scope_text": "x", "standards": (), **data})
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        draft_programme(work, work.fresh(office.body), year, said)
    assert refused.value.field == field


@pytest.mark.covers("b4", "b6", "A2")
def test_coverage_counts_what_is_asked_of_each_unit_and_names_the_rest():
    units = {1: False, 2: False, 9: True}
    asked = {10: AskedOf.DEPARTMENTS, 11: AskedOf.LEADERSHIP, 12: AskedOf.BOTH, 13: AskedOf.NOBODY}
    found = cells(units, asked, [(1, 10), (1, 12), (2, 10), (9, 11), (9, 13)])
    assert len(found.wanted) == 6
    assert len(found.covered) == 4
    assert found.missing == {2: [12], 9: [12]}
    assert is_excluded("8.3.2", {"8.3"})
    assert not is_excluded("8.30", {"8.3"})


@pytest.mark.covers("b4", "b6", "A2")
def test_a_unit_is_covered_by_its_audit_and_uncovered_when_that_is_called_off(app):
    office = Auditing()
    programme = office.programme()
    before = coverage_of(db.session(), office.body, YEAR)
    assert before.covered == 0
    audit = office.audit(programme)
    after = coverage_of(db.session(), office.body, YEAR)
    assert after.covered == len(audit.clauses) > 10
    assert office.unit.id not in {gap.unit.id for gap in after.gaps}
    office.effective()
    assert len(coverage_of(db.session(), office.body, YEAR).open_procedures) == 1
    with unit_of_work(office.officer, now=MONDAY) as work:
        cancel_audit(work, work.fresh(audit), reason="Trùng đợt thanh tra")
    assert coverage_of(db.session(), office.body, YEAR).covered == 0


@pytest.mark.covers("A5", "b5")
def test_risk_is_the_weighed_sum_of_its_factors():
    weights = {"since": 30, "importance": 30, "changes": 20, "overdue": 20}
    assert risk_of(UnitFacts(None, 5, 9, 9), weights).score == 99
    assert risk_of(UnitFacts(0, 1, 0, 0), weights).score == 1
    middle = risk_of(UnitFacts(12, 3, 0, 0), weights)
    assert [round(part.points) for part in middle.parts] == [15, 15, 0, 0]
    assert (middle.score, middle.due_month) == (30, 12)
    only = risk_of(UnitFacts(None, 1, 0, 0), {"since": 10})
    assert (only.score, only.due_month) == (99, 4)


@pytest.mark.covers("A5", "b5")
def test_risk_follows_from_what_is_known_of_a_unit(app):
    office = Auditing()
    with unit_of_work(office.officer, now=MONDAY) as work:
        data = UnitData(importance=5, visits=2, needs=("Hộ tịch",), closed_days=())
        assert weigh_unit(work, work.fresh(office.unit), data)
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert not weigh_unit(work, work.fresh(office.unit), data)
    office.effective()
    first = weighed_units(db.session(), office.body, TODAY)[0]
    assert first.unit == office.unit
    assert (first.risk.facts.importance, first.risk.facts.changes) == (5, 1)
    programme = office.programme()
    audit = office.audit(programme)
    office.joins(audit, office.lead)
    office.taken_to(audit, AuditState.REPORTING)
    again = {one.unit.id: one for one in weighed_units(db.session(), office.body, TODAY)}
    assert again[office.unit.id].risk.facts.months_since == 0
    assert again[office.unit.id].risk.score < first.risk.score
    for wrong in (UnitData(importance=6), UnitData(visits=-1), UnitData(days=0)):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            weigh_unit(work, work.fresh(office.unit), wrong)


@pytest.mark.covers("b9")
def test_the_year_is_laid_out_by_half_months_and_loads_are_counted(app):
    assert [half_of(date(2026, 1, 15), 2026), half_of(date(2026, 1, 16), 2026)] == [0, 1]
    assert half_of(date(2026, 12, 31), 2026) == 23
    assert [half_of(date(2025, 6, 1), 2026), half_of(date(2027, 6, 1), 2026)] == [0, 23]
    office = Auditing()
    programme = office.programme()
    audit = office.audit(programme, days=(in_days(7), in_days(8)))
    office.joins(audit, office.lead)
    office.audit(programme, office.economy, days=(None, None), window=(TODAY, in_days(20)))
    units = weighed_units(db.session(), office.body, TODAY)
    rows = {row.weighed.unit.id: row for row in rows_of(units, programme.audits, {}, YEAR)}
    looks = {key: [bar.look for half in row.halves for bar in half] for key, row in rows.items()}
    assert looks[office.unit.id] == ["fixed"]
    assert looks[office.economy.id] == ["draft"]
    assert rows[office.culture.id].is_empty
    (load,) = load_of(programme.audits)
    assert (load.auditor, load.audits, load.days, load.is_over) == (office.lead, 1, 2, False)


@pytest.mark.covers("O4", "b1")
def test_a_programme_is_for_those_who_have_to_do_with_audits(app):
    office = Auditing()
    programme = office.programme()
    session = db.session()
    seen = programme_of(session, standing_of(session, office.manager, TODAY), office.body, YEAR)
    assert seen == programme
    for person in (office.staff, Office().officer):
        with pytest.raises(NotFound):
            programme_of(session, standing_of(session, person, TODAY), office.body, YEAR)


@pytest.mark.covers("b1")
def test_a_year_of_many_audits_is_read_in_as_many_queries_as_one(app):
    office = Auditing()
    programme = office.programme()
    office.joins(office.audit(programme), office.lead)
    held = standing_of(db.session(), office.officer, TODAY)

    def read() -> int:
        db.session.expire_all()
        with queries() as made:
            found = programme_of(db.session(), held, office.body, YEAR)
            assert found is not None
            for audit in found.audits:
                assert audit.unit_names
                assert [one.auditor.shown_name for one in audit.team]
        return len(made)

    read()
    few = read()
    for number in range(6):
        made = office.audit(programme, days=(in_days(number * 5 + 10), None))
        office.joins(made, office.lead)
    assert read() <= few + 2
