"""What a person sees and takes along of the changes of a revision (ux 5.4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.work import unit_of_work
from app.web.documents.changes_file import DOCX
from documents.content.blocks import READER, body_text, to_json
from documents.content.reading import inspect_and_read
from documents.drafting import BroughtFile, bring_file
from documents.models import Confidentiality, Revision, RevisionState
from tests.builders import MONDAY, Office, a_document, a_draft, answered, sign_in, submitted
from tests.documents.content.files import a_docx
from tests.journeys.test_publishing_a_revision import decide, submit, upload

pytestmark = pytest.mark.covers("a23", "a24", "L7", "D11")
MOVED = "Người dân được ưu tiên gọi số trước khi đến."
FIRST = ("1. Mục đích", MOVED, "Thời hạn là năm ngày.", "Câu bỏ đi.", "2. Phạm vi", "Toàn cơ quan.")
SECOND = ("1. Mục đích", "Thời hạn là ba ngày.", "2. Phạm vi", "Toàn cơ quan.", MOVED, "Câu mới.")
HEAD = ("Bước", "Công việc", "Thời gian")
OLD = a_docx(paragraphs=FIRST, rows=(HEAD, ("1", "Nhận hồ sơ của dân", "05 ngày")))
NEW = a_docx(
    edition=2,
    paragraphs=SECOND,
    rows=(HEAD, ("1", "Nhận hồ sơ của dân", "03 ngày"), ("2", "Trả kết quả tại quầy", "01 giờ")),
)


def brought(data: bytes, folder: Path) -> BroughtFile:
    """A real file in the store, with what is really read from it."""
    path = folder / "brought.docx"
    path.write_bytes(data)
    reading = inspect_and_read(path, path.name)
    return BroughtFile(
        sha256=installation().store.put(data),
        name="QT.docx",
        size=len(data),
        media_type=DOCX,
        reader=READER,
        reading=to_json(reading),
    )


@pytest.fixture
def first(app: Flask, client: FlaskClient, tmp_path: Path) -> Revision:
    """A first edition in force, made of a real file; its author is signed in."""
    office = Office()
    draft = a_draft(office.author, office.document())
    with unit_of_work(office.author, now=MONDAY) as work:
        bring_file(work, work.fresh(draft), brought(OLD, tmp_path))
    submitted(draft, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(draft, person)
    assert draft.state is RevisionState.EFFECTIVE
    sign_in(client, office.author)
    client.office = office
    return draft


def revised(client: FlaskClient, first: Revision, data: bytes = NEW) -> Revision:
    """The next edition, submitted."""
    answer = upload(client, f"/d/{first.code}/revise", data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    revision = db.session.get(Revision, int(answer.location.split("/")[-2]))
    assert revision is not None
    assert submit(client, revision, reason="Luật mới").status_code == 303
    return revision


def bare(page: str) -> str:
    """The words of a page in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_four_views_and_the_list_say_the_same_changes(
    app: Flask, client: FlaskClient, first: Revision
) -> None:
    revision = revised(client, first)
    for path in (f"/r/{revision.id}", f"/d/{first.code}?tab=changes&revision={revision.id}"):
        joint = "&" if "?" in path else "?"
        page = {
            view: client.get(f"{path}{joint}view={view}").get_data(as_text=True)
            for view in ("merged", "side", "changes", "clean")
        }
        listed = re.findall(r'<a class="cl" href="#c(\d+)"', page["merged"])
        assert len(listed) == 6
        for number in listed:
            assert f'id="c{number}"' in page["merged"], number
        merged = bare(page["merged"])
        assert "[ bỏ : năm" in merged or "[bỏ: năm" in merged
        assert "Chuyển từ 1 Mục đích" in merged
        assert "Chuyển đến 2 Phạm vi" in merged
        assert merged.count("Chuyển đến") == 1
        assert "<ins>" in page["side"]
        assert "Trước" in page["side"]
        assert "Toàn cơ quan." not in page["changes"].split("data-redline")[1]
        clean = page["clean"].split("data-redline")[1]
        assert "Câu bỏ đi." not in clean
        assert "<ins>" not in clean
        assert "<del>" not in clean
        assert clean.count(MOVED) == 1
        assert '<p class="p"></p>' not in clean


def test_the_word_file_carries_the_same_changes(
    app: Flask, client: FlaskClient, first: Revision, tmp_path: Path
) -> None:
    revision = revised(client, first)
    page = client.get(f"/r/{revision.id}").get_data(as_text=True)
    found = re.search(rf'href="(/r/{revision.id}/changes\.docx[^"]*)"', page)
    assert found
    answer = client.get(found[1])
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "redline.docx" in answer.headers["Content-Disposition"]
    path = tmp_path / "a.docx"
    path.write_bytes(answer.data)
    text = body_text(inspect_and_read(path, "a.docx"))
    assert "ba ngày" in text
    assert "năm ngày" not in text
    tab = client.get(f"/d/{first.code}?tab=changes&revision={revision.id}").get_data(as_text=True)
    assert f"/r/{revision.id}/changes.docx?old={first.id}" in tab


def test_who_may_not_see_the_comparison_gets_no_file(
    app: Flask, client: FlaskClient, first: Revision
) -> None:
    office = client.office
    revision = revised(client, first)
    other = Office()
    hidden = a_document(
        office.officer,
        office.unit,
        title="Mật",
        keeper=office.author,
        confidentiality=Confidentiality.NAMED,
        readers=(office.author,),
    )
    secret = submitted(a_draft(office.author, hidden), office.author)
    strange = submitted(a_draft(office.author, office.document("Khác")), office.author)
    sign_in(client, office.author)
    assert client.get(f"/r/{first.id}/changes.docx").status_code == 404  # nothing before it
    assert client.get(f"/r/{revision.id}/changes.docx?old={strange.id}").status_code == 404
    assert client.get(f"/r/{revision.id}/changes.docx?old=x").status_code == 404
    stranger = app.test_client()
    sign_in(stranger, other.staff)
    for path in (f"/r/{secret.id}/changes.docx", f"/r/{revision.id}/changes.docx"):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/r/999999/changes.docx").status_code == 404


@pytest.mark.covers("a17")
def test_since_my_last_round_shows_only_what_i_have_not_judged(
    app: Flask, client: FlaskClient, first: Revision
) -> None:
    office = client.office
    revision = revised(client, first)
    for sentence in ("Sửa lần hai.", "Sửa lần ba."):
        person = office.manager
        assert decide(app, person, revision, "return", "Viết lại.").status_code == 303
        data = a_docx(edition=2, paragraphs=(*SECOND, sentence))
        assert upload(client, f"/r/{revision.id}/file", data, role="main").status_code == 303
        db.session.expire_all()
        assert submit(client, revision).status_code == 303
    db.session.expire_all()
    assert revision.round == 3
    viewer = app.test_client()
    sign_in(viewer, office.manager)
    page = viewer.get(f"/r/{revision.id}").get_data(as_text=True)
    assert "Chỉ xem thay đổi so với vòng trước của tôi" in page
    page = viewer.get(f"/r/{revision.id}?against=round").get_data(as_text=True)
    listed = re.findall(r"<a class=.cl. href=.#c.*?</a>", page)
    assert len(listed) == 1, listed
    assert "Sửa lần" in page
    assert f"/r/{revision.id}/changes.docx?against=round" in page


def test_a_change_of_looks_only_is_counted_and_not_shown(
    app: Flask, client: FlaskClient, first: Revision
) -> None:

    def bold(document) -> None:
        for paragraph in document.paragraphs:
            if paragraph.text == "Toàn cơ quan.":
                paragraph.runs[0].italic = True

    data = a_docx(
        edition=2,
        paragraphs=FIRST,
        rows=(HEAD, ("1", "Nhận hồ sơ của dân", "05 ngày")),
        build=bold,
    )
    revision = revised(client, first, data)
    page = client.get(f"/r/{revision.id}").get_data(as_text=True)
    assert re.findall(r'<a class="cl" href="#c', page) == []
    assert "1 thay đổi chỉ về định dạng" in bare(page)
