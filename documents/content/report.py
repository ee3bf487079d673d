"""What a check or a comparison found, as the plain values programs read (ISO 9001:2015, 7.5.2).

Keys and shapes stand in the help of `nenep check` and `nenep compare`.
"""

from datetime import date
from typing import Any, Final

from documents.content.blocks import Citation, Reading
from documents.content.changes import Change, Comparison
from documents.content.intake import Refused

_KEYS: Final = {"law": "number", "standard": "number", "document": "code", "form": "code"}
_LISTS: Final = {"law": "laws", "standard": "standards", "document": "documents", "form": "forms"}


def reading_report(file: str, reading: Reading) -> dict[str, Any]:
    """Return what one accepted file says about itself and cites."""
    said = reading.proposal
    return {
        "file": file,
        "accepted": True,
        "reason": None,
        "message": "",
        "title": said.title,
        "code": said.code,
        "edition": said.edition,
        "amendment": said.amendment,
        "approved_on": _day(said.approved_on),
        "effective_on": _day(said.effective_on),
        "signers": {
            each.part: {"name": each.name, "title": each.title, "date": _day(each.signed_on)}
            for each in said.signers
        },
        "headings": [
            {"level": block.level, "number": block.number, "text": block.text}
            for block in reading.blocks
            if block.kind == "heading"
        ],
        "words": reading.words,
        "citations": _cited(reading.citations),
        "scan": reading.scan,
    }


def recognised_report(reading: Reading, pages: int, of: int) -> dict[str, Any]:
    """Return what a machine saw on the pages of a scan: apart, because all of it is doubtful."""
    seen = reading_report("", reading)
    names = ("title", "code", "edition", "amendment", "approved_on", "effective_on", "signers")
    return {
        "pages": pages,
        "of": of,
        "words": reading.words,
        "doubtful": {name: seen[name] for name in (*names, "citations")},
    }


def refusal_report(file: str, refused: Refused, message: str) -> dict[str, Any]:
    """Return the same keys for a file that is not taken: its reason, and nothing else."""
    return {
        "file": file,
        "accepted": False,
        "reason": refused.reason.value,
        "message": message,
        "title": "",
        "code": "",
        "edition": None,
        "amendment": None,
        "approved_on": None,
        "effective_on": None,
        "signers": {},
        "headings": [],
        "words": 0,
        "citations": _cited(()),
        "scan": False,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _cited(found: tuple[Citation, ...]) -> dict[str, list[dict[str, Any]]]:
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in _LISTS.values()}
    for each in found:
        entry = {_KEYS[each.kind]: each.number, "times": each.times, "passage": each.passage}
        lists[_LISTS[each.kind]].append(entry)
    return lists


def comparison_report(
    old: tuple[str, Reading], new: tuple[str, Reading], found: Comparison
) -> dict[str, Any]:
    """Return what changed from one file to the other; each is named with its reading."""
    metadata = {name: [before, after] for name, before, after in found.metadata}
    if metadata.pop("amendment", None) or "edition" in metadata:
        metadata["edition"] = [edition_of(old[1]), edition_of(new[1])]
    return {
        "old": old[0],
        "new": new[0],
        "changes": [_change(each) for each in found.changes],
        "metadata_changes": metadata,
        "formatting_changes": found.formatting,
        "added": found.added,
        "removed": found.removed,
    }


def edition_of(reading: Reading) -> str:
    """Return edition and amendment as people write them: '02/00'; '?' for what is not said."""
    counters = (reading.proposal.edition, reading.proposal.amendment)
    return "/".join("?" if each is None else f"{each:02}" for each in counters)


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "where": place_of(change),
        "old": change.old,
        "new": change.new,
        "row": change.row,
        "column": change.column,
        "removed_words": change.removed,
        "added_words": change.added,
    }


def place_of(change: Change) -> str:
    """Return where a change stands: heading, row and column, or from where to where it moved."""
    if change.kind == "move":
        return f"{change.origin} → {change.where}"
    return " / ".join(part for part in (change.where, change.row, change.column) if part)
