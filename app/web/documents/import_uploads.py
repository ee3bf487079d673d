"""What people drop on the import screen: kept aside until a limited child looked at it (T15)."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from werkzeug.datastructures import FileStorage

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.search import nfc
from app.kernel.staging import staging
from app.web.documents.uploads import BUSY, told_refusal, workshop
from documents.content.intake import MAX_FILE_BYTES, Reason, Refused
from documents.content.sheet_reading import Sheet
from documents.content.workshop import WorkshopBusy
from documents.importing.found_files import digest_of, is_left_beside
from documents.importing.listing import read_listing
from documents.models.importing import LONGEST_PATH

NO_LIST = N_(
    "This spreadsheet holds no list: no row names columns such as Mã tài liệu, Tên tài liệu, "
    "Ngày hiệu lực. Choose the master list."
)
Staged = tuple[str, str, int]  # path, digest, size


def take_list(upload: FileStorage) -> tuple[str, str, list[Sheet]]:
    """Read the master list; give its name, digest and sheets. InvalidInput where it is none."""
    name = clean_path(upload.filename or "")
    waiting = staging()
    try:
        path, sha256, _size = waiting.receive(upload.stream, at_most=MAX_FILE_BYTES)
    except ValueError as problem:
        raise told_refusal(Refused(Reason.TOO_LARGE), "register") from problem
    try:
        sheets = workshop().sheets(path, name)
    except Refused as refused:
        raise told_refusal(refused, "register") from refused
    except WorkshopBusy as busy:
        raise InvalidInput(BUSY, field="register") from busy
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    listing = read_listing(sheets)
    if not listing.rows:
        raise InvalidInput(NO_LIST, field="register")
    return name.rpartition("/")[2], sha256, sheets


def take_files(uploads: Iterable[FileStorage]) -> list[Staged]:
    """Keep brought files aside; archives are taken apart. What programs leave beside is dropped."""
    taken: list[Staged] = []
    for upload in uploads:
        name = clean_path(upload.filename or "")
        if not name or is_left_beside(name):
            continue
        if name.lower().endswith(".zip"):
            taken += _unpacked(upload)
        else:
            taken.append(_staged(name, upload))
    return taken


def _staged(name: str, upload: FileStorage) -> Staged:
    waiting = staging()
    try:
        path, sha256, size = waiting.receive(upload.stream, at_most=MAX_FILE_BYTES)
    except ValueError as problem:
        raise told_refusal(Refused(Reason.TOO_LARGE), "files") from problem
    waiting.keep(path, sha256)
    return name, sha256, size


def _unpacked(upload: FileStorage) -> Iterator[Staged]:
    """Take an archive apart in a limited child, then keep each of its files aside."""
    waiting = staging()
    with tempfile.TemporaryDirectory(dir=waiting.incoming) as folder:
        try:
            path, _sha256, _size = waiting.receive(upload.stream, at_most=MAX_FILE_BYTES)
            try:
                names = workshop().unpack(path, Path(folder))
            finally:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        except Refused as refused:
            raise told_refusal(refused, "files") from refused
        except WorkshopBusy as busy:
            raise InvalidInput(BUSY, field="files") from busy
        for number, packed in enumerate(names):
            name = clean_path(packed)
            if not name or is_left_beside(name):
                continue
            place = Path(folder, str(number))
            sha256, size = digest_of(place), place.stat().st_size
            with place.open("rb") as stream:
                received, _digest, _bytes = waiting.receive(stream, at_most=MAX_FILE_BYTES)
            waiting.keep(received, sha256)
            yield name, sha256, size


def clean_path(name: str) -> str:
    """Give the path of a file as it is shown: composed, without controls, never upwards."""
    parts = []
    for part in nfc(name).replace("\\", "/").split("/"):
        shown = "".join(c for c in part if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
        if shown.strip(". "):
            parts.append(shown.strip())
    return "/".join(parts)[-LONGEST_PATH:]
