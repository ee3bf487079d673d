"""A revision's life, from draft to the next one in force (D1, D3, D4)."""

import pytest

from app.kernel.db import db
from app.kernel.errors import RuleBroken
from documents import register
from documents.models import Answer, RevisionState
from tests.builders import Office, a_draft, submitted


@pytest.mark.covers("D4", "a5", "a10", "a27")
def test_signatures_take_a_revision_into_force_and_its_predecessor_out(app):
    office = Office()
    first = office.effective()
    assert first.state is RevisionState.EFFECTIVE
    assert first.code == "QT-TP-01"
    second = office.effective(first.document, text="Bản hai.")
    assert second.label == "02/00"
    assert second.state is RevisionState.EFFECTIVE
    assert first.state is RevisionState.OBSOLETE
    assert register.effective_revision(db.session(), first.document) == second


@pytest.mark.covers("D3", "a15")
def test_author_cannot_approve_own_revision(app):
    office = Office()
    revision = submitted(
        a_draft(office.manager, office.document(), by=office.officer), office.officer
    )
    with pytest.raises(RuleBroken) as refused:
        revision.package.answer(office.manager, Answer.AGREE, None, at=None)
    assert refused.value.rule == "D3"
    assert office.manager not in [
        seat.person for step in revision.package.steps for seat in step.seats
    ]
