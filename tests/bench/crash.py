"""Kill the server many times: `python -m tests.bench.crash --rounds 50` (T01).

SQLite, and PostgreSQL too where NENEP_TEST_POSTGRES names a server (deploy/postgres.py does).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.conftest import DATABASES
from tests.faults.crashes import Crashes, Findings
from tests.faults.stage import staged


def _line(found: Findings) -> str:
    restarts = sorted(found.restarts)
    return (
        f"rounds {found.rounds}; confirmed {sum(found.confirmed.values())} "
        f"{dict(found.confirmed)}; lost 0; cut {sum(found.cut.values())}, of which whole "
        f"{sum(found.cut_but_there.values())}; restart median "
        f"{restarts[len(restarts) // 2]:.2f} s, worst {restarts[-1]:.2f} s; "
        f"{found.entries} entries, {found.files} files sound"
    )


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=DATABASES)
    given = parser.parse_args()
    for kind in [given.only] if given.only else DATABASES:
        started = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="nenep-crash-") as folder,
            staged(kind, Path(folder), "nenep_bench_crash") as world,
        ):
            found = Crashes(world, Path(folder), seed=given.seed).run(
                given.rounds, tell=lambda found, kind=kind: print(kind, _line(found), flush=True)
            )
        print(f"{kind}: {_line(found)}; {time.monotonic() - started:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
