"""Race people many times: `python -m tests.bench.races --rounds 500` (T03)."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.conftest import DATABASES
from tests.faults.races import ALL, Races
from tests.faults.stage import free_port, running, staged


def main() -> None:
    """Run every race on every database; the first that ends wrongly stops it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--race", choices=ALL, action="append")
    given = parser.parse_args()
    for kind in [given.only] if given.only else DATABASES:
        with (
            tempfile.TemporaryDirectory(prefix="nenep-races-") as folder,
            staged(kind, Path(folder), "nenep_bench_races") as world,
        ):
            port = free_port()
            with running(world.app, port, log=Path(folder) / "server.out"):
                races = Races(world, port)
                for name in given.race or ALL:
                    started = time.monotonic()
                    tally = getattr(races, name)(given.rounds)
                    times = sorted(tally.seconds)
                    print(
                        f"{kind:<11}{name:<24}{sum(tally.outcomes.values())} races right; "
                        f"answers {dict(tally.outcomes)}; p50 {times[len(times) // 2]:.2f} s, "
                        f"p99 {times[int(len(times) * 0.99)]:.2f} s; "
                        f"{time.monotonic() - started:.0f} s",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
