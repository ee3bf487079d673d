"""A database that is locked, gone, or takes no trail entry: words, nothing lost, then on (T18)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.kernel.db import db
from app.kernel.trail import TrailEntry
from app.web import health as health_page
from documents.models import Comment, Revision
from tests.builders import Office, a_draft, form_token, sign_in, submitted
from tests.conftest import DATABASES
from tests.faults.stage import Answer, Browser, World, free_port, running, staged, together

WORDS = {
    "vi": "Hệ thống chưa lưu được lúc này",
    "en": "The system could not save this just now",
}


@contextmanager
def _somebody_holds(world: World, revision_id: int) -> Iterator[None]:
    """Let another connection hold the write lock (SQLite) or the row (PostgreSQL)."""
    with world.app.app_context():
        url = db.engine.url
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            if url.get_backend_name() == "sqlite":
                connection.connection.driver_connection.isolation_level = None  # type: ignore[union-attr]
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(
                    sa.text("SELECT id FROM revision WHERE id = :id FOR UPDATE"),
                    {"id": revision_id},
                )
            yield
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("ROLLBACK")
            connection.rollback()
    finally:
        engine.dispose()


@pytest.mark.slow
@pytest.mark.covers("T18", "T03")
@pytest.mark.parametrize("kind", DATABASES)
def test_while_somebody_holds_the_database_people_are_told_in_their_language(kind, tmp_path):
    name = f"nenep_locked_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with staged(kind, tmp_path, name) as world:
        (key,) = world.asked(1)
        port = free_port()
        with running(world.app, port, log=tmp_path / "server.out"):
            people = {
                language: world.browser(port, person_id)
                for language, person_id in zip(WORDS, world.officer_ids, strict=False)
            }
            reader = world.browser(port, world.author_id)
            for language, browser in people.items():
                browser.cookies["nenep_language"] = language

            def speak(browser: Browser, text: str) -> Answer:
                return browser.post(f"/r/{key}/comments", {"text": text})

            with _somebody_holds(world, key):
                read, *refused = together(
                    [
                        lambda: reader.get(f"/r/{key}"),
                        *(lambda who=who: speak(who, "Bị giữ.") for who in people.values()),
                    ]
                )
            assert [answer.status for answer in refused] == [503, 503], refused
            for answer, words in zip(refused, WORDS.values(), strict=True):
                assert words in answer.text
            assert read.status == 200  # reading goes on meanwhile
            assert read.seconds < 15
            assert speak(people["vi"], "Lại được.").status == 303
        with world.app.app_context():
            kept = [one.text for one in db.session.query(Comment).filter_by(revision_id=key)]
            db.session.remove()
    assert kept == ["Lại được."]


BREAK_TRAIL = {
    "sqlite": [
        "CREATE TRIGGER broken_trail BEFORE INSERT ON trail_entry "
        "BEGIN SELECT RAISE(ABORT, 'no room for the entry'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION broken_trail() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room for the entry'; END $$",
        "CREATE TRIGGER broken_trail BEFORE INSERT ON trail_entry "
        "FOR EACH ROW EXECUTE FUNCTION broken_trail()",
    ],
}
MEND_TRAIL = {
    "sqlite": "DROP TRIGGER broken_trail",
    "postgresql": "DROP FUNCTION broken_trail() CASCADE",
}


def _run(statement: str) -> None:
    db.session.rollback()
    db.session.execute(sa.text(statement))
    db.session.commit()


@pytest.mark.covers("T18", "T1")
@pytest.mark.parametrize("language", WORDS)
def test_an_act_whose_entry_cannot_be_written_does_not_happen(app, client, language):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    sign_in(client, office.manager)
    token = form_token(client, f"/r/{revision.id}?lang={language}")

    def speak(text: str):
        return client.post(f"/r/{revision.id}/comments", data={"text": text, "csrf_token": token})

    kind = db.engine.dialect.name
    entries = db.session.query(TrailEntry).count()
    for statement in BREAK_TRAIL[kind]:
        _run(statement)
    answer = speak("Không có dấu vết.")
    assert answer.status_code == 503
    assert WORDS[language] in answer.get_data(as_text=True)
    assert db.session.query(Comment).count() == 0
    assert db.session.query(TrailEntry).count() == entries
    _run(MEND_TRAIL[kind])
    assert speak("Có dấu vết.").status_code == 303
    assert [one.text for one in db.session.query(Comment)] == ["Có dấu vết."]


@contextmanager
def _no_database() -> Iterator[None]:
    def refuse(*_arguments: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    event.listen(Engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", refuse)


@pytest.mark.covers("T18", "e25")
@pytest.mark.parametrize("language", WORDS)
def test_without_a_database_every_page_says_so_and_health_is_red(app, client, language):
    office = Office()
    revision = a_draft(office.author, office.document())
    sign_in(client, office.author)
    client.get(f"/work?lang={language}")
    paths = ("/", "/work", f"/r/{revision.id}/draft", "/documents")
    assert client.get("/health").json["database"] == "ok"
    with _no_database():
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert WORDS[language] in answer.get_data(as_text=True)
        health = client.get("/health")
        assert (health.status_code, health.json["database"]) == (503, "failed")
        assert health.json["status"] == "failed"
    assert client.get("/health").json["database"] == "ok"
    assert client.get("/work").status_code == 200


@pytest.mark.covers("T18")
def test_a_refusal_that_cannot_be_recorded_still_is_one(app, client):
    office = Office()
    revision = a_draft(office.author, office.document())
    sign_in(client, office.manager)
    token = form_token(client, "/work")
    kind = db.engine.dialect.name
    for statement in BREAK_TRAIL[kind]:
        _run(statement)
    path = f"/r/{revision.id}/cancellation"
    answer = client.post(path, data={"reason": "Thử", "csrf_token": token})
    without_token = client.post(path, data={"reason": "Thử"})
    _run(MEND_TRAIL[kind])
    for refused in (answer, without_token):
        assert refused.status_code == 503
        assert WORDS["vi"] in refused.get_data(as_text=True)
    assert str(db.session.get_one(Revision, revision.id).state) == "draft"


@pytest.mark.covers("T18")
def test_health_is_green_when_everything_is_well(app, client, monkeypatch):
    monkeypatch.setattr(health_page, "_jobs", lambda _now: {"status": "ok"})
    answer = client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
