"""What is asked about numbered copies: whose, where, what became of them (a32, a33)."""

from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from documents.models import ENDINGS, CopyAnswer, CopyKind
from forms.screen.base import ScreenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText, PeopleField, offered


class CopyForm(ScreenForm):
    """A copy to give out: whose it is, where it is kept or hangs."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])
    kind = CodedChoice(_l("Kind of copy"), CopyKind)
    unit = SelectField(_l("Unit that holds it"), [InputRequired()], coerce=int)
    holder = PeopleField(_l("Who keeps it"))
    place = StringField(
        _l("Place"),
        [InputRequired(_l("Say where it is kept or hangs.")), Length(max=200)],
    )
    handed_over_on = DateText(_l("Handed over on"), [Optional()])


class HandOverForm(ScreenForm):
    """The day its holder got it."""

    on = DateText(_l("Handed over on"), [DateRequired()])


class RecallForm(ScreenForm):
    """Why a copy is asked back."""

    reason = StringField(
        _l("Reason"),
        [InputRequired(_l("Give the reason; its holder reads it.")), Length(max=500)],
    )


class EndForm(ScreenForm):
    """What became of a copy, on which day."""

    how = RadioField(
        _l("What became of it"),
        [InputRequired(_l("Say what became of it."))],
        choices=offered((one, _l(one.label)) for one in ENDINGS),
    )
    on = DateText(_l("On"), [DateRequired()])
    reason = TextAreaField(_l("What happened to it"), [Optional(), Length(max=2000)])


class PhotoForm(ScreenForm):
    """A photo of the page where it hangs."""

    photo = FileField(_l("Photo of it where it is"))


class RoundForm(ScreenForm):
    """By when holders answer."""

    due_on = DateText(_l("Answers by"), [DateRequired()])


class CopyAnswerForm(ScreenForm):
    """What a holder says of the copy."""

    answer = RadioField(
        _l("Is it still there?"),
        [InputRequired(_l("Choose one of the answers."))],
        choices=offered((one, _l(one.label)) for one in CopyAnswer),
    )
    note = TextAreaField(_l("What happened to it"), [Optional(), Length(max=2000)])
