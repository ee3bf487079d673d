"""What is asked about the plan of one audit and its meetings (screen 18; b13-b15, b33, b36)."""

from __future__ import annotations

from typing import Any

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
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from audits.models import AuditMethod
from forms.screen.base import DecidingForm, ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText, key_of, offered


class AgendaForm(SeenForm):
    """The agenda as a whole; its lines are forms of their own beside it."""

    count = IntegerField(
        widget=HiddenField.widget, validators=[Optional(), NumberRange(min=0, max=90)]
    )


class AgendaLineForm(ScreenForm):
    """One line of the agenda; a line without hours and matter is not there."""

    class Meta(ScreenForm.Meta):
        csrf = False  # the form around it carries the token

    key = IntegerField(widget=HiddenField.widget, validators=[Optional()])
    held_on = SelectField(_l("Day"), [Optional()])
    begins = StringField(_l("From hour"), [Optional(), Length(max=10)])
    ends = StringField(_l("Until hour"), [Optional(), Length(max=10)])
    unit = SelectField(_l("Unit"), [Optional()])
    place = StringField(_l("Place"), [Optional(), Length(max=200)])
    subject = TextAreaField(_l("What is looked at, clauses"), [Optional(), Length(max=2000)])
    auditors = SelectMultipleField(_l("Who audits"), coerce=key_of)
    met = StringField(_l("Who is met"), [Optional(), Length(max=300)])
    gone = BooleanField(_l("Take this line out"))

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was typed into it, or it was taken out."""
        typed = (self.begins.data, self.ends.data, self.subject.data, self.place.data)
        return bool(self.gone.data) or not any((text or "").strip() for text in typed)


class UnitsForm(SeenForm):
    """Other units for an audit that is not announced yet."""

    units = SelectMultipleField(_l("Units"), coerce=key_of)
    reason = StringField(_l("Reason"), [Optional(), Length(max=2000)])


class MethodForm(SeenForm):
    """What an audit is to find out, and how it is done."""

    method = CodedChoice(_l("How it is done"), AuditMethod)
    remote_address = StringField(_l("Address of the meeting from afar"), [Length(max=300)])
    objective = TextAreaField(_l("What it is to find out"), [Optional(), Length(max=4000)])


class ReadingForm(ScreenForm):
    """Codes of documents the team reads besides the procedures audited."""

    documents = TextAreaField(
        _l("Other documents to read, by code"), [Optional(), Length(max=2000)]
    )


ANSWERS = [("agree", _l("We confirm the plan")), ("object", _l("Something does not suit"))]


class UnitAnswerForm(ScreenForm):
    """A unit's answer to the plan it was told."""

    unit = SelectField(_l("For the unit"))
    answer = RadioField(
        _l("Answer to the plan"), [InputRequired(_l("Choose one.")), Optional()],
        choices=offered(ANSWERS),
    )  # fmt: skip
    unsuited_on = DateText(_l("Which day does not suit"), [Optional()])
    words = TextAreaField(_l("What does not suit, and what would"), [Optional(), Length(max=1000)])


class ReplyForm(ScreenForm):
    """The lead's reply to an objection."""

    reply = StringField(
        _l("What you decided"), [InputRequired(_l("Say what you decided.")), Length(max=1000)]
    )


class MeetingForm(SeenForm):
    """An opening or closing meeting: set, and later what was said there."""

    held_on = DateText(_l("Day"), [DateRequired()])
    begins = StringField(
        _l("From hour"), [InputRequired(_l("Type an hour, for example 8:30.")), Length(max=10)]
    )
    ends = StringField(_l("Until hour"), [Optional(), Length(max=10)])
    place = StringField(_l("Place"), [Optional(), Length(max=200)])
    chair = StringField(_l("Chaired by"), [Optional(), Length(max=200)])
    secretary = StringField(_l("Minutes taken by"), [Optional(), Length(max=200)])
    people = SelectMultipleField(_l("Present"), coerce=key_of)
    typed = TextAreaField(_l("Others who were present"), [Optional(), Length(max=8000)])
    notes = TextAreaField(_l("What was said"), [Optional(), Length(max=8000)])
    opinion = TextAreaField(_l("Opinion of the unit"), [Optional(), Length(max=4000)])


class MinutesForm(DecidingForm):
    """A signature under the minutes of a meeting."""


def chosen(field: Any) -> int | None:
    """Give the key that was chosen in a list; None for nothing."""
    return key_of(str(field.data or ""))
