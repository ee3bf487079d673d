"""A folder that came as one archive, taken apart within limits (a52, T15).

Run it only inside the workshop's limited children: no name of the archive becomes a path.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

from documents.content.intake import MAX_FILE_BYTES, Reason, Refused

MOST_FILES: Final = 2_000
MOST_BYTES: Final = 1024 * 1024 * 1024
_CHUNK: Final = 1 << 20
_UTF8_NAME: Final = 0x800


def unpack(path: Path, out: Path) -> list[str]:
    """Write the files of an archive as 0, 1, 2 … into a folder; give their names in that order."""
    names: list[str] = []
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES:
                raise Refused(Reason.TOO_MANY_PARTS, str(len(entries)))
            for entry in entries:
                if entry.flag_bits & 1:
                    raise Refused(Reason.PASSWORD, "archive")
                left -= _write(archive, entry, out / str(len(names)), min(left, MAX_FILE_BYTES))
                names.append(_name(entry))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Refused(Reason.DAMAGED, str(error)[:100]) from None
    return names


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, most: int) -> int:
    """Write one file, counting what really comes out, whatever the archive says."""
    size = 0
    with archive.open(entry) as packed, place.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise Refused(Reason.UNPACKED_TOO_LARGE, entry.filename[:80])
            file.write(chunk)
    return size


def _name(entry: zipfile.ZipInfo) -> str:
    """Give a name as people typed it: programs that forgot to say so wrote UTF-8 all the same."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename
