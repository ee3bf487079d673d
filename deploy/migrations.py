"""Apply every migration to an empty database and fail when the models say something else.

It drives the product's own `flask db` commands: what is checked is what an installation runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Upgrade, compare, and answer with the first command that failed."""
    with tempfile.TemporaryDirectory(prefix="nenep-migrations-") as folder:
        environment = os.environ | {
            "NENEP_ENV": "testing",
            "NENEP_DATABASE_URL": f"sqlite:///{folder}/migrated.sqlite",
            "NENEP_DATA": folder,
        }
        flask = [sys.executable, "-m", "flask", "--app", "app.factory", "db"]
        for step in ("upgrade", "check"):
            done = subprocess.run(
                [*flask, step, "--directory", "app/migrations"], cwd=ROOT, env=environment
            )
            if done.returncode:
                print(f"migrations: `flask db {step}` failed", file=sys.stderr)
                return done.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
