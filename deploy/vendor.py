"""Copy third-party interface files from their packages into the tree and record what was taken.

Run by hand when a version changes: `python deploy/vendor.py`. Nothing is loaded from elsewhere at
run time, so the installation works with the network cable out; a test checks the digests.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
STATIC = "app/static/vendor"
MANIFEST = ROOT / STATIC / "vendor.toml"


class Package(NamedTuple):
    """One package: name, version wanted, licence and the files taken (inside -> in our tree)."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


def _fonts(family: str, *parts: str) -> dict[str, str]:
    return {f"files/{family}-{p}.woff2": f"{STATIC}/{family}-{p}.woff2" for p in parts}


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "0BSD",
        {
            "dist/htmx.min.js": f"{STATIC}/htmx.min.js",
            "LICENSE": f"{STATIC}/htmx.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        {
            **_fonts("inter", "latin-wght-normal", "vietnamese-wght-normal"),
            "LICENSE": f"{STATIC}/inter.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource/tinos",
        "5.3.0",
        "OFL-1.1",
        {
            **_fonts(
                "tinos",
                "latin-400-normal",
                "latin-700-normal",
                "vietnamese-400-normal",
                "vietnamese-700-normal",
            ),
            "LICENSE": f"{STATIC}/tinos.LICENSE.txt",
        },
    ),
    # for the accessibility tests only: never served, so it stays outside app/
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        {"axe.min.js": "tests/vendor/axe.min.js", "LICENSE": "tests/vendor/axe.LICENSE.txt"},
    ),
)


def fetch(package: Package, folder: Path) -> Path:
    """Download one package with the npm client and return the folder it unpacks to."""
    wanted = f"{package.name}@{package.version}"
    subprocess.run(["npm", "pack", "--silent", wanted], cwd=folder, check=True, stdout=sys.stderr)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def digest(path: Path) -> str:
    """SHA-256 of a file, as written in the manifest."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(package: Package) -> str:
    """The manifest's lines for one package."""
    lines = [
        "[[package]]",
        f'name = "{package.name}"',
        f'version = "{package.version}"',
        f'licence = "{package.licence}"',
        "[package.files]",
    ]
    lines += [f'"{kept}" = "{digest(ROOT / kept)}"' for kept in package.files.values()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fetch every package, copy its files and write the manifest anew."""
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            unpacked = fetch(package, Path(folder))
            for inside, kept in package.files.items():
                (ROOT / kept).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(unpacked / inside, ROOT / kept)
    head = "# Written by deploy/vendor.py: third-party files with their SHA-256. Do not edit.\n"
    MANIFEST.write_text("\n".join([head, *(entry(p) for p in PACKAGES)]), encoding="utf-8")


if __name__ == "__main__":
    main()
