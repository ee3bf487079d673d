"""Answering: drafts, answers, evidence, who may, what counts (b20, b22, b25; A3, A7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.install import installation
from app.kernel.organising import appoint
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.checklists.answering import AnswerData, choose_answer, record_answer, save_draft
from audits.checklists.evidence import EvidenceData, add_evidence, take_back, token_in
from audits.checklists.field import evidence_by, evidence_of, open_drafts
from audits.checklists.preparing import QuestionData, add_question, leave_out
from audits.checklists.register import checklist_scores, counting
from audits.checklists.scores import Line, scores_of
from audits.models import (
    Answer,
    AnswerDraft,
    AnswerPart,
    AuditState,
    EvidenceKind,
    Grade,
    TeamPart,
)
from audits.planned_audit import end_fieldwork, reopen_fieldwork
from audits.team import leave_team
from documents.storing import BroughtFile
from tests.audits.asking import Asking
from tests.builders import LONG_AGO, MONDAY, TODAY, Office, a_person

UID = "0b6a0c1e-5a3c-4a52-9f0c-1f3a7f6c9d10"


def _count(fact: str = "") -> int:
    query = sa.select(sa.func.count()).select_from(TrailEntry)
    return db.session.scalar(query.where(TrailEntry.fact == fact) if fact else query) or 0


def _lines(made, *, own: bool = False):
    return [one for one in made.questions if one.is_for_auditee is own]


def _photo() -> BroughtFile:
    content = b"a picture"
    sha256 = installation().store.put(content)
    return BroughtFile(sha256, "photo.jpg", len(content), "image/jpeg", "", "")


@pytest.mark.covers("A7", "b22")
def test_typing_leaves_no_fact_and_leaving_the_question_leaves_one(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    before = _count()
    for notes in ("H", "Hai", "Hai bản cũ"):
        office.drafts(question, office.lead_person, notes=notes, grade=Grade.MINOR, uid=UID)
    assert _count() == before
    kept = db.session.scalars(sa.select(AnswerDraft)).one()
    assert (kept.uid, kept.notes, kept.author_id) == (UID, "Hai bản cũ", office.lead_person.id)
    answer = office.answers(
        question, office.lead_person, Grade.MINOR, notes="Hai bản cũ", people_met="Bà Lan"
    )
    assert _count() == before + 1
    assert answer is not None
    assert (answer.uid, answer.part, answer.grade) == (UID, AnswerPart.AUDITOR, Grade.MINOR)
    assert db.session.scalars(sa.select(AnswerDraft)).all() == []
    details = db.session.scalars(
        sa.select(TrailEntry.details).where(TrailEntry.fact == "answer.recorded")
    ).one()
    assert "Bà Lan" not in details  # names of people met stay out of the trail (T4)


@pytest.mark.covers("A7")
def test_leaving_without_a_change_tells_nothing_and_a_change_tells_both_values(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    answer = office.answers(question, office.lead_person, Grade.CONFORMS, notes="Đủ")
    before = _count()
    office.answers(
        question, office.lead_person, Grade.CONFORMS, notes="Đủ", base=answer.row_version
    )
    assert _count() == before
    office.answers(
        question, office.lead_person, Grade.MAJOR, notes="Thiếu", base=answer.row_version
    )
    assert _count("answer.changed") == 1
    details = db.session.scalars(
        sa.select(TrailEntry.details).where(TrailEntry.fact == "answer.changed")
    ).one()
    assert '"grade":["conforms","major"]' in details
    assert '"notes":["Đủ","Thiếu"]' in details


@pytest.mark.covers("A7")
def test_an_old_draft_never_comes_back_over_what_was_recorded(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    office.drafts(question, office.lead_person, notes="cũ", grade=Grade.MINOR)
    answer = office.answers(question, office.lead_person, Grade.CONFORMS)
    with pytest.raises(Stale):
        office.drafts(question, office.lead_person, notes="cũ", grade=Grade.MINOR)  # sent late
    with pytest.raises(Stale):
        office.answers(question, office.lead_person, Grade.MINOR)  # another window
    office.drafts(question, office.lead_person, notes="mới", base=answer.row_version)
    kept = db.session.scalars(sa.select(AnswerDraft)).one()
    assert (kept.uid, kept.notes) == (answer.uid, "mới")


@pytest.mark.covers("A7")
def test_two_auditors_on_one_question_are_both_kept_and_the_lead_decides(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    mine = office.answers(question, office.lead_person, Grade.MINOR)
    theirs = office.answers(question, office.other_person, Grade.CONFORMS)
    assert mine is not None
    assert theirs is not None
    assert mine.uid != theirs.uid
    assert counting(question.answers).is_undecided
    assert checklist_scores(made)[0].points is None
    with pytest.raises(Forbidden), unit_of_work(office.other_person, now=MONDAY) as work:
        choose_answer(work, work.fresh(theirs))
    for chosen in (mine, theirs):
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            choose_answer(work, work.fresh(chosen))
        assert counting(question.answers).grade is chosen.grade
    assert checklist_scores(made)[0].points == 100
    assert [one.chosen_at is not None for one in question.answers] == [False, True]
    office.answers(question, office.other_person, Grade.MAJOR, base=theirs.row_version)
    assert counting(question.answers).is_undecided  # the lead chose other words


@pytest.mark.covers("A7")
def test_where_auditors_agree_nothing_is_to_be_decided(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    only = office.answers(question, office.lead_person, Grade.CONFORMS)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        choose_answer(work, work.fresh(only))
    office.answers(question, office.other_person, Grade.CONFORMS)
    assert counting(question.answers).grade is Grade.CONFORMS


@pytest.mark.covers("b22")
def test_the_unit_fills_its_own_lines_without_a_grade_and_sees_no_other(app):
    office = Asking()
    audit, made = office.under_way()
    own, other = _lines(made, own=True)[0], _lines(made)[0]
    work_of = office.fieldwork(audit, office.staff)
    assert work_of.part is AnswerPart.AUDITEE
    assert {line.question.id for line in work_of.lines} == {
        one.id for one in _lines(made, own=True)
    }
    answer = office.answers(own, office.staff, None, notes="Đơn vị dùng 12 biểu mẫu")
    assert answer is not None
    assert (answer.part, answer.grade) == (AnswerPart.AUDITEE, None)
    with pytest.raises(NotFound):
        office.answers(other, office.staff, None, notes="Tốt")
    with pytest.raises(InvalidInput) as refused:
        office.answers(own, office.staff, Grade.CONFORMS, base=answer.row_version)
    assert refused.value.field == "grade"
    with pytest.raises(InvalidInput):
        office.drafts(own, office.staff, grade=Grade.CONFORMS, base=answer.row_version)
    with pytest.raises(NotFound):
        work_of.line(other.id)
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        choose_answer(work, work.fresh(answer))
    noted = office.answers(own, office.lead_person, Grade.MINOR, notes="Chỉ thấy 9")
    assert noted is not None
    seen = office.fieldwork(audit, office.staff).line(own.id)
    assert seen.own == answer
    assert seen.others == ()  # what auditors noted is theirs
    assert seen.counts.grade is None
    assert office.fieldwork(audit, office.lead_person).line(own.id).others == (answer,)


@pytest.mark.covers("b22", "O4")
def test_others_of_the_body_and_strangers_see_no_fieldwork(app):
    office = Asking()
    audit, made = office.under_way()
    aside = a_person(office.economy, Role.STAFF, name="Người ngoài cuộc")
    for person in (aside, office.administrator, Office().officer):
        with pytest.raises(NotFound):
            office.fieldwork(audit, person)
        with pytest.raises((NotFound, Forbidden)):
            office.answers(_lines(made, own=True)[0], person, None, notes="x")
    looks_on = office.fieldwork(audit, office.officer)
    assert looks_on.part is None
    assert len(looks_on.lines) == len(made.questions)
    with pytest.raises(Forbidden):
        office.answers(_lines(made)[0], office.officer, Grade.CONFORMS)


@pytest.mark.covers("O1", "b22")
def test_observers_watch_and_who_left_the_team_is_out(app):
    office = Asking()
    audit, made = office.under_way()
    watcher = office.auditor(a_person(office.culture, Role.STAFF, name="Quan sát viên"))
    member = office.joins(audit, watcher, TeamPart.OBSERVER)
    assert office.fieldwork(audit, watcher.person).part is None
    with pytest.raises(Forbidden):
        office.answers(_lines(made)[0], watcher.person, Grade.CONFORMS)
    with unit_of_work(office.officer, now=MONDAY) as work:
        leave_team(work, work.fresh(member), reason="Bận")
    with pytest.raises(NotFound):
        office.fieldwork(audit, watcher.person)


@pytest.mark.covers("b22")
def test_nothing_is_recorded_before_and_after_the_fieldwork_and_no_draft_is_lost(app):
    office = Asking()
    audit = office.announced()
    made = office.checklist(audit)
    question = _lines(made)[0]
    with pytest.raises(RuleBroken):
        office.answers(question, office.lead_person, Grade.CONFORMS)
    office.begins(audit)
    office.drafts(question, office.lead_person, notes="Đang xem", grade=Grade.MINOR)
    assert open_drafts(db.session(), audit) == 1
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        end_fieldwork(work, work.fresh(audit))
    with pytest.raises(RuleBroken):
        office.answers(question, office.lead_person, Grade.MINOR, notes="Đang xem, thêm")
    office.drafts(question, office.lead_person, notes="Đang xem, thêm", grade=Grade.MINOR)
    assert db.session.scalars(sa.select(AnswerDraft)).one().notes == "Đang xem, thêm"
    with pytest.raises(InvalidInput), unit_of_work(office.lead_person, now=MONDAY) as work:
        reopen_fieldwork(work, work.fresh(audit), reason=" ")
    with pytest.raises(Forbidden), unit_of_work(office.other_person, now=MONDAY) as work:
        reopen_fieldwork(work, work.fresh(audit), reason="Sót một câu")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        reopen_fieldwork(work, work.fresh(audit), reason="Sót một câu")
    assert audit.state is AuditState.UNDER_WAY
    assert _count("audit.reopened") == 1
    office.answers(question, office.lead_person, Grade.MINOR, notes="Đang xem, thêm")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        end_fieldwork(work, work.fresh(audit))


@pytest.mark.covers("b22")
def test_notes_without_a_grade_stay_a_draft_and_not_applicable_says_why(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    assert office.answers(question, office.lead_person, None, notes="Xem sau") is None
    assert db.session.scalars(sa.select(AnswerDraft)).one().notes == "Xem sau"
    assert db.session.scalars(sa.select(Answer)).all() == []
    with pytest.raises(InvalidInput) as refused:
        office.answers(question, office.lead_person, Grade.NOT_APPLICABLE)
    assert refused.value.field == "notes"
    answer = office.answers(question, office.lead_person, Grade.CONFORMS)
    with pytest.raises(InvalidInput):
        office.answers(question, office.lead_person, None, base=answer.row_version)
    assert office.answers(_lines(made)[1], office.lead_person, None) is None
    assert _count("answer.recorded") == 1


@pytest.mark.covers("b19")
def test_a_follow_up_is_asked_after_the_answers_it_waits_for(app):
    office = Asking()
    audit, made = office.under_way()
    parent = _lines(made)[0]
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = QuestionData("Từ bao giờ?", parent_id=parent.id, grades=[Grade.MINOR, Grade.MAJOR])
        child = add_question(work, work.fresh(made), data)

    def asked():
        return {line.question.id for line in office.fieldwork(audit, office.lead_person).lines}

    assert child.id not in asked()
    answer = office.answers(parent, office.lead_person, Grade.CONFORMS)
    assert child.id not in asked()
    office.answers(parent, office.lead_person, Grade.MAJOR, base=answer.row_version)
    assert child.id in asked()
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        leave_out(work, work.fresh(parent), reason="Trùng")
    assert not {child.id, parent.id} & asked()


@pytest.mark.covers("A7")
def test_an_answer_to_a_question_left_out_meanwhile_is_kept_as_a_draft(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    with unit_of_work(office.officer, now=MONDAY) as work:
        leave_out(work, work.fresh(question), reason="Trùng")
    with pytest.raises(RuleBroken):
        office.answers(question, office.lead_person, Grade.MINOR, notes="Thấy rồi")
    assert office.drafts(question, office.lead_person, notes="Thấy rồi").notes == "Thấy rồi"


@pytest.mark.covers("b20")
def test_scores_weigh_what_was_graded_and_nothing_answered_is_no_score():
    lines = [
        Line("A", 3, Grade.CONFORMS),
        Line("A", 1, Grade.MAJOR),
        Line("A", 5, Grade.NOT_APPLICABLE),
        Line("B", 1, None),
        Line("C", 0, Grade.CONFORMS),
        Line("D", 1, None, is_undecided=True),
    ]
    whole, sections = scores_of(lines)
    assert whole.points == 75
    assert [(one.section, one.points) for one in sections] == [
        ("A", 75),
        ("B", None),
        ("C", None),
        ("D", None),
    ]
    assert (whole.answered, whole.asked, whole.undecided) == (5, 6, 1)
    assert scores_of([])[0].points is None


@pytest.mark.covers("A3", "b25")
def test_evidence_belongs_to_the_answer_from_its_first_moment_and_has_its_own_day(app):
    office = Asking()
    audit, made = office.under_way()
    question = _lines(made)[0]
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = EvidenceData(EvidenceKind.PHOTO, TODAY - timedelta(days=1), is_masked=True)
        photo = add_evidence(work, work.fresh(question), data, _photo())
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = EvidenceData(EvidenceKind.RECORD, reference="Sổ 12/2026")
        add_evidence(work, work.fresh(question), data)
    assert (photo.dated_on, photo.added_at) == (TODAY - timedelta(days=1), MONDAY)
    answer = office.answers(question, office.lead_person, Grade.MINOR)
    assert answer is not None
    assert [one.kind for one in answer.evidence] == [EvidenceKind.PHOTO, EvidenceKind.RECORD]
    assert _count("evidence.added") == 2
    with pytest.raises(InvalidInput), unit_of_work(office.lead_person, now=MONDAY) as work:
        take_back(work, work.fresh(photo), reason="")
    with pytest.raises(RuleBroken), unit_of_work(office.other_person, now=MONDAY) as work:
        take_back(work, work.fresh(photo), reason="Mờ")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        take_back(work, work.fresh(photo), reason="Mờ")
    assert len(evidence_by(db.session(), question, answer.uid)) == 1
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        end_fieldwork(work, work.fresh(audit))
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        add_evidence(work, work.fresh(question), EvidenceData(EvidenceKind.RECORD, reference="1"))


@pytest.mark.covers("A3")
@pytest.mark.parametrize(
    ("data", "field"),
    [
        (EvidenceData(EvidenceKind.PHOTO), "file"),
        (EvidenceData(EvidenceKind.RECORD, reference="  "), "reference"),
        (EvidenceData(EvidenceKind.RECORD, TODAY + timedelta(days=1), "1"), "dated_on"),
        (EvidenceData(EvidenceKind.POSTED_PAGE, reference="không phải mã"), "reference"),
        (EvidenceData(EvidenceKind.POSTED_PAGE, reference="a" * 32), "reference"),
    ],
)
def test_evidence_that_shows_nothing_is_refused_at_its_field(app, data, field):
    office = Asking()
    _audit, made = office.under_way()
    with (
        pytest.raises(InvalidInput) as refused,
        unit_of_work(office.lead_person, now=MONDAY) as work,
    ):
        add_evidence(work, work.fresh(_lines(made)[0]), data)
    assert refused.value.field == field
    assert _count("evidence.added") == 0


@pytest.mark.covers("b25", "O4")
def test_a_posted_page_is_read_from_its_code_and_one_of_another_body_is_not(app):
    office = Asking()
    _audit, made = office.under_way()
    question = _lines(made)[0]
    token = office.revision.token
    assert token_in(f"https://iso.example.vn/v/{token}") == token
    assert token_in(f" {token} ") == token
    assert token_in("https://iso.example.vn/login") == ""
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = EvidenceData(EvidenceKind.POSTED_PAGE, reference=f"http://may-khac/v/{token}")
        page = add_evidence(work, work.fresh(question), data)
    assert (page.revision_id, page.verdict) == (office.revision.id, "current")
    assert page.reference.startswith(office.revision.code)
    other = Office()
    foreign = other.effective()
    refused = []
    for reference in (foreign.token, "x" * 32):
        data = EvidenceData(EvidenceKind.POSTED_PAGE, reference=reference)
        with pytest.raises(InvalidInput) as no, unit_of_work(office.lead_person) as work:
            add_evidence(work, work.fresh(question), data)
        refused.append(no.value.text)
    assert refused[0] == refused[1]  # nobody learns which codes are whose


@pytest.mark.covers("b22", "O4")
def test_evidence_is_for_the_team_and_of_the_unit_only_its_own(app):
    office = Asking()
    audit, made = office.under_way()
    own = _lines(made, own=True)[0]
    found = {}
    for name, person in (("auditor", office.lead_person), ("unit", office.staff)):
        with unit_of_work(person, now=MONDAY) as work:
            found[name] = add_evidence(
                work, work.fresh(own), EvidenceData(EvidenceKind.RECORD, reference="1")
            )

    def sees(person, evidence):
        standing = standing_of(db.session(), person, TODAY)
        return evidence_of(db.session(), standing, audit, evidence.uid) == evidence

    assert sees(office.lead_person, found["unit"])
    assert sees(office.staff, found["unit"])
    with pytest.raises(NotFound):
        sees(office.staff, found["auditor"])
    with pytest.raises(NotFound):
        sees(office.administrator, found["unit"])
    other = office.audit(office.of_year, office.economy)
    standing = standing_of(db.session(), office.officer, TODAY)
    with pytest.raises(NotFound):
        evidence_of(db.session(), standing, other, found["unit"].uid)


@pytest.mark.covers("A7")
def test_an_identifier_that_is_none_or_somebody_elses_is_replaced(app):
    office = Asking()
    _audit, made = office.under_way()
    first, second, third = _lines(made)[:3]
    office.drafts(first, office.lead_person, notes="a", uid=UID)
    assert office.drafts(second, office.other_person, notes="b", uid=UID).uid != UID
    assert len(office.drafts(third, office.lead_person, notes="c", uid="'; --").uid) == 36
    answer = office.answers(second, office.lead_person, Grade.CONFORMS, uid="nope")
    assert answer is not None
    assert len(answer.uid) == 36


@pytest.mark.covers("b22")
def test_an_auditor_of_the_body_outside_the_team_does_not_record(app):
    office = Asking()
    _audit, made = office.under_way()
    aside = a_person(office.economy, Role.STAFF, name="Đánh giá viên khác")
    with unit_of_work(None, now=MONDAY) as work:
        appoint(work, work.fresh(aside), Role.AUDITOR, work.fresh(office.economy),
                from_on=LONG_AGO)  # fmt: skip
    for act in (save_draft, record_answer):
        with pytest.raises(Forbidden), unit_of_work(aside, now=MONDAY) as work:
            act(work, work.fresh(_lines(made)[0]), AnswerData(grade=Grade.CONFORMS))
