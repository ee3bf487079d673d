"""Fields that several screen forms share: dates as people type them, a choice of coded values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext
from wtforms import Field, SelectField
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from app.kernel.calendar import parse_date
from app.kernel.coded import N_, Coded
from forms.screen.base import _l

NOT_A_DATE = N_("This is no date. Type day, month and year, for example 1/12/2026.")
FIRST, LAST = date(1945, 1, 1), date(2200, 1, 1)


class DateText(Field):
    """A date in one text field: 1/12/26, 01122026 and 1-12-2026 are the same day."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%d/%m/%Y}" if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand what was typed; nothing typed is no date and no error."""
        if not valuelist:
            return
        self.data = None
        if not valuelist[0].strip():
            return
        typed = parse_date(valuelist[0])
        if typed is None or not FIRST <= typed < LAST:
            raise ValueError(gettext(NOT_A_DATE))
        self.data = typed


class DateRequired:
    """Ask for a date; what was typed wrongly keeps its own message."""

    field_flags = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("Type a date, for example 1/12/2026.")

    def __call__(self, form: object, field: Field) -> None:
        if field.data is None:
            if not field.errors and not field.process_errors:
                raise StopValidation(str(self.message))
            raise StopValidation()


class CodedChoice(SelectField):
    """A choice among coded values, shown by their labels."""

    def __init__(
        self, label: Any, values: Iterable[Coded], *, empty: Any = None, **more: Any
    ) -> None:
        self.values = {value.value: value for value in values}
        choices = [(code, _l(value.label)) for code, value in self.values.items()]
        if empty is not None:
            choices.insert(0, ("", empty))
        super().__init__(label, choices=choices, **more)

    @property
    def coded(self) -> Any:
        """Give the chosen value itself; None for the empty choice."""
        return self.values.get(self.data)
