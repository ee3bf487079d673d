"""The digital copy: sealed by a job, signed by officials outside (L19; ISO 9001:2015, 7.5.3.2 c).

Stamps first, seal last, every byte kept: what is there is added to and never rewritten. The
original and its digest stay what approval signed (D2); the seal names that digest in its reason.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.files import FileStore, StoredFile
from app.kernel.people import Person
from app.kernel.work import Work, unit_of_work
from documents.content.intake import MAX_FILE_BYTES, Refused
from documents.content.marks import PageMarks
from documents.content.seal_key import SealKey, Trust, Unsealable, put_in, sign_digest
from documents.content.workshop import WorkFailed, Workshop, WorkshopBusy
from documents.facts import DocumentFact
from documents.models import (
    DigitalCopy,
    DigitalKind,
    Document,
    FileRendition,
    FileRole,
    Revision,
    RevisionFile,
    RevisionState,
    SealTry,
)
from documents.permissions import DocumentPermission
from documents.rendering import base_of
from documents.trying_again import MOST_SEAL_TRIES, why

log = logging.getLogger("nenep")
AGAIN_AFTER: Final = timedelta(minutes=10)
MarksOf = Callable[[Revision], PageMarks]

NOT_THAT_FILE = N_(
    "This is not the file that was downloaded here with a signature added: its beginning differs. "
    "Download the newest copy, sign that very file, and bring it back without saving it anew."
)
NO_NEW_SIGNATURE = N_("No signature was added to this file. Sign it, then bring it back.")
CHANGED = N_(
    "Something else than signatures was added to this file, or a signature in it does not hold. "
    "Download the newest copy and sign it anew."
)
PROBLEMS: Final = {
    "other_file": NOT_THAT_FILE,
    "no_signature": NO_NEW_SIGNATURE,
    "changed": CHANGED,
}


class SealLost(ValueError):
    """A seal that was just made does not hold."""


@dataclass(frozen=True)
class Tools:
    """What sealing works with: store, workshop, trust, the clock's address."""

    store: FileStore
    workshop: Workshop
    trust: Trust
    timestamp_url: str = ""


def copies_of(session: Session, revision: Revision) -> list[DigitalCopy]:
    """Give the states of a revision's digital copy, the newest first."""
    return list(
        session.scalars(
            sa.select(DigitalCopy)
            .where(DigitalCopy.revision_id == revision.id)
            .order_by(DigitalCopy.number.desc())
        )
    )


def newest_copy(session: Session, revision: Revision) -> DigitalCopy | None:
    """Give the bytes that count now."""
    return session.scalars(
        sa.select(DigitalCopy)
        .where(DigitalCopy.revision_id == revision.id)
        .order_by(DigitalCopy.number.desc())
        .limit(1)
    ).one_or_none()


def copy_obstacle(revision: Revision) -> RuleBroken | None:
    """Say why a revision takes no digital copy now; None when nothing stands so."""
    if revision.state is not RevisionState.EFFECTIVE:
        return RuleBroken(N_("Only an edition that is in force is sealed and signed."))
    return None


def seals_wanted(session: Session, body_ids: list[int], *, now: datetime, limit: int) -> list[int]:
    """Give the revisions in force that are not sealed yet and whose pages are drawn."""
    sealed = sa.exists().where(
        DigitalCopy.revision_id == Revision.id, DigitalCopy.kind == DigitalKind.SEALED
    )
    waits = sa.exists().where(
        SealTry.revision_id == Revision.id,
        sa.or_(SealTry.tries >= MOST_SEAL_TRIES, SealTry.tried_at > now - AGAIN_AFTER),
    )
    drawn = sa.exists().where(
        RevisionFile.revision_id == Revision.id,
        RevisionFile.role == FileRole.MAIN,
        RevisionFile.replaced_at.is_(None),
        sa.or_(
            RevisionFile.name.ilike("%.pdf"),
            sa.exists().where(
                FileRendition.source_sha256 == RevisionFile.sha256,
                FileRendition.sha256.is_not(None),
            ),
        ),
    )
    return list(
        session.scalars(
            sa.select(Revision.id)
            .join(Document, Document.id == Revision.document_id)
            .where(
                Revision.state == RevisionState.EFFECTIVE,
                Document.body_id.in_(body_ids),
                drawn,
                ~sealed,
                ~waits,
            )
            .order_by(Revision.effective_at.desc(), Revision.id.desc())
            .limit(limit)
        )
    )


def seal_revision(
    session: Session, revision_id: int, tools: Tools, key: SealKey, marks_of: MarksOf
) -> bool:
    """Seal one revision: everything slow happens outside any lock; False when it did not work."""
    revision = session.get_one(Revision, revision_id)
    before = newest_copy(session, revision)
    seen = before.number if before is not None else 0
    with tempfile.TemporaryDirectory(prefix="nenep-seal-") as name:
        folder = Path(name)
        try:
            base = _base(session, revision, before, tools, marks_of, folder)
            source, reason = _source(revision), _reason(revision)
            session.rollback()
            out, problem = _sealed(base, folder, tools, key, reason, seen + 1)
            found = tools.workshop.signatures(out, tools.trust.to_plain())
            if not found or found[-1]["verdict"] in ("changed", "broken"):
                raise SealLost("the seal does not hold")
        except WorkshopBusy:
            return False
        except (Refused, Unsealable, WorkFailed, OSError, ValueError) as failure:
            session.rollback()
            _note_failure(revision_id, failure)
            return False
        sha256, size = _store(tools.store, out)
    made = _Made(DigitalKind.SEALED, sha256, size, source, found, problem)
    try:
        with unit_of_work(None) as work:
            _keep(work, work.session.get_one(Revision, revision_id), made, seen)
    except (Stale, RuleBroken):
        return False  # it was signed, or left force, meanwhile: the next run looks again
    return True


def _source(revision: Revision) -> str:
    main = revision.main_file
    if main is None:
        raise ValueError("no file")
    return main.sha256


def _reason(revision: Revision) -> str:
    return f"{revision.code} {revision.label}, SHA-256 {_source(revision)}"


def _base(
    session: Session,
    revision: Revision,
    before: DigitalCopy | None,
    tools: Tools,
    marks_of: MarksOf,
    folder: Path,
) -> Path:
    """Give the bytes a signature is added to: the newest copy, else pages stamped now."""
    if before is not None:
        return tools.store.path(before.sha256)
    drawn = base_of(session, revision)
    if drawn is None:
        raise ValueError("no pages yet")
    marked, base = folder / "marked.pdf", folder / "base.pdf"
    tools.workshop.stamp(tools.store.path(drawn), marks_of(revision), marked)
    tools.workshop.lay_form(marked, base)
    return base


def _sealed(
    base: Path, folder: Path, tools: Tools, key: SealKey, reason: str, number: int
) -> tuple[Path, str]:
    """Seal a file; give it, and what was wrong with the timestamp."""
    out = folder / "sealed.pdf"
    laid = tools.workshop.prepare_signature(base, out, name=f"Seal{number}", reason=reason)
    room = laid.end - laid.start - 2
    signed = sign_digest(key, laid.digest, tools.timestamp_url, room)
    put_in(out, signed.cms, laid.start, laid.end)
    return out, signed.timestamp_problem


def _store(store: FileStore, path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        kept, sha256, size = store.receive(stream, at_most=4 * MAX_FILE_BYTES)
    store.keep(kept, sha256)
    return sha256, size


def _note_failure(revision_id: int, failure: Exception) -> None:
    log.warning("not sealed", extra={"revision": revision_id, "why": str(failure)[:300]})
    with unit_of_work(None) as work:
        known = work.session.scalars(
            sa.select(SealTry).where(SealTry.revision_id == revision_id)
        ).one_or_none()
        if known is None:
            known = SealTry(revision_id=revision_id, tries=0)
            work.session.add(known)
        known.tries += 1
        known.tried_at = work.now
        word = "no_hold" if isinstance(failure, SealLost) else why(failure)
        known.problem = f"{word}: {failure}"[:300]


@dataclass(frozen=True)
class _Made:
    """New bytes of a digital copy, in the store."""

    kind: DigitalKind
    sha256: str
    size: int
    source_sha256: str
    signatures: list[dict[str, Any]]
    timestamp_problem: str = ""
    brought_by: Person | None = None


def _keep(work: Work, revision: Revision, made: _Made, seen: int, **values: Any) -> DigitalCopy:
    """Add the new bytes as the newest state, if nobody added others meanwhile."""
    revision = work.fresh(revision)
    if obstacle := copy_obstacle(revision):
        raise obstacle
    newest = newest_copy(work.session, revision)
    if (newest.number if newest is not None else 0) != seen:
        raise Stale()
    known = sa.select(StoredFile.id).where(StoredFile.sha256 == made.sha256)
    if work.session.scalar(known) is None:
        stored = StoredFile(
            sha256=made.sha256, size=made.size, media_type="application/pdf", stored_at=work.now
        )
        work.session.add(stored)
    copy = work.add(
        DigitalCopy(
            body_id=revision.document.body_id,
            revision_id=revision.id,
            number=seen + 1,
            kind=made.kind,
            source_sha256=made.source_sha256,
            sha256=made.sha256,
            size=made.size,
            made_at=work.now,
            brought_by_id=made.brought_by.id if made.brought_by is not None else None,
            found={"signatures": made.signatures},
            timestamp_problem=made.timestamp_problem[:200],
        )
    )
    fact = {
        DigitalKind.STAMPED: DocumentFact.COPY_PREPARED,
        DigitalKind.SEALED: DocumentFact.COPY_SEALED,
        DigitalKind.SIGNED: DocumentFact.SIGNED_COPY_BROUGHT,
    }[made.kind]
    work.record(
        fact,
        revision,
        files=[{"sha256": made.sha256}],
        original=made.source_sha256,
        number=copy.number,
        **values,
    )
    return copy


def prepare_copy(
    session: Session, revision: Revision, person: Person, tools: Tools, marks_of: MarksOf
) -> None:
    """Make the copy that officials download and sign, where no seal makes one."""
    if obstacle := copy_obstacle(revision):
        raise obstacle
    if newest_copy(session, revision) is not None:
        raise RuleBroken(N_("The digital copy is there already."))
    with tempfile.TemporaryDirectory(prefix="nenep-copy-") as name:
        try:
            base = _base(session, revision, None, tools, marks_of, Path(name))
        except (Refused, WorkFailed, ValueError) as problem:
            raise RuleBroken(N_("The pages are not drawn yet. Try again in a while.")) from problem
        source = _source(revision)
        sha256, size = _store(tools.store, base)
    made = _Made(DigitalKind.STAMPED, sha256, size, source, [])
    with unit_of_work(person) as work:
        work.require(DocumentPermission.BRING_SIGNED, revision)
        _keep(work, revision, made, 0)


def bring_signed(
    session: Session, revision: Revision, seen: int, person: Person, path: Path, tools: Tools
) -> DigitalCopy:
    """Take a copy that was signed outside: the newest bytes and nothing but signatures added."""
    if obstacle := copy_obstacle(revision):
        raise obstacle
    newest = newest_copy(session, revision)
    if newest is None:
        raise RuleBroken(N_("There is no digital copy yet. Prepare it first."))
    if newest.number != seen:
        raise InvalidInput(NOT_THAT_FILE, field="file")
    source = newest.source_sha256
    base = tools.store.path(newest.sha256)
    said = tools.workshop.additions(base, path, tools.trust.to_plain())
    if said["problem"]:
        raise InvalidInput(PROBLEMS[said["problem"]], field="file")
    with tempfile.TemporaryDirectory(prefix="nenep-signed-") as name:
        copied = Path(name, "signed.pdf")
        shutil.copyfile(path, copied)
        sha256, size = _store(tools.store, copied)
    made = _Made(DigitalKind.SIGNED, sha256, size, source, said["signatures"], brought_by=person)
    with unit_of_work(person) as work:
        work.require(DocumentPermission.BRING_SIGNED, revision)
        return _keep(work, revision, made, seen, added=said["added"])
