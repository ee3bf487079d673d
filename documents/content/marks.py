"""What a controlled copy says on each of its pages (ISO 9001:2015, 7.5.2 a, 7.5.3.2 c)."""

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageMarks:
    """What is stamped on every page, as ready texts in the reader's language.

    `page_text` holds {page} and {pages}; an empty `qr_url` draws no square code. `separation` says
    where a step was left out or decided by somebody further up, and stays empty where none was.
    `copy` says whose numbered copy it is, or that the print is not controlled.
    """

    code: str
    title: str
    edition: str = ""
    effective_on: str = ""
    state_line: str = ""
    separation: str = ""
    copy: str = ""
    watermark: str | None = None
    printed_by: str = ""
    printed_at: str = ""
    page_text: str = "Trang {page}/{pages}"
    qr_url: str = ""
    qr_words: str = ""

    def to_json(self) -> str:
        """Return the marks as JSON with sorted keys."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "PageMarks":
        """Rebuild marks from `to_json`; TypeError or ValueError when they are not."""
        return cls(**json.loads(text))
