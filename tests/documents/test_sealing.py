"""The digital copy: sealed by the job, signed outside, kept byte for byte (L19, D2, T1, T03)."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest
import sqlalchemy as sa

from app.jobs import orphaned_files, seal_copies
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.files import named_files
from app.kernel.install import SealSource, installation
from app.kernel.trail import TrailEntry
from app.kernel.trail_check import verify
from app.kernel.work import unit_of_work
from documents import sealing
from documents.content import rendition
from documents.content.seal_key import KeyProblem
from documents.exporting import leaving
from documents.models import DigitalCopy, DigitalKind, FileRendition, RevisionState, SealTry
from documents.rendering import make_wanted_renditions
from documents.seal_state import seal_state, trust_of
from documents.sealing import newest_copy
from tests.builders import Office, a_person, form_token, sign_in
from tests.documents.content.authority import NOW, PASSPHRASE, Authority, an_authority, ended
from tests.documents.content.test_pdf_signing import a_clock, by_token, pdfsig
from tests.documents.test_disposal import listed, removed, signed

pytestmark = [pytest.mark.slow, pytest.mark.covers("L19")]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture
def office(app, monkeypatch):
    monkeypatch.setattr(rendition, "_office", lambda: None)
    return Office()


@pytest.fixture
def with_seal(app, office, authority, tmp_path):
    """The installation as an operator sets it up: a certificate, a folder of trust."""
    return set_up(app, office, authority.issue("Con dấu UBND phường"), authority, tmp_path)


def set_up(app, office, holder, authority, folder: Path, clock: str = ""):
    before = app.extensions["nenep"]
    path = holder.save(folder / "seal.p12")
    name = re.sub(r"\W", "_", office.body.code).upper()
    app.extensions["nenep"] = replace(
        before,
        seals={name: SealSource(path, PASSPHRASE)},
        trust=authority.trust_in(folder / "trust"),
        timestamp_url=clock,
    )
    return before


@pytest.fixture(autouse=True)
def _put_back(app):
    before = app.extensions["nenep"]
    yield
    app.extensions["nenep"] = before


def drawn(app, office):
    """A revision in force whose pages are drawn."""
    revision = office.effective()
    make_wanted_renditions(db.session(), installation().store, app.extensions["nenep.workshop"])
    return revision


def sealed(app, office):
    revision = drawn(app, office)
    assert seal_copies(datetime.now(UTC)) == 1
    return revision


def stored(copy) -> Path:
    return installation().store.path(copy.sha256)


def tools(app):
    here = installation()
    return sealing.Tools(here.store, app.extensions["nenep.workshop"], trust_of(here))


@pytest.mark.covers("D2", "T1")
def test_the_job_seals_what_is_in_force_once_and_pdfsig_agrees(app, office, with_seal):
    revision = sealed(app, office)
    assert seal_copies(datetime.now(UTC)) == 0
    copy = newest_copy(db.session(), revision)
    assert (copy.kind, copy.number) == (DigitalKind.SEALED, 1)
    assert copy.source_sha256 == revision.main_file.sha256
    assert copy.signatures[0]["verdict"] == "valid"
    said = pdfsig(stored(copy))
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    reader = pypdf.PdfReader(stored(copy))
    signature = reader.get_fields()["Seal1"]["/V"]
    assert signature["/Reason"] == f"{revision.code} {revision.label}, SHA-256 {copy.source_sha256}"
    words = "".join(page.extract_text() for page in reader.pages)
    assert "Hiệu lực từ" in words
    assert "Có hiệu lực tại thời điểm in" not in words  # no state: it would go stale under a seal
    entry = db.session.scalars(sa.select(TrailEntry).where(TrailEntry.fact == "copy.sealed")).one()
    details = entry.content()["details"]
    assert details["files"] == [{"sha256": copy.sha256}]
    assert details["original"] == copy.source_sha256
    assert copy.sha256 in named_files(db.session.connection())


@pytest.mark.covers("D2")
def test_the_original_and_its_signed_digest_stay_as_they_were(app, office, with_seal):
    revision = drawn(app, office)
    digest = revision.main_file.sha256
    before = installation().store.path(digest).read_bytes()
    seal_copies(datetime.now(UTC))
    db.session.rollback()
    assert revision.main_file.sha256 == digest
    assert installation().store.path(digest).read_bytes() == before


def test_nothing_is_sealed_where_no_certificate_is_set_and_the_page_says_so(app, office, client):
    revision = drawn(app, office)
    assert seal_copies(datetime.now(UTC)) == 0
    assert seal_state(installation(), office.body, NOW).problem is KeyProblem.NOT_SET
    sign_in(client, office.officer)
    page = client.get(f"/r/{revision.id}/digital").get_data(as_text=True)
    assert "Chưa cấu hình" in page
    assert "Chưa cấu hình" in client.get("/settings").get_data(as_text=True)
    assert client.get("/health").json["seals"] == {
        "status": "ok",
        "set": 0,
        "problems": [],
        "given_up": 0,
    }


@pytest.mark.parametrize("what", ["expired", "revoked"])
def test_a_certificate_that_ended_seals_nothing_says_why_and_loses_nothing(
    app, office, client, tmp_path, what
):
    authority = an_authority()
    holder = ended(authority) if what == "expired" else authority.issue("Con dấu")
    if what == "revoked":
        authority.revoke(holder)
    set_up(app, office, holder, authority, tmp_path)
    revision = drawn(app, office)
    assert seal_copies(datetime.now(UTC)) == 0
    assert newest_copy(db.session(), revision) is None
    health = client.get("/health").json["seals"]
    assert health == {"status": "failed", "set": 1, "problems": [what], "given_up": 0}
    sign_in(client, office.officer)
    words = "đã hết hạn" if what == "expired" else "đã bị thu hồi"
    for path in ("/settings", f"/r/{revision.id}/digital"):
        assert words in client.get(path).get_data(as_text=True)
    set_up(app, office, authority.issue("Con dấu mới"), authority, tmp_path)
    assert seal_copies(datetime.now(UTC)) == 1  # what waited is sealed with the new one


@pytest.mark.covers("T18")
@pytest.mark.parametrize("manner", ["right", "refusing", "silent"])
def test_a_clock_that_fails_never_stops_the_seal_and_is_told(
    app, office, authority, tmp_path, monkeypatch, client, manner
):
    monkeypatch.setattr("documents.content.seal_signing.TIMESTAMP_SECONDS", 0.5)
    with a_clock(authority, manner) as url:
        set_up(app, office, authority.issue("Con dấu"), authority, tmp_path, clock=url)
        revision = sealed(app, office)
    copy = newest_copy(db.session(), revision)
    assert bool(copy.timestamp_problem) == (manner != "right")
    assert bool(copy.signatures[0]["stamped_at"]) == (manner == "right")
    assert "Signature is Valid." in pdfsig(stored(copy))
    sign_in(client, office.officer)
    page = client.get(f"/r/{revision.id}/digital").get_data(as_text=True)
    assert ("không trả lời" in page) == (manner != "right")


def test_a_broken_rendition_is_tried_a_few_times_and_told(app, office, with_seal, monkeypatch):
    revision = drawn(app, office)

    def broken(*_arguments, **_more):
        raise ValueError("the pages cannot be read")

    monkeypatch.setattr(sealing, "sign_digest", broken)
    now = datetime.now(UTC)
    assert seal_copies(now) == 0
    known = db.session.scalars(sa.select(SealTry)).one()
    assert (known.tries, known.problem) == (1, "other: the pages cannot be read")
    assert seal_copies(now + timedelta(minutes=1)) == 0
    db.session.rollback()
    assert known.tries == 1  # it waits before the next try
    monkeypatch.undo()
    assert sealing.seals_wanted(
        db.session(), [office.body.id], now=now + timedelta(minutes=11), limit=9
    ) == [revision.id]


@pytest.mark.covers("T03")
def test_two_that_seal_at_once_make_one_seal(app, office, with_seal, monkeypatch):
    revision = drawn(app, office)
    real = sealing.sign_digest

    def slowly(*arguments):
        monkeypatch.setattr(sealing, "sign_digest", real)
        assert seal_copies(datetime.now(UTC)) == 1  # the other one was faster
        return real(*arguments)

    monkeypatch.setattr(sealing, "sign_digest", slowly)
    assert seal_copies(datetime.now(UTC)) == 0
    copies = sealing.copies_of(db.session(), revision)
    assert [copy.kind for copy in copies] == [DigitalKind.SEALED]


def test_what_left_force_while_it_was_sealed_is_not_kept(app, office, with_seal, monkeypatch):
    revision = drawn(app, office)
    real = sealing.sign_digest

    def meanwhile(*arguments):
        monkeypatch.setattr(sealing, "copy_obstacle", lambda _r: RuleBroken("gone"))
        return real(*arguments)

    monkeypatch.setattr(sealing, "sign_digest", meanwhile)
    assert seal_copies(datetime.now(UTC)) == 0
    assert newest_copy(db.session(), revision) is None


def download(client, revision) -> bytes:
    copy = newest_copy(db.session(), revision)
    return client.get(f"/r/{revision.id}/digital/{copy.id}.pdf").data


def bring(client, revision, content: bytes, number: int | None = None):
    path = f"/r/{revision.id}/digital"
    page = client.get(path).get_data(as_text=True)
    seen = re.search(r'name="number"[^>]*value="(\d+)"', page)
    return client.post(
        path,
        data={
            "csrf_token": form_token(client, path),
            "number": str(number or (seen.group(1) if seen else 1)),
            "file": (BytesIO(content), "signed.pdf"),
        },
    )


@pytest.mark.covers("T21")
def test_an_official_downloads_signs_outside_and_brings_it_back(
    app, office, with_seal, client, authority, tmp_path
):
    revision = sealed(app, office)
    sign_in(client, office.leader)
    first = download(client, revision)
    assert first == stored(newest_copy(db.session(), revision)).read_bytes()
    (tmp_path / "down.pdf").write_bytes(first)
    holder = authority.issue("Đỗ Minh Anh", "UBND phường Thử Nghiệm")
    out = by_token(tmp_path / "down.pdf", holder, tmp_path / "up.pdf")
    assert bring(client, revision, out.read_bytes()).status_code == 303
    copy = newest_copy(db.session(), revision)
    assert (copy.kind, copy.number, copy.brought_by_id) == (DigitalKind.SIGNED, 2, office.leader.id)
    assert stored(copy).read_bytes() == out.read_bytes()
    assert stored(copy).read_bytes().startswith(first)
    page = client.get(f"/r/{revision.id}/digital").get_data(as_text=True)
    assert "Đỗ Minh Anh" in page
    assert "Trung gian thử nghiệm" in page
    assert "Con dấu UBND phường" in page
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "copy.signed_brought")
    ).one()
    assert "Đỗ Minh Anh" not in told.details  # names never enter the trail (T4)
    # the copy before is no longer the newest: who signed that one has to sign anew
    other = by_token(tmp_path / "down.pdf", authority.issue("Lê Quang Huy"), tmp_path / "late.pdf")
    assert bring(client, revision, other.read_bytes(), number=1).status_code == 422
    assert bring(client, revision, other.read_bytes()).status_code == 422
    assert newest_copy(db.session(), revision).number == 2


def test_what_is_not_that_file_with_signatures_is_refused_and_nothing_is_kept(
    app, office, with_seal, client, authority, tmp_path
):
    revision = sealed(app, office)
    sign_in(client, office.leader)
    content = download(client, revision)
    (tmp_path / "down.pdf").write_bytes(content)
    flipped = bytearray(content)
    flipped[500] ^= 1
    other = by_token(tmp_path / "down.pdf", authority.issue("A"), tmp_path / "up.pdf").read_bytes()
    files = sorted(path.name for path in installation().store.folder.rglob("*") if path.is_file())
    refused = {
        "the same": content,
        "flipped": bytes(flipped) + other[len(content) :],
        "empty": b"",
        "no pdf": b"PK\x03\x04" + bytes(300),
        "tail": content + b"\n% more\n",
    }
    for name, bytes_ in refused.items():
        assert bring(client, revision, bytes_).status_code == 422, name
    assert newest_copy(db.session(), revision).number == 1
    assert files == sorted(
        path.name for path in installation().store.folder.rglob("*") if path.is_file()
    )


def test_officials_sign_where_the_body_has_no_seal_and_the_seal_comes_last(
    app, office, client, authority, tmp_path
):
    revision = drawn(app, office)
    sign_in(client, office.leader)
    path = f"/r/{revision.id}/digital"
    token = form_token(client, path)
    assert client.post(f"{path}/prepare", data={"csrf_token": token}).status_code == 303
    assert client.post(f"{path}/prepare", data={"csrf_token": token}).status_code == 409
    (tmp_path / "down.pdf").write_bytes(download(client, revision))
    out = by_token(tmp_path / "down.pdf", authority.issue("Đỗ Minh Anh"), tmp_path / "up.pdf")
    assert bring(client, revision, out.read_bytes()).status_code == 303
    set_up(app, office, authority.issue("Con dấu"), authority, tmp_path)
    assert seal_copies(datetime.now(UTC)) == 1
    copies = sealing.copies_of(db.session(), revision)
    assert [copy.kind for copy in copies] == [
        DigitalKind.SEALED,
        DigitalKind.SIGNED,
        DigitalKind.STAMPED,
    ]
    assert [one["name"] for one in copies[0].signatures] == ["Đỗ Minh Anh", "Con dấu"]
    assert pdfsig(stored(copies[0])).count("Signature is Valid.") == 2
    for newer, older in pairwise(copies):
        assert stored(newer).read_bytes().startswith(stored(older).read_bytes())


@pytest.mark.covers("T05")
def test_readers_download_and_only_who_answers_for_it_brings(app, office, with_seal, client):
    revision = sealed(app, office)
    sign_in(client, office.staff)
    assert download(client, revision)[:5] == b"%PDF-"
    assert "Nộp lại bản đã ký" not in client.get(f"/r/{revision.id}/digital").get_data(as_text=True)
    assert bring(client, revision, b"%PDF-1.7").status_code == 403
    stranger = app.test_client()
    sign_in(stranger, a_person(Office().body))
    copy = newest_copy(db.session(), revision)
    assert stranger.get(f"/r/{revision.id}/digital").status_code == 404
    assert stranger.get(f"/r/{revision.id}/digital/{copy.id}.pdf").status_code == 404
    another = office.effective(text="Tài liệu khác.")
    assert client.get(f"/r/{another.id}/digital/{copy.id}.pdf").status_code == 404


def test_a_damaged_copy_is_not_given_out(app, office, with_seal, client):
    revision = sealed(app, office)
    sign_in(client, office.staff)
    copy = newest_copy(db.session(), revision)
    path = stored(copy)
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert client.get(f"/r/{revision.id}/digital/{copy.id}.pdf").status_code == 409


def test_only_what_is_in_force_is_prepared_or_signed(app, office, with_seal):
    revision = drawn(app, office)
    with unit_of_work(None) as work:
        fresh = work.fresh(revision)
        fresh.__dict__["state"] = RevisionState.OBSOLETE
        with pytest.raises(RuleBroken):
            sealing.prepare_copy(db.session(), fresh, office.leader, tools(app), lambda _r: None)


@pytest.mark.covers("T15")
def test_anybody_checks_a_pdf_from_outside_and_nothing_is_kept(
    app, office, with_seal, client, authority, tmp_path
):
    sign_in(client, office.staff)
    revision = sealed(app, office)
    copy = newest_copy(db.session(), revision)
    count = sa.select(sa.func.count()).select_from(DigitalCopy)

    def check(content: bytes):
        token = form_token(client, "/signatures")
        data = {"csrf_token": token, "file": (BytesIO(content), "x.pdf")}
        return client.post("/signatures", data=data)

    good = stored(copy).read_bytes()
    answer = check(good)
    assert answer.status_code == 200
    assert "Con dấu UBND phường" in answer.get_data(as_text=True)
    assert "còn giá trị" in answer.get_data(as_text=True)
    bent = bytearray(good)
    bent[600] ^= 1
    answer = check(bytes(bent))
    assert answer.status_code in (200, 422)
    assert "còn giá trị" not in answer.get_data(as_text=True)
    assert check(b"%PDF-1.7 nonsense").status_code == 422
    made = db.session.scalars(sa.select(FileRendition.sha256)).first()
    plain = check(installation().store.path(made).read_bytes())
    assert "không có chữ ký" in plain.get_data(as_text=True)
    assert db.session.scalar(count) == 1


def test_bringing_twice_at_once_keeps_one(app, office, with_seal, authority, tmp_path, monkeypatch):
    revision = sealed(app, office)
    down = stored(newest_copy(db.session(), revision))
    (tmp_path / "down.pdf").write_bytes(down.read_bytes())
    one = by_token(tmp_path / "down.pdf", authority.issue("A"), tmp_path / "one.pdf")
    two = by_token(tmp_path / "down.pdf", authority.issue("B"), tmp_path / "two.pdf")
    real = sealing._store

    def slowly(*arguments):
        monkeypatch.setattr(sealing, "_store", real)
        sealing.bring_signed(db.session(), revision, 1, office.leader, two, tools(app))
        return real(*arguments)

    monkeypatch.setattr(sealing, "_store", slowly)
    with pytest.raises((Stale, InvalidInput)):
        sealing.bring_signed(db.session(), revision, 1, office.leader, one, tools(app))
    assert newest_copy(db.session(), revision).number == 2
    assert stored(newest_copy(db.session(), revision)).read_bytes() == two.read_bytes()


@pytest.mark.covers("D2", "a52")
def test_a_sealed_copy_leaves_with_an_export_as_a_file_beside_and_is_no_orphan(
    app, office, with_seal
):
    revision = sealed(app, office)
    office.effective(text="Chưa đóng dấu.")
    copy = newest_copy(db.session(), revision)
    [gone] = [one for one in leaving(db.session(), office.body) if one.sealed]
    assert gone.revision == revision
    assert gone.sealed == ((f"ban-ky-so/{revision.code}/01-00 {revision.id}-1.pdf", copy),)
    past = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(stored(copy), (past, past))
    assert copy.sha256 not in set(orphaned_files(datetime.now(UTC)))


@pytest.mark.covers("D5", "a49", "T3")
def test_a_sealed_copy_goes_with_the_edition_that_is_disposed_of(app, office, with_seal, client):
    revision = sealed(app, office)
    copy, path = newest_copy(db.session(), revision), stored(newest_copy(db.session(), revision))
    office.effective(revision.document, text="Bản hai.")
    then = datetime.now(UTC) + timedelta(days=12 * 366)
    disposal = signed(office, listed(office, revision, now=then), then)
    assert disposal.signature.covers(disposal.content())
    removed(then)
    assert not path.exists()
    here = installation()
    assert verify(db.session(), here.keys, here.store).wrong is None
    sign_in(client, office.officer)
    assert client.get(f"/r/{revision.id}/digital/{copy.id}.pdf").status_code == 404
    assert client.get(f"/r/{revision.id}/digital").status_code == 200
    assert [one for one in leaving(db.session(), office.body) if one.sealed] == []


@pytest.mark.covers("T18", "L19")
def test_a_seal_that_was_given_up_is_told_and_tried_again_when_asked(
    app, office, with_seal, monkeypatch, client
):
    revision = drawn(app, office)

    def broken(*_arguments, **_more):
        raise OSError("the store is away")

    monkeypatch.setattr(sealing, "sign_digest", broken)
    now = datetime.now(UTC)
    monkeypatch.setattr(sealing, "AGAIN_AFTER", timedelta(0))
    for minute in range(7):
        seal_copies(now + timedelta(minutes=minute))
    db.session.rollback()
    assert db.session.scalars(sa.select(SealTry)).one().tries == 5
    health = client.get("/health")
    assert (health.json["seals"]["status"], health.json["seals"]["given_up"]) == ("failed", 1)
    where = f"/r/{revision.id}/digital"
    sign_in(client, office.staff)
    page = client.get(where).get_data(as_text=True)
    assert "sau 5 lần thử" in page
    assert f"{where}/again" not in page
    client.post("/logout", data={"csrf_token": form_token(client, where)})
    sign_in(client, office.officer)
    assert "sau 5 lần thử" in client.get(f"/d/{revision.code}").get_data(as_text=True)
    page = client.get(where).get_data(as_text=True)
    assert "Không đọc được tệp đã lưu" in page
    assert f"{where}/again" in page
    monkeypatch.undo()
    token = {"csrf_token": form_token(client, where)}
    assert client.post(f"{where}/again", data=token).status_code == 303
    assert client.post(f"{where}/again", data=token).status_code == 409, "asked for already"
    assert client.get("/health").json["seals"]["given_up"] == 0
    told = sa.select(TrailEntry.actor_id).where(TrailEntry.fact == "revision.seal_asked_again")
    assert db.session.scalars(told).all() == [office.officer.id]
    assert seal_copies(now + timedelta(minutes=9)) == 1
    assert newest_copy(db.session(), revision).kind is DigitalKind.SEALED


def test_a_wrong_passphrase_seals_nothing_and_is_said_in_words(
    app, office, authority, tmp_path, client
):
    set_up(app, office, authority.issue("Con dấu"), authority, tmp_path)
    here = app.extensions["nenep"]
    wrong = {name: SealSource(one.path, "không phải") for name, one in here.seals.items()}
    app.extensions["nenep"] = replace(here, seals=wrong)
    revision = drawn(app, office)
    assert seal_copies(datetime.now(UTC)) == 0
    assert client.get("/health").json["seals"]["problems"] == ["passphrase"]
    sign_in(client, office.officer)
    page = client.get(f"/r/{revision.id}/digital").get_data(as_text=True)
    assert "Mật khẩu" in page
