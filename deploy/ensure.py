"""Find out what the machine lacks; install it where we may, otherwise say exactly what to install.

Standard library only: it runs before anything is installed. It asks for abilities (a program
that is there, a library that loads), not for packages, so that any distribution will do; only the
cure is written for Debian.

    ensure.py python     what making the virtual environment needs
    ensure.py run        what running Nền Nếp needs
    ensure.py test       what `make test` needs
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Need(NamedTuple):
    """One ability: what it is for, how we see it, and what brings it."""

    purpose: str
    is_met: Callable[[], bool]
    package: str
    without: str = ""  # what the product does without it; empty when it cannot do without


def program(*names: str) -> str | None:
    """Return the first of these programs that is on PATH."""
    return next((found for name in names if (found := shutil.which(name))), None)


def loads(library: str) -> bool:
    """Say whether the loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def can_make_environments() -> bool:
    """Debian splits venv's installer from Python itself."""
    probe = subprocess.run(
        [sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False
    )
    return probe.returncode == 0


def postgres_programs() -> Path | None:
    """Return the folder that holds initdb and postgres: Debian keeps them off PATH."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int("".join(filter(str.isdigit, folder.parent.name)) or 0),
        reverse=True,
    )
    if found := program("initdb"):
        folders.append(Path(found).resolve().parent)
    return next(
        (
            folder
            for folder in folders
            if (folder / "initdb").exists() and (folder / "postgres").exists()
        ),
        None,
    )


def office_has(library: str) -> bool:
    """LibreOffice is there and has the part that opens this kind of file."""
    soffice = program("soffice", "libreoffice")
    if soffice is None:
        return False
    folder = Path(soffice).resolve().parent
    # a distribution that is not laid out like Debian's is believed: the conversion tests will tell
    return (folder / library).exists() or not (folder / "soffice.bin").exists()


def tesseract_reads(language: str) -> bool:
    """Tesseract is there and knows this language."""
    tesseract = program("tesseract")
    if tesseract is None:
        return False
    said = subprocess.run([tesseract, "--list-langs"], capture_output=True, text=True, check=False)
    return language in said.stdout.split()


def has_fonts() -> bool:
    """Noto Sans is there: it has every Vietnamese letter."""
    folders = [Path(folder).expanduser() for folder in FONTS]
    return any(
        next(folder.rglob("NotoSans-Regular.*"), None) for folder in folders if folder.is_dir()
    )


PYTHON = [Need("making a virtual environment", can_make_environments, "python3-venv")]
RUN = [
    Need("making PDFs (Pango)", lambda: loads("libpango-1.0.so.0"), "libpango-1.0-0"),
    Need(
        "making PDFs (Pango for FreeType)",
        lambda: loads("libpangoft2-1.0.so.0"),
        "libpangoft2-1.0-0",
    ),
    Need(
        "showing Word files as PDF (LibreOffice Writer)",
        lambda: office_has("libswlo.so"),
        "libreoffice-writer",
        without="Word files can be kept, compared and downloaded, but get no PDF",
    ),
    Need(
        "showing spreadsheets as PDF (LibreOffice Calc)",
        lambda: office_has("libsclo.so"),
        "libreoffice-calc",
        without="spreadsheets can be kept and downloaded, but get no PDF",
    ),
    Need(
        "recognising the words of scans (Tesseract)",
        lambda: program("tesseract") is not None,
        "tesseract-ocr",
        without="scans are shown as pictures, and search does not find their words",
    ),
    Need(
        "recognising the words of scans in Vietnamese (its language for Tesseract)",
        lambda: tesseract_reads("vie"),
        "tesseract-ocr-vie",
        without="scans are shown as pictures, and search does not find their words",
    ),
    Need(
        "printing Vietnamese letters (Noto fonts)",
        has_fonts,
        "fonts-noto-core",
        without="printed pages use whatever fonts the machine has",
    ),
]
TEST = [
    *RUN,
    Need("the tests on PostgreSQL", lambda: postgres_programs() is not None, "postgresql"),
    Need("the browser tests (Chromium)", lambda: program(*CHROMIUM) is not None, "chromium"),
    Need(
        "reading printed PDFs in tests", lambda: program("pdftotext") is not None, "poppler-utils"
    ),
]
LEVELS = {"python": PYTHON, "run": RUN, "test": TEST}


def missing(needs: list[Need]) -> list[Need]:
    """Return what is not there."""
    return [need for need in needs if not need.is_met()]


def may_install() -> bool:
    """We install only as root and only with Debian's own tool; nobody is asked for a password."""
    return os.geteuid() == 0 and program("apt-get") is not None


def install(packages: list[str]) -> bool:
    """Install Debian packages without asking anything."""
    print(f"ensure: installing {' '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # an old list of packages names files that are gone, so it is fetched first; a mirror may fail
    # and the cache still have what we need, so only the second command decides
    subprocess.run(
        ["apt-get", "update", "-qq"], env=environment, stdin=subprocess.DEVNULL, check=False
    )
    done = subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def explain(lacking: list[Need]) -> None:
    """Say what is missing, what for, and the one command that brings it."""
    for need in lacking:
        print(f"ensure: missing: {need.package} -- {need.purpose}", file=sys.stderr)
    command = (
        f"apt-get install -y --no-install-recommends {' '.join(need.package for need in lacking)}"
    )
    print(f"ensure: install it as root, on Debian or Ubuntu with:\n    {command}", file=sys.stderr)


def ensure(level: str) -> int:
    """Return 0 when everything this level cannot do without is there."""
    lacking = missing(LEVELS[level])
    if lacking and may_install():
        install([need.package for need in lacking])
        lacking = missing(lacking)
    if not lacking:
        return 0
    explain(lacking)
    if level != "test" and all(need.without for need in lacking):
        for need in lacking:
            print(f"ensure: starting all the same; until then {need.without}", file=sys.stderr)
        return 0
    return 1


def main(arguments: list[str]) -> int:
    """Check one level."""
    if len(arguments) != 1 or arguments[0] not in LEVELS:
        print(f"usage: ensure.py {'|'.join(LEVELS)}", file=sys.stderr)
        return 2
    return ensure(arguments[0])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
