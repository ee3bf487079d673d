"""Which files are taken in, and why others are refused (ISO 9001:2015, 7.5.2, 7.5.3).

Checks run before any library unpacks or parses the file. Policies and limits are ours.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from documents.content import messages

MAX_FILE_BYTES: Final = 100 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_PARTS: Final = 2_000
MAX_SECONDS: Final = 8.0
MAX_MEMORY_BYTES: Final = 280 * 1024 * 1024
MAX_NAME: Final = 255
KINDS: Final = ("docx", "xlsx", "pdf")


class Reason(StrEnum):
    """Why a file is refused; the value is the key stored in the trail."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TYPE_NOT_ALLOWED = "type-not-allowed"
    WRONG_TYPE = "wrong-type"
    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - a reason, no secret
    PASSWORD_OR_WRONG_TYPE = "password-or-wrong-type"  # noqa: S105 - a reason, no secret
    MACRO = "macro"
    XML_ENTITY = "xml-entity"
    UNPACKED_TOO_LARGE = "unpacked-too-large"
    TOO_MANY_PARTS = "too-many-parts"
    TOO_COMPLEX = "too-complex"
    UNSAFE_PART_NAME = "unsafe-part-name"
    EXTERNAL_CONTENT = "external-content"
    EMBEDDED_FILE = "embedded-file"
    ACTIVE_CONTENT = "active-content"
    MALWARE = "malware"
    BAD_NAME = "bad-name"

    @property
    def sentence(self) -> str:
        """The English sentence (message id) whose blanks `values` fills."""
        return messages.REFUSALS[self.value]

    @property
    def values(self) -> dict[str, int]:
        """The limits a sentence may name, by the name they have in it."""
        megabyte = 1024 * 1024
        return {
            "limit_mb": MAX_FILE_BYTES // megabyte,
            "unpacked_mb": MAX_UNPACKED_BYTES // megabyte,
            "parts": MAX_PARTS,
        }


class Refused(Exception):
    """A file or its name cannot be taken; `detail` is for operators, or a message id of a name."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class FileName:
    """A safe name to show, and the kind of file its ending promises."""

    shown: str
    kind: str


_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u061c\ufff9-\ufffb]")
_PATH = re.compile(r"[/\\]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)


def clean_name(name: str) -> str:
    """Return the name to show: NFC, last path part, no control or direction-changing characters.

    Refused(bad-name) says in `detail` why no name is left; the ending is judged by `kind_of`.
    """
    bare = name.encode("utf-8", "replace").decode("utf-8")
    bare = unicodedata.normalize("NFC", _PATH.split(bare)[-1])
    bare = "".join(" " if char in "\t\r\n" else char for char in bare)
    bare = "".join(char for char in bare if unicodedata.category(char) not in ("Cc", "Cs", "Co"))
    bare = _INVISIBLE.sub("", bare)
    bare = re.sub(r"^[a-zA-Z]:", "", bare).strip().rstrip(". ")
    if not bare:
        raise Refused(Reason.BAD_NAME, messages.NO_NAME)
    if '"' in bare and ";" in bare:
        raise Refused(Reason.BAD_NAME, messages.QUOTED_NAME)
    if _RESERVED.match(bare):
        raise Refused(Reason.BAD_NAME, messages.RESERVED_NAME)
    stem, dot, ending = bare.rpartition(".")
    if dot and not stem.strip(". "):
        raise Refused(Reason.BAD_NAME, messages.MALFORMED_NAME)
    return _shortened(stem, dot + ending) if dot else bare[:MAX_NAME]


def _shortened(stem: str, ending: str) -> str:
    """Keep name and ending within 255 characters and 255 bytes, the limit of file systems."""
    ending = ending[:MAX_NAME]
    while len((stem + ending).encode()) > MAX_NAME and stem:
        stem = stem[:-1]
    return stem + ending


def kind_of(name: str) -> FileName:
    """Return the clean name and its kind; Refused(bad-name | type-not-allowed)."""
    shown = clean_name(name)
    ending = shown.rpartition(".")[2].lower() if "." in shown else ""
    if ending not in KINDS:
        raise Refused(Reason.TYPE_NOT_ALLOWED, ending[:20])
    return FileName(shown, ending)


def check_size(path: Path) -> int:
    """Return the size of a file in bytes; Refused(empty | too-large)."""
    size = path.stat().st_size
    if size == 0:
        raise Refused(Reason.EMPTY)
    if size > MAX_FILE_BYTES:
        raise Refused(Reason.TOO_LARGE, str(size))
    return size
