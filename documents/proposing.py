"""What the system proposes to an author, so that nobody types it twice (P4; F1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.kernel.calendar import working_days_after
from app.kernel.organisation import Body
from app.kernel.search import code_key
from documents.content.blocks import Reading
from documents.content.comparison import compare, summary
from documents.models import DocumentKind, Revision

_SHORTEST_CODE = 3


@dataclass(frozen=True)
class Proposed:
    """Values for a draft, each from the file, its predecessor or the body's settings."""

    title: str
    code: str
    edition: int
    amendment: int
    effective_on: date
    change_summary: str
    other_code: str = ""  # the file says another code than the document has


def propose(reading: Reading, revision: Revision, today: date) -> Proposed:
    """Propose the data of a draft from what was read of its file."""
    found, former = reading.proposal, revision.predecessor
    edition, amendment = revision.edition, revision.amendment
    if found.edition is not None:
        said = (found.edition, found.amendment or 0)
        if former is None or said > (former.edition, former.amendment):
            edition, amendment = said
    own = revision.document.code
    code = found.code if own is None and len(code_key(found.code)) >= _SHORTEST_CODE else ""
    differs = bool(own and found.code and code_key(own) != code_key(found.code))
    return Proposed(
        title=(found.title or revision.title)[:500],
        code=code[:80],
        edition=min(edition, 99),
        amendment=min(amendment, 99),
        effective_on=proposed_day(revision.document.body, found.effective_on, today),
        change_summary="",
        other_code=found.code if differs else "",
    )


def proposed_day(body: Body, said: date | None, today: date) -> date:
    """Propose the effective date: the file's own when it lies ahead, else some working days on."""
    if said is not None and said >= today:
        return said
    return working_days_after(body, today, int(body.setting("effective_after_days")))


def change_lines(old: Reading, new: Reading, limit: int = 8) -> str:
    """Sum up what changed, one place a line, as a proposal for the author."""
    found = summary(compare(old, new), limit)
    return "\n".join(f"{where}: {words}" if where else words for where, words in found)


def kind_of(reading: Reading, media_type: str) -> DocumentKind:
    """Guess the kind of a new document: what the file says, a form for a workbook."""
    said = reading.proposal.kind or ""
    for kind in DocumentKind:
        if str(kind) == said:
            return kind
    return DocumentKind.FORM if "spreadsheet" in media_type else DocumentKind.PROCEDURE
