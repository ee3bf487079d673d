"""Backup drills under load (T19): `python -m tests.bench.drills [--rounds 20]`.

Each backs up an installation that four people write into, restores it into an empty one, has
every row and file compared and the trail verified. Through deploy/postgres.py on both databases.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from tests.backup.drill import closed, drill, opened
from tests.conftest import DATABASES, fresh_postgres
from tests.faults.stage import staged


def main() -> None:
    """Run the drills and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    for kind in DATABASES:
        seconds, made = [], 0
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                url = fresh_postgres("nenep_drill_to") if kind == "postgresql" else ""
                with staged(kind, folder / "live", "nenep_drill_from") as world:
                    world.effective(3)
                    done = drill(world, folder, url, writers=4)
                    app = opened(done.restored)
                    try:
                        (verdict,) = done.restored.objects("trail", "verify", "--json")
                    finally:
                        closed(app)
                    if not verdict["sound"]:
                        raise SystemExit(f"{kind}, round {number}: {verdict}")
                    seconds.append(done.seconds)
                    made += done.made_during
        print(
            f"{kind}: {rounds} drills, all equal and proved; {made} documents were begun "
            f"meanwhile; median {statistics.median(seconds):.1f} s, most {max(seconds):.1f} s"
        )


if __name__ == "__main__":
    main()
