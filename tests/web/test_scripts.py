"""In a real browser no text that somebody typed or brought ever becomes a script (T10)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.kernel.db import Record, db
from tests.browser import Live, serving
from tests.conftest import migrated_app
from tests.documents.content.files import a_docx, an_xlsx
from tests.matrix import Route, expected_at, routes
from tests.web.test_permissions import address, typed
from tests.web.world import ASKING, World, a_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CALL = "window.__ran&&window.__ran('{id}')"
# one text for each way words have become scripts elsewhere; every one says who it is
KINDS = [
    "<script>{call}</script>",
    "</title><script>{call}</script>",
    "</textarea><script>{call}</script>",
    "</select><script>{call}</script>",
    "</style><script>{call}</script>",
    "--><script>{call}</script>",
    "<ScRiPt>{call}</sCrIpT>",
    "<img src=x onerror={call}>",
    "<svg onload={call}>",
    "<svg><script>{call}</script></svg>",
    "<math><mtext><img src=x onerror={call}>",
    "<details open ontoggle={call}>",
    "<input autofocus onfocus={call}>",
    "<body onpageshow={call}>",
    "<iframe srcdoc='<script>parent.{call}</script>'></iframe>",
    "<a href='javascript:{call}'>x</a>",
    "<form action='javascript:{call}'><button>x",
    "<object data='javascript:{call}'>",
    "<embed src='javascript:{call}'>",
    "<base href='//127.0.0.1:1/'>",
    "<meta http-equiv=refresh content='0;url=javascript:{call}'>",
    "<link rel=stylesheet href='//127.0.0.1:1/a.css'>",
    "<style>@import '//127.0.0.1:1/b.css'</style>",
    '" autofocus onfocus="{call}" x="',
    "' onmouseover='{call}' style='position:fixed;inset:0' x='",
    "` onload=`{call}",
    "javascript:{call}",
    "{{{{constructor.constructor('{call}')()}}}}",
    "${{{call}}}",
    "<form id=getElementById><img name=querySelector>",
    "<div hx-get=/login hx-trigger=load hx-on:load={call}>",
    "<div data-hx-on:htmx:load={call}>",
    "\\u003cscript\\u003e{call}\\u003c/script\\u003e",
    "&lt;script&gt;{call}&lt;/script&gt;",
    "%3Cscript%3E{call}%3C/script%3E",
]
# columns that hold no words of people: keys, digests, coded or computed values
OURS = {
    *("token", "token_digest", "login_digest", "sha256", "file_sha256", "source_sha256"),
    *("hash", "mac", "key", "password_hash", "login", "code_key", "code_sort", "sort_key"),
    *("title_sort", "media_type", "record_type", "fact", "place", "language", "locale"),
    *("time_zone", "code", "content", "details", "method", "reader", "job", "name_folded"),
    *("title_folded", "installation", "signature", "manifest", "device", "state", "role"),
    *("sheets", "reading", "kept_sha256", "converted_sha256", "content_sha256"),
    *("number_key", "number_sort", "subject_folded", "change_request.number"),
    *("words_folded", "disposal.number"),
    *("number_key", "number_sort", "subject_folded", "change_request.number", "mail_state.name"),
    *("audit.number", "finding.number", "recommendation.number", "clause.number", "field_key"),
    *("step_sha256", "docx_sha256", "signed_sha256", "uid", "answer_uid"),
    "file_recognition.problem",
    *("secret", "salt", "code_hash", "credential", "public_key", "stage"),
}
HOOK = """
window.__found = [];
window.__ran = id => window.__found.push('ran ' + id);
addEventListener('securitypolicyviolation', e =>
  window.__found.push('policy ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
"""
LOOK = """() => {
  const bad = [];
  for (const s of document.querySelectorAll('script'))
    if (!s.src || new URL(s.src).origin !== location.origin) bad.push('script ' + s.outerHTML);
  for (const e of document.querySelectorAll('*'))
    for (const a of e.attributes) {
      if (/^on/i.test(a.name)) bad.push(a.name + '=' + a.value);
      if (/^(href|src|action|formaction|data)$/.test(a.name) &&
          /^\\s*(javascript|vbscript):/i.test(a.value))
        bad.push(a.name + '=' + a.value);
    }
  for (const e of document.querySelectorAll('base, object, embed, iframe, [srcdoc], math'))
    bad.push('element ' + e.outerHTML.slice(0, 80));
  if (document.querySelector('[name=querySelector], #getElementById')) bad.push('clobbered');
  return bad.concat(window.__found);
}"""


class Planter:
    """Gives each place its own text: as many kinds as fit, beginning with another each time."""

    def __init__(self) -> None:
        self.number = 0

    def text(self, length: int | None) -> str:
        found = ""
        for _ in KINDS:
            kind = KINDS[self.number % len(KINDS)]
            self.number += 1
            one = kind.format(call=CALL.format(id=self.number), id=self.number)
            if length is not None and len(found) + len(one) > length:
                break
            found += one
        return found or "<b>"[: length or 3]


def _columns() -> list[tuple[sa.Table, sa.Column[Any]]]:
    """Every column people's words stand in, from the models themselves."""
    return [
        (table, column)
        for table in Record.metadata.sorted_tables
        if not table.name.startswith(("trail_", "sign_in", "guess", "one_time", "job", "heart"))
        for column in table.columns
        if isinstance(column.type, sa.String)
        and not isinstance(column.type, sa.Enum)
        and not {column.name, f"{table.name}.{column.name}"} & OURS
        and not column.foreign_keys
        and (column.type.length or 999) >= 40
    ]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, World, int]]:
    """A world where every form was sent with such texts and every column of words holds them."""
    app = migrated_app("sqlite", tmp_path_factory.mktemp("planted"), "planted")
    planter = Planter()
    with app.app_context():
        world = a_world(app)
        for route in routes():
            if route.method != "GET":
                _send(world, route, planter)
        _bring(world, planter)
        with db.engine.begin() as connection:
            for table, column in _columns():
                for key in connection.scalars(sa.select(table.c.id)).all():
                    value = planter.text(column.type.length)
                    connection.execute(
                        sa.update(table).where(table.c.id == key).values({column.name: value})
                    )
        db.session.remove()
    with serving(app) as live:
        yield live, world, planter.number
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.engine.dispose()


NO_PAGES = {
    *("static", "health.health", "serving.fetch", "serving.picture", "issuance.signed_file"),
    *("changes_file.tracked", "copies.photo", "public.file", "check_out.fetch"),
    "changes_file.tracked",
    *("templates.file", "templates.preview", "templates.example"),
    *(f"own_templates.{name}" for name in ("new", "next_revision", "change_form")),
    *("changes_file.tracked", "digital_copy.fetch", "calendars.feed", "evidence.fetch"),
}
LEAVES = {"sign_in.leave", "profile.end", "profile.password", "link.use", "accounts.end_sessions"}


def _send(world: World, route: Route, planter: Planter) -> None:
    """Send a form with such a text wherever a text goes."""
    if route.endpoint in LEAVES or "withdraw" in route.endpoint or "cancel" in route.endpoint:
        return
    name = next(n for n, who in ASKING.items() if expected_at(route, *who) == "allow")
    form = typed(world, route, name)
    for field, value in form.items():
        if isinstance(value, str) and field in ("text", "reason", "title", "name", "comment"):
            form[field] = planter.text(180)
    world.ask(name, route.method, address(world, route), data=form).close()


def _bring(world: World, planter: Planter) -> None:
    """Bring files whose title, author, headings, cells, sheet and own name are such texts."""
    route = next(r for r in routes() if r.endpoint == "revise.replace_file")

    def build(document: Any) -> None:
        document.core_properties.title = planter.text(200)
        document.core_properties.author = planter.text(200)

    paragraphs = [planter.text(400) for _ in range(12)] + ["1. " + planter.text(70)]
    rows = [[planter.text(200) for _ in range(2)] for _ in range(3)]
    word = a_docx(title=planter.text(150), paragraphs=paragraphs, rows=rows, build=build)
    sheet = openpyxl.load_workbook(BytesIO(an_xlsx([[planter.text(200)] * 2])))
    sheet.active.title = "<img src=x onerror=a>"[:31]
    out = BytesIO()
    sheet.save(out)
    for content, ending, role in ((word, "docx", "main"), (out.getvalue(), "xlsx", "attachment")):
        form = typed(world, route, "author") | {"role": role}
        form["file"] = (BytesIO(content), f"{planter.text(120)}.{ending}")
        world.ask("author", "POST", address(world, route), data=form).close()


@pytest.mark.covers("T10", "T23")
@pytest.mark.parametrize("name", ["officer", "administrator", "author", "stranger"])
def test_no_page_runs_what_was_typed(
    page: Page, planted: tuple[Live, World, int], name: str
) -> None:
    live, world, count = planted
    assert len(KINDS) >= 20
    assert count > 300
    found: list[str] = []
    page.add_init_script(HOOK)
    page.on("dialog", lambda dialog: (found.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on(
        "console",
        lambda said: found.append(said.text) if "Content Security" in said.text else None,
    )
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((live.url, "data:", "blob:")) and "csp-report" not in asked.url
            else found.append(f"asks {asked.url}")
        ),
    )
    cookies = dict(part.split("=", 1) for part in world.cookies[name].split("; "))
    page.context.add_cookies(
        [{"name": key, "value": value, "url": live.url} for key, value in cookies.items()]
    )
    looked = shown = 0
    for route in routes():
        if route.method != "GET" or route.endpoint in NO_PAGES:
            continue
        if expected_at(route, *ASKING[name]) != "allow":
            continue
        page.goto(live.url + address(world, route), wait_until="load")
        found += [f"{route.name}: {bad}" for bad in page.evaluate(LOOK)]
        looked += 1
        shown += "__ran" in page.inner_text("body") + page.content()
    assert not found, f"{len(found)}:\n" + "\n".join(found[:40])
    assert looked >= (5 if name == "stranger" else 20)
    assert name == "stranger" or shown >= 10  # the texts do stand on the pages


@pytest.mark.covers("T10")
def test_words_in_addresses_stay_words(page: Page, planted: tuple[Live, World, int]) -> None:
    """The same texts in the query and in the fragment of searching pages and of the door."""
    live, world, _count = planted
    found: list[str] = []
    page.add_init_script(HOOK)
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    cookies = dict(part.split("=", 1) for part in world.cookies["officer"].split("; "))
    page.context.add_cookies(
        [{"name": key, "value": value, "url": live.url} for key, value in cookies.items()]
    )
    planter = Planter()
    for path, name in (("/search", "q"), ("/documents", "q"), ("/people", "q"), ("/work", "kind")):
        for _ in range(3):
            text = planter.text(290)
            page.goto(f"{live.url}{path}?{name}={_quoted(text)}#{_quoted(text)}")
            found += page.evaluate(LOOK)
    assert not found, "\n".join(found)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.covers("T10", "T22")
def test_exports_hold_the_words_as_words(planted: tuple[Live, World, int]) -> None:
    """The exported list has texts only: no formula, no link made of what somebody typed."""
    live, world, _count = planted
    route = next(r for r in routes() if r.endpoint == "documents.export")
    with live.app.app_context():
        answer = world.ask(
            "officer", "POST", address(world, route), data=typed(world, route, "officer")
        )
    assert answer.status_code == 200
    book = openpyxl.load_workbook(BytesIO(answer.get_data()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("__ran" in str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
