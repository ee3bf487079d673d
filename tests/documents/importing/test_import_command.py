"""`nenep import`: one problem a line, nothing written by a dry run, restarted after kills (L11)."""

import json
import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from documents.models import Document, ImportBatch
from tests.conftest import DATABASES, fresh_postgres
from tests.documents.importing import kills
from tests.documents.importing.wards import UNITS, Paper, Ward, a_mixed_ward
from tests.installed import Installed

pytestmark = pytest.mark.covers("a52", "a53", "L11")
KEYS = ["id", "severity", "sheet", "row", "file", "code", "detail"]
AN_HOA = Path(__file__).parents[4] / "shared" / "import" / "an-hoa"


@pytest.fixture(params=DATABASES)
def ward_office(request, tmp_path) -> Installed:
    url = fresh_postgres("nenep_import") if request.param == "postgresql" else ""
    made = Installed(tmp_path / "data", url)
    made.nenep("migrate")
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    made.nenep("body", "create", "tb", "UBND phường Tân Bình", "--units", f"{tmp_path}/units.csv")
    return made


def count(place: Installed, record: type) -> int:
    with place.opened():
        return db.session.scalar(sa.select(sa.func.count()).select_from(record)) or 0


def test_a_dry_run_says_one_problem_a_line_and_writes_nothing(ward_office, tmp_path):
    ward = a_mixed_ward(tmp_path / "ward")
    order = ("import", "--body", "tb", f"{ward.folder}/danh-muc.xlsx", f"{ward.folder}/files")
    found = ward_office.objects(*order, "--dry-run", "--json")
    assert all(list(one) == KEYS for one in found)
    by_id = {one["id"]: one for one in found}
    assert set(by_id) == {
        "older_edition_file",
        "code_spelling",
        "unit_misspelt",
        "encoding_tcvn3",
        "withdrawn_row",
        "code_mismatch",
        "row_without_file",
        "file_without_row",
    }
    assert by_id["code_spelling"] == {
        "id": "code_spelling",
        "severity": "notice",
        "sheet": "Danh mục",
        "row": 7,
        "file": "files/QT-VP-02 Đánh giá nội bộ.docx",
        "code": "QT-VP-02",
        "detail": "danh mục ghi 'QT.VP.02', tệp ghi 'QT-VP-02'",
    }
    assert by_id["row_without_file"]["file"] is None
    assert by_id["file_without_row"]["row"] is None
    assert count(ward_office, Document) == count(ward_office, ImportBatch) == 0


def test_it_brings_in_what_is_ready_and_is_safe_to_repeat(ward_office, tmp_path):
    ward = a_mixed_ward(tmp_path / "ward")
    order = ("import", "--body", "tb", f"{ward.folder}/danh-muc.xlsx", f"{ward.folder}/files")
    ward_office.nenep(*order)
    assert count(ward_office, Document) == 7
    ward_office.nenep(*order, "--on-paper", "--accept")
    assert count(ward_office, Document) == 11
    ward_office.nenep(*order, "--on-paper", "--accept")
    assert count(ward_office, Document) == 11
    assert count(ward_office, ImportBatch) == 1


def test_what_is_no_list_or_no_body_is_said_in_words(ward_office, tmp_path):
    ward = Ward(tmp_path / "ward")
    list_path, files = ward.save(), tmp_path / "ward/files"
    assert "There is no" in ward_office.nenep(
        "import", "--body", "xx", str(list_path), str(files), code=1
    ) or ward_office.nenep("import", "--body", "xx", str(list_path), str(files), code=1)
    (tmp_path / "odd.xlsx").write_bytes(b"no workbook")
    answer = ward_office.nenep(
        "import", "--body", "tb", f"{tmp_path}/odd.xlsx", str(files), "--dry-run", code=1
    )
    assert "odd.xlsx cannot be read" in answer


@pytest.mark.covers("T01", "T17")
def test_killed_at_any_moment_and_started_again_it_ends_the_same(tmp_path):
    found = kills.run(tmp_path, rounds=2, size=6)
    assert found.killed >= 2
    assert (found.lost, found.twice, found.different, found.unsound) == (0, 0, 0, 0)


def test_sixty_files_come_in_within_a_minute(tmp_path):
    made = Installed(tmp_path / "data")
    made.nenep("migrate")
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    made.nenep("body", "create", "tb", "UBND phường Tân Bình", "--units", f"{tmp_path}/units.csv")
    ward = Ward(tmp_path / "ward")
    for number in range(60):
        ward.add(Paper(f"QT-VP-{number:02}", f"Công việc {number}"))
    ward.save()
    began = time.monotonic()
    made.nenep("import", "--body", "tb", f"{ward.folder}/danh-muc.xlsx", f"{ward.folder}/files")
    assert time.monotonic() - began < 60
    assert count(made, Document) == 60


def _an_hoa() -> Path | None:
    """The folder of the invented ward: named by the environment, or beside the project."""
    place = Path(os.environ.get("NENEP_AN_HOA", "") or AN_HOA)
    return place if (place / "expected.json").is_file() else None


def test_the_ward_an_hoa_is_read_as_its_truth_says_where_it_is_at_hand(tmp_path):
    """Where the set is not at hand the same classes stand in the tests beside."""
    place = _an_hoa()
    if place is None:
        assert a_mixed_ward(tmp_path).folder.is_dir()
        return
    made = Installed(tmp_path / "data")
    made.nenep("migrate")
    made.nenep("body", "create", "ah", "UBND phường An Hòa", "--units", f"{place}/don-vi.csv")
    order = ("import", "--body", "ah", f"{place}/danh-muc.xlsx", f"{place}/files")
    found = made.objects(*order, "--dry-run", "--json")
    truth = json.loads((place / "expected.json").read_text(encoding="utf-8"))
    wanted = [{key: one.get(key) for key in KEYS} for one in truth["dry_run"]["problems"]]
    assert sorted(map(str, found)) == sorted(map(str, wanted))
