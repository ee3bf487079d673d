"""What somebody decides about a row before it is brought in: what counts instead (a52)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Choice:
    """Decisions about one row or one file; what is None or False was not decided."""

    code: str | None = None
    title: str | None = None
    unit_id: int | None = None
    edition: int | None = None
    amendment: int | None = None
    approved_on: date | None = None
    effective_on: date | None = None
    file: str | None = None  # the path of the file that counts
    on_paper: bool = False
    ended: bool | None = None
    convert: bool = False
    accept: bool = False  # every doubt as proposed
    leave_out: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Give plain values for the database: only what was decided."""
        bare = {name: value for name, value in asdict(self).items() if value not in (None, False)}
        if self.ended is False:
            bare["ended"] = False
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in bare.items()
        }

    @classmethod
    def from_plain(cls, bare: dict[str, Any]) -> Choice:
        """Build it again from plain values."""
        days = {
            name: date.fromisoformat(bare[name])
            for name in ("approved_on", "effective_on")
            if bare.get(name)
        }
        return cls(**{**bare, **days})


NOTHING = Choice()
