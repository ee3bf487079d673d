"""Parts of pages that follow from plain values alone: drawn once, then kept.

What is kept never depends on who asks, on the day or on a token unless that is among the values;
language and front of the address always are. So a kept part is the same text the macro would give.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from flask import Flask, current_app, request
from markupsafe import Markup, escape

from app.web.addresses import spoken

Result = TypeVar("Result")


class Marks:
    """What stands in a kept part where something of one request belongs; no record holds a NUL."""

    TOKEN = "\0form-token\0"  # noqa: S105 -- the place of one
    VI, EN = "\0this-page-vi\0", "\0this-page-en\0"


def drawn(template: str, macro: str, *values: Any) -> Markup:
    """Draw a part with a macro of a template."""
    drawing = getattr(current_app.jinja_env.get_template(template).module, macro)
    return Markup(drawing(*values))  # noqa: S704 -- what the macro itself gave


@lru_cache(maxsize=4096, typed=True)  # typed: a text and safe markup of the same letters differ
def _drawn(_language: str, _front: str, template: str, macro: str, *values: Hashable) -> Markup:
    return drawn(template, macro, *values)


def kept(template: str, macro: str, *values: Hashable) -> Markup:
    """Draw a part with a macro of a template, or give what these values were drawn as before."""
    return _drawn(spoken(), request.script_root, template, macro, *values)


def kept_each(template: str, macro: str, items: Iterable[Hashable], *values: Hashable) -> Markup:
    """Draw a part for each item, as `kept` does; the lines of a list."""
    where = spoken(), request.script_root, template, macro
    return Markup("\n").join(_drawn(*where, item, *values) for item in items)


def put_in(part: Markup, token: str, addresses: dict[str, str]) -> Markup:
    """Put the reader's own form token and the addresses of this very page into a kept part."""
    own = {Marks.TOKEN: token, Marks.VI: addresses["vi"], Marks.EN: addresses["en"]}
    text = str(part)
    for mark, value in own.items():
        text = text.replace(mark, escape(value))
    return Markup(text)  # noqa: S704 -- the part was markup, the rest is escaped


def kept_for_reader(most: int) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Keep what a function of plain values gives, for each language and front of the address."""

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        @lru_cache(maxsize=most, typed=True)
        def known(_language: str, _front: str, *values: Hashable) -> Result:
            return function(*values)

        @wraps(function)
        def asked(*values: Any) -> Result:
            return known(spoken(), request.script_root, *values)

        return asked

    return decorate


def register(app: Flask) -> None:
    """Give the templates of an application what draws and keeps parts."""
    app.jinja_env.globals.update(kept=kept, kept_each=kept_each, marks=Marks)
    app.jinja_env.filters["put_in"] = put_in
