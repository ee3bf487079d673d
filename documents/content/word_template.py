"""A body's own Word template: what stands in it, and a copy of it with its blanks filled.

Blanks are fixed words in double braces; nothing in them is ever computed (ISO 9001:2015, 7.5.2 b).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import docx
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from lxml import etree

from documents.content.intake import Reason, Refused
from documents.content.office_intake import open_office, relations
from documents.content.xml_parts import parse_xml

_BLANK: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME: Final = re.compile(r"[a-z][a-z_]*(?:\.[a-z][a-z_]*)?")
_CODE: Final = re.compile(r"\{%|%\}|\{#|\$\{|<%|<\?")
_FIELDS: Final = frozenset(
    {"PAGE", "NUMPAGES", "SECTIONPAGES", "TOC", "PAGEREF", "SEQ", "STYLEREF"}
)
_FILLED: Final = ("document.main+xml", "header+xml", "footer+xml")
_OBJECTS: Final = ("/oleobject", "/package", "/afchunk", "/control", "/attachedtemplate")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_W_P, _W_T, _W_TR = qn("w:p"), qn("w:t"), qn("w:tr")
_MOST: Final = 2_000


def inspect_template(path: Path) -> dict[str, Any]:
    """Say what stands in a template: its blanks, and whatever has no place in one.

    The file is checked as any upload first; Refused with the reason when it fails that.
    """
    package = open_office(path.read_bytes(), "docx")
    found: dict[str, Any] = {
        **{name: [] for name in ("blanks", "row_blanks", "mixed_rows", "expressions")},
        **{name: [] for name in ("broken", "fields", "links", "objects")},
    }
    for name in package.names():
        folder, _slash, file = name.rpartition("/_rels/")
        if not name.lower().endswith(".rels"):
            continue
        part = f"{folder}/{file[:-5]}" if folder else ""
        for each in relations(package, part):
            if each.kind.endswith(_OBJECTS):
                found["objects"].append(each.target[:80])
            elif each.external:
                found["links"].append(each.target[:80])
    for element in _stories(_opened(path)):
        _inspect(element, found)
    for name in package.names():  # notes, comments and stored parts of text hold fields, too
        if name.lower().startswith("word/") and name.lower().endswith(".xml"):
            _inspect_fields(parse_xml(package.read(name), name), found)
    return {name: sorted(set(values))[:_MOST] for name, values in found.items()}


def _opened(path: Path) -> Any:
    try:
        return docx.Document(str(path))
    except Exception as error:  # whatever the library stumbles over, Word may too
        raise Refused(Reason.DAMAGED, type(error).__name__) from None


def _stories(document: Any) -> Iterator[etree._Element]:
    """Give the text, and every header and footer: where blanks are filled."""
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart) and str(part.content_type).endswith(_FILLED):
            yield part.element


def _inspect_fields(element: etree._Element, found: dict[str, Any]) -> None:
    for field in element.iter(qn("w:instrText"), qn("w:fldSimple")):
        words = (field.get(qn("w:instr")) or field.text or "").split()
        name = words[0].upper() if words else ""
        # Word may cut an instruction into pieces; only its first one names it
        is_named = name.isalpha() or name.startswith("=") or field.tag != qn("w:instrText")
        if name and name not in _FIELDS and is_named:
            found["fields"].append(name[:40])


def _inspect(element: etree._Element, found: dict[str, Any]) -> None:
    rows: dict[etree._Element, set[str]] = {}
    for paragraph in element.iter(_W_P):
        text = "".join(node.text or "" for node in _texts(paragraph))
        found["expressions"] += [one[:40] for one in _CODE.findall(text)]
        for inside in _BLANK.findall(text):
            name = inside.strip().casefold()
            row = _row_of(paragraph)
            if not _NAME.fullmatch(name):
                found["expressions"].append("{{" + inside.strip()[:40] + "}}")
            elif "." not in name:
                found["blanks"].append(name)
            elif row is None:
                found["broken"].append("{{" + name[:60] + "}}")
            else:
                found["row_blanks"].append(name)
                rows.setdefault(row, set()).add(name.partition(".")[0])
        rest = _BLANK.sub("", text)
        if "{{" in rest or "}}" in rest:
            found["broken"].append(rest[max(rest.find("{{"), 0) :][:40] or rest[:40])
    found["mixed_rows"] += [", ".join(sorted(lists)) for lists in rows.values() if len(lists) > 1]


def _texts(paragraph: etree._Element) -> list[etree._Element]:
    """Give the pieces of text of one paragraph, without those of boxes drawn inside it."""
    return [node for node in paragraph.iter(_W_T) if next(node.iterancestors(_W_P)) is paragraph]


def _row_of(paragraph: etree._Element) -> etree._Element | None:
    return next(paragraph.iterancestors(_W_TR), None)


def fill_template(path: Path, out: Path, values: dict[str, Any]) -> None:
    """Write a copy with every blank filled: `values` by name, `rows` as lists of values by name."""
    document = _opened(path)
    plain, lists = values.get("values", {}), values.get("rows", {})
    for element in list(_stories(document)):
        for row in list(element.iter(_W_TR)):
            _repeat(row, lists)
        for paragraph in element.iter(_W_P):
            _fill(paragraph, plain)
    document.save(str(out))


def _repeat(row: etree._Element, lists: dict[str, list[dict[str, str]]]) -> None:
    """Put one row for each line of the list that its blanks name; an empty list leaves one row."""
    own = [each for each in row.iter(_W_P) if _row_of(each) is row]
    texts = ("".join(node.text or "" for node in _texts(each)) for each in own)
    names = {
        found.strip().casefold() for text in texts for found in _BLANK.findall(text) if "." in found
    }
    if not names:
        return
    name = sorted(names)[0].partition(".")[0]
    blank = {one.partition(".")[2]: "" for one in names}
    for line in lists.get(name) or [blank]:
        filled = copy.deepcopy(row)
        for paragraph in filled.iter(_W_P):
            _fill(paragraph, {f"{name}.{key}": value for key, value in {**blank, **line}.items()})
        row.addprevious(filled)
    row.getparent().remove(row)  # type: ignore[union-attr]


def _fill(paragraph: etree._Element, values: dict[str, str]) -> None:
    """Fill the blanks of a paragraph; each keeps the look of its first letter."""
    nodes = _texts(paragraph)
    text = "".join(node.text or "" for node in nodes)
    for found in reversed(list(_BLANK.finditer(text))):
        name = found[1].strip().casefold()
        if name in values:
            _put(nodes, found.start(), found.end(), _NOT_XML.sub("", str(values[name])))


def _put(nodes: list[etree._Element], start: int, end: int, value: str) -> None:
    """Put a text in the place of some letters, which may lie in several pieces."""
    at = 0
    is_put = False
    for node in nodes:
        text = node.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        at += len(text)
        if first >= last:
            continue
        node.text = text[:first] + ("" if is_put else value) + text[last:]
        node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if not is_put and "\n" in value:
            _break_lines(node)
        is_put = True


def _break_lines(node: etree._Element) -> None:
    """Turn line ends of a piece of text into those of Word."""
    first, *others = (node.text or "").split("\n")
    node.text = first
    after = node
    for line in others:
        end, piece = etree.Element(qn("w:br")), copy.deepcopy(node)
        piece.text = line
        after.addnext(end)
        end.addnext(piece)
        after = piece
