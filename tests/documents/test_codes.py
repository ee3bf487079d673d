"""Codes: given once at first submission, by scheme or typed, never again (D9, D10)."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.work import unit_of_work
from documents.coding import check_scheme, proposed_code
from documents.drafting import change_draft
from documents.models import Document, DocumentKind, RevisionState
from documents.submission import cancel_package
from tests.builders import (
    MONDAY,
    Office,
    a_document,
    a_draft,
    a_unit,
    draft_data,
    joined,
    raw,
    settings_changed,
    submitted,
)


def _coded(office: Office, code: str = "", title: str = "Đăng ký khai sinh", **more: object):
    document = a_document(office.officer, office.unit, title=title, keeper=office.author, **more)
    return submitted(a_draft(office.author, document, code=code), office.author)


@pytest.mark.covers("D9")
def test_a_code_is_given_at_first_submission_and_not_before(app):
    office = Office()
    draft = a_draft(office.author, office.document())
    assert draft.document.code is None
    assert proposed_code(db.session(), draft.document, 2026) == "QT-TP-01"
    submitted(draft, office.author)
    assert draft.document.code == "QT-TP-01"
    assert _coded(office).code == "QT-TP-02"


@pytest.mark.covers("D9", "a52")
def test_a_typed_code_is_kept_and_the_counter_skips_it(app):
    office = Office()
    assert _coded(office, "qt-tp-01").code == "qt-tp-01"
    assert _coded(office, "QT/TP.03").code == "QT/TP.03"
    assert [_coded(office).code for _ in range(3)] == ["QT-TP-02", "QT-TP-04", "QT-TP-05"]


@pytest.mark.covers("D9")
@pytest.mark.parametrize(
    "again",
    [
        "QT-ĐĐ-07",
        "qt-đđ-07",
        "QTĐĐ07",
        "QT/ĐĐ.07",
        "QT ĐĐ 07",
        unicodedata.normalize("NFD", "QT-ĐĐ-07"),
    ],
)
def test_one_code_in_another_spelling_is_the_same_code(app, again):
    office = Office()
    _coded(office, "QT-ĐĐ-07")
    with pytest.raises(RuleBroken) as refused:
        _coded(office, again)
    assert refused.value.rule == "D9"


@pytest.mark.covers("D9")
def test_marks_sent_apart_are_taken_and_kept_composed(app):
    office = Office()
    revision = _coded(office, unicodedata.normalize("NFD", "QT-HỘTỊCH-ĐẤT-01"))
    assert revision.code == "QT-HỘTỊCH-ĐẤT-01"
    assert unicodedata.is_normalized("NFC", revision.code)
    with pytest.raises(RuleBroken):
        _coded(office, "qt hộtịch đất 01")


@pytest.mark.covers("D9")
def test_d_with_stroke_stays_another_letter(app):
    office = Office()
    assert _coded(office, "QT-ĐĐ-07").code == "QT-ĐĐ-07"
    assert _coded(office, "QT-DD-07").code == "QT-DD-07"


@pytest.mark.covers("D9")
@pytest.mark.parametrize("code", ["-", "///", "QT;07", "QT<b>", "_QT", "QT\n07\x00", "Q" * 80])
def test_what_cannot_be_a_code_is_refused_at_its_field(app, code):
    office = Office()
    draft = a_draft(office.author, office.document())
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.author, now=MONDAY) as work:
        change_draft(work, work.fresh(draft), draft_data(draft, code=code))
    assert refused.value.field == "code"


@pytest.mark.covers("D9", "O4")
def test_two_bodies_may_use_one_code(app):
    assert _coded(Office(), "QT-01").code == _coded(Office(), "QT-01").code


@pytest.mark.covers("D9", "a6")
def test_the_code_of_a_cancelled_draft_is_never_given_again(app):
    office = Office()
    cancelled = _coded(office)
    with unit_of_work(office.author, now=MONDAY) as work:
        cancel_package(work, cancelled, reason="Trùng với quy trình khác.")
    assert cancelled.state is RevisionState.CANCELLED
    assert _coded(office).code == "QT-TP-02"
    with pytest.raises(RuleBroken) as refused:
        _coded(office, "QT-TP-01")
    assert refused.value.rule == "D9"
    assert (cancelled.code, cancelled.cancel_reason) == ("QT-TP-01", "Trùng với quy trình khác.")


@pytest.mark.covers("D9")
def test_a_submission_that_fails_uses_no_number(app):
    office = Office()
    document = office.document()
    draft = a_draft(office.leader, document, by=office.officer)
    with pytest.raises(RuleBroken):  # the only leader wrote it: nobody may approve
        submitted(draft, office.officer)
    assert draft.document.code is None
    assert _coded(office).code == "QT-TP-01"


@pytest.mark.covers("D9")
def test_the_database_itself_refuses_a_code_twice(app):
    office = Office()
    first, second = _coded(office), _coded(office)
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE document SET code_key = :key WHERE id = :id",
            key=first.document.code_key,
            id=second.document_id,
        )


@pytest.mark.covers("D9")
def test_a_later_revision_keeps_the_code_whatever_its_file_says(app):
    office = Office()
    first = office.effective()
    draft = a_draft(office.author, first.document, code="QT-KHAC-01")
    assert draft.proposed_code == ""
    submitted(draft, office.author)
    assert draft.code == first.code


@pytest.mark.covers("D10", "a4")
def test_forms_take_their_procedures_part(app):
    office = Office()
    procedure = _coded(office, "QT-VP-05").document
    forms = [
        _coded(office, kind=DocumentKind.FORM, parent=procedure, title=title).code
        for title in ("Tờ khai", "Phiếu hẹn")
    ]
    assert forms == ["BM-VP-05.01", "BM-VP-05.02"]
    assert _coded(office, kind=DocumentKind.FORM).code == "BM-TP-01"


@pytest.mark.covers("D10", "a24")
def test_a_form_submitted_with_its_procedure_takes_the_code_it_gets_there(app):
    office = Office()
    procedure_record = office.document()
    form_record = a_document(
        office.officer,
        office.unit,
        title="Tờ khai",
        kind=DocumentKind.FORM,
        parent=procedure_record,
        keeper=office.author,
    )
    form = a_draft(office.author, form_record)  # drafted before its procedure
    procedure = a_draft(office.author, procedure_record)
    joined(procedure, form, by=office.author)
    submitted(procedure, office.author)
    assert (procedure.code, form.code) == ("QT-TP-01", "BM-TP-01.01")
    assert procedure.package.lead == procedure


@pytest.mark.covers("D10")
def test_the_year_begins_a_count_of_its_own(app):
    office = Office()
    scheme = {"procedure": "{kind}/{year}.{serial}"}
    settings_changed(office.body, code_scheme=scheme)
    assert _coded(office).code == "QT/2026.01"
    next_year = MONDAY.replace(year=2027)
    document = office.document()
    draft = a_draft(office.author, document, effective_on=next_year.date(), now=next_year)
    assert submitted(draft, office.author, now=next_year).code == "QT/2027.01"


@pytest.mark.covers("D10")
def test_each_unit_counts_for_itself(app):
    office = Office()
    other = a_unit(office.body, code="KT-ĐT")
    document = a_document(office.officer, other, keeper=office.author)
    assert _coded(office).code == "QT-TP-01"
    assert submitted(a_draft(office.author, document), office.author).code == "QT-KT-ĐT-01"


@pytest.mark.covers("D10")
@pytest.mark.parametrize(
    "scheme",
    ["{kind}-{unit}", "{serial}-{serial}", "{kind}-{month}-{serial}", "{serial};x", "", "{serial"],
)
def test_a_scheme_that_cannot_count_is_refused(app, scheme):
    with pytest.raises(InvalidInput):
        check_scheme(scheme)


@pytest.mark.covers("D10")
@pytest.mark.parametrize(
    "scheme", ["{kind}-{unit}-{serial}", "{kind}-{parent}.{serial}", "{serial}/{year}-QĐ"]
)
def test_schemes_with_known_tokens_are_taken(app, scheme):
    check_scheme(scheme)


@pytest.mark.covers("D9")
def test_documents_without_a_code_yet_do_not_stand_in_each_others_way(app):
    office = Office()
    for _ in range(3):
        office.document()
    assert db.session.query(Document).filter_by(body_id=office.body.id, code_key=None).count() == 3
