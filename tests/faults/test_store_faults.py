"""The n-th write, sync or rename of the store fails, for every n: no row without its file (T01)."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.kernel import files as store_module
from app.kernel.db import db
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.sweeping import sweep_incoming
from documents.models import Document, Revision
from tests.builders import Office, form_token, sign_in
from tests.documents.content.files import a_docx

CALLS = ("fdopen", "fsync", "chmod", "rename", "open")
MOST = 40  # far more than there are


class _Failing:
    """Counts what the store asks of the system and lets one of it fail."""

    def __init__(self, nth: int, number: int) -> None:
        self.nth, self.number, self.count = nth, number, 0
        self.reached = False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._counted(real) if name in CALLS else real

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self.count += 1
            if self.count == self.nth:
                self.reached = True
                if real is os.fdopen:
                    return _FullFile(real(*arguments, **more), self.number)
                raise OSError(self.number, os.strerror(self.number))
            return real(*arguments, **more)

        return call


class _FullFile:
    """A file that is open already when the disk turns out to be full."""

    def __init__(self, real: Any, number: int) -> None:
        self._real, self._number = real, number

    def __enter__(self) -> _FullFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._real.close()

    def write(self, _content: bytes) -> int:
        raise OSError(self._number, os.strerror(self._number))


def _post(client, unit_id: int, content: bytes, token: str):
    return client.post(
        "/documents/new",
        data={
            "unit": str(unit_id),
            "kind": "procedure",
            "parent": "",
            "file": (io.BytesIO(content), "QT.docx"),
            "csrf_token": token,
        },
        content_type="multipart/form-data",
    )


def _count(record: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(record)) or 0


def _check_store() -> None:
    store = installation().store
    for sha256 in db.session.scalars(sa.select(StoredFile.sha256)):
        assert store.digest_of(sha256) == sha256, "a row names a file that is not there"
    sweep_incoming(store, datetime.now(UTC) + timedelta(days=2))
    assert list(store.incoming.iterdir()) == []


@pytest.mark.covers("T01", "T18", "D2")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_whatever_fails_first_an_upload_is_whole_or_absent(app, client, monkeypatch, number):
    office = Office()
    sign_in(client, office.officer)
    token = form_token(client, "/documents/new")
    content = a_docx(paragraphs=[f"Nội dung {number}."])
    for nth in range(1, MOST):
        before = (_count(Document), _count(Revision), _count(StoredFile))
        failing = _Failing(nth, number)
        monkeypatch.setattr(store_module, "os", failing)
        answer = _post(client, office.unit.id, content, token)
        monkeypatch.undo()
        if not failing.reached:
            break
        assert answer.status_code == 422, (nth, answer.status_code)
        text = answer.get_data(as_text=True)
        assert "Không lưu được tệp" in text
        assert (_count(Document), _count(Revision), _count(StoredFile)) == before
        _check_store()
    else:
        pytest.fail("the store never came to an end")
    assert nth > 5
    assert answer.status_code == 303
    assert _count(StoredFile) == before[2] + 1
    _check_store()


@pytest.mark.covers("T18", "e25")
@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Không lưu được tệp"), ("en", "The file could not be stored")]
)
def test_while_the_store_is_gone_uploads_are_refused_in_words(app, client, language, words):
    office = Office()
    sign_in(client, office.officer)
    token = form_token(client, f"/documents/new?lang={language}")
    incoming = installation().store.incoming
    away = incoming.with_name("incoming-away")
    assert client.get("/health").json["store"] == "ok"
    incoming.rename(away)
    try:
        answer = _post(client, office.unit.id, a_docx(), token)
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
        health = client.get("/health")
        assert (health.status_code, health.json["store"]) == (503, "failed")
    finally:
        away.rename(incoming)
    assert client.get("/health").json["store"] == "ok"
    assert _count(Document) == 0
    assert _post(client, office.unit.id, a_docx(), token).status_code == 303


@pytest.mark.covers("T01", "D2")
def test_files_made_here_leave_no_half_behind_either(app, monkeypatch):
    store = installation().store
    for nth in range(1, MOST):
        failing = _Failing(nth, errno.ENOSPC)
        monkeypatch.setattr(store_module, "os", failing)
        try:
            sha256 = store.put(f"Bản in {nth}".encode())
        except OSError:
            assert failing.reached
            assert list(store.incoming.iterdir()) == []
        finally:
            monkeypatch.undo()
        if not failing.reached:
            break
    assert nth > 5
    assert store.digest_of(sha256) == sha256
