"""The code keeps the rules of the house, and each rule would notice a breach."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from jinja2 import TemplateSyntaxError

from tests.deploy.exports import tool
from tests.structure import house
from tests.structure.house import ROOT, Rule

translations = tool("translations")
KEYWORDS = DEFAULT_KEYWORDS | {
    "_": None,
    "N_": None,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLACE = re.compile(r"%\((\w+)\)[sd]")


def breaches(rules: Iterable[Rule], paths: Iterable[Path]) -> list[str]:
    """Apply rules to files."""
    found: list[str] = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for rule in rules:
            found += rule(house.relative(path), tree)
    return found


def test_every_file_keeps_the_rules() -> None:
    everything = [*house.product(), *house.sources("tests", "deploy")]
    assert not breaches(house.EVERYWHERE, everything)


def test_product_keeps_the_rules() -> None:
    assert not breaches(house.IN_PRODUCT, house.product())


def test_tools_run_nothing_hidden() -> None:
    assert not breaches([house.nothing_banned], house.sources("deploy"))


def test_no_test_is_left_out() -> None:
    assert not breaches(house.IN_TESTS, house.sources("tests"))


def test_templates_and_scripts_stay_short() -> None:
    files = [*(ROOT / "app").rglob("*.html"), *(ROOT / "app" / "static" / "js").rglob("*.js")]
    long = {
        house.relative(path): lines
        for path in files
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > house.LONGEST
    }
    assert not long


def test_reasons_are_given_and_still_needed() -> None:
    assert all(reason for reason in house.LOCAL_IMPORTS.values())
    needed = {
        (house.relative(path), module)
        for path in house.product()
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in [node.names[0].name if isinstance(node, ast.Import) else node.module or ""]
    }
    assert set(house.LOCAL_IMPORTS) <= needed


PLANTED: list[tuple[Rule, str, str]] = [
    (house.says_what_it_is, "app/x.py", "import os"),
    (house.imports_at_the_top, "app/x.py", "def f():\n    import os"),
    (
        house.imports_at_the_top,
        "app/x.py",
        "class A:\n    def f(self):\n        from os import path",
    ),
    (house.silent_init, "app/kernel/__init__.py", '"""Doc."""\nimport os'),
    (house.environment_read_once, "app/x.py", "import os\nx = os.environ['A']"),
    (house.environment_read_once, "app/x.py", "import os\nx = os.getenv('A')"),
    (house.environment_read_once, "app/x.py", "from os import environ"),
    (house.config_stays_outside, "app/web/x.py", "import config"),
    (house.config_stays_outside, "documents/x.py", "from config import Production"),
    (house.states_change_on_records, "documents/approval.py", "revision.state = 1"),
    (house.states_change_on_records, "app/x.py", "a, r.state = 1, 2"),
    (house.states_change_on_records, "app/x.py", "r.state: int = 1"),
    (house.states_change_on_records, "app/x.py", "setattr(r, 'state', 1)"),
    (house.one_place_commits, "app/x.py", "db.session.commit()"),
    (house.one_place_commits, "app/x.py", "session().commit()"),
    (house.named_by_subject, "app/utils.py", ""),
    (house.named_by_subject, "documents/helpers/x.py", ""),
    (house.nothing_banned, "app/x.py", "import pickle"),
    (house.nothing_banned, "app/x.py", "from hashlib import md5"),
    (house.nothing_banned, "app/x.py", "hashlib.sha1(b'')"),
    (house.nothing_banned, "app/x.py", "eval('1')"),
    (house.nothing_banned, "app/x.py", "yaml.load(x)"),
    (house.nothing_banned, "app/x.py", "subprocess.run('a', shell=True)"),
    (house.nothing_left_out, "tests/test_x.py", "pytest.skip('no')"),
    (house.nothing_left_out, "tests/test_x.py", "@pytest.mark.xfail\ndef test_a(): ..."),
    (house.nothing_left_out, "tests/test_x.py", "@pytest.mark.skipif(True)\ndef test_a(): ..."),
    (house.nothing_left_out, "tests/test_x.py", "x = pytest.importorskip('y')"),
    (house.whole_messages, "app/x.py", "_(f'{a} is late')"),
    (house.whole_messages, "app/x.py", "_('is late: %s' % a)"),
]


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED)
def test_a_planted_breach_is_noticed(rule: Rule, path: str, source: str) -> None:
    assert list(rule(path, ast.parse(source)))


def test_what_is_allowed_is_not_called_a_breach() -> None:
    assert not list(
        house.states_change_on_records("documents/models/revision.py", ast.parse("self.state = 1"))
    )
    assert not list(house.one_place_commits("app/kernel/work.py", ast.parse("s.commit()")))
    assert not list(house.config_stays_outside("app/factory.py", ast.parse("import config")))
    assert not list(
        house.nothing_banned("app/x.py", ast.parse("import re\nre.compile('a')\nrun(shell=False)"))
    )


def _contract() -> str:
    """Write the import contract of pyproject.toml, without layers that no file holds yet."""

    def exists(module: str) -> bool:
        path = ROOT.joinpath(*module.split("."))
        return path.with_suffix(".py").exists() or path.is_dir()

    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = settings["tool"]["importlinter"]
    lines = ["[importlinter]", "include_external_packages = True", "root_packages ="]
    lines += [f"    {package}" for package in linter["root_packages"]]
    for number, contract in enumerate(linter["contracts"]):
        lines.append(f"[importlinter:contract:{number}]")
        for name, value in contract.items():
            if not isinstance(value, list):
                lines.append(f"{name} = {value}")
                continue
            kept = value
            if name == "layers":
                rows = [[one for one in re.split(r"\s*\|\s*", row) if exists(one)] for row in value]
                kept = [" | ".join(row) for row in rows if row]
            lines += [f"{name} =", *(f"    {one}" for one in kept)]
    return "\n".join(lines)


def test_imports_go_one_way(tmp_path: Path) -> None:
    contract = tmp_path / "contract.ini"
    contract.write_text(_contract(), encoding="utf-8")
    lint = Path(sys.executable).parent / "lint-imports"
    command = [str(lint), "--no-cache", "--config", str(contract)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def _messages(root: Path = ROOT) -> dict[tuple[str | None, Any], str]:
    """Every text marked for translation, with the place where it first stands."""
    found: dict[tuple[str | None, Any], str] = {}
    for folder in house.PRODUCT:
        for name, line, message, _comments, context in extract_from_dir(
            root / folder,
            # paths are matched from the folder on; broken templates must not pass unread
            [("**.py", "python"), ("templates/**.*", "jinja2")],
            {"templates/**.*": {"silent": "false"}},
            KEYWORDS,
        ):
            found.setdefault((context, message), f"{folder}/{name}:{line}")
    return found


def _faults(message: Any, translated: Any) -> Iterable[str]:
    texts = translated if isinstance(translated, tuple | list) else (translated,)
    if not all(texts):
        yield "empty"
    source = message[-1] if isinstance(message, tuple) else message
    if any(
        sorted(set(PLACE.findall(text))) != sorted(set(PLACE.findall(source))) for text in texts
    ):
        yield "other placeholders"


def test_every_way_of_marking_a_text_is_found(tmp_path: Path) -> None:
    for folder in house.PRODUCT:
        (tmp_path / folder).mkdir()
    pages = tmp_path / "app" / "templates" / "documents"
    pages.mkdir(parents=True)
    (pages / "review.html").write_text(
        "{{ _('Page') }}{% trans n=2 %}Block {{ n }}{% endtrans %}"
        "{{ ngettext('%(num)d file', '%(num)d files', 2) }}",
        encoding="utf-8",
    )
    (tmp_path / "documents" / "models.py").write_text('D = ("draft", N_("Draft"))', "utf-8")
    (tmp_path / "forms" / "approval.py").write_text('f = Field(_l("Comment"))', "utf-8")
    assert {message for _, message in _messages(tmp_path)} == {
        "Page",
        "Block %(n)s",
        ("%(num)d file", "%(num)d files"),
        "Draft",
        "Comment",
    }
    (pages / "broken.html").write_text("{% if %}", encoding="utf-8")
    with pytest.raises(TemplateSyntaxError):
        _messages(tmp_path)


@pytest.mark.covers("e17")
def test_vietnamese_is_complete() -> None:
    catalogue = translations.union((ROOT / "app" / "translations" / "vi").glob("*.po"), "vi")
    faults = []
    for (context, message), place in sorted(_messages().items(), key=lambda pair: pair[1]):
        found = catalogue.get(message, context)
        if found is None:
            faults.append(f"{place}: {message!r} is missing")
            continue
        wrong = [*(["fuzzy"] if found.fuzzy else []), *_faults(message, found.string)]
        faults += [f"{place}: {message!r} is {fault}" for fault in wrong]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("message", "translated", "fault"),
    [
        ("%(code)s is late.", "%(code)s bị trễ.", []),
        ("%(code)s is late.", "Bị trễ.", ["other placeholders"]),
        ("%(code)s is late.", "%(ma)s bị trễ.", ["other placeholders"]),
        ("Draft", "", ["empty"]),
        (("%(num)d file", "%(num)d files"), ("%(num)d tệp",), []),
        (("%(num)d file", "%(num)d files"), ("tệp",), ["other placeholders"]),
    ],
)
def test_a_faulty_translation_is_noticed(message: Any, translated: Any, fault: list[str]) -> None:
    assert list(_faults(message, translated)) == fault


def test_compiled_catalogues_stay_out_of_git() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "app/translations"], cwd=ROOT, capture_output=True, text=True
    )
    assert listed.returncode == 0, listed.stderr
    assert not [name for name in listed.stdout.splitlines() if "LC_MESSAGES" in name]
