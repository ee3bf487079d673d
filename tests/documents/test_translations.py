"""A document in two languages has one code; the translation says when it is behind (D16, L9)."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.documents.marks import marks_for
from documents import register
from documents.models import Answer as Decided
from documents.models import Document, Revision, RevisionState
from documents.translation import (
    Lag,
    counterpart,
    lag_of,
    open_translation,
    translation_of,
)
from documents.verification import Answer, verdict_on
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_draft,
    a_translation,
    a_word_file,
    answered,
    form_token,
    raw,
    sign_in,
    submitted,
)

LATER = timedelta(hours=1)


def next_of(office: Office, document: Document, now: datetime) -> Revision:
    """Take the next revision of a document into force at a later moment."""
    draft = a_draft(office.author, document, text=f"Bản mới {now}.", now=now)
    submitted(draft, office.author, now=now)
    for person in (office.manager, office.officer, office.leader):
        answered(draft, person, now=now)
    return draft


@pytest.mark.covers("D16", "a61", "L9")
def test_the_translation_goes_under_the_code_of_its_original_and_names_what_it_follows(app) -> None:
    office = Office()
    first = office.effective()
    english = a_translation(office, first.document)
    assert english.state is RevisionState.EFFECTIVE
    assert english.code == f"{first.code}/EN"
    assert english.follows == first
    assert lag_of(db.session(), english) == Lag(0, "01/00", "01/00")
    assert lag_of(db.session(), first) is None
    assert translation_of(db.session(), first.document) == english.document
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "document.translation_opened")
    ).one()
    assert told.record_id == english.document_id


@pytest.mark.covers("D16", "L9")
def test_it_is_behind_by_as_many_revisions_as_came_into_force_since(app) -> None:
    office = Office()
    document = office.effective().document
    english = a_translation(office, document)
    for count in (1, 2):
        newest = next_of(office, document, MONDAY + count * LATER)
        assert lag_of(db.session(), english) == Lag(count, "01/00", newest.label)
    again = next_of(office, english.document, MONDAY + 3 * LATER)
    assert again.follows == newest
    assert lag_of(db.session(), again) == Lag(0, newest.label, newest.label)
    assert lag_of(db.session(), english).behind == 2, "the old one stays what it was"


@pytest.mark.covers("D16")
def test_an_original_that_moves_while_it_is_translated_leaves_the_translation_behind(app) -> None:
    office = Office()
    document = office.effective().document
    english = a_translation(office, document, to_effect=False)
    next_of(office, document, MONDAY + LATER)
    submitted(english, office.author, now=MONDAY + 2 * LATER)
    for person in (office.manager, office.officer, office.leader):
        answered(english, person, now=MONDAY + 2 * LATER)
    assert english.state is RevisionState.EFFECTIVE
    assert lag_of(db.session(), english).behind == 1


@pytest.mark.covers("D16", "D3")
def test_it_has_an_approval_of_its_own_and_may_be_returned(app) -> None:
    office = Office()
    first = office.effective()
    english = submitted(a_translation(office, first.document, to_effect=False), office.author)
    assert english.package != first.package
    answered(english, office.manager, Decided.RETURN, "Sai thuật ngữ.")
    assert english.state is RevisionState.DRAFT
    assert first.state is RevisionState.EFFECTIVE


@pytest.mark.covers("D16")
def test_only_what_is_in_force_is_translated_once_and_by_those_who_open_documents(app) -> None:
    office = Office()
    drafted = a_draft(office.author, office.document("Chưa có")).document
    document = office.effective().document
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        open_translation(work, work.fresh(drafted), "None yet")
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        open_translation(work, work.fresh(document), "Not mine")
    english = a_translation(office, document).document
    for original in (document, english):
        with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
            open_translation(work, work.fresh(original), "Twice")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Document)) == 3


@pytest.mark.covers("D16")
def test_where_the_original_is_no_longer_in_force_its_translation_is_not_current(app) -> None:
    office = Office()
    first = office.effective()
    english = a_translation(office, first.document)
    raw("UPDATE revision SET state = 'withdrawn' WHERE id = :id", id=first.id)
    db.session.expire_all()
    assert lag_of(db.session(), english) == Lag(1, "01/00", "")
    with pytest.raises(RuleBroken, match="not in force"):
        a_draft(office.author, english.document)


@pytest.mark.covers("D16", "L2", "L9")
def test_paper_and_the_square_code_say_that_it_is_behind(app, client) -> None:
    office = Office()
    document = office.effective().document
    english = a_translation(office, document)
    assert verdict_on(db.session(), english.token).answer is Answer.CURRENT
    assert marks_for(english, successor=None, lag=lag_of(db.session(), english)).watermark is None
    next_of(office, document, MONDAY + LATER)
    verdict = verdict_on(db.session(), english.token)
    assert (verdict.answer, verdict.behind) == (Answer.BEHIND, 1)
    page = client.get(f"/v/{english.token}?lang=en").get_data(as_text=True)
    assert "This translation is behind its original" in page
    assert "By 1 revision." in page
    assert "This page is current" not in page
    marks = marks_for(english, successor=english, lag=lag_of(db.session(), english))
    assert marks.watermark == "BẢN DỊCH CHƯA CẬP NHẬT"
    assert "02/00" in marks.state_line
    assert "Còn hiệu lực" not in marks.state_line


@pytest.mark.covers("D16", "a61", "L20")
def test_readers_of_either_language_see_the_link_lists_and_search_find_both(app, client) -> None:
    office = Office()
    document = office.effective().document
    english = a_translation(office, document)
    sign_in(client, office.staff)
    code = document.code
    page = client.get(f"/d/{code}?lang=en").get_data(as_text=True)
    assert f'<a href="/d/{code}/EN" lang="en">Birth registration</a>' in page
    page = client.get(f"/d/{code}/EN?lang=en").get_data(as_text=True)
    assert f'<a href="/d/{code}">{code} Đăng ký khai sinh</a>' in page
    assert "Behind by" not in page
    next_of(office, document, MONDAY + LATER)
    for path in (f"/d/{code}/EN", f"/d/{code}", "/documents", f"/r/{english.id}/print"):
        page = client.get(f"{path}?lang=en").get_data(as_text=True)
        assert "Behind by 1 revision" in page, path
    for words in (code, "birth registration", "đăng ký khai sinh"):
        found = client.get("/search", query_string={"q": words}).get_data(as_text=True)
        wanted = {"birth registration": [f"/d/{code}/EN"], code: [f"/d/{code}", f"/d/{code}/EN"]}
        for url in wanted.get(words, [f"/d/{code}"]):
            assert f'href="{url}' in found, (words, url)
    file = english.main_file
    answer = client.get(f"/r/{english.id}/file/{file.id}")
    assert (
        "BEHIND" in answer.headers["Content-Disposition"]
        or "CHU" in answer.headers["Content-Disposition"]
    )


@pytest.mark.covers("D16", "O4")
def test_the_link_tells_nothing_to_whoever_may_not_see_the_other(app) -> None:
    office = Office()
    document = office.effective().document
    drafted = a_translation(office, document, to_effect=False)
    staff = standing_of(db.session(), office.staff, TODAY)
    assert counterpart(db.session(), staff, document) is None, "nobody reads a draft (D6)"
    assert drafted.document.translates_id == document.id


@pytest.mark.covers("D16", "a61")
def test_it_is_opened_from_the_document_with_a_file(client) -> None:
    office = Office()
    document = office.effective().document
    sign_in(client, office.manager)
    path = f"/d/{document.code}/translation"
    assert path in client.get(f"/d/{document.code}").get_data(as_text=True)
    token = form_token(client, path)
    assert client.post(path, data={"csrf_token": token}).status_code == 422
    content = io.BytesIO(a_word_file("Birth registration", "The clerk receives the file."))
    answer = client.post(path, data={"csrf_token": token, "file": (content, "birth.docx")})
    assert answer.status_code == 303
    english = translation_of(db.session(), document)
    assert english is not None
    draft = register.open_revision(db.session(), english)
    assert draft is not None
    assert draft.follows == register.effective_revision(db.session(), document)
    assert f"{document.code}/EN" in client.get(answer.location).get_data(as_text=True)
    assert client.get(path).status_code == 409
