"""Apply every migration to an empty database and fail when the models say something else.

SQLite always, PostgreSQL where NENEP_TEST_POSTGRES names a server: `make migrations` starts one.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from flask_migrate import check, upgrade

from app.factory import create_app
from config import for_tests


def compare(address: str) -> None:
    """Upgrade one empty database and compare it; a difference ends the program."""
    with tempfile.TemporaryDirectory(prefix="nenep-migrations-") as folder:
        app = create_app(for_tests(Path(folder), address))
        try:
            with app.app_context():
                upgrade()
                check()
        finally:
            app.extensions["nenep.workshop"].close()


def main() -> None:
    """Try each database."""
    postgres = os.environ.get("NENEP_TEST_POSTGRES", "")
    for address in ("", postgres) if postgres else ("",):
        compare(address)
        print(f"migrations: {'PostgreSQL' if address else 'SQLite'} holds what the models say")


if __name__ == "__main__":
    main()
