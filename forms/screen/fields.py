"""Fields of our own: dates as people type them, people chosen from a list, coded choices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from app.kernel.calendar import parse_date
from app.kernel.coded import Coded
from forms.screen.base import _l

FIRST, LAST = date(1945, 1, 1), date(2200, 1, 1)  # what no office means is a slip of the hand


class DateText(StringField):
    """A date typed in one text field: 1/12/26, 01122026, 1-12-2026; `data` is the date or None."""

    widget = TextInput()

    typed = ""
    may_be_nothing = True  # no date is None, not an empty text

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; the words stay for showing when it is no date."""
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = parse_date(self.typed) if self.typed else None
        if self.data is not None and not FIRST <= self.data < LAST:
            self.data = None
        if self.typed and self.data is None:
            raise ValidationError(_l("This is no date. Type day/month/year, such as 01/12/2026."))

    def _value(self) -> str:
        if self.typed:
            return self.typed
        return self.data.strftime("%d/%m/%Y") if isinstance(self.data, date) else ""


def key_of(text: str) -> int | None:
    """Give the key a hidden field holds; None for anything that no list of ours offered."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


class PeopleField(Field):
    """People chosen with the picker: their ids, as hidden fields of one name."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep numbers only; what is no number was not chosen from the list."""
        keys = (key_of(value) for value in valuelist)
        self.data = [key for key in keys if key is not None]


class DateRequired:
    """Ask for a date; what was typed wrongly keeps its own message."""

    field_flags = {"required": True}

    def __call__(self, form: object, field: Field) -> None:
        if field.data is None:
            if field.process_errors:
                raise StopValidation()
            raise StopValidation(str(_l("Type a date, for example 1/12/2026.")))


def offered(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Give values and their labels as the choices of a field."""
    return [SelectChoice(str(value), label) for value, label in pairs]


LANGUAGES = offered([("vi", "Tiếng Việt"), ("en", "English")])


class CodedChoice(SelectField):
    """A choice among coded values, shown by their labels."""

    def __init__(self, label: Any, values: Iterable[Coded], **more: Any) -> None:
        self.values = {str(value): value for value in values}
        choices = offered((code, _l(value.label)) for code, value in self.values.items())
        super().__init__(label, choices=choices, **more)

    @property
    def coded(self) -> Any:
        """Give the chosen value itself."""
        return self.values.get(self.data)
