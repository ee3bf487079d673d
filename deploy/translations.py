"""Make the catalogues that run from the ones people edit.

A language's texts are kept by subject (app/translations/vi/documents.po and its neighbours) so that
two people seldom touch one file; the running system reads one compiled catalogue: their union.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "app" / "translations"


class Contradiction(Exception):
    """Two files translate one text differently."""


def union(files: Iterable[Path], locale: str) -> Catalog:
    """Read several catalogues as one; one text may stand in two files only with one translation."""
    whole = Catalog(locale=locale, charset="utf-8")
    for path in sorted(files):
        with path.open("rb") as file:
            part = read_po(file, locale=locale, abort_invalid=True)
        for message in part:
            if not message.id:
                continue
            known = whole.get(message.id, message.context)
            if known is not None and known.string != message.string:
                raise Contradiction(
                    f"{path.name}: {message.id!r} is translated differently in another file"
                )
            whole.add(message.id, message.string, flags=message.flags, context=message.context)
    return whole


def compile_all(folder: Path = FOLDER) -> int:
    """Compile each language; return how many there were."""
    languages = sorted({path.parent for path in folder.glob("*/*.po")})
    for language in languages:
        target = language / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(exist_ok=True)
        catalogue = union(language.glob("*.po"), language.name)
        # written aside and moved: a server reading it now never sees half a file
        aside = target.with_suffix(".new")
        with aside.open("wb") as file:
            write_mo(file, catalogue)
        aside.replace(target)
    return len(languages)


def main() -> int:
    """Compile and say what was wrong, if anything was."""
    try:
        compile_all()
    except Contradiction as error:
        print(f"translations: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
