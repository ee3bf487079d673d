"""The unstamped PDF of every submitted file, made outside any lock, once (a59, T01)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.files import StoredFile
from app.kernel.install import installation
from documents import register, rendering
from documents.content import rendition
from documents.content.intake import Reason, Refused
from documents.models import FileRendition
from tests.builders import Office, a_draft, submitted
from tests.documents.content.hostile import TAKEN


def wanted(now=None):
    return rendering.renditions_wanted(db.session(), now=now or datetime.now(UTC))


def made(app, limit=5):
    return rendering.make_wanted_renditions(
        db.session(), installation().store, app.extensions["nenep.workshop"], limit=limit
    )


@pytest.mark.covers("a59", "D14")
def test_what_is_in_force_is_drawn_before_what_is_on_its_way_and_drafts_wait(app):
    office = Office()
    coming = submitted(a_draft(office.author, office.document("Sau")), office.author)
    a_draft(office.author, office.document("Nháp"))
    in_force = office.effective()
    assert [one.sha256 for one in wanted()] == [
        in_force.main_file.sha256,
        coming.main_file.sha256,
    ]
    now = datetime.now(UTC)
    assert rendering.seconds_until(db.session(), coming.main_file.sha256, now=now) == 30
    assert rendering.base_of(db.session(), in_force) is None


@pytest.mark.covers("a59")
def test_a_pdf_is_asked_for_once_by_whatever_brings_a_file_beyond_its_draft(app):
    office = Office()
    draft = a_draft(office.author, office.document("Nháp"))
    assert db.session.scalars(sa.select(FileRendition)).all() == []
    submitted(draft, office.author)
    (asked,) = db.session.scalars(sa.select(FileRendition))
    digest = draft.main_file.sha256
    assert (asked.source_sha256, asked.sha256, asked.tries) == (digest, None, 0)
    assert register.rendition_of(db.session(), digest) is None
    office.effective()
    rows = db.session.scalars(sa.select(FileRendition.source_sha256)).all()
    assert len(rows) == len(set(rows))


@pytest.mark.slow
@pytest.mark.covers("a59")
def test_a_file_becomes_a_stored_pdf_once_and_the_original_stays(app, monkeypatch):
    office = Office()
    revision = office.effective()
    digest = revision.main_file.sha256
    before = installation().store.path(digest).read_bytes()
    # LibreOffice has tests of its own; here only the words are set
    monkeypatch.setattr(rendition, "_office", lambda: None)
    assert made(app) == 1
    assert made(app) == 0
    kept = register.rendition_of(db.session(), digest)
    assert (kept.method, kept.pages, kept.tries) == ("text", 1, 1)
    assert installation().store.path(kept.sha256).read_bytes()[:5] == b"%PDF-"
    assert db.session.scalar(sa.select(StoredFile.id).where(StoredFile.sha256 == kept.sha256))
    assert installation().store.path(digest).read_bytes() == before
    assert rendering.base_of(db.session(), revision) == kept.sha256


@pytest.mark.covers("a59")
def test_no_lock_is_held_while_a_file_is_converted(app, monkeypatch):
    office = Office()
    office.effective()
    seen = []

    def render(_source, _name, out: Path, **_more):
        seen.append(db.session().in_transaction())
        out.write_bytes(TAKEN["PDF"][1])
        return rendition.Rendition("libreoffice", 1)

    monkeypatch.setattr(rendition, "render", render)
    assert made(app) == 1
    assert seen == [False]


@pytest.mark.covers("a59", "T18")
def test_failures_are_counted_tried_again_later_and_given_up(app, monkeypatch):
    office = Office()
    revision = office.effective()
    digest = revision.main_file.sha256

    def refuse(*_args, **_more):
        raise Refused(Reason.DAMAGED, "no")

    monkeypatch.setattr(rendition, "render", refuse)
    assert made(app) == 0
    row = db.session.scalars(sa.select(FileRendition)).one()
    assert (row.sha256, row.tries, row.method) == (None, 1, "failed")
    assert wanted() == []
    now = datetime.now(UTC)
    assert 500 < rendering.seconds_until(db.session(), digest, now=now) <= 600
    later = now + timedelta(hours=1)
    assert [one.tries for one in wanted(later)] == [1]
    for tries in (1, 2):
        rendering.keep_rendition(
            rendering.Wanted(digest, "QT.docx", tries), rendering.Made(None, "failed")
        )
    assert wanted(later + timedelta(hours=1)) == []
    assert rendering.seconds_until(db.session(), digest, now=later) is None


@pytest.mark.covers("a59")
def test_an_earlier_pdf_is_not_taken_back_by_a_later_failure(app):
    office = Office()
    digest = office.effective().main_file.sha256
    pdf = installation().store.put(TAKEN["PDF"][1])
    one = rendering.Wanted(digest, "QT.docx", 0)
    rendering.keep_rendition(one, rendering.Made(pdf, "text", 1, 10))
    rendering.keep_rendition(rendering.Wanted(digest, "QT.docx", 1), rendering.Made(None, "failed"))
    kept = register.rendition_of(db.session(), digest)
    assert (kept.sha256, kept.method, kept.tries) == (pdf, "text", 2)
