"""The trail as commands: proved, exported, and proved again by a program that shares no line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.sealing import HEADS
from app.kernel.trail import TrailEntry
from app.kernel.trail_keeping import TrailCheck, check_if_due, run_check
from app.trail_commands import trail
from tests.builders import Office
from tests.trails import drop_guards

CHECKER = Path(__file__).resolve().parents[2] / "deploy" / "check_trail.py"


class Here:
    """The application is open already."""

    @contextmanager
    def ready(self) -> Iterator[None]:
        yield


def nenep(*arguments: str) -> Result:
    group = click.Group("nenep")
    group.add_command(trail)
    return CliRunner().invoke(group, ["trail", *arguments], obj=Here(), catch_exceptions=False)


def independent(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CHECKER), *arguments], capture_output=True, text=True, check=False
    )


def seal_keys() -> list[str]:
    return [
        word
        for public in installation().keys.public_keys().values()
        for word in ("--key", public.hex())
    ]


@pytest.mark.covers("T3", "e4")
def test_verify_proves_a_sound_trail_and_keeps_the_result(app: Flask) -> None:
    Office().effective()
    answer = nenep("verify", "--json")
    assert answer.exit_code == 0
    found = json.loads(answer.output)
    assert found["sound"]
    assert found["wrong"] is None
    assert found["entries"] == sum(found["chains"].values()) > 10
    check = db.session.scalars(sa.select(TrailCheck).order_by(TrailCheck.id.desc())).first()
    assert check is not None
    assert (check.is_sound, check.entries) == (True, found["entries"])
    assert nenep("verify").output.startswith("Everything holds:")


@pytest.mark.covers("T3", "e4")
def test_verify_names_the_first_wrong_record_and_signs_nothing(app: Flask) -> None:
    office = Office()
    connection = db.session.connection()
    drop_guards(connection)
    connection.execute(
        sa.text("UPDATE trail_entry SET actor_id = 1 WHERE chain = :c AND sequence >= 3"),
        {"c": office.body.id},
    )
    db.session.commit()
    answer = nenep("verify")
    assert answer.exit_code == 1
    assert answer.output.startswith(f"WRONG: trail_entry, chain {office.body.id}, sequence 3:")
    wrong = json.loads(nenep("verify", "--json").output)["wrong"]
    assert (wrong["chain"], wrong["sequence"]) == (office.body.id, 3)
    assert not (installation().data / HEADS).exists()


@pytest.mark.covers("T3", "e4")
@pytest.mark.parametrize("whole", [True, False])
def test_export_holds_for_the_independent_checker(app: Flask, tmp_path: Path, whole: bool) -> None:
    office = Office()
    office.effective()
    other = Office()
    target = tmp_path / "trail.jsonl"
    assert (
        nenep("export", str(target), *([] if whole else ["--body", office.body.code])).exit_code
        == 0
    )
    proof = independent(str(target), *seal_keys(), "--files", str(installation().store.folder))
    assert proof.returncode == 0, proof.stdout + proof.stderr
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    chains = {line["entry"]["chain"] for line in lines if line["type"] == "entry"}
    assert office.body.id in chains
    assert (other.body.id in chains) is whole
    secret_keys = [*installation().keys.mac_keys.values(), *installation().keys.seal_keys.values()]
    assert not any(key.hex() in target.read_text(encoding="utf-8") for key in secret_keys)
    own = sa.select(TrailEntry).where(TrailEntry.fact == "trail.exported")
    assert len(db.session.scalars(own).all()) == 1
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(target.read_bytes().replace(b'"fact":"revision.submitted"', b'"fact":"x"'))
    assert independent(str(broken), *seal_keys()).returncode == 1


@pytest.mark.covers("T3")
def test_heads_of_an_export_find_a_tail_that_was_cut(app: Flask, tmp_path: Path) -> None:
    office = Office()
    run_check()
    kept = tmp_path / "heads.jsonl"
    kept.write_bytes((installation().data / HEADS).read_bytes())
    (installation().data / HEADS).unlink()
    connection = db.session.connection()
    drop_guards(connection)
    last = "(SELECT max(sequence) FROM trail_entry WHERE chain = :c)"
    for statement in (
        f"DELETE FROM trail_entry WHERE chain = :c AND sequence = {last}",
        "DELETE FROM trail_head WHERE chain = :c",
        f"UPDATE trail_chain SET sequence = {last}, hash = (SELECT hash FROM trail_entry "
        f"WHERE chain = :c AND sequence = {last}) WHERE chain = :c",
    ):
        connection.execute(sa.text(statement), {"c": office.body.id})
    db.session.commit()
    assert nenep("verify", "--heads", str(kept)).exit_code == 1
    kept.write_text("{}", encoding="utf-8")
    assert nenep("verify", "--heads", str(kept)).exit_code == 2


@pytest.mark.covers("T3")
def test_spoilt_file_of_kept_heads_is_found(app: Flask) -> None:
    Office()
    run_check()
    path = installation().data / HEADS
    sound = path.read_bytes()
    path.write_bytes(sound + b'{"type":"he')  # being written just now, which is no fault
    assert run_check().is_sound
    path.write_bytes(sound.replace(b'"chain"', b'"chian"', 1))
    verdict = run_check()
    assert verdict.wrong is not None
    assert verdict.wrong.record == "kept_head"


def test_export_of_an_unknown_body_says_so(app: Flask, tmp_path: Path) -> None:
    answer = nenep("export", str(tmp_path / "x"), "--body", "khong-co")
    assert answer.exit_code == 2
    assert "no body with the code khong-co" in answer.output
    assert not (tmp_path / "x").exists()


@pytest.mark.covers("T3", "e23")
def test_whole_trail_is_proved_once_a_day(app: Flask) -> None:
    Office()
    now = datetime.now(UTC)
    assert check_if_due(now) == 1
    assert check_if_due(now + timedelta(hours=3)) == 0
    assert check_if_due(now + timedelta(hours=24)) == 1
