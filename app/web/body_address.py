"""Addresses that carry the body: /b/<body>/… is the same page, said to be of that body (O4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import request

_ADDRESS = re.compile(r"^/b/([\w-]{1,40})(/.*)$")


class BodyInAddress:
    """Take the body off the front of the path, so that links made within keep it."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if match := _ADDRESS.match(environ.get("PATH_INFO", "")):
            environ["nenep.body"] = match.group(1)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + f"/b/{match.group(1)}"
            environ["PATH_INFO"] = match.group(2)
        return self.inner(environ, start_response)


def asked_body() -> str:
    """Give the code of the body that the address names; empty means the one worked in."""
    return str(request.environ.get("nenep.body", ""))
