"""Sealing and checking PDFs: `pdfsig` agrees, one flipped byte does not (L19, T15, T21)."""

from __future__ import annotations

import io
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.generic import NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper

from documents.content.intake import Refused
from documents.content.marks import PageMarks
from documents.content.own_loop import result_of
from documents.content.seal_key import (
    KeyProblem,
    Trust,
    Unsealable,
    open_key,
    put_in,
    sign_digest,
    trust_in,
)
from documents.content.workshop import Workshop
from tests.documents.content.authority import (
    NOW,
    PASSPHRASE,
    Authority,
    Holder,
    an_authority,
    ended,
)
from tests.documents.content.files import a_pdf

pytestmark = [pytest.mark.covers("L19")]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    running = Workshop()
    yield running
    running.close()


@pytest.fixture
def trust(authority: Authority, tmp_path: Path) -> Trust:
    return trust_in(authority.trust_in(tmp_path / "trust"))


@pytest.fixture
def stamped(workshop: Workshop, tmp_path: Path) -> Path:
    (tmp_path / "base.pdf").write_bytes(a_pdf("Đăng ký khai sinh"))
    marked, out = tmp_path / "marked.pdf", tmp_path / "stamped.pdf"
    workshop.stamp(tmp_path / "base.pdf", PageMarks("QT-TP-01", "Đăng ký khai sinh"), marked)
    workshop.lay_form(marked, out)
    return out


def sealed(
    workshop: Workshop,
    base: Path,
    holder: Holder,
    trust: Trust,
    *,
    clock: str = "",
    name: str = "Seal1",
) -> Path:
    """Seal as the jobs process does; give the sealed file."""
    path = holder.save(base.with_name("seal.p12"))
    key = open_key(path, PASSPHRASE, trust, NOW)
    out = base.with_name(f"{name}.pdf")
    laid = workshop.prepare_signature(base, out, name=name, reason="Bản gốc SHA-256 abc")
    signed = sign_digest(key, laid.digest, clock, laid.end - laid.start - 2)
    put_in(out, signed.cms, laid.start, laid.end)
    return out


def by_token(path: Path, holder: Holder, out: Path, field: str = "Official1") -> Path:
    """Sign outside, as an official does with other software and a token."""
    signer = signers.SimpleSigner.load_pkcs12(
        holder.save(path.with_name("token.p12")), passphrase=PASSPHRASE.encode()
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(path.read_bytes()), strict=False)
    about = signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES)
    signing = signers.PdfSigner(about, signer=signer).async_sign_pdf(writer)
    out.write_bytes(result_of(signing).getvalue())  # a browser's loop may run in this thread
    return out


def pdfsig(path: Path) -> str:
    """What poppler says, an implementation that shares no code with ours."""
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True)
    return done.stdout.decode("utf-8", "replace")


@contextmanager
def a_clock(authority: Authority, manner: str = "right") -> Iterator[str]:
    """A timestamp service on loopback: right, refusing, talking nonsense or silent."""
    holder = authority.issue("Đồng hồ thử nghiệm", clock=True)
    der = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    private = asn1_keys.PrivateKeyInfo.load(der)
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(holder.certificate.public_bytes(Encoding.DER)), private
    )
    release = threading.Event()

    class Clock(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            if manner == "silent":
                release.wait(30)
                return
            content = stamper.request_tsa_response(asked).dump()
            if manner == "nonsense":
                content = b"\x30\x03\x02\x01\x00"
            self.send_response(503 if manner == "refusing" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        release.set()
        server.shutdown()
        server.server_close()


def test_a_sealed_pdf_is_valid_for_us_and_for_pdfsig(authority, workshop, stamped, trust):
    out = sealed(workshop, stamped, authority.issue("Con dấu UBND phường"), trust)
    assert out.read_bytes().startswith(stamped.read_bytes())
    (one,) = workshop.signatures(out, trust.to_plain())
    assert (one["verdict"], one["covers_all"]) == ("valid", True)
    assert one["name"] == "Con dấu UBND phường"
    assert one["organisation"] == "UBND phường Thử Nghiệm"
    assert one["issuer"] == "Trung gian thử nghiệm"
    said = pdfsig(out)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "Đăng ký" in "".join(page.extract_text() for page in pypdf.PdfReader(out).pages)


@pytest.mark.covers("T21")
def test_one_flipped_byte_is_noticed_wherever_it_is(authority, workshop, stamped, trust):
    out = sealed(workshop, stamped, authority.issue("Con dấu UBND phường"), trust)
    content = out.read_bytes()
    start = re.search(rb"/Contents\s*<", content).end()
    end = content.index(b">", start)
    spots = [at for at in range(50, len(content), len(content) // 60) if not start <= at < end]
    spots += [start - 30, end + 5, len(content) - 20]
    path = out.with_name("bent.pdf")
    for at in spots:
        bent = bytearray(content)
        bent[at] ^= 1
        path.write_bytes(bent)
        try:
            found = workshop.signatures(path, trust.to_plain())
        except Refused:
            found = []
        assert not (found and found[0]["verdict"] == "valid"), at
        if at == spots[len(spots) // 2]:
            assert "Signature is Valid." not in pdfsig(path)
    assert len(spots) > 8


def test_whom_nobody_vouches_for_is_told_apart(authority, workshop, stamped, trust, tmp_path):
    stranger = an_authority().issue("Người lạ")
    out = sealed(workshop, stamped, stranger, trust)
    assert [one["verdict"] for one in workshop.signatures(out, trust.to_plain())] == ["untrusted"]
    ours = sealed(workshop, stamped, authority.issue("Con dấu"), trust, name="Seal2")
    assert workshop.signatures(ours, {})[0]["verdict"] == "untrusted"


def test_a_certificate_that_cannot_seal_says_why(authority, tmp_path):
    good, over, taken_back = authority.issue("Tốt"), ended(authority), authority.issue("Thu hồi")
    later = authority.issue("Sau", start=NOW + timedelta(days=2))
    authority.revoke(taken_back)
    trust = trust_in(authority.trust_in(tmp_path / "trust"))

    def problem(path: Path, passphrase: str = PASSPHRASE) -> KeyProblem:
        with pytest.raises(Unsealable) as refused:
            open_key(path, passphrase, trust, NOW)
        return refused.value.problem

    path = tmp_path / "seal.p12"
    assert problem(path) is KeyProblem.MISSING
    assert problem(good.save(path), "sai") is KeyProblem.PASSPHRASE
    assert problem(over.save(path)) is KeyProblem.EXPIRED
    assert problem(later.save(path)) is KeyProblem.NOT_YET
    assert problem(taken_back.save(path)) is KeyProblem.REVOKED
    path.write_bytes(b"not a certificate")
    assert problem(path) is KeyProblem.UNUSABLE
    assert open_key(good.save(path), PASSPHRASE, trust, NOW).name == "Tốt"
    assert PASSPHRASE not in repr(open_key(path, PASSPHRASE, trust, NOW))


def test_a_seal_of_a_certificate_revoked_since_is_told_so(workshop, stamped, tmp_path):
    authority = an_authority()
    trust = trust_in(authority.trust_in(tmp_path / "trust"))
    holder = authority.issue("Con dấu")
    out = sealed(workshop, stamped, holder, trust)
    assert workshop.signatures(out, trust.to_plain())[0]["verdict"] == "valid"
    authority.revoke(holder)
    later = trust_in(authority.trust_in(tmp_path / "trust"))
    assert workshop.signatures(out, later.to_plain())[0]["verdict"] == "revoked"


def test_a_signature_with_a_certificate_that_had_ended_is_told_so(
    authority, workshop, stamped, trust
):
    out = by_token(stamped, ended(authority), stamped.with_name("late.pdf"))
    assert workshop.signatures(out, trust.to_plain())[0]["verdict"] == "expired"


def test_a_timestamp_is_asked_for_and_told(authority, workshop, stamped, trust):
    with a_clock(authority) as url:
        out = sealed(workshop, stamped, authority.issue("Con dấu"), trust, clock=url)
    (one,) = workshop.signatures(out, trust.to_plain())
    assert one["verdict"] == "valid"
    assert one["stamped_by"] == "Đồng hồ thử nghiệm"
    assert one["stamped_at"]
    assert "Signature is Valid." in pdfsig(out)


@pytest.mark.parametrize("manner", ["refusing", "nonsense", "silent", "gone"])
def test_a_clock_that_fails_never_stops_the_seal(
    authority, workshop, stamped, trust, manner, monkeypatch
):
    monkeypatch.setattr("documents.content.seal_signing.TIMESTAMP_SECONDS", 0.5)
    path = authority.issue("Con dấu").save(stamped.with_name("seal.p12"))
    key = open_key(path, PASSPHRASE, trust, NOW)
    with a_clock(authority, manner) as url:
        if manner == "gone":
            url = "http://127.0.0.1:9/"
        signed = sign_digest(key, b"0" * 32, url, 96 * 1024)
    assert not signed.is_stamped
    assert signed.timestamp_problem
    assert signed.cms


def test_an_officials_signature_outside_is_an_acceptable_addition(
    authority, workshop, stamped, trust
):
    base = sealed(workshop, stamped, authority.issue("Con dấu"), trust)
    official = authority.issue("Đỗ Minh Anh", "UBND phường Thử Nghiệm")
    out = by_token(base, official, base.with_name("signed.pdf"))
    said = workshop.additions(base, out, trust.to_plain())
    assert (said["problem"], said["added"]) == ("", 1)
    assert [one["verdict"] for one in said["signatures"]] == ["valid", "valid"]
    assert said["signatures"][1]["name"] == "Đỗ Minh Anh"
    assert pdfsig(out).count("Signature is Valid.") == 2
    twice = by_token(out, authority.issue("Lê Quang Huy"), base.with_name("twice.pdf"), "Official2")
    assert workshop.additions(base, twice, trust.to_plain())["added"] == 2
    assert workshop.additions(out, twice, trust.to_plain())["added"] == 1


def test_an_official_may_sign_what_no_seal_is_on(authority, workshop, stamped, trust):
    out = by_token(stamped, authority.issue("Đỗ Minh Anh"), stamped.with_name("signed.pdf"))
    said = workshop.additions(stamped, out, trust.to_plain())
    assert (said["problem"], said["added"]) == ("", 1)


def test_anything_but_a_signature_is_refused(authority, workshop, stamped, trust):
    base = sealed(workshop, stamped, authority.issue("Con dấu"), trust)
    official = authority.issue("Đỗ Minh Anh")
    plain = trust.to_plain()
    said = workshop.additions(base, base, plain)
    assert said["problem"] == "other_file"
    other = stamped.with_name("other.pdf")
    other.write_bytes(stamped.read_bytes()[:-1] + b" " + base.read_bytes())
    assert workshop.additions(base, other, plain)["problem"] == "other_file"

    tail = stamped.with_name("tail.pdf")
    tail.write_bytes(base.read_bytes() + b"\n% a word after the end\n")
    assert workshop.additions(base, tail, plain)["problem"] in ("no_signature", "changed")

    changed = stamped.with_name("changed.pdf")
    writer = IncrementalPdfFileWriter(io.BytesIO(base.read_bytes()), strict=False)
    page = writer.root["/Pages"]["/Kids"][0]
    page[pdf_name("/Rotate")] = NumberObject(90)
    writer.update_container(page)
    with changed.open("wb") as target:
        writer.write(target)
    hidden = by_token(changed, official, stamped.with_name("hidden.pdf"))
    assert hidden.read_bytes().startswith(base.read_bytes())
    assert workshop.additions(base, changed, plain)["problem"] == "no_signature"
    assert workshop.additions(base, hidden, plain)["problem"] == "changed"

    after = by_token(base, official, stamped.with_name("after.pdf"))
    more = stamped.with_name("more.pdf")
    writer = IncrementalPdfFileWriter(io.BytesIO(after.read_bytes()), strict=False)
    page = writer.root["/Pages"]["/Kids"][0]
    page[pdf_name("/Rotate")] = NumberObject(90)
    writer.update_container(page)
    with more.open("wb") as target:
        writer.write(target)
    assert workshop.additions(base, more, plain)["problem"] == "changed"

    bent = bytearray(after.read_bytes())
    place = bytes(bent).rindex(b"/ByteRange")
    bent[place + 30] ^= 1
    broken = stamped.with_name("broken.pdf")
    broken.write_bytes(bent)
    with suppress(Refused):
        assert workshop.additions(base, broken, plain)["problem"] == "changed"


@pytest.mark.covers("T15")
def test_hostile_pdfs_are_refused_by_the_child_and_break_nothing(workshop, tmp_path, trust):
    for number, content in enumerate(
        (
            b"",
            b"%PDF-1.7\n",
            b"%PDF-1.7\n" + b"[" * 200_000,
            b"%PDF-1.4\ntrailer << /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF",
            a_pdf("x")[:-200],
            b"PK\x03\x04" + bytes(500),
        )
    ):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(content)
        with pytest.raises(Refused):
            workshop.signatures(path, trust.to_plain())
    (tmp_path / "plain.pdf").write_bytes(a_pdf("không có chữ ký"))
    assert workshop.signatures(tmp_path / "plain.pdf", trust.to_plain()) == []
    assert workshop.network_is_closed()


def test_a_folder_of_trust_says_what_it_cannot_read(authority, tmp_path):
    folder = authority.trust_in(tmp_path / "trust")
    (folder / "half.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nabc\n")
    (folder / "note.txt").write_bytes(b"anything")
    found = trust_in(folder)
    assert (len(found.roots), len(found.others), len(found.crls)) == (1, 1, 1)
    assert found.unreadable == ("half.pem",)
    assert trust_in(tmp_path / "nowhere").to_plain() == Trust().to_plain()
