"""XML inside Office files: parsed without definitions, entities or network (ISO 9001:2015, 7.5.3).

A definition (DTD) can hide a heading from one program and show it in another, so none is taken.
"""

import functools
import re
from typing import Final

from lxml import etree

from documents.content.intake import Reason, Refused

_DEFINITION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_SAFE: Final = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|utf-?32(?:le|be)?|ucs-?[24]|us-ascii|ascii|iso[-_]?8859-\d{1,2}|"
    r"latin-?\d|windows-\d{3,4}|cp12\d\d|koi8-\w|gb2312|gbk|gb18030|big5(?:-hkscs)?|euc-\w+|"
    r"shift[-_]jis|tis-620|macintosh"
)
"""Encodings in which '<!DOCTYPE' is written with its usual letters; others could hide it."""
_ENTITY_CODES = frozenset(
    number
    for name, number in vars(etree.ErrorTypes).items()
    if "ENTITY" in name and isinstance(number, int)
)


def _as_bytes(content: bytes) -> bytes:
    """Return XML as one-byte letters, so that a definition is found in UTF-16 too."""
    head = content[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head.count(b"\x00"):
        return content.replace(b"\x00", b"")
    return content


def check_xml(content: bytes, name: str) -> None:
    """Refuse definitions and encodings that hide them; Refused(xml-entity | damaged)."""
    plain = _as_bytes(content)
    if _DEFINITION.search(plain):
        raise Refused(Reason.XML_ENTITY, name[:80])
    declared = _ENCODING.match(plain[:300].removeprefix(b"\xef\xbb\xbf"))
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if not _SAFE.fullmatch(encoding):
        raise Refused(Reason.DAMAGED, f"encoding {encoding[:20]} of {name[:80]}")


def parser(*, recover: bool = False) -> etree.XMLParser:
    """Return a parser that loads nothing, expands nothing and keeps libxml2's own limits."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def refusal_of(error: etree.XMLSyntaxError, name: str) -> Refused:
    """Turn a parser's complaint into the reason a person is told."""
    text = str(error)
    if getattr(error, "code", None) in _ENTITY_CODES:
        return Refused(Reason.XML_ENTITY, name[:80])
    deep = any(word in text for word in ("depth", "huge", "too long", "Resource limit", "memory"))
    return Refused(Reason.TOO_COMPLEX if deep else Reason.DAMAGED, f"{name[:80]}: {text[:200]}")


def parse_xml(content: bytes, name: str) -> etree._Element:
    """Parse one part; Refused(xml-entity | too-complex | damaged)."""
    check_xml(content, name)
    try:
        root = etree.fromstring(content, parser())
    except etree.XMLSyntaxError as error:
        raise refusal_of(error, name) from None
    except ValueError as error:
        raise Refused(Reason.DAMAGED, str(error)[:200]) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Refused(Reason.XML_ENTITY, name[:80])
    return root


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace; '' for comments and the like."""
    tag = element.tag
    return _bare(tag) if isinstance(tag, str) else ""


@functools.lru_cache(maxsize=4096)
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]
