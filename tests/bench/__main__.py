"""Every measure with one command: `make bench`, or `python -m tests.bench` (L11).

    python deploy/postgres.py -- python -m tests.bench --rows 1000,100000,1000000 --clients 1,8

Processor time of the server a request is the figure that holds on a busy machine; each page
stands beside the bare page of the same run. JSON goes to the file named with --json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from flask import Flask
from flask_migrate import upgrade

from app.factory import create_app
from app.kernel.db import db
from config import for_tests
from tests.bench import alone, pages, search
from tests.bench.population import populate
from tests.conftest import DATABASES, migrated_app, postgres

FILLED: Final = "filled"  # says that a folder holds a whole database, and its large body


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _line(found: dict[str, Any]) -> str:
    rest = {name: value for name, value in found.items() if name not in ("kind", "rows")}
    return f"{found['kind']:<11}{found['rows']:>8}  " + "  ".join(
        f"{name} {value}" if not isinstance(value, str) else f"{value:<24}"
        for name, value in rest.items()
    )


def run(kind: str, rows: int, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Fill one database of one kind and measure everything on it."""
    found: list[dict[str, Any]] = []

    def tell(figures: dict[str, Any]) -> None:
        found.append({"kind": kind, "rows": rows, **figures})
        print(_line(found[-1]), flush=True)

    with ExitStack() as closing:
        folder = given.keep / f"{kind}-{rows}" if given.keep else None
        if folder is None:
            held = tempfile.TemporaryDirectory(prefix="nenep-bench-")
            folder = Path(closing.enter_context(held))
        app = _filled(kind, rows, folder, tell)
        body_id = int((folder / FILLED).read_text("utf-8"))
        parts = {
            "pages": lambda: pages.measured(app, body_id, folder, given.clients, given.seconds),
            "search": lambda: search.measured(app),
            "alone": lambda: alone.measured(app, body_id, folder),
        }
        try:
            for part in given.parts.split(",") if given.parts else ():
                for figures in parts[part]():
                    tell(figures)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
            app.extensions["nenep.workshop"].close()
    return found


def _filled(kind: str, rows: int, folder: Path, tell: Callable[[dict[str, Any]], None]) -> Flask:
    """Fill a database, or open the one a run before has filled and kept, migrated as it should."""
    name = f"nenep_bench_{rows}"
    if (folder / FILLED).exists():
        url = "" if kind == "sqlite" else postgres(name)
        app = create_app(for_tests(folder, url))
        with app.app_context():
            upgrade(directory=str(Path(app.root_path) / "migrations"))
            db.session.remove()
        return app
    folder.mkdir(parents=True, exist_ok=True)
    app = migrated_app(kind, folder, name)
    began = time.monotonic()
    body_id = populate(app, rows).body_id
    (folder / FILLED).write_text(str(body_id), "utf-8")
    tell({"page": "filling", "seconds": round(time.monotonic() - began)})
    return app


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=_numbers, default=[1_000, 100_000])
    parser.add_argument("--clients", type=_numbers, default=[1, 8])
    parser.add_argument("--seconds", type=float, default=3.0, help="for each page")
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--parts", default="pages,search,alone")
    parser.add_argument("--keep", type=Path, help="fill here, or measure what was filled before")
    parser.add_argument("--json", type=Path, help="where the figures go")
    given = parser.parse_args()
    found: list[dict[str, Any]] = []
    for kind in [given.only] if given.only else DATABASES:
        for rows in given.rows:
            found += run(kind, rows, given)
    if given.json:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
