"""What is asked about units, people, appointments and second posts."""

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.kernel.organisation import UnitKind
from app.kernel.people import Capacity, Role
from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import LANGUAGES, CodedChoice, DateRequired, DateText, offered


class UnitForm(SeenForm):
    """A unit's data; its place in the tree is where it was added."""

    name = StringField(_l("Name"), [InputRequired(_l("Give a name.")), Length(max=200)])
    name_en = StringField(_l("English name"), [Length(max=250)])
    code = StringField(
        _l("Unit code"),
        [InputRequired(_l("Give the unit a code; document codes use it.")), Length(max=40)],
    )
    kind = CodedChoice(_l("Kind of unit"), UnitKind)
    active_until = DateText(_l("Last day"), [Optional()])


class NewUnitForm(UnitForm):
    """A new unit also has a first day."""

    active_from = DateText(_l("First day"), [DateRequired()])


class PersonForm(SeenForm):
    """What is kept of a person; an empty account name means only named."""

    name = StringField(_l("Full name"), [InputRequired(_l("Give a name.")), Length(max=200)])
    unit = SelectField(_l("Home unit"), coerce=int)
    post = StringField(_l("Post"), [Length(max=200)])
    login = StringField(_l("Account name"), [Length(max=80)])
    email = StringField(_l("E-mail"), [Length(max=254)])
    language = SelectField(_l("Language"), choices=LANGUAGES)


class AppointmentForm(ScreenForm):
    """A role over a unit, for some time, by a decision."""

    role = CodedChoice(_l("Role"), Role)
    unit = SelectField(_l("Over the unit and everything below it"), coerce=int)
    from_on = DateText(_l("From"), [DateRequired()])
    until_on = DateText(_l("Until, last day"), [Optional()])
    decision_number = StringField(_l("Decision number"), [Length(max=80)])
    capacity = CodedChoice(_l("Signs papers"), Capacity)
    field = StringField(_l("Field"), [Length(max=200)])


class PostForm(ScreenForm):
    """A dated second post."""

    unit = SelectField(_l("Unit"), coerce=int)
    title = StringField(_l("Post"), [InputRequired(_l("Name the post.")), Length(max=200)])
    from_on = DateText(_l("From"), [DateRequired()])
    until_on = DateText(_l("Until, last day"), [Optional()])


class EndForm(ScreenForm):
    """The last day of an appointment or a second post."""

    until_on = DateText(_l("Last day"), [DateRequired()])


class ClosingForm(ScreenForm):
    """Why an account is closed."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(_l("Say why the account is closed.")), Length(max=500)]
    )


class ImportForm(ScreenForm):
    """A list of units or of people, as a spreadsheet."""

    what = RadioField(
        _l("What the list holds"),
        choices=offered([("units", _l("Units")), ("people", _l("People and appointments"))]),
    )
    file = FileField(_l("Spreadsheet"), [FileRequired(_l("Choose a file."))])
