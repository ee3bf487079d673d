"""Nobody asks for a change of what is withdrawn; what replaces it is named (D8, a42)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from documents.change_request import ChangeData, ask_for_change, ask_obstacle
from documents.facts import DocumentFact
from documents.models import ChangeRequest, Confidentiality, Document
from documents.restoring import restore_revision
from documents.withdrawal import pending_withdrawal
from tests.builders import MONDAY, TODAY, Office, form_token, sign_in
from tests.documents.test_withdrawal import agreed, proposed, withdrawn

pytestmark = pytest.mark.covers("D8", "a42", "a28")


def asked(office: Office, *documents: Document, by=None) -> ChangeRequest:
    with unit_of_work(by or office.staff, now=MONDAY) as work:
        return ask_for_change(
            work, ChangeData("Sửa thời hạn."), [work.fresh(one) for one in documents]
        )


def requests() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(ChangeRequest)) or 0


def replaced(office: Office, **more) -> tuple[Document, Document]:
    """Withdraw one document in favour of another."""
    old, new = office.effective(), office.effective(**more)
    agreed(proposed(office, old, replaced_by=new.document), office.leader)
    return old.document, new.document


def test_of_what_is_withdrawn_no_change_is_asked_and_its_replacement_is_named(app):
    office = Office()
    old, new = replaced(office)
    with pytest.raises(InvalidInput) as refused:
        asked(office, new, old)
    assert refused.value.field == "documents"
    assert refused.value.values["code"] == old.code
    assert refused.value.values["instead"] == new.code
    assert refused.value.values["day"] == TODAY
    assert requests() == 0, "nothing is half filed"
    assert asked(office, new).items[0].document == new


def test_without_a_replacement_it_says_so(app):
    office = Office()
    gone = withdrawn(office).document
    with pytest.raises(InvalidInput, match="nothing of it to change"):
        asked(office, gone)


def test_a_replacement_that_one_may_not_know_of_is_not_named(app):
    office = Office()
    old, new = replaced(office)
    with unit_of_work(office.officer, now=MONDAY) as work:
        new = work.fresh(new)
        new.confidentiality = Confidentiality.NAMED
        work.record(DocumentFact.RECORD_CHANGED, new)
    with pytest.raises(InvalidInput, match="nothing of it to change"):
        asked(office, old)


def test_what_goes_on_a_later_day_or_is_brought_back_can_still_change(app):
    office = Office()
    later = office.effective()
    agreed(proposed(office, later, on=TODAY + timedelta(days=3)), office.leader)
    assert pending_withdrawal(db.session(), later.document) is not None
    assert asked(office, later.document)
    gone = withdrawn(office)
    with unit_of_work(office.officer, now=MONDAY) as work:
        restore_revision(work, work.fresh(gone), reason="Vẫn cần.")
    assert asked(office, gone.document, by=office.officer)
    with pytest.raises(InvalidInput, match="nothing of it to change"):
        asked(office, gone.document)  # staff learn nothing of the draft (D14)


def test_other_documents_cost_one_question_each_and_drafts_are_left_alone(app):
    office = Office()
    standing = standing_of(db.session(), office.staff, TODAY)
    for document in (office.effective().document, office.document("Chưa có bản nào")):
        assert ask_obstacle(db.session(), standing, document) is None


def test_a_withdrawal_decided_while_somebody_types_is_said_at_the_field(app, client):
    office = Office()
    old, new = office.effective(), office.effective()
    proposal = proposed(office, old, replaced_by=new.document)
    sign_in(client, office.staff)
    page = f"/changes/new?document={old.document.code}"
    assert "aria-invalid" not in client.get(page).text
    data = {
        "csrf_token": form_token(client, page),
        "documents": old.document.code,
        "source": "work",
        "reason": "Một câu đã gõ rất lâu.",
    }
    agreed(proposal, office.leader)
    answer = client.post("/changes/new?lang=en", data=data)
    assert answer.status_code == 422
    assert f"{new.document.code} replaces it" in answer.text
    assert "Một câu đã gõ rất lâu." in answer.text, "what was typed stays"
    assert requests() == 0
    answer = client.post("/changes/new", data={**data, "documents": new.document.code})
    assert answer.status_code == 303
    assert requests() == 1
    shown = client.get(f"{page}&lang=vi").text
    assert f"được thay bằng {new.document.code}" in shown, "said before anything is typed"


def test_on_its_page_the_button_is_off_and_says_why(app, client):
    office = Office()
    old, new = replaced(office)
    sign_in(client, office.officer)
    shown = client.get(f"/d/{old.code}?lang=en").text
    assert f"/changes/new?document={old.code}" not in shown
    assert f"{new.code} replaces it. Ask for a change of {new.code}." in shown
    shown = client.get(f"/d/{new.code}?lang=en").text
    assert f"/changes/new?document={new.code}" in shown
