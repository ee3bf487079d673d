"""What is asked about findings, the report and what follows it (screens 18 and 21; b26-b35)."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from audits.models import SCORES, FindingGrade, UnitResponse
from audits.models.report import QUESTIONS
from forms.screen.base import DecidingForm, ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText, key_of, offered


class FindingForm(SeenForm):
    """What was found, in which unit, against what, on which evidence."""

    unit = SelectField(_l("Unit"), coerce=key_of)
    grade = CodedChoice(_l("Grade"), FindingGrade)
    statement = TextAreaField(
        _l("What was found"), [InputRequired(_l("Say what was found.")), Length(max=8000)]
    )
    clause = SelectField(_l("Main criterion"), [Optional()])
    others = SelectMultipleField(_l("Further criteria"), coerce=key_of)
    evidence = TextAreaField(_l("Evidence"), [Optional(), Length(max=8000)])
    answers = SelectMultipleField(_l("Lines of the checklist it rests on"), coerce=key_of)
    document = SelectField(_l("Procedure it touches"), [Optional()])


class ResponseForm(SeenForm):
    """The unit's word on a finding."""

    response = CodedChoice(_l("The unit"), UnitResponse)
    words = TextAreaField(_l("In your words"), [Optional(), Length(max=8000)])


class DecisionForm(SeenForm):
    """The lead's decision on a finding."""

    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=8000)])
    grade = SelectField(_l("Other grade"), [Optional()])


class ReportWordsForm(SeenForm):
    """The words of a report beside its findings."""

    conclusions = TextAreaField(_l("Conclusions"), [Optional(), Length(max=20_000)])
    comparison = TextAreaField(_l("Compared with last time"), [Optional(), Length(max=20_000)])
    causes = TextAreaField(_l("Causes"), [Optional(), Length(max=20_000)])
    demands = TextAreaField(_l("What is asked of the units"), [Optional(), Length(max=20_000)])
    due_on = DateText(_l("To be put right by"), [Optional()])


class IssueForm(DecidingForm, ReportWordsForm):
    """The same words, signed by the lead."""


class RegistrationForm(ScreenForm):
    """Number and day the registry gave, after issue."""

    registry_number = StringField(
        _l("Number of the report"),
        [InputRequired(_l("Give the number of the report.")), Length(max=80)],
    )
    registered_on = DateText(_l("Day of the report"), [DateRequired()])


class SignedReportForm(ScreenForm):
    """The copy that was signed on paper."""

    file = FileField(_l("Scan of the signed report"))


class AmendmentForm(DecidingForm):
    """What is different from the issued report, and why; signed by the lead."""

    reason = StringField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
    text = TextAreaField(
        _l("What is different from the report"),
        [InputRequired(_l("Say what is different from the report.")), Length(max=20_000)],
    )
    finding = SelectField(_l("Finding it changes"), [Optional()])
    change = SelectField(_l("How it changes"), [Optional()])


class ReceiptForm(ScreenForm):
    """Why a unit refuses the report; empty where it confirms."""

    reason = StringField(_l("Reason of the refusal"), [Optional(), Length(max=2000)])


class AnswerForm(SeenForm):
    """What a unit did about a recommendation."""

    words = TextAreaField(
        _l("What was done, or why nothing is"),
        [InputRequired(_l("Say what was done, or why nothing is.")), Length(max=8000)],
    )


_MARKS = offered(
    (
        ("5", _l("5, fully")),
        ("4", _l("4, mostly")),
        ("3", _l("3, in part")),
        ("2", _l("2, hardly")),
        ("1", _l("1, not at all")),
    )
)


class RatingForm(ScreenForm):
    """Five questions to those who were audited."""

    comment = TextAreaField(_l("In your words"), [Optional(), Length(max=2000)])


for _name, _question in zip(SCORES, QUESTIONS, strict=True):
    setattr(RatingForm, _name, SelectField(_l(_question), choices=_MARKS))
