"""The Word file of a comparison: accepting gives the new text, rejecting the old one."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from documents.content.blocks import Reading
from documents.content.comparison import compare
from documents.content.reading import inspect_and_read
from documents.content.redline_docx import Hand, tracked_docx
from tests.documents.content.files import a_docx, rezipped

pytestmark = pytest.mark.covers("a23", "a24", "L7", "D11")

HAND = Hand('Lê "Thư" & Ký', datetime(2026, 11, 22, 8, tzinfo=UTC))
HEAD = ("TT", "Công việc", "Thời gian")
OLD = a_docx(
    paragraphs=(
        "1. Mục đích",
        "Người dân được ưu tiên gọi số trước khi đến.",
        "Thời hạn là năm ngày làm việc, tính từ ngày nhận.",
        "2. Phạm vi",
        "Áp dụng cho toàn cơ quan.",
        "Câu này bị bỏ hẳn đi.",
        "Việc thực hiện căn cứ quyết định. Khi văn bản thay đổi, thư ký đề nghị sửa quy trình.",
        "3. Hồ sơ lưu",
        "- Phiếu tiếp nhận <gốc> & bản sao;",
    ),
    rows=(HEAD, ("1", "Soạn thảo quy trình", "05 ngày"), ("2", "Trình ký văn bản", "01 ngày")),
)
NEW = a_docx(
    edition=2,
    paragraphs=(
        "1. Mục đích",
        "Thời hạn là ba ngày làm việc, tính từ ngày nhận.",
        "Đoạn hoàn toàn mới.",
        "2. Phạm vi",
        "Áp dụng cho toàn cơ quan.",
        "Việc thực hiện căn cứ quyết định.",
        "Khi văn bản thay đổi, thư ký đề nghị sửa quy trình.",
        "Người dân được ưu tiên gọi số trước khi đến.",
        "3. Hồ sơ cần lưu",
        "- Phiếu tiếp nhận <gốc> & bản sao;",
    ),
    rows=(
        HEAD,
        ("1", "Soạn thảo quy trình", "03 ngày"),
        ("2", "Lấy ý kiến các đơn vị", "02 ngày"),
    ),
)


@pytest.fixture
def read(tmp_path: Path):
    def reader(data: bytes) -> Reading:
        path = tmp_path / "a.docx"
        path.write_bytes(data)
        return inspect_and_read(path, path.name)

    return reader


def rejected(data: bytes) -> bytes:
    """The file as Word leaves it once every change is rejected: what was put in is taken out."""
    swapped = {b"ins": b"del", b"del": b"ins", b"moveFrom": b"moveTo", b"moveTo": b"moveFrom"}

    def change(name: str, body: bytes) -> bytes:
        if name != "word/document.xml":
            return body
        body = body.replace(b"w:delText", b"w:t")
        pattern = rb"<(/?)w:(ins|del|moveFrom|moveTo)(?=[ >/])"
        return re.sub(pattern, lambda hit: b"<%sw:%s" % (hit[1], swapped[hit[2]]), body)

    return rezipped(data, change)


def words(reading: Reading) -> list[str]:
    """Everything a reader sees of the body, each paragraph's list sign left out."""
    found: list[str] = []
    for block in reading.blocks:
        found += block.number.split() if block.kind == "heading" else []
        text = " ".join(cell.text for row in block.rows for cell in row) or block.text
        found += re.sub(r"^- ", "", text).split()
    return found


def test_accepting_all_gives_the_new_text_and_rejecting_all_the_old_one(read):
    old, new = read(OLD), read(NEW)
    made = tracked_docx(compare(old, new), HAND)
    accepted, refused = read(made), read(rejected(made))
    assert words(accepted) == words(new)
    assert words(refused) == words(old)
    assert compare(accepted, new).changes == ()
    assert compare(refused, old).changes == ()
    assert [b.number for b in accepted.blocks if b.kind == "heading"] == ["1", "2", "3"]


def test_every_change_names_who_and_when_and_rows_and_moves_are_marked(read):
    made = tracked_docx(compare(read(OLD), read(NEW)), HAND)
    bodies: dict[str, str] = {}
    rezipped(made, lambda name, body: bodies.setdefault(name, body.decode()) and body)
    xml = bodies["word/document.xml"]
    marks = re.findall(r"<w:(?:ins|del|moveFrom|moveTo)(?= )[^>]*>", xml)
    assert len(marks) > 10
    for mark in marks:
        assert 'w:date="2026-11-22T08:00:00Z"' in mark
        assert "Lê" in mark
        assert "w:id=" in mark
    numbers = re.findall(r'<w:(?!moveFromRangeEnd|moveToRangeEnd|numId)\w+ w:id="(\d+)"', xml)
    assert len(numbers) == len(set(numbers))
    assert "<w:trPr><w:ins" in xml
    names = re.findall(r'<w:move(From|To)RangeStart [^>]*w:name="(\w+)"', xml)
    assert sorted(side for side, _name in names) == ["From", "To"]
    assert len({name for _side, name in names}) == 1


def test_a_number_that_shifts_is_tracked_too(read):
    old = read(a_docx(paragraphs=("1. Mục đích", "Câu thứ nhất.", "2. Hồ sơ lưu", "Câu cuối.")))
    new = read(
        a_docx(
            paragraphs=(
                *("1. Mục đích", "Câu thứ nhất.", "2. Trách nhiệm"),
                *("Thủ trưởng ký ban hành.", "3. Hồ sơ lưu", "Câu cuối."),
            )
        )
    )
    made = tracked_docx(compare(old, new), HAND)
    assert words(read(made)) == words(new)
    assert words(read(rejected(made))) == words(old)


def test_libreoffice_opens_it(read, tmp_path):
    """The other program public bodies use reads the same words."""
    made = tmp_path / "changes.docx"
    made.write_bytes(tracked_docx(compare(read(OLD), read(NEW)), HAND))
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "txt:Text", made.name],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=90,
    )
    text = made.with_suffix(".txt").read_text("utf-8-sig")
    for line in ("Đoạn hoàn toàn mới.", "Lấy ý kiến các đơn vị", "Hồ sơ cần lưu"):
        assert line in text
