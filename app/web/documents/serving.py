"""Files as they were brought, pages as pictures, controlled prints (D5, D6, a39-a41, a59)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.work import Work, unit_of_work
from app.web.documents.links import link_to
from app.web.documents.marks import marks_for
from app.web.documents.openings import note_opening
from app.web.documents.uploads import BUSY, workshop
from app.web.guard import requires, signed_in, standing
from app.web.page import page
from documents import register, rendering, serving
from documents.content.intake import Refused
from documents.content.workshop import WorkFailed, WorkshopBusy
from documents.models import ControlledCopy, Revision, RevisionFile, RevisionState
from documents.permissions import DocumentPermission
from documents.translation import lag_of

bp = Blueprint("serving", __name__)
PICTURE_WIDTH = 1000
DAMAGED = N_(
    "What lies in the store is not the file that was brought, so it is not given out. "
    "Tell your administrator at once."
)
NOT_DRAWN = N_("The pages of this file are not drawn yet. Wait some minutes, then print again.")
GONE = N_("The files of %(edition)s were disposed of by decision. Its data and its trail stay.")
UNREADABLE = N_("This file cannot be drawn as pages. Download the original instead.")


@bp.post("/r/<int:revision_id>/file/<int:file_id>")
@requires(DocumentPermission.READ_REVISION)
def file(revision_id: int, file_id: int) -> ResponseReturnValue:
    """Give an original file, unchanged; taking it away is told."""
    revision, found = _file(revision_id, file_id)
    answer = original(found, is_behind=_is_behind(revision))
    with unit_of_work(signed_in()) as work:
        serving.take_file(work, work.fresh(revision), work.fresh(found))
    return answer


@bp.get("/r/<int:revision_id>/file/<int:file_id>")
@requires(DocumentPermission.READ_REVISION)
def fetch(revision_id: int, file_id: int) -> ResponseReturnValue:
    """Give an original file by its link; told where the document is for named people."""
    revision, found = _file(revision_id, file_id)
    answer = original(found, is_behind=_is_behind(revision))
    note_opening(revision)
    return answer


def _file(revision_id: int, file_id: int) -> tuple[Revision, RevisionFile]:
    revision = register.revision(db.session(), standing(), revision_id)
    found = next((one for one in revision.all_files if one.id == file_id), None)
    if found is None or found.replaced_at is not None:
        raise NotFound()
    if revision.disposed_at is not None:
        raise RuleBroken(GONE, rule="D5", edition=revision.label)
    return revision, found


def original(found: RevisionFile, *, is_behind: bool = False) -> Response:
    """Answer with the stored bytes, checked against their digest before any of them leaves.

    The bytes are those that were signed; the name of a translation that is behind says so (D16).
    """
    store = installation().store
    if store.digest_of(found.sha256) != found.sha256:
        raise RuleBroken(DAMAGED)
    media_type = db.session.scalar(
        sa.select(StoredFile.media_type).where(StoredFile.sha256 == found.sha256)
    )
    return send_file(
        store.path(found.sha256),
        mimetype=media_type or "application/octet-stream",
        as_attachment=True,
        download_name=f"{gettext('TRANSLATION BEHIND')} - {found.name}"
        if is_behind
        else found.name,
        conditional=False,
        etag=False,
    )


@bp.get("/r/<int:revision_id>/page/<int:number>.png")
@requires(DocumentPermission.READ_REVISION)
def picture(revision_id: int, number: int) -> ResponseReturnValue:
    """Give one page as a picture; what is not in force carries its mark on every page (D5)."""
    revision = register.revision(db.session(), standing(), revision_id)
    base = rendering.base_of(db.session(), revision)
    if base is None or not 1 <= number <= 5000:
        raise NotFound()
    note_opening(revision)
    try:
        path = installation().store.path(base)
        if revision.state is not RevisionState.EFFECTIVE or _is_behind(revision):
            path = _marked(revision, base)
        png = workshop().picture(path, number, PICTURE_WIDTH)
    except (Refused, WorkFailed) as problem:
        raise NotFound() from problem
    except WorkshopBusy as busy:
        raise RuleBroken(BUSY) from busy
    return Response(png, mimetype="image/png")


def _marked(revision: Revision, base: str) -> Path:
    """Give the marked copy pages are drawn from, made once for each state and kept aside."""
    marks = marks_for(revision, successor=_successor(revision), lag=lag_of(db.session(), revision))
    key = hashlib.sha256(f"{base}{marks.to_json()}".encode()).hexdigest()
    path = installation().data / "marked" / f"{key}.pdf"
    try:
        os.utime(path)  # looked at now: the sweep takes what nobody looks at
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            out = Path(folder, "out.pdf")
            workshop().stamp(installation().store.path(base), marks, out)
            out.rename(path)
    return path


def _is_behind(revision: Revision) -> bool:
    """Say whether this is a translation that no longer says what its original does (D16)."""
    lag = lag_of(db.session(), revision)
    return lag is not None and lag.behind > 0


def _successor(revision: Revision) -> Revision | None:
    return register.effective_revision(db.session(), revision.document)


@bp.get("/r/<int:revision_id>/print")
@requires(DocumentPermission.PRINT)
def ask_print(revision_id: int) -> ResponseReturnValue:
    """Say what a controlled print carries; the button makes it, a link never does."""
    revision = register.revision(db.session(), standing(), revision_id)
    base = rendering.base_of(db.session(), revision)
    main = revision.main_file
    seconds = None
    if base is None and main is not None:
        now = datetime.now(UTC)
        seconds = rendering.seconds_until(db.session(), main.sha256, now=now)
    made = register.rendition_of(db.session(), main.sha256) if main is not None else None
    return page(
        "documents/print.html",
        revision=revision,
        document=revision.document,
        is_ready=base is not None,
        lag=lag_of(db.session(), revision),
        as_text=made is not None and made.method == "text",
        pages=made.pages if made is not None else 0,
        minutes=None if seconds is None else max(1, round(seconds / 60)),
        document_url=link_to(revision.document),
        main_file=main,
    )


@bp.post("/r/<int:revision_id>/print")
@requires(DocumentPermission.PRINT)
def printed(revision_id: int) -> ResponseReturnValue:
    """Give the stamped PDF of this moment; the print is told before it leaves."""
    revision = register.revision(db.session(), standing(), revision_id)
    if rendering.base_of(db.session(), revision) is None:
        return ask_print(revision_id)
    seen = revision.row_version

    def told(work: Work, pages: int) -> None:
        serving.print_copy(work, work.fresh(revision, seen=seen), pages=pages)

    return stamped(revision, told)


def stamped(
    revision: Revision, told: Callable[[Work, int], None], copy: ControlledCopy | None = None
) -> ResponseReturnValue:
    """Give the pages with the marks of this moment, after the act that tells of them."""
    base = rendering.base_of(db.session(), revision)
    if base is None:
        raise RuleBroken(NOT_DRAWN)
    now = datetime.now(UTC)
    marks = marks_for(
        revision,
        successor=_successor(revision),
        lag=lag_of(db.session(), revision),
        printed_by=signed_in().name,
        printed_at=now,
        copy=copy,
    )
    number = f" {copy.label}" if copy is not None else ""
    name = f"{revision.code} {revision.label}{number}".replace("/", "-") + ".pdf"
    with tempfile.TemporaryDirectory(prefix="nenep-print-") as folder:
        out = Path(folder, "print.pdf")
        try:
            pages = workshop().stamp(installation().store.path(base), marks, out)
        except (Refused, WorkFailed) as problem:
            raise RuleBroken(UNREADABLE) from problem
        except WorkshopBusy as busy:
            raise RuleBroken(BUSY) from busy
        with unit_of_work(signed_in(), now=now) as work:
            told(work, pages)
        content: IO[bytes] = out.open("rb")  # stays readable when the folder is gone
    return send_file(
        content, mimetype="application/pdf", as_attachment=True, download_name=name, etag=False
    )
