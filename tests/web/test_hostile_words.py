"""Whatever is typed into an address or a form is only text: no error, no further rows (T12)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.web.page import safe_next
from tests.matrix import Route, expected_at, routes
from tests.structure.house import ROOT
from tests.web.conftest import Ground
from tests.web.test_permissions import address, typed
from tests.web.world import ASKING

# of our own making: meta characters of SQL, of LIKE, of full-text search, of formats, of paths
WORDS = [
    "'",
    '"',
    "' OR 'a'='a",
    "1 OR 1=1",
    "1; DROP TABLE person --",
    "') UNION SELECT password_hash FROM person --",
    "code DESC, (SELECT 1)",
    "%",
    "_%",
    "\\",
    "a\\' --",
    "NEAR(a b, 3) AND (",
    'code:"x" OR *',
    "^a*",
    "&|!():*<->",
    "{{7*7}}",
    "{0.__class__}",
    "%(code)s %n",
    "../../../etc/passwd",
    "\u202egnp.exe",
    "ÿ\ufeff",
    "-1",
    "9" * 30,
    "1e308",
    "²٣",
    "NaN",
    "0/0/0",
    "31/02/2026",
    "99/99/9999",
    "2026-13-45",
    "x" * 10_000,
    "ă" * 4_000,
    "<b>'\"",
    "\r\nSet-Cookie: a=b",
]
GOES_ON = {"delegation.end", "review.decide", "sign_in.enter", "drafts.save"}
TURNS = 4  # on each database, with other words on each
# every name a page reads from its address, whichever page it is
PARAMETERS = (
    "q",
    "disposed",
    "field",
    "audit",
    "form",
    "which",
    "grade",
    "clause",
    "field",
    "year",
    "outcome",
    "key",
    "kind",
    "unit",
    "state",
    "for",
    "review",
    "sort",
    "order",
    "after",
    "after_id",
    "people",
    "before",
    "all",
    "on",
    "from",
    "until",
    "fact",
    "who",
    "actor",
    "record",
    "not",
    "item",
    "view",
    "against",
    "next",
    "lang",
    "role",
    "body",
    "page",
    "accounts",
    "as",
    "code",
    "day",
    "new",
    "old",
    "place",
    "revision",
    "tab",
    "what",
    "who_typed",
    "document",
    "law",
    "mine",
    "lack",
    "missing",
    "number",
    "replaces",
    "recovery",
    "next",
    "unknown",
    "when",
    "to",
    "visit",
    "month",
)


def _readings() -> list[Route]:
    once = {r.endpoint: r for r in routes() if r.method == "GET" and r.endpoint != "static"}
    return list(once.values())


def _who(route: Route) -> str:
    return next(
        name
        for name in ("officer", "administrator", "author", "manager", "lead auditor", "stranger")
        if expected_at(route, *ASKING[name]) == "allow"
    )


@pytest.mark.covers("T12")
def test_no_page_reads_a_name_we_do_not_try() -> None:
    """A new name in an address comes into the list above, and so under every word."""
    read = set()
    for path in (ROOT / "app" / "web").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"request\.args(?:\.get)?[(\[]\s*\"(\w+)\"", text))
        read |= set(re.findall(r"request\.args\.getlist\(\"(\w+)\"", text))
        read |= set(re.findall(r"values\.get\(\"(\w+)\"", text))
        read |= set(re.findall(r"_number\(\"(\w+)\"\)", text))
    assert not read - set(PARAMETERS) - {"v"}, "add these"


@pytest.mark.covers("T12")
def test_words_in_addresses_break_nothing(ground: Ground) -> None:
    """Every reading route with a word in every parameter, another one each time: never a 5xx."""
    world, wrong = ground.world, []
    begin = 0 if ground.connection.dialect.name == "sqlite" else TURNS
    for number, route in enumerate(_readings()):
        name, path = _who(route), address(world, route)
        for turn in range(begin, begin + TURNS):
            first = number + turn * 5  # five and the number of words have no common part
            with ground.forgotten():
                query = {p: WORDS[(first + n) % len(WORDS)] for n, p in enumerate(PARAMETERS)}
                word = query["q"]
                asked = f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"
                answer = world.ask(name, "GET", asked)
                answer.close()
                if answer.status_code >= 500 and answer.status_code != 503:
                    wrong.append(f"{route.name} {word[:40]!r}: {answer.status_code}")
                if "Set-Cookie" in answer.headers and "a=b" in str(answer.headers):
                    wrong.append(f"{route.name}: a header was made of {word!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T12", "O4")
@pytest.mark.parametrize("path", ["/documents", "/search", "/people", "/units", "/trail"])
def test_a_list_asked_in_sql_shows_no_more(ground: Ground, path: str) -> None:
    """What finds nothing as words finds nothing as a query; nothing of another body shows."""
    world = ground.world
    for word in WORDS[:15]:
        with ground.forgotten():
            answer = world.ask("officer of another body", "GET", path, query_string={"q": word})
            page = answer.get_data(as_text=True)
            assert answer.status_code < 500 or path == "/trail", word
            for theirs in ("Văn bản hiện hành", "QT-TP-01", "Người đồng nghiệp", "$argon2"):
                assert theirs not in page, (path, word)


@pytest.mark.covers("T12")
def test_words_in_forms_break_nothing(ground: Ground) -> None:
    """Every changing route with words in all its fields, and in each in turn: never a 5xx."""
    world, wrong = ground.world, []
    begin = 0 if ground.connection.dialect.name == "sqlite" else 4
    for number, route in enumerate(routes()):
        if route.method == "GET":
            continue
        name = next(n for n, who in ASKING.items() if expected_at(route, *who) == "allow")
        path, honest = address(world, route), typed(world, route, name)
        fields = [f for f in honest if f != "csrf_token" and isinstance(honest[f], str)]
        extra = ["join", "leave", "role", "back", "next", "a-seat", "a-row_version", "deputy"]
        for word in WORDS[(begin + number) % 8 :: 8]:
            with ground.forgotten():
                form = typed(world, route, name)
                form |= dict.fromkeys([*extra, *fields], word)
                answer = world.ask(name, route.method, path, data=form)
                answer.close()
                if answer.status_code >= 500:
                    wrong.append(f"{route.name} all {word[:30]!r}: {answer.status_code}")
        for turn, field in enumerate(fields):
            word = ("9" * 30, "²", "\ufffe\x0b\x1f'")[(begin + number + turn) % 3]
            with ground.forgotten():
                form = typed(world, route, name) | {field: word}
                answer = world.ask(name, route.method, path, data=form)
                answer.close()
                if answer.status_code >= 500:
                    wrong.append(f"{route.name} {field}={word[:20]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T12")
def test_zero_bytes_and_broken_letters_stop_at_the_door(ground: Ground) -> None:
    """On PostgreSQL a zero byte is an error of the driver; here it is a 400 for everybody."""
    world = ground.world
    for path in ("/documents?q=a%00b", "/d/a%00b", "/search?q=%00", "/login?next=/%00"):
        with ground.forgotten():
            assert world.ask("officer", "GET", path).status_code == 400
    with ground.forgotten():
        data = {"csrf_token": world.tokens["stranger"], "login": "a\0b", "password": "x\0y"}
        assert world.ask("stranger", "POST", "/login", data=data).status_code == 400
    for path in ("/documents?q=%ed%a0%80", "/d/%ff%fe", "/search?q=%c3%28", "/d/%ed%a0%80"):
        with ground.forgotten():
            assert world.ask("officer", "GET", path).status_code in (200, 404)


@pytest.mark.covers("T12")
def test_search_takes_any_text(small_ground: Ground) -> None:
    """A hundred and twenty texts of any letters: search, its quick list, the filters answer."""
    world = small_ground.world
    odd = st.text(max_size=60) | st.text(alphabet="\"*^():-%_\\'AND OR NOT NEAR", max_size=40)

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(text=odd)
    def answers(text: str) -> None:
        for path, name in (("/search", "q"), ("/search/quick", "q"), ("/documents", "q")):
            query = {name: text.encode("utf-8", "replace").decode()}
            answer = world.ask("officer", "GET", path, query_string=query)
            assert answer.status_code == (400 if "\0" in text else 200)

    answers()


@pytest.mark.covers("T12", "T14")
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "http:evil.example",
        " //evil.example",
        "/../..//evil.example",
    ],
)
def test_no_address_sends_anybody_away(small_ground: Ground, target: str) -> None:
    """Whatever asks to go on somewhere goes on within this site (open redirect)."""
    assert safe_next(target) in ("", target)
    assert not safe_next(target) or re.match(r"/(?![/\\])", safe_next(target))
    world = small_ground.world
    for route in routes():
        if route.endpoint not in GOES_ON:
            continue
        name = next(n for n, who in ASKING.items() if expected_at(route, *who) == "allow")
        with small_ground.forgotten():
            form = typed(world, route, name) | {"next": target, "back": target}
            answer = world.ask(name, route.method, address(world, route), data=form)
            answer.close()
            place = answer.headers.get("Location", "/") + answer.headers.get("HX-Redirect", "")
            assert re.match(r"/(?![/\\])", place), (route.name, place)
