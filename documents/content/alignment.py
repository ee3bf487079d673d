"""Which piece of the old text became which piece of the new one; order is kept.

Equal pieces first, then the most alike within the gaps. Works on any pieces that have words.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

Pair = tuple[int | None, int | None]

_LONG: Final = 4_000
_MOST_PRODUCT: Final = 60_000
_MOST_PRODUCT_LONG: Final = 400  # in long texts, so that time grows with length only
_ALIKE: Final = 0.5
_TOKEN: Final = re.compile(r"\S+")


@lru_cache(maxsize=20_000)
def _words(text: str) -> Counter[str]:
    return Counter(word.strip(".,;:()\"'“”").casefold() for word in _TOKEN.findall(text))


def likeness(old: str, new: str) -> float:
    """Return how much two texts share their words, from 0.0 to 1.0."""
    if old == new:
        return 1.0
    left, right = _words(old), _words(new)
    total = left.total() + right.total()
    if not total:
        return 0.0
    if len(left) > len(right):
        left, right = right, left
    shared = sum(min(count, right[word]) for word, count in left.items())
    return 2.0 * shared / total


def aligned(
    old: Sequence[str], new: Sequence[str], may_pair: Callable[[int, int], bool]
) -> list[Pair]:
    """Return pairs of places in order; None stands where a piece has no counterpart.

    `may_pair(i, j)` forbids pairs of different kinds, such as a table with a paragraph.
    """
    pairs: list[Pair] = []
    long = len(old) + len(new) > _LONG
    matcher = SequenceMatcher(None, old, new, autojunk=long)
    for act, a, b, c, d in matcher.get_opcodes():
        if act == "equal":
            pairs.extend(zip(range(a, b), range(c, d), strict=True))
        elif act == "delete":
            pairs.extend((i, None) for i in range(a, b))
        elif act == "insert":
            pairs.extend((None, j) for j in range(c, d))
        else:
            pairs.extend(_gap(old, new, (a, b, c, d), may_pair))
    return pairs


def _gap(
    old: Sequence[str],
    new: Sequence[str],
    place: tuple[int, int, int, int],
    may_pair: Callable[[int, int], bool],
) -> list[Pair]:
    """Pair the pieces of one gap so that the sum of likeness is greatest."""
    a, b, c, d = place
    most = _MOST_PRODUCT if len(old) + len(new) <= _LONG else _MOST_PRODUCT_LONG
    if (b - a) * (d - c) > max(most, b - a, d - c):
        half, cut = (a + b) // 2, (c + d) // 2
        first = _gap(old, new, (a, half, c, cut), may_pair)
        return first + _gap(old, new, (half, b, cut, d), may_pair)

    def value(i: int, j: int) -> float:
        alike = likeness(old[i], new[j]) if may_pair(i, j) else 0.0
        return alike if alike >= _ALIKE else 0.0

    alike = [[value(i, j) for j in range(c, d)] for i in range(a, b)]
    best = [[0.0] * (d - c + 1) for _row in range(b - a + 1)]
    for i in range(b - a - 1, -1, -1):
        for j in range(d - c - 1, -1, -1):
            with_pair = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(with_pair, best[i + 1][j], best[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < b - a and j < d - c:
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((a + i, c + j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((a + i, None))
            i += 1
        else:
            pairs.append((None, c + j))
            j += 1
    pairs.extend((a + rest, None) for rest in range(i, b - a))
    pairs.extend((None, c + rest) for rest in range(j, d - c))
    return pairs
