"""One effective and one open revision a document, said by the database itself (D1)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.work import unit_of_work
from documents.drafting import begin_revision
from documents.models import OPEN_STATES, Revision, RevisionState
from tests.builders import MONDAY, Office, a_draft, raw

_COPY = """
INSERT INTO revision (body_id, document_id, package_id, edition, amendment, state, title,
  proposed_code, reason, change_summary, drafted_at, approved_at, effective_at, cancelled_at,
  cancel_reason, token, row_version)
SELECT body_id, document_id, package_id, edition + 1, amendment, '{state}', title,
  proposed_code, reason, change_summary, drafted_at, drafted_at, drafted_at, cancelled_at,
  cancel_reason, 'copy-of-' || token, 1
FROM revision WHERE id = :id
"""


def _second(revision: Revision, state: RevisionState) -> None:
    raw(_COPY.format(state=state), id=revision.id)


@pytest.mark.covers("D1")
def test_the_database_refuses_a_second_effective_revision(app):
    first = Office().effective()
    with pytest.raises(IntegrityError):
        _second(first, RevisionState.EFFECTIVE)


@pytest.mark.covers("D1")
@pytest.mark.parametrize("state", OPEN_STATES)
def test_the_database_refuses_a_second_open_revision(app, state):
    office = Office()
    draft = a_draft(office.author, office.document())
    with pytest.raises(IntegrityError):
        _second(draft, state)


@pytest.mark.covers("D1")
def test_the_database_refuses_to_raise_a_revision_beside_the_effective_one(app):
    office = Office()
    first = office.effective()
    second = a_draft(office.author, first.document)
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE revision SET state = 'effective', approved_at = drafted_at,"
            " effective_at = drafted_at WHERE id = :id",
            id=second.id,
        )


@pytest.mark.covers("D1")
@pytest.mark.parametrize("state", ["obsolete", "withdrawn"])
def test_any_number_of_ended_revisions_may_stand_beside_each_other(app, state):
    first = Office().effective()
    _second(first, RevisionState(state))
    count = sa.select(sa.func.count()).where(Revision.document_id == first.document_id)
    assert db.session.scalar(count) == 2


@pytest.mark.covers("D1", "a5")
def test_a_second_draft_is_refused_in_words_that_name_the_first(app):
    office = Office()
    draft = a_draft(office.author, office.document())
    with (
        pytest.raises(RuleBroken) as refused,
        unit_of_work(office.officer, now=MONDAY) as work,
    ):
        begin_revision(work, draft.document)
    assert refused.value.rule == "D1"
    assert refused.value.values["edition"] == "01/00"


@pytest.mark.covers("D1", "D4")
def test_approved_and_effective_revisions_have_their_dates_or_the_database_refuses(app):
    office = Office()
    draft = a_draft(office.author, office.document())
    for change in ("state = 'approved'", "state = 'effective', approved_at = drafted_at"):
        with pytest.raises(IntegrityError):
            raw(f"UPDATE revision SET {change} WHERE id = :id", id=draft.id)


@pytest.mark.covers("D9", "D8")
def test_the_database_refuses_a_cancelled_revision_without_its_reason(app):
    office = Office()
    draft = a_draft(office.author, office.document())
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE revision SET state = 'cancelled', cancelled_at = drafted_at WHERE id = :id",
            id=draft.id,
        )
