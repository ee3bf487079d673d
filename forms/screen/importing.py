"""Forms of the import: list and folder in, a decision for each row (screen 13)."""

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import Length, NumberRange, Optional

from forms.screen.base import ScreenForm, _l
from forms.screen.fields import DateText, offered


class BringListForm(ScreenForm):
    """A master list as a spreadsheet, and the files it names."""

    register = FileField(_l("Master list"), [FileRequired(_l("Choose the spreadsheet first."))])
    files = MultipleFileField(_l("Its files, or one .zip of them"), [Optional()])
    folder = MultipleFileField(_l("Or a whole folder"), [Optional()])


class BringFilesForm(ScreenForm):
    """More files for a list that is here already."""

    files = MultipleFileField(_l("Its files, or one .zip of them"), [Optional()])
    folder = MultipleFileField(_l("Or a whole folder"), [Optional()])


class RowForm(ScreenForm):
    """What somebody decides about one row; an empty field decides nothing."""

    code = StringField(_l("Code"), [Length(max=80)])
    title = StringField(_l("Title"), [Length(max=500)])
    unit = SelectField(_l("Lead unit"), validate_choice=True)
    edition = IntegerField(_l("Edition"), [Optional(), NumberRange(0, 99)])
    amendment = IntegerField(_l("Amendment"), [Optional(), NumberRange(0, 99)])
    approved_on = DateText(_l("Approved on"), [Optional()])
    effective_on = DateText(_l("In force from"), [Optional()])
    file = SelectField(_l("File"), validate_choice=True)
    ended = RadioField(
        _l("Is it in force?"),
        choices=offered(
            [
                ("", _l("As the list says")),
                ("no", _l("In force")),
                ("yes", _l("No longer in force")),
            ]
        ),
        default="",
    )
    on_paper = BooleanField(_l("It exists on paper only"))
    convert = BooleanField(_l("Convert the old Word file to .docx; keep the original beside it"))
    accept = BooleanField(_l("Take every doubt of this row as it is proposed"))
    leave_out = BooleanField(_l("Leave it out"))
