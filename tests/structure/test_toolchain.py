"""The two commands, the lock, the notices and the table of proofs are what they claim to be."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import trace
from tests.deploy.exports import tool

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ensure = tool("ensure")
notices = tool("notices")
translations = tool("translations")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ;]", name, maxsplit=1)[0]).lower()


def test_build_runs_the_readme_command() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test </dev/null")
    # read, never run: `make -n` runs the lines that call make again, and those run these tests
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {"run", "test", "setup", "setup-production", "trace", "lock"} <= set(targets)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("base", PROJECT["project"]["dependencies"]),
        ("postgres", PROJECT["project"]["optional-dependencies"]["postgres"]),
        ("dev", PROJECT["project"]["dependencies"]),
        ("dev", PROJECT["project"]["optional-dependencies"]["dev"]),
        ("build", PROJECT["build-system"]["requires"]),
    ],
)
def test_lock_holds_every_dependency(lock: str, wanted: list[str]) -> None:
    assert {_plain(name) for name in wanted} <= set(notices.locked(lock))


def test_one_library_has_one_version_in_every_lock() -> None:
    versions: dict[str, set[str]] = {}
    for path in (ROOT / "requirements").glob("*.txt"):
        for name, version in re.findall(
            r"^([a-z0-9._-]+)==([^ ;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            versions.setdefault(name, set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_lock_holds_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(
            r"^\s*-", re.sub(r"--hash=sha256:[0-9a-f]{64}", "", text), re.MULTILINE
        )
        wholes = text.replace("\\\n", " ").splitlines()
        assert wholes
        for whole in wholes:
            assert re.match(r"[a-z0-9._-]+==\S+.* --hash=sha256:[0-9a-f]{64}", whole), whole


def test_notices_name_every_library() -> None:
    written = (ROOT / "THIRD-PARTY-NOTICES.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| ([a-z0-9._-]+) \| \S", written, re.MULTILINE)
    named = [name for name in named if name != "library"]  # the head of each table
    assert sorted(named) == sorted({*notices.locked("base"), *notices.locked("postgres")})
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


@pytest.mark.parametrize("name", ["ensure", "postgres", "install", "lock", "check_trail"])
def test_tools_that_run_first_need_nothing(name: str) -> None:
    tree = ast.parse((ROOT / "deploy" / f"{name}.py").read_text(encoding="utf-8"))
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {module.partition(".")[0] for module in imported} <= sys.stdlib_module_names | {"ensure"}


def test_what_is_missing_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hard = ensure.Need("making PDFs", lambda: False, "libpango-1.0-0")
    soft = ensure.Need("fonts", lambda: False, "fonts-noto-core", without="plain fonts")
    monkeypatch.setattr(ensure, "may_install", lambda: False)
    monkeypatch.setattr(ensure, "LEVELS", {"run": [hard, soft], "test": [soft], "python": []})
    assert ensure.main(["run"]) == 1
    assert "apt-get install -y --no-install-recommends libpango-1.0-0 fonts-noto-core" in (
        capsys.readouterr().err
    )
    assert ensure.main(["test"]) == 1  # a test that cannot run is never left out in silence
    ensure.LEVELS["run"].remove(hard)
    assert ensure.main(["run"]) == 0
    assert "plain fonts" in capsys.readouterr().err
    assert ensure.main(["python"]) == 0
    assert ensure.main(["everything"]) == 2


def test_what_is_missing_is_installed_where_we_may(monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[str] = []
    need = ensure.Need("PDFs", lambda: "libpango-1.0-0" in there, "libpango-1.0-0")
    monkeypatch.setattr(ensure, "may_install", lambda: True)
    monkeypatch.setattr(ensure, "install", there.extend)
    monkeypatch.setattr(ensure, "LEVELS", {"test": [need]})
    assert ensure.main(["test"]) == 0
    assert there == ["libpango-1.0-0"]


@pytest.mark.slow
def test_throwaway_postgres_leaves_nothing_behind(tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    script = (
        "import os, pathlib, sqlalchemy as sa\n"
        "address = os.environ['NENEP_TEST_POSTGRES']\n"
        "engine = sa.create_engine(address)\n"
        "with engine.connect() as connection:\n"
        "    encoding = connection.scalar(sa.text('SHOW server_encoding'))\n"
        "folder = address.partition('host=')[2]\n"
        f"pathlib.Path({str(answer)!r}).write_text(f'{{folder}} {{encoding}}')\n"
        "raise SystemExit(7)\n"
    )
    command = [
        sys.executable,
        str(ROOT / "deploy" / "postgres.py"),
        "--",
        sys.executable,
        "-c",
        script,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 7, done.stderr
    folder, encoding = answer.read_text().split()
    assert encoding == "UTF8"
    assert not Path(folder).exists()


def test_catalogues_by_subject_become_one(tmp_path: Path) -> None:
    language = tmp_path / "vi"
    language.mkdir()
    (language / "documents.po").write_text('msgid "Draft"\nmsgstr "Bản thảo"\n', encoding="utf-8")
    (language / "account.po").write_text('msgid "Sign in"\nmsgstr "Đăng nhập"\n', encoding="utf-8")
    assert translations.compile_all(tmp_path) == 1
    compiled = (language / "LC_MESSAGES" / "messages.mo").read_bytes()
    assert "Bản thảo".encode() in compiled
    assert "Đăng nhập".encode() in compiled
    (language / "account.po").write_text('msgid "Draft"\nmsgstr "Nháp"\n', encoding="utf-8")
    with pytest.raises(translations.Contradiction):
        translations.compile_all(tmp_path)


def test_every_proof_names_a_number_that_exists() -> None:
    unknown = {
        test: wrong
        for test, numbers in trace.every_test()
        if (wrong := [number for number in numbers if not trace.KNOWN.fullmatch(number)])
    }
    assert not unknown
    assert all(trace.KNOWN.fullmatch(number) for number in [*trace.RULES, *trace.FEATURES])


def test_trace_reads_marks_on_tests_classes_and_modules(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_some.py").write_text(
        "import pytest\npytestmark = [pytest.mark.covers('T1')]\n"
        "@pytest.mark.covers('D3', 'a15')\ndef test_one(): ...\n"
        "@pytest.mark.covers('O1')\nclass TestMany:\n    def test_two(self): ...\n",
        encoding="utf-8",
    )
    found = trace.proofs(folder)
    assert found["D3"] == found["a15"] == ["tests/test_some.py::test_one"]
    assert found["O1"] == ["tests/test_some.py::TestMany::test_two"]
    assert len(found["T1"]) == 2
    assert "D3   tests/test_some.py::test_one" in trace.report(found)
    assert "a1   -- no test --" in trace.report(found)


def test_nginx_and_services_keep_their_promises() -> None:
    nginx = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for promise in (
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "Strict-Transport-Security",
        "client_max_body_size 110m;",
    ):
        assert promise in nginx
    for part in ("web", "jobs"):
        service = (ROOT / "deploy" / f"nenep-{part}.service").read_text(encoding="utf-8")
        for promise in (
            "User=nenep",
            "NoNewPrivileges=yes",
            "EnvironmentFile=/etc/nenep/environment",
        ):
            assert promise in service
