"""What is asked about the working calendar: one day by hand, or the list of a year."""

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.kernel.calendar import DayKind
from forms.screen.base import ScreenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText


class DayForm(ScreenForm):
    """A day on which the body does not work as the week says."""

    day = DateText(_l("Day"), [DateRequired()])
    kind = CodedChoice(_l("Kind of day"), (DayKind.HOLIDAY, DayKind.WORKING))
    name = StringField(
        _l("Why"),
        [
            InputRequired(_l("Say why, for example the name of the holiday.")),
            Length(max=200),
        ],
    )


class CalendarImportForm(ScreenForm):
    """The days of a year, as a spreadsheet."""

    file = FileField(_l("Spreadsheet"), [FileRequired(_l("Choose a file."))])
