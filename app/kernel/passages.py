"""Where the words looked for stand in a text, marked for the eye (a54, L20)."""

import re
from functools import lru_cache

from app.kernel.search import fold, nfc, spelled, words
from app.kernel.search_index import MOST_WORDS

Spans = list[tuple[str, bool]]
_BEFORE, _AFTER = 60, 140  # letters shown around a word found


def passage(texts: list[str], text: str) -> Spans:
    """Give the place where the words stand, with the words marked; empty where they do not.

    The first text with the words in a row is best, then the one that holds most of them.
    """
    wanted = [fold(word) for word in spelled(text)[:MOST_WORDS]]
    best, most = "", 0
    in_a_row = " ".join(wanted)
    for each in texts:
        flat = fold(each)
        count = sum(1 for word in wanted if word in flat)
        # cutting into words takes time; where the text has the words so, it is not needed
        if count == len(wanted) and (in_a_row in flat or in_a_row in " ".join(words(flat))):
            best = each
            break
        if count > most:
            best, most = each, count
    return _marked(nfc(best), wanted) if best else []


def _marked(text: str, wanted: list[str]) -> Spans:
    flat = fold(text)
    if len(flat) != len(text):  # rare letters that fold into two
        flat = "".join(fold(letter)[:1] or " " for letter in text)
    found = [place.span() for place in _looked_for(tuple(wanted)).finditer(flat)]
    if not found:
        return []
    begin = _first_dense(found, len(wanted))
    found = _joined(text, found)
    left = max(0, begin - _BEFORE)
    left = text.find(" ", left) + 1 if left else 0
    left = min(left, begin)
    right = min(len(text), begin + _AFTER)
    if right < len(text):
        right = max(text.rfind(" ", begin, right), begin + 1)
    spans: Spans = [("… ", False)] if left else []
    at = left
    for start, end in found:
        if start < left or start >= right:
            continue
        right = max(right, end)
        spans += [(text[at:start], False), (text[start:end], True)]
        at = end
    spans.append((text[at:right] + (" …" if right < len(text) else ""), False))
    return [span for span in spans if span[0]]


def _joined(text: str, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Mark words that follow each other as one."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and text[joined[-1][1] : start].isspace():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=256)
def _looked_for(wanted: tuple[str, ...]) -> re.Pattern[str]:
    """Give what finds the words, the last one also as the beginning of a longer one."""
    whole = "|".join(re.escape(word) for word in sorted(set(wanted), key=len, reverse=True))
    last = re.escape(wanted[-1])
    return re.compile(rf"(?<![^\W_])(?:(?:{whole})(?![^\W_])|{last}[^\W_]*)")


def _first_dense(found: list[tuple[int, int]], count: int) -> int:
    """Give where the words stand closest together."""
    if count < 2 or len(found) < count:
        return found[0][0]
    width, begin = min(
        (found[at + count - 1][1] - found[at][0], found[at][0])
        for at in range(len(found) - count + 1)
    )
    return begin if width < _AFTER else found[0][0]
