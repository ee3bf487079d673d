"""Nothing typed or brought makes the server ask another one (T11), nor stays in a log (T29)."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from io import BytesIO

import pytest

from app.logs import JsonLines
from tests.documents.content.files import a_docx, a_pdf, relation_added
from tests.matrix import expected_at, routes
from tests.web.conftest import Ground
from tests.web.test_permissions import address, typed
from tests.web.world import ASKING


class Canary:
    """A listening port of this machine that notes whoever comes."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.2)
        self.port = self.server.getsockname()[1]
        self.came = 0
        self.stop = False
        self.thread = threading.Thread(target=self._wait, daemon=True)
        self.thread.start()

    def _wait(self) -> None:
        while not self.stop:
            try:
                self.server.accept()[0].close()
            except OSError:
                continue
            self.came += 1


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.stop = True
    made.thread.join(2)
    made.server.close()


def _linked(port: int) -> list[tuple[str, bytes]]:
    """Files that point to the canary in every way files point elsewhere."""
    url = f"http://127.0.0.1:{port}/x"
    files = []
    for kind in ("image", "attachedTemplate", "hyperlink", "oleObject", "frame", "video"):
        files.append((f"{kind}.docx", relation_added(a_docx(), kind, url)))
    both = relation_added(relation_added(a_docx(), "image", url), "hyperlink", url)
    files.append(("both.docx", both))
    action = b"/OpenAction<</S/URI/URI(http://127.0.0.1:%d/x)>>" % port
    files.append(("uri.pdf", a_pdf(root_extra=action)))
    files.append(("form.pdf", a_pdf(root_extra=b"/AcroForm<</XFA(http://127.0.0.1:%d/x)>>" % port)))
    return files


@pytest.mark.covers("T11")
def test_the_canary_hears(canary: Canary) -> None:
    """A visit is noticed: silence in the tests below means that nobody came."""
    socket.create_connection(("127.0.0.1", canary.port)).close()
    for _ in range(20):
        if canary.came:
            break
        threading.Event().wait(0.1)
    assert canary.came == 1


@pytest.mark.covers("T11")
def test_files_and_fields_with_addresses_are_never_followed(
    small_ground: Ground, canary: Canary
) -> None:
    world = small_ground.world
    url = f"http://127.0.0.1:{canary.port}/canary"
    upload = next(r for r in routes() if r.endpoint == "revise.replace_file")
    for file_name, data in _linked(canary.port):
        with small_ground.forgotten():
            form = typed(world, upload, "author")
            form["file"] = (BytesIO(data), file_name)
            answer = world.ask("author", "POST", address(world, upload), data=form)
            assert answer.status_code in (303, 422), file_name
            world.ask("author", "GET", f"/r/{world.values['draft.id']}/draft").close()
    for route in routes():
        if route.method == "GET":
            continue
        name = next(n for n, who in ASKING.items() if expected_at(route, *who) == "allow")
        with small_ground.forgotten():
            form = typed(world, route, name)
            for field, value in form.items():
                if isinstance(value, str) and field != "csrf_token" and not value.isdigit():
                    form[field] = url
            headers = {
                "Host": "localhost",
                "X-Forwarded-Host": f"127.0.0.1:{canary.port}",
                "Forwarded": f"host=127.0.0.1:{canary.port}",
                "Referer": url,
                "X-Original-URL": url,
            }
            path = address(world, route)
            answer = world.ask(name, route.method, path, data=form, headers=headers)
            answer.close()
            assert str(canary.port) not in answer.headers.get("Location", "").replace("%3A", ":")
    assert canary.came == 0


SECRET = "Kín-đáo-7391-tuyệt-mật"


@pytest.mark.covers("T29", "T23")
def test_no_secret_reaches_a_log(
    small_ground: Ground, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A password, a token and a cookie sent everywhere, in every place: in no line of any log."""
    world = small_ground.world
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record))

    handler = Kept()
    logging.getLogger().addHandler(handler)
    logging.getLogger("nenep").addHandler(handler)
    try:
        for route in routes():
            for name in ("stranger", "staff of another body"):
                with small_ground.forgotten():
                    form = typed(world, route, name) if route.method != "GET" else None
                    if form is not None:
                        form |= dict.fromkeys(
                            ("password", "a-password", "present_password", "token"), SECRET
                        )
                    headers = {"Authorization": f"Bearer {SECRET}", "User-Agent": SECRET}
                    headers = {k: v.encode().decode("latin-1") for k, v in headers.items()}
                    path = address(world, route)
                    world.ask(name, route.method, path, data=form, headers=headers).close()
        world.ask("stranger", "GET", "/link/" + "A" * 20 + "canarytoken").close()
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger("nenep").removeHandler(handler)
    everything = "\n".join(lines) + caplog.text + "".join(capfd.readouterr())
    assert lines
    tokens = [cookie.rpartition("=")[2] for cookie in world.cookies.values()]
    for secret in (SECRET, SECRET.encode("unicode_escape").decode(), *tokens):
        assert secret not in everything
    assert world.values["link.token"] not in everything, "a one-time link is a secret too"


@pytest.mark.covers("T29")
def test_nothing_typed_breaks_a_log_line(small_ground: Ground) -> None:
    """Line ends, escape codes and quotes in a path stay inside one line of JSON."""
    world, lines = small_ground.world, []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record))

    handler = Kept()
    logging.getLogger("nenep").addHandler(handler)
    try:
        for word in ("%0d%0a{}", "%1b[31m", "%22,%22level%22:%22x", "%e2%80%a8x", "%c2%85x"):
            world.ask("officer", "GET", f"/d/a{word}").close()
    finally:
        logging.getLogger("nenep").removeHandler(handler)
    assert len(lines) >= 4  # a line end in a path matches no address at all
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
        assert json.loads(line)["level"] == "info"
