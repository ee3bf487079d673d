"""Changing record data on screen never asks for a new approval (D13)."""

import pytest

from app.kernel.db import db
from documents.models import Document, RevisionState
from tests.builders import Office, form_token, sign_in


def _fields(document: Document, **changes: object) -> dict[str, object]:
    return {
        "title_en": "Birth registration",
        "kind": str(document.kind),
        "unit": str(document.lead_unit_id),
        "parent": "",
        "clauses": "7.5, 8.5.1",
        "process_name": "",
        "confidentiality": "public",
        "review_months": "12",
        "retention_years": "",
        "row_version": document.row_version,
        **changes,
    }


@pytest.mark.covers("D13", "a4", "e1")
def test_the_quality_officer_changes_data_and_the_approval_stays(app, client):
    office = Office()
    revision = office.effective()
    before = revision.package.lead.content()
    sign_in(client, office.officer)
    path = f"/d/{revision.code}/record"
    token = form_token(client, path)
    data = _fields(revision.document, keeper=str(office.staff.id), csrf_token=token)
    assert client.post(path, data=data).status_code == 303
    assert revision.document.keeper == office.staff
    assert revision.document.clauses == ["7.5", "8.5.1"]
    assert revision.state is RevisionState.EFFECTIVE
    assert revision.content() == before
    stale = client.post(path, data={**data, "row_version": 1})
    assert stale.status_code == 409
    wrong = client.post(
        path,
        data={**data, "row_version": revision.document.row_version, "clauses": "seven"},
    )
    assert wrong.status_code == 422
    assert "seven" in wrong.get_data(as_text=True)


@pytest.mark.covers("D13", "O1")
def test_staff_do_not_even_see_the_form(app, client):
    office = Office()
    revision = office.effective()
    sign_in(client, office.staff)
    assert client.get(f"/d/{revision.code}/record").status_code == 403
    assert db.session.get(Document, revision.document_id).title_en == ""
