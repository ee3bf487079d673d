"""What a PDF may hold: pages, and nothing that acts by itself (ISO 9001:2015, 7.5.3.1 b).

Scripts, launching, sending forms and attached files are refused however they are hidden.
"""

import mmap
import re
import time
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final

import pypdf
from pypdf.errors import PdfReadError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from documents.content.intake import Reason, Refused
from documents.content.office_intake import EICAR

_ACTS: Final = frozenset(
    ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute")
)
_KEYS: Final = frozenset(("/JavaScript", "/JS", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia"))
_RAW_NAMES = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia|XFA)"
    rb"(?=[\s/<>\[\](){}%]|$)"
)
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.S)
_ESCAPED = rb"\w*#[0-9A-Fa-f]{2}[\w#]*"
_OBJECT_STREAM = re.compile(rb"/(?:ObjStm|" + _ESCAPED + rb")\b.{0,400}?stream\r?\n", re.S)
_ESCAPED_NAME = re.compile(rb"/" + _ESCAPED)
_LONG_NAMES = (b"/JavaScript", b"/Launch", b"/SubmitForm", b"/ImportData", b"/EmbeddedFile")
_MAX_OBJECTS = 60_000
_MAX_WALK_SECONDS = 3.0
_MAX_UNPACKED = 16 * 1024 * 1024


def check_pdf(path: Path) -> None:
    """Refused(wrong-type | damaged | password | active-content | malware) or nothing.

    The file is mapped, not loaded: a scan may be nearly as large as the memory of a child.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _check_ends(data)
        plain = _check_raw(data) and _has_no_name(data)
    with path.open("rb") as file:
        _check_objects(file, may_stop=plain)


def _check_ends(data: mmap.mmap) -> None:
    if data[:5] != b"%PDF-":
        raise Refused(Reason.WRONG_TYPE, "no PDF header")
    tail = data[-70_000:]
    at = tail.rfind(b"PK\x05\x06")
    if at > tail.rfind(b"%%EOF") and at >= 0:
        raise Refused(Reason.WRONG_TYPE, "ZIP after the PDF")
    if data.find(b"startxref") < 0 and b"%%EOF" not in tail:
        raise Refused(Reason.DAMAGED, "no end of file")
    if data.find(EICAR) >= 0:
        raise Refused(Reason.MALWARE, "EICAR test text")


def _unescaped(text: bytes) -> bytes:
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), text)


def _has_no_name(data: mmap.mmap) -> bool:
    """Say whether no dangerous name stands anywhere, not even in what looks like a picture."""
    if any(data.find(name) >= 0 for name in _LONG_NAMES):
        return False
    return not any(_unescaped(found[0]) in _LONG_NAMES for found in _ESCAPED_NAME.finditer(data))


def _check_raw(data: mmap.mmap) -> bool:
    """Look at the letters outside streams, and inside every object stream.

    Say whether each object stream could be seen through: packed once, in the usual way.
    """
    clear = True
    plain = _unescaped(_STREAM.sub(b" ", data))
    if found := _RAW_NAMES.search(plain):
        raise Refused(Reason.ACTIVE_CONTENT, found[0].decode())
    if re.search(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)", plain):
        raise Refused(Reason.PASSWORD, "encrypted")
    for start in _OBJECT_STREAM.finditer(data):
        raw = data[start.end() : start.end() + _MAX_UNPACKED]
        try:
            inner = zlib.decompressobj().decompress(raw, _MAX_UNPACKED)
        except zlib.error:
            clear = False
            continue
        usual = b"/Predictor" not in start[0] and start[0].count(b"Decode") <= 1
        clear = clear and usual and len(inner) < _MAX_UNPACKED
        if found := _RAW_NAMES.search(_unescaped(inner)):
            raise Refused(Reason.ACTIVE_CONTENT, found[0].decode())
    return clear


def _check_objects(file: BinaryIO, *, may_stop: bool) -> None:
    """Walk every object the file's own tables lead to, in whatever filters it is wrapped.

    A long tagged document has more objects than there is time for; `may_stop` lets the walk end
    early where the letters of the file have already shown that nothing is hidden.
    """
    try:
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise Refused(Reason.PASSWORD, "encrypted")
        seen = _walk(reader, may_stop=may_stop)
    except Refused:
        raise
    except RecursionError:
        raise Refused(Reason.TOO_COMPLEX, "nested too deep") from None
    except (PdfReadError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Refused(Reason.DAMAGED, f"{type(error).__name__}: {error}"[:200]) from None
    except (NotImplementedError, OSError, zlib.error, AssertionError) as error:
        raise Refused(Reason.DAMAGED, f"{type(error).__name__}: {error}"[:200]) from None
    if not seen:
        raise Refused(Reason.DAMAGED, "no objects")


def _walk(reader: pypdf.PdfReader, *, may_stop: bool) -> int:
    waiting: list[Any] = [reader.trailer]
    for generation, offsets in reader.xref.items():
        waiting.extend(IndirectObject(number, generation, reader) for number in offsets)
    waiting.extend(IndirectObject(number, 0, reader) for number in reader.xref_objStm)
    seen: set[tuple[int, int]] = set()
    until = time.monotonic() + _MAX_WALK_SECONDS
    while waiting:
        if may_stop and (len(seen) >= _MAX_OBJECTS or time.monotonic() > until):
            break
        each = waiting.pop()
        if isinstance(each, IndirectObject):
            key = (each.idnum, each.generation)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > _MAX_OBJECTS:
                raise Refused(Reason.TOO_COMPLEX, "objects")
            each = _resolved(each)
            if isinstance(each, StreamObject):
                reader.resolved_objects.pop((key[1], key[0]), None)  # pictures are large
        if isinstance(each, DictionaryObject):
            _check_dictionary(each)
            waiting.extend(each.values())
        elif isinstance(each, ArrayObject):
            waiting.extend(each)
    return len(seen)


def _resolved(reference: IndirectObject) -> object:
    """Return the object, or nothing when this one is broken: viewers skip it too."""
    try:
        return reference.get_object()
    except RecursionError:
        raise
    except Exception:  # any fault of one object; the others still count
        return None


def _check_dictionary(each: DictionaryObject) -> None:
    for key in each:
        if key in _KEYS and not (key == "/JS" and isinstance(each, StreamObject)):
            raise Refused(Reason.ACTIVE_CONTENT, str(key))
    if str(each.get("/Type", "")) == "/EmbeddedFile":
        raise Refused(Reason.ACTIVE_CONTENT, "/EmbeddedFile")
    act = each.raw_get("/S") if "/S" in each else None
    if isinstance(act, IndirectObject):
        act = _resolved(act)
    if isinstance(act, str) and str(act) in _ACTS:
        raise Refused(Reason.ACTIVE_CONTENT, str(act))
