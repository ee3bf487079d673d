"""Smaller answers for slow networks: styles, scripts, drawings and pages without an account (F8).

Pages of somebody signed in are never packed: their size would tell of secrets beside typed words.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

from app.web.guard import signed_in_or_none

LEAST = 600  # bytes below which packing saves nothing
MOST = 1 << 20
STATIC = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
OPEN = frozenset({"verification.show", "public.start", "public.listing", "public.show"})


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def pack(response: Response) -> Response:
    """Pack an answer where the browser takes it and it is one of those above."""
    is_static = request.endpoint == "static" and response.mimetype in STATIC
    is_open = request.endpoint in OPEN and response.mimetype == "text/html"
    if not (is_static or is_open) or response.status_code not in (200, 404):
        return response
    if is_open and signed_in_or_none() is not None:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0 or "Range" in request.headers:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if not LEAST <= len(content) <= MOST:
        return response
    response.set_data(_packed(content) if is_static else gzip.compress(content, 6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, _is_weak = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
    return response


def init_compression(app: Flask) -> None:
    """Pack answers of the application."""
    app.after_request(pack)
