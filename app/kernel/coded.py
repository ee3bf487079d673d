"""Coded values: a code that is stored and a label that is shown, side by side."""

from enum import Enum
from typing import Self


def N_(text: str) -> str:
    """Mark a text of the domain for translation; it is turned into words only where it is shown."""
    return text


class Coded(str, Enum):  # noqa: UP042 -- StrEnum refuses the second value of a member
    """A value stored by its code; the label is English and a message id of the catalogue."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.value)
