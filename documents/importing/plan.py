"""What each row of a list will become, and why not: the dry run (a52, a53, L11)."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.search import code_key
from documents.importing.belonging import parent_code, review_is_overdue, tails
from documents.importing.choices import NOTHING, Choice
from documents.importing.found_files import FoundFile
from documents.importing.items import Item, ItemOutcome, Plan, Surroundings
from documents.importing.kinds import kind_of
from documents.importing.listing import Listing
from documents.importing.looking import look_at_file, look_at_row
from documents.importing.matching import Match, is_history, match
from documents.importing.problems import Problem, ProblemId, Severity
from documents.importing.spelling import plain_spelling
from documents.importing.unit_names import UnitFound, UnitMatch, find_unit, unit_of_code
from documents.importing.values import ListedState


def make_plan(
    listing: Listing,
    files: Iterable[FoundFile],
    around: Surroundings,
    choices: dict[str, Choice] | None = None,
) -> Plan:
    """Say of every row and file what it will become."""
    return _Planning(listing, list(files), around, choices or {}).run()


class _Planning:
    """One look at a list and its files."""

    def __init__(
        self,
        listing: Listing,
        files: list[FoundFile],
        around: Surroundings,
        choices: dict[str, Choice],
    ) -> None:
        self.listing, self.files, self.around, self.choices = listing, files, around, choices
        self.plan = Plan(laws=len(listing.laws))

    def run(self) -> Plan:
        """Match, look, decide what becomes of each."""
        by_path = {file.path: file for file in self.files}
        rows = self.listing.rows
        chosen = {
            key: by_path.get(choice.file) for key, choice in self.choices.items() if choice.file
        }
        chosen |= {key: None for key, choice in self.choices.items() if choice.on_paper}
        self.listed = {code_key(row.code) for row in rows if row.code}
        codes = {key: choice.code for key, choice in self.choices.items() if choice.code}
        left_out = {key for key, choice in self.choices.items() if choice.leave_out}
        matched = match([row for row in rows if row.key not in left_out], self.files, codes, chosen)
        for one in matched.matches:
            if not is_history(one):
                self.plan.items.append(self._item(one))
            else:
                self._note_withdrawn(one)
        self.plan.items += [
            Item(row.key, row, None, code=row.code, title=row.title, choice=Choice(leave_out=True))
            for row in rows
            if row.key in left_out
        ]
        for file in sorted(matched.alone, key=lambda file: file.path):
            self.plan.items.append(self._lone(file))
        for copy, kept in matched.identical:
            code = plain_spelling(kept.code) or None
            self.plan.loose.append(
                Problem(
                    ProblemId.IDENTICAL_FILES,
                    file=copy.path,
                    code=code,
                    values={"other": kept.path},
                )
            )
        for name in self.listing.hidden_sheets:
            self.plan.loose.append(Problem(ProblemId.HIDDEN_SHEET, sheet=name))
        self._settle()
        return self.plan

    def _note_withdrawn(self, one: Match) -> None:
        self.plan.loose.append(
            Problem(
                ProblemId.WITHDRAWN_ROW,
                sheet=one.row.sheet,
                row=one.row.number,
                code=one.row.code or None,
            )
        )

    def _item(self, one: Match) -> Item:
        choice = self.choices.get(one.row.key, NOTHING)
        item = Item(
            key=one.row.key,
            row=one.row,
            file=one.main,
            older=list(one.older),
            beside=list(one.beside),
            earlier_rows=list(one.earlier),
            choice=choice,
        )
        item.convert = choice.convert or choice.accept
        item.code = choice.code or self._code(one, self.listed)
        item.ended = one.row.state is ListedState.ENDED if choice.ended is None else choice.ended
        look_at_row(item, one, self.around)
        self._fill(item)
        return item

    @staticmethod
    def _code(one: Match, others: set[str]) -> str:
        """Give the code as the document writes it, unless another row has it; else the list's."""
        written = one.main.code if one.main is not None and one.main.code else ""
        is_anothers = code_key(written) in others and code_key(written) != code_key(one.code)
        if written and not is_anothers:
            return written
        return plain_spelling(one.code).upper()

    def _lone(self, file: FoundFile) -> Item:
        """Look at a file that stands in no row."""
        key = f"file:{file.path}"
        choice = self.choices.get(key, NOTHING)
        item = Item(key=key, row=None, file=file, choice=choice)
        item.convert = choice.convert or choice.accept
        item.code = choice.code or file.code
        item.ended = bool(choice.ended)
        if not file.refused:
            item.add(ProblemId.FILE_WITHOUT_ROW, of_row=False)
        look_at_file(item, file)
        self._fill(item)
        return item

    def _fill(self, item: Item) -> None:
        """Put together what the document will be: decisions, then list, then file."""
        row, file, choice = item.row, item.file, item.choice
        says_title = file is not None and code_key(file.title) != code_key(item.code)
        item.title = choice.title or (file.title if file is not None and says_title else "")
        item.title = item.title or (row.title if row is not None else "") or item.code
        listed = (row.edition, row.amendment) if row is not None else (None, None)
        said = (file.edition, file.amendment) if file is not None else (None, None)
        differs = None not in (listed[0], said[0]) and (listed[0], listed[1] or 0) != (
            said[0],
            said[1] or 0,
        )
        edition, amendment = said if listed[0] is None or differs else listed
        item.edition = edition if choice.edition is None else choice.edition
        item.amendment = (amendment or 0) if choice.edition is None else choice.amendment or 0
        from_file = differs  # a file of another edition has other dates too
        for name in ("approved", "effective"):
            decided = getattr(choice, f"{name}_on")
            in_list = getattr(row, name).day if row is not None else None
            in_file = getattr(file, f"{name}_on") if file is not None else None
            first, second = (in_file, in_list) if from_file else (in_list, in_file)
            setattr(item, f"{name}_on", decided or first or second)
        item.kind = kind_of(item.code, row, file, self.around.prefixes)
        self._place(item)
        if (
            not (item.approved_on or item.effective_on)
            and not item.ended
            and not _has(item, ProblemId.IMPOSSIBLE_DATE)
        ):
            item.add(ProblemId.DATE_MISSING)
        if item.edition is None:
            item.edition = 1
            if not item.ended and not (file is not None and file.refused):
                item.add(ProblemId.EDITION_MISSING)

    def _place(self, item: Item) -> None:
        units, row = self.around.units, item.row
        if item.choice.unit_id is not None:
            item.unit = next((unit for unit in units if unit.id == item.choice.unit_id), None)
        typed = row.unit if row is not None else ""
        found = find_unit(typed, units) if typed else UnitMatch(UnitFound.GIVEN_NONE)
        problem = {
            UnitFound.MISSPELT: ProblemId.UNIT_MISSPELT,
            UnitFound.BEFORE_MERGER: ProblemId.UNIT_BEFORE_MERGER,
            UnitFound.UNKNOWN: ProblemId.UNIT_UNKNOWN,
        }.get(found.found)
        if problem is not None:
            proposed = found.unit.name if found.unit is not None else None
            item.add(problem, typed=typed, unit=proposed or "?", proposal=proposed)
        item.unit = item.unit or found.unit or unit_of_code(item.code, units)

    def _settle(self) -> None:
        """Say what becomes of each item, whose form it is, and where inherited reviews stand."""
        by_tail = tails(self.plan.items)
        overdue = 0
        for item in self.plan.items:
            item.outcome = self._outcome(item)
            item.parent_code = parent_code(item, by_tail)
            if item.ended or item.choice.leave_out or item.effective_on is None:
                continue
            if review_is_overdue(item, self.around):
                item.review_place = overdue
                overdue += 1
        self.plan.overdue = overdue

    def _outcome(self, item: Item) -> ItemOutcome:
        if item.choice.leave_out:
            return ItemOutcome.LEFT_OUT
        if code_key(item.code) in self.around.known_codes and not _has(
            item, ProblemId.DUPLICATE_CODE_IN_LIST
        ):
            return ItemOutcome.THERE
        severities = {problem.severity for problem in item.open_problems}
        if Severity.REFUSE in severities:
            return ItemOutcome.REFUSE
        return ItemOutcome.DOUBT if Severity.DOUBT in severities else ItemOutcome.CREATE


def _has(item: Item, problem: ProblemId) -> bool:
    return any(one.id is problem for one in item.problems)
