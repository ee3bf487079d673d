"""Words that stand beside the text of a Word file: charts, diagrams, inserted files, theme fonts.

A part that holds only looks may be broken; then its words are missing and the text is not lost.
"""

import io
from collections.abc import Iterator

from lxml import etree, html

from documents.content.intake import Reason, Refused
from documents.content.numbering import attribute, child
from documents.content.office_intake import Relation
from documents.content.package import Package
from documents.content.xml_parts import local, parse_xml

_SILENT = ("script", "style", "template", "noscript", "head")
_BREAKS = frozenset(("p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6"))
_MOST_CHUNK = 8 * 1024 * 1024


def drawn_words(package: Package, relations: list[Relation]) -> list[str]:
    """Return the words of each chart and diagram of a part, one text a drawing."""
    found: list[str] = []
    for each in relations:
        if each.external or each.target not in package:
            continue
        if each.kind.endswith(("/chart", "/chartex")):
            lines = _chart(parse_xml(package.read(each.target), each.target))
        elif each.kind.endswith("/diagramdata"):
            lines = _diagram(parse_xml(package.read(each.target), each.target))
        else:
            continue
        if text := "\n".join(lines).strip():
            found.append(text)
    return found


def _paragraphs(root: etree._Element) -> Iterator[str]:
    """Yield the paragraphs of DrawingML below an element."""
    for paragraph in root.iter("{*}p"):
        text = "".join(each.text or "" for each in paragraph.iter("{*}t")).strip()
        if text:
            yield text


def _chart(root: etree._Element) -> Iterator[str]:
    """Yield titles, then names of series and categories; numbers are drawn, not written."""
    yield from _paragraphs(root)
    seen: set[str] = set()
    for cache in root.iter("{*}strCache", "{*}multiLvlStrCache"):
        for value in cache.iter("{*}v"):
            text = (value.text or "").strip()
            if text and text not in seen:
                seen.add(text)
                yield text


def _diagram(root: etree._Element) -> Iterator[str]:
    for point in root.iter("{*}pt"):
        if attribute(point, "type") not in ("pres", "parTrans", "sibTrans"):
            yield from _paragraphs(point)


def theme_fonts(root: etree._Element | None) -> dict[str, str]:
    """Return the Latin font of `major` and `minor` text of a theme."""
    fonts: dict[str, str] = {}
    for scheme in root.iter("{*}fontScheme") if root is not None else ():
        for each in scheme:
            name = local(each).removesuffix("Font")
            fonts[name] = attribute(child(each, "latin"), "typeface")
    return fonts


def chunk_words(content: bytes, name: str) -> list[str]:
    """Return the lines of a file that Word would take in where it stands (`w:altChunk`).

    Refused(embedded-file) for kinds whose words cannot be read here: nothing is left out quietly.
    """
    ending = name.rpartition(".")[2].lower()
    if len(content) > _MOST_CHUNK:
        raise Refused(Reason.TOO_COMPLEX, f"chunk {name[:80]}")
    if ending == "txt":
        return content.decode("utf-8-sig", "replace").splitlines()
    if ending not in ("html", "htm", "xhtml", "xml"):
        raise Refused(Reason.EMBEDDED_FILE, name[:80])
    try:
        said = b"charset" in content[:2_048].lower()
        reader = html.HTMLParser(no_network=True, encoding=None if said else "utf-8")
        page = html.parse(io.BytesIO(content), reader).getroot()
    except (etree.LxmlError, ValueError, AssertionError):
        return []
    return _lines_of(page) if page is not None else []


def _lines_of(page: etree._Element) -> list[str]:
    parts: list[str] = []
    for event, each in etree.iterwalk(page, events=("start", "end")):
        name = local(each)
        if name in _BREAKS:
            parts.append("\n")
        within = next(each.iterancestors(*_SILENT), None) is not None
        if event == "start" and name not in _SILENT and not within:
            parts.append(each.text or "" if isinstance(each.tag, str) else "")
        elif event == "end" and not within:
            parts.append(each.tail or "")
    lines = ("".join(parts)).split("\n")
    return [" ".join(line.split()) for line in lines if line.strip()]
