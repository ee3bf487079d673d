"""Every check of the checker is needed: without it, or with it turned, a case notices (T3)."""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploy.cases import Case, arguments, battery, verdict
from tests.deploy.exports import DEPLOY, tool
from tests.deploy.test_check_trail import VECTORS

checker = tool("check_trail")
SOURCE = (DEPLOY / "check_trail.py").read_text(encoding="utf-8")
CURVE = ("point", "signature_holds")
ANYTHING = ast.Constant("(?s).*")
# only what takes part in a decision: other expressions are covered by the cases themselves
TABLES = ("SEALED", "LINES", "CHAIN", "ENTRY")


class Mutant(NamedTuple):
    """One change to the checker."""

    name: str
    tree: ast.Module
    is_curve: bool


def _guards(function: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Find every condition that decides between right and wrong."""
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "need"
        ):
            yield node, "args"
        if isinstance(node, ast.If) and any(
            isinstance(step, ast.Raise)
            or (isinstance(step, ast.Return) and isinstance(step.value, ast.Constant))
            for step in node.body
        ):
            yield node, "test"


def _condition(node: ast.AST, slot: str) -> ast.expr:
    found = node.args[0] if slot == "args" else node.test  # type: ignore[attr-defined]
    assert isinstance(found, ast.expr)
    return found


def _put(node: ast.AST, slot: str, condition: ast.expr) -> None:
    if slot == "args":
        node.args[0] = condition  # type: ignore[attr-defined]
    else:
        node.test = condition  # type: ignore[attr-defined]


def _variants(condition: ast.expr, passes: bool) -> Iterator[tuple[str, ast.expr]]:
    yield "removed", ast.Constant(passes)
    yield "negated", ast.UnaryOp(ast.Not(), condition)
    for node in ast.walk(condition):
        if isinstance(node, ast.BoolOp):
            for place in range(len(node.values)):
                changed = copy.deepcopy(condition)
                twin = next(
                    other
                    for other in ast.walk(changed)
                    if isinstance(other, ast.BoolOp) and ast.dump(other) == ast.dump(node)
                )
                twin.values[place] = ast.Constant(isinstance(twin.op, ast.And))  # decides nothing
                yield f"without part {place + 1}", changed


def _changed(change: Callable[[ast.Module], None]) -> ast.Module:
    tree = ast.parse(SOURCE)
    change(tree)
    return ast.fix_missing_locations(tree)


def mutants() -> Iterator[Mutant]:
    """Every change, each in a tree of its own."""
    functions = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.FunctionDef)]
    for place, function in enumerate(functions):
        is_curve = function.name in CURVE
        if function.name == "need":
            continue  # it is what the others are measured by
        for number, (node, slot) in enumerate(_guards(function)):
            condition = _condition(node, slot)
            for name, variant in _variants(condition, passes=slot == "args"):

                def change(
                    tree: ast.Module,
                    place: int = place,
                    number: int = number,
                    variant: ast.expr = variant,
                ) -> None:
                    twin = [one for one in tree.body if isinstance(one, ast.FunctionDef)][place]
                    _put(*list(_guards(twin))[number], variant)

                line = condition.lineno
                yield Mutant(
                    f"{function.name}:{line} {ast.unparse(condition):.50} {name}",
                    _changed(change),
                    is_curve,
                )
    yield from _unchecked_shapes()
    yield from _uncalled_checks()


def _unchecked_shapes() -> Iterator[Mutant]:
    def cells(tree: ast.Module) -> list[tuple[ast.Dict, int]]:
        tables = [
            statement.value
            for statement in tree.body
            if isinstance(statement, ast.Assign | ast.AugAssign)
            and ast.unparse(getattr(statement, "target", None) or statement.targets[0]) in TABLES  # type: ignore[union-attr]
        ]
        return [
            (node, place)
            for table in tables
            for node in ast.walk(table)
            if isinstance(node, ast.Dict)
            for place, value in enumerate(node.values)
            if isinstance(value, ast.Name | ast.Constant)
        ]

    for number, (table, place) in enumerate(cells(ast.parse(SOURCE))):

        def change(tree: ast.Module, number: int = number) -> None:
            table, place = cells(tree)[number]
            table.values[place] = ANYTHING

        key = table.keys[place]
        assert isinstance(key, ast.Constant)
        yield Mutant(f"shape:{table.lineno} of {key.value}", _changed(change), False)


def _uncalled_checks() -> Iterator[Mutant]:
    def calls(tree: ast.Module) -> list[ast.Expr]:
        return [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) in ("fits", "check_entry", "check_head")
        ]

    for number, call in enumerate(calls(ast.parse(SOURCE))):

        def change(tree: ast.Module, number: int = number) -> None:
            calls(tree)[number].value = ast.Constant(None)

        yield Mutant(f"call:{call.lineno} {ast.unparse(call)}", _changed(change), False)


def _loaded(mutant: Mutant) -> types.ModuleType:
    module = types.ModuleType("mutant")
    exec(compile(mutant.tree, "mutant", "exec"), module.__dict__)  # our own source, changed by us
    if not mutant.is_curve:
        # the curve is tried by the vectors; here its answers may be remembered between mutants
        module.signature_holds = checker.signature_holds  # type: ignore[attr-defined]
    return module


def _noticed_by_curve(module: types.ModuleType) -> bool:
    for public, message, signature in VECTORS:
        key, text, sound = map(bytes.fromhex, (public, message, signature))
        late = int.from_bytes(sound[32:], "little") + checker.ORDER
        doubtful = [sound[:32] + late.to_bytes(32, "little"), sound[:5] + b"?" + sound[6:]]
        if module.signature_holds(key, text, sound) is not True:
            return True
        if any(module.signature_holds(key, text, one) is not False for one in doubtful):
            return True
    if module.point((1).to_bytes(32, "little")) is None:  # the neutral element is a point
        return True
    strange = (2, 7, checker.P, checker.P + 1, 1 | 1 << 255)
    try:
        return any(
            module.point(y.to_bytes(32, "little")) is not None
            or module.signature_holds(y.to_bytes(32, "little"), b"", bytes(64)) is not False
            for y in strange
            if checker.point(y.to_bytes(32, "little")) is None
        )
    except TypeError:
        return True


def _noticed(module: types.ModuleType, prepared: list[tuple[Case, list[str]]]) -> bool:
    for case, command in prepared:
        answer = io.StringIO()
        try:
            with contextlib.redirect_stdout(answer), contextlib.redirect_stderr(answer):
                code = module.main(command)
        except (Exception, SystemExit):
            return True
        if verdict(case, code, answer.getvalue()):
            return True
    return False


@pytest.mark.slow
@pytest.mark.covers("T3", "e4")
def test_no_check_of_the_checker_is_idle(tmp_path: Path) -> None:
    prepared = [
        (case, arguments(case, tmp_path / str(number))) for number, case in enumerate(battery())
    ]
    assert not _noticed(checker, prepared)
    assert not _noticed_by_curve(checker)
    every = list(mutants())
    assert len(every) > 80
    idle = [
        mutant.name
        for mutant in every
        if not (
            _noticed_by_curve(_loaded(mutant))
            if mutant.is_curve
            else _noticed(_loaded(mutant), prepared)
        )
    ]
    assert not idle, "no case notices: " + "; ".join(idle)
