"""One file in, its words and what it says about itself out (ISO 9001:2015, 7.5.2, 7.5.3).

Run it only inside the workshop's limited children: the file is hostile until read.
"""

import dataclasses
from pathlib import Path

from documents.content.blocks import READER, Block, Reading, block_text, body_text
from documents.content.citations import citations
from documents.content.docx_reading import read_docx
from documents.content.intake import Reason, Refused, check_size, kind_of
from documents.content.office_intake import has_outside_links, open_office
from documents.content.pdf_intake import check_pdf
from documents.content.pdf_reading import read_pdf
from documents.content.proposal import Sources, propose
from documents.content.story import Story
from documents.content.xlsx_reading import read_xlsx

_MOST_CITED = 3_000_000


def inspect_and_read(path: Path, name: str) -> Reading:
    """Check a file by name and content, then read it; Refused with the reason to tell."""
    kind = kind_of(name).kind
    check_size(path)
    pages: int | None = None
    scan = outside = False
    try:
        if kind == "pdf":
            check_pdf(path)
            story, pages, scan = read_pdf(path)
        else:
            package = open_office(path.read_bytes(), kind)
            outside = has_outside_links(package)
            story = read_docx(package) if kind == "docx" else read_xlsx(package)
    except (MemoryError, RecursionError) as error:
        raise Refused(Reason.TOO_COMPLEX, type(error).__name__) from None
    reading = interpreted(story, name=name)
    return dataclasses.replace(reading, pages=pages, scan=scan, outside_links=outside)


def interpreted(story: Story, *, name: str) -> Reading:
    """Add what the words mean to the words: proposal, citations, count."""
    blocks = tuple(_settled(story.blocks))
    sources = Sources(blocks, story.textboxes, story.header, story.footer)
    proposal = propose(sources, name)
    reading = Reading(
        reader=READER,
        blocks=blocks,
        header=tuple(story.header),
        footer=tuple(story.footer),
        footnotes=tuple(story.footnotes),
        textboxes=tuple(story.textboxes),
        proposal=proposal,
        encoding=story.encoding,
    )
    text = "\n".join((body_text(reading), *reading.textboxes, *reading.footnotes))[:_MOST_CITED]
    return dataclasses.replace(
        reading,
        # a block at a time: a list of two million words would be the largest thing of all
        words=sum(len(block_text(each).split()) for each in blocks) + story.typed_numbers,
        citations=citations(text, own=proposal.code),
    )


def _settled(blocks: list[Block]) -> list[Block]:
    """Leave out empty paragraphs; they are layout, not content."""
    return [each for each in blocks if each.rows or each.text.strip()]
