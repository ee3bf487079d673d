"""The ZIP container of Office files, checked by our own hand before anything is unpacked.

Two programs must never see two different files in one upload (ISO 9001:2015, 7.5.3.1 b).
"""

import re
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from documents.content.intake import MAX_PARTS, MAX_UNPACKED_BYTES, Reason, Refused

LOCAL: Final = b"PK\x03\x04"
CENTRAL: Final = b"PK\x01\x02"
END: Final = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_BOMB_BYTES = 24 * 1024 * 1024
_BOMB_RATIO = 200
_LINK = 0o120000
_WORDLESS = re.compile(
    r"word/(?:theme/|fontTable\.xml$|webSettings\.xml$|stylesWithEffects\.xml$|glossary/)"
    r"|xl/theme/|docProps/thumbnail\.",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the central directory, as written there."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part, checked at both places that describe it; sizes and places in bytes."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    start: int
    end: int


class Package:
    """A checked container: names are unique, ranges do not overlap, sizes and sums are true."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.parts = _directory(data)
        self._by_key = {part.name.lower(): part for part in self.parts}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_key

    def names(self) -> list[str]:
        """Return part names as written, without a leading slash."""
        return [part.name for part in self.parts]

    def read(self, name: str) -> bytes:
        """Unpack one part, with its size and sum checked; KeyError if there is none."""
        return self.unpack(self._by_key[name.lower()])

    def unpack(self, part: Part) -> bytes:
        """Return the bytes of a part; Refused(damaged) when size or CRC is a lie.

        Office repairs a damaged part that holds looks only, so its sum may be wrong; what is in it
        is inspected all the same.
        """
        raw = memoryview(self._data)[part.start : part.start + part.packed]
        content = bytes(raw) if part.method == 0 else _inflated(raw, part.size)
        sound = zlib.crc32(content) == part.crc or _WORDLESS.match(part.name)
        if len(content) != part.size or not sound:
            raise Refused(Reason.DAMAGED, f"size or sum of {part.name[:80]}")
        return content


def _inflated(raw: memoryview, size: int) -> bytes:
    """Inflate at most one byte more than promised, so that a lie costs no memory."""
    machine = zlib.decompressobj(-15)
    try:
        content = machine.decompress(raw, size + 1)
    except zlib.error as error:
        raise Refused(Reason.DAMAGED, str(error)) from None
    if len(content) > size:
        raise Refused(Reason.UNPACKED_TOO_LARGE, "more than the directory says")
    return content


def _directory(data: bytes) -> list[Part]:
    if not data.startswith(LOCAL):
        raise Refused(Reason.DAMAGED, "no local header")
    begin, size, count = _end_record(data)
    entries: list[_Entry] = []
    at = begin
    while at < begin + size:
        if len(entries) >= MAX_PARTS:
            raise Refused(Reason.TOO_MANY_PARTS)
        entry, at = _entry(data, at)
        entries.append(entry)
    if at != begin + size or len(entries) != count:
        raise Refused(Reason.DAMAGED, "directory count")
    _check_sizes(entries, len(data))
    parts = [_located(data, entry) for entry in entries]
    _check_ranges(parts, begin)
    _check_names(parts)
    return [part for part in parts if not part.name.endswith("/")]


def _end_record(data: bytes) -> tuple[int, int, int]:
    """Return offset, size and count of the central directory; Refused(damaged)."""
    at = data.rfind(END, max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        raise Refused(Reason.DAMAGED, "no end record")
    disk, first, here, count, size, begin, comment = struct.unpack_from("<4H2LH", data, at + 4)
    _check_tail(data, at + 22, comment)
    if at + 22 + comment > len(data) or disk != first or here != count:
        raise Refused(Reason.DAMAGED, "end record")
    limit = at
    if begin == 0xFFFFFFFF or size == 0xFFFFFFFF or count == 0xFFFF:
        limit = data.rfind(_END64, 0, at)
        if limit < 0 or limit + 56 > at:
            raise Refused(Reason.DAMAGED, "no large end record")
        count, size, begin = struct.unpack_from("<3Q", data, limit + 32)
    if count > MAX_PARTS:
        raise Refused(Reason.TOO_MANY_PARTS, str(count))
    if begin + size > limit or not count:
        raise Refused(Reason.DAMAGED, "directory outside the file")
    if data[begin : begin + 4] != CENTRAL or limit - (begin + size) > 64:
        raise Refused(Reason.DAMAGED, "directory is not where it is said to be")
    return begin, size, count


_FOREIGN = re.compile(rb"%PDF-|<\s*(?:html|script|svg|\?php|!doctype)", re.I)


def _check_tail(data: bytes, end: int, comment: int) -> None:
    """Refuse what another program would take for a file of another kind; padding may stand."""
    after = data[end + comment :]
    if after.strip(b"\x00\r\n\t ") or _FOREIGN.search(data[end:]):
        raise Refused(Reason.WRONG_TYPE, "foreign bytes after the ZIP")
    if b"%PDF-" in data[:1024]:
        raise Refused(Reason.WRONG_TYPE, "a PDF begins within the ZIP")


def _entry(data: bytes, at: int) -> tuple[_Entry, int]:
    """Read one line of the directory; return it and where the next one begins."""
    if data[at : at + 4] != CENTRAL or at + 46 > len(data):
        raise Refused(Reason.DAMAGED, "directory entry")
    (_made, _need, flags, method, _time, _day, crc, packed, size, name_len, extra_len, note_len) = (
        struct.unpack_from("<6H3L3H", data, at + 4)
    )
    _disk, _inner, outer, offset = struct.unpack_from("<2HLL", data, at + 34)
    raw = data[at + 46 : at + 46 + name_len]
    extra = data[at + 46 + name_len : at + 46 + name_len + extra_len]
    packed, size, offset = _large(extra, packed, size, offset)
    if flags & 0x41:
        raise Refused(Reason.PASSWORD, "encrypted entry")
    if method not in (0, 8):
        raise Refused(Reason.DAMAGED, f"compression method {method}")
    if (outer >> 16) & 0o170000 == _LINK:
        raise Refused(Reason.UNSAFE_PART_NAME, "link")
    entry = _Entry(raw, flags, method, crc, packed, size, offset)
    return entry, at + 46 + name_len + extra_len + note_len


def _located(data: bytes, entry: _Entry) -> Part:
    name = _decoded(entry.raw_name, entry.flags)
    sums = (entry.crc, entry.packed, entry.size)
    start = _local(data, entry.offset, entry.raw_name, entry.method, sums)
    return Part(name, entry.method, *sums, entry.offset, start, start + entry.packed)


def _large(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Return sizes and offset with the 64-bit field applied where the short ones are full."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            numbers = list(struct.unpack_from(f"<{min(length, 24) // 8}Q", extra, at + 4))
            full = 0xFFFFFFFF
            if size == full and numbers:
                size = numbers.pop(0)
            if packed == full and numbers:
                packed = numbers.pop(0)
            if offset == full and numbers:
                offset = numbers.pop(0)
            break
        at += 4 + length
    return packed, size, offset


def _decoded(raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        if flags & 0x800:
            raise Refused(Reason.UNSAFE_PART_NAME, "name is not UTF-8") from None
        name = raw.decode("cp437")
    return name[1:] if re.match(r"/[^/]", name) else name


def _local(data: bytes, offset: int, raw: bytes, method: int, sums: tuple[int, int, int]) -> int:
    """Check the local header against the directory; return where the part's bytes begin."""
    if offset + 30 > len(data) or data[offset : offset + 4] != LOCAL:
        raise Refused(Reason.DAMAGED, "local header")
    flags, there, _time, _day, crc, packed, size, name_len, extra_len = struct.unpack_from(
        "<HHHHLLLHH", data, offset + 6
    )
    if flags & 0x41:
        raise Refused(Reason.PASSWORD, "encrypted entry")
    if there != method or data[offset + 30 : offset + 30 + name_len] != raw:
        raise Refused(Reason.DAMAGED, "local header differs from directory")
    start: int = offset + 30 + name_len + extra_len
    if start + packed > len(data):
        packed = sums[
            1
        ]  # a length beyond the file is damage nobody can follow: the directory counts
    if not flags & 8 and 0xFFFFFFFF not in (packed, size) and (crc, packed, size) != sums:
        raise Refused(Reason.DAMAGED, "local sizes differ from directory")
    if start + sums[1] > len(data):
        raise Refused(Reason.DAMAGED, "part is cut")
    return start


def _check_sizes(parts: list[_Entry], file_size: int) -> None:
    total = sum(part.size for part in parts)
    if total > MAX_UNPACKED_BYTES:
        raise Refused(Reason.UNPACKED_TOO_LARGE, str(total))
    if total > _BOMB_BYTES and total > _BOMB_RATIO * file_size:
        raise Refused(Reason.UNPACKED_TOO_LARGE, f"{total // file_size} to 1")


def _check_ranges(parts: list[Part], limit: int) -> None:
    last = 0
    for part in sorted(parts, key=lambda each: each.offset):
        if part.offset < last or part.end > limit:
            raise Refused(Reason.DAMAGED, "parts overlap")
        last = part.end


_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f]|^[A-Za-z]:")


def _check_names(parts: list[Part]) -> None:
    seen: set[str] = set()
    for part in parts:
        steps = part.name.rstrip("/").split("/")
        unsafe = _UNSAFE.search(part.name) or len(part.name) > 255
        if unsafe or any(step in ("", ".", "..") for step in steps):
            raise Refused(Reason.UNSAFE_PART_NAME, part.name[:80])
        if part.name.casefold() in seen:
            raise Refused(Reason.UNSAFE_PART_NAME, f"twice: {part.name[:80]}")
        seen.add(part.name.casefold())
