"""What tests of reading share: who owes what, who confirms, what the trail was told."""

from __future__ import annotations

import json

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organising import PersonData, add_person
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import readers
from documents.distribution import call_readers, keep_acknowledgements
from documents.drafting import change_draft
from documents.facts import DocumentFact
from documents.models import ImportBatch, ImportedHistory
from documents.reading import acknowledge
from tests.builders import MONDAY, TODAY, a_draft, answered, draft_data, submitted


def read(revision, person, now=MONDAY):
    with unit_of_work(person, now=now) as work:
        return acknowledge(work, revision)


def called(revision, now=MONDAY, today=TODAY):
    with unit_of_work(None, now=now) as work:
        return call_readers(work, work.fresh(revision).distribution, today)


def owed(person, on=TODAY):
    found = readers.to_read(db.session(), standing_of(db.session(), person, on))
    return [one.revision.id for one in found]


def named_only(unit, name="Người không có tài khoản"):
    with unit_of_work(None, now=MONDAY) as work:
        return add_person(work, PersonData(name=name, unit=work.fresh(unit)))


def total(revision, on=TODAY):
    return readers.totals(db.session(), revision.distribution, on)


def entries(fact):
    return list(db.session.scalars(sa.select(TrailEntry).where(TrailEntry.fact == fact)))


def details(entry):
    return json.loads(entry.details)


def amended(office, revision, *, keep="", now=MONDAY):
    """Take an amendment of the same edition into force."""
    draft = a_draft(office.author, revision.document, text="Sửa chính tả.")
    with unit_of_work(office.author, now=now) as work:
        draft = work.fresh(draft)
        change_draft(
            work,
            draft,
            draft_data(draft, edition=revision.edition, amendment=revision.amendment + 1),
        )
    if keep:
        with unit_of_work(office.officer, now=now) as work:
            keep_acknowledgements(work, draft, keep)
    submitted(draft, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(draft, person)
    return draft


def imported(revision, now=MONDAY):
    """Let a revision in force be one that was brought in from before this system."""
    with unit_of_work(None, now=now) as work:
        revision = work.fresh(revision)
        batch = work.add(
            ImportBatch(
                body_id=revision.body_id, name="danh-muc.xlsx", sha256="0" * 64,
                began_on=TODAY, began_at=now,
            )
        )  # fmt: skip
        work.record(DocumentFact.IMPORT_BEGUN, batch)
        history = work.add(
            ImportedHistory(body_id=revision.body_id, revision_id=revision.id, batch_id=batch.id)
        )
        work.record(DocumentFact.REVISION_IMPORTED, revision, history=history)
    return revision
