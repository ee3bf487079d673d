"""Which test proves which rule and which feature, and what none proves: `make trace`.

It reads the tests and does not run them: a number counts when it is in `pytest.mark.covers(...)`
on a test, on its class, or in the module's `pytestmark`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent


def _series(*spans: str) -> list[str]:
    """Write out spans such as `a1-a6`."""
    numbers = []
    for span in spans:
        first, _, last = span.partition("-")
        letter = first[0]
        numbers += [f"{letter}{n}" for n in range(int(first[1:]), int((last or first)[1:]) + 1)]
    return numbers


# what this issue promises; a later issue adds its numbers here
RULES = _series("O1-O2", "O4-O6", "D1-D16", "A1-A10", "T1-T4")
FEATURES = _series(
    *("a1-a7", "a9-a56", "a59-a61"),
    *("b1-b20", "b22", "b25-b28", "b30-b36"),
    *("e1-e9", "e12", "e15", "e17-e21", "e24-e25"),
    *("L1-L2", "L4-L7", "L9", "L11", "L16", "L19", "L20", "L22-L25"),
)
# what exists at all: numbers a test may name although a later issue promises them; T with two
# digits is a goal of reliability (T04), with one a rule of the trail (T4)
KNOWN = re.compile(
    r"(O[1-6]|D(1[0-6]|[1-9])|A(10|[1-9])|N[1-7]|T[1-4]|T0[1-9]|T[12]\d|T30|P[1-7]|F(1[0-2]|[1-9])|[a-e][1-9]\d?|L(1\d|2[0-5]|[1-9]))"
)


def _numbers(decorator: ast.expr) -> Iterator[str]:
    """Yield the numbers of one `pytest.mark.covers(...)`."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return
    if decorator.func.attr == "covers":
        for argument in decorator.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value
            else:
                raise ValueError(f"line {argument.lineno}: covers() takes plain numbers")


def _of_module(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks = (
                node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            )
            return [number for mark in marks for number in _numbers(mark)]
    return []


def _of_tests(
    body: list[ast.stmt], inherited: list[str], prefix: str = ""
) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own = [number for mark in node.decorator_list for number in _numbers(mark)]
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                yield from _of_tests(node.body, [*inherited, *own], f"{prefix}{node.name}::")
            elif node.name.startswith("test_"):
                yield f"{prefix}{node.name}", [*inherited, *own]


def every_test(folder: Path = TESTS) -> Iterator[tuple[str, list[str]]]:
    """Yield every test with the numbers it proves."""
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, numbers in _of_tests(tree.body, _of_module(tree)):
            yield f"{path.relative_to(folder.parent).as_posix()}::{name}", numbers


def proofs(folder: Path = TESTS) -> dict[str, list[str]]:
    """Return the tests of each number that any test names."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, numbers in every_test(folder):
        for number in dict.fromkeys(numbers):
            found[number].append(name)
    return dict(found)


def report(found: dict[str, list[str]]) -> str:
    """Lay rules, features and proofs side by side."""
    lines = []
    for title, promised in (("Rules", RULES), ("Features", FEATURES)):
        proved = [number for number in promised if number in found]
        lines += [f"{title}: {len(proved)} of {len(promised)} have a test", ""]
        for number in promised:
            names = found.get(number, [])
            lines += [f"  {number:4} {names[0] if names else '-- no test --'}"]
            lines += [f"       {name}" for name in names[1:]]
        lines.append("")
    further = sorted(set(found) - set(RULES) - set(FEATURES))
    lines += [f"Also named, promised later: {', '.join(further) or 'none'}"]
    without = [n for n in [*RULES, *FEATURES] if n not in found]
    lines += [f"Without a test: {', '.join(without) or 'none'}"]
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(proofs()))
