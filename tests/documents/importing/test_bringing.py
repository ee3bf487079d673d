"""What comes in keeps its history, comes in once, and can be stopped and taken up again (a53)."""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.jobs import bring_imports, switch_revisions
from app.kernel.db import db
from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Person, Role
from app.kernel.search_index import Scope, find
from app.kernel.signatures import Signature
from app.kernel.staging import staging, sweep_staged
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import register
from documents.content import rendition
from documents.importing import batches
from documents.importing.choices import Choice
from documents.importing.items import ItemOutcome
from documents.importing.reading_files import Tools
from documents.models import (
    Citation,
    Decision,
    Document,
    FileRole,
    ImportBatch,
    ImportedHistory,
    ImportState,
    Revision,
    RevisionState,
)
from documents.overdue_review import overdue_documents
from tests.builders import a_body, a_person, a_unit
from tests.documents.importing.wards import (
    CULTURE,
    ECONOMY,
    OFFICE,
    Paper,
    Ward,
    a_mixed_ward,
    listed,
)
from tests.trails import checked

pytestmark = pytest.mark.covers("a52", "a53", "L11")
DECIDED = {
    "QT-VX-01": Choice(accept=True),
    "QT-VP-16": Choice(accept=True),
    "BM-VP-02.01": Choice(on_paper=True),
    "QT-VP-30": Choice(leave_out=True),
}


class Office:
    """A body of today's units, its officer, and the tools of this application."""

    def __init__(self, app: Any) -> None:
        self.app = app
        body = a_body(name="UBND phường Tân Bình")
        for code, name in (("VP", OFFICE), ("KT", ECONOMY), ("VX", CULTURE)):
            a_unit(body, code, name)
        self.officer: Person = a_person(body, Role.QUALITY_OFFICER)
        self.body_id = body.id
        here = app.extensions["nenep"]
        self.tools = Tools(here.store, staging(), app.extensions["nenep.workshop"])

    def brought(self, ward: Ward) -> int:
        """Bring list and files as the screen does, and let them be read."""
        sheets = self.tools.workshop.sheets(ward.save(), "danh-muc.xlsx")
        staged = []
        for path in sorted((ward.folder / "files").rglob("*")):
            if path.is_file():
                with path.open("rb") as stream:
                    there, sha256, size = self.tools.staging.receive(stream, at_most=10**8)
                self.tools.staging.keep(there, sha256)
                name = path.relative_to(ward.folder / "files").as_posix()
                staged.append((name, sha256, size))
        with unit_of_work(self.officer) as work:
            batch = batches.begin(work, work.actor.body, "danh-muc.xlsx", "0" * 64, sheets)
            for name, sha256, size in staged:
                batches.add_file(work, batch, name, sha256, size)
            batch_id = batch.id
        bring_imports(datetime.now(UTC))
        assert self.batch(batch_id).state is ImportState.READY
        return batch_id

    def batch(self, batch_id: int) -> ImportBatch:
        """Give the batch as it is now."""
        db.session.expire_all()
        return db.session.get_one(ImportBatch, batch_id)

    def decide(self, batch_id: int, decided: dict[str, Choice]) -> None:
        """Decide about rows by their codes."""
        plan = batches.plan_of(db.session(), self.batch(batch_id))
        keys = {item.code: item.key for item in plan.items}
        with unit_of_work(self.officer) as work:
            batch = work.session.get_one(ImportBatch, batch_id)
            for code, choice in decided.items():
                batches.decide(work, batch, keys[code], choice)

    def start(self, batch_id: int) -> None:
        """Press the button."""
        with unit_of_work(self.officer) as work:
            batches.start(work, work.session.get_one(ImportBatch, batch_id))

    def revisions(self, code: str) -> list[Revision]:
        """Give the revisions of a document, oldest first."""
        document = db.session.scalars(
            sa.select(Document).where(Document.body_id == self.body_id, Document.code == code)
        ).one()
        return list(document.revisions)


@pytest.fixture
def office(app) -> Office:
    return Office(app)


def came_in(office: Office, ward: Ward, decided: dict[str, Choice] | None = None) -> int:
    batch_id = office.brought(ward)
    office.decide(batch_id, DECIDED if decided is None else decided)
    office.start(batch_id)
    bring_imports(datetime.now(UTC))
    assert office.batch(batch_id).state is ImportState.DONE
    return batch_id


def facts(*names: str) -> Counter[str]:
    rows = db.session.scalars(sa.select(TrailEntry.fact).where(TrailEntry.fact.in_(names)))
    return Counter(rows)


@pytest.mark.covers("D1", "D4", "D9", "T1")
def test_editions_dates_codes_and_signers_come_in_as_history(office, tmp_path):
    came_in(office, a_mixed_ward(tmp_path))
    older, newer = office.revisions("QT-VP-01")
    assert [(one.label, one.state) for one in (older, newer)] == [
        ("01/00", RevisionState.OBSOLETE),
        ("02/00", RevisionState.EFFECTIVE),
    ]
    assert newer.predecessor_id == older.id
    assert older.effective_on == date(2023, 2, 15)
    assert older.ended_at == newer.effective_at == datetime(2025, 8, 17, 17, 0, tzinfo=UTC)
    history = register.history_of(db.session(), newer)
    assert (history.approver_name, history.author_name) == ("Lê Thị Duyệt", "Trần Văn Soạn")
    assert (history.former_code, history.approved_on) == ("QT.01", date(2025, 8, 4))
    assert office.revisions("QT-VP-02")[0].document.code_key == "QTVP02"
    assert office.revisions("QT-VP-09")[0].state is RevisionState.WITHDRAWN
    assert office.revisions("QT-VP-09")[0].document.next_review_on is None
    paper = office.revisions("BM-VP-02.01")[0]
    assert register.history_of(db.session(), paper).on_paper
    assert paper.main_file is None
    assert paper.document.parent.code == "QT-VP-02"
    assert office.revisions("BM-VP-01.01")[0].document.parent.code == "QT-VP-01"
    assert office.revisions("QT-VX-01")[0].document.lead_unit.name == CULTURE
    # nobody signed, decided or must read anything here
    for record in (Signature, Decision, Notice):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(record)) == 0
    told = facts("document.imported", "revision.imported", "import.started", "import.finished")
    assert told == {
        "document.imported": 10,
        "revision.imported": 11,
        "import.started": 1,
        "import.finished": 1,
    }
    secret = db.session.scalars(
        sa.select(TrailEntry.details).where(TrailEntry.fact == "revision.imported")
    )
    assert not any("Duyệt" in details for details in secret)  # no person's name (T4)
    assert checked(office.app).is_sound


def test_text_of_before_unicode_is_found_by_what_it_says(office, tmp_path):
    came_in(office, a_mixed_ward(tmp_path))
    revision = office.revisions("QT-KT-02")[0]
    (hit,) = find(db.session(), "chất", scope=Scope(revision.body_id))
    assert hit.entry.revision_id == revision.id
    assert register.history_of(db.session(), revision).encoding == "TCVN3"
    assert "Quy định này áp dụng" in str(
        register.reading_of(db.session(), revision.main_file.sha256)
    )


@pytest.mark.covers("D4", "a25")
def test_what_is_approved_for_a_later_day_comes_into_force_on_it(office, tmp_path):
    ward = a_mixed_ward(tmp_path)
    ward.file("cu/QT-VP-03 ban cu.docx", Paper("QT-VP-03", "Sắp có hiệu lực", 1, 0))
    came_in(office, ward)
    now, coming = office.revisions("QT-VP-03")
    assert (now.state, coming.state) == (RevisionState.EFFECTIVE, RevisionState.APPROVED)
    assert switch_revisions(datetime(2027, 2, 28, 12, tzinfo=UTC)) == 0
    assert switch_revisions(datetime(2027, 2, 28, 18, tzinfo=UTC)) == 1  # the first of March there
    db.session.expire_all()
    now, coming = office.revisions("QT-VP-03")
    assert (now.state, coming.state) == (RevisionState.OBSOLETE, RevisionState.EFFECTIVE)
    assert now.distribution is None  # what was taken over asks nobody to read
    assert not coming.distribution.is_asking


@pytest.mark.covers("D4")
def test_an_awaiting_revision_that_changed_since_does_not_come_into_force(office, tmp_path):
    came_in(office, a_mixed_ward(tmp_path))
    with unit_of_work(None) as work:
        history = work.session.scalars(
            sa.select(ImportedHistory).where(ImportedHistory.content_sha256 != "")
        ).one()
        package = history.revision.package
        assert history.covers(package)
        history.revision.title = "Một nội dung khác"
        assert not history.covers(package)
        work.session.rollback()


@pytest.mark.covers("D7")
def test_reviews_inherited_late_are_spread_over_twelve_months_and_do_not_climb(office, tmp_path):
    ward = Ward(tmp_path)
    for number in range(24):
        ward.add(
            Paper(f"QT-VP-{number:02}", f"Việc {number}", approved="1/2/2019", effective="2/2/2019")
        )
    ward.add(Paper("QT-VP-90", "Còn hạn", approved="1/11/2026", effective="2/11/2026"))
    batch_id = came_in(office, ward, {})
    began = office.batch(batch_id).began_on
    days = [
        day
        for day in db.session.scalars(
            sa.select(Document.next_review_on).where(
                Document.body_id == office.body_id, Document.code != "QT-VP-90"
            )
        )
        if day is not None
    ]
    assert len(days) == 24
    assert min(days) > began
    assert max(days) == began + timedelta(days=365)
    months = Counter((day - began).days * 12 // 366 for day in days)
    assert set(months) == set(range(12))
    assert set(months.values()) == {2}
    assert overdue_documents(db.session(), office.body_id, began) == []
    on_time = office.revisions("QT-VP-90")[0].document
    assert on_time.next_review_on == date(2028, 11, 2)


def test_bringing_the_same_again_adds_nothing(office, tmp_path):
    ward = a_mixed_ward(tmp_path)
    came_in(office, ward)
    before = snapshot(office)
    again = office.brought(ward)
    plan = batches.plan_of(db.session(), office.batch(again))
    assert plan.count(ItemOutcome.THERE) == 10
    office.start(again)
    bring_imports(datetime.now(UTC))
    assert snapshot(office) == before


def snapshot(office: Office) -> list[tuple[Any, ...]]:
    """What a body holds after an import, without moments and keys."""
    db.session.expire_all()
    found = []
    for document in db.session.scalars(
        sa.select(Document).where(Document.body_id == office.body_id).order_by(Document.code)
    ):
        parent = document.parent.code if document.parent else ""
        for one in document.revisions:
            files = tuple((str(file.role), file.sha256, file.name) for file in one.files)
            unit = document.lead_unit.code
            found.append(
                (
                    *(document.code, document.title, str(document.kind), unit, parent),
                    *(document.next_review_on, one.label, str(one.state), one.effective_on, files),
                )
            )
    return found


@pytest.mark.covers("T01", "T17")
def test_an_import_cut_anywhere_ends_like_one_that_never_was(office, tmp_path, monkeypatch):
    ward = a_mixed_ward(tmp_path)
    came_in(office, ward)
    whole = snapshot(office)
    other = Office(office.app)
    batch_id = other.brought(ward)
    other.decide(batch_id, DECIDED)
    other.start(batch_id)
    real, cut = batches.bring, 0

    class Cut(BaseException):
        """Like a power cut: nothing that is not committed stays."""

    def bring_and_cut(work, item, common):
        nonlocal cut
        document = real(work, item, common)
        cut += 1
        if cut % 2:
            raise Cut
        return document

    monkeypatch.setattr(batches, "bring", bring_and_cut)
    for _round in range(40):
        try:
            batches.run(db.session(), batch_id, other.tools)
        except Cut:
            continue
        break
    assert other.batch(batch_id).state is ImportState.DONE
    assert cut > 15
    assert snapshot(other) == whole
    assert facts("import.finished")["import.finished"] == 2
    assert checked(office.app).is_sound


@pytest.mark.covers("e15")
def test_an_import_is_stopped_and_taken_up_again(office, tmp_path):
    batch_id = office.brought(a_mixed_ward(tmp_path))
    office.decide(batch_id, DECIDED)
    office.start(batch_id)
    seen: list[tuple[int, int]] = []

    def stop_at_three(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            with unit_of_work(office.officer) as work:
                batches.cancel(work, work.session.get_one(ImportBatch, batch_id))

    batches.run(db.session(), batch_id, office.tools, progress=stop_at_three)
    assert office.batch(batch_id).state is ImportState.CANCELLED
    assert seen == [(1, 10), (2, 10), (3, 10)]
    assert batches.count_brought(db.session(), batch_id) == 3
    assert bring_imports(datetime.now(UTC)) == 0
    office.start(batch_id)
    with pytest.raises(RuleBroken):
        office.decide(batch_id, {"QT-VP-30": Choice(accept=True)})
    bring_imports(datetime.now(UTC))
    assert batches.count_brought(db.session(), batch_id) == 10


@pytest.mark.covers("T05")
def test_only_a_quality_officer_of_the_whole_body_imports(office, tmp_path):
    batch_id = office.brought(a_mixed_ward(tmp_path))
    manager = a_person(office.officer.home_unit, Role.MANAGER)
    with pytest.raises(Forbidden), unit_of_work(manager) as work:
        batches.start(work, work.session.get_one(ImportBatch, batch_id))


def test_forms_that_came_before_their_procedure_are_tied_to_it(office, tmp_path):
    ward = Ward(tmp_path)
    ward.add(Paper("BM-VP-01.01", "Phiếu yêu cầu", word="BIỂU MẪU"))
    ward.row(**{**listed(Paper("QT-VP-01", "Kiểm soát tài liệu"))})
    batch_id = came_in(office, ward, {})
    assert office.revisions("BM-VP-01.01")[0].document.parent is None
    office.decide(batch_id, {"QT-VP-01": Choice(on_paper=True)})
    office.start(batch_id)
    bring_imports(datetime.now(UTC))
    assert office.revisions("BM-VP-01.01")[0].document.parent.code == "QT-VP-01"


@pytest.mark.covers("T15")
def test_what_cannot_be_taken_leaves_nothing_in_the_store(office, tmp_path):
    ward = Ward(tmp_path)
    ward.row(**listed(Paper("QT-VP-01", "Một")))
    ward.file("QT-VP-01 Mot.docx", b"MZ this is no document")
    batch_id = office.brought(ward)
    plan = batches.plan_of(db.session(), office.batch(batch_id))
    assert [str(one.id) for one in plan.problems] == ["file_type"]
    sha256 = plan.items[0].file.sha256
    assert not office.tools.store.path(sha256).exists()
    assert not office.tools.staging.path(sha256).exists()
    assert checked(office.app).is_sound


def test_an_old_word_file_is_converted_and_its_original_kept(office, tmp_path):
    ward = Ward(tmp_path)
    paper = Paper("QT-VP-01", "Kiểm soát tài liệu")
    ward.row(**listed(paper))
    usable = rendition.is_installed() and bool(rendition.isolation())
    ward.file("QT-VP-01.doc", an_old_document(paper, tmp_path) if usable else OLD_START)
    batch_id = came_in(office, ward, {})  # a doubt: nothing comes in by itself
    assert batches.count_brought(db.session(), batch_id) == 0
    office.decide(batch_id, {"QT-VP-01": Choice(convert=True)})
    office.start(batch_id)
    bring_imports(datetime.now(UTC))
    if not usable:
        plan = batches.plan_of(db.session(), office.batch(batch_id))
        assert [str(one.id) for one in plan.problems] == ["file_damaged"]
        return
    (revision,) = office.revisions("QT-VP-01")
    assert [(file.name, file.role) for file in revision.files] == [
        ("QT-VP-01.docx", FileRole.MAIN),
        ("QT-VP-01.doc", FileRole.ATTACHMENT),
    ]
    assert register.history_of(db.session(), revision).converted
    reading = register.reading_of(db.session(), revision.main_file.sha256)
    assert reading.proposal.code == "QT-VP-01"
    assert checked(office.app).is_sound


OLD_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument".encode("utf-16-le")


def an_old_document(paper: Paper, folder: Path) -> bytes:
    """Let LibreOffice write a real .doc."""
    room = folder / "doc"
    room.mkdir()
    (room / "a.docx").write_bytes(paper.content())
    profile = f"-env:UserInstallation={(room / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "doc", "--outdir", str(room)]
    subprocess.run([*command, str(room / "a.docx")], check=True, capture_output=True, timeout=120)
    return (room / "a.doc").read_bytes()


@pytest.mark.covers("T15")
def test_what_nobody_looked_at_is_swept_away_after_two_days(office):
    sha256 = staging().put(b"left behind")
    assert sweep_staged(datetime.now(UTC)) == 0
    assert staging().path(sha256).exists()
    assert sweep_staged(datetime.now(UTC) + timedelta(days=3)) == 1
    assert not staging().path(sha256).exists()


@pytest.mark.covers("a46", "a48")
def test_what_imported_texts_cite_is_known_in_both_directions(office, tmp_path):
    ward = Ward(tmp_path)
    text = "Căn cứ Nghị định số 61/2018/NĐ-CP; làm theo QT-VP-02."
    ward.add(Paper("QT-VP-01", "Tiếp nhận hồ sơ", text=text))
    ward.add(Paper("QT-VP-02", "Trả kết quả"))
    came_in(office, ward, {})
    citing, cited = office.revisions("QT-VP-01")[0], office.revisions("QT-VP-02")[0]
    rows = db.session.scalars(sa.select(Citation).where(Citation.revision_id == citing.id)).all()
    assert {row.number for row in rows} == {"61/2018/NĐ-CP", "QT-VP-02"}
    assert {row.cited_id for row in rows if not row.is_law} == {cited.document_id}
