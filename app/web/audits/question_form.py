"""The form of one question, with the lists of its audit (screen 19)."""

from __future__ import annotations

from flask_babel import gettext
from wtforms.fields import SelectChoice

from audits.checklists.preparing import QuestionData
from audits.models import Checklist, Grade, Question
from forms.screen.checklist import QuestionForm, key


def questions_of(
    checklist: Checklist, none: str, own: Question | None = None
) -> list[SelectChoice]:
    """Give the questions of a checklist to choose from."""
    return [
        SelectChoice("", none),
        *(
            SelectChoice(str(one.id), f"{number}. {one.short}")
            for number, one in enumerate(checklist.questions, start=1)
            if (own is None or one.id != own.id)
        ),
    ]


def question_form(
    checklist: Checklist, question: Question | None, *, prefix: str = "", sent: bool = False
) -> QuestionForm:
    """Give the form of a question, with the lists of its audit."""
    form = QuestionForm(prefix=prefix) if sent else QuestionForm(formdata=None, prefix=prefix)
    clauses = [one.clause for one in checklist.audit.clauses]
    if question is not None and question.clause is not None and question.clause not in clauses:
        clauses.append(question.clause)
    form.clause.choices = [
        SelectChoice("", gettext("none")),
        *(SelectChoice(str(one.id), f"{one.number} {one.title}"[:120]) for one in clauses),
    ]
    form.unit.choices = [
        SelectChoice("", gettext("all of them")),
        *(SelectChoice(str(one.unit_id), one.unit.name) for one in checklist.audit.units),
    ]
    form.parent.choices = questions_of(checklist, gettext("asked always"), question)
    form.grades.choices = [SelectChoice(str(one), gettext(one.label)) for one in Grade]
    if sent:
        return form
    form.weight.data = 1
    if question is not None:
        _filled(form, question)
    return form


def _filled(form: QuestionForm, question: Question) -> None:
    form.text.data, form.section.data, form.how.data = question.text, question.section, question.how
    form.clause.data = str(question.clause_id or "")
    form.unit.data = str(question.unit_id or "")
    form.parent.data = str(question.parent_id or "")
    form.weight.data, form.for_auditee.data = question.weight, question.is_for_auditee
    form.grades.data = list(question.shown_when)
    form.row_version.data = question.row_version


def data_of(form: QuestionForm) -> QuestionData:
    chosen = set(form.grades.data or [])
    parent = key(form.parent.data)
    return QuestionData(
        text=form.text.data or "",
        section=form.section.data or "",
        how=form.how.data or "",
        clause_id=key(form.clause.data),
        weight=form.weight.data if form.weight.data is not None else 1,
        unit_id=key(form.unit.data),
        for_auditee=bool(form.for_auditee.data),
        parent_id=parent,
        grades=[one for one in Grade if str(one) in chosen] if parent else (),
    )
