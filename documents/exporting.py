"""A body's documents on their way out: the register and every file, so that it can come in again.

The list has one row for each revision that was ever in force or withdrawn, the newest first; the
rows below it are its history. What only began here (drafts) leaves beside, not in the list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.kernel.calendar import today_of
from app.kernel.organisation import Body
from documents import register
from documents.models import (
    DigitalCopy,
    DigitalKind,
    Document,
    DocumentKind,
    Revision,
    RevisionFile,
    RevisionState,
    StepKind,
)

AT_ONCE: Final = 200
COLUMNS: Final = (
    ("Mã tài liệu", 18),
    ("Tên tài liệu", 60),
    ("Loại tài liệu", 18),
    ("Lần ban hành", 9),
    ("Lần sửa đổi", 9),
    ("Ngày phê duyệt", 13),
    ("Ngày hiệu lực", 13),
    ("Đơn vị chủ trì", 34),
    ("Người soạn thảo", 26),
    ("Người soát xét", 26),
    ("Người phê duyệt", 26),
    ("Tình trạng", 18),
    ("Tên tệp", 50),
)
KINDS: Final = {
    DocumentKind.MANUAL: "Sổ tay",
    DocumentKind.POLICY: "Chính sách",
    DocumentKind.PROCEDURE: "Quy trình",
    DocumentKind.WORK_INSTRUCTION: "Hướng dẫn",
    DocumentKind.FORM: "Biểu mẫu",
    DocumentKind.RECORD_TYPE: "Hồ sơ",
}
STATES: Final = {
    RevisionState.EFFECTIVE: "Đang hiệu lực",
    RevisionState.APPROVED: "Chờ hiệu lực",
    RevisionState.OBSOLETE: "Hết hiệu lực",
    RevisionState.WITHDRAWN: "Bãi bỏ",
}
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
FOLDER, DRAFTS, SEALED = "tai-lieu", "ban-nhap", "ban-ky-so"


@dataclass(frozen=True)
class Exported:
    """One revision that leaves: its row in the list, or none, and its files by path.

    Sealed and signed copies leave beside, as files: what they prove was proved here, and the PDF
    carries its own signatures. They do not come in again with the list.
    """

    revision: Revision
    row: tuple[str | int | date | None, ...] | None
    files: tuple[tuple[str, RevisionFile], ...]
    sealed: tuple[tuple[str, DigitalCopy], ...] = ()


def leaving(session: Session, body: Body) -> Iterator[Exported]:
    """Give every revision of a body in the order of the list, a few documents at a time."""
    after: tuple[str, int] = ("", 0)
    while True:
        documents = session.scalars(
            sa.select(Document)
            .where(
                Document.body_id == body.id,
                sa.tuple_(Document.code_sort, Document.id) > sa.tuple_(*after),
            )
            .order_by(Document.code_sort, Document.id)
            .limit(AT_ONCE)
            .options(
                selectinload(Document.revisions).selectinload(Revision.all_files),
                selectinload(Document.lead_unit),
            )
        ).all()
        copies = _digital(session, documents)
        for document in documents:
            yield from _of_document(session, document, copies)
        if len(documents) < AT_ONCE:
            return
        after = (documents[-1].code_sort, documents[-1].id)


def _digital(session: Session, documents: Sequence[Document]) -> dict[int, DigitalCopy]:
    """Give the newest sealed or signed copy of each revision; it holds all bytes before it."""
    rows = session.scalars(
        sa.select(DigitalCopy)
        .join(Revision, Revision.id == DigitalCopy.revision_id)
        .where(
            Revision.document_id.in_([one.id for one in documents]),
            Revision.disposed_at.is_(None),
            DigitalCopy.kind != DigitalKind.STAMPED,
        )
        .order_by(DigitalCopy.number)
    )
    return {row.revision_id: row for row in rows}


def _of_document(
    session: Session, document: Document, copies: dict[int, DigitalCopy]
) -> Iterator[Exported]:
    order = sorted(document.revisions, key=lambda one: (one.edition, one.amendment, one.id))
    listed = [one for one in order if one.state in STATES and (one.effective_at or one.approved_at)]
    for revision in reversed(order):
        files = tuple(_files(document, revision, in_list=revision in listed))
        row = _row(session, revision, files) if revision in listed else None
        yield Exported(revision, row, files, _sealed(document, copies.get(revision.id)))


def _files(
    document: Document, revision: Revision, *, in_list: bool
) -> Iterator[tuple[str, RevisionFile]]:
    """Give each file its path: under the code, named by edition; two never share one.

    What was disposed of leaves with its row alone: its files are gone (D5).
    """
    if revision.disposed_at is not None:
        return
    code = safe_name(document.code or f"so-{document.id}")
    taken: set[str] = set()
    for file in revision.files:
        edition = f"{revision.edition:02d}-{revision.amendment:02d}"
        bare = file.name.removeprefix(f"{edition} ")  # it came in under such a name
        stem, _, ending = safe_name(bare).rpartition(".")
        name = f"{edition} {stem[:120]}.{ending}"
        number = 1
        while name.casefold() in taken or (not in_list and number == 1):
            number += 1
            name = f"{edition} {stem[:120]} ({revision.id}-{number}).{ending}"
        taken.add(name.casefold())
        yield f"{FOLDER if in_list else DRAFTS}/{code}/{name}", file


def _sealed(document: Document, copy: DigitalCopy | None) -> tuple[tuple[str, DigitalCopy], ...]:
    if copy is None:
        return ()
    code = safe_name(document.code or f"so-{document.id}")
    revision = copy.revision
    name = f"{revision.edition:02d}-{revision.amendment:02d} {revision.id}-{copy.number}.pdf"
    return ((f"{SEALED}/{code}/{name}", copy),)


def safe_name(name: str) -> str:
    """Give a name every file system takes, of one form of Unicode."""
    plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    return plain[:180] or "_"


def _row(
    session: Session, revision: Revision, files: tuple[tuple[str, RevisionFile], ...]
) -> tuple[str | int | date | None, ...]:
    document = revision.document
    history = register.history_of(session, revision)
    author, reviewer, approver = _people(revision)
    if history is not None:
        author = author or history.author_name
        reviewer, approver = history.reviewer_name, history.approver_name
    return (
        document.code or "",
        revision.title,
        KINDS[document.kind],
        revision.edition,
        revision.amendment,
        _day(document, revision.approved_at),
        _day(document, revision.effective_at) or revision.effective_on,
        document.lead_unit.name,
        author,
        reviewer,
        approver,
        STATES[revision.state],
        "; ".join(path for path, _file in files),
    )


def _people(revision: Revision) -> tuple[str, str, str]:
    """Name who wrote, reviewed and approved it here."""
    names: dict[StepKind, list[str]] = {kind: [] for kind in StepKind}
    if revision.package is not None:
        for step in revision.package.steps:
            names[step.kind] += [decision.decided_by.as_signed for decision in step.agreeing]
    return (
        ", ".join(person.name for person in revision.authors),
        ", ".join(dict.fromkeys(names[StepKind.REVIEW])),
        ", ".join(dict.fromkeys(names[StepKind.APPROVAL])),
    )


def _day(document: Document, moment: datetime | None) -> date | None:
    return today_of(document.body, moment) if moment is not None else None
