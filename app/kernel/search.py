"""Words as people type them: folding of Vietnamese, codes and sort keys (L20, a55)."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = re.compile(r"[\W_]+")

# Vietnamese order: base letters first, tone after letter (a ă â b c d đ e ê … o ô ơ … u ư).
_LETTERS = {
    letter: index for index, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=11)
}
_TONES = {"": 1, "\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0301": 5, "\u0323": 6}
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter


# letters that stand apart in the decomposed form; one table, so that folding runs at full speed
_MARKS = {code: None for code in range(0x300, 0x10000) if unicodedata.combining(chr(code))}

_BEYOND = re.compile("[^\\x00-\\x7f\\u0300-\\u036f]")

# the tone of an open oa, oe, uy stands on either letter: hòa and hoà are one spelling (not in qu)
_PLACED = {
    nfc_pair: unicodedata.normalize("NFC", first + tone + second)
    for first, second in ("oa", "oe", "uy")
    for tone in _TONES
    if tone
    for nfc_pair in [unicodedata.normalize("NFC", first + second + tone)]
}
_OPEN = re.compile(rf"(?<!q)(?:{'|'.join(_PLACED)})$")


def nfc(text: str) -> str:
    """Give the one composed form of a text, so that NFC and NFD spellings are equal."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Drop tone marks, letter marks and case: `Đăng ký` and `dang ky` fold to the same words."""
    text = text.replace("đ", "d").replace("Đ", "D")
    apart = unicodedata.normalize("NFD", text)
    if not _BEYOND.search(apart):  # nearly always: what is no ASCII is a mark
        return apart.encode("ascii", "ignore").decode("ascii").lower()
    return unicodedata.normalize("NFC", apart.translate(_MARKS)).casefold()


def words(text: str) -> list[str]:
    """Cut a text into its words; punctuation falls away."""
    return _WORD.findall(nfc(text))


def spelled(text: str) -> list[str]:
    """Cut a text into words of one spelling: lower case, tones of oa, oe, uy in one place."""
    return [_OPEN.sub(lambda m: _PLACED[m.group()], word.casefold()) for word in words(text)]


def code_key(code: str) -> str:
    """Key of a code: upper-case NFC without separators; Đ stays Đ (D9)."""
    return _SEPARATORS.sub("", nfc(code).upper())


def folded_code(code: str) -> str:
    """Fold a code for search, where qttp07 and QT-TP-07 meet, and d stands for đ."""
    return fold(code_key(code))


def _toned(text: str) -> list[tuple[str, str]]:
    """Split a text into letters and their tone: ố is (ô, acute)."""
    letters: list[tuple[str, str]] = []
    for char in nfc(text).casefold():
        shape, tone = "", ""
        base, *marks = list(unicodedata.normalize("NFD", char))
        for mark in marks:
            if mark in _TONES:
                tone = mark
            elif mark in _SHAPES:
                shape += mark
        letters.append((nfc(base + shape), tone))
    return letters


def sort_key(text: str) -> str:
    """Key that sorts a text in Vietnamese order by plain comparison, on every database alike.

    Letters first, tones second, so that `ba` stands before `bà` before `bác`; digits are padded,
    so that `QT-2` stands before `QT-10`. Only ASCII comes out: two bytes a letter.
    """
    letters: list[str] = []
    tones: list[str] = []
    padded = re.sub(r"\d{1,9}", lambda m: m.group().zfill(9), nfc(text))
    for letter, tone in _toned(padded):
        if letter in _LETTERS:
            letters.append(f"{_LETTERS[letter]:02d}")
            tones.append(str(_TONES[tone]))
        elif letter.isdigit() and letter.isascii():
            letters.append(f"0{letter}")
        elif letter.isspace() or not letter.isalnum():
            letters.append("00")
        else:
            letters.append("99")
    return ("".join(letters) + "~" + "".join(tones))[:480].replace("~", " ")


def name_sort_key(name: str) -> str:
    """Sort people by given name, then family, then middle, as on every official list."""
    parts = nfc(name).split()
    if len(parts) < 2:
        return sort_key(name)
    return sort_key(" ".join([parts[-1], parts[0], *parts[1:-1]]))
