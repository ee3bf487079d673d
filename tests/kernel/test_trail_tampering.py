"""Whatever an owner of the database does to the trail, the check names it (T3, T04)."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.kernel import trail_check
from app.kernel.db import db
from app.kernel.trail_verdict import Verdict
from tests.tampering import BATTERY, CHAIN, Place, World, a_world, attacked

TRIALS = 4


@pytest.fixture
def world(app: Flask, tmp_path: Path) -> Iterator[World]:
    with a_world(app, tmp_path / "store") as made:
        yield made


def judged(world: World, check: Any = trail_check) -> Verdict:
    verdict: Verdict = check.verify(
        db.session(), world.keys, world.store, kept_heads=list(world.kept)
    )
    return verdict


def named(verdict: Verdict) -> Place | None:
    wrong = verdict.wrong
    return (wrong.record, wrong.chain, wrong.sequence) if wrong is not None else None


@pytest.mark.covers("T2", "T3", "T04", "e3", "e4", "e8")
def test_every_attack_is_found_and_the_first_wrong_record_named(world: World) -> None:
    missed = {}
    for name in BATTERY:
        for trial in range(TRIALS):
            with attacked(world, name, str(trial)) as expected:
                if (found := named(judged(world))) != expected:
                    missed[name, trial] = (expected, found)
            assert judged(world).is_sound, f"the trail did not come back after: {name}"
    assert not missed


@pytest.mark.covers("T3", "T04")
def test_sound_trail_is_sound_each_time(world: World) -> None:
    for _ in range(20):
        verdict = judged(world)
        assert verdict.is_sound
        assert verdict.entries == {1: world.length, CHAIN: world.length, 3: world.length}
        assert (verdict.heads, verdict.files) == (12, 1)


@pytest.mark.covers("T3")
def test_one_chain_can_be_checked_by_itself(world: World) -> None:
    with attacked(world, "1 edit fact", "0"):
        session = db.session()
        other = trail_check.verify(
            session, world.keys, world.store, kept_heads=world.kept, chains=frozenset({1})
        )
        assert other.is_sound
        assert other.entries == {1: world.length}
        own = trail_check.verify(session, world.keys, world.store, chains=frozenset({CHAIN}))
        assert own.wrong is not None


@pytest.mark.covers("T3")
def test_file_nobody_names_is_a_note_and_no_error(world: World) -> None:
    sha256 = world.store.put(b"just arriving")
    verdict = judged(world)
    assert verdict.is_sound
    assert verdict.notes == (sha256,)


@pytest.mark.covers("T3")
def test_check_that_runs_out_of_time_says_so_and_proves_nothing(world: World) -> None:
    seen: list[int] = []
    verdict = trail_check.verify(
        db.session(), world.keys, world.store, seconds=0, progress=seen.append
    )
    assert verdict.wrong is None
    assert not verdict.is_complete
    assert not verdict.is_sound
    assert seen


# --- every check of the check is needed

SOURCE = Path(trail_check.__file__).read_text(encoding="utf-8")


def _needs(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_need"
    ]


def _variants(condition: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    yield "removed", ast.Constant(True)
    yield "negated", ast.UnaryOp(ast.Not(), copy.deepcopy(condition))


def _mutants() -> Iterator[tuple[str, ast.Module]]:
    for number, call in enumerate(_needs(ast.parse(SOURCE))):
        for name, variant in _variants(call.args[0]):
            tree = ast.parse(SOURCE)
            _needs(tree)[number].args[0] = variant
            yield f"line {call.lineno} {ast.unparse(call.args[0]):.60} {name}", tree


def _loaded(tree: ast.Module) -> types.ModuleType:
    module = types.ModuleType("weakened")
    module.__dict__["__name__"] = trail_check.__name__  # dataclasses look their module up
    exec(compile(ast.fix_missing_locations(tree), "weakened", "exec"), module.__dict__)
    return module


def _notices(world: World, check: types.ModuleType, verdicts: dict[str, Place]) -> bool:
    if named(judged(world, check)) is not None:
        return True
    for name, expected in verdicts.items():
        with attacked(world, name, "0"):
            try:
                if named(judged(world, check)) != expected:
                    return True
            except Exception:  # a check that was removed kept the next lines from stumbling
                return True
    return False


@pytest.mark.slow
@pytest.mark.covers("T3", "T04")
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # which holds whatever is put into it
def test_no_check_is_idle(world: World) -> None:
    expected = {}
    for name in BATTERY:
        with attacked(world, name, "0") as place:
            expected[name] = place
    mutants = list(_mutants())
    assert len(mutants) >= 28
    idle = [name for name, tree in mutants if not _notices(world, _loaded(tree), expected)]
    assert not idle, "no attack notices: " + "; ".join(idle)
