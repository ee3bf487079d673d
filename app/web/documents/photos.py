"""Photos brought: drawn anew in the limited child, so that nothing hidden in them is kept (T15)."""

from __future__ import annotations

from contextlib import suppress

from werkzeug.datastructures import FileStorage

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.install import installation
from app.kernel.staging import staging
from app.kernel.work import unit_of_work
from app.web.documents.uploads import BUSY, workshop
from app.web.guard import signed_in
from documents.content.intake import Reason, Refused
from documents.content.workshop import WorkshopBusy
from documents.facts import DocumentFact
from documents.storing import BroughtFile

MOST_BYTES = 25 << 20
NO_PHOTO = N_("Choose a photo first: .jpg or .png.")
NOT_A_PHOTO = N_("This is no photo that can be opened. Send a .jpg or .png file of it.")
TOO_LARGE = N_("The photo is larger than 25 MB. Make it smaller, then send it again.")


def take_photo(upload: FileStorage | None, *, field: str = "photo") -> BroughtFile:
    """Draw an uploaded photo anew and store that; InvalidInput in words where it is none."""
    if upload is None or not upload.filename:
        raise InvalidInput(NO_PHOTO, field=field)
    waiting = staging()
    try:
        path, _sha256, _size = waiting.receive(upload.stream, at_most=MOST_BYTES)
    except ValueError as problem:
        raise _refused(Reason.TOO_LARGE, TOO_LARGE, field) from problem
    try:
        content = workshop().photo(path)
    except Refused as refused:
        raise _refused(refused.reason, NOT_A_PHOTO, field) from refused
    except WorkshopBusy as busy:
        raise InvalidInput(BUSY, field=field) from busy
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    return BroughtFile(
        sha256=installation().store.put(content),
        name="photo.jpg",
        size=len(content),
        media_type="image/jpeg",
        reader="",
        reading="",
    )


def _refused(reason: Reason, words: str, field: str) -> InvalidInput:
    """Record the refusal once, in a unit of work of its own, as with any file."""
    with unit_of_work(signed_in()) as work:
        work.record_outside(DocumentFact.FILE_REFUSED, "file", reason=str(reason))
    return InvalidInput(words, field=field)
