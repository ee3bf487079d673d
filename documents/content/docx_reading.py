"""The words of a Word file, from its XML by our own walk (ISO 9001:2015, 7.5.3.1 a).

Content controls, text boxes (once), smart tags and inserted revisions are in; deleted ones are out.
"""

import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from documents.content.blocks import Block, block_text
from documents.content.docx_drawings import chunk_words, drawn_words, theme_fonts
from documents.content.docx_styles import THEME, Look, Styles, is_on, paragraph_look, run_look
from documents.content.docx_tables import TableRows, body_pieces, content
from documents.content.headings import level_of, split_number, typed_heading
from documents.content.intake import Reason, Refused
from documents.content.legacy_fonts import decoded, encoding_of, script_of
from documents.content.numbering import Numbering, attribute, child
from documents.content.office_intake import Relation, main_part, relations
from documents.content.package import Package
from documents.content.story import Story
from documents.content.xml_parts import local, parse_xml

_SKIPPED = frozenset(
    (
        "del",
        "moveFrom",
        "rPr",
        "pPr",
        "instrText",
        "delText",
        "delInstrText",
        "sectPr",
        "tblPr",
        "annotationRef",
        "footnoteRef",
        "endnoteRef",
        "separator",
        "fldData",
        "sdtPr",
        "sdtEndPr",
    )
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(slots=True)
class _Line:
    """A paragraph while it is read: pieces of text with the font each was typed in."""

    pieces: list[tuple[str, str]] = field(default_factory=list)
    bold: bool = True
    looks: list[tuple[Look, int]] = field(default_factory=list)

    def text(self) -> str:
        """Join pieces typed in one script, then decode: a letter may be split between runs."""
        joined: list[tuple[str, str]] = []
        for text, font in self.pieces:
            if joined and script_of(joined[-1][1]) == script_of(font):
                joined[-1] = (joined[-1][0] + text, font)
            else:
                joined.append((text, font))
        return unicodedata.normalize("NFC", "".join(decoded(*piece) for piece in joined))

    def saw(self, text: str, look: Look) -> None:
        """Remember how some letters look; neighbours that look alike are one."""
        letters = sum(map(len, text.split()))
        if letters and self.looks and self.looks[-1][0] == look:
            self.looks[-1] = (look, self.looks[-1][1] + letters)
        elif letters:
            self.looks.append((look, letters))

    def mark(self, align: str | None) -> str:
        """Return a short mark of how the whole paragraph looks; '' when it is empty."""
        if not self.looks:
            return ""
        one = len(self.looks) == 1
        seen = [
            (look.font, bool(look.bold), look.shown, one or letters) for look, letters in self.looks
        ]
        return f"{zlib.crc32(repr((align or '', seen)).encode()):08x}"


class DocxReader:
    """One walk over one document; use `read_docx`."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = main_part(package)
        self._relations = relations(package, self._main)
        self._styles = Styles(self._part("/styles"))
        self._numbering = Numbering(self._part("/numbering"))
        self._theme = theme_fonts(self._part("/theme", may_break=True))
        self._legacy: set[str] = set()
        self._decomposed = False
        self._carried: _Line | None = None
        self._inner = 0  # within a cell, box, note or margin nothing is a heading
        self.story = Story()

    def _part(self, ending: str, *, may_break: bool = False) -> etree._Element | None:
        for each in self._relations:
            if each.kind.endswith(ending) and not each.external and each.target in self._package:
                try:
                    return parse_xml(self._package.read(each.target), each.target)
                except Refused:
                    if not may_break:
                        raise
        return None

    def read(self) -> Story:
        """Walk body, notes, headers and footers; Refused(damaged) when there is no body."""
        self.story.blocks = list(self._body())
        for ending in ("/footnotes", "/endnotes"):
            self._notes(self._part(ending))
        self.story.textboxes += drawn_words(self._package, self._relations)
        for each in self._relations:
            self._margin(each)
        if self._legacy:
            self.story.encoding = "VNI" if "VNI" in self._legacy else "TCVN3"
        elif self._decomposed:
            self.story.encoding = "NFD"
        return self.story

    def _body(self) -> Iterator[Block]:
        """Walk the body piece by piece; each is forgotten once its words are taken."""
        table: TableRows | None = None
        for rows, element in body_pieces(self._package.read(self._main), self._main):
            if rows:
                table = table or TableRows(self._words)
                table.take(element)
            elif local(element) == "tbl":
                yield (table or TableRows(self._words)).taken(element)
                table = None
            else:
                yield from self._blocks((element,))
        yield from self._left_over()

    def _left_over(self) -> Iterator[Block]:
        """Yield the words of a last paragraph whose end is deleted: nothing follows to join on."""
        line, self._carried = self._carried, None
        if line is not None:
            yield Block("paragraph", line.text().strip("\n "))

    def _notes(self, root: etree._Element | None) -> None:
        for note in root if root is not None else ():
            if attribute(note, "type") in ("separator", "continuationSeparator"):
                continue
            text = self._joined(note)
            if text:
                self.story.footnotes.append(text)

    def _margin(self, relation: Relation) -> None:
        lists = {"/header": self.story.header, "/footer": self.story.footer}
        ending = relation.kind[relation.kind.rfind("/") :]
        if ending not in lists or relation.external or relation.target not in self._package:
            return
        root = parse_xml(self._package.read(relation.target), relation.target)
        boxes = len(self.story.textboxes)
        text = self._joined(root)
        inside = self.story.textboxes[boxes:]
        del self.story.textboxes[boxes:]
        text = "\n".join(part for part in (text.strip(), *inside) if part)
        if text and text not in lists[ending]:
            lists[ending].append(text)

    def _blocks(self, container: Iterable[etree._Element]) -> Iterator[Block]:
        for each in container:
            kind = local(each)
            if kind == "p":
                yield from self._paragraph(each)
            elif kind == "tbl":
                yield TableRows(self._words).taken(each)
            elif kind == "sdt":
                yield from self._blocks(content(each))
            elif kind in ("ins", "moveTo", "customXml", "smartTag", "dir", "bdo", "txbxContent"):
                yield from self._blocks(each)
            elif kind == "AlternateContent":
                yield from self._blocks(_alternative(each))
            elif kind == "altChunk":
                yield from self._chunk(attribute(each, "id"))

    def _chunk(self, key: str) -> Iterator[Block]:
        """Yield the paragraphs of a file that Word takes in at this place."""
        for each in self._relations:
            if each.key == key and not each.external and each.target in self._package:
                lines = chunk_words(self._package.read(each.target), each.target)
                yield from (Block("paragraph", unicodedata.normalize("NFC", x)) for x in lines)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        properties = child(element, "pPr")
        style = attribute(child(properties, "pStyle"), "val") or self._styles.normal
        inherited = self._styles.look(style)
        look = paragraph_look(properties).over(inherited)
        line = self._carried or _Line()
        self._carried = None
        self._inline(element, line, inherited.over(self._styles.default))
        mark = child(properties, "rPr")
        if child(mark, "del") is not None or child(mark, "moveFrom") is not None:
            self._carried = line if line.pieces else None  # its end is deleted: the next joins on
            return
        yield self._block(line, look, style)

    def _block(self, line: _Line, look: Look, style: str) -> Block:
        text = line.text()
        bare = text.strip()
        label = ""
        if look.number and look.number != "0" and bare:
            level = look.level
            if level is None:
                level = self._numbering.style_level(look.number, self._styles.numbered_by(style))
            label, _kind = self._numbering.label(look.number, level)
        seen = line.mark(look.align)
        if self._inner:
            return Block("paragraph", text.strip("\n "), number=label.strip(), look=seen)
        if look.outline and bare:
            number, rest = (label.strip(), bare) if label.strip("- ") else split_number(bare)
            self.story.typed_numbers += len(number.split()) if rest != bare else 0
            return Block("heading", rest, look.outline, number.rstrip(".):/ "), look=seen)
        if line.bold and bare:
            if label.strip("- ") and len(bare) < 200:
                number = label.strip().rstrip(".):/")
                return Block("heading", bare, level_of(number), number, look=seen)
            if typed := typed_heading(bare):
                self.story.typed_numbers += len(typed[0].split())
                return Block("heading", typed[1], level_of(typed[0]), typed[0], look=seen)
        return Block("paragraph", text.strip("\n "), number=label.strip(), look=seen)

    def _inline(self, element: etree._Element, line: _Line, look: Look) -> None:
        for each in element:
            kind = local(each)
            if kind in _SKIPPED:
                continue
            if kind == "r":
                self._run(each, line, look)
            elif kind == "sdt":
                self._inline(content(each), line, look)
            elif kind == "AlternateContent":
                self._inline(_alternative(each), line, look)
            elif kind == "txbxContent":
                self._textbox(each)
            elif kind == "t":
                self._add(each.text or "", line, look)
            elif kind == "textpath" and attribute(each, "string").strip():
                self.story.textboxes.append(attribute(each, "string").strip())
            else:
                self._inline(each, line, look)

    def _run(self, element: etree._Element, line: _Line, paragraph: Look) -> None:
        properties = child(element, "rPr")
        named = attribute(child(properties, "rStyle"), "val")
        look = run_look(properties).over(self._styles.look(named)).over(paragraph)
        if is_on(child(properties, "specVanish")):
            return
        for each in element:
            kind = local(each)
            if kind == "t":
                self._add(each.text or "", line, look)
            elif kind in _SIGNS:
                line.pieces.append((_SIGNS[kind], self._named(look.font or "")))
            elif kind == "softHyphen":
                legacy = encoding_of(self._named(look.font or ""))
                self._add("\u00ad" if legacy else "", line, look)
            elif kind == "sym":
                self._symbol(each, line, look)
            elif kind not in _SKIPPED and len(each):
                inside = _alternative(each) if kind == "AlternateContent" else each
                self._inline(inside, line, look)

    def _add(self, text: str, line: _Line, look: Look) -> None:
        if not text:
            return
        font = self._named(look.font or "")
        encoding = encoding_of(font)
        if encoding and not text.isascii():
            self._legacy.add(encoding)
        elif not text.isascii() and not unicodedata.is_normalized("NFC", text):
            self._decomposed = True
        line.pieces.append((text, font))
        line.saw(text, look)
        if text.strip() and not look.bold:
            line.bold = False

    def _named(self, font: str) -> str:
        """Return a font's name, looked up where the theme gives it."""
        if font.startswith(THEME):
            return self._theme.get(font.removeprefix(THEME), "")
        return font

    def _symbol(self, element: etree._Element, line: _Line, look: Look) -> None:
        code, font = attribute(element, "char"), attribute(element, "font")
        if len(code) == 4 and all(each in "0123456789abcdefABCDEF" for each in code):
            value = int(code, 16)
            if encoding_of(font):  # symbol fonts keep their letters in a private row
                text = chr(value & 0xFF if 0xF000 <= value <= 0xF0FF else value)
                self._add(text, line, replace(look, font=font))
            elif not 0xD800 <= value <= 0xF8FF:  # private letters of symbol fonts say nothing
                line.pieces.append((chr(value), ""))

    def _textbox(self, content: etree._Element) -> None:
        place = len(self.story.textboxes)
        text = self._joined(content)
        if text:
            self.story.textboxes.insert(place, text)

    def _joined(self, container: etree._Element) -> str:
        """Return the words of a box, note or margin, one line a paragraph."""
        return self._words(container)[0]

    def _words(self, container: etree._Element) -> tuple[str, str]:
        """Return the words of a cell and its like, and a mark of how they look."""
        kept, self._carried = self._carried, None
        self._inner += 1
        blocks = [*self._blocks(container), *self._left_over()]
        self._inner -= 1
        self._carried = kept
        text = "\n".join(map(block_text, blocks)).strip()
        return text, "-".join(each.look for each in blocks if each.look)


def _alternative(element: etree._Element) -> etree._Element:
    """Return the choice Word would show; the fallback is the same thing for older programs."""
    found = child(element, "Choice")
    if found is None:
        found = child(element, "Fallback")
    return element if found is None else found


def read_docx(package: Package) -> Story:
    """Return the words of a checked .docx; Refused(damaged | too-complex | xml-entity)."""
    try:
        return DocxReader(package).read()
    except RecursionError:
        raise Refused(Reason.TOO_COMPLEX, "nested too deep") from None
