"""Codes by the body's scheme: proposed, typed or counted, never twice (rules D9, D10)."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.numbering import Counter, next_number
from app.kernel.organisation import Body, Unit
from app.kernel.search import code_key, nfc
from app.kernel.work import Work
from documents.models import Document, DocumentKind

TOKENS = ("kind", "unit", "parent", "serial", "year")
_TOKEN = re.compile(r"\{(\w+)\}")
TRANSLATION = "/EN"  # marks the code of a document where its English translation is meant
CODE = re.compile(r"[^\W_][\w./\- ]{0,78}", re.UNICODE)


def check_scheme(scheme: str) -> None:
    """Refuse a scheme with unknown tokens or without a serial (D10)."""
    tokens = _TOKEN.findall(scheme)
    if unknown := [token for token in tokens if token not in TOKENS]:
        raise InvalidInput(
            N_("The code scheme holds %(token)s, which is no token."), token=unknown[0]
        )
    if tokens.count("serial") != 1:
        raise InvalidInput(N_("The code scheme needs {serial} exactly once."))
    if re.search(r"[^\w./\- {}]", scheme):
        raise InvalidInput(N_("Codes hold letters, digits, dots, slashes and hyphens only."))


def parent_part(code: str) -> str:
    """Give what a form takes over of its procedure's code: QT-VP-05 gives VP-05."""
    return re.split(r"[-./ ]", code, maxsplit=1)[-1] if re.search(r"[-./ ]", code) else code


def code_stem(
    body: Body, kind: DocumentKind, unit: Unit, parent: Document | None, year: int
) -> str:
    """Fill everything but the serial; the result holds `{serial}` once."""
    return fill(
        str(body.setting("code_scheme")[str(kind)]),
        prefix=str(body.setting("kind_prefixes")[str(kind)]),
        unit=unit.code,
        parent=(parent.code if parent is not None else None) or "",
        year=year,
    )


def fill(scheme: str, *, prefix: str, unit: str, parent: str, year: int) -> str:
    """Put plain values into a scheme, all but the serial; without a parent its unit stands in."""
    if not parent:
        scheme = scheme.replace("{parent}.", "{unit}-").replace("{parent}", "{unit}")
    return (
        scheme.replace("{kind}", prefix)
        .replace("{unit}", unit)
        .replace("{parent}", parent_part(parent))
        .replace("{year}", str(year))
    )


def is_free(session: Session, body_id: int, code: str, *, but: Document | None = None) -> bool:
    """Say whether no document of the body has, or ever had, this code."""
    query = sa.select(Document.id).where(
        Document.body_id == body_id, Document.code_key == code_key(code)
    )
    if but is not None:
        query = query.where(Document.id != but.id)
    return session.scalar(query.limit(1)) is None


def proposed_code(session: Session, document: Document, year: int) -> str:
    """Show the code the counter would give now; another submission may take it first."""
    if document.original is not None and document.original.code is not None:
        return document.original.code + TRANSLATION
    stem = code_stem(document.body, document.kind, document.lead_unit, document.parent, year)
    counter = session.scalars(
        sa.select(Counter).where(
            Counter.body_id == document.body_id, Counter.name == f"code {stem}"
        )
    ).one_or_none()
    serial = (counter.value if counter is not None else 0) + 1
    while not is_free(session, document.body_id, stem.replace("{serial}", f"{serial:02d}")):
        serial += 1
    return stem.replace("{serial}", f"{serial:02d}")


def give_code(work: Work, document: Document, typed: str) -> str:
    """Give a document its code at first submission: the typed one if it is free, else the next."""
    if document.code is not None:
        return document.code
    if document.original is not None and document.original.code is not None:
        typed = document.original.code + TRANSLATION  # one code for both languages (D16)
    typed = typed_code(typed)
    if typed:
        check_typed(work.session, document, typed)
        document.give_code(typed)
        return typed
    stem = code_stem(
        document.body, document.kind, document.lead_unit, document.parent, work.today.year
    )
    while True:
        serial = next_number(work.session, document.body_id, f"code {stem}")
        code = stem.replace("{serial}", f"{serial:02d}")
        if is_free(work.session, document.body_id, code):
            document.give_code(code)
            return code


def typed_code(text: str) -> str:
    """Give a typed code in its one composed form; some keyboards send the marks apart (D9)."""
    return " ".join(nfc(text).split())


def check_typed(session: Session, document: Document, typed: str) -> None:
    """Refuse a typed code that cannot be one, or that is or was another document's."""
    if not CODE.fullmatch(typed) or not code_key(typed):
        raise InvalidInput(
            N_("%(code)s cannot be a code: use letters, digits, dots, slashes and hyphens."),
            field="code",
            code=typed,
        )
    if not is_free(session, document.body_id, typed, but=document):
        raise RuleBroken(
            N_("The code %(code)s is or was another document's. Leave it empty for the next one."),
            rule="D9",
            code=typed,
        )
