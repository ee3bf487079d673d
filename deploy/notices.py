"""Write THIRD-PARTY-NOTICES.md: every library that is installed with the product, and its licence.

Names come from the lock, licences from what the installed libraries say about themselves; what only
other platforms install is told below.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("base", "postgres")
# installed on other systems or interpreters only, so there is nothing here to ask
ELSEWHERE = {"brotlicffi": "MIT", "tzdata": "Apache-2.0", "colorama": "BSD-3-Clause"}
# say nothing in their metadata, or less than their licence file does
CORRECTIONS: dict[str, str] = {}
HEADER = """\
# Third-party notices

Nền Nếp is under the Apache License 2.0 (`LICENSE`). It is installed with these libraries, each
under its own licence; the text of each stands in its folder of the installation (`*.dist-info`).
Written by `make notices`, not by hand.
"""


def locked(name: str) -> list[str]:
    """Return the names in one locked list."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return sorted(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE))


def licence(name: str) -> str:
    """Say under which licence an installed library stands, in its own words made short."""
    if name in CORRECTIONS:
        return CORRECTIONS[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ELSEWHERE[name]
    if expression := about.get("License-Expression"):
        return expression
    classified = [
        words.rpartition(" :: ")[2]
        for words in about.get_all("Classifier") or []
        if words.startswith("License :: ") and not words.endswith("OSI Approved")
    ]
    if classified:
        return ", ".join(classified)
    return (about.get("License") or "").strip().splitlines()[0]


def notices() -> str:
    """Write the whole file."""
    base = locked("base")
    extra = [name for name in locked("postgres") if name not in base]
    lines = [HEADER]
    for title, names in (("Always", base), ("With PostgreSQL", extra)):
        lines += [f"## {title}\n", "| library | licence |", "|---|---|"]
        lines += [f"| {name} | {licence(name)} |" for name in names]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Write it, or say which library keeps its licence to itself."""
    try:
        text = notices()
    except (KeyError, IndexError) as error:
        print(f"notices: no licence known, add it to notices.py: {error}", file=sys.stderr)
        return 1
    (ROOT / "THIRD-PARTY-NOTICES.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
