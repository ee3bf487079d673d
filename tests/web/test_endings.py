"""Withdrawing, disposing and leaving in the browser, by the real forms (a28, a29, a49; D3, D8)."""

from __future__ import annotations

import io

import docx
import pytest
from flask.testing import FlaskClient

from app.kernel.db import db
from app.web.documents.disposal_minutes import minutes_of
from documents.models import Revision, RevisionState
from tests.builders import PASSWORD, Office, form_token, sign_in
from tests.documents.test_disposal import YEARS_LATER, listed, obsolete, signed


@pytest.mark.covers("a28", "a29", "D8")
def test_an_officer_proposes_a_leader_signs_and_the_edition_comes_back_as_a_draft(
    app, client: FlaskClient
):
    office = Office()
    revision = office.effective()
    sign_in(client, office.officer)
    path = f"/d/{revision.code}/withdraw"
    data = {"revision": revision.id, "reason": "Bãi bỏ.", "withdraw_on": "01/12/2199"}
    wrong = client.post(path, data={**data, "reason": "", "csrf_token": form_token(client, path)})
    assert wrong.status_code == 422
    sent = client.post(path, data={**data, "csrf_token": form_token(client, path)})
    assert sent.status_code == 303
    shown = sent.headers["Location"]
    assert shown in client.get("/d/" + revision.code).get_data(as_text=True)
    browser = app.test_client()
    sign_in(browser, office.leader)
    assert shown in browser.get("/work").get_data(as_text=True)
    answer = {"answer": "agree", "a-seat": office.leader.id}
    for password, status in (("sai", 422), (PASSWORD, 303)):
        token = form_token(browser, shown)
        sealed = browser.post(
            shown + "/decision", data={**answer, "a-password": password, "csrf_token": token}
        )
        assert sealed.status_code == status
    assert db.session.get_one(Revision, revision.id).state is RevisionState.EFFECTIVE


def test_minutes_of_a_disposal_are_a_word_file_with_its_items(app):
    office = Office()
    first = obsolete(office)
    disposal = signed(office, listed(office, first), YEARS_LATER)
    with app.test_request_context():
        paper = docx.Document(io.BytesIO(minutes_of(disposal)))
    assert "BIÊN BẢN" in [one.text for one in paper.paragraphs]
    assert first.code in paper.tables[1].rows[1].cells[1].text
