"""The rules of the house as functions over source text, so that a test can also plant a breach.

Each takes the path of a file from the root and its tree, and yields what is wrong in words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("app", "documents", "audits", "forms")
Rule = Callable[[str, ast.Module], Iterator[str]]

# an import inside a function hides an arrow of the map; each one here says why it must
LOCAL_IMPORTS: dict[tuple[str, str], str] = {}
# packages whose __init__ does more than say what they are
SPEAKING_INITS = {
    "app/web/__init__.py",  # registers every blueprint
    "documents/models/__init__.py",  # one import registers every record
    "audits/models/__init__.py",
}
# who may touch the environment, and why; everybody else is handed values
READS_ENVIRONMENT = {
    "config.py": "it is where settings are read",
    "documents/content/rendition.py": "hands PATH on to the converter, and nothing else",
    "documents/content/workshop.py": "hands PATH on to the child that opens foreign files",
    "documents/content/workshop_helper.py": "empties its own: that child shall have no secret",
}
READS_CONFIG = {"app/factory.py", "app/commands.py", "app/jobs.py", "app/running_commands.py"}
COMMITS = {
    "app/kernel/work.py": "the unit of work",
    "app/migrations/env.py": "migrations run outside any act",
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base2"}
LONGEST = 600
LISTINGS = "app/migrations/versions/"  # written once, in the order of the tables
# what runs text as code, or is no longer a safe digest; the value says what to use instead
BANNED_MODULES = {
    "pickle": "json",
    "marshal": "json",
    "shelve": "the database",
    "dill": "json",
    "xml.etree.ElementTree": "defusedxml or lxml",
    "xml.dom.minidom": "defusedxml or lxml",
    "xml.sax": "defusedxml or lxml",
}
BANNED_CALLS = {
    "eval": "a table",
    "exec": "a function",
    "compile": "a function",
    "yaml.load": "json",
    "os.system": "subprocess with a list",
    "os.popen": "subprocess with a list",
    "hashlib.md5": "hashlib.sha256",
    "hashlib.sha1": "hashlib.sha256",
    "tempfile.mktemp": "tempfile.mkstemp",
}


def sources(*folders: str) -> list[Path]:
    """Every Python file under these folders; caches and other trees are not ours."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def product() -> list[Path]:
    """The files that are installed."""
    config = ROOT / "config.py"
    return [*sources(*PRODUCT), *([config] if config.exists() else [])]


def relative(path: Path) -> str:
    """How the rules name a file."""
    return path.relative_to(ROOT).as_posix()


def _dotted(node: ast.expr) -> str:
    """Write `a.b.c` for a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _imported(node: ast.AST) -> list[str]:
    """Name every module an import statement may bring in."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def says_what_it_is(path: str, tree: ast.Module) -> Iterator[str]:
    """Every module begins by saying what it decides."""
    if not ast.get_docstring(tree):
        yield f"{path}: no module docstring"


def imports_at_the_top(path: str, tree: ast.Module) -> Iterator[str]:
    """No import inside a function, unless allowed with a reason."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    module = (
                        node.names[0].name if isinstance(node, ast.Import) else node.module or ""
                    )
                    if (path, module) not in LOCAL_IMPORTS:
                        yield f"{path}:{node.lineno}: imports {module} inside a function"


def silent_init(path: str, tree: ast.Module) -> Iterator[str]:
    """An __init__ holds a docstring and nothing else."""
    if path.endswith("__init__.py") and path not in SPEAKING_INITS and len(tree.body) > 1:
        yield f"{path}:{tree.body[1].lineno}: an __init__ holds a docstring and nothing else"


def environment_read_once(path: str, tree: ast.Module) -> Iterator[str]:
    """Only config.py reads the environment."""
    if path in READS_ENVIRONMENT:
        return
    for node in ast.walk(tree):
        named = _dotted(node) if isinstance(node, ast.Attribute) else ""
        from_os = [alias.name for alias in node.names] if (
            isinstance(node, ast.ImportFrom) and node.module == "os"
        ) else []  # fmt: skip
        if named in ("os.environ", "os.getenv") or {"environ", "getenv"} & set(from_os):
            yield f"{path}:{getattr(node, 'lineno', 0)}: only config.py reads the environment"


def config_stays_outside(path: str, tree: ast.Module) -> Iterator[str]:
    """Only the composition reads config; domain code receives values."""
    if path in READS_CONFIG or path == "config.py":
        return
    for node in ast.walk(tree):
        if any(module.partition(".")[0] == "config" for module in _imported(node)):
            yield f"{path}:{getattr(node, 'lineno', 0)}: imports config; take the value instead"


def _assigned(node: ast.AST) -> Iterator[ast.expr]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr | ast.For):
        targets = [node.target]
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Tuple | ast.List):
            targets += target.elts
        else:
            yield target.value if isinstance(target, ast.Starred) else target


def states_change_on_records(path: str, tree: ast.Module) -> Iterator[str]:
    """A state changes inside the record that has it, nowhere else."""
    if path.startswith(("documents/models/", "audits/models/")):
        return
    for node in ast.walk(tree):
        for target in _assigned(node):
            if isinstance(target, ast.Attribute) and target.attr == "state":
                yield f"{path}:{target.lineno}: assigns .state outside the records"
        if (
            isinstance(node, ast.Call)
            and _dotted(node.func) == "setattr"
            and any(isinstance(one, ast.Constant) and one.value == "state" for one in node.args)
        ):
            yield f"{path}:{node.lineno}: sets state outside the records"


def one_place_commits(path: str, tree: ast.Module) -> Iterator[str]:
    """Only the unit of work commits."""
    if path in COMMITS:
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ):
            yield f"{path}:{node.lineno}: commits outside the unit of work"


def named_by_subject(path: str, tree: ast.Module) -> Iterator[str]:
    """A file is named by its subject word."""
    vague = VAGUE & {part.removesuffix(".py") for part in path.split("/")}
    if vague:
        yield f"{path}: {vague.pop()} is no subject"


def short_enough(path: str, tree: ast.Module) -> Iterator[str]:
    """A file that outgrows its reader is split by subject."""
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    if lines > LONGEST and not path.startswith(LISTINGS):
        yield f"{path}: {lines} lines, more than {LONGEST}"


def nothing_banned(path: str, tree: ast.Module) -> Iterator[str]:
    """Nothing runs text as code, starts a shell or uses a broken digest."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for module in _imported(node):
            if module in BANNED_MODULES:
                yield f"{path}:{line}: {module}; use {BANNED_MODULES[module]}"
            if module in BANNED_CALLS:
                yield f"{path}:{line}: {module}; use {BANNED_CALLS[module]}"
        if isinstance(node, ast.Call):
            called = _dotted(node.func)
            if called in BANNED_CALLS:
                yield f"{path}:{line}: {called}; use {BANNED_CALLS[called]}"
            if called == "hashlib.new":
                yield f"{path}:{line}: hashlib.new; name the digest"
            for keyword in node.keywords:
                off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
                if keyword.arg == "shell" and not off:
                    yield f"{path}:{line}: shell=True; use a list"


def nothing_left_out(path: str, tree: ast.Module) -> Iterator[str]:
    """A test runs, or it fails: none is skipped and none may fail."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.fullmatch(
            r"(pytest|unittest)(\.mark)?\.(skip\w*|xfail|importorskip)", _dotted(node)
        ):
            yield f"{path}:{node.lineno}: {_dotted(node)}; a test runs or it fails"
        if isinstance(node, ast.ImportFrom) and node.module in ("pytest", "unittest"):
            for alias in node.names:
                if re.fullmatch(r"skip\w*|xfail|importorskip|mark", alias.name):
                    yield f"{path}:{node.lineno}: import pytest as a whole"


def whole_messages(path: str, tree: ast.Module) -> Iterator[str]:
    """A message is one text with named places: what is put together cannot be translated."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and _dotted(node.func) in ("_", "_l", "N_", "gettext", "lazy_gettext", "ngettext")
            and node.args
            and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
        ):
            yield f"{path}:{node.lineno}: a message put together; use %(name)s"


EVERYWHERE: tuple[Rule, ...] = (says_what_it_is, named_by_subject, short_enough)
IN_PRODUCT: tuple[Rule, ...] = (
    imports_at_the_top,
    silent_init,
    environment_read_once,
    config_stays_outside,
    states_change_on_records,
    one_place_commits,
    nothing_banned,
    whole_messages,
)
IN_TESTS: tuple[Rule, ...] = (nothing_left_out,)
