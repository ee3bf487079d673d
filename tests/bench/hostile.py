"""Pages under ten hostile uploads: `python -m tests.bench.hostile --seconds 60` (T27)."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.conftest import DATABASES
from tests.faults.siege import besiege
from tests.faults.stage import free_port, running, staged


def main() -> None:
    """Besiege a server on every database; print what readers and attackers met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    given = parser.parse_args()
    for kind in [given.only] if given.only else DATABASES:
        with (
            tempfile.TemporaryDirectory(prefix="nenep-siege-") as folder,
            staged(kind, Path(folder), "nenep_bench_siege") as world,
        ):
            port = free_port()
            size = {"workers": given.workers, "threads": given.threads}
            with running(world.app, port, log=Path(folder) / "server.out", **size):
                seen = besiege(world, port, given.seconds)
        uploads = sorted(seen.uploads)
        print(
            f"{kind}: {len(seen.pages)} pages, p50 {seen.worst_of(0.5):.3f} s, "
            f"p95 {seen.worst_of(0.95):.3f} s, worst {seen.worst_of(1):.3f} s; "
            f"{len(uploads)} uploads, worst {uploads[-1]:.1f} s, answers {dict(seen.statuses)}; "
            f"problems {seen.problems[:3]}",
            flush=True,
        )


if __name__ == "__main__":
    main()
