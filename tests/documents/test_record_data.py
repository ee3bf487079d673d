"""Record data: changed without a new approval, told with old and new values (D13, T4)."""

from __future__ import annotations

import json

import pytest

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.drafting import change_record
from documents.issue import issue_if_due
from documents.models import Confidentiality, RevisionState
from tests.builders import (
    MONDAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    record_data,
    submitted,
)
from tests.documents.test_coming_into_force import AT_THURSDAY, THURSDAY


def _change(office: Office, document, **changes: object) -> None:
    with unit_of_work(office.officer, now=MONDAY) as work:
        document = work.fresh(document)
        change_record(work, document, record_data(document, **changes))


def _newest(fact: str) -> dict:
    entry = db.session.query(TrailEntry).filter_by(fact=fact).order_by(TrailEntry.id.desc()).first()
    return json.loads(entry.details)


@pytest.mark.covers("D13", "D4")
def test_new_record_data_asks_no_new_approval(app):
    office = Office()
    revision = a_draft(office.author, office.document(), effective_on=THURSDAY)
    submitted(revision, office.author)
    answered(revision, office.manager)
    other = a_unit(office.body, name="Phòng Kinh tế")
    _change(
        office,
        revision.document,
        keeper=office.staff,
        clauses=("8.5.1",),
        process="Hộ tịch",
        units=(other,),
        review_months=6,
        title_en="Birth registration",
    )
    assert revision.state is RevisionState.IN_REVIEW
    for person in (office.officer, office.leader):
        answered(revision, person)
    assert revision.package.is_signed_through()
    with unit_of_work(None, now=AT_THURSDAY) as work:
        assert issue_if_due(work, work.fresh(revision.package))


@pytest.mark.covers("D13", "T21")
def test_an_approval_shows_the_content_it_was_given_for(app):
    office = Office()
    revision = office.effective()
    _change(office, revision.document, title="Tên mới của hồ sơ")
    decision = revision.package.steps[-1].decisions[0]
    signed = json.loads(decision.signature.content)["revisions"][0]
    assert signed["title"] == "Đăng ký khai sinh"
    assert signed["code"] == "QT-TP-01"
    assert revision.document.title == "Đăng ký khai sinh"  # its title is content: it is revised


@pytest.mark.covers("D13", "T4", "e1")
def test_a_new_keeper_is_told_with_everything_else_that_changed(app):
    office = Office()
    reader = a_person(office.unit, Role.STAFF, name="Người đọc")
    document = office.document()
    assert document.keeper == office.author
    _change(office, document, keeper=office.staff, readers=(reader,), process="Hộ tịch")
    told = _newest("document.keeper_changed")
    assert told["keeper"] == office.staff.id
    assert told["changes"]["keeper_id"] == [office.author.id, office.staff.id]
    assert told["changes"]["process"] == ["", "Hộ tịch"]
    assert told["readers"] == [[], [reader.id]]
    assert document.keeper == office.staff


@pytest.mark.covers("D13", "T4")
def test_readers_and_units_are_told_with_old_and_new(app):
    office = Office()
    first, second = (a_unit(office.body) for _ in range(2))
    document = office.document()
    _change(office, document, units=(first,), confidentiality=Confidentiality.NAMED)
    _change(office, document, units=(second,))
    assert _newest("document.record_changed")["applies_to"] == [[first.id], [second.id]]
    assert [link.unit for link in document.units] == [second]


@pytest.mark.covers("D13", "O1", "O4")
def test_a_document_moves_only_where_one_keeps_documents_on_both_sides(app):
    office = Office()
    document = office.document()
    elsewhere = a_unit(office.body, name="Phòng Kinh tế")
    stranger = a_unit(a_body())
    for unit in (elsewhere, stranger):
        with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
            change_record(work, work.fresh(document), record_data(document, lead_unit=unit))
    _change(office, document, lead_unit=elsewhere)
    assert document.lead_unit == elsewhere
    # it is out of this manager's hands now (O1)
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        change_record(work, work.fresh(document), record_data(document))


@pytest.mark.covers("D10", "O4")
def test_a_document_belongs_to_none_of_its_own_and_to_none_abroad(app):
    office, other = Office(), Office()
    procedure = office.document()
    form = a_document(office.officer, office.unit, title="Tờ khai", parent=procedure)
    for parent in (form, procedure, other.document()):
        with pytest.raises(InvalidInput) as refused:
            _change(office, procedure, parent=parent)
        assert refused.value.field == "parent"
    assert procedure.parent is None
