"""Sets of files with what must be read from them: those beside the project, else our own.

A clean clone has no folder beside it; then the same tests run on a set made here.
"""

import csv
import json
import os
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from tests.documents.content.files import a_docx

ROOT = Path(__file__).parents[3]
HEAD = ("Bước", "Trình tự thực hiện", "Thời gian")
CITED = (
    "Nghị định số 61/2018/NĐ-CP ngày 23/4/2018; TCVN ISO 9001:2015; "
    "QT\u2011VP\u201103 và BM-VP-03.01."
)
MOVED = "Hồ sơ nộp trực tuyến được kiểm tra trong vòng 04 giờ làm việc kể từ khi có hồ sơ mới."
SPLIT = "Việc thực hiện căn cứ quyết định. Khi văn bản thay đổi, thư ký đề nghị sửa quy trình."


def beside(name: str, marker: str, variable: str) -> Path | None:
    """Return a folder of shared material: named by the environment, or beside the project."""
    places = [os.environ.get(variable, ""), ROOT.parent / "shared" / name]
    return next((Path(p) for p in places if p and Path(p, marker).is_file()), None)


def import_set(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of a body's files and what is expected of them."""
    found = beside("import/an-hoa", "expected.json", "NENEP_IMPORT")
    if found is not None:
        return found, json.loads((found / "expected.json").read_text("utf-8"))
    first, second = SPLIT.split(". ", 1)
    old = ("1. Mục đích", MOVED, SPLIT, "2. Tài liệu viện dẫn", CITED)
    new = (
        *("1. Mục đích", first + ".", second, "2. Tài liệu viện dẫn"),
        *(CITED.replace("61/2018/NĐ-CP ngày 23/4/2018", "118/2025/NĐ-CP ngày 09/6/2025"), MOVED),
    )
    rows = ((HEAD, ("B1", "Tiếp nhận", "02 giờ")), (HEAD, ("B1", "Tiếp nhận", "01 giờ")))
    for name, edition, lines, table in (("old", 1, old, rows[0]), ("new", 2, new, rows[1])):
        data = a_docx(code="QT-VP-02", edition=edition, paragraphs=lines, rows=table)
        (folder / f"{name}.docx").write_bytes(data)
    return folder, {"files": _own_files(), "pairs": [_own_pair(old[4], new[4])]}


def _own_files() -> dict[str, Any]:
    headings = [
        {"level": 1, "number": "1", "text": "Mục đích"},
        {"level": 1, "number": "2", "text": "Tài liệu viện dẫn"},
    ]
    return {
        f"{name}.docx": {
            "code": "QT-VP-02",
            "title": "Kiểm soát thông tin dạng văn bản",
            "edition": edition,
            "amendment": 0,
            "approved_on": None,
            "effective_on": "2025-08-11",
            "signers": {},
            "headings": headings,
            "citations": {
                "laws": [{"number": law, "times": 1}],
                "standards": ["TCVN ISO 9001:2015"],
                "documents": [{"code": "QT-VP-03", "times": 1}],
                "forms": [{"code": "BM-VP-03.01", "times": 1}],
            },
        }
        for name, edition, law in (("old", 1, "61/2018/NĐ-CP"), ("new", 2, "118/2025/NĐ-CP"))
    }


def _own_pair(old: str, new: str) -> dict[str, Any]:
    changes = (
        ("move", "1 Mục đích → 2 Tài liệu viện dẫn", MOVED, MOVED),
        ("replace", "2 Tài liệu viện dẫn", old, new),
        ("replace", "2 Tài liệu viện dẫn / bảng", "02 giờ", "01 giờ"),
    )
    return {
        "old": "old.docx",
        "new": "new.docx",
        "metadata_changes": {"edition": ["01/00", "02/00"]},
        "changes": [dict(zip(("kind", "where", "old", "new"), c, strict=True)) for c in changes],
    }


def plain(text: str) -> str:
    """A text as it is compared: NFC, plain dashes, no list sign."""
    bare = unicodedata.normalize("NFC", text).replace("\u2011", "-").replace("\u2010", "-")
    return re.sub(r"^[-–+*]\s+", "", " ".join(bare.split()))


def texts(folder: Path) -> list[tuple[str, Path, str]]:
    """Name, file and expected text of the files whose words are counted; [] without the set."""
    found = beside("corpus", "manifest.csv", "NENEP_CORPUS")
    if found is None:
        lines = [f"Điều khoản {at} quy định trách nhiệm của đơn vị." for at in range(20)]
        (folder / "own.docx").write_bytes(a_docx(paragraphs=lines))
        return [("own.docx", folder / "own.docx", "\n".join(lines))]
    with (found / "manifest.csv").open(encoding="utf-8", newline="") as file:
        places = {row["file"]: found / row["class"] / row["file"] for row in csv.DictReader(file)}
    return [
        (path.stem, places[path.stem], path.read_text("utf-8-sig", "replace"))
        for path in sorted((found / "expected-text").glob("*.txt"))
    ]


LABEL = re.compile(
    r"^\s*(?:(?:[0-9]+|[A-Za-z]|[ivxlcIVXLC]+)(?:[.\-][0-9A-Za-z]+)*[.)]|\([0-9A-Za-z]+\)"
    r"|[0-9]+(?:\.[0-9]+)+|[•o\-–▪§·])\s+"
)


def counted(text: str) -> Counter[str]:
    """The words of a text with their repeats, list labels at line starts left out."""
    lines = (LABEL.sub("", line) for line in text.split("\n"))
    return Counter(re.findall(r"\w+", unicodedata.normalize("NFC", "\n".join(lines))))
