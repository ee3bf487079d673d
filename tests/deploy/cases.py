"""The battery: every way of spoiling an export, and what the checker must say to each.

Each case is a few milliseconds of plain bytes; the mutation test runs them all.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.deploy.exports import (
    KEY,
    OTHER_KEY,
    Line,
    a_head,
    a_key,
    an_entry,
    an_entry_line,
    an_export,
    announce,
    canonical,
    entries,
    kept,
    position,
    public,
    rehash,
    reseal,
    written,
)


class Case(NamedTuple):
    """Bytes to check, with what the reader brings, and the record that must be named."""

    name: str
    export: bytes
    expected: str  # the beginning of the answer: "holds", "unreadable", or the place
    why: str = ""  # words that must be in the answer
    keys: tuple[str, ...] = ()
    heads: bytes | None = None
    files: dict[str, bytes] | None = None


def spoilt(change: Callable[[list[Line]], Any], **how: Any) -> bytes:
    """A sound export after one change."""
    lines = an_export(**how)
    change(lines)
    return written(lines)


def at(chain: int, sequence: int, changes: Line) -> Callable[[list[Line]], None]:
    """Change fields inside one entry."""
    return lambda lines: lines[position(lines, chain, sequence)]["entry"].update(changes)


def field(kind: str, place: int = 0, **changes: Any) -> Callable[[list[Line]], None]:
    """Change fields of the n-th line of a kind."""
    return lambda lines: [line for line in lines if line["type"] == kind][place].update(changes)


def place_of(chain: int, sequence: int) -> str:
    """How the checker names an entry."""
    return f"chain {chain}, sequence {sequence},"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _delete(chain: int, first: int, last: int, *, honest_counts: bool = False) -> bytes:
    def change(lines: list[Line]) -> None:
        start = position(lines, chain, first)
        del lines[start : start + last - first + 1]
        if honest_counts:
            announce(lines)

    return spoilt(change)


def _swap(lines: list[Line]) -> None:
    one, two = position(lines, 3, 2), position(lines, 3, 5)
    lines[one], lines[two] = lines[two], lines[one]


def _insert(lines: list[Line]) -> None:
    lines.insert(position(lines, 3, 4), an_entry_line(an_entry(3, 4, actor=9)) | {"hash": "1" * 64})


def _repeat(lines: list[Line]) -> None:
    lines.insert(position(lines, 3, 4), copy.deepcopy(lines[position(lines, 3, 4)]))


def _append(lines: list[Line]) -> None:
    lines.insert(position(lines, 3, 6) + 1, an_entry_line(an_entry(3, 7)))
    rehash(lines, 3)


def _cut(lines: list[Line], *, until: int = 4) -> None:
    lines[:] = [
        line
        for line in lines
        if not (
            line["type"] == "entry"
            and line["entry"]["chain"] == 3
            and line["entry"]["sequence"] > until
        )
        and not (line["type"] == "head" and line["chain"] == 3 and line["sequence"] > until)
    ]
    announce(lines)


def _replace(lines: list[Line], *, since: int, key: Any = None) -> None:
    for line in entries(lines, 3)[since - 1 :]:
        line["entry"]["actor"] = 99
    rehash(lines, 3, since=since)
    if key is not None:
        reseal(lines, key)
        lines[1] = a_key(key)


EDITS: dict[str, Any] = {
    "chain": 0,
    "sequence": 5,
    "at": "2026-11-21T08:00:00.000000Z",
    "actor": 8,
    "acting_for": 7,
    "fact": "documents.revision_returned",
    "record": "document",
    "record_id": 1,
    "body": 4,
    "details": {"comment": "Đồng ý ban hành “lần 3”", "round": 4, "share": 0.5},
}


def attacks() -> Iterator[Case]:
    """The twelve kinds of tampering, each with the first record that is wrong."""
    for name, value in EDITS.items():
        why = "moved" if name in ("chain", "sequence") else "follow"
        yield Case(f"edit {name}", spoilt(at(3, 4, {name: value})), place_of(3, 4), why)
    yield Case("edit hash", spoilt(field("entry", 6, hash="a" * 64)), place_of(3, 3), "follow")
    yield Case("delete first", _delete(3, 1, 1), place_of(3, 1), "taken out")
    yield Case("delete middle", _delete(3, 3, 3), place_of(3, 3), "taken out")
    yield Case("delete last", _delete(3, 6, 6), place_of(3, 6), "missing")
    yield Case("delete last of the first chain", _delete(0, 4, 4), place_of(0, 4), "taken out")
    yield Case(
        "delete last and count", _delete(3, 6, 6, honest_counts=True), place_of(3, 6), "gone"
    )
    yield Case("delete a range", _delete(3, 2, 4), place_of(3, 2), "taken out")
    yield Case("swap two", spoilt(_swap), place_of(3, 2), "moved")
    yield Case("insert", spoilt(_insert), place_of(3, 4), "follow")
    yield Case("duplicate", spoilt(_repeat), place_of(3, 5), "moved")
    yield Case("append", spoilt(_append), place_of(3, 7), "no signed head")
    now = an_export()
    old = written(kept(now))
    yield Case("cut the tail", spoilt(_cut, heads=(2, 4)), place_of(3, 5), "gone", heads=old)
    yield Case(
        "cut unsealed", spoilt(lambda lines: _cut(lines, until=5)), place_of(3, 3), "no signed"
    )
    yield Case(
        "replace the tail", spoilt(lambda lines: _replace(lines, since=5)), place_of(3, 6), "sealed"
    )
    yield Case(
        "replace all", spoilt(lambda lines: _replace(lines, since=1)), place_of(3, 2), "sealed"
    )
    stolen = spoilt(lambda lines: _replace(lines, since=1, key=KEY))
    yield Case("replace all and sign", stolen, place_of(3, 2), "sealed", heads=old)
    forged = spoilt(
        lambda lines: (_replace(lines, since=1, key=OTHER_KEY), reseal(lines, OTHER_KEY))
    )
    yield Case("replace all, other key", forged, place_of(0, 2), "not trusted", heads=old)
    yield Case(
        "replace all, pinned key", forged, place_of(0, 2), "not trusted", keys=(public().hex(),)
    )
    yesterday = written(an_export({0: 4, 3: 5}))
    yield Case("roll back to yesterday", yesterday, place_of(3, 6), "rolled back", heads=old)
    one_chain = written(an_export({0: 4}))
    yield Case("leave a chain out", one_chain, place_of(3, 2), "not in the export", heads=old)
    holding = {(3, 4): {"files": [{"sha256": _digest(b"quy trinh"), "name": "a.docx"}]}}
    yield Case(
        "swap a stored file",
        written(an_export(details=holding)),
        place_of(3, 4),
        "other bytes",
        files={_digest(b"quy trinh"): b"quy trinh khac"},
    )
    single = {(3, 5): {"sha256": _digest(b"ban ky")}}
    yield Case(
        "swap a single stored file",
        written(an_export(details=single)),
        place_of(3, 5),
        "other bytes",
        files={_digest(b"ban ky"): b""},
    )


# one value of every kind: each field refuses all of them but its own
STRANGERS: tuple[Any, ...] = (None, True, -1, 1.5, "", "x", "A" * 64, "a" * 64 + "\n", [], {})
ALLOWED: dict[str, tuple[Any, ...]] = {
    "installation": ("x", "A" * 64, "a" * 64 + "\n"),
    "fact": ("x", "A" * 64, "a" * 64 + "\n"),
    "record": ("x", "A" * 64, "a" * 64 + "\n"),
    "actor": (None,),
    "acting_for": (None,),
    "record_id": (None,),
    "body": (None,),
    "details": ({},),
    "entry": ({},),
    "chains": ([],),
    "key": ("x", "A" * 64, "a" * 64 + "\n"),
}


def _every_field(lines: list[Line]) -> Iterator[tuple[str, Callable[[list[Line]], Line]]]:
    """Name every place in an export that has fields."""
    first = {line["type"]: place for place, line in reversed(list(enumerate(lines)))}
    for kind, place in first.items():
        yield kind, lambda lines, place=place: lines[place]
    yield "announced", lambda lines: lines[0]["chains"][0]
    yield "inside", lambda lines: lines[first["entry"]]["entry"]


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def shapes() -> Iterator[Case]:
    """Foreign, missing and misfitting fields, on every kind of line."""
    sound = an_export()
    for kind, find in _every_field(sound):
        lines = copy.deepcopy(sound)
        find(lines)["extra"] = 1
        yield Case(f"{kind}: a field too many", written(lines), "", "not the fields")
        for name in find(sound):
            if name == "type":
                continue
            lines = copy.deepcopy(sound)
            del find(lines)[name]
            what = "unreadable" if (kind, name) == ("export", "format") else ""
            yield Case(f"{kind}: without {name}", written(lines), what, what and "format 1")
            allowed = () if (kind, name) == ("head", "key") else ALLOWED.get(name, ())
            for stranger in STRANGERS:
                if any(_same(stranger, one) for one in allowed):
                    continue
                lines = copy.deepcopy(sound)
                find(lines)[name] = stranger
                if kind == "inside":
                    # whoever owns the database hashes what is there: only the shape is against it
                    line = lines[position_of_first_entry(lines)]
                    alone = bytes(32) + canonical(line["entry"])
                    line["hash"] = hashlib.sha256(alone).hexdigest()
                misread = (kind, name) == ("export", "format") and stranger is not True
                why = "format 1" if misread else f"{name} is"
                yield Case(
                    f"{kind}: {name} = {stranger!r:.12}",
                    written(lines),
                    "unreadable" if misread else "",
                    why,
                )


def position_of_first_entry(lines: list[Line]) -> int:
    """Where the first entry stands."""
    return next(place for place, line in enumerate(lines) if line["type"] == "entry")


def _raw(old: bytes, new: bytes, *, only: int = 1) -> bytes:
    whole = written(an_export())
    assert old in whole
    return whole.replace(old, new, only)


def _move_end(lines: list[Line]) -> None:
    lines.insert(-1, lines.pop())
    lines.append({"type": "end", "entries": 10})


def texts() -> Iterator[Case]:
    """Lines that two readers could take differently, and orders that are none."""
    yield Case(
        "a name twice", _raw(b'"actor": 7', b'"actor": 8, "actor": 7'), place_of(0, 1), "twice"
    )
    for word in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
        yield Case(
            f"{word!r}", _raw(b'"share": 0.5', b'"share": ' + word), place_of(0, 1), "number"
        )
    yield Case("cut inside a line", written(an_export())[:-9], "chain 3, sequence 7,")
    yield Case("half a surrogate", _raw(b'"comment": "', b'"comment": "\\ud800'), place_of(0, 1))
    yield Case("not UTF-8", _raw(b'"comment": "', b'"comment": "\xff'), place_of(0, 1))
    yield Case("too deep", _raw(b'"share": 0.5', b'"share": ' + b"[" * 200_000), place_of(0, 1))
    yield Case("an empty line", _raw(b"}\n", b"}\n\n"), place_of(0, 1))
    yield Case(
        "unknown type", _raw(b'"type": "entry"', b'"type": "note"'), place_of(0, 1), "unknown type"
    )
    yield Case(
        "a list for a type", _raw(b'"type": "entry"', b'"type": []'), place_of(0, 1), "unknown type"
    )
    yield Case(
        "no object", _raw(b'{"type": "key"', b'[]\n{"type": "key"'), place_of(0, 1), "unknown type"
    )
    yield Case("no end", b"".join(written(an_export()).splitlines(True)[:-1]), "", "cut")
    yield Case("something after the end", written(an_export()) + b"{}\n", "", "after the last")
    yield Case("end twice", spoilt(lambda lines: lines.append(lines[-1])), "", "after the last")
    yield Case("first line twice", spoilt(lambda lines: lines.insert(1, lines[0])), "", "missing")
    yield Case("wrong total", spoilt(field("end", entries=9)), "line", "counts other")
    last = {"chain": 3, "entries": 6, "hash": "b" * 64}
    other_last = spoilt(lambda lines: lines[0]["chains"][1].update(last))
    yield Case("wrong last hash", other_last, place_of(3, 6), "another last hash")
    more = spoilt(lambda lines: lines[0]["chains"][1].update(entries=7))
    yield Case("more announced", more, place_of(3, 7), "missing")
    fewer = spoilt(lambda lines: lines[0]["chains"][1].update(entries=5, hash=lines[-5]["hash"]))
    yield Case("fewer announced", fewer, "", "")
    hidden = spoilt(lambda lines: lines[0]["chains"].pop())
    yield Case("a chain not announced", hidden, place_of(0, 5), "more than")
    twice = spoilt(lambda lines: lines[0]["chains"].append(lines[0]["chains"][0]))
    yield Case("announced twice", twice, "line 1", "twice")
    none = an_export({})
    none.insert(2, an_entry_line(an_entry(0, 1)) | {"hash": "0" * 64})
    yield Case("an entry nobody announced", written(none), "", "more than")
    yield Case("nothing", b"", "unreadable", "format 1")
    yield Case("a picture", b"\x89PNG\r\n\x1a\n", "unreadable", "format 1")
    yield Case("only heads", written(kept(an_export())), "unreadable", "format 1")
    disguised = {"type": "end", "format": 1, "entries": 0}
    yield Case("no export, of format 1", written([disguised]), "unreadable", "format 1")
    odd = spoilt(lambda lines: lines[0]["chains"].append(5))
    yield Case("a chain that is no object", odd, "line 1", "not the fields")
    yield Case("another format", spoilt(field("export", format=2)), "unreadable", "format 1")


def seals() -> Iterator[Case]:
    """Keys and heads."""
    yield Case(
        "a key that its id denies", spoilt(field("key", public="ab" * 32)), "line 2", "its id"
    )
    sound = an_export()
    for name, value in {"at": "2026-11-23T10:00:00.000000Z", "signature": "0" * 128}.items():
        yield Case(
            f"head: {name}", spoilt(field("head", 2, **{name: value})), place_of(3, 2), "signature"
        )
    foreign = spoilt(field("head", 2, installation="ubnd-phuong-khac"))
    yield Case("head: installation", foreign, place_of(3, 2), "another installation")
    elsewhere = spoilt(field("export", installation="ubnd-phuong-khac"))
    yield Case("export: installation", elsewhere, place_of(0, 2), "another installation")
    yield Case(
        "head: unknown key", spoilt(field("head", 2, key="0" * 16)), place_of(3, 2), "not trusted"
    )
    yield Case("no key line", spoilt(lambda lines: lines.pop(1)), place_of(0, 2), "not trusted")
    yield Case(
        "no heads",
        spoilt(lambda lines: lines.__delitem__(slice(-5, -1))),
        place_of(0, 1),
        "no signed",
    )
    stranger = a_head(7, 1, "c" * 64)
    unknown = spoilt(lambda lines: lines.insert(-1, stranger))
    yield Case("head of an unknown chain", unknown, place_of(7, 1), "not in the export")
    before = spoilt(lambda lines: lines.insert(-1, a_head(0, 0, "c" * 64)))
    yield Case("head before the first", before, place_of(0, 0), "not what was sealed")
    beyond = spoilt(lambda lines: lines.insert(-1, a_head(3, 7, "c" * 64)))
    yield Case("head beyond the last", beyond, place_of(3, 7), "gone")
    # an old head that reaches the end does not stand for the export's own
    unsealed = spoilt(lambda lines: lines.pop(-2))
    yield Case(
        "own head missing", unsealed, place_of(3, 3), "no signed", heads=written(kept(sound))
    )
    yield Case(
        "kept heads: no JSON", written(sound), "unreadable", "kept heads, line 1", heads=b"{\n"
    )
    yield Case(
        "kept heads: a key", written(sound), "unreadable", "no head", heads=written([a_key()])
    )
    short = [{name: value for name, value in kept(sound)[0].items() if name != "at"}]
    yield Case(
        "kept heads: no time", written(sound), "unreadable", "not the fields", heads=written(short)
    )
    yield Case("a key of 63 digits", written(sound), "unreadable", "64", keys=("a" * 63,))


def clean() -> Iterator[Case]:
    """What must never be called wrong."""
    sound = an_export()
    both = (public(KEY).hex(), public(OTHER_KEY).hex())
    yield Case("as it is", written(sound), "holds", "10 entries, 4 signed heads")
    yield Case("pinned", written(sound), "holds", "given by you", keys=both)
    yield Case("no chain at all", written(an_export({})), "holds", "0 entries")
    yield Case("an empty chain", written(an_export({0: 0, 2: 3})), "holds", "3 entries")
    yield Case("one entry", written(an_export({5: 1})), "holds", "1 entries")
    yield Case("kept heads", written(sound), "holds", "8 signed heads", heads=written(kept(sound)))
    zero = spoilt(lambda lines: lines.insert(-1, a_head(0, 0, "0" * 64)))
    yield Case("a head before the first entry", zero, "holds")
    yield Case("heads between", _between(sound), "holds")
    rotated = copy.deepcopy(sound)
    rotated.insert(2, a_key(OTHER_KEY))
    rotated[-2] = a_head(3, 6, rotated[-2]["hash"], OTHER_KEY)
    yield Case("a key rotated", written(rotated), "holds")
    yield Case("a key rotated, both pinned", written(rotated), "holds", keys=both)
    yield Case("no newline at the end", written(sound)[:-1], "holds")
    odd: dict[tuple[int, int], Line] = {
        (3, 1): {"files": "none", "sha256": 5},
        (3, 2): {"files": [7, {"name": "x"}, {"sha256": None}, {"sha256": "../../etc/passwd"}]},
        (3, 3): {"files": [{"sha256": _digest(b"a")}, {"sha256": _digest(b"b")}]},
        (3, 4): {"nested": {"deep": [None, True, 1.25, '\u2028 " \\ \x00 😀']}},
    }
    stored = {_digest(b"a"): b"a"}
    yield Case(
        "files", written(an_export(details=odd)), "holds", "1 intact, 1 missing", files=stored
    )
    away = Case("files not asked for", written(an_export(details=odd)), "holds")
    yield away
    escaped = b"".join(json.dumps(line).encode() + b"\r\n" for line in sound)
    yield Case("escaped and spaced otherwise", escaped, "holds")


def _between(lines: list[Line]) -> bytes:
    """The same export with the heads of each chain right after its entries."""
    first = [line for line in lines if line.get("chain") == 0]
    rest = [line for line in lines if line not in first]
    place = position(rest, 3, 1)
    return written([*rest[:place], *first, *rest[place:]])


def battery() -> list[Case]:
    """All of them."""
    return [*clean(), *attacks(), *seals(), *texts(), *shapes()]


def arguments(case: Case, folder: Path) -> list[str]:
    """Write what a case needs into a folder of its own and return the command line."""
    folder.mkdir()
    export = folder / "export.jsonl"
    export.write_bytes(case.export)
    command = [str(export), *(part for key in case.keys for part in ("--key", key))]
    if case.heads is not None:
        (folder / "heads.jsonl").write_bytes(case.heads)
        command += ["--heads", str(folder / "heads.jsonl")]
    if case.files is not None:
        store = folder / "store"
        for digest, content in case.files.items():
            (store / digest[:2]).mkdir(parents=True)
            (store / digest[:2] / digest).write_bytes(content)
        command += ["--files", str(store)]
    return command


def verdict(case: Case, code: int, answer: str) -> str:
    """Say what is not as the case wants it; empty when all is."""
    if case.expected == "holds":
        good = code == 0 and answer.startswith("Everything holds: ")
    elif case.expected == "unreadable":
        good = code == 2 and answer.startswith("cannot check: ")
    else:
        good = code == 1 and answer.startswith(f"WRONG: {case.expected}")
    good = good and case.why in answer
    return (
        "" if good else f"{case.name}: wanted {case.expected!r} {case.why!r}, got {code} {answer!r}"
    )
