"""`nenep seal check`: which bodies can seal, what a signed PDF is worth (L19, e25)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organisation import Body
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import FileRecognition, SealTry
from tests.builders import Office
from tests.documents.content.authority import PASSPHRASE, an_authority, ended
from tests.documents.content.files import a_pdf
from tests.documents.content.test_pdf_signing import by_token
from tests.installed import Installed

pytestmark = [pytest.mark.slow, pytest.mark.covers("L19")]


def test_an_operator_asks_what_can_be_sealed_and_what_a_file_is_worth(tmp_path: Path) -> None:
    authority = an_authority()
    good = authority.issue("Con dấu UBND phường").save(tmp_path / "good.p12")
    over = ended(authority).save(tmp_path / "over.p12")
    made = Installed(
        tmp_path / "data",
        NENEP_SEAL_UBND_A=str(good),
        NENEP_SEAL_UBND_A_PASSPHRASE=PASSPHRASE,
        NENEP_SEAL_B=str(over),
        NENEP_SEAL_B_PASSPHRASE=PASSPHRASE,
    )
    made.nenep("migrate")
    made.nenep("body", "create", "ubnd-a", "UBND phường A")
    made.nenep("body", "create", "c", "UBND phường C")
    authority.trust_in(tmp_path / "data" / "trust")
    said = made.nenep("seal", "check")
    assert "ubnd-a: Con dấu UBND phường, until" in said
    assert "seals now" in said
    assert "c: Not set up" in said
    assert "1 roots, 1 others, 1 CRLs" in said
    made.nenep("body", "create", "b", "UBND phường B")
    said = made.nenep("seal", "check", "--json", code=1)
    told = {one["body"]: one["problem"] for one in json.loads(said)["bodies"]}
    assert told == {"ubnd-a": None, "b": "expired", "c": "not_set"}

    plain = tmp_path / "plain.pdf"
    plain.write_bytes(a_pdf("không có chữ ký"))
    assert "holds no signature" in made.nenep("seal", "check", str(plain), code=1)
    signed = by_token(plain, authority.issue("Đỗ Minh Anh"), tmp_path / "signed.pdf")
    assert "valid: Đỗ Minh Anh" in made.nenep("seal", "check", str(signed))
    signed.write_bytes(signed.read_bytes().replace(b"595 842", b"595 841", 1))
    assert "valid: Đỗ Minh Anh" not in made.nenep("seal", "check", str(signed), code=1)
    assert PASSPHRASE not in said


@pytest.mark.covers("a54")
def test_an_operator_asks_again_for_seals_and_scans_that_were_given_up(tmp_path: Path) -> None:
    made = Installed(tmp_path / "data")
    made.nenep("migrate")
    made.nenep("body", "create", "a", "UBND phường A")
    with made.opened():
        office = Office(db.session.scalars(sa.select(Body)).one())
        revision = office.effective()
        main, code = revision.main_file.sha256, revision.code
        with unit_of_work(None) as work:
            tried = {"tries": 5, "tried_at": work.now, "problem": "damaged"}
            work.add(SealTry(revision_id=revision.id, **tried))
            work.add(FileRecognition(source_sha256=main, failed=True, ended_at=work.now, **tried))
    for command in ("seal", "scans"):
        assert "no body with the code" in made.nenep(command, "retry", "--body", "z", code=1)
        said = made.nenep(command, "retry", "--body", "a")
        assert code in said
        assert json.loads(made.nenep(command, "retry", "--json"))["asked"] == 0
    with made.opened():
        assert db.session.scalars(sa.select(SealTry)).all() == []
        asked = db.session.scalars(sa.select(FileRecognition)).one()
        assert (asked.failed, asked.tries, asked.ended_at) == (False, 0, None)
        facts = set(db.session.scalars(sa.select(TrailEntry.fact)))
        assert {"revision.seal_asked_again", "revision.recognition_asked_again"} <= facts
