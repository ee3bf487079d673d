"""Which words changed within one paragraph or cell (ISO 9001:2015, 7.5.3.2 c)."""

import re
from difflib import SequenceMatcher
from typing import Final, Literal

from diff_match_patch.diff_match_patch import diff_match_patch

Span = tuple[Literal["=", "+", "-"], str]
Spans = tuple[Span, ...]

_TOKEN: Final = re.compile(r"\S+\s*|\s+")
_MOST_PRODUCT: Final = 400_000


def word_spans(old: str, new: str) -> Spans:
    """Return the merged text as spans: '=' kept, '-' removed, '+' added, in reading order."""
    if old == new:
        return (("=", old),) if old else ()
    left, right = _TOKEN.findall(old), _TOKEN.findall(new)
    keys = [token.rstrip() for token in left], [token.rstrip() for token in right]
    if len(left) * len(right) > _MOST_PRODUCT:
        return _long(left, right)
    spans: list[Span] = []
    matcher = SequenceMatcher(None, *keys, autojunk=False)
    for act, a, b, c, d in matcher.get_opcodes():
        if act == "equal":
            _append(spans, "=", "".join(right[c:d]))
            continue
        _append(spans, "-", "".join(left[a:b]))
        _append(spans, "+", "".join(right[c:d]))
    return tuple(spans)


def _append(spans: list[Span], act: Literal["=", "+", "-"], text: str) -> None:
    if text:
        spans.append((act, text))


def _long(left: list[str], right: list[str]) -> Spans:
    """Compare very long paragraphs word by word with a method that has a deadline."""
    codes: dict[str, str] = {}
    words: list[str] = []

    def coded(tokens: list[str]) -> str:
        for token in tokens:
            if token not in codes:
                at = len(words) + 1
                codes[token] = chr(at if at < 0xD800 else at + 0x800)
                words.append(token)
        return "".join(codes[token] for token in tokens)

    engine = diff_match_patch()
    engine.Diff_Timeout = 0.3
    acts: dict[int, Literal["=", "+", "-"]] = {0: "=", 1: "+", -1: "-"}
    found = engine.diff_main(coded(left), coded(right), False)
    names = {code: word for word, code in codes.items()}
    spans: list[Span] = []
    for act, text in found:
        _append(spans, acts[act], "".join(names[code] for code in text))
    return tuple(spans)


def words_of(spans: Spans, act: Literal["+", "-"]) -> list[str]:
    """Return the words that were added or removed."""
    return [word for each, text in spans if each == act for word in text.split()]
