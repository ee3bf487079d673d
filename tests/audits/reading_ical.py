"""Reading a calendar as a program of somebody else does: unfold, split, unescape."""

from __future__ import annotations

import re


def events_in(text: str) -> list[dict[str, str]]:
    """Give the entries of a calendar, each by the names of its lines without parameters."""
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    found: list[dict[str, str]] = []
    present: dict[str, str] | None = None
    for line in re.sub("\r\n[ \t]", "", text).removesuffix("\r\n").split("\r\n"):
        named, _colon, value = line.partition(":")
        name = named.partition(";")[0]
        if line == "BEGIN:VEVENT":
            present = {}
        elif line == "END:VEVENT":
            assert present is not None
            assert {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS"} <= set(present)
            found.append(present)
            present = None
        elif present is not None:
            assert name not in present, name
            present[name] = re.sub(
                r"\\(.)", lambda mark: {"n": "\n", "N": "\n"}.get(mark[1], mark[1]), value
            )
    return found
