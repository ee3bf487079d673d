"""Search the way people type Vietnamese, and only what they may read (D6, O4, L20, a54, a55)."""

import unicodedata

import pytest

from app.kernel.db import db
from app.kernel.passages import passage
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.search import fold, spelled
from documents import finding
from documents.models import Confidentiality, DocumentKind
from tests.builders import (
    TODAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    answered,
    submitted,
)

TYPED = [
    "đăng ký khai sinh",
    "dang ky khai sinh",
    "DANG KY",
    "Đăng Ký Khai",
    "khai sinh đăng ký",
    unicodedata.normalize("NFD", "đăng ký khai sinh"),
    "qttp01",
    "QT-TP-01",
    "qt tp 01",
    "QT.TP/01",
    "qt-tp",
    "khai si",
]
HOSTILE = [
    '"',
    "'",
    "*",
    "a*b",
    "title:khai",
    "khai OR sinh",
    "khai AND NOT sinh",
    "NEAR(khai sinh)",
    "') OR 1=1 --",
    "khai' | 'nope",
    ":*",
    "<->",
    "\\",
    "{}[]()^-",
    "_",
    "b1c",
    "𝒦hai",
    "a" * 300,
    "ﬀ ß İ",
    "٣",
    "x " * 200,
]


def found(person, text, body=None, **how):
    held = standing_of(db.session(), person, TODAY)
    body_id = body.id if body else held.body_id
    return [
        one.document.title
        for one in finding.search(db.session(), held, text, body_id=body_id, **how)
    ]


@pytest.mark.covers("L20", "a55")
def test_however_it_is_typed_the_document_is_found(app):
    office = Office()
    office.effective(office.document("Đăng ký khai sinh"))
    office.effective(office.document("Chứng thực bản sao"))
    for typed in TYPED:
        assert found(office.staff, typed)[0] == "Đăng ký khai sinh", typed


@pytest.mark.covers("L20", "a55")
@pytest.mark.parametrize(
    ("written", "typed"),
    [("Hòa giải", "hoà giải"), ("Hoà giải", "hòa giải"), ("Thủy lợi", "thuỷ lợi")],
)
def test_both_places_of_a_tone_mark_are_one_spelling(app, written, typed):
    office = Office()
    office.effective(office.document(written))
    office.effective(office.document(fold(written)))  # newer, but without its marks
    assert found(office.staff, typed)[0] == written


@pytest.mark.covers("L20", "a55")
def test_exact_spelling_comes_before_folded_code_before_title_title_before_text(app):
    office = Office()
    office.effective(office.document("Quản lý chó"), text="Về chợ: chó, cho thuê.")
    office.effective(office.document("Quản lý chợ"), text="Không có gì.")
    office.effective(office.document("Cho thuê đất"), text="Không có gì.")
    assert found(office.staff, "chợ") == ["Quản lý chợ", "Cho thuê đất", "Quản lý chó"]
    assert found(office.staff, "chó")[0] == "Quản lý chó"
    assert found(office.staff, "cho")[0] == "Cho thuê đất"
    office.effective(office.document("QT TP 01 nói về mã"))
    assert found(office.staff, "QT-TP-01")[0] == "Quản lý chó"


@pytest.mark.covers("a54", "D6")
def test_words_of_the_text_are_found_and_shown_where_they_stand(app):
    office = Office()
    office.effective(text="Công chức tư pháp hộ tịch kiểm tra tờ khai rồi ghi vào sổ hộ tịch.")
    held = standing_of(db.session(), office.staff, TODAY)
    (hit,) = finding.search(db.session(), held, "so ho tich", body_id=held.body_id)
    assert "".join(text for text, _hit in hit.spans) == (
        "Công chức tư pháp hộ tịch kiểm tra tờ khai rồi ghi vào sổ hộ tịch."
    )
    assert [text for text, is_hit in hit.spans if is_hit] == ["hộ tịch", "sổ hộ tịch"]


@pytest.mark.covers("D6", "e7")
def test_only_the_revision_in_force_is_found_unless_every_one_is_asked_for(app):
    office = Office()
    office.effective(text="Bản cũ nói về phường.")
    document = office.document("Khác")
    first = office.effective(document, text="Nơi tiếp nhận là xã.")
    office.effective(document, text="Nơi tiếp nhận là trung tâm.")
    assert first.state == "obsolete"
    assert found(office.staff, "tiếp nhận là xã") == []
    assert found(office.officer, "tiếp nhận là xã") == []
    assert found(office.officer, "tiếp nhận là xã", every_revision=True) == ["Khác"]
    assert found(office.staff, "tiếp nhận là xã", every_revision=True) == []
    draft = submitted(a_draft(office.author, office.document("Đang làm")), office.author)
    assert found(office.staff, draft.code, every_revision=True) == []
    assert found(office.officer, draft.code) == []
    assert found(office.author, draft.code, every_revision=True) == ["Đang làm"]


@pytest.mark.covers("O4", "e7")
def test_search_never_mixes_bodies_and_never_tells_of_named_documents(app):
    province = a_body()
    overseer = a_person(province, Role.LEADER)
    office = Office(a_body(overseer=province))
    office.effective()
    secret = a_document(
        office.officer,
        office.unit,
        title="Khai thác riêng",
        confidentiality=Confidentiality.NAMED,
        readers=(office.staff,),
    )
    revision = submitted(a_draft(office.author, secret, by=office.officer), office.officer)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    other = a_person(office.unit, Role.STAFF)
    assert found(overseer, "khai sinh") == []
    assert found(overseer, "khai", office.body) == ["Đăng ký khai sinh"]
    assert found(Office().officer, "khai sinh", office.body) == []
    assert found(other, "khai") == ["Đăng ký khai sinh"]
    assert set(found(office.staff, "khai")) == {"Đăng ký khai sinh", "Khai thác riêng"}
    held = standing_of(db.session(), office.staff, TODAY)
    for hit in finding.search(db.session(), held, "Công chức", body_id=held.body_id):
        assert (hit.spans == []) == (hit.document.title == "Khai thác riêng")


@pytest.mark.covers("a55", "a3")
def test_kinds_narrow_the_results(app):
    office = Office()
    office.effective()
    assert found(office.staff, "khai sinh", kind=DocumentKind.PROCEDURE) == ["Đăng ký khai sinh"]
    assert found(office.staff, "khai sinh", kind=DocumentKind.FORM) == []


@pytest.mark.covers("L20")
def test_where_nothing_is_found_close_titles_and_a_person_are_named(app):
    office = Office()
    for title in ("Đăng ký khai sinh", "Đăng ký khai tử", "Chứng thực chữ ký", "Giải quyết đơn"):
        office.effective(office.document(title))
    held = standing_of(db.session(), office.staff, TODAY)
    assert found(office.staff, "dang ki kai sinh") == []
    near = finding.nearest_titles(db.session(), held, "dang ki kai sinh", body_id=held.body_id)
    assert [one.document.title for one in near][:2] == ["Đăng ký khai sinh", "Đăng ký khai tử"]
    assert finding.whom_to_tell(db.session(), held.body_id, TODAY) == office.officer
    assert finding.nearest_titles(db.session(), held, "xyz", body_id=held.body_id) == []


@pytest.mark.covers("T12", "L20")
def test_whatever_is_typed_is_only_ever_words(app):
    office = Office()
    office.effective()
    held = standing_of(db.session(), office.staff, TODAY)
    for typed in HOSTILE:
        assert "Đăng ký khai sinh" not in found(office.staff, typed), typed
        finding.nearest_titles(db.session(), held, typed, body_id=held.body_id)


@pytest.mark.covers("L20")
def test_words_and_passages_of_plain_texts():
    assert spelled("Hoà bình, THUỶ lợi; quý qúy ban_hành") == [
        "hòa", "bình", "thủy", "lợi", "quý", "qúy", "ban", "hành",
    ]  # fmt: skip
    assert fold("Đặng Thị Hoà ữ") == "dang thi hoa u"
    long = "Một hai ba. " * 40 + "Nộp lệ phí hộ tịch tại quầy. " + "Bốn năm sáu. " * 40
    spans = passage([long], "le phi ho tich")
    assert [text for text, is_hit in spans if is_hit] == ["lệ phí hộ tịch"]
    assert spans[0][0] == "… "
    assert len("".join(text for text, _hit in spans)) < 230
    assert passage(["Không có gì"], "le phi") == []
