"""The words of one file before anyone interprets them; each kind of file has its own reader."""

from dataclasses import dataclass, field

from documents.content.blocks import Block


@dataclass(slots=True)
class Story:
    """What a reader fills while it walks; `typed_numbers` counts the words of typed numbers."""

    blocks: list[Block] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    textboxes: list[str] = field(default_factory=list)
    encoding: str = "NFC"
    typed_numbers: int = 0
