"""What is refused before any page sees it: other sites' requests, odd methods, odd bytes (T07)."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, MethodNotAllowed

from app.kernel.install import installation

READS = ("GET", "HEAD")
REPORTS = "health.csp_report"  # browsers send these without credentials or form


def refuse_foreign() -> None:
    """Refuse a change that another site asks for, whatever token it brings."""
    if request.method in READS or request.endpoint in (None, REPORTS):
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none"):
        raise CSRFError("cross-site")
    origin = request.headers.get("Origin")
    if origin is not None and not _is_ours(origin):
        raise CSRFError("cross-origin")


def _is_ours(origin: str) -> bool:
    """Compare with the host that was asked, and with the address people know us by."""
    ours = urlsplit(installation().public_url)
    if origin == f"{ours.scheme}://{ours.netloc}":
        return True
    return origin in (f"http://{request.host}", f"https://{request.host}")


def refuse_odd() -> None:
    """Refuse methods nobody needs, and the zero byte, which no database keeps."""
    if request.method == "OPTIONS" and request.url_rule is not None:
        raise MethodNotAllowed(sorted((request.url_rule.methods or set()) - {"OPTIONS"}))
    texts = [request.path, *request.cookies.values()]
    for values in (request.args, request.form) if request.method == "POST" else (request.args,):
        for name, value in values.items(multi=True):
            texts += [name, value]
    if any("\0" in text for text in texts):
        raise BadRequest()


def init_origin(app: Flask) -> None:
    """Stand before every page; called before anything else looks at the request."""
    app.before_request(refuse_odd)
    app.before_request(refuse_foreign)
