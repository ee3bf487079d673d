"""Uploads: into the store, through the limited child, refused in words with nothing left (T15)."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from flask import current_app
from werkzeug.datastructures import FileStorage

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.install import installation
from app.kernel.work import unit_of_work
from app.web.guard import signed_in
from documents.content.blocks import READER, Reading, to_json
from documents.content.intake import MAX_FILE_BYTES, Reason, Refused, clean_name
from documents.content.workshop import Workshop, WorkshopBusy
from documents.facts import DocumentFact
from documents.storing import BroughtFile

log = logging.getLogger("nenep")
NO_FILE = N_("Choose a file first: .docx, .xlsx or .pdf.")
NO_ROOM = N_(
    "The file could not be stored: the disk of the system is full or cannot be written. "
    "Nothing was changed. Tell your administrator, then send it again."
)
BUSY = N_("Many files are being opened just now. Wait a minute, then send it again.")


def workshop() -> Workshop:
    """Give the one workshop of this process."""
    return cast(Workshop, current_app.extensions["nenep.workshop"])


def take_in(
    upload: FileStorage | None,
    *,
    field: str = "file",
    look: Callable[[Path, str], None] = lambda _path, _name: None,
) -> tuple[BroughtFile, Reading]:
    """Store an uploaded file and read it; InvalidInput with reason and cure when it is refused.

    What `look` refuses is not kept either.

    The bytes lie under their digest, synced, before any row may name them (D2).
    """
    if upload is None or not upload.filename:
        raise InvalidInput(NO_FILE, field=field)
    store = installation().store
    try:
        name = clean_name(upload.filename)
        with _onto_disk(field):
            path, sha256, size = store.receive(upload.stream, at_most=MAX_FILE_BYTES)
    except Refused as refused:
        raise told_refusal(refused, field) from refused
    except ValueError as problem:
        raise told_refusal(Refused(Reason.TOO_LARGE), field) from problem
    try:
        reading = workshop().read(path, name)
        look(path, name)
    except Refused as refused:
        raise told_refusal(refused, field) from refused
    except WorkshopBusy as busy:
        raise InvalidInput(BUSY, field=field) from busy
    else:
        with _onto_disk(field):
            store.keep(path, sha256)
    finally:
        with suppress(OSError):  # the sweep takes what stays
            path.unlink(missing_ok=True)
    brought = BroughtFile(
        sha256=sha256,
        name=name,
        size=size,
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        reader=READER,
        reading=to_json(reading),
    )
    return brought, reading


@contextmanager
def _onto_disk(field: str) -> Iterator[None]:
    """Say in words that the store takes nothing now; the operators' log says why (T18)."""
    try:
        yield
    except OSError as problem:
        log.error("the store takes no file", exc_info=problem)
        raise InvalidInput(NO_ROOM, field=field) from problem


def told_refusal(refused: Refused, field: str) -> InvalidInput:
    """Record the refusal once, in a unit of work of its own, and put it into words."""
    with unit_of_work(signed_in()) as work:
        work.record_outside(DocumentFact.FILE_REFUSED, "file", reason=str(refused.reason))
    if refused.reason is Reason.BAD_NAME and refused.detail:
        return InvalidInput(refused.detail, field=field)
    return InvalidInput(refused.reason.sentence, field=field, **refused.reason.values)
