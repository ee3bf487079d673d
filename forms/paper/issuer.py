"""Who issues a paper, as the decree writes it: full name, symbol, place, office of the head."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACE = re.compile(
    r"(?:phường|xã|quận|huyện|thị xã|thị trấn|thành phố|tỉnh|đặc khu)\s+(.+)$", re.IGNORECASE
)
_SIGNS = {"kt": ("KT. ", "PHÓ "), "tl": ("TL. ", ""), "tuq": ("TUQ. ", ""), "q": ("Q. ", "")}


@dataclass(frozen=True)
class Issuer:
    """A body and the one above it."""

    body: str
    superior: str

    @property
    def is_committee(self) -> bool:
        """Say whether a people's committee issues it; its chair then signs."""
        return self.body.upper().startswith(("UBND", "ỦY BAN", "UỶ BAN"))

    @property
    def head(self) -> str:
        """Give the office of whoever heads the body."""
        return "CHỦ TỊCH" if self.is_committee else "THỦ TRƯỞNG"

    @property
    def full_name(self) -> str:
        """Give the name of the body written out."""
        return re.sub(r"^UBND\b", "Ủy ban nhân dân", self.body)

    @property
    def symbol(self) -> str:
        """Give the short name of the body in the number of its papers."""
        if self.is_committee:
            return "UBND"
        letters = "".join(word[0] for word in self.body.split() if word[0].isalpha())
        return letters.upper()[:8]

    @property
    def place(self) -> str:
        """Give the place of issue: what the body is named after."""
        found = _PLACE.search(self.body)
        return found[1] if found else self.body

    def offices(self, capacity: str) -> tuple[str, ...]:
        """Give the lines above a signature: the power under which somebody signs, and the post."""
        mark, deputy = _SIGNS.get(capacity.casefold(), ("", ""))
        first = f"{mark}{self.head}"
        return (first, f"{deputy}{self.head}") if deputy else (first,)
