"""What is wrong, doubtful or worth knowing about one row and its files (a52, L11)."""

from __future__ import annotations

import re
from typing import Any, Final

from app.kernel.coded import N_
from app.kernel.search import code_key
from documents.coding import CODE
from documents.content.intake import Reason
from documents.importing.found_files import FoundFile
from documents.importing.items import Item, Surroundings
from documents.importing.listing import ListedRow
from documents.importing.matching import Match
from documents.importing.problems import ProblemId
from documents.importing.values import DayKind, ListedState, says_ended

_ENCODINGS: Final = {
    "TCVN3": (ProblemId.ENCODING_TCVN3, ProblemId.ENCODING_TCVN3_IN_LIST),
    "VNI": (ProblemId.ENCODING_VNI, ProblemId.ENCODING_VNI_IN_LIST),
    "NFD": (ProblemId.ENCODING_NFD, ProblemId.ENCODING_NFD),
}
_REFUSED: Final = {
    "doc": ProblemId.FILE_TYPE_DOC,
    str(Reason.TYPE_NOT_ALLOWED): ProblemId.FILE_TYPE,
    str(Reason.WRONG_TYPE): ProblemId.FILE_TYPE,
    str(Reason.PASSWORD): ProblemId.FILE_PASSWORD,
    str(Reason.PASSWORD_OR_WRONG_TYPE): ProblemId.FILE_PASSWORD,
    str(Reason.DAMAGED): ProblemId.FILE_DAMAGED,
    str(Reason.EMPTY): ProblemId.FILE_DAMAGED,
}
_DAYS: Final = (("approved", N_("date of approval")), ("effective", N_("date of effect")))


def look_at_row(item: Item, one: Match, around: Surroundings) -> None:
    """Note everything about a row, then about its files."""
    row = one.row
    if row.hidden:
        item.add(ProblemId.HIDDEN_ROW, of_file=False)
    if row.encoding:
        item.add(_ENCODINGS[row.encoding][1], of_file=False, before=row.before)
    _look_at_code(item, one)
    _look_at_days(item, row)
    _look_at_state(item, one)
    if one.main is not None:
        _look_at_edition(item, one, row)
        look_at_file(item, one.main)
    kept, item.problems = item.problems, []
    for file in (*one.older, *one.beside, *one.rivals):
        look_at_file(item, file)
    item.asides, item.problems = item.problems, kept
    for file in one.older:
        item.add_of_file(ProblemId.OLDER_EDITION_FILE, file)
    for file in one.rivals:
        if file.refused:
            continue
        main = one.main
        if main is not None and main.version and file.version and file.version > main.version:
            _add_pair(item, ProblemId.EDITION_MISMATCH, row, file)
        else:
            other = main.path if main is not None else ""
            item.add_of_file(ProblemId.TWO_FILES_ONE_EDITION, file, other=other)


def _look_at_code(item: Item, one: Match) -> None:
    row = one.row
    if one.duplicate_of is not None:
        item.add(ProblemId.DUPLICATE_CODE_IN_LIST, of_file=False, first=one.duplicate_of.number)
        return
    if not one.code:
        proposal = one.main.code if one.main is not None and one.main.code else None
        item.add(ProblemId.ROW_WITHOUT_CODE, proposal=proposal)
        return
    if one.main is None and not item.ended:
        item.add(ProblemId.ROW_WITHOUT_FILE, of_file=False)
    if not CODE.fullmatch(item.code) or not code_key(item.code):
        item.add(ProblemId.CODE_IMPOSSIBLE, listed=row.code_typed)
        return
    if one.main is not None and one.main.code and not one.main.refused:
        _compare_codes(item, one, one.main)


def _compare_codes(item: Item, one: Match, file: FoundFile) -> None:
    listed, written = one.row.code_typed, file.code
    values: dict[str, Any] = {"listed": listed, "file": written}
    if one.how == "lookalike":
        item.add(ProblemId.CODE_LOOKALIKE, **values, proposal=written)
    elif code_key(listed) == code_key(written) or one.how == "padding":
        if listed != written:
            item.add(ProblemId.CODE_SPELLING, **values)
    elif one.how in ("name", "title", "chosen"):
        item.add(ProblemId.CODE_MISMATCH, **values, proposal=one.row.code)


def _look_at_days(item: Item, row: ListedRow) -> None:
    for name, column in _DAYS:
        found = getattr(row, name)
        if found.kind is DayKind.IMPOSSIBLE:
            item.add(ProblemId.IMPOSSIBLE_DATE, typed=found.typed, column=column, field=name)
        elif found.kind is DayKind.NUMBER:
            item.add(
                ProblemId.DATE_AS_NUMBER,
                typed=found.typed,
                day=f"{found.day:%d/%m/%Y}",
                column=column,
            )
    approved = item.choice.approved_on or row.approved.day
    effective = item.choice.effective_on or row.effective.day
    if approved is not None and effective is not None and effective < approved:
        item.add(
            ProblemId.EFFECTIVE_BEFORE_APPROVAL,
            effective=f"{effective:%d/%m/%Y}",
            approved=f"{approved:%d/%m/%Y}",
        )


def _look_at_state(item: Item, one: Match) -> None:
    row, file = one.row, one.main
    if row.state is ListedState.ENDED:
        item.add(ProblemId.WITHDRAWN_ROW, of_file=False)
        return
    why = ""
    if one.ended_by is not None:
        why = f"{one.ended_by.sheet} {one.ended_by.number}"
    elif says_ended(row.note):
        why = row.note
    elif says_ended(row.group):
        why = row.group
    elif file is not None and file.lies_among_ended:
        why = file.path
    elif file is not None and file.says_ended:
        why = N_("the file says so")
    if why and row.state is ListedState.CURRENT:
        item.add(ProblemId.WITHDRAWN_BUT_CURRENT, why=why)
    elif why:
        item.ended = item.choice.ended is not False
        item.add(ProblemId.WITHDRAWN_ROW, of_file=False)


def _look_at_edition(item: Item, one: Match, row: ListedRow) -> None:
    file = one.main
    if file is None or file.version is None or row.edition is None or file.refused:
        return
    listed = (row.edition, row.amendment or 0)
    if file.version == listed:
        return
    older = file.version < listed
    _add_pair(item, ProblemId.EDITION_LOWER if older else ProblemId.EDITION_MISMATCH, row, file)


def _add_pair(item: Item, problem: ProblemId, row: ListedRow, file: FoundFile) -> None:
    """Note that list and file name different editions."""
    kept, item.file = item.file, file
    version = file.version or (0, 0)
    item.add(
        problem,
        listed=f"{row.edition or 0:02d}/{row.amendment or 0:02d}",
        file=f"{version[0]:02d}/{version[1]:02d}",
    )
    item.file = kept


def look_at_file(item: Item, file: FoundFile) -> None:
    """Note what a file shows, or why it cannot be taken."""
    if file.refused:
        problem = _REFUSED.get(file.refused, ProblemId.FILE_REFUSED)
        item.add_of_file(problem, file, reason=file.refused)
        return
    flags = (
        (file.scan, ProblemId.PDF_WITHOUT_TEXT),
        (file.tracked, ProblemId.TRACKED_CHANGES_LEFT),
        (file.comments, ProblemId.COMMENTS_LEFT),
    )
    for there, problem in flags:
        if there:
            item.add_of_file(problem, file)
    if file.encoding in _ENCODINGS:
        item.add_of_file(_ENCODINGS[file.encoding][0], file)
    if codes := _conflicting(file):
        item.add_of_file(ProblemId.CODE_CONFLICT_INSIDE_FILE, file, codes=", ".join(codes))


def _conflicting(file: FoundFile) -> list[str]:
    """Give the codes a file gives itself, where they are several of one kind."""
    own, is_form = _kind_part(file.code), file.kind == "form"
    said = {
        code_key(code): code
        for code in (file.code, *file.claims, *(() if is_form else file.labelled))
        if code and (_kind_part(code) == own or code in file.labelled)
    }
    if is_form:  # a form also names its procedure
        said = {key: code for key, code in said.items() if _kind_part(code) == own}
    longest = max((len(key) for key in said), default=0)
    if len({len(key) for key in said}) > 1 and any(
        other != key and other.startswith(key) for key in said for other in said
    ):  # a form's sheet that also names its procedure
        said = {key: code for key, code in said.items() if len(key) == longest}
    return list(said.values()) if len(said) > 1 else []


def _kind_part(code: str) -> str:
    return re.split(r"[^A-ZĐ]", code.upper(), maxsplit=1)[0]
