"""Headers, cookies and error pages of every route, of what is refused and what breaks (T23)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.factory import create_app
from app.kernel.db import db
from app.kernel.install import installation
from app.web.guard import open_to_all
from config import ConfigurationError, for_tests, from_environment, production
from tests.builders import Office, form_token, sign_in
from tests.conftest import Browser, migrated_app
from tests.matrix import routes
from tests.web.conftest import Ground
from tests.web.test_permissions import address, typed

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "report-uri /csp-report",
)
NEVER = ("Server", "X-Powered-By", "Access-Control-Allow-Origin", "Via")
TELLING = re.compile(
    r"Traceback|File \"|\.py[\":, ]|SELECT |INSERT |sqlalchemy|psycopg|sqlite3|werkzeug|"
    r"/site-packages/|/home/|/tmp/|/var/lib|Exception|\{\{|\{%"
)


def judged(answer: TestResponse, what: str, *, is_static: bool = False) -> list[str]:
    """Say everything that is wrong with an answer."""
    headers, wrong = answer.headers, []
    wrong += [f"{what}: no {name}" for name, value in ALWAYS.items() if headers.get(name) != value]
    policy = headers.get("Content-Security-Policy", "")
    wrong += [f"{what}: policy without {part}" for part in POLICY if part not in policy]
    if "unsafe" in policy or "*" in policy or "http" in policy:
        wrong.append(f"{what}: policy {policy}")
    wrong += [f"{what}: {name} {headers[name]}" for name in NEVER if name in headers]
    if not is_static and headers.get("Cache-Control") != "no-store":
        wrong.append(f"{what}: Cache-Control {headers.get('Cache-Control')}")
    for cookie in headers.getlist("Set-Cookie"):
        if "httponly" not in cookie.lower() or "samesite=" not in cookie.lower():
            wrong.append(f"{what}: {cookie}")
    if answer.mimetype.startswith(("text/html", "application/json", "text/plain")):
        body = answer.get_data(as_text=True)
        if found := TELLING.search(body):
            wrong.append(f"{what}: says {body[max(0, found.start() - 40) : found.end() + 40]!r}")
        if answer.mimetype == "text/html" and "charset=utf-8" not in answer.content_type:
            wrong.append(f"{what}: {answer.content_type}")
    answer.close()
    return wrong


@pytest.mark.covers("T23")
def test_every_route_sends_the_headers(small_ground: Ground) -> None:
    """Answers to strangers, to those who may and to those who may not."""
    world, wrong = small_ground.world, []
    for route in routes():
        path = address(world, route)
        for name in ("stranger", "officer", "administrator", "staff of another body"):
            with small_ground.forgotten():
                data = typed(world, route, name) if route.method != "GET" else None
                answer = world.ask(name, route.method, path, data=data)
                wrong += judged(
                    answer, f"{route.name} by {name}", is_static=route.endpoint == "static"
                )
    assert not wrong, "\n".join(wrong)


REFUSED = [
    ("GET", "/nothing/here", 404),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/static/", 404),
    ("GET", "/static/../config.py", 404),
    ("GET", "/static/%2e%2e/factory.py", 404),
    ("GET", "/static/..%5cfactory.py", 404),
    ("GET", "/static/js", 404),
    ("GET", "/r/99999999999999999999999", 404),
    ("GET", "/documents/x.css", 404),
    ("GET", "/work/a.js", 404),
    ("GET", "/profile/logo.png", 404),
    ("GET", "/login;.css", 404),
    ("GET", "/documents%00", 400),
    ("GET", "/documents?q=%00", 400),
    ("GET", "/console", 404),
    ("GET", "/?__debugger__=yes&cmd=resource&f=style.css", 302),
    ("GET", "/.git/config", 404),
    ("GET", "/.env", 404),
    ("GET", "/nenep.db", 404),
    ("GET", "/b/nobody/documents", 404),
    ("DELETE", "/documents", 405),
    ("TRACE", "/documents", 405),
    ("OPTIONS", "/documents", 405),
    ("FROB", "/documents", 405),
    ("POST", "/documents", 405),
    ("POST", "/logout", 400),
]


@pytest.mark.covers("T23")
@pytest.mark.parametrize(("method", "path", "status"), REFUSED)
def test_refusals_are_pages_of_ours(
    small_ground: Ground, method: str, path: str, status: int
) -> None:
    answer = small_ground.world.ask("officer", method, path)
    assert answer.status_code == status
    if status >= 400:
        page = answer.get_data(as_text=True)
        assert "<html" in page
        assert "<h1" in page
        assert 'href="' in page  # a way on
    if status == 405:
        assert "GET" in answer.headers["Allow"]
    assert not judged(answer, path, is_static=path.startswith("/static"))


@pytest.mark.covers("T23")
def test_too_much_is_said_to_be_too_much(small_ground: Ground) -> None:
    """A body beyond the limit is 413 as soon as its length is told; no byte of it is read."""
    world = small_ground.world
    answer = world.ask(
        "officer",
        "POST",
        "/documents/new",
        data=b"x",
        content_type="multipart/form-data; boundary=a",
        environ_overrides={"CONTENT_LENGTH": str(200 << 20)},
    )
    assert answer.status_code == 413
    assert "100 MB" in answer.get_data(as_text=True)
    assert not judged(answer, "413")
    parts = "".join(
        f'--a\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(3000)
    )
    answer = world.ask(
        "officer",
        "POST",
        "/documents/new",
        data=(parts + "--a--\r\n").encode(),
        content_type="multipart/form-data; boundary=a",
    )
    assert answer.status_code == 413
    assert not judged(answer, "many parts")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation behind https with one page that breaks, in the way most telling."""
    app = create_app(
        for_tests(
            tmp_path_factory.mktemp("broken"),
            public_url="https://iso.example.vn",
            secure_cookies=True,
        )
    )

    @open_to_all("breaks in a test")
    def breaks() -> str:
        raise RuntimeError(f"SELECT secret FROM person; {installation().keys.session_key!r}")

    app.add_url_rule("/breaks", view_func=breaks)
    app.test_client_class = Browser
    yield app
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.covers("T23", "T18")
def test_a_broken_page_says_a_number_and_nothing_else(broken: Flask) -> None:
    """Even with no table in the database at all, the page is ours and tells nothing."""
    with broken.app_context():
        answer = broken.test_client().get("/breaks", base_url="https://iso.example.vn")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert re.search(r"\b[0-9A-F]{8}\b", page)
    assert "secret" not in page
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert not judged(answer, "500")


@pytest.mark.covers("T23", "T08")
def test_cookies_are_kept_to_this_host_over_https(tmp_path: Path) -> None:
    """Session, form, device and language: HttpOnly, Secure, SameSite and the __Host- name."""
    made = migrated_app("sqlite", tmp_path, "cookies")
    with made.app_context():
        office = Office()
        login = office.staff.login
        db.session.remove()
        db.engine.dispose()
    made.extensions["nenep.workshop"].close()
    app = create_app(for_tests(tmp_path, public_url="https://iso.example.vn", secure_cookies=True))
    app.test_client_class = Browser
    base = "https://iso.example.vn"
    seen = []
    with app.app_context():
        client = app.test_client()
        page = client.get("/login?lang=en", base_url=base)
        seen += page.headers.getlist("Set-Cookie")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
        assert token
        answer = client.post(
            "/login",
            data={"login": login, "password": "bốn từ dễ nhớ 4", "csrf_token": token.group(1)},
            base_url=base,
            headers={"Referer": base + "/login", "Origin": base},
        )
        assert answer.status_code == 303
        seen += answer.headers.getlist("Set-Cookie")
        assert "Strict-Transport-Security" in answer.headers
        db.session.remove()
        db.engine.dispose()
    app.extensions["nenep.workshop"].close()
    names = {cookie.split("=")[0] for cookie in seen}
    assert names == {
        "__Host-nenep",
        "__Host-nenep-form",
        "__Host-nenep_device",
        "__Host-nenep_language",
    }
    for cookie in seen:
        for promise in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert promise in cookie.split("; "), cookie
        assert "Domain" not in cookie


@pytest.mark.covers("T23")
def test_the_session_token_is_in_no_page(small_ground: Ground) -> None:
    world = small_ground.world
    token = world.cookies["officer"].rpartition("=")[2]
    for route in routes():
        if route.method == "GET":
            answer = world.ask("officer", "GET", address(world, route))
            assert (
                token not in answer.get_data(as_text=True)
                if answer.is_json or (answer.mimetype.startswith("text/"))
                else True
            )
            answer.close()


@pytest.mark.covers("T23")
@pytest.mark.parametrize("value", ["1", "true", "yes", "on", "debug", "production"])
def test_no_setting_turns_debugging_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in ("FLASK_DEBUG", "DEBUG", "NENEP_DEBUG", "WERKZEUG_DEBUG_PIN", "FLASK_ENV"):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NENEP_ENV", "development")
    monkeypatch.setenv("NENEP_DATA", str(tmp_path))
    app = create_app(from_environment())
    assert app.debug is False
    assert app.testing is False
    assert app.config["PROPAGATE_EXCEPTIONS"] is False
    assert app.jinja_env.autoescape is not False
    app.extensions["nenep.workshop"].close()


@pytest.mark.covers("T23")
def test_production_needs_its_secrets_and_https() -> None:
    with pytest.raises(ConfigurationError):
        production({})
    with pytest.raises(ConfigurationError):
        production(
            {
                "NENEP_DATABASE_URL": "postgresql://x/y",
                "NENEP_PUBLIC_URL": "http://iso.example.vn",
                "NENEP_KEYS": "{}",
            }
        )


@pytest.mark.covers("T23")
def test_forms_in_pages_carry_a_token(client) -> None:
    office = Office()
    sign_in(client, office.officer)
    for path in ("/work", "/documents", "/documents/new", "/profile", "/issuances"):
        page = client.get(path).get_data(as_text=True)
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL):
            assert 'name="csrf_token"' in form, (path, form[:200])
    assert form_token(client, "/work")
