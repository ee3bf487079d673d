"""Checklists: where questions come from, what becomes of them, what is stale (b16-b19, L5, A10)."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import UnitKind
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.checklists.drawing import SampleData, draw_sample
from audits.checklists.generating import Sources
from audits.checklists.preparing import (
    QuestionData,
    add_from,
    add_question,
    change_question,
    leave_out,
    make_checklist,
    make_ready,
    move_question,
    renew_step,
    take_in,
)
from audits.checklists.register import (
    StaleKind,
    checklist_of,
    earlier_answers,
    earlier_checklists,
    stale_marks,
)
from audits.checklists.sampling import draw, places, usual_size
from audits.checklists.steps import steps_of
from audits.checklists.templates import TemplateLine, change_template, usual_lines
from audits.models import (
    ChecklistState,
    Grade,
    QuestionSource,
    SampleMethod,
)
from audits.planned_audit import end_fieldwork
from tests.audits.asking import STEPS, Asking, a_reading
from tests.builders import MONDAY, TODAY, a_unit


def _facts(record) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(
                TrailEntry.record_type == record.__tablename__, TrailEntry.record_id == record.id
            )
            .order_by(TrailEntry.id)
        )
    )


@pytest.mark.covers("L5", "b18")
def test_steps_are_the_rows_of_step_tables_and_the_sections_with_text():
    found = steps_of(a_reading())
    assert [one.name for one in found] == [
        "1 Tiếp nhận hồ sơ",
        "2 Thẩm định hồ sơ",
        "3 Ký duyệt",
        "6 Trả kết quả",
    ]
    assert found[0].text == "1 · Tiếp nhận hồ sơ · Công chức một cửa · Trong ngày"
    assert found[3].text == "6 Trả kết quả\nTrả đúng hẹn."
    assert len({one.anchor for one in found}) == 4


@pytest.mark.covers("L5")
def test_two_rows_of_one_name_are_two_steps_and_spaces_are_no_change():
    twice = steps_of(a_reading((STEPS[0], STEPS[0])))
    assert twice[0].anchor != twice[1].anchor
    assert twice[0].sha256 == twice[1].sha256
    spaced = ("1", "Tiếp  nhận hồ sơ ", "Công chức một cửa", "Trong ngày")
    assert steps_of(a_reading((spaced,)))[0].sha256 == twice[0].sha256


@pytest.mark.covers("b16", "b18", "L5")
def test_a_checklist_comes_from_template_clauses_and_the_very_revision(app):
    office = Asking()
    audit = office.announced()
    made = office.checklist(audit)
    sources = {one.source for one in made.questions}
    assert sources == {QuestionSource.TEMPLATE, QuestionSource.CLAUSE, QuestionSource.STEP}
    steps = [one for one in made.questions if one.source is QuestionSource.STEP]
    assert [one.step_text.split(" · ")[0] for one in steps[:3]] == ["1", "2", "3"]
    assert {one.revision_id for one in steps} == {office.revision.id}
    usual = {line.text for line in usual_lines(UnitKind.DEPARTMENT)}
    assert usual >= {one.text for one in made.questions if one.source is QuestionSource.TEMPLATE}
    clauses = [one.clause_id for one in made.questions if one.source is QuestionSource.CLAUSE]
    assert len(clauses) == len(set(clauses))
    assert _facts(made) == ["checklist.made"]
    audited = {one.clause_id for one in audit.clauses}
    assert {one.clause_id for one in made.questions if one.clause_id} <= audited


@pytest.mark.covers("b16")
def test_a_second_checklist_and_one_by_a_stranger_are_refused(app):
    office = Asking()
    audit = office.announced()
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        make_checklist(work, work.fresh(audit), Sources())
    office.checklist(audit)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        make_checklist(work, work.fresh(audit), Sources())
    standing = standing_of(db.session(), office.staff, TODAY)
    with pytest.raises(NotFound):
        checklist_of(db.session(), standing, audit)


@pytest.mark.covers("L5")
def test_a_step_with_other_words_marks_its_question_and_the_new_words_can_be_taken_over(app):
    office = Asking()
    audit = office.announced()
    made = office.checklist(audit)
    assert stale_marks(db.session(), made.questions) == {}
    changed = (STEPS[0], ("2", "Thẩm định hồ sơ", "Chuyên viên tư pháp", "01 ngày"))
    office.in_force(office.procedure, a_reading(changed))
    steps = [one for one in made.questions if one.source is QuestionSource.STEP]
    marks = stale_marks(db.session(), made.questions)
    kinds = [marks[one.id].kind for one in steps]
    assert kinds[:2] == [StaleKind.SAME_WORDS, StaleKind.CHANGED]
    assert kinds[2] in (StaleKind.GONE, StaleKind.CHANGED)
    assert kinds[3] is StaleKind.SAME_WORDS
    mark = marks[steps[1].id]
    assert mark.step is not None
    assert "01 ngày" in mark.step.text
    assert "02 ngày" in steps[1].step_text
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        renew_step(work, work.fresh(steps[1]), work.fresh(mark.revision), mark.step)
    assert "01 ngày" in steps[1].how
    assert steps[1].id not in stale_marks(db.session(), steps)
    assert _facts(steps[1]) == ["question.renewed"]


@pytest.mark.covers("L5")
def test_a_question_of_a_withdrawn_procedure_says_so(app):
    office = Asking()
    made = office.checklist(office.announced())
    step = next(one for one in made.questions if one.source is QuestionSource.STEP)
    with unit_of_work(None, now=MONDAY) as work:
        work.session.execute(
            sa.text("UPDATE revision SET state = 'obsolete', ended_at = :at WHERE id = :id"),
            {"at": "2026-11-23 02:00:00+00:00", "id": office.revision.id},
        )
    db.session.expire_all()
    assert stale_marks(db.session(), [step])[step.id].kind is StaleKind.NO_LONGER_IN_FORCE


@pytest.mark.covers("b17", "A10")
def test_a_copied_checklist_starts_unanswered_with_last_times_answers_beside(app):
    office = Asking()
    audit, made = office.under_way()
    asked = [one for one in made.questions if not one.is_for_auditee]
    office.answers(asked[0], office.lead_person, Grade.MINOR, notes="Hai bản cũ")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = QuestionData("Bản cũ đã thu hồi chưa?", parent_id=asked[0].id, grades=[Grade.MINOR])
        follow_up = add_question(work, work.fresh(made), data)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        end_fieldwork(work, work.fresh(audit))
    later = office.audit(office.of_year)
    office.joins(later, office.lead)
    found = earlier_checklists(db.session(), later)
    assert [one.id for one in found] == [made.id]
    copied = office.checklist(
        later, Sources(template=False, clauses=False, steps=False, earlier=made)
    )
    assert len(copied.questions) == len(made.questions)
    assert all(not one.answers for one in copied.questions)
    beside = earlier_answers(db.session(), copied.questions)
    (answers,) = beside.values()
    assert [one.notes for one in answers] == ["Hai bản cũ"]
    again = next(one for one in copied.questions if one.earlier_id == follow_up.id)
    assert again.parent is not None
    assert again.parent.earlier_id == asked[0].id
    assert again.shown_when == ["minor"]
    assert _facts(copied) == ["checklist.copied"]


@pytest.mark.covers("b16")
def test_questions_are_added_changed_moved_left_out_and_taken_in_again(app):
    office = Asking()
    made = office.checklist(office.announced())
    first, second = made.questions[0], made.questions[1]
    with unit_of_work(office.other_person, now=MONDAY) as work:
        own = add_question(work, work.fresh(made), QuestionData("  Ai giữ con dấu?  ", weight=3))
    assert made.questions[-1].id == own.id
    assert own.text == "Ai giữ con dấu?"
    with unit_of_work(office.other_person, now=MONDAY) as work:
        change_question(work, work.fresh(own), QuestionData("Ai giữ con dấu?", weight=5))
    with unit_of_work(office.other_person, now=MONDAY) as work:
        assert not change_question(work, work.fresh(own), QuestionData("Ai giữ con dấu?", weight=5))
    for to in (1, 2, 1, 2, 1):
        with unit_of_work(office.other_person, now=MONDAY) as work:
            move_question(work, work.fresh(own), to=to)
        assert made.questions[to - 1].id == own.id
    assert [one.id for one in made.questions[1:3]] == [first.id, second.id]
    with pytest.raises(InvalidInput), unit_of_work(office.other_person, now=MONDAY) as work:
        leave_out(work, work.fresh(first), reason="  ")
    with unit_of_work(office.other_person, now=MONDAY) as work:
        leave_out(work, work.fresh(first), reason="Không thuộc phạm vi")
    assert first not in made.questions
    with unit_of_work(office.other_person, now=MONDAY) as work:
        take_in(work, work.fresh(first))
    assert first in made.questions
    assert _facts(first) == ["question.left_out", "question.back_in"]
    assert _facts(own)[0] == "question.changed"


@pytest.mark.covers("b16")
def test_between_two_questions_there_is_always_room(app):
    office = Asking()
    made = office.checklist(office.announced(), Sources(clauses=False, steps=False))
    ids = [one.id for one in made.questions]
    for _ in range(30):  # the last becomes the second, until no number is left between
        last = made.questions[-1]
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            move_question(work, work.fresh(last), to=2)
        assert made.questions[1].id == last.id
    assert sorted(one.id for one in made.questions) == sorted(ids)
    assert len({one.position for one in made.questions}) == len(ids)


@pytest.mark.covers("b19")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " "}, "text"),
        ({"weight": 11}, "weight"),
        ({"unit_id": -1}, "unit"),
        ({"clause_id": -1}, "clause"),
        ({"parent_id": -1}, "parent"),
        ({"parent_id": 0, "grades": ()}, "grades"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_at_its_field(app, change, field):
    office = Asking()
    made = office.checklist(office.announced())
    if change.get("parent_id") == 0:
        change = {**change, "parent_id": made.questions[0].id}
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        add_question(work, work.fresh(made), QuestionData(**{"text": "Hỏi?", **change}))
    assert refused.value.field == field


@pytest.mark.covers("b19")
def test_a_follow_up_stands_behind_its_parent_and_has_none_of_its_own(app):
    office = Asking()
    made = office.checklist(office.announced())
    parent, other = made.questions[0], made.questions[1]
    added = []
    for text in ("Một?", "Hai?"):
        with unit_of_work(office.officer, now=MONDAY) as work:
            data = QuestionData(text, parent_id=parent.id, grades=[Grade.MINOR, Grade.MAJOR])
            added.append(add_question(work, work.fresh(made), data))
    assert [one.id for one in made.questions[:4]] == [
        parent.id,
        added[0].id,
        added[1].id,
        other.id,
    ]
    data = QuestionData("Ba?", parent_id=added[0].id, grades=[Grade.MINOR])
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        add_question(work, work.fresh(made), data)
    data = QuestionData(parent.text, parent_id=other.id, grades=[Grade.MINOR])
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        change_question(work, work.fresh(parent), data)


@pytest.mark.covers("b16")
def test_an_answered_question_keeps_its_words_and_an_ended_audit_its_questions(app):
    office = Asking()
    audit, made = office.under_way()
    question = next(one for one in made.questions if not one.is_for_auditee)
    office.answers(question, office.lead_person, Grade.CONFORMS)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        change_question(work, work.fresh(question), QuestionData("Khác?"))
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        end_fieldwork(work, work.fresh(audit))
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        add_question(work, work.fresh(made), QuestionData("Thêm?"))


@pytest.mark.covers("b16")
def test_ready_is_said_once_and_of_questions_only(app):
    office = Asking()
    audit = office.announced()
    empty = office.checklist(audit, Sources(template=False, clauses=False, steps=False))
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        make_ready(work, work.fresh(empty))
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        assert add_from(work, work.fresh(empty), Sources()) > 10
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        assert add_from(work, work.fresh(empty), Sources()) == 0
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        make_ready(work, work.fresh(empty))
    assert empty.state is ChecklistState.READY
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        make_ready(work, work.fresh(empty))
    assert _facts(empty) == ["checklist.made", "checklist.questions_added", "checklist.ready"]


@pytest.mark.covers("b16")
def test_a_body_sets_its_own_template_and_others_keep_that_of_the_product(app):
    office = Asking()
    line = TemplateLine("Con dấu", "7.5.3", "Con dấu do ai giữ?", 4)
    with pytest.raises(Forbidden), unit_of_work(office.lead_person, now=MONDAY) as work:
        change_template(work, office.body, UnitKind.DEPARTMENT, [line])
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert change_template(work, office.body, UnitKind.DEPARTMENT, [line])
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert not change_template(work, office.body, UnitKind.DEPARTMENT, [line])
    for wrong in ([], [TemplateLine("", "", "Hỏi?", 11)]):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            change_template(work, office.body, UnitKind.WARD, wrong)
    made = office.checklist(office.announced(), Sources(clauses=False, steps=False))
    assert [(one.text, one.weight) for one in made.questions] == [("Con dấu do ai giữ?", 4)]
    ward = a_unit(office.body, "PX", "Phường Xuân")
    assert ward.kind is not None
    assert all(usual_lines(kind) for kind in UnitKind)


@pytest.mark.covers("L22", "b32")
def test_the_same_seed_draws_the_same_items_whoever_draws():
    assert places(100, 5, "abc", SampleMethod.RANDOM) == places(100, 5, "abc", SampleMethod.RANDOM)
    assert places(100, 5, "abc", SampleMethod.RANDOM) != places(100, 5, "abd", SampleMethod.RANDOM)
    assert places(5, 5, "x", SampleMethod.RANDOM) == [1, 2, 3, 4, 5]
    even = places(100, 4, "x", SampleMethod.SYSTEMATIC)
    assert {(later - one) % 100 for one, later in pairwise(even)} == {25}
    for size in range(1, 20):
        drawn = places(19, size, "x", SampleMethod.SYSTEMATIC)
        assert len(set(drawn)) == size
        assert min(drawn) >= 1
        assert max(drawn) <= 19
    assert draw(3, 3, "x", SampleMethod.RANDOM, ["a", "b", "c"]) == ["a", "b", "c"]
    assert [usual_size(count) for count in (1, 5, 100)] == [1, 3, 10]


@pytest.mark.covers("L22")
def test_what_is_drawn_does_not_change_with_the_language_or_its_version():
    # worked out with sha256sum and sort, beside this program
    assert places(50, 5, "DG-2026", SampleMethod.RANDOM) == [3, 35, 37, 43, 47]


@pytest.mark.covers("L22", "b32")
def test_a_sample_is_kept_with_what_another_auditor_needs(app):
    office = Asking()
    made = office.checklist(office.announced())
    names = [f"HS-{number:03d}" for number in range(1, 41)]
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = SampleData("Hồ sơ khai sinh quý III", 5, items=names, seed="17")
        kept = draw_sample(work, work.fresh(made), data)
    assert kept.population == 40
    assert kept.drawn == draw(40, 5, "17", SampleMethod.RANDOM, names)
    assert _facts(kept) == ["sample.drawn"]
    details = db.session.scalars(
        sa.select(TrailEntry.details).where(TrailEntry.fact == "sample.drawn")
    ).one()
    assert "HS-0" not in details  # files of citizens stay out of the trail (T4)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = SampleData(
            "Hồ sơ", population=9, method=SampleMethod.JUDGEMENT, items=["HS-7", "HS-9"]
        )
        chosen = draw_sample(work, work.fresh(made), data)
    assert (chosen.size, chosen.seed, chosen.drawn) == (2, "", ["HS-7", "HS-9"])
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = SampleData("Hồ sơ", 3, population=1000)
        assert len(draw_sample(work, work.fresh(made), data).seed) == 8


@pytest.mark.covers("L22")
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"about": " "}, "about"),
        ({"population": 0}, "population"),
        ({"size": 0}, "size"),
        ({"size": 11}, "size"),
        ({"question_id": -1}, "question"),
        ({"method": SampleMethod.JUDGEMENT, "items": []}, "items"),
        ({"items": ["x"] * 5001}, "items"),
    ],
)
def test_a_sample_that_cannot_be_drawn_is_refused_at_its_field(app, said, field):
    office = Asking()
    made = office.checklist(office.announced())
    data = SampleData(**{"about": "Hồ sơ", "size": 3, "population": 10, **said})
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        draw_sample(work, work.fresh(made), data)
    assert refused.value.field == field
