"""Migrations: what tables cannot say is there, and data of the version before stays found."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from app.factory import create_app
from app.kernel.db import WRITING, db
from app.kernel.organisation import Body
from app.kernel.schema import extra_ddl
from app.kernel.search import fold, spelled
from app.kernel.search_index import Scope, find
from config import for_tests
from tests.conftest import DATABASES, fresh_postgres

TITLES = ["Đăng ký khai sinh", "Chứng thực bản sao", "Quản lý chợ"]


def _plain(statement):
    return re.sub(r"\s+", " ", statement.replace(" ON public.", " ON ")).strip().lower()


@pytest.mark.covers("T2", "L20")
def test_triggers_and_the_search_index_are_as_the_code_says(app):
    dialect = db.engine.dialect.name
    if dialect == "sqlite":
        made = db.session.scalars(sa.text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        found = {_plain(one) for one in made}
        assert {_plain(one) for one in extra_ddl(dialect)} <= found
        return
    names = set(db.session.scalars(sa.text("SELECT tgname FROM pg_trigger")))
    names |= set(db.session.scalars(sa.text("SELECT relname FROM pg_class")))
    names |= set(db.session.scalars(sa.text("SELECT proname FROM pg_proc")))
    for statement in extra_ddl(dialect):
        assert re.search(r"(?:FUNCTION|TRIGGER|TABLE|INDEX) (\w+)", statement).group(1) in names


def _old_entry(number, title, text):
    """Give a row as the first version kept it: words with their body in front."""
    both = [*spelled(title), *spelled(text)]

    def kept(listed):
        return " ".join(f"b1z{word}" for word in listed)

    return {
        "id": number,
        "body_id": 1,
        "document_id": number,
        "revision_id": number,
        "is_current": True,
        "kind": "procedure",
        "code": f"QT-{number}",
        "code_folded": f"qt{number}",
        "title": kept(spelled(title)),
        "title_folded": kept(map(fold, spelled(title))),
        "text": kept(both),
        "text_folded": kept(map(fold, both)),
        "dated_on": "2026-01-01",
    }


@pytest.mark.covers("L20")
@pytest.mark.parametrize("kind", DATABASES)
def test_what_the_first_version_found_is_found_after_the_upgrade(kind, tmp_path):
    url = fresh_postgres("nenep_upgrade") if kind == "postgresql" else ""
    app = create_app(for_tests(tmp_path, url))
    migrations = str(Path(app.root_path) / "migrations")
    with app.app_context():
        upgrade(directory=migrations, revision="0001")
        rows = [_old_entry(n, title, f"Số {n} hộ tịch.") for n, title in enumerate(TITLES, 1)]
        names = list(rows[0])
        with db.engine.connect().execution_options(**{WRITING: True}) as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO body (id, code, name, time_zone, locale, settings, is_demo,"
                    " row_version) VALUES (1, 'x', 'X', 'UTC', 'vi', '{}', :no, 1)"
                ),
                {"no": False},
            )
            connection.execute(
                sa.text(
                    f"INSERT INTO search_entry ({', '.join(names)})"
                    f" VALUES ({', '.join(':' + name for name in names)})"
                ),
                rows,
            )
            connection.commit()
        upgrade(directory=migrations)

        def found(text):
            hits = find(db.session(), text, scope=Scope(1))
            return [hit.entry.document_id for hit in hits]

        assert found("dang ky khai si") == [1]
        assert found("chứng thực") == [2]
        assert found("chợ") == [3]
        assert found("so 2 ho tich") == [2]
        assert found("hộ tịch") == [3, 2, 1]
        assert found("qt3") == [3]
        db.session.remove()
        db.engine.dispose()
    app.extensions["nenep.workshop"].close()


@pytest.mark.covers("e20")
@pytest.mark.parametrize("kind", DATABASES)
def test_a_body_that_set_its_hour_of_letters_keeps_it(kind, tmp_path):
    url = fresh_postgres("nenep_hours") if kind == "postgresql" else ""
    app = create_app(for_tests(tmp_path, url))
    migrations = str(Path(app.root_path) / "migrations")
    with app.app_context():
        upgrade(directory=migrations, revision="0006")
        with db.engine.connect().execution_options(**{WRITING: True}) as connection:
            for number, settings in ((1, '{"digest_hour": 15, "answer_days": 3}'), (2, "{}")):
                connection.execute(
                    sa.text(
                        "INSERT INTO body (id, code, name, time_zone, locale, settings, is_demo,"
                        " row_version) VALUES (:id, :code, 'X', 'UTC', 'vi', :settings, :no, 1)"
                    ),
                    {"id": number, "code": f"x{number}", "settings": settings, "no": False},
                )
            connection.commit()
        upgrade(directory=migrations)
        first, second = (db.session.get_one(Body, number) for number in (1, 2))
        assert first.settings == {"digest_time": "15:00", "answer_days": 3}
        assert second.setting("digest_time") == "07:30"
        db.session.remove()
        db.engine.dispose()
    app.extensions["nenep.workshop"].close()
