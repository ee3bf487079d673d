"""Checklist and fieldwork as people meet them: pages, forms, refusals (screens 19, 20)."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.checklists.generating import Sources
from audits.models import (
    Answer,
    AnswerDraft,
    AnswerEvidence,
    Checklist,
    ChecklistTemplate,
    EvidenceKind,
    Grade,
    Question,
    Sample,
)
from audits.planned_audit import end_fieldwork
from tests.audits.asking import STEPS, Asking, a_reading
from tests.builders import form_token, sign_in
from tests.photos import a_photo, promising


def _post(client, path: str, **values):
    token = form_token(client, "/work")
    data = {"csrf_token": token, **values}
    return client.post(path, data=data, content_type="multipart/form-data")


def _text(response) -> str:
    return response.get_data(as_text=True)


def _line(made, *, own: bool = False) -> Question:
    return next(one for one in made.questions if one.is_for_auditee is own)


@pytest.mark.covers("b16", "b18", "L5", "A10")
def test_a_team_makes_its_checklist_adds_to_it_and_calls_it_ready(app, client):
    office = Asking()
    audit = office.announced()
    sign_in(client, office.lead_person)
    at = f"/audits/{audit.number}/checklist"
    empty = client.get(at)
    assert empty.status_code == 200
    assert "Lập phiếu hỏi" in _text(empty)
    chosen = {"make-template": "y", "make-clauses": "y", "make-steps": "y", "make-earlier": ""}
    assert _post(client, at, **chosen).status_code == 303
    made = db.session.scalars(sa.select(Checklist)).one()
    page = _text(client.get(at))
    assert "Tiếp nhận hồ sơ" in page
    assert page.count('class="btn primary"') == 1
    count = len(made.questions)
    fields = {"new-text": "Ai giữ con dấu?", "new-weight": "3", "new-clause": "", "new-unit": ""}
    assert _post(client, f"{at}/questions", **fields, **{"new-parent": ""}).status_code == 303
    assert len(made.questions) == count + 1
    wrong = _post(client, f"{at}/questions", **{**fields, "new-text": "Giữ chữ", "new-weight": "x"})
    assert wrong.status_code == 422
    assert "Giữ chữ" in _text(wrong)
    own = made.questions[-1]
    assert _post(client, f"{at}/{own.id}/place", **{"place-place": "1"}).status_code == 303
    assert made.questions[0].id == own.id
    assert _post(client, f"{at}/{own.id}/left-out", **{"out-reason": ""}).status_code == 422
    assert _post(client, f"{at}/{own.id}/left-out", **{"out-reason": "Trùng"}).status_code == 303
    assert _post(client, f"{at}/{own.id}/back-in").status_code == 303
    assert _post(client, f"{at}/ready").status_code == 303
    assert "Sẵn sàng" in _text(client.get(at))
    assert _post(client, f"{at}/ready").status_code == 409


@pytest.mark.covers("L5")
def test_a_question_shows_its_step_before_and_now_and_takes_the_new_words(app, client):
    office = Asking()
    audit = office.announced()
    made = office.checklist(audit, Sources(template=False, clauses=False))
    changed = (STEPS[0], ("2", "Thẩm định hồ sơ", "Chuyên viên tư pháp", "01 ngày"), STEPS[2])
    office.in_force(office.procedure, a_reading(changed))
    sign_in(client, office.lead_person)
    at = f"/audits/{audit.number}/checklist"
    assert "Bước này nay đã khác" in _text(client.get(at))
    question = made.questions[1]
    page = _text(client.get(f"{at}/{question.id}"))
    assert "02 ngày" in page
    assert "01 ngày" in page
    assert _post(client, f"{at}/{question.id}/renewal").status_code == 303
    assert "01 ngày" in question.step_text
    assert _post(client, f"{at}/{question.id}/renewal").status_code == 409


@pytest.mark.covers("L22", "b32")
def test_a_sample_is_drawn_and_shown_with_its_seed(app, client):
    office = Asking()
    audit = office.announced()
    office.checklist(audit)
    sign_in(client, office.lead_person)
    at = f"/audits/{audit.number}/checklist"
    fields = {
        "sample-about": "Hồ sơ khai sinh quý III",
        "sample-method": "random",
        "sample-population": "50",
        "sample-size": "5",
        "sample-seed": "DG-2026",
        "sample-question": "",
    }
    refused = _post(client, f"{at}/samples", **{**fields, "sample-size": "51"})
    assert refused.status_code == 422
    assert _post(client, f"{at}/samples", **fields).status_code == 303
    assert db.session.scalars(sa.select(Sample)).one().drawn == ["3", "35", "37", "43", "47"]
    page = _text(client.get(at))
    assert "3, 35, 37, 43, 47" in page
    assert "DG-2026" in page


@pytest.mark.covers("b16")
def test_templates_are_kept_in_the_settings(app, client):
    office = Asking()
    sign_in(client, office.officer)
    assert "Phường, xã" in _text(client.get("/settings/audits/templates"))
    at = "/settings/audits/templates/ward"
    assert "mã QR" in _text(client.get(at))
    wrong = _post(client, at, **{"text-0": "Hỏi gì?", "weight-0": "99"})
    assert wrong.status_code == 422
    assert "Hỏi gì?" in _text(wrong)
    saved = _post(client, at, **{"text-0": "Ai giữ con dấu?", "weight-0": "4", "clause-0": "7.5.3"})
    assert saved.status_code == 303
    kept = db.session.scalars(sa.select(ChecklistTemplate)).one()
    assert [line["text"] for line in kept.questions] == ["Ai giữ con dấu?"]
    assert client.get("/settings/audits/templates/nothing").status_code == 404
    sign_in(client := app.test_client(), office.leader)
    assert _post(client, at, **{"text-0": "Khác?"}).status_code == 403


@pytest.mark.covers("b25", "A7")
def test_a_question_is_answered_left_and_the_next_one_comes(app, client):
    office = Asking()
    audit, made = office.under_way()
    sign_in(client, office.lead_person)
    first = _line(made)
    at = f"/f/{audit.number}/{first.id}"
    page = _text(client.get(at))
    assert first.text in page
    assert page.count("primary") == 1
    kept = _post(client, f"{at}/draft", large="fails", fails="minor", notes="Hai bản cũ", base="0")
    assert kept.status_code == 204
    assert "Hai bản cũ" in _text(client.get(at))  # it is back after leaving the page
    before = db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry))
    answer = _post(
        client, at, large="fails", fails="major", notes="Hai bản cũ", base="0", go="next"
    )
    assert answer.status_code == 303
    assert answer.location != at
    after = db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry))
    assert after == before + 1
    assert db.session.scalars(sa.select(Answer)).one().grade is Grade.MAJOR
    assert db.session.scalars(sa.select(AnswerDraft)).all() == []
    late = _post(client, f"{at}/draft", notes="cũ", base="0")
    assert late.status_code == 409
    assert late.mimetype == "text/plain"
    other_window = _post(client, at, large="conforms", notes="Chữ khác", base="0", go="next")
    assert other_window.status_code == 409
    assert "Chữ khác" in _text(other_window)
    assert db.session.scalars(sa.select(Answer)).one().grade is Grade.MAJOR
    index = _text(client.get(f"/f/{audit.number}"))
    assert "Không phù hợp nặng" in index
    assert f"1/{len(made.questions)}" in index


@pytest.mark.covers("b25")
def test_each_way_of_leaving_goes_where_it_says(app, client):
    office = Asking()
    audit, made = office.under_way()
    sign_in(client, office.lead_person)
    second = office.fieldwork(audit, office.lead_person).lines[1].question
    ids = [line.question.id for line in office.fieldwork(audit, office.lead_person).lines]
    at = f"/f/{audit.number}/{second.id}"
    for go, expected in (
        ("next", f"/f/{audit.number}/{ids[2]}"),
        ("back", f"/f/{audit.number}/{ids[0]}"),
        ("index", f"/f/{audit.number}"),
        ("out", f"/audits/{audit.number}"),
        ("nonsense", at),
    ):
        assert _post(client, at, go=go, base="0").location == expected
    last = f"/f/{audit.number}/{ids[-1]}"
    assert _post(client, last, go="next", base="0").location == f"/f/{audit.number}"
    assert len(made.questions) == len(ids)


@pytest.mark.covers("b22", "O4")
def test_the_unit_meets_its_own_lines_only(app, client):
    office = Asking()
    audit, made = office.under_way()
    sign_in(client, office.staff)
    own, other = _line(made, own=True), _line(made)
    index = _text(client.get(f"/f/{audit.number}"))
    assert own.text in index
    assert other.text not in index
    page = _text(client.get(f"/f/{audit.number}/{own.id}"))
    assert 'name="large"' not in page
    assert client.get(f"/f/{audit.number}/{other.id}").status_code == 404
    assert client.get(f"/audits/{audit.number}/checklist").status_code in (403, 404)
    at = f"/f/{audit.number}/{own.id}"
    assert _post(client, at, notes="Mười hai biểu mẫu", base="0", go="index").status_code == 303
    assert db.session.scalars(sa.select(Answer)).one().grade is None
    forged = _post(client, at, large="conforms", notes="Tốt", base="1", go="index")
    assert forged.status_code == 422
    assert db.session.scalars(sa.select(Answer)).one().grade is None


@pytest.mark.covers("b25", "T15")
def test_photos_are_drawn_anew_and_what_is_none_is_refused_with_the_words_kept(app, client):
    office = Asking()
    audit, made = office.under_way()
    sign_in(client, office.lead_person)
    question = _line(made)
    at = f"/f/{audit.number}/{question.id}"
    typed = {"notes": "Bảng niêm yết", "base": "0", "kind": "photo", "ev-dated_on": "20/11/2026"}
    for name, content in (
        ("x.jpg", b"<script>alert(1)</script>"),
        ("y.png", promising(60_000, 60_000)),
        ("z.jpg", b"\xff\xd8\xff" + bytes(26 << 20)),
    ):
        photo = (io.BytesIO(content), name)
        refused = _post(client, f"{at}/evidence", **typed, **{"ev-photo": photo})
        assert refused.status_code in (413, 422), name
    assert db.session.scalars(sa.select(AnswerEvidence)).all() == []
    assert db.session.scalars(sa.select(AnswerDraft)).one().notes == "Bảng niêm yết"
    photo = (io.BytesIO(a_photo(3000, 2000)), "may.jpg")
    added = _post(client, f"{at}/evidence", **typed, **{"ev-photo": photo, "ev-is_masked": "y"})
    assert added.status_code == 303
    kept = db.session.scalars(sa.select(AnswerEvidence)).one()
    assert (kept.kind, kept.is_masked, f"{kept.dated_on:%d/%m}") == (
        EvidenceKind.PHOTO,
        True,
        "20/11",
    )
    picture = client.get(f"/f/{audit.number}/evidence/{kept.uid}")
    assert picture.mimetype == "image/jpeg"
    assert len(picture.data) < 400_000
    assert "Bảng niêm yết" in _text(client.get(at))
    sign_in(client := app.test_client(), office.staff)
    assert client.get(f"/f/{audit.number}/evidence/{kept.uid}").status_code == 404


@pytest.mark.covers("b25", "O4")
def test_a_posted_page_and_a_record_are_evidence_and_can_be_taken_back(app, client):
    office = Asking()
    audit, made = office.under_way()
    sign_in(client, office.lead_person)
    at = f"/f/{audit.number}/{_line(made).id}"
    unknown = _post(client, f"{at}/evidence", kind="posted_page", base="0", **{"ev-page_code": "x"})
    assert unknown.status_code == 422
    code = f"http://localhost/v/{office.revision.token}"
    page = _post(client, f"{at}/evidence", kind="posted_page", base="0", **{"ev-page_code": code})
    assert page.status_code == 303
    record = {"ev-reference": "Sổ 12/2026"}
    assert _post(client, f"{at}/evidence", kind="record", base="0", **record).status_code == 303
    shown = _text(client.get(at))
    assert office.revision.code in shown
    assert "Sổ 12/2026" in shown
    first = db.session.scalars(sa.select(AnswerEvidence).order_by(AnswerEvidence.id)).first()
    back = f"/f/{audit.number}/evidence/{first.uid}/back"
    assert _post(client, back, **{"back-reason": "Nhầm"}).status_code == 303
    assert office.revision.code + "," not in _text(client.get(at))
    assert _post(client, f"{at}/evidence", kind="nothing", base="0").status_code == 422


@pytest.mark.covers("b22", "b25")
def test_after_the_fieldwork_an_answer_is_refused_in_words_and_kept_as_a_draft(app, client):
    office = Asking()
    audit, made = office.under_way()
    sign_in(client, office.lead_person)
    at = f"/f/{audit.number}/{_line(made).id}"
    with unit_of_work(office.lead_person) as work:
        end_fieldwork(work, work.fresh(audit))
    late = _post(client, at, large="fails", notes="Thấy muộn", base="0", go="next")
    assert late.status_code == 409
    assert "Thấy muộn" in _text(late)
    assert db.session.scalars(sa.select(AnswerDraft)).one().notes == "Thấy muộn"
    photo = (io.BytesIO(a_photo()), "a.jpg")
    refused = _post(client, f"{at}/evidence", kind="photo", base="0", **{"ev-photo": photo})
    assert refused.status_code == 409
    again = f"/audits/{audit.number}/fieldwork-again"
    assert _post(client, again, **{"again-reason": ""}).status_code == 422
    assert _post(client, again, **{"again-reason": "Sót một câu"}).status_code == 303
    assert (
        _post(client, at, large="fails", notes="Thấy muộn", base="0", go="next").status_code == 303
    )


@pytest.mark.covers("A7")
def test_the_lead_decides_between_two_answers_on_the_page(app, client):
    office = Asking()
    audit, made = office.under_way()
    question = _line(made)
    office.answers(question, office.lead_person, Grade.MINOR, notes="Thiếu")
    theirs = office.answers(question, office.other_person, Grade.CONFORMS, notes="Đủ")
    sign_in(client, office.lead_person)
    page = _text(client.get(f"/f/{audit.number}/{question.id}"))
    assert "Đủ" in page
    assert "Câu trả lời này được tính" in page
    choice = f"/f/{audit.number}/answers/{theirs.uid}/choice"
    assert _post(client, choice).status_code == 303
    assert theirs.chosen_at is not None
    assert client.post(f"/f/{audit.number}/answers/nothing/choice").status_code in (400, 403, 404)
