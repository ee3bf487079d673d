"""What an Office file may hold: no macros, programs, definitions or foreign pictures.

Links to elsewhere are kept and never fetched (ISO 9001:2015, 7.5.3.1; the policy is ours).
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from documents.content.intake import Reason, Refused
from documents.content.package import LOCAL, Package
from documents.content.xml_parts import check_xml, local, parse_xml

TYPES: Final = "[Content_Types].xml"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_MAIN: Final = {
    "wordprocessingml.document.main+xml": "docx",
    "spreadsheetml.sheet.main+xml": "xlsx",
}
_MACRO_TYPES = re.compile(r"macroenabled|vbaproject|vbadata|macrosheet|attachedtoolbars", re.I)
_PROGRAM_NAME = re.compile(
    rb"\.(?:exe|scr|bat|cmd|ps1|vbs|vbe|jse?|wsf|wsh|hta|dll|cpl|msi|lnk|jar|reg|pif)\x00",
    re.I,
)
_PROGRAM_START = (b"MZ", b"\x7fELF", b"#!/")
_ACTIVE_RELATIONS = ("/control", "/activexcontrolbinary")
_LOADED_RELATIONS = ("/image", "/oleobject", "/video", "/audio", "/media", "/frame")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship of a part; `target` is a part name, or an address when external."""

    key: str
    kind: str
    target: str
    external: bool


def relations(package: Package, part: str) -> list[Relation]:
    """Return the relationships of a part ('' for the package); an empty list when it has none."""
    folder, name = posixpath.split(part)
    where = posixpath.join(folder, "_rels", f"{name}.rels")
    if where not in package:
        return []
    found = []
    for each in parse_xml(package.read(where), where):
        target = each.get("Target", "")
        external = each.get("TargetMode", "") == "External"
        if not external:
            bare = unquote(target.split("#")[0])
            target = posixpath.normpath(posixpath.join("/", folder, bare)).lstrip("/")
        found.append(Relation(each.get("Id", ""), each.get("Type", "").lower(), target, external))
    return found


def content_types(package: Package) -> dict[str, str]:
    """Return content type by '/part name' and by '.ending', all in small letters."""
    found: dict[str, str] = {}
    for each in parse_xml(package.read(TYPES), TYPES):
        kind = each.get("ContentType", "").lower()
        if local(each) == "Default":
            found["." + each.get("Extension", "").lower()] = kind
        elif local(each) == "Override":
            found[each.get("PartName", "").lower()] = kind
    return found


def main_part(package: Package) -> str:
    """Return the name of the part that holds the text; Refused(damaged) when there is none."""
    for each in relations(package, ""):
        if each.kind.endswith("/officedocument") and not each.external and each.target in package:
            return each.target
    raise Refused(Reason.DAMAGED, "no main part")


def open_office(data: bytes, kind: str) -> Package:
    """Check a .docx or .xlsx and return its container; Refused with the first reason found."""
    _check_start(data)
    package = Package(data)
    if TYPES not in package:
        office = any(name.startswith(("word/", "xl/", "_rels/")) for name in package.names())
        raise Refused(Reason.DAMAGED if office else Reason.WRONG_TYPE, "no content types")
    types = content_types(package)
    if any("sheet.binary" in each for each in types.values()):
        raise Refused(Reason.WRONG_TYPE, "binary workbook")
    if any(_MACRO_TYPES.search(each) for each in types.values()):
        raise Refused(Reason.MACRO, "content type")
    for name in package.names():
        _check_part(name, package.read(name), types)
    _check_kind(package, types, kind)
    for each in _all_relations(package):
        _check_relation(each)
    return package


def _check_start(data: bytes) -> None:
    if data.startswith(OLE):
        head = data[: 1 << 20]
        # a workbook of the old kind marks its password in a record 0x2F within the first bytes
        locked = _wide("EncryptedPackage") in data or _old_password(head)
        raise Refused(Reason.PASSWORD if locked else Reason.PASSWORD_OR_WRONG_TYPE, "OLE")
    if data.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise Refused(Reason.DAMAGED, "empty or split archive")
    if not data.startswith(LOCAL):
        raise Refused(Reason.WRONG_TYPE, "not a ZIP")


def _old_password(head: bytes) -> bool:
    begins = re.search(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]", head)
    return bool(begins) and re.search(rb"\x2f\x00[\x04-\x7f\xc8]\x00", head) is not None


def _check_part(name: str, content: bytes, types: dict[str, str]) -> None:
    low = name.lower()
    kind = types.get("/" + low, types.get("." + low.rpartition(".")[2], ""))
    xml = kind.endswith(("+xml", "/xml")) or low.endswith((".xml", ".rels", ".vml"))
    if xml or content[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        check_xml(content, name)
    if EICAR in content:
        raise Refused(Reason.MALWARE, "EICAR test text")
    if low.endswith("vbaproject.bin") or has_macro(content):
        raise Refused(Reason.MACRO, name[:80])
    if content.startswith(_PROGRAM_START):
        raise Refused(Reason.EMBEDDED_FILE, name[:80])
    if content.startswith(OLE) and _has_program(content):
        raise Refused(Reason.EMBEDDED_FILE, name[:80])


def has_macro(content: bytes) -> bool:
    return content.startswith(OLE) and (
        _wide("_VBA_PROJECT") in content and _wide("VBA") in content
    )


def _has_program(content: bytes) -> bool:
    packed = _wide("Ole10Native") in content
    return packed and _PROGRAM_NAME.search(content) is not None


def _check_kind(package: Package, types: dict[str, str], kind: str) -> None:
    main = main_part(package)
    declared = types.get("/" + main.lower(), types.get("." + main.rpartition(".")[2].lower(), ""))
    found = next((value for end, value in _MAIN.items() if declared.endswith(end)), "")
    if not found and declared in ("", "application/xml", "text/xml"):
        raise Refused(Reason.DAMAGED, "main part has no type")
    if found != kind:
        raise Refused(Reason.WRONG_TYPE, declared[:100])


def _all_relations(package: Package) -> Iterator[Relation]:
    for name in package.names():
        if name.lower().endswith(".rels"):
            folder, file = posixpath.split(name)
            part = posixpath.join(posixpath.dirname(folder), file[: -len(".rels")])
            yield from relations(package, part)


def _check_relation(relation: Relation) -> None:
    if _MACRO_TYPES.search(relation.kind):
        raise Refused(Reason.MACRO, relation.target[:80])
    if relation.kind.endswith(_ACTIVE_RELATIONS):
        raise Refused(Reason.EMBEDDED_FILE, relation.target[:80])
    if relation.external and relation.kind.endswith(_LOADED_RELATIONS):
        address = relation.target.strip().lower()
        if not address.startswith(("http://", "https://")):
            raise Refused(Reason.EXTERNAL_CONTENT, relation.target[:80])


_LOADING_FIELD = re.compile(rb"INCLUDE(?:PICTURE|TEXT)|DDE(?:AUTO)?\b|\bRD\s|\bLINK\s|WEBSERVICE\(")


def has_outside_links(package: Package) -> bool:
    """Say whether drawing the file would load from elsewhere; plain hyperlinks do not count."""
    found = (each for each in _all_relations(package) if each.external)
    if any(not each.kind.endswith("/hyperlink") for each in found):
        return True
    texts = (name for name in package.names() if name.lower().startswith(("word/", "xl/")))
    return any(
        _LOADING_FIELD.search(package.read(name).replace(b"\x00", b""))
        for name in texts
        if name.lower().endswith(".xml")
    )
