"""Addresses that carry the body: /b/<body>/… is the same page, said to be of that body (O4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, request

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.organisation import Body
from app.web.guard import signed_in, signed_in_or_none, standing

_CODE, _BODY = "nenep.body", "nenep.body_record"
_ADDRESS = re.compile(r"^/b/([\w-]{1,40})(/.*)$")


class BodyInAddress:
    """Take the body off the front of the path, so that links made within keep it."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if match := _ADDRESS.match(environ.get("PATH_INFO", "")):
            environ[_CODE] = match.group(1)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + f"/b/{match.group(1)}"
            environ["PATH_INFO"] = match.group(2)
        return self.inner(environ, start_response)


def shown_body() -> Body:
    """Give the body an address speaks of: the one it names, else the one worked in (O4)."""
    if _BODY not in request.environ:
        request.environ[_BODY] = _named_body(request.environ.get(_CODE, ""))
    return cast(Body, request.environ[_BODY])


def named_body_id() -> int | None:
    """Give the body an address names; None where it names none."""
    return shown_body().id if request.environ.get(_CODE) else None


def _named_body(code: str) -> Body:
    own = signed_in().body
    if code in ("", own.code):
        return own
    found = db.session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
    if found is None or found.id not in standing().overseen_body_ids:
        raise NotFound()
    return found


def _check() -> None:
    """Answer 404 to addresses of a body that is neither one's own nor overseen."""
    if _CODE in request.environ and signed_in_or_none() is not None:
        shown_body()


def init_body_addresses(app: Flask) -> None:
    """Read the body off every address, and guard it."""
    app.wsgi_app = BodyInAddress(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_check)
