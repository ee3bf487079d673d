"""The command line as an operator meets it: sentences, exit codes, nothing half done (e24, e25)."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import stat
import time
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.keys import parse
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person, Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from tests.builders import TODAY
from tests.conftest import DATABASES, fresh_postgres
from tests.installed import Installed, answer_of, eventually, free_port

pytestmark = pytest.mark.slow
UNITS = (
    "ma,ten,loai,truc_thuoc,hoat_dong_tu,hoat_dong_den,don_vi_ke_thua\r\n"
    "AH,UBND phường An Hòa,phường,,2025-07-01,,\r\n"
    "VP,Văn phòng HĐND và UBND,phòng,AH,2025-07-01,,\r\n"
    "TP,Bộ phận Tư pháp - Hộ tịch,bộ phận,VP,2025-07-01,,\r\n"
)


@pytest.fixture(params=DATABASES)
def installed(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Installed:
    """A migrated installation on each database."""
    url = fresh_postgres(f"nenep_commands_{worker_id}") if request.param == "postgresql" else ""
    made = Installed(tmp_path / "data", url)
    made.nenep("migrate")
    return made


@pytest.mark.covers("e25")
def test_every_command_explains_itself_and_needs_no_settings(tmp_path: Path) -> None:
    bare = Installed(tmp_path / "data", NENEP_ENV="production")
    said = bare.nenep("--help")
    for command in ("serve", "jobs", "run", "migrate", "body", "demo", "keys", "backup", "restore"):
        assert f"  {command} " in said
    for words in (["body", "create"], ["person", "create"], ["person", "reset"], ["demo"]):
        assert "Usage: nenep" in bare.nenep(*words, "--help")
    assert not (tmp_path / "data").exists()


def test_wrong_usage_is_2_and_a_refusal_is_1_with_a_reason(tmp_path: Path) -> None:
    bare = Installed(tmp_path / "data")
    assert "Usage:" in bare.nenep("body", "create", code=2)
    assert "No such command" in bare.nenep("nonsense", code=2)
    assert "Run `nenep migrate` first" in bare.nenep("jobs", "--once", code=1)
    assert "PORT must be a number" in bare.nenep("serve", code=1, PORT="many")
    assert "NENEP_ENV" in bare.nenep("migrate", code=1, NENEP_ENV="live")


def test_production_does_not_start_without_its_secrets(tmp_path: Path) -> None:
    bare = Installed(tmp_path / "data", NENEP_ENV="production", NENEP_DATABASE_URL="")
    for command in (["serve"], ["jobs"], ["run"], ["migrate"]):
        said = bare.nenep(*command, code=1)
        for name in ("NENEP_DATABASE_URL", "NENEP_PUBLIC_URL", "NENEP_KEYS"):
            assert name in said
    assert not (tmp_path / "data").exists()
    keys = bare.nenep("keys", "new")
    said = bare.nenep(
        "migrate",
        code=1,
        NENEP_DATABASE_URL=f"sqlite:///{tmp_path}/x.db",
        NENEP_PUBLIC_URL="http://iso.example.vn",
        NENEP_KEYS=keys,
    )
    assert "https://" in said


def test_keys_are_made_once_and_never_overwritten(tmp_path: Path) -> None:
    bare = Installed(tmp_path / "data")
    path = tmp_path / "keys.json"
    bare.nenep("keys", "new", "--file", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_text()
    assert "never overwritten" in bare.nenep("keys", "new", "--file", str(path), code=1)
    assert path.read_text() == first
    assert parse(bare.nenep("keys", "new")).installation != parse(first).installation


@pytest.mark.covers("T3")
def test_renewing_the_keys_is_a_fact_in_every_chain(installed: Installed) -> None:
    installed.nenep("body", "create", "one", "UBND phường Một")
    installed.nenep("body", "create", "two", "UBND phường Hai")
    before = parse((installed.data / "keys.json").read_text())
    assert "Restart" in installed.nenep("keys", "rotate")
    after = parse((installed.data / "keys.json").read_text())
    assert after.mac_id != before.mac_id
    assert set(before.mac_keys) < set(after.mac_keys)
    assert after.installation == before.installation
    with installed.opened():
        told = db.session.scalars(
            sa.select(TrailEntry.chain).where(TrailEntry.fact == str(KernelFact.KEYS_ROTATED))
        ).all()
        bodies = db.session.scalars(sa.select(Body.id)).all()
        assert sorted(told) == sorted([0, *bodies])


@pytest.mark.covers("O4", "a53")
def test_a_body_its_units_and_its_first_administrator_are_made(
    installed: Installed, tmp_path: Path
) -> None:
    spreadsheet = tmp_path / "don-vi.csv"
    spreadsheet.write_text(UNITS, encoding="utf-8-sig")
    made = installed.objects(
        "body", "create", "An-Hoa", "UBND phường An Hòa", "--units", str(spreadsheet), "--json"
    )
    assert made == [{"body": "an-hoa", "name": "UBND phường An Hòa", "units": 3}]
    assert "already" in installed.nenep("body", "create", "an-hoa", "Lại", code=1)
    [person] = installed.objects(
        "person", "create", "--body", "an-hoa", "--name", "Lê Thị Hoa", "--login", "Hoa",
        "--unit", "TP", "--role", "manager", "--administrator", "--json",
    )  # fmt: skip
    assert person["login"] == "hoa"
    assert person["minutes"] == 60
    assert person["link"].startswith("http://127.0.0.1:8000/")
    with installed.opened():
        found = db.session.get_one(Person, person["person"])
        held = standing_of(db.session(), found, TODAY.replace(year=2099))
        assert {grant.role for grant in held.grants} == {Role.MANAGER, Role.ADMINISTRATOR}
        root = db.session.scalars(sa.select(Unit).where(Unit.parent_id.is_(None))).one()
        assert root.code == "AH"
        assert held.has(Role.ADMINISTRATOR, unit_id=root.id)
        assert not held.has(Role.MANAGER, unit_id=root.id)


@pytest.mark.covers("a53")
def test_units_come_from_a_workbook_too_and_a_doubtful_list_changes_nothing(
    installed: Installed, tmp_path: Path
) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in UNITS.splitlines():
        sheet.append(next(csv.reader([line])))
    workbook = tmp_path / "don-vi.xlsx"
    book.save(workbook)
    [made] = installed.objects(
        "body", "create", "one", "UBND phường Một", "--units", str(workbook), "--json"
    )
    assert made["units"] == 3
    doubtful = tmp_path / "sai.csv"
    doubtful.write_text(UNITS + "XX,Phòng lạc,phòng,KHONG,2025-07-01,,\r\n", encoding="utf-8")
    said = installed.nenep(
        "body", "create", "two", "UBND phường Hai", "--units", str(doubtful), code=1
    )
    assert "row 5" in said
    assert "KHONG" in said
    (tmp_path / "gia.xlsx").write_bytes(b"no workbook")
    said = installed.nenep(
        "body", "create", "two", "UBND phường Hai", "--units", str(tmp_path / "gia.xlsx"), code=1
    )
    assert "gia.xlsx cannot be read" in said
    with installed.opened():
        assert db.session.scalars(sa.select(Body.code)).all() == ["one"]


def test_a_new_link_needs_no_mail_and_ends_the_older_one(installed: Installed) -> None:
    installed.nenep("body", "create", "b", "UBND phường B")
    [first] = installed.objects(
        "person", "create", "--body", "b", "--name", "Vũ An", "--login", "an", "--json"
    )
    [second] = installed.objects("person", "reset", "AN", "--json")
    assert second["link"] != first["link"]
    assert "no account" in installed.nenep("person", "reset", "nobody", code=1)
    assert "taken" in installed.nenep(
        "person", "create", "--body", "b", "--name", "Vũ Bình", "--login", "an", code=1
    )
    assert "--login" in installed.nenep(
        "person", "create", "--body", "b", "--name", "Vũ Bình", "--administrator", code=2
    )


@pytest.mark.covers("e24", "T23")
def test_serving_says_nothing_of_the_server_and_ends_when_told(installed: Installed) -> None:
    port = free_port()
    with installed.running("serve", PORT=str(port)) as server:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: answer_of(f"{url}/login")[0] == 200, "the first page")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            head = line.makefile("rb").read().partition(b"\r\n\r\n")[0].lower()
        assert b"server:" not in head
        assert b"gunicorn" not in head
        said = installed.nenep_child("serve", code=1, PORT=str(port))
        assert f"Port {port}" in said
        assert "choose another" in said
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
        assert time.monotonic() - began < 20


@pytest.mark.covers("e24", "e25")
def test_one_command_starts_everything_and_a_dead_part_ends_everything(tmp_path: Path) -> None:
    port = free_port()
    installed = Installed(tmp_path / "data", PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    installed.nenep("migrate")
    installed.nenep("body", "create", "b", "UBND phường B")  # a body is there: no demo is made
    with installed.running("run") as everything:
        eventually(lambda: answer_of(f"{url}/health")[0] == 200, "web and jobs in health")
        assert "cannot be used" in installed.nenep_child("run", code=1)
        children = _children(everything.pid)
        assert len(children) == 2
        jobs = next(pid for pid, words in children.items() if "jobs" in words)
        signal.pidfd_send_signal(os.pidfd_open(jobs), signal.SIGKILL)
        said, _ = everything.communicate(timeout=60)
        assert everything.returncode == 1
        assert "The jobs part ended by itself" in said
        assert url in said
    eventually(lambda: answer_of(f"{url}/health")[0] == 0, "the web part to be gone")


@pytest.mark.covers("e24")
def test_ctrl_c_ends_both_parts_and_a_killed_parent_leaves_none(tmp_path: Path) -> None:
    port = free_port()
    installed = Installed(tmp_path / "data", PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    installed.nenep("migrate")
    installed.nenep("body", "create", "b", "UBND phường B")
    for number, code in ((signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL)):
        with installed.running("run") as everything:
            eventually(lambda: answer_of(f"{url}/login")[0] == 200, "the first page")
            children = list(_children(everything.pid))
            everything.send_signal(number)
            assert everything.wait(60) == code
            for pid in children:
                eventually(partial(_is_gone, pid), "no part left")
        eventually(lambda: answer_of(f"{url}/login")[0] == 0, "the port to be free")


def _children(parent: int) -> dict[int, list[str]]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(pid): Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in listed}


def _is_gone(pid: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True


def test_output_is_the_same_in_every_locale(tmp_path: Path) -> None:
    bare = Installed(tmp_path / "data")
    said = {
        locale: bare.nenep_child("jobs", "--list", LC_ALL=locale, LANG=locale)
        for locale in ("C", "C.UTF-8")
    }
    assert len(set(said.values())) == 1
    first = json.loads(bare.nenep("jobs", "--list", "--json").splitlines()[0])
    assert first["job"] == "heartbeat"
