"""Which names and files are taken, and the reason told for each that is not."""

from pathlib import Path

import pytest

from documents.content import intake
from documents.content.intake import Reason, Refused, clean_name, kind_of
from documents.content.reading import inspect_and_read
from tests.documents.content.files import a_pdf
from tests.documents.content.hostile import REFUSED, TAKEN

pytestmark = pytest.mark.covers("T15", "D11")


def reason_of(folder: Path, data: bytes, name: str) -> Reason | None:
    """The reason a file is refused for, or None when it is taken."""
    path = folder / "upload"
    path.write_bytes(data)
    try:
        inspect_and_read(path, name)
    except Refused as refusal:
        return refusal.reason
    return None


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_file_is_refused_with_its_reason(case, tmp_path):
    reason, name, data = REFUSED[case]
    assert reason_of(tmp_path, data, name) is reason


@pytest.mark.parametrize("case", TAKEN)
def test_honest_file_is_taken(case, tmp_path):
    name, data = TAKEN[case]
    assert reason_of(tmp_path, data, name) is None


def test_file_over_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(intake.MAX_FILE_BYTES + 1)
    with pytest.raises(Refused) as refused:
        inspect_and_read(path, "a.pdf")
    assert refused.value.reason is Reason.TOO_LARGE


def test_every_reason_is_proved_and_has_a_sentence():
    proved = {reason for reason, _name, _data in REFUSED.values()} | {Reason.TOO_LARGE}
    assert proved == set(Reason)
    for reason in Reason:
        sentence = reason.sentence % reason.values
        assert len(sentence) > 20
        assert "%" not in sentence


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.docx", "passwd.docx"),
        ("..\\..\\windows\\x.docx", "x.docx"),
        ("C:\\Windows\\x.docx", "x.docx"),
        ("\\\\127.0.0.1\\share\\x.docx", "x.docx"),
        ("C:x.docx", "x.docx"),
        (" a.docx ", "a.docx"),
        ("a.docx. .", "a.docx"),
        ("ho\u200bso.docx", "hoso.docx"),
        ("evil\u202excod.docx", "evilxcod.docx"),
        ("a\r\nb\x00.docx", "a  b.docx"),
        ("Quy tri\u0300nh.docx", "Quy trình.docx"),
        ("`id`.docx", "`id`.docx"),
        ("100% hoàn thành.docx", "100% hoàn thành.docx"),
        ("console.docx", "console.docx"),
    ],
)
def test_name_is_shown_without_its_traps(given, shown):
    assert clean_name(given) == shown


@pytest.mark.parametrize(
    "given", ["", " ", ".", "..", "....docx", "nul.docx", 'x"; filename="y.docx']
)
def test_name_that_cannot_be_used_says_why(given):
    with pytest.raises(Refused) as refused:
        clean_name(given)
    assert refused.value.reason is Reason.BAD_NAME
    assert refused.value.detail


def test_long_name_keeps_its_ending_within_255_bytes():
    name = kind_of("Ồ" * 300 + ".DOCX")
    assert name.kind == "docx"
    assert name.shown.endswith(".DOCX")
    assert len(name.shown.encode()) <= 255


def test_long_honest_pdf_is_not_walked_to_its_last_object(tmp_path, monkeypatch):
    monkeypatch.setattr("documents.content.pdf_intake._MAX_OBJECTS", 20)
    assert reason_of(tmp_path, a_pdf(pages=30), "a.pdf") is None
    hidden = a_pdf(pages=30, more=[b"<</Note(stream\n/JavaScript endstream)>>"])
    assert reason_of(tmp_path, hidden, "a.pdf") is Reason.TOO_COMPLEX
