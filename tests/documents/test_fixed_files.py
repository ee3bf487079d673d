"""From submission on the files of a revision never change; each is kept once (D2)."""

from __future__ import annotations

import hashlib
import json

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.work import unit_of_work
from documents.drafting import bring_file, change_draft
from documents.models import Answer, FileReading, FileRole, Revision, RevisionFile, RevisionState
from documents.submission import leave_package
from tests.builders import (
    MONDAY,
    Office,
    a_brought_file,
    a_document,
    a_draft,
    answered,
    draft_data,
    joined,
    submitted,
)


def _bring(revision: Revision, person, role: FileRole = FileRole.MAIN) -> RevisionFile:
    brought = a_brought_file("Một tệp khác.")
    with unit_of_work(person, now=MONDAY) as work:
        return bring_file(work, revision, brought, role=role)


def _rows(revision: Revision) -> list[tuple]:
    columns = RevisionFile.__table__.c
    return [
        tuple(row)
        for row in db.session.execute(
            sa.select(columns).where(columns.revision_id == revision.id).order_by(columns.id)
        )
    ]


@pytest.mark.covers("D2")
@pytest.mark.parametrize("role", FileRole)
@pytest.mark.parametrize("steps", range(4))
def test_no_file_comes_into_a_revision_after_its_submission(app, role, steps):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    for person in (office.manager, office.officer, office.leader)[:steps]:
        answered(revision, person)
    before = _rows(revision)
    with pytest.raises(RuleBroken) as refused:
        _bring(revision, office.author, role)
    assert refused.value.rule == "D2"
    assert _rows(revision) == before


@pytest.mark.covers("D2", "D13")
def test_what_is_signed_cannot_be_edited_after_submission(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.author, now=MONDAY) as work:
        change_draft(work, work.fresh(revision), draft_data(revision, title="Tên khác"))
    assert refused.value.rule == "D2"
    assert revision.title == "Đăng ký khai sinh"


@pytest.mark.covers("D2", "a17")
def test_a_later_round_adds_rows_and_changes_none(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    _bring(revision, office.author, FileRole.ATTACHMENT)
    submitted(revision, office.author)
    first_round = _rows(revision)
    answered(revision, office.manager, Answer.RETURN, "Nêu rõ thời hạn.")
    kept_until_replaced = revision.main_file.sha256
    assert _rows(revision) == first_round
    _bring(revision, office.author)
    assert _rows(revision)[: len(first_round)] == first_round
    assert revision.main_file.sha256 != kept_until_replaced
    assert [str(file.role) for file in revision.files] == ["main", "attachment"]
    submitted(revision, office.author)
    answered(revision, office.manager, Answer.RETURN, "Còn thiếu biểu mẫu.")
    _bring(revision, office.author)
    _bring(revision, office.author)  # replaced again within the third round
    assert _rows(revision)[: len(first_round)] == first_round
    assert {file.round for file in revision.all_files} == {1, 2, 3}
    assert {file.round for file in revision.files} == {3}


@pytest.mark.covers("D2")
def test_leaving_a_package_in_a_later_round_leaves_submitted_files_as_they_were(app):
    office = Office()
    lead = a_draft(office.author, office.document())
    other = a_draft(office.author, office.document("Đăng ký khai tử"))
    joined(lead, other, by=office.author)
    submitted(lead, office.author)
    answered(lead, office.manager, Answer.RETURN, "Tách riêng.")
    first_round = _rows(other)
    with unit_of_work(office.author, now=MONDAY) as work:
        leave_package(work, work.fresh(other))
    _bring(other, office.author)
    assert _rows(other)[:1] == first_round
    assert [file.replaced_at for file in other.all_files if file.round == 1] == [None]


@pytest.mark.covers("D2")
def test_joining_a_package_after_a_return_leaves_submitted_files_as_they_were(app):
    office = Office()
    returned = submitted(a_draft(office.author, office.document()), office.author)
    answered(returned, office.manager, Answer.RETURN, "Đi cùng quy trình kia.")
    first_round = _rows(returned)
    other = a_draft(office.author, office.document("Đăng ký khai tử"))
    joined(other, returned, by=office.author)
    _bring(returned, office.author)
    assert _rows(returned)[:1] == first_round


@pytest.mark.covers("D2")
def test_a_file_is_stored_once_whoever_brings_it(app):
    office = Office()
    brought = a_brought_file("Cùng một tệp.")
    drafts = [
        a_draft(person, a_document(office.officer, office.unit, title=title, keeper=person))
        for person, title in ((office.author, "Một"), (office.staff, "Hai"))
    ]
    for revision in drafts:
        with unit_of_work(revision.authors[0], now=MONDAY) as work:
            bring_file(work, revision, brought)
    for record in (StoredFile, FileReading):
        count = sa.select(sa.func.count()).where(record.sha256 == brought.sha256)
        assert db.session.scalar(count) == 1
    stored = [path for name, path, _ in installation().store.everything() if name == brought.sha256]
    assert len(stored) == 1
    assert stored[0].stat().st_mode & 0o222 == 0


@pytest.mark.covers("D2", "T21")
def test_what_is_signed_is_the_hash_of_the_original_bytes(app):
    office = Office()
    revision = office.effective()
    assert revision.state is RevisionState.EFFECTIVE
    original = installation().store.path(revision.main_file.sha256).read_bytes()
    digest = hashlib.sha256(original).hexdigest()
    for step in revision.package.steps:
        for decision in step.decisions:
            signed = json.loads(decision.signature.content)
            files = signed["revisions"][0]["files"]
            assert [file["sha256"] for file in files] == [digest]
            assert decision.signature.content_sha256 == (
                hashlib.sha256(decision.signature.content.encode()).hexdigest()
            )
