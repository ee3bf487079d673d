"""Pages set from HTML by WeasyPrint, without network.

It is loaded when the first page is set and not before: with its fonts it takes half of the time
and a third of the memory of a process that never sets one.
"""

import importlib
from typing import Any, NoReturn


def nothing_fetched(url: str, *_args: Any, **_more: Any) -> NoReturn:
    """Refuse every address: what is drawn is all in the page."""
    raise ValueError(f"not fetched: {url[:80]}")


def set_pages(html: str, **how: Any) -> bytes:
    """Return a PDF of a page; it loads nothing from anywhere."""
    weasyprint = importlib.import_module("weasyprint")
    page = weasyprint.HTML(string=html, url_fetcher=nothing_fetched)
    return bytes(page.write_pdf(**how) or b"")
