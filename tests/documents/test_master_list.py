"""What the master list holds for whom, in which order (D6, D9, O4, a2, a3, a60, e7)."""

import itertools

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.permissions import may, standing_of
from app.kernel.work import unit_of_work
from documents.master_list import Filters, SortBy, everything, listed
from documents.models import Confidentiality, Document, DocumentKind, RevisionState
from documents.permissions import DocumentPermission
from documents.submission import cancel_package
from documents.visibility import visible
from tests.builders import (
    TODAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    submitted,
)


def a_standing(person):
    return standing_of(db.session(), person, TODAY)


def codes(person, body=None, **filters):
    held = a_standing(person)
    rows = everything(
        db.session(), held, body.id if body else held.body_id, Filters(**filters), today=TODAY
    )
    return [row.document.code or row.document.title for row in rows]


@pytest.mark.covers("D6", "e7", "a60")
def test_staff_see_what_is_in_force_and_nothing_else(app):
    office = Office()
    first = office.effective()
    on_its_way = submitted(a_draft(office.author, office.document("Chứng thực")), office.author)
    office.document("Chưa có gì")
    assert codes(office.staff) == [first.code]
    assert codes(office.officer) == [first.code, on_its_way.code, "Chưa có gì"]
    assert codes(office.manager) == [first.code, on_its_way.code, "Chưa có gì"]
    assert codes(office.author) == [first.code, on_its_way.code, "Chưa có gì"]  # keeps all three
    assert codes(office.staff, state=RevisionState.IN_REVIEW) == []
    assert codes(office.staff, state=RevisionState.DRAFT) == []


@pytest.mark.covers("D6")
def test_the_revision_on_its_way_shows_only_to_those_who_work_on_it(app):
    office = Office()
    first = office.effective()
    second = submitted(a_draft(office.author, first.document, text="Bản hai."), office.author)
    outsider = a_person(office.unit, Role.STAFF)
    for person, coming in ((outsider, None), (office.author, second), (office.leader, second)):
        held = a_standing(person)
        (row,) = everything(db.session(), held, held.body_id, Filters(), today=TODAY)
        assert row.current.id == first.id
        assert (row.coming.id if row.coming else None) == (coming.id if coming else None)


@pytest.mark.covers("O4", "e7")
def test_a_body_never_sees_anothers_documents_unless_it_oversees_it(app):
    province = a_body()
    overseer = a_person(province, Role.LEADER)
    clerk = a_person(province, Role.STAFF)
    office = Office(a_body(overseer=province))
    shown = office.effective()
    hidden = submitted(a_draft(office.author, office.document("Chứng thực")), office.author)
    stranger = Office()
    assert codes(overseer) == []  # lists never mix bodies
    assert codes(overseer, office.body) == [shown.code]  # in force, not what is on its way
    assert codes(clerk, office.body) == []
    assert codes(stranger.officer, office.body) == []
    assert codes(stranger.officer, office.body, state=RevisionState.IN_REVIEW) == []
    assert hidden.code not in codes(overseer, office.body, state=RevisionState.IN_REVIEW)


@pytest.mark.covers("D6", "e7")
def test_the_query_and_the_table_of_permissions_agree_on_every_document(app):
    """One rule said twice for speed: the list shows what `may` allows, person by person."""
    office = Office()
    reader = a_person(office.unit, Role.STAFF)
    other_unit = a_unit(office.body, name="Phòng Kinh tế")
    people = [
        reader,
        office.author,
        office.manager,
        office.officer,
        office.leader,
        office.administrator,
        office.staff,
        a_person(other_unit, Role.MANAGER),
        a_person(office.body, Role.AUDITOR),
        a_person(office.body, Role.INSPECTOR),
        Office().officer,
    ]
    for level, unit in itertools.product(Confidentiality, (office.unit, other_unit)):
        draft, sent, in_force, gone = (
            a_document(office.officer, unit, title=title, confidentiality=level, readers=(reader,))
            for title in ("nháp", "trình", "hiệu lực", "hủy")
        )
        a_draft(office.author, draft, by=office.officer)
        submitted(a_draft(office.author, sent, by=office.officer), office.officer)
        revision = submitted(a_draft(office.author, in_force, by=office.officer), office.officer)
        while revision.state is not RevisionState.EFFECTIVE:
            answered(revision, revision.package.current_step.seats[0].person)
        cancelled = a_draft(office.author, gone, by=office.officer)
        with unit_of_work(office.officer) as work:
            cancel_package(work, work.fresh(cancelled), reason="Không cần nữa")
    for person in people:
        held = a_standing(person)
        seen = set(db.session.scalars(sa.select(Document.id).where(visible(held))))
        for document in db.session.scalars(sa.select(Document)):
            may_see = any(
                may(held, DocumentPermission.READ_REVISION, revision)
                for revision in document.revisions
            )
            assert (document.id in seen) == may_see, (person.name, document.title)


@pytest.mark.covers("D9")
def test_the_code_of_a_cancelled_draft_stays_listed_with_its_reason(app):
    office = Office()
    office.effective()
    gone = submitted(a_draft(office.author, office.document("Bỏ dở")), office.author)
    with unit_of_work(office.author) as work:
        cancel_package(work, work.fresh(gone), reason="Trùng với quy trình khác")
    assert codes(office.officer) == ["QT-TP-01"]
    held = a_standing(office.officer)
    (row,) = everything(
        db.session(),
        held,
        held.body_id,
        Filters(state=RevisionState.CANCELLED),
        today=TODAY,
    )
    assert (row.document.code, row.cancelled.cancel_reason) == (
        "QT-TP-02",
        "Trùng với quy trình khác",
    )
    assert codes(office.staff, state=RevisionState.CANCELLED) == []


@pytest.mark.covers("a60", "a2")
def test_the_list_sorts_in_vietnamese_order_and_pages_by_key(app):
    office = Office()
    titles = ["Đất đai", "Dân số", "Ăn uống", "An ninh", "Ấp văn hóa", "Đa dạng", "Bà", "Ba", "Bác"]
    for number, title in enumerate(titles, start=1):
        a_draft(office.author, office.document(title), code=f"QT-{number}")
    held = a_standing(office.officer)
    order = ["An ninh", "Ăn uống", "Ấp văn hóa", "Ba", "Bà", "Bác", "Dân số", "Đa dạng", "Đất đai"]

    def page(**where):
        filters = Filters(sort=SortBy.TITLE, is_descending=where.pop("down", False))
        return listed(db.session(), held, held.body_id, filters, today=TODAY, limit=4, **where)

    def titles_of(shown):
        return [row.document.title for row in shown.rows]

    first = page()
    assert titles_of(first) == order[:4]
    assert (first.total, first.before_id) == (9, None)
    second = page(after_id=first.after_id)
    assert titles_of(second) == order[4:8]
    third = page(after_id=second.after_id)
    assert (titles_of(third), third.after_id) == (order[8:], None)
    assert titles_of(page(before_id=third.before_id)) == order[4:8]
    back = page(before_id=second.before_id)
    assert (titles_of(back), back.before_id) == (order[:4], None)
    assert titles_of(page(down=True)) == order[::-1][:4]


@pytest.mark.covers("a2", "a60")
def test_codes_sort_by_number_and_those_without_a_code_stand_last(app):
    office = Office()
    for code in ("QT-10", "QT-2", "ĐG-1", "DA-3"):
        submitted(a_draft(office.author, office.document(code), code=code), office.author)
    office.document("Chưa có mã")
    assert codes(office.officer) == ["DA-3", "ĐG-1", "QT-2", "QT-10", "Chưa có mã"]


@pytest.mark.covers("a3", "a60")
def test_filters_narrow_by_kind_unit_and_below_confidentiality_review_and_words(app):
    office = Office()
    team = a_unit(office.unit, name="Tổ hộ tịch")
    office.effective()
    form = a_document(office.officer, team, title="Tờ khai", kind=DocumentKind.FORM)
    named = a_document(
        office.officer, office.unit, title="Kiểm tra nội bộ", confidentiality=Confidentiality.NAMED
    )
    everyone = codes(office.officer)
    assert len(everyone) == 3
    assert codes(office.officer, kind=DocumentKind.FORM) == [form.title]
    assert codes(office.officer, unit_id=team.id) == [form.title]
    assert len(codes(office.officer, unit_id=office.unit.id)) == 3
    assert codes(office.officer, confidentiality=Confidentiality.NAMED) == [named.title]
    assert codes(office.officer, text="kiem tra") == [named.title]
    assert codes(office.officer, text="qttp01") == ["QT-TP-01"]
    assert codes(office.officer, text="100%") == []
    assert codes(office.officer, is_overdue=True) == []
    held = a_standing(office.officer)
    late = everything(
        db.session(),
        held,
        held.body_id,
        Filters(is_overdue=True),
        today=TODAY.replace(year=TODAY.year + 3),
    )
    assert [row.document.code for row in late] == ["QT-TP-01"]
    shown = listed(db.session(), held, held.body_id, Filters(unit_id=team.id), today=TODAY)
    assert shown.by_unit == {office.unit.id: 2, team.id: 1}
