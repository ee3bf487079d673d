"""`nenep check` and `nenep compare`: files on a laptop, without database or installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.commands import call
from documents.content import recogniser as found_program
from documents.content.recogniser import recogniser
from tests.documents.content.files import a_docx, a_pdf, a_scan_pdf, an_xlsx, pictured
from tests.installed import Installed

pytestmark = pytest.mark.covers("a23", "a24", "a54", "D11", "T15")
KEYS = (
    *("file", "accepted", "reason", "message", "title", "code", "edition", "amendment"),
    *("approved_on", "effective_on", "signers", "headings", "words", "citations", "scan"),
)
LINES = ("1. Mục đích", "Theo Nghị định số 61/2018/NĐ-CP và QT-VP-03.", "Thời hạn là năm ngày.")
OTHER = ("1. Mục đích", "Theo Nghị định số 61/2018/NĐ-CP và QT-VP-03.", "Thời hạn là ba ngày.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with good files and bad ones."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "một.docx").write_bytes(a_docx(paragraphs=LINES))
    (tmp_path / "in" / "deep" / "hai.xlsx").write_bytes(an_xlsx())
    (tmp_path / "in" / "quét.pdf").write_bytes(a_scan_pdf(2))
    (tmp_path / "in" / "giả.docx").write_bytes(a_pdf())
    (tmp_path / "in" / "rỗng.pdf").write_bytes(b"")
    (tmp_path / "in" / "ghi chú.txt").write_text("chữ")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_file_is_one_line_with_the_same_keys(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["check", str(folder / "in"), "--json"]) == 1
    lines = told(capsys)
    assert [tuple(line) for line in lines] == [KEYS] * 6
    by_name = {Path(line["file"]).name: line for line in lines}
    assert {name: line["reason"] for name, line in by_name.items()} == {
        "hai.xlsx": None,
        "một.docx": None,
        "quét.pdf": None,
        "giả.docx": "wrong-type",
        "rỗng.pdf": "empty",
        "ghi chú.txt": "type-not-allowed",
    }
    good = by_name["một.docx"]
    assert (good["code"], good["edition"], good["amendment"]) == ("QT-VP-01", 1, 0)
    assert good["effective_on"] == "2025-08-11"
    assert good["headings"] == [{"level": 1, "number": "1", "text": "Mục đích"}]
    assert good["words"] > 20
    (law,), (document,) = good["citations"]["laws"], good["citations"]["documents"]
    assert (law["number"], law["times"]) == ("61/2018/NĐ-CP", 1)
    assert law["passage"] == LINES[1]
    assert document["code"] == "QT-VP-03"
    assert good["citations"]["standards"] == good["citations"]["forms"] == []
    assert by_name["quét.pdf"]["scan"] is True
    assert "empty" in by_name["rỗng.pdf"]["message"]


def test_the_text_is_written_and_messages_speak_vietnamese(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(folder / "in" / name) for name in ("một.docx", "rỗng.pdf")]
    out = folder / "text"
    assert call(["check", *files, "--text-to", str(out), "--json", "--language", "vi"]) == 1
    assert [path.name for path in out.iterdir()] == ["một.docx.txt"]
    assert "Thời hạn là năm ngày." in (out / "một.docx.txt").read_text("utf-8")
    assert told(capsys)[1]["message"].startswith("Tệp rỗng")


def test_without_json_people_read_sentences_and_good_files_end_with_0(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["check", str(folder / "in" / "một.docx"), str(folder / "in" / "quét.pdf")]) == 0
    said = capsys.readouterr()
    assert "một.docx: taken. QT-VP-01 · Kiểm soát thông tin dạng văn bản · 01/00" in said.out
    assert "cites 1 laws, 0 standards, 1 documents, 0 forms" in said.out
    assert "A scan: its words cannot be read." in said.out
    assert "Files read: 2/2" in said.err


def test_wrong_usage_is_2_and_help_tells_the_shapes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["check"]) == 2
    assert call(["check", str(folder / "nothing.docx")]) == 2
    assert call(["compare", str(folder / "in" / "một.docx")]) == 2
    (folder / "bare").mkdir()
    assert call(["check", str(folder / "bare")]) == 1
    capsys.readouterr()
    assert call(["check", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(key in shown for key in (*KEYS, "laws", "passage"))
    assert call(["compare", "--help"]) == 0
    assert "metadata_changes" in capsys.readouterr().out


def test_two_files_are_compared_and_both_forms_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folder / "old.docx", folder / "new.docx"
    old.write_bytes(a_docx(paragraphs=LINES))
    new.write_bytes(a_docx(paragraphs=OTHER, edition=2))
    page, word = folder / "page.html", folder / "word.docx"
    written = ["--html", str(page), "--docx", str(word), "--language", "vi"]
    assert call(["compare", str(old), str(new), "--json", *written]) == 0
    (found,) = told(capsys)
    (change,) = found["changes"]
    assert (change["kind"], change["where"]) == ("replace", "1 Mục đích")
    assert (change["old"], change["new"]) == (LINES[2], OTHER[2])
    assert (change["removed_words"], change["added_words"]) == (["năm"], ["ba"])
    assert found["metadata_changes"] == {"edition": ["01/00", "02/00"]}
    assert found["formatting_changes"] == 0
    shown = page.read_text("utf-8")
    assert '<a href="#c0">1 Mục đích</a>: sửa' in shown
    assert "<del>" in shown
    assert "thêm" in shown
    assert call(["check", str(word), "--json"]) == 0
    assert told(capsys)[0]["headings"] == [{"level": 1, "number": "1", "text": "Mục đích"}]
    assert call(["compare", str(old), str(new)]) == 0
    assert "1 changes, +1 −1 words; 0 of formatting only." in capsys.readouterr().out


def test_what_cannot_be_compared_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = str(folder / "in" / "một.docx")
    assert call(["compare", good, str(folder / "in" / "quét.pdf")]) == 1
    assert "is a scan" in capsys.readouterr().err
    assert call(["compare", str(folder / "in" / "rỗng.pdf"), good]) == 1
    assert "refused (empty)" in capsys.readouterr().err


@pytest.mark.slow
def test_no_installation_is_needed_and_none_is_made(folder: Path) -> None:
    bare = Installed(folder / "data", NENEP_ENV="production", DATABASE_URL="postgresql://nowhere/x")
    said = bare.nenep("check", str(folder / "in" / "một.docx"), "--json")
    assert json.loads(said)["accepted"] is True
    assert not (folder / "data").exists()


def test_words_of_a_scan_are_recognised_when_asked_and_stay_apart(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recogniser(), "Tesseract with Vietnamese is missing: apt-get install tesseract-ocr-vie"
    (folder / "chữ.pdf").write_bytes(pictured(("Căn cứ Nghị định số 61/2018/NĐ-CP", "Mã: QT-9")))
    given = [str(folder / "chữ.pdf"), str(folder / "in" / "một.docx")]
    texts = folder / "texts"
    assert call(["check", "--recognise", "--text-to", str(texts), *given, "--json"]) == 0
    scan, words = told(capsys)
    assert tuple(scan) == (*KEYS, "recognised")
    assert words["recognised"] is None
    assert (scan["words"], scan["code"], scan["citations"]["laws"]) == (0, "", [])
    seen = scan["recognised"]
    assert (seen["pages"], seen["of"]) == (1, 1)
    assert [law["number"] for law in seen["doubtful"]["citations"]["laws"]] == ["61/2018/NĐ-CP"]
    assert (texts / "chữ.pdf.txt").read_text() == ""
    assert "Nghị định" in (texts / "chữ.pdf.recognised.txt").read_text()
    assert call(["check", "--recognise", given[0]]) == 0
    assert "they are doubtful" in capsys.readouterr().out


def test_recognising_without_the_program_says_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_program, "PROGRAM", "no-such-program")
    assert call(["check", "--recognise", str(folder / "in" / "quét.pdf")]) == 1
    assert "tesseract-ocr-vie" in capsys.readouterr().err
