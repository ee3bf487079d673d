"""Make .venv and install one locked list into it, with hashes, then the project itself.

Standard library only: it runs before anything is installed. uv is used where it is present because
it is quicker; pip does the same where it is not, or where uv cannot reach the index set up for pip.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"


def pip(*arguments: str) -> None:
    """Run pip of the environment; its failure is ours."""
    subprocess.run([PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments], check=True)


def install(*lists: str) -> None:
    """Install locked lists: whatever has no hash in them, or another hash, is refused."""
    wanted = [part for name in lists for part in ("-r", str(ROOT / name))]
    if uv := shutil.which("uv"):
        done = subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", *wanted],
            check=False,
        )
        if done.returncode == 0:
            return
        print("setup: uv could not install them, trying pip", file=sys.stderr)
    pip("install", "--quiet", "--require-hashes", *wanted)


def main(arguments: list[str]) -> int:
    """Install the list that was asked for."""
    if len(arguments) != 1:
        print("usage: install.py requirements/LIST.txt", file=sys.stderr)
        return 2
    if not PYTHON.exists():
        print("setup: making the virtual environment")
        venv.create(ROOT / ".venv", with_pip=True, symlinks=True)
    print(f"setup: installing {arguments[0]} (the first time takes a minute or two)")
    try:
        install(arguments[0], "requirements/build.txt")
        # setuptools comes from the lock above, so building needs no second, unlocked environment
        pip(
            "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)
        )
    except subprocess.CalledProcessError as failed:
        print("setup: the installation failed; what is written above says why", file=sys.stderr)
        return failed.returncode or 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
