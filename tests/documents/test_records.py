"""The register of filled forms: entered, found without tone marks, annotated (7.5.3; O1, O4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.facts import DocumentFact
from documents.models import DocumentKind, QualityRecord
from documents.records import (
    PAGE,
    RecordData,
    RecordFilters,
    annotate,
    keep_record,
    record_by_id,
    records,
    take_record_file,
    units_for_records,
)
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_brought_file,
    a_document,
    a_unit,
    settings_changed,
)
from tests.counting import queries


def kept(office: Office, title: str = "Sổ theo dõi tiếp dân", **more) -> QualityRecord:
    data = {"made_on": TODAY, "place": "Tủ số 3", **more}
    with unit_of_work(office.staff, now=MONDAY) as work:
        return keep_record(work, RecordData(work.fresh(office.unit), title, **data))


def found(office: Office, person=None, **filters) -> list[QualityRecord]:
    standing = standing_of(db.session(), person or office.staff, TODAY)
    return records(db.session(), standing, RecordFilters(**filters)).rows


@pytest.mark.covers("a49")
def test_a_record_is_kept_as_long_as_its_form_or_the_body_says(app):
    office = Office()
    assert kept(office).keep_until == date(2031, 11, 23)
    form = a_document(office.officer, office.unit, title="Phiếu", kind=DocumentKind.FORM)
    with unit_of_work(office.officer, now=MONDAY) as work:
        work.fresh(form).retention_years = 20
        work.record(DocumentFact.RECORD_CHANGED, form)
    assert kept(office, form=form).keep_until == date(2046, 11, 23)
    assert kept(office, keep_years=0).keep_until is None
    settings_changed(office.body, retention_years={"record_type": 3})
    assert kept(office).keep_until == date(2029, 11, 23)


@pytest.mark.covers("a55")
def test_the_register_is_found_without_tone_marks_newest_first_page_by_page(app):
    office = Office()
    old = kept(office, "Biên bản họp giao ban", made_on=TODAY - timedelta(days=9), number="07")
    new = kept(office)
    assert found(office) == [new, old]
    assert found(office, text="bien ban GIAO") == [old]
    assert found(office, text="07") == [old]
    assert found(office, text="%") == []
    for number in range(PAGE):
        kept(office, f"Sổ {number}")
    standing = standing_of(db.session(), office.staff, TODAY)
    first = records(db.session(), standing, RecordFilters())
    assert len(first.rows) == PAGE
    assert first.newer_than is None
    second = records(db.session(), standing, RecordFilters(), before=first.older_than)
    assert second.rows == [new, old]
    back = records(db.session(), standing, RecordFilters(), after=second.newer_than)
    assert back.rows == first.rows
    with queries() as made:
        records(db.session(), standing, RecordFilters())
    assert len(made) <= 2


@pytest.mark.covers("O1", "O4")
def test_records_are_seen_by_their_unit_and_those_above_it_alone(app):
    office, other = Office(), Office(a_body())
    aside = a_unit(office.body)
    record = kept(office)
    assert found(office, office.manager) == [record]
    assert found(office, office.officer) == [record]
    assert found(office, other.officer) == []
    with pytest.raises(NotFound):
        record_by_id(db.session(), standing_of(db.session(), other.staff, TODAY), record.id)
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        keep_record(work, RecordData(work.fresh(aside), "Sổ", TODAY, place="Tủ"))
    staff = standing_of(db.session(), office.staff, TODAY)
    assert units_for_records(db.session(), staff) == [office.unit]


def test_a_record_needs_title_day_and_a_place_or_a_file(app):
    office = Office()
    for wrong in (
        {"title": "  "},
        {"made_on": None},
        {"made_on": TODAY + timedelta(days=1)},
        {"place": " "},
        {"keep_years": 101},
        {"keep_years": -1},
    ):
        with pytest.raises(InvalidInput):
            kept(office, **{"title": "Sổ", **wrong})
    assert found(office) == []


@pytest.mark.covers("T4")
def test_a_record_is_annotated_and_never_altered_and_its_title_stays_out_of_the_trail(app):
    office = Office()
    brought = a_brought_file("Đơn của công dân.")
    with unit_of_work(office.staff, now=MONDAY) as work:
        record = keep_record(
            work, RecordData(work.fresh(office.unit), "Đơn của bà Trần Thị Ba", TODAY), brought
        )
    with pytest.raises(InvalidInput), unit_of_work(office.staff, now=MONDAY) as work:
        annotate(work, work.fresh(record), " ")
    with unit_of_work(office.manager, now=MONDAY) as work:
        annotate(work, work.fresh(record), "Thiếu chữ ký trang 2.")
    with unit_of_work(office.staff, now=MONDAY) as work:
        take_record_file(work, work.fresh(record))
    assert [note.person for note in record.notes] == [office.manager]
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.record_type == "quality_record")
    ).all()
    assert [entry.fact for entry in told] == [
        str(DocumentFact.RECORD_KEPT),
        str(DocumentFact.RECORD_ANNOTATED),
        str(DocumentFact.RECORD_FILE_TAKEN),
    ]
    assert not any("Trần" in entry.details or "Thiếu" in entry.details for entry in told)
