"""Fields of our own: dates as people type them, people chosen from a list."""

from __future__ import annotations

from datetime import date

from wtforms import Field, StringField, ValidationError
from wtforms.widgets import TextInput

from app.kernel.calendar import parse_date
from forms.screen.base import _l


class DateText(StringField):
    """A date typed in one text field: 1/12/26, 01122026, 1-12-2026; `data` is the date or None."""

    widget = TextInput()

    typed = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; the words stay for showing when it is no date."""
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = parse_date(self.typed) if self.typed else None
        if self.typed and self.data is None:
            raise ValidationError(_l("This is no date. Type day/month/year, such as 01/12/2026."))

    def _value(self) -> str:
        if self.typed:
            return self.typed
        return self.data.strftime("%d/%m/%Y") if isinstance(self.data, date) else ""


class PeopleField(Field):
    """People chosen with the picker: their ids, as hidden fields of one name."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep numbers only; what is no number was not chosen from the list."""
        self.data = [int(value) for value in valuelist if value.isdigit() and len(value) < 16]
