"""The words of a PDF, page by page; a scan says that it is one (ISO 9001:2015, 7.5.3)."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pypdfium2

from documents.content.blocks import Block
from documents.content.headings import level_of, typed_heading
from documents.content.intake import Reason, Refused
from documents.content.story import Story

MOST_PAGES = 3_000
MOST_LETTERS = 5_000_000
_SCAN_LETTERS = 25
_NUMBERS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.;:!?…\"”)]$")
_NEW_PARAGRAPH = re.compile(r"(?:[-–•+*]|\(?[0-9a-zđ]{1,3}[.)]|[IVXLC]+\.|Điều \d|Chương [IVX])\s")


def read_pdf(path: Path) -> tuple[Story, int, bool]:
    """Return (words, pages, scan) of a checked PDF; Refused(damaged | password | too-complex)."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Refused(Reason.PASSWORD if locked else Reason.DAMAGED, str(error)[:200]) from None
    try:
        count = len(document)
        if count == 0:
            raise Refused(Reason.DAMAGED, "no pages")
        if count > MOST_PAGES:
            raise Refused(Reason.TOO_COMPLEX, f"{count} pages")
        texts = _texts(document, count)
    finally:
        document.close()
    scan = sum(len(text.strip()) < _SCAN_LETTERS for text in texts) * 2 > count
    return _story(texts), count, scan and _has_no_words(texts)


def _has_no_words(texts: list[str]) -> bool:
    return sum(len(re.findall(r"\w+", text)) for text in texts) < 8 * len(texts)


def _texts(document: pypdfium2.PdfDocument, count: int) -> list[str]:
    texts: list[str] = []
    left = MOST_LETTERS
    for number in range(count):
        try:
            page = document[number]
            words = page.get_textpage()
            text = words.get_text_range(errors="ignore") if words.count_chars() > 0 else ""
            words.close()
            page.close()
        except pypdfium2.PdfiumError:
            text = ""  # one broken page does not hide the others
        left -= len(text)
        if left < 0:
            raise Refused(Reason.TOO_COMPLEX, "letters")
        texts.append(_clean(text))
    return texts


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def _story(texts: list[str]) -> Story:
    """Lines that stand at the same edge of most pages are header and footer."""
    pages = [[line.strip() for line in text.split("\n") if line.strip()] for text in texts]
    story = Story()
    story.encoding = "NFC" if all(unicodedata.is_normalized("NFC", t) for t in texts) else "NFD"
    if len(pages) > 2:
        story.header = _edge(pages, 0)
        story.footer = _edge(pages, -1)
    story.blocks = [block for page in pages for block in blocks_of(page)]
    return story


def _edge(pages: list[list[str]], at: int) -> list[str]:
    """Take away the lines at one edge that return on most pages; numbers may differ."""
    found: list[str] = []
    for _line in range(3):
        lines = [page[at] for page in pages if page]
        seen = Counter(_NUMBERS.sub("#", line) for line in lines)
        if not seen:
            break
        shape, times = seen.most_common(1)[0]
        if times * 3 < len(pages) * 2:
            break
        found.append(
            unicodedata.normalize(
                "NFC", next(line for line in lines if _NUMBERS.sub("#", line) == shape)
            )
        )
        for page in pages:
            if page and _NUMBERS.sub("#", page[at]) == shape:
                page.pop(at)
    return found if at == 0 else found[::-1]


def blocks_of(lines: list[str]) -> list[Block]:
    """Join the lines of a page to paragraphs; a numbered short line is a heading."""
    blocks: list[Block] = []
    waiting: list[str] = []

    def close() -> None:
        if waiting:
            blocks.append(Block("paragraph", " ".join(waiting)))
            waiting.clear()

    for raw in lines:
        line = unicodedata.normalize("NFC", raw)
        heading = typed_heading(line) if len(line) < 90 and not line.endswith((";", ",")) else None
        if heading and not _SENTENCE_END.search(line):
            close()
            blocks.append(Block("heading", heading[1], level_of(heading[0]), heading[0]))
            continue
        if _NEW_PARAGRAPH.match(line) or (waiting and _SENTENCE_END.search(waiting[-1])):
            close()
        waiting.append(line)
    close()
    return blocks
