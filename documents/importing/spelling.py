"""Codes and titles in other spellings: what is the same, what only looks the same (a52, D9)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from app.kernel.search import code_key, fold, nfc
from documents.content.citations import DASHES

# letters of other alphabets, and digits, that look like one of ours
_LOOKALIKES: Final = str.maketrans(
    {
        **dict(zip("АВЕЅКМНОРСТУХІЈ", "ABESKMHOPCTYXIJ", strict=True)),
        **dict(zip("авеѕкмнорстухіј", "ABESKMHOPCTYXIJ", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        **dict.fromkeys("ĐÐƉ", "D"),
        "O": "0",
        "I": "1",
        "L": "1",
        "|": "1",
        "S": "5",
        "B": "8",
        "Z": "2",
    }
)
_DASH: Final = re.compile(f"[{DASHES}]")
_KIND_WORD: Final = re.compile(r"^(?:quy trình|qt|biểu mẫu|bm)\s*[:\-–.]?\s+", re.I)
_FILE_CODE: Final = re.compile(
    rf"(?<![\w])([^\W\d_]{{1,8}}(?:[.{DASHES}_ ]?[^\W_]{{1,6}})??"
    rf"(?:[.{DASHES}_ ]\d{{1,4}}){{1,3}}|[^\W\d_]{{2,6}}\d{{1,4}}(?:[.{DASHES}_]\d{{1,3}})*)(?!\w)"
)


def plain_spelling(code: str) -> str:
    """Give a code in one line, with plain hyphens and without space around it."""
    return " ".join(_DASH.sub("-", nfc(code)).split())


def same_code(one: str, other: str) -> bool:
    """Say whether two spellings name one code (D9)."""
    return bool(code_key(one)) and code_key(one) == code_key(other)


def lookalike_key(code: str) -> str:
    """Give the key under which codes meet that the eye cannot tell apart."""
    wide = unicodedata.normalize("NFKC", code)
    seen = code_key(_twice(wide))
    return seen


def _twice(code: str) -> str:
    """Bring letters of other alphabets home first: a Cyrillic О is then an O, and so a 0."""
    return code.translate(_LOOKALIKES).upper().translate(_LOOKALIKES)


def code_in_name(name: str) -> str:
    """Give the code a file's name begins with or holds; '' where there is none."""
    stem = nfc(name).rpartition(".")[0] or nfc(name)
    stem = re.sub(r"^\s*\d{1,3}[.)]\s+", "", stem)
    for found in _FILE_CODE.finditer(stem):
        code = plain_spelling(found[1].replace("_", "-"))
        if any(char.isdigit() for char in code) and not _is_word(code):
            return code
    return ""


def _is_word(code: str) -> bool:
    """Say whether what looks like a code is words of a name: `lan 01`, `nam 2024`, `ban 2`."""
    return bool(
        re.match(r"(?:lan|nam|ban|thang|ngay|so|phu luc|v|ver|rev|copy|ld|bh|sd)\b", fold(code))
    )


def title_key(title: str) -> str:
    """Give the key under which titles meet: toneless, without kind and punctuation."""
    bare = _KIND_WORD.sub("", nfc(title).strip())
    return " ".join(re.findall(r"[^\W_]+", fold(bare)))


def bare_title(title: str) -> str:
    """Give a title without the word that only says it is a procedure, as documents give it."""
    clean = " ".join(nfc(title).split())
    bare = re.sub(r"^quy trình\s*[:\-–]?\s+", "", clean, flags=re.I)
    return bare[:1].upper() + bare[1:] if bare else clean
