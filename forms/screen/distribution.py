"""What is asked about who reads a revision, and about a unit's meeting (screens 8 and 9)."""

from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import DateRequired, DateText, PeopleField

QUESTIONS = 5
_REASON = InputRequired(_l("Give the reason."))


class ReadersForm(SeenForm):
    """Who reads one revision, by when, and how often again."""

    units = SelectMultipleField(_l("Units, with everything below them"), coerce=int)
    people = PeopleField(_l("People beside them"))
    asks_reading = BooleanField(_l("They confirm that they have read and understood"))
    due_on = DateText(_l("Read by"), [Optional()])
    reask_months = StringField(
        _l("Months until everybody is asked again"),
        [
            Optional(),
            Regexp(r"^\s*\d{0,3}\s*$", message=_l("Type a whole number, or leave it empty.")),
        ],
    )
    reason = TextAreaField(_l("Reason"), [_REASON, Length(max=2000)])


class KeepingForm(ScreenForm):
    """Why a minor amendment is not read again by those who confirmed before it."""

    reason = TextAreaField(_l("Reason"), [_REASON, Length(max=2000)])


class QuizForm(ScreenForm):
    """A short quiz: fields for each question are added below."""

    pass_mark = IntegerField(
        _l("Pass mark in percent"),
        [InputRequired(), NumberRange(1, 100, message=_l("Type a number from 1 to 100."))],
    )


for _number in range(1, QUESTIONS + 1):
    setattr(
        QuizForm,
        f"text_{_number}",
        StringField(_l("Question"), [Length(max=500)]),
    )
    setattr(
        QuizForm,
        f"choices_{_number}",
        TextAreaField(_l("Answers, one in a line"), [Length(max=2000)]),
    )
    setattr(
        QuizForm,
        f"right_{_number}",
        IntegerField(_l("Line of the right answer"), [Optional()]),
    )


class MeetingForm(ScreenForm):
    """A unit's meeting: when, by which minutes, who was there."""

    held_on = DateText(_l("Date of the meeting"), [DateRequired()])
    minutes_number = StringField(
        _l("Number of the minutes"),
        [InputRequired(_l("Give the number of the minutes.")), Length(max=80)],
    )
    people = SelectMultipleField(_l("Who was present"), coerce=int)
    others_present = IntegerField(
        _l("Others present, whom the system does not know"),
        [Optional(), NumberRange(0, 9999, message=_l("Type a whole number."))],
    )
