"""What a row or a file of an import becomes, with what is wrong about it (a52)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.coded import N_, Coded
from documents.importing.choices import NOTHING, Choice
from documents.importing.found_files import FoundFile
from documents.importing.listing import ListedRow
from documents.importing.problems import Problem, ProblemId, Severity
from documents.importing.unit_names import KnownUnit
from documents.models import DocumentKind


class ItemOutcome(Coded):
    """What a row becomes."""

    CREATE = "create", N_("Will be created")
    THERE = "there", N_("There already")
    DOUBT = "doubt", N_("Doubtful")
    REFUSE = "refuse", N_("Cannot come in")
    LEFT_OUT = "left_out", N_("Left out")
    HISTORY = "history", N_("Goes into the history")


@dataclass
class Item:
    """One document to be: a row with its files, or a file that stands in no row."""

    key: str
    row: ListedRow | None
    file: FoundFile | None
    older: list[FoundFile] = field(default_factory=list)
    beside: list[FoundFile] = field(default_factory=list)
    earlier_rows: list[ListedRow] = field(default_factory=list)
    code: str = ""
    title: str = ""
    kind: DocumentKind = DocumentKind.PROCEDURE
    unit: KnownUnit | None = None
    edition: int | None = None
    amendment: int = 0
    approved_on: date | None = None
    effective_on: date | None = None
    ended: bool = False
    is_history: bool = False
    convert: bool = False
    choice: Choice = NOTHING
    problems: list[Problem] = field(default_factory=list)
    asides: list[Problem] = field(default_factory=list)  # of files that do not count
    outcome: ItemOutcome = ItemOutcome.CREATE
    parent_code: str = ""
    review_place: int | None = None  # its place among inherited overdue reviews

    def add(
        self, problem: ProblemId, *, of_file: bool = True, of_row: bool = True, **values: Any
    ) -> None:
        """Note a problem of this item, with where it stands."""
        proposal = values.pop("proposal", None)
        listed = self.row if of_row else None
        found = self.file if of_file else None
        self.problems.append(
            Problem(
                problem,
                sheet=listed.sheet if listed is not None else None,
                row=listed.number if listed is not None else None,
                file=found.path if found is not None else None,
                code=self._told_code(of_file=of_file) or None,
                values=values,
                proposal=proposal,
            )
        )

    def _told_code(self, *, of_file: bool) -> str:
        """Give the code as the document itself writes it, else the one it will have."""
        file = self.file if of_file else None
        return (file.code if file is not None and not file.refused else "") or self.code

    def add_of_file(self, problem: ProblemId, file: FoundFile, **values: Any) -> None:
        """Note a problem of one file, whichever row it belongs to."""
        code = self.code or file.code or None
        self.problems.append(Problem(problem, file=file.path, code=code, values=values))

    @property
    def told(self) -> list[Problem]:
        """Give all there is to say about it."""
        return [*self.problems, *self.asides]

    @property
    def open_problems(self) -> list[Problem]:
        """Give the problems that still keep it from being brought in."""
        return [one for one in self.problems if is_open(one, self.choice)]


# which decisions settle a problem; where `accept` is among them, taking the proposal does
_SETTLED_BY: dict[ProblemId, tuple[str, ...]] = {
    ProblemId.ROW_WITHOUT_FILE: ("on_paper", "file", "accept"),
    ProblemId.FILE_WITHOUT_ROW: ("accept",),
    ProblemId.ROW_WITHOUT_CODE: ("code",),
    ProblemId.DUPLICATE_CODE_IN_LIST: ("code",),
    ProblemId.TWO_FILES_ONE_EDITION: ("file", "accept"),
    ProblemId.CODE_MISMATCH: ("code", "accept"),
    ProblemId.CODE_CONFLICT_INSIDE_FILE: ("code", "accept"),
    ProblemId.CODE_LOOKALIKE: ("code", "accept"),
    ProblemId.CODE_IMPOSSIBLE: ("code",),
    ProblemId.EFFECTIVE_BEFORE_APPROVAL: ("approved_on", "effective_on", "accept"),
    ProblemId.DATE_MISSING: ("effective_on", "approved_on"),
    ProblemId.EDITION_MISMATCH: ("edition", "accept"),
    ProblemId.EDITION_LOWER: ("edition", "accept"),
    ProblemId.EDITION_MISSING: ("edition", "accept"),
    ProblemId.UNIT_MISSPELT: ("unit_id", "accept"),
    ProblemId.UNIT_BEFORE_MERGER: ("unit_id", "accept"),
    ProblemId.UNIT_UNKNOWN: ("unit_id",),
    ProblemId.WITHDRAWN_BUT_CURRENT: ("ended", "accept"),
    ProblemId.FILE_TYPE_DOC: ("convert", "accept"),
}
_NEEDS_PROPOSAL = {ProblemId.UNIT_MISSPELT, ProblemId.UNIT_BEFORE_MERGER}
_FILE_REFUSED = {
    ProblemId.FILE_TYPE,
    ProblemId.FILE_PASSWORD,
    ProblemId.FILE_DAMAGED,
    ProblemId.FILE_REFUSED,
}


def is_open(problem: Problem, choice: Choice) -> bool:
    """Say whether a problem still waits for a decision."""
    if problem.severity is Severity.NOTICE or choice.leave_out:
        return False
    if problem.id is ProblemId.IMPOSSIBLE_DATE:
        field_name = str(problem.values.get("field", ""))
        return getattr(choice, f"{field_name}_on", None) is None
    if problem.id in _FILE_REFUSED:
        return not choice.on_paper
    for name in _SETTLED_BY.get(problem.id, ()):
        value = getattr(choice, name)
        if name == "accept" and problem.id in _NEEDS_PROPOSAL and problem.proposal is None:
            continue
        if value is not None and (value is not False or name == "ended"):
            return False
    return True


@dataclass
class Plan:
    """All that would happen, in the order it would."""

    items: list[Item] = field(default_factory=list)
    loose: list[Problem] = field(default_factory=list)  # of files and sheets that become nothing
    laws: int = 0
    overdue: int = 0  # inherited reviews whose day has passed

    @property
    def problems(self) -> list[Problem]:
        """Give every problem once: rows in their order, then files."""
        found = [problem for item in self.items for problem in item.told] + self.loose
        at_rows = [one for one in found if one.row is not None]
        of_files = [one for one in found if one.row is None]
        return at_rows + sorted(of_files, key=lambda one: (one.file or "", str(one.id)))

    def count(self, outcome: ItemOutcome) -> int:
        """Count the items of one outcome."""
        return sum(item.outcome is outcome for item in self.items)

    @property
    def ready(self) -> list[Item]:
        """Give what can be brought in now, procedures before their forms."""
        ready = [item for item in self.items if item.outcome is ItemOutcome.CREATE]
        return sorted(ready, key=lambda item: item.kind is DocumentKind.FORM)


@dataclass(frozen=True)
class Surroundings:
    """What is known of the body while its list is looked at."""

    units: list[KnownUnit]
    today: date
    known_codes: frozenset[str] = frozenset()  # code keys of documents that are there
    prefixes: dict[str, str] = field(default_factory=dict)  # kind -> prefix of codes
    review_months: dict[str, int] = field(default_factory=dict)
