"""No task missed, no function overlapping: the assignment matrix (O5, L24)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, Stale
from app.kernel.organisation import Unit, UnitKind
from app.kernel.organising import add_unit, change_unit
from app.kernel.permissions import standing_of
from app.kernel.row_import import ImportResult, Outcome, looked_at, rows_of_csv
from app.kernel.trail import TrailEntry
from app.kernel.unit_succession import name_successor
from app.kernel.work import unit_of_work
from documents.assignment import (
    AssignmentData,
    add_assignment,
    change_assignment,
    import_assignments,
)
from documents.assignment_register import Lack, assignment, coverage, matrix
from documents.facts import DocumentFact
from documents.models import Assignment, AssignmentKind, Document, PublicationMode
from documents.publication import PublicationData, publish
from tests.builders import MONDAY, TODAY, Office, a_body, a_unit, root
from tests.counting import queries
from tests.documents.test_publications import Ward, adopted

FIRST = date(2026, 1, 1)


def assigned(office: Office, code: str = "1.000001", name: str = "", **more) -> Assignment:
    data = AssignmentData(
        AssignmentKind.PROCEDURE, code, name or f"Thủ tục {code}", more.pop("since", FIRST), **more
    )
    with unit_of_work(office.officer, now=MONDAY) as work:
        return add_assignment(work, work.fresh(office.body), data)


def brought(office: Office, text: str, *, only_look: bool = False) -> ImportResult:
    rows = rows_of_csv(text.encode())
    if only_look:
        return looked_at(
            office.officer, lambda work: import_assignments(work, work.actor.body, rows)
        )
    with unit_of_work(office.officer, now=MONDAY) as work:
        return import_assignments(work, work.fresh(office.body), rows)


def figures(office: Office, on: date = TODAY):
    return coverage(db.session(), office.body, on)


def lines(office: Office, on: date = TODAY, **more):
    standing = standing_of(db.session(), office.officer, TODAY)
    return matrix(db.session(), standing, office.body, on, **more)


def rows_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) or 0


@pytest.mark.covers("O5", "L24")
def test_gaps_overlaps_and_rows_without_a_document_are_named_and_counted(app):
    office = Office()
    other = a_unit(office.body, "KT", "Phòng Kinh tế")
    document = office.effective().document
    good = assigned(office, "1.1", "Đăng ký khai sinh", lead_unit=office.unit, document=document)
    gap = assigned(office, "1.2", "Đăng ký khai tử", document=document)
    bare = assigned(office, "1.3", "Đăng ký kết hôn", lead_unit=office.unit)
    twins = [
        assigned(office, "1.4", "Cấp giấy phép", lead_unit=office.unit, document=document),
        assigned(office, "KT-9", "cấp giấy PHÉP", lead_unit=other, document=document),
    ]
    found = figures(office)
    assert (found.total, found.covered) == (5, 1)
    assert found.lacking == {
        Lack.UNIT: {gap.id},
        Lack.DOCUMENT: {bare.id},
        Lack.OVERLAP: {one.id for one in twins},
    }
    named = lines(office, lack=Lack.OVERLAP).lines
    assert [line.row.name for line in named] == ["Cấp giấy phép", "cấp giấy PHÉP"]
    assert [line.lacks for line in lines(office).lines if line.row.id == good.id] == [()]


@pytest.mark.covers("O5", "L24")
def test_557_of_557_are_covered_in_a_few_questions(app):
    office = Office()
    document = office.effective().document
    text = "Mã thủ tục,Tên thủ tục,Đơn vị chủ trì,Quy trình\n" + "".join(
        f"1.{number:06d},Thủ tục số {number},TP,{document.code}\n" for number in range(557)
    )
    result = brought(office, text)
    assert result.count(Outcome.ADD) == 557
    found = figures(office)
    assert (found.covered, found.total) == (557, 557)
    with queries() as made:
        page = lines(office)
    assert len(page.lines) == 50
    assert len(made) <= 16, made
    seen, after = 0, None
    while True:
        page = lines(office, after=after)
        seen += len(page.lines)
        after = page.after_id
        if after is None:
            break
    assert seen == 557
    assert brought(office, text).count(Outcome.KEEP) == 557  # brought twice, nothing twice
    assert rows_count() == 557


@pytest.mark.covers("O3", "O5")
def test_the_matrix_answers_as_of_a_day_and_follows_a_units_succession(app):
    office = Office()
    document = office.effective().document
    with unit_of_work(office.administrator, now=MONDAY) as work:
        heir = add_unit(
            work, work.fresh(root(office.body)), "TH", "Phòng Tổng hợp", UnitKind.DEPARTMENT,
            active_from=TODAY + timedelta(days=1),
        )  # fmt: skip
    row = assigned(office, lead_unit=office.unit, document=document, since=FIRST)
    old = assigned(office, "2.1", until_day_only := "Cũ", valid_until=date(2026, 3, 31),
                   lead_unit=office.unit)  # fmt: skip
    with unit_of_work(office.administrator, now=MONDAY) as work:
        unit = work.fresh(office.unit)
        change_unit(work, unit, code=unit.code, name=unit.name, name_en="", kind=unit.kind,
                    active_until=TODAY)  # fmt: skip
    assert figures(office, TODAY + timedelta(days=1)).lacking[Lack.UNIT] == {row.id}
    with unit_of_work(None, now=MONDAY) as work:
        name_successor(work.session, office.unit.id, heir.id)
    assert old.name == until_day_only
    before = lines(office, date(2026, 2, 1)).lines
    assert {line.row.code for line in before} == {"1.000001", "2.1"}
    today, tomorrow = lines(office).lines, lines(office, TODAY + timedelta(days=1)).lines
    assert [line.lead.name for line in today if line.lead] == ["Phòng Tư pháp"]
    assert [line.lead.name for line in tomorrow if line.lead] == ["Phòng Tổng hợp"]
    assert figures(office, TODAY + timedelta(days=1)).lacking[Lack.UNIT] == frozenset()
    assert not lines(office, date(2025, 12, 31)).lines
    # the document came into force on Monday: before that day nothing governed it
    assert row.id in figures(office, date(2026, 2, 1)).lacking[Lack.DOCUMENT]
    assert row.id not in figures(office).lacking[Lack.DOCUMENT]
    by_unit = lines(office, TODAY + timedelta(days=1), unit_id=heir.id).lines
    assert [line.row.code for line in by_unit] == ["1.000001"]


@pytest.mark.covers("O5")
def test_an_import_says_row_by_row_what_is_wrong_and_writes_nothing_until_told(app):
    office = Office()
    document = office.effective().document
    text = (
        "ma;ten;don_vi_chu_tri;don_vi_phoi_hop;ma_tai_lieu;tu_ngay;den_ngay\n"
        f"1.1;Khai sinh;TP;;{document.code};01/01/2026;\n"
        f"1.1;Khai sinh khác;TP;;{document.code};01/06/2026;\n"  # the same code, days overlap
        "1.2;Khai tử;Phòng Tư phap hộ tịch;;;01/01/2026;\n"  # a unit that is nearly one of ours
        "1.3;Kết hôn;Sở Vô Danh Xa Lắc;;;01/01/2026;\n"
        "1.4;Giám hộ;TP;;QT-KHONG-CO;01/01/2026;\n"
        "1.5;Nhận con;TP;;;32/13/2026;\n"
        "1.6;Nuôi con nuôi;TP;;;01/06/2026;01/01/2026\n"
        ";Không mã;TP;;;;\n"
        "1.7;Cải chính;Phòng Tư pháp;TP;;01/01/2026;\n"  # led by name
        "1.8;Chưa giao;;;;01/01/2026;\n"
    )  # fmt: skip
    seen = brought(office, text, only_look=True)
    assert rows_count() == 0
    outcomes = {row.number: row for row in seen.rows}
    refused = {number for number, row in outcomes.items() if row.outcome is Outcome.REFUSE}
    assert refused == {3, 4, 5, 6, 7, 8, 9}
    assert outcomes[4].values["code"] == "TP"  # the unit that is proposed
    assert outcomes[11].text == "New; it has no lead unit yet."
    done = brought(office, text)
    assert done.count(Outcome.ADD) == 3
    assert [line.row.code for line in lines(office).lines] == ["1.1", "1.7", "1.8"]
    assert figures(office).count(Lack.UNIT) == 1


@pytest.mark.covers("O5", "T10", "T22")
def test_hostile_cells_stay_words(app):
    office = Office()
    cells = ["=cmd|'/c calc'!A0", "<script>alert(1)</script>", "x" * 600, "\x00'; DROP TABLE"]
    text = "ma,ten,don_vi_chu_tri\n" + "".join(
        f'9.{number},"{cell}",TP\n' for number, cell in enumerate(cells)
    )
    result = brought(office, text.replace("\x00", ""))
    assert [row.outcome for row in result.rows] == [
        Outcome.ADD, Outcome.ADD, Outcome.REFUSE, Outcome.ADD,
    ]  # fmt: skip
    assert rows_count() == 3
    with pytest.raises(InvalidInput):
        brought(office, "một,hai\n1,2\n")
    with pytest.raises(InvalidInput):
        rows_of_csv(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput):
        rows_of_csv(("ma,ten\n" + "1,2\n" * 2001).encode())


@pytest.mark.covers("O5")
def test_by_hand_the_same_code_does_not_hold_twice_on_one_day(app):
    office = Office()
    row = assigned(office, "1.1", valid_until=date(2026, 6, 30))
    assigned(office, "1.1", since=date(2026, 7, 1))
    with pytest.raises(InvalidInput, match="already"):
        assigned(office, "1-1", since=date(2026, 6, 30), valid_until=date(2026, 6, 30))
    data = AssignmentData(
        AssignmentKind.PROCEDURE, "1.1", "Dài hơn", FIRST, valid_until=date(2026, 8, 1)
    )
    with (
        pytest.raises(InvalidInput, match="already"),
        unit_of_work(office.officer, now=MONDAY) as work,
    ):
        change_assignment(work, work.fresh(row), data)


@pytest.mark.covers("O5")
def test_a_delegated_procedure_names_its_legal_owner_and_days(app):
    office = Office()
    days = {"delegated_from": FIRST, "delegated_until": date(2026, 12, 31)}
    with pytest.raises(InvalidInput):
        assigned(office, "1.1", **days)
    with pytest.raises(InvalidInput):
        assigned(office, "1.1", legal_owner="Sở Tư pháp", delegated_from=TODAY,
                 delegated_until=FIRST)  # fmt: skip
    assigned(office, "1.1", legal_owner="Sở Tư pháp", **days)
    assert [line.is_delegated for line in lines(office).lines] == [True]
    assert [line.is_delegated for line in lines(office, date(2027, 1, 1)).lines] == [False]


@pytest.mark.covers("O5", "O4", "T1", "e1")
def test_who_keeps_it_and_what_the_trail_tells(app):
    office, other = Office(), Office()
    row = assigned(office, lead_unit=office.unit)
    second = a_unit(office.body, "KT", "Phòng Kinh tế")
    for person in (office.manager, office.leader, other.officer, office.staff):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            change_assignment(work, work.fresh(row), AssignmentData(row.kind, "1.9", "Khác", FIRST))
    foreign = AssignmentData(row.kind, "1.9", "Khác", FIRST, lead_unit=other.unit)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        add_assignment(work, work.fresh(office.body), foreign)
    data = AssignmentData(row.kind, row.code, row.name, FIRST, lead_unit=second,
                          others=(office.unit,))  # fmt: skip
    with unit_of_work(office.officer, now=MONDAY) as work:
        change_assignment(work, work.fresh(row), data)
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(DocumentFact.ASSIGNMENT_CHANGED))
    ).one()
    assert str([office.unit.id, second.id]).replace(" ", "") in entry.details
    assert entry.chain == office.body.id
    with pytest.raises(NotFound):
        assignment(db.session(), standing_of(db.session(), other.officer, TODAY), row.id)
    with pytest.raises(Stale), unit_of_work(office.officer, now=MONDAY) as work:
        work.fresh(row, seen=1)


@pytest.mark.covers("O5", "O4")
def test_a_document_of_a_higher_body_governs_once_it_applies(app):
    above = Office(a_body(name="UBND quận"))
    ward = Ward(above.body, "Phường An")
    office = Office(ward.body)
    revision = above.effective()
    document = db.session.get(Document, revision.document_id)
    row = assigned(office, lead_unit=office.unit, document=document)
    assert figures(office).lacking[Lack.DOCUMENT] == {row.id}
    with unit_of_work(above.officer, now=MONDAY) as work:
        given = publish(work, work.fresh(document), PublicationData(PublicationMode.TO_ADOPT))
    adopted(ward, given, revision)
    assert figures(office).lacking[Lack.DOCUMENT] == frozenset()
    assert isinstance(office.unit, Unit)
