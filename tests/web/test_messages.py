"""Ready for the chat group: who must do what by when, and the link; never before submission."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.kernel.install import installation
from app.kernel.work import unit_of_work
from documents.change_request import ChangeData, accept_change, ask_for_change
from documents.models import Confidentiality
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_document,
    a_draft,
    sign_in,
    submitted,
)


def message(client: FlaskClient, path: str) -> str:
    """Give the text that stands in the field to be copied; empty where there is none."""
    page = client.get(f"{path}?lang=vi").get_data(as_text=True)
    found = re.search(r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


@pytest.mark.covers("e20", "D14")
def test_the_message_says_who_what_by_when_and_leads_there(client) -> None:
    office = Office()
    revision = a_draft(office.author, office.document())
    sign_in(client, office.officer)
    assert message(client, f"/documents/{revision.document_id}") == "", "nothing of a draft"
    submitted(revision, office.author)
    step = revision.package.current_step
    place = f"{installation().public_url}/b/{office.body.code}/r/{revision.id}"
    assert message(client, f"/d/{revision.code}") == (
        f"{office.manager.name}: xin xem xét {revision.code} 01/00 “{revision.title}” "
        f"trước ngày {step.due_on:%d/%m/%Y}: {place}"
    )


@pytest.mark.covers("e20", "a34")
def test_readers_are_asked_by_a_message_that_opens_what_they_read(client) -> None:
    office = Office()
    revision = office.effective()
    sign_in(client, office.officer)
    due_on = revision.distribution.due_on
    for path in (f"/d/{revision.code}", f"/d/{revision.code}/distribution"):
        text = message(client, path)
        assert f"/b/{office.body.code}/read/{revision.id}" in text, path
        assert f"trước ngày {due_on:%d/%m/%Y}" in text


@pytest.mark.covers("e20", "a41")
def test_a_document_for_named_people_goes_by_its_code_alone(client) -> None:
    office = Office()
    document = a_document(
        office.officer,
        office.unit,
        title="Xác minh đơn tố cáo",
        confidentiality=Confidentiality.NAMED,
        keeper=office.author,
        readers=(office.staff, office.officer),
    )
    revision = office.effective(document)
    sign_in(client, office.officer)
    text = message(client, f"/d/{revision.code}")
    assert "Xác minh" not in text


@pytest.mark.covers("e20", "a42")
def test_a_request_names_who_decides_nothing_and_who_changes_what_by_when(client) -> None:
    office = Office()
    document = office.effective().document
    with unit_of_work(office.staff, now=MONDAY) as work:
        asked = ask_for_change(work, ChangeData("Sửa mục 2."), [work.fresh(document)])
    sign_in(client, office.officer)
    path = f"/changes/{asked.number}"
    assert message(client, path).startswith(f"{asked.number} chờ quyết định: {document.code}")
    with unit_of_work(office.officer, now=MONDAY) as work:
        accept_change(
            work,
            work.fresh(asked),
            owner=work.fresh(office.author),
            due_on=TODAY + timedelta(days=9),
        )
    text = message(client, path)
    assert text.startswith(f"{office.author.name}: xin sửa {document.code} trước ngày 02/12/2026")
    assert text.endswith(f"/b/{office.body.code}/changes/{asked.number}")
