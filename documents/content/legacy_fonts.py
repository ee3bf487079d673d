"""Vietnamese typed in fonts older than Unicode, turned into Unicode (ISO 9001:2015, 7.5.3.2).

TCVN3 fonts begin with `.Vn` and end in `H` when they draw capitals; VNI fonts begin with `VNI-`.
"""

import re
from typing import Final

_TCVN3_FROM: Final = (
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"
)
_TCVN3_TO: Final = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
_TCVN3: Final = dict(zip(map(ord, _TCVN3_FROM), _TCVN3_TO, strict=True))

_TONES: Final = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_ROUND: Final = {"á": "ấ", "à": "ầ", "å": "ẩ", "ã": "ẫ", "ä": "ậ", "â": "â"}
_SHORT: Final = {"é": "ắ", "è": "ằ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ", "ê": "ă"}
_ROUND_E: Final = {"á": "ế", "à": "ề", "å": "ể", "ã": "ễ", "ä": "ệ", "â": "ê"}
_ROUND_O: Final = {"á": "ố", "à": "ồ", "å": "ổ", "ã": "ỗ", "ä": "ộ", "â": "ô"}
_ALONE: Final = {"æ": "ỉ", "ó": "ĩ", "ò": "ị", "ô": "ơ", "ö": "ư", "î": "ỵ", "ñ": "đ"}


def _vni_pairs() -> dict[str, str]:
    horned = {"ô": "ơ", "ö": "ư"}
    toned = {
        base + mark: horned.get(base, base) + tone
        for base in "aeouyôö"
        for mark, tone in _TONES.items()
    }
    groups = (("a", _ROUND), ("a", _SHORT), ("e", _ROUND_E), ("o", _ROUND_O))
    shaped = {base + mark: letter for base, group in groups for mark, letter in group.items()}
    small = {**toned, **shaped, **_ALONE}
    large = {key.upper(): value.upper() for key, value in small.items()}
    mixed = {key[0].upper() + key[1:]: value.upper() for key, value in small.items()}
    return {**mixed, **large, **small}


_VNI: Final = _vni_pairs()
_VNI_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


_VNI_BACK: Final = {letter: typed for typed, letter in sorted(_VNI.items(), reverse=True)}
_TCVN3_BACK: Final = dict(zip(_TCVN3_TO, _TCVN3_FROM, strict=True))


def encoded(text: str, encoding: str) -> str:
    """Return what a Unicode text looks like where its old font is missing: before, beside after."""
    if encoding == "TCVN3":
        return "".join(_TCVN3_BACK.get(c, _TCVN3_BACK.get(c.lower(), c)) for c in text)
    if encoding == "VNI":
        return "".join(_VNI_BACK.get(char, char) for char in text)
    return text


def encoding_of(font: str) -> str:
    """Return 'TCVN3', 'VNI' or '' for a font's name."""
    low = font.strip().lower()
    if low.startswith(".vn"):
        return "TCVN3"
    return "VNI" if low.startswith(("vni-", "vni ")) else ""


def script_of(font: str) -> str:
    """Return what decides how letters typed in a font are read; '' for Unicode fonts.

    Letters of one script may be joined before they are decoded, whatever the fonts are called.
    """
    encoding = encoding_of(font)
    return encoding + "H" if encoding == "TCVN3" and font.strip().endswith("H") else encoding


def decoded(text: str, font: str) -> str:
    """Return the Unicode text of what was typed in this font; unchanged for other fonts."""
    script = script_of(font)
    if script.startswith("TCVN3"):
        plain = text.translate(_TCVN3)
        return plain.upper() if script.endswith("H") else plain
    if script == "VNI":
        return _VNI_PATTERN.sub(lambda found: _VNI[found[0]], text)
    return text
