"""What can be wrong with a list and its files: ids, how grave, in words (a52)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from app.kernel.coded import N_, Coded


class Severity(Coded):
    """What a problem means for its row."""

    REFUSE = "refuse", N_("Not imported until put right")
    DOUBT = "doubt", N_("Imported only after somebody decides")
    NOTICE = "notice", N_("Imported, and shown")


class ProblemId(StrEnum):
    """Every problem that can be found; the values are stable, scripts read them."""

    ROW_WITHOUT_FILE = "row_without_file"
    FILE_WITHOUT_ROW = "file_without_row"
    ROW_WITHOUT_CODE = "row_without_code"
    DUPLICATE_CODE_IN_LIST = "duplicate_code_in_list"
    IDENTICAL_FILES = "identical_files"
    TWO_FILES_ONE_EDITION = "two_files_one_edition"
    CODE_MISMATCH = "code_mismatch"
    CODE_CONFLICT_INSIDE_FILE = "code_conflict_inside_file"
    CODE_SPELLING = "code_spelling"
    CODE_LOOKALIKE = "code_lookalike"
    CODE_IMPOSSIBLE = "code_impossible"
    IMPOSSIBLE_DATE = "impossible_date"
    DATE_AS_NUMBER = "date_as_number"
    DATE_MISSING = "date_missing"
    EFFECTIVE_BEFORE_APPROVAL = "effective_before_approval"
    EDITION_MISMATCH = "edition_mismatch"
    EDITION_LOWER = "edition_lower_than_listed"
    EDITION_MISSING = "edition_missing"
    OLDER_EDITION_FILE = "older_edition_file"
    UNIT_MISSPELT = "unit_misspelt"
    UNIT_BEFORE_MERGER = "unit_before_merger"
    UNIT_UNKNOWN = "unit_unknown"
    WITHDRAWN_ROW = "withdrawn_row"
    WITHDRAWN_BUT_CURRENT = "withdrawn_but_listed_current"
    HIDDEN_ROW = "hidden_row"
    HIDDEN_SHEET = "hidden_sheet"
    FILE_TYPE_DOC = "file_type_doc"
    FILE_TYPE = "file_type"
    FILE_PASSWORD = "file_password"  # noqa: S105 - a problem, no secret
    FILE_DAMAGED = "file_damaged"
    FILE_REFUSED = "file_refused"
    PDF_WITHOUT_TEXT = "pdf_without_text"
    TRACKED_CHANGES_LEFT = "tracked_changes_left"
    COMMENTS_LEFT = "comments_left"
    ENCODING_TCVN3 = "encoding_tcvn3"
    ENCODING_VNI = "encoding_vni"
    ENCODING_NFD = "encoding_nfd"
    ENCODING_TCVN3_IN_LIST = "encoding_tcvn3_in_list"
    ENCODING_VNI_IN_LIST = "encoding_vni_in_list"


_R, _D, _N = Severity.REFUSE, Severity.DOUBT, Severity.NOTICE
_INTO_UNICODE: Final = N_("turned into composed Unicode while it is read")
_ASK_TYPE: Final = N_("this kind of file is not taken: bring .docx, .xlsx or .pdf")

# how grave, what it says, what to do
TOLD: Final[dict[ProblemId, tuple[Severity, str, str]]] = {
    ProblemId.ROW_WITHOUT_FILE: (
        _D,
        N_("the row of the list has no file"),
        N_("Choose its file, say that it exists on paper only, or leave it out."),
    ),
    ProblemId.FILE_WITHOUT_ROW: (
        _D,
        N_("the file stands in no row of the list"),
        N_("Bring it as a document of its own, or leave it out."),
    ),
    ProblemId.ROW_WITHOUT_CODE: (
        _R,
        N_("the row has no code"),
        N_("Type its code, or leave it out."),
    ),
    ProblemId.DUPLICATE_CODE_IN_LIST: (
        _R,
        N_("the code stands in row %(first)s already"),
        N_("Type its right code, or leave this row out."),
    ),
    ProblemId.IDENTICAL_FILES: (
        _N,
        N_("the same content as %(other)s; brought once"),
        N_("Nothing to do."),
    ),
    ProblemId.TWO_FILES_ONE_EDITION: (
        _D,
        N_("another file of the same edition: %(other)s"),
        N_("Choose which of the two counts."),
    ),
    ProblemId.CODE_MISMATCH: (
        _D,
        N_("the list says '%(listed)s', the file says '%(file)s'"),
        N_("Choose the right code, or choose another file."),
    ),
    ProblemId.CODE_CONFLICT_INSIDE_FILE: (
        _D,
        N_("the file gives itself several codes: %(codes)s"),
        N_("Choose the right code; correct the file with its next revision."),
    ),
    ProblemId.CODE_SPELLING: (
        _N,
        N_("the list says '%(listed)s', the file says '%(file)s'"),
        N_("The spelling of the file is taken."),
    ),
    ProblemId.CODE_LOOKALIKE: (
        _D,
        N_("the list says '%(listed)s', the file says '%(file)s': letters only look alike"),
        N_("Choose the right code."),
    ),
    ProblemId.CODE_IMPOSSIBLE: (
        _R,
        N_("'%(listed)s' cannot be a code"),
        N_("Type its code: letters, digits, dots, slashes and hyphens."),
    ),
    ProblemId.IMPOSSIBLE_DATE: (
        _R,
        N_("'%(typed)s' is no date (%(column)s)"),
        N_("Type the right date."),
    ),
    ProblemId.DATE_AS_NUMBER: (
        _N,
        N_("'%(typed)s' was read as %(day)s (%(column)s)"),
        N_("Compare it with the paper; correct it here if it is wrong."),
    ),
    ProblemId.DATE_MISSING: (
        _D,
        N_("neither list nor file says since when it is in force"),
        N_("Type the date it came into force."),
    ),
    ProblemId.EFFECTIVE_BEFORE_APPROVAL: (
        _D,
        N_("in force on %(effective)s, before the approval on %(approved)s"),
        N_("Correct one of the two dates, or keep them as they are."),
    ),
    ProblemId.EDITION_MISMATCH: (
        _D,
        N_("the list says %(listed)s, the file says %(file)s"),
        N_("Choose the right edition, or choose another file."),
    ),
    ProblemId.EDITION_LOWER: (
        _D,
        N_("the list says %(listed)s, the only file is the older %(file)s"),
        N_("Choose the file of the newer edition, or bring the older one as it is."),
    ),
    ProblemId.EDITION_MISSING: (
        _D,
        N_("neither list nor file says which edition it is"),
        N_("Type edition and amendment."),
    ),
    ProblemId.OLDER_EDITION_FILE: (
        _N,
        N_("an earlier edition of a document of the list: it goes into its history"),
        N_("Nothing to do."),
    ),
    ProblemId.UNIT_MISSPELT: (
        _D,
        N_("no unit is called '%(typed)s'; probably %(unit)s"),
        N_("Choose the unit."),
    ),
    ProblemId.UNIT_BEFORE_MERGER: (
        _D,
        N_("'%(typed)s' is a unit from before the reorganisation; today probably %(unit)s"),
        N_("Choose the unit that has it today."),
    ),
    ProblemId.UNIT_UNKNOWN: (
        _D,
        N_("no unit is called '%(typed)s'"),
        N_("Choose the unit."),
    ),
    ProblemId.WITHDRAWN_ROW: (
        _N,
        N_("the list says it is no longer in force: it is brought as withdrawn"),
        N_("Nothing to do."),
    ),
    ProblemId.WITHDRAWN_BUT_CURRENT: (
        _D,
        N_("listed as current, but %(why)s"),
        N_("Say whether it is in force."),
    ),
    ProblemId.HIDDEN_ROW: (
        _N,
        N_("the row is hidden in the spreadsheet"),
        N_("Leave it out if it should not be there."),
    ),
    ProblemId.HIDDEN_SHEET: (
        _N,
        N_("the sheet is hidden in the spreadsheet; it was not read"),
        N_("Show the sheet and bring the list again if it counts."),
    ),
    ProblemId.FILE_TYPE_DOC: (
        _D,
        N_("an old Word file (.doc)"),
        N_("Let it be converted to .docx; the original is kept beside it."),
    ),
    ProblemId.FILE_TYPE: (_R, _ASK_TYPE, N_("Save it as one of these, then choose that file.")),
    ProblemId.FILE_PASSWORD: (
        _R,
        N_("the file is protected by a password"),
        N_("Remove the password, then bring the file again."),
    ),
    ProblemId.FILE_DAMAGED: (
        _R,
        N_("the file is damaged"),
        N_("Open it in Office, save it again, then bring it again."),
    ),
    ProblemId.FILE_REFUSED: (
        _R,
        N_("the file cannot be taken: %(reason)s"),
        N_("Mend the file, then bring it again."),
    ),
    ProblemId.PDF_WITHOUT_TEXT: (
        _N,
        N_("a scan without text: it cannot be searched or compared"),
        N_("Bring the Word file with the next revision."),
    ),
    ProblemId.TRACKED_CHANGES_LEFT: (
        _N,
        N_("the file still holds tracked changes nobody accepted"),
        N_("It is read with them accepted; clean the file with its next revision."),
    ),
    ProblemId.COMMENTS_LEFT: (
        _N,
        N_("the file still holds comments of its reviewers"),
        N_("Remove them with its next revision."),
    ),
    ProblemId.ENCODING_TCVN3: (_N, _INTO_UNICODE, N_("Compare before and after.")),
    ProblemId.ENCODING_VNI: (_N, _INTO_UNICODE, N_("Compare before and after.")),
    ProblemId.ENCODING_NFD: (_N, _INTO_UNICODE, N_("Nothing to do.")),
    ProblemId.ENCODING_TCVN3_IN_LIST: (_N, _INTO_UNICODE, N_("Compare before and after.")),
    ProblemId.ENCODING_VNI_IN_LIST: (_N, _INTO_UNICODE, N_("Compare before and after.")),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong or worth knowing, with where, and what is proposed."""

    id: ProblemId
    sheet: str | None = None
    row: int | None = None
    file: str | None = None
    code: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    proposal: Any = None

    @property
    def severity(self) -> Severity:
        """Say how grave it is."""
        return TOLD[self.id][0]

    @property
    def text(self) -> str:
        """Give the English sentence whose blanks `values` fills."""
        return TOLD[self.id][1]

    @property
    def advice(self) -> str:
        """Say what to do about it."""
        return TOLD[self.id][2]
