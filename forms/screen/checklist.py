"""What is asked about checklists, samples, answers and evidence (screens 19, 20; b16-b25, L22)."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.kernel.coded import N_
from audits.models import EvidenceKind, Grade, SampleMethod
from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateText, key_of

# the four large answers of the phone, and the grades that two of them open (ux 3.1)
CONFORMS, NOTED, FAILS, NOT_APPLICABLE = "conforms", "noted", "fails", "not_applicable"
NOTED_GRADES = (Grade.OBSERVATION, Grade.OPPORTUNITY, Grade.STRENGTH)
FAILED_GRADES = (Grade.MINOR, Grade.MAJOR)
LARGE = (
    (CONFORMS, N_("Conforms")),
    (NOTED, N_("To be noted")),
    (FAILS, N_("Does not conform")),
    (NOT_APPLICABLE, N_("Does not apply")),
)


class MakeForm(ScreenForm):
    """Where the questions of a checklist come from."""

    template = BooleanField(_l("The template for this kind of unit"))
    clauses = BooleanField(_l("The clauses of the audit that no question asks yet"))
    steps = BooleanField(_l("The steps of its procedures, as they are in force"))
    earlier = SelectField(_l("An earlier checklist"), [Optional()])


class QuestionForm(SeenForm):
    """One question."""

    text = TextAreaField(
        _l("Question"), [InputRequired(_l("Write the question.")), Length(max=2000)]
    )
    section = StringField(_l("Section"), [Optional(), Length(max=200)])
    clause = SelectField(_l("Clause"), [Optional()])
    weight = IntegerField(
        _l("Weight"),
        [InputRequired(), NumberRange(0, 10, _l("A weight is a number from 0 to 10."))],
    )
    how = TextAreaField(_l("How to check, what to look at"), [Optional(), Length(max=4000)])
    unit = SelectField(_l("Unit"), [Optional()])
    for_auditee = BooleanField(_l("The unit answers this itself"))
    parent = SelectField(_l("Asked after another question"), [Optional()])
    grades = SelectMultipleField(_l("After which answers"))


class PlaceForm(ScreenForm):
    """Another place in the list."""

    place = IntegerField(_l("Place in the list"), [InputRequired()])


class SampleForm(ScreenForm):
    """What is drawn from what."""

    about = StringField(
        _l("Drawn from"),
        [InputRequired(_l("Say what the sample is drawn from.")), Length(max=300)],
    )
    method = CodedChoice(_l("How it is drawn"), SampleMethod)
    population = IntegerField(_l("How many there are"), [Optional()])
    size = IntegerField(_l("How many are drawn"), [Optional()])
    seed = StringField(_l("Seed"), [Optional(), Length(max=40)])
    items = TextAreaField(_l("List of them, one on a line"), [Optional(), Length(max=400_000)])
    question = SelectField(_l("For the question"), [Optional()])


class AnswerForm(ScreenForm):
    """What is seen at one question."""

    large = RadioField(
        _l("Conclusion"), [Optional()], choices=[SelectChoice(*one) for one in LARGE]
    )
    noted = CodedChoice(_l("What is noted"), NOTED_GRADES, validators=[Optional()])
    fails = CodedChoice(_l("How grave it is"), FAILED_GRADES, validators=[Optional()])
    notes = TextAreaField(_l("What was seen, and where"), [Optional(), Length(max=8000)])
    people_met = StringField(_l("People met"), [Optional(), Length(max=500)])
    seen_on = DateText(_l("Seen on"), [Optional()])
    base = IntegerField(widget=HiddenField.widget, validators=[Optional()])
    uid = HiddenField(validators=[Optional(), Length(max=40)])

    def grade(self) -> Grade | None:
        """Give the one grade of the seven that was chosen."""
        match self.large.data:
            case "conforms":
                return Grade.CONFORMS
            case "not_applicable":
                return Grade.NOT_APPLICABLE
            case "noted":
                return self.noted.coded or Grade.OBSERVATION
            case "fails":
                return self.fails.coded or Grade.MINOR
        return None

    def choose(self, grade: Grade | None) -> None:
        """Show a grade: the large answer and, where it opens more, which of them."""
        if grade in NOTED_GRADES:
            self.large.data, self.noted.data = NOTED, str(grade)
        elif grade in FAILED_GRADES:
            self.large.data, self.fails.data = FAILS, str(grade)
        elif grade is not None:
            self.large.data = str(grade)


class EvidenceForm(ScreenForm):
    """One piece of evidence; it comes in the form of the answer, so that no word is lost."""

    kind = CodedChoice(_l("Kind of evidence"), EvidenceKind, validators=[Optional()])
    photo = FileField(_l("Photo"))
    file = FileField(_l("File"))
    is_masked = HiddenField(validators=[Optional(), Length(max=1)])
    reference = StringField(_l("Number of the record"), [Optional(), Length(max=300)])
    page_code = StringField(_l("Address or code on the posted page"), [Optional(), Length(max=500)])
    dated_on = DateText(_l("Day of the evidence"), [Optional()])


class TemplateForm(SeenForm):
    """The lines of a template come beside it, each with its fields."""


def key(text: str | None) -> int | None:
    """Give the key a list offered; None for the first line of the list."""
    return key_of(text or "")
