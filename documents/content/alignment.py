"""Which piece of the old text became which piece of the new one; order is kept.

Equal pieces first, then the most alike within the gaps. Works on any pieces that have words.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

Pair = tuple[int | None, int | None]
Place = tuple[int, int, int, int]  # from and to in the old text, from and to in the new one
Weigh = Callable[[int, int], float]

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


def aligned(old: Sequence[str], new: Sequence[str], weigh: Weigh) -> list[Pair]:
    """Return pairs of places in order; None stands where a piece has no counterpart.

    `weigh(i, j)` says how much it matters that two pieces stay together: 0 forbids the pair, such
    as a table with a paragraph; a heading weighs more than a line, since text moves under headings.
    """
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first] and weigh(first, first):
        first += 1
    last = 0
    while (
        last < min(len(old), len(new)) - first
        and old[-1 - last] == new[-1 - last]
        and weigh(len(old) - 1 - last, len(new) - 1 - last)
    ):
        last += 1
    place = (first, len(old) - last, first, len(new) - last)
    return [
        *((at, at) for at in range(first)),
        *_between(old, new, place, weigh),
        *((len(old) - at, len(new) - at) for at in range(last, 0, -1)),
    ]


def _between(old: Sequence[str], new: Sequence[str], place: Place, weigh: Weigh) -> list[Pair]:
    """Pair what stands between two certain places: all at once, or around pieces that stand once.

    Of pieces that stand once on both sides those are kept that together weigh most in order, so
    that one long paragraph that moved does not tear apart all it was moved across.
    """
    a, b, c, d = place
    if (b - a) * (d - c) <= _most(old, new):
        return _gap(old, new, place, weigh)
    certain = _heaviest(_single(old, new, place, weigh))
    if not certain:
        return _matched(old, new, place, weigh)
    pairs: list[Pair] = []
    for i, j in (*certain, (b, d)):
        pairs += _between(old, new, (a, i, c, j), weigh)
        pairs += [(i, j)] if i < b else []
        a, c = i + 1, j + 1
    return pairs


def _single(
    old: Sequence[str], new: Sequence[str], place: Place, weigh: Weigh
) -> list[tuple[int, int, float]]:
    """Return (old place, new place, weight) of texts that stand once on both sides."""
    a, b, c, d = place
    times = Counter(old[a:b]), Counter(new[c:d])
    where = {new[j]: j for j in range(c, d) if times[1][new[j]] == 1}
    found = ((i, where[old[i]]) for i in range(a, b) if times[0][old[i]] == 1 and old[i] in where)
    weighed = ((i, j, weigh(i, j)) for i, j in found)
    return [each for each in weighed if each[2]]


def _heaviest(places: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    """Return the places, in order on both sides, whose weights make the greatest sum."""
    ends: list[int] = []  # new places, ascending, each with a greater sum than those before
    sums: list[float] = []
    at: list[int] = []
    before: list[int] = []
    for number, (_i, j, weight) in enumerate(places):
        place = bisect_left(ends, j)
        total = weight + (sums[place - 1] if place else 0.0)
        before.append(at[place - 1] if place else -1)
        after = place
        while after < len(ends) and sums[after] <= total:
            after += 1
        ends[place:after], sums[place:after], at[place:after] = [j], [total], [number]
    chain: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        chain.append(places[number][:2])
        number = before[number]
    return chain[::-1]


def _matched(old: Sequence[str], new: Sequence[str], place: Place, weigh: Weigh) -> list[Pair]:
    """Pair the longest equal stretches first, where so much is alike that nothing stands once."""
    begin, end, start, stop = place
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, old[begin:end], new[start:stop], autojunk=_is_long(old, new))
    for act, a, b, c, d in matcher.get_opcodes():
        a, b, c, d = a + begin, b + begin, c + start, d + start
        if act == "equal":
            pairs.extend(zip(range(a, b), range(c, d), strict=True))
        else:
            pairs.extend(_gap(old, new, (a, b, c, d), weigh))
    return pairs


def _is_long(old: Sequence[str], new: Sequence[str]) -> bool:
    return len(old) + len(new) > _LONG


def _most(old: Sequence[str], new: Sequence[str]) -> int:
    return _MOST_PRODUCT_LONG if _is_long(old, new) else _MOST_PRODUCT


def _gap(
    old: Sequence[str],
    new: Sequence[str],
    place: Place,
    weigh: Weigh,
) -> list[Pair]:
    """Pair the pieces of one gap so that the sum of likeness is greatest."""
    a, b, c, d = place
    if a == b or c == d:
        return [*((i, None) for i in range(a, b)), *((None, j) for j in range(c, d))]
    if (b - a) * (d - c) > max(_most(old, new), b - a, d - c):
        half, cut = (a + b) // 2, (c + d) // 2
        first = _gap(old, new, (a, half, c, cut), weigh)
        return first + _gap(old, new, (half, b, cut, d), weigh)

    def value(i: int, j: int) -> float:
        weight = weigh(i, j)
        alike = likeness(old[i], new[j]) if weight else 0.0
        return alike * weight if alike >= _ALIKE else 0.0

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
