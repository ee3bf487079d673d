"""Bringing a list: read it, show what each row would do, keep it, then do it in one act."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.drafts import draft_of, keep_draft, typed_in
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.row_import import (
    MOST_BYTES,
    ImportResult,
    Outcome,
    Row,
    RowResult,
    looked_at,
    rows_of_csv,
    rows_of_table,
)
from app.kernel.work import Work, unit_of_work
from app.web.documents.uploads import BUSY, told_refusal, workshop
from app.web.guard import signed_in
from app.web.page import shown
from documents.content.intake import Refused
from documents.content.workshop import WorkshopBusy


def rows_of_file(file: FileStorage) -> list[Row]:
    """Read a .csv here, an .xlsx only in the limited children of the workshop."""
    name = file.filename or ""
    content = file.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidInput(N_("The list is too long: 5 MB at most."), field="file")
    if name.lower().endswith(".csv"):
        return rows_of_csv(content)
    if not name.lower().endswith(".xlsx"):
        raise InvalidInput(N_("Bring a .csv or an .xlsx."), field="file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.xlsx")
        path.write_bytes(content)
        try:
            reading = workshop().read(path, name)
        except Refused as refused:
            raise told_refusal(refused, "file") from None
        except WorkshopBusy:
            raise InvalidInput(BUSY, field="file") from None
    tables = [block.rows for block in reading.blocks if block.kind == "table"]
    if not tables:
        raise InvalidInput(N_("The table is empty."), field="file")
    return rows_of_table([[cell.text for cell in row] for row in tables[0]])


def look(rows: list[Row], place: str, act: Callable[[Work], ImportResult]) -> ImportResult:
    """Say what rows would do and keep them as they are typed now; nothing else is written."""
    result = looked_at(signed_in(), act)
    with unit_of_work(signed_in()) as work:
        keep_draft(work, place, {"rows": [json.dumps(rows)]}, most=2 * MOST_BYTES)
    return result


def kept_rows(place: str) -> list[Row]:
    """Give the rows that were looked at; RuleBroken where there are none any more."""
    draft = draft_of(db.session(), signed_in(), place, datetime.now(UTC))
    if draft is None:
        raise RuleBroken(N_("This list was brought already, or too long ago. Bring it again."))
    return cast(list[Row], json.loads(typed_in(draft)["rows"][0]))


def told_row(row: RowResult) -> str:
    """Tell in the reader's language what a row does, or why it cannot be done."""
    return str(gettext(row.text, **{name: shown(value) for name, value in row.values.items()}))


def told_done(result: ImportResult) -> str:
    """Tell what became of a list."""
    told = ngettext("%(num)s row is done.", "%(num)s rows are done.", result.changes)
    if refused := result.count(Outcome.REFUSE):
        told += " " + ngettext(
            "%(num)s row could not be done.", "%(num)s rows could not be done.", refused
        )
    return told
