"""From a Word file to the next revision in force, on screen: who does what, and what stays."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.people import Person
from documents import register
from documents.models import Document, Revision, RevisionState
from tests.builders import PASSWORD, Office, a_draft, form_token, sign_in
from tests.documents.content.files import a_docx


def upload(client: FlaskClient, path: str, content: bytes, name: str = "QT.docx", **more: object):
    """Send a file through the real form of a page."""
    return client.post(
        path,
        data={
            "file": (io.BytesIO(content), name),
            "csrf_token": form_token(client, path.replace("/file", "/draft")),
            **more,
        },
        content_type="multipart/form-data",
    )


def submit(client: FlaskClient, revision: Revision, **changes: str):
    """Press the one button of a draft, with everything as it was proposed."""
    path = f"/r/{revision.id}/draft"
    fields = {
        "title": revision.title,
        "code": revision.proposed_code,
        "edition": revision.label,
        "effective_on": revision.effective_on.strftime("%d/%m/%Y"),
        "reason": revision.reason,
        "change_summary": revision.change_summary,
        "authors": [str(person.id) for person in revision.authors],
        "row_version": revision.row_version,
        "go": "submit",
        "csrf_token": form_token(client, path),
        **changes,
    }
    return client.post(path, data=fields)


def decide(app, person: Person, revision: Revision, answer: str = "approve", comment: str = ""):
    """Answer on the page where the text is read."""
    client = app.test_client()
    sign_in(client, person)
    prefix = "b-" if answer == "return" else "a-"
    path = f"/r/{revision.id}"
    return client.post(
        f"{path}/decision",
        data={
            "answer": answer,
            f"{prefix}password": PASSWORD,
            f"{prefix}comment": comment,
            f"{prefix}row_version": db.session.get(Revision, revision.id).package.row_version,
            f"{prefix}seat": person.id,
            "csrf_token": form_token(client, path),
        },
    )


@pytest.mark.covers("D1", "D2", "D4", "a5", "a27", "a56")
def test_a_word_file_becomes_the_revision_in_force(app, client):
    office = Office()
    sign_in(client, office.officer)
    content = a_docx(code="QT-TP-07", title="Đăng ký khai sinh", paragraphs=["Nộp hồ sơ."])
    response = client.post(
        "/documents/new",
        data={
            "unit": str(office.unit.id),
            "kind": "",
            "parent": "",
            "file": (io.BytesIO(content), "QT-TP-07 Đăng ký khai sinh.docx"),
            "csrf_token": form_token(client, "/documents/new"),
        },
        content_type="multipart/form-data",
    )
    assert response.status_code == 303, response.get_data(as_text=True)
    revision = db.session.get(Revision, int(response.location.split("/")[-2]))
    assert revision.title == "Đăng ký khai sinh"
    assert revision.proposed_code == "QT-TP-07"
    assert submit(client, revision).status_code == 303
    assert revision.code == "QT-TP-07"
    for person in (office.manager, office.leader):
        assert decide(app, person, revision).status_code == 303
    db.session.expire_all()
    assert revision.state is RevisionState.APPROVED
    stored = installation().store.path(revision.main_file.sha256).read_bytes()
    assert stored == content


@pytest.mark.covers("D8", "a16", "a17", "D2")
def test_a_returned_draft_keeps_the_files_of_its_first_round(app, client):
    office = Office()
    first = office.effective()
    sign_in(client, office.author)
    response = upload(
        client, f"/d/{first.code}/revise", a_docx(title="Khai sinh", paragraphs=["Bản hai."])
    )
    assert response.status_code == 303, response.get_data(as_text=True)
    revision = db.session.get(Revision, int(response.location.split("/")[-2]))
    assert revision.label == "02/00"
    assert submit(client, revision, reason="Luật mới").status_code == 303
    before = revision.main_file.sha256
    assert decide(app, office.manager, revision, "return").status_code == 422  # no reason given
    assert decide(app, office.manager, revision, "return", "Nêu rõ thời hạn.").status_code == 303
    db.session.expire_all()
    assert revision.state is RevisionState.DRAFT
    assert revision.round == 2
    page = client.get(f"/r/{revision.id}/draft").get_data(as_text=True)
    assert "Nêu rõ thời hạn." in page
    again = upload(
        client, f"/r/{revision.id}/file", a_docx(paragraphs=["Bản hai, sửa."]), role="main"
    )
    assert again.status_code == 303, again.get_data(as_text=True)
    db.session.expire_all()
    assert revision.main_file.sha256 != before
    assert before in {file.sha256 for file in revision.all_files if file.round == 1}
    assert submit(client, revision).status_code == 303
    assert revision.state is RevisionState.IN_REVIEW
    response = client.get(f"/r/{revision.id}?against=round")
    assert response.status_code == 200


@pytest.mark.covers("e21", "D6")
def test_everybody_sees_only_their_own_work(app, client):
    office = Office()
    document = office.document()
    sign_in(client, office.author)
    upload(client, "/work", b"", role="main")
    page = client.get("/work").get_data(as_text=True)
    assert "Đăng ký khai sinh" not in page
    revision = office.effective(document)
    assert (
        register.effective_revision(db.session(), db.session.get(Document, document.id)) == revision
    )


@pytest.mark.covers("e21", "T08")
def test_what_an_author_typed_is_back_after_signing_in_again(app, client):
    office = Office()
    revision = a_draft(office.author, office.document())
    sign_in(client, office.author)
    path = f"/r/{revision.id}/draft"
    token = form_token(client, path)
    typed = {"title": "Đăng ký khai sinh lưu động", "row_version": revision.row_version}
    kept = client.post(f"/drafts?place={path}", data={**typed, "csrf_token": token})
    assert kept.status_code == 204
    client.post("/logout", data={"csrf_token": token})
    sign_in(client, office.author)
    assert "Đăng ký khai sinh lưu động" in client.get(path).get_data(as_text=True)
    assert revision.title == "Đăng ký khai sinh"  # nothing was changed by typing alone
