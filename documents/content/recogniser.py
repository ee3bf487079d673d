"""The program that reads scans, as it is installed here, or not (a54).

Apart from what it does, which loads what draws pages: the web part only asks whether it is there.
"""

import shutil
import subprocess
from dataclasses import dataclass
from typing import Final

PROGRAM: Final = "tesseract"
LANGUAGE: Final = "vie"
MOST_PAGES: Final = 100  # of one file; the rest stays pictures, and people are told
PAGE_SECONDS: Final = 60.0
PAGE_MEMORY_BYTES: Final = 500 * 1024 * 1024
DOTS_AN_INCH: Final = 300
_LISTS_SECONDS: Final = 10


@dataclass(frozen=True)
class Recogniser:
    """The program as it is installed here."""

    program: str


ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
_KNOWN: set[Recogniser] = set()


def recogniser() -> Recogniser | None:
    """Find the program with Vietnamese; None without it, and what comes later is found, too."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    found = Recogniser(program)
    if found not in _KNOWN and LANGUAGE in _languages(found):
        _KNOWN.add(found)
    return found if found in _KNOWN else None


def _languages(found: Recogniser) -> list[str]:
    try:
        said = subprocess.run(
            [found.program, "--list-langs"],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LISTS_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return said.stdout.decode("utf-8", "replace").split()
