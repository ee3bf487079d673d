"""What is asked about records, holds, disposals, and people who left (D5)."""

from wtforms import (
    FileField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from documents.models import DisposalMethod
from forms.screen.base import ScreenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText, PeopleField


class RecordForm(ScreenForm):
    """One filled form: what it is, where it is, how long it is kept."""

    unit = SelectField(_l("Unit that keeps it"), coerce=int)
    form = StringField(_l("Form it was filled on (code)"), [Optional(), Length(max=80)])
    title = StringField(
        _l("Title"), [InputRequired(_l("Give the record a title.")), Length(max=500)]
    )
    number = StringField(_l("Number"), [Optional(), Length(max=80)])
    period = StringField(_l("Period"), [Optional(), Length(max=80)])
    made_on = DateText(_l("Made on"), [DateRequired()])
    holder = PeopleField(_l("Who holds it"))
    place = StringField(_l("Where the paper is"), [Optional(), Length(max=300)])
    keep_years = IntegerField(_l("Years kept"), [Optional()])
    file = FileField(_l("The file, where there is one"))


class NoteForm(ScreenForm):
    """A remark beside a record."""

    text = TextAreaField(_l("Note"), [InputRequired(_l("Write the note first.")), Length(max=2000)])


class HoldForm(ScreenForm):
    """Why something must be kept, and until when."""

    reason = TextAreaField(
        _l("Why it must be kept"), [InputRequired(_l("Give the reason.")), Length(max=4000)]
    )
    until_on = DateText(_l("Until"), [Optional()])


class DisposalForm(ScreenForm):
    """What goes, why and how."""

    revisions = SelectMultipleField(_l("Past editions"), coerce=int, validate_choice=False)
    records = SelectMultipleField(_l("Records"), coerce=int, validate_choice=False)
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=4000)])
    method = CodedChoice(_l("How paper goes"), DisposalMethod)


class LeavingForm(ScreenForm):
    """The decision by which somebody's personal data is replaced."""

    decision_number = StringField(
        _l("Decision number"), [InputRequired(_l("Give the number.")), Length(max=80)]
    )
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
