"""The words of a scan as Tesseract sees them: a help for finding, never the original (a54).

`recognise` and `interpret` run only inside the workshop's limited children.
"""

import re
import subprocess
from pathlib import Path
from typing import Final

import pypdfium2

from documents.content.blocks import Reading
from documents.content.intake import Reason, Refused
from documents.content.pdf_reading import blocks_of
from documents.content.pictures import grey_page
from documents.content.reading import interpreted
from documents.content.recogniser import DOTS_AN_INCH, ENVIRONMENT, LANGUAGE, Recogniser
from documents.content.story import Story
from documents.content.workshop_limits import die_with_parent

_MOST_LETTERS: Final = 60_000  # of one page: more is noise
_APART: Final = re.compile(r"\n\s*\n")


def recognise(path: Path, page: int, found: Recogniser) -> str:
    """Draw one page (counted from 1) and return its words; Refused(too-complex) when it fails.

    The program sees only a picture that we drew, never the file, and ends with this process.
    """
    try:
        picture = grey_page(path, page, DOTS_AN_INCH)
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise Refused(Reason.DAMAGED, f"page {page}: {error}") from None
    try:
        done = subprocess.run(
            [found.program, "stdin", "stdout", "-l", LANGUAGE, "--dpi", str(DOTS_AN_INCH)],
            input=picture,
            env=ENVIRONMENT,
            capture_output=True,
            preexec_fn=die_with_parent,
            check=False,
        )
    except OSError as error:
        raise Refused(Reason.TOO_COMPLEX, f"page {page}: {error}") from None
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise Refused(Reason.TOO_COMPLEX, f"page {page}: {done.returncode} {' '.join(why)}")
    text = done.stdout.decode("utf-8", "replace").replace("\f", "").replace("\0", "")
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()[:_MOST_LETTERS]


def interpret(texts: list[str]) -> Reading:
    """Give pages of recognised words as paragraphs, and what they seem to say: all doubtful."""
    lumps = (lump for text in texts for lump in _APART.split(text))  # lines that stand together
    blocks = [block for lump in lumps for block in blocks_of(lump.splitlines())]
    return interpreted(Story(blocks=blocks), name="")
