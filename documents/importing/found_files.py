"""One file of the folder a body brings: what it says of itself, or why it cannot be read (a52)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from app.kernel.search import fold, nfc
from documents.content.blocks import Reading
from documents.content.brought_signs import Signs
from documents.content.intake import Reason, Refused
from documents.content.office_intake import OLE
from documents.importing.spelling import code_in_name, plain_spelling

_LEFT_BESIDE: Final = re.compile(r"^(?:~\$|\.)|^(?:thumbs\.db|desktop\.ini|__macosx)$", re.I)
_OLD_FOLDER: Final = re.compile(r"\b(?:cu|ban cu|luu|luu tru|archive|old|het hieu luc|loi thoi)\b")
_ENDED_FOLDER: Final = re.compile(r"het hieu luc|thu hoi|bai bo|loi thoi|huy bo")
_COPY: Final = re.compile(r"\bcopy\b|ban sao|\(\d+\)\s*$|- copy|sao chep")
WORD_97: Final = "WordDocument".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class FileSigner:
    """Somebody who signed, as the cover says."""

    part: str
    name: str
    title: str
    day: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file by its path in the folder, with what it says of itself."""

    path: str
    sha256: str
    size: int
    code: str = ""
    title: str = ""
    edition: int | None = None
    amendment: int | None = None
    approved_on: date | None = None
    effective_on: date | None = None
    kind: str = ""
    signers: tuple[FileSigner, ...] = ()
    claims: tuple[str, ...] = ()  # codes it gives itself at different places
    labelled: tuple[str, ...] = ()  # those of cover and boxes, which say "Mã số"
    encoding: str = ""
    tracked: bool = False
    comments: bool = False
    scan: bool = False
    says_ended: bool = False
    refused: str = ""  # the reason it cannot be read, or file_type_doc

    @property
    def name(self) -> str:
        """Give the last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def kind_of_name(self) -> str:
        """Give the ending of its name."""
        return self.name.rpartition(".")[2].lower()

    @property
    def name_code(self) -> str:
        """Give the code its name holds."""
        return code_in_name(self.name)

    @property
    def folder(self) -> str:
        """Give the toneless names of the folders it lies in."""
        return " / ".join(re.findall(r"[^\W_]+(?: [^\W_]+)*", fold(self.path.rpartition("/")[0])))

    @property
    def looks_old(self) -> bool:
        """Say whether its folder or name calls it an earlier one."""
        return bool(_OLD_FOLDER.search(self.folder) or re.search(r"\bban cu\b", fold(self.name)))

    @property
    def lies_among_ended(self) -> bool:
        """Say whether its folder calls it withdrawn."""
        return bool(_ENDED_FOLDER.search(self.folder))

    @property
    def looks_copied(self) -> bool:
        """Say whether its name calls it a copy."""
        return bool(_COPY.search(fold(self.name.rpartition(".")[0])))

    @property
    def version(self) -> tuple[int, int] | None:
        """Give edition and amendment as it states them."""
        return None if self.edition is None else (self.edition, self.amendment or 0)

    def signer(self, part: str) -> str:
        """Give the name of who signed a part."""
        return next((each.name for each in self.signers if each.part == part), "")

    def to_plain(self) -> dict[str, Any]:
        """Give plain values for the database."""
        bare = asdict(self)
        for name in ("approved_on", "effective_on"):
            bare[name] = bare[name].isoformat() if bare[name] else None
        return bare

    @classmethod
    def from_plain(cls, bare: dict[str, Any]) -> FoundFile:
        """Build it again from plain values."""
        days = {
            name: date.fromisoformat(bare[name]) if bare[name] else None
            for name in ("approved_on", "effective_on")
        }
        signers = tuple(FileSigner(**each) for each in bare["signers"])
        return cls(
            **{
                **bare,
                **days,
                "signers": signers,
                "claims": tuple(bare["claims"]),
                "labelled": tuple(bare["labelled"]),
            }
        )


def is_left_beside(path: str) -> bool:
    """Say whether a file is no document at all: locks and pictures that programs leave."""
    return any(_LEFT_BESIDE.match(part) for part in nfc(path).split("/") if part)


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def understood(path: str, sha256: str, size: int, reading: Reading, signs: Signs) -> FoundFile:
    """Give what a file that could be read says of itself."""
    said = reading.proposal
    claims = tuple(dict.fromkeys(code for _place, code in signs.codes))
    name = nfc(path).rpartition("/")[2]
    return FoundFile(
        path=nfc(path),
        sha256=sha256,
        size=size,
        code=plain_spelling(said.code) or ("" if claims else code_in_name(name)),
        title=said.title,
        edition=said.edition,
        amendment=said.amendment,
        approved_on=said.approved_on,
        effective_on=said.effective_on,
        kind=said.kind or "",
        signers=tuple(
            FileSigner(
                each.part,
                each.name,
                each.title,
                each.signed_on.isoformat() if each.signed_on else "",
            )
            for each in said.signers
        ),
        claims=claims,
        labelled=tuple(
            dict.fromkeys(code for place, code in signs.codes if place in ("cover", "box"))
        ),
        encoding=reading.encoding if reading.encoding != "NFC" else "",
        tracked=signs.tracked,
        comments=signs.comments,
        scan=reading.scan,
        says_ended=signs.says_ended,
    )


def not_understood(path: str, sha256: str, size: int, refused: Refused, head: bytes) -> FoundFile:
    """Give a file that cannot be read, with why; a Word 97 file is offered for conversion."""
    reason = str(refused.reason)
    ending = nfc(path).rpartition(".")[2].lower()
    old_word = head.startswith(OLE) and WORD_97 in head
    if refused.reason in (Reason.TYPE_NOT_ALLOWED, Reason.PASSWORD_OR_WRONG_TYPE) and (
        old_word or (ending == "doc" and refused.reason is Reason.TYPE_NOT_ALLOWED)
    ):
        reason = "doc"
    found = FoundFile(path=nfc(path), sha256=sha256, size=size, refused=reason)
    return replace(found, code=found.name_code)
