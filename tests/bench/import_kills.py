"""Kill the import many times: `python -m tests.bench.import_kills --rounds 50` (T01, L11)."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.documents.importing.kills import run


def main() -> None:
    """Run the rounds and print what they came to; 1 when anything was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=30, help="documents beside the usual ones")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nenep-kills-") as folder:
        found = run(
            Path(folder),
            given.rounds,
            seed=given.seed,
            size=given.size,
            tell=lambda found: print(found.line(), flush=True),
        )
    print(f"{found.line()}; {time.monotonic() - began:.0f} s in all")
    raise SystemExit(bool(found.lost or found.twice or found.different or found.unsound))


if __name__ == "__main__":
    main()
