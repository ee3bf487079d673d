"""The digital copy of a revision: its seal, signatures from outside, and checking any PDF (L19)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from app.kernel.access import KernelPermission
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.install import installation
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.links import link_to
from app.web.documents.marks import sealed_marks
from app.web.documents.openings import note_opening
from app.web.documents.serving import DAMAGED
from app.web.documents.uploads import BUSY, NO_ROOM, told_refusal, workshop
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import register, sealing
from documents.content.intake import MAX_FILE_BYTES, Reason, Refused
from documents.content.workshop import WorkshopBusy
from documents.models import DigitalCopy, DigitalKind, Revision
from documents.permissions import DocumentPermission
from documents.seal_state import seal_state, trust_of
from documents.trying_again import given_up_seal, recognise_again, seal_again, why_words
from forms.screen.digital_copy import CheckForm, SignedCopyForm

bp = Blueprint("digital_copy", __name__)

# verdict -> (chip, words): what a signature is worth, as people read it
VERDICTS = {
    "valid": ("effective", N_("valid")),
    "untrusted": ("in_review", N_("holds, but nobody we trust vouches for it")),
    "expired": ("in_review", N_("the certificate had ended")),
    "revoked": ("withdrawn", N_("the certificate was revoked")),
    "changed": ("withdrawn", N_("does not hold: the file was changed after signing")),
    "broken": ("withdrawn", N_("cannot be checked")),
}


@dataclass(frozen=True)
class Line:
    """One signature as a page shows it."""

    name: str
    organisation: str
    issuer: str
    at: datetime | None
    stamped_by: str
    chip: str
    verdict: str
    is_valid: bool


def lines_of(signatures: list[dict[str, Any]]) -> list[Line]:
    """Put signatures into words; the trusted clock goes before what the signer's own says."""
    return [
        Line(
            name=one["name"],
            organisation=one["organisation"],
            issuer=one["issuer"],
            at=_moment(one["stamped_at"] or one["signed_at"]),
            stamped_by=one["stamped_by"],
            chip=VERDICTS.get(one["verdict"], VERDICTS["broken"])[0],
            verdict=VERDICTS.get(one["verdict"], VERDICTS["broken"])[1],
            is_valid=one["verdict"] == "valid",
        )
        for one in signatures
    ]


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _tools() -> sealing.Tools:
    here = installation()
    return sealing.Tools(here.store, workshop(), trust_of(here), here.timestamp_url)


@bp.get("/r/<int:revision_id>/digital")
@requires(DocumentPermission.READ_REVISION)
def show(revision_id: int) -> ResponseReturnValue:
    """Show seal and signatures, checked at this moment; download it, bring it back signed."""
    revision = register.revision(db.session(), standing(), revision_id)
    note_opening(revision)
    return _page(revision, SignedCopyForm(formdata=None))


def _page(revision: Revision, form: SignedCopyForm, status: int = 200) -> ResponseReturnValue:
    copies = sealing.copies_of(db.session(), revision)
    if revision.disposed_at is not None:
        copies = []  # they went with the text
    newest = copies[0] if copies else None
    signatures, checked = _checked(newest) if newest is not None else ([], True)
    obstacle = sealing.copy_obstacle(revision)
    may_bring = may(standing(), DocumentPermission.BRING_SIGNED, revision)
    if newest is not None and not form.is_submitted():
        form.number.data = newest.number
    body = revision.document.body
    return page(
        "documents/digital_copy.html",
        status=status,
        revision=revision,
        document=revision.document,
        document_url=link_to(revision.document),
        copies=copies,
        newest=newest,
        lines=lines_of(signatures),
        is_checked=checked,
        seal=seal_state(installation(), body, datetime.now(UTC)),
        given_up=given_up_seal(db.session(), revision),
        may_try_again=may(standing(), DocumentPermission.TRY_AGAIN, revision),
        why_words=why_words,
        is_sealed=any(each.kind is DigitalKind.SEALED for each in copies),
        may_bring=may_bring and obstacle is None,
        is_in_force=obstacle is None,
        form=form,
    )


@bp.post("/r/<int:revision_id>/digital/again")
@requires(DocumentPermission.TRY_AGAIN)
def try_again(revision_id: int) -> ResponseReturnValue:
    """Have a seal that was given up tried again."""
    revision = register.revision(db.session(), standing(), revision_id)
    if not may(standing(), DocumentPermission.TRY_AGAIN, revision):
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        seal_again(work, work.fresh(revision))
    return done(
        gettext("The seal is tried again within a minute."),
        to=url_for("digital_copy.show", revision_id=revision.id),
    )


@bp.post("/r/<int:revision_id>/recognition")
@requires(DocumentPermission.TRY_AGAIN)
def recognise_anew(revision_id: int) -> ResponseReturnValue:
    """Have a scan whose recognition failed looked at again."""
    revision = register.revision(db.session(), standing(), revision_id)
    if not may(standing(), DocumentPermission.TRY_AGAIN, revision):
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        recognise_again(work, work.fresh(revision))
    return done(
        gettext("The words of the scan are looked for again."), to=link_to(revision.document)
    )


def _checked(copy: DigitalCopy) -> tuple[list[dict[str, Any]], bool]:
    """Check the signatures now; where that is not possible, give what was found when it came."""
    try:
        path = installation().store.path(copy.sha256)
        return workshop().signatures(path, trust_of(installation()).to_plain()), True
    except (Refused, WorkshopBusy, OSError):
        return copy.signatures, False


@bp.get("/r/<int:revision_id>/digital/<int:copy_id>.pdf")
@requires(DocumentPermission.READ_REVISION)
def fetch(revision_id: int, copy_id: int) -> ResponseReturnValue:
    """Give the digital copy byte for byte: any change, even of this reader's marks, breaks it."""
    revision = register.revision(db.session(), standing(), revision_id)
    found = db.session.get(DigitalCopy, copy_id)
    if found is None or found.revision_id != revision.id or revision.disposed_at is not None:
        raise NotFound()
    store = installation().store
    if store.digest_of(found.sha256) != found.sha256:
        raise RuleBroken(DAMAGED)
    note_opening(revision)
    name = f"{revision.code} {revision.label} {found.number}".replace("/", "-") + ".pdf"
    return send_file(
        store.path(found.sha256),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )


@bp.post("/r/<int:revision_id>/digital/prepare")
@requires(DocumentPermission.BRING_SIGNED)
def prepare(revision_id: int) -> ResponseReturnValue:
    """Make the copy that officials sign, where the body has no seal of its own."""
    revision = register.revision(db.session(), standing(), revision_id)
    must(DocumentPermission.BRING_SIGNED, revision)
    try:
        sealing.prepare_copy(db.session(), revision, signed_in(), _tools(), sealed_marks)
    except WorkshopBusy as busy:
        raise RuleBroken(BUSY) from busy
    return done(
        gettext("The digital copy is ready to be signed."),
        to=url_for("digital_copy.show", revision_id=revision.id),
    )


@bp.post("/r/<int:revision_id>/digital")
@requires(DocumentPermission.BRING_SIGNED)
def bring(revision_id: int) -> ResponseReturnValue:
    """Take the copy back, signed outside: those very bytes, and nothing but signatures added."""
    revision = register.revision(db.session(), standing(), revision_id)
    must(DocumentPermission.BRING_SIGNED, revision)
    form = SignedCopyForm()
    if not form.validate():
        return _page(revision, form, 422)
    try:
        with _received(form.file.data) as path:
            copy = sealing.bring_signed(
                db.session(), revision, form.number.data, signed_in(), path, _tools()
            )
    except InvalidInput as refused:
        return _page(revision, form, at_field(form, refused))
    return done(
        gettext("The signed copy is kept (%(count)s signatures).", count=len(copy.signatures)),
        to=url_for("digital_copy.show", revision_id=revision.id),
    )


@contextmanager
def _received(upload: FileStorage) -> Iterator[Path]:
    """Give an uploaded PDF as a file beside the store; what is refused is told and thrown away."""
    store, path = installation().store, None
    try:
        try:
            path, _sha256, _size = store.receive(upload.stream, at_most=MAX_FILE_BYTES)
        except ValueError as problem:
            raise told_refusal(Refused(Reason.TOO_LARGE), "file") from problem
        except OSError as problem:
            raise InvalidInput(NO_ROOM, field="file") from problem
        try:
            yield path
        except Refused as refused:
            raise told_refusal(refused, "file") from refused
        except WorkshopBusy as busy:
            raise InvalidInput(BUSY, field="file") from busy
    finally:
        if path is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)


@bp.route("/signatures", methods=["GET", "POST"])
@requires(KernelPermission.WORK)
def check() -> ResponseReturnValue:
    """Check the signatures of any PDF; nothing of it is kept."""
    form = CheckForm()
    lines: list[Line] | None = None
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with _received(form.file.data) as path:
                trust = trust_of(installation()).to_plain()
                lines, status = lines_of(workshop().signatures(path, trust)), 200
        except InvalidInput as refused:
            status = at_field(form, refused)
    return page("documents/signatures.html", status=status, form=form, lines=lines)
