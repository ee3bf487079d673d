"""Write requirements/ anew: exact versions and hashes, never an address.

Each list is resolved for every platform and Python at once, so that one file serves them all.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# one list per way of installing; `build` is what builds the project itself, from the same lock
LISTS: dict[str, list[str]] = {
    "base": [],
    "postgres": ["--extra", "postgres"],
    "dev": ["--extra", "dev"],
}
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--generate-hashes",
    "--quiet",
]


def main(arguments: list[str]) -> int:
    """Compile every list; arguments such as --upgrade are handed to uv."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv" / "bin"))
    if uv is None:
        print("lock: uv is needed for this one command: `pip install uv`", file=sys.stderr)
        return 1
    command = [uv, "pip", "compile", *OPTIONS, *arguments]
    for name, extra in LISTS.items():
        target = f"requirements/{name}.txt"
        done = subprocess.run([*command, *extra, "pyproject.toml", "-o", target], cwd=ROOT)
        if done.returncode:
            return done.returncode
        print(f"lock: {target}")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = "\n".join(project["build-system"]["requires"]).encode()
    done = subprocess.run([*command, "-", "-o", "requirements/build.txt"], cwd=ROOT, input=wanted)
    if done.returncode == 0:
        print("lock: requirements/build.txt")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
