"""Pages of laws, change requests and periodic reviews: what people see and are told."""

from __future__ import annotations

import re

import pytest

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.change_request import reject_change, take_up
from documents.external_document import ExternalData, describe_law
from documents.models import ChangeState, Confidentiality, ExternalState, PeriodicReview
from tests.builders import (
    MONDAY,
    Office,
    a_deputy,
    a_document,
    a_draft,
    a_person,
    form_token,
    sign_in,
)
from tests.counting import queries
from tests.documents.test_change_requests import accepted, asked
from tests.documents.test_laws import CITING, FIVE_WAYS, NEW, OLD, handed_out, registered


def shown(client, path: str) -> str:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def sent(client, path: str, at: str, **data: object):
    return client.post(path, data={"csrf_token": form_token(client, at), **data})


@pytest.mark.covers("a42", "a44", "P5")
def test_a_request_is_filed_from_a_document_and_wrong_codes_are_named(app, client):
    office = Office()
    office.effective()
    sign_in(client, office.staff)
    assert "/changes/new?document=QT-TP-01" in shown(client, "/d/QT-TP-01?lang=en")
    assert 'value="QT-TP-01"' in shown(client, "/changes/new?document=QT-TP-01")
    typed = {"source": "work", "reason": "Thời hạn nay là 3 ngày"}
    wrong = sent(client, "/changes/new", "/changes/new", documents="QT-TP-01, QT-XX-09", **typed)
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert "QT-XX-09" in page
    assert "Thời hạn nay là 3 ngày" in page
    done = sent(client, "/changes/new", "/changes/new", documents="qttp01 ; QT.TP.01", **typed)
    assert done.status_code == 303
    assert done.location.endswith("/changes/DN-2026-001")
    assert "Thời hạn nay là 3 ngày" in shown(client, "/changes/DN-2026-001")
    sign_in(client, office.officer)
    assert "DN-2026-001" in shown(client, "/work")
    assert "DN-2026-001" in shown(client, "/notices")


@pytest.mark.covers("a42", "T16")
def test_whoever_decides_second_reads_what_the_first_decided(app, client):
    office = Office()
    request = asked(office, office.effective().document)
    sign_in(client, office.officer)
    page = shown(client, f"/changes/{request.number}?lang=en")
    version = re.search(r'name="row_version"[^>]*value="(\d+)"', page)
    assert version is not None
    with unit_of_work(office.manager) as work:
        reject_change(work, work.fresh(request), reason="Đã sửa ở nơi khác")
    answer = sent(
        client,
        f"/changes/{request.number}/decision",
        "/work",
        answer="accept",
        owner=office.author.id,
        due_on="01/01/2199",
        row_version=version[1],
    )
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert office.manager.name in page
    assert "Đã sửa ở nơi khác" in page
    db.session.refresh(request)
    assert request.state is ChangeState.REJECTED


@pytest.mark.covers("a43")
def test_a_draft_is_offered_what_waits_and_takes_it_up(app, client):
    office = Office()
    document = office.effective().document
    request = accepted(office, asked(office, document, reason="Sửa mục 4"))
    draft = a_draft(office.author, document, text="Bản hai.")
    sign_in(client, office.author)
    page = shown(client, f"/r/{draft.id}/draft?lang=en")
    assert request.number in page
    assert "Sửa mục 4" in page
    answer = sent(client, f"/r/{draft.id}/changes", f"/r/{draft.id}/draft", number=request.number)
    assert answer.status_code == 303
    db.session.refresh(request)
    assert request.state is ChangeState.ANSWERED
    assert "Answered by this revision" in shown(client, f"/r/{draft.id}/draft?lang=en")


@pytest.mark.covers("O4", "a42")
def test_requests_about_what_one_may_not_know_are_not_there(app, client):
    office = Office()
    secret = a_document(
        office.officer,
        office.unit,
        title="Hồ sơ kín",
        confidentiality=Confidentiality.NAMED,
        keeper=office.author,
    )
    office.effective(secret, text=CITING)
    law = registered(office, OLD)
    registered(office, NEW, changes=law)
    (request,) = handed_out(office, law)
    sign_in(client, office.staff)
    assert client.get(f"/changes/{request.number}").status_code == 404
    nothing = client.get("/changes/DN-2026-999").get_data(as_text=True)
    there = client.get(f"/changes/{request.number}").get_data(as_text=True)
    strip = re.compile(r"DN-2026-\d+|name=\"csrf[^>]*>")
    assert strip.sub("", there) == strip.sub("", nothing)
    for path in ("/changes", "/external", f"/external/{law.id}"):
        assert "Hồ sơ kín" not in shown(client, path)
        assert str(secret.code) not in shown(client, path)


@pytest.mark.covers("a48")
@pytest.mark.parametrize("typed", FIVE_WAYS)
def test_a_number_known_in_another_spelling_is_refused_at_its_field(app, client, typed):
    office = Office()
    registered(office, OLD, "Cơ chế một cửa")
    sign_in(client, office.officer)
    answer = sent(
        client, "/external/new", "/external/new", number=typed, subject="Lần nữa", how="replaced"
    )
    assert answer.status_code == 422
    assert "Cơ chế một cửa" in answer.get_data(as_text=True)


@pytest.mark.covers("a48", "P5")
def test_a_law_described_by_two_at_once_keeps_what_the_second_typed(app, client):
    office = Office()
    law = registered(office, OLD, "Cơ chế một cửa")
    seen = law.row_version
    with unit_of_work(office.officer, now=MONDAY) as work:
        describe_law(work, work.fresh(law), ExternalData(OLD, "Trích yếu của người trước"))
    sign_in(client, office.officer)
    path = f"/external/{law.id}/data"
    answer = sent(client, path, path, number=OLD, subject="Trích yếu tôi gõ", row_version=seen)
    assert answer.status_code == 409
    assert "Trích yếu tôi gõ" in answer.get_data(as_text=True)
    db.session.refresh(law)
    assert law.subject == "Trích yếu của người trước"


@pytest.mark.covers("a48", "P4")
def test_a_cited_number_brings_its_subject_along(app, client):
    office = Office()
    office.effective(text=CITING)
    sign_in(client, office.officer)
    assert OLD in shown(client, "/external")
    assert "Cơ chế một cửa, một cửa liên thông" in shown(client, f"/external/new?number={OLD}")
    done = sent(client, "/external/new", "/external/new", number=NEW, subject="Mới",
                replaces=FIVE_WAYS[2], how="replaced")  # fmt: skip
    assert done.status_code == 303
    assert done.location.endswith("/impact")
    page = shown(client, done.location)
    assert OLD in page
    assert "QT-TP-01" in page
    related = shown(client, "/d/QT-TP-01?tab=related&lang=en")
    assert f"Replaced by {NEW}" in related


@pytest.mark.covers("D12")
def test_unticked_documents_are_left_and_another_owner_may_be_chosen(app, client):
    office = Office()
    law = registered(office, OLD)
    keys = [office.effective(text=CITING).document_id for _ in range(2)]
    registered(office, NEW, changes=law)
    sign_in(client, office.officer)
    path = f"/external/{law.id}/impact"
    none = sent(client, path, path, due_on="01/01/2199", reason="Luật mới")
    assert none.status_code == 422
    data = {"due_on": "01/01/2199", "reason": "Luật mới", "documents": keys[0]}
    data[f"owner-{keys[0]}"] = office.manager.id
    assert sent(client, path, path, **data).status_code == 303
    page = shown(client, "/changes?lang=en")
    assert office.manager.name in page
    assert page.count("DN-2026-") >= 1
    assert "QT-TP-02" in shown(client, path)
    assert "QT-TP-01" not in shown(client, path)


@pytest.mark.covers("D7", "a31")
def test_a_review_of_an_edition_no_longer_in_force_is_refused_with_words(app, client):
    office = Office()
    old = office.effective()
    office.effective(old.document, text="Bản hai.")
    sign_in(client, office.author)
    data = {"verdict": "keep", "reason": "Vẫn đúng", "revision": old.id}
    answer = sent(client, f"/reviews/{old.document_id}", "/work", **data)
    assert answer.status_code == 409
    assert "Vẫn đúng" in answer.get_data(as_text=True)
    assert db.session.query(PeriodicReview).count() == 0


@pytest.mark.covers("a30", "a31")
def test_where_something_changed_no_reason_for_keeping_is_offered(app, client):
    office = Office()
    law = registered(office, OLD)
    office.effective(text=CITING)
    office.effective(text="Không viện dẫn gì.")
    registered(office, NEW, changes=law, how=ExternalState.AMENDED)
    sign_in(client, office.author)
    noisy = shown(client, "/reviews?document=QT-TP-01&when=all&lang=en")
    quiet = shown(client, "/reviews?document=QT-TP-02&when=all&lang=en")
    assert OLD in noisy
    assert "No law it cites has changed" not in noisy
    assert "No law it cites has changed" in quiet
    assert client.get("/reviews?document=QT-XX-01").status_code == 404


@pytest.mark.covers("a30", "a42", "a48", "T18")
def test_lists_ask_the_database_the_same_number_of_times_however_long(app, client):
    office = Office()
    law = registered(office, OLD)
    registered(office, NEW, changes=law)
    sign_in(client, office.officer)
    counts: dict[str, list[int]] = {}
    for more in (2, 4):
        for _ in range(more):
            document = office.effective(text=CITING).document
            asked(office, document)
        for path in ("/changes", "/external", f"/external/{law.id}", "/reviews?when=all"):
            client.get(path)
            with queries() as made:
                assert client.get(path).status_code == 200
            counts.setdefault(path, []).append(len(made))
    assert all(first == second for first, second in counts.values()), counts


@pytest.mark.covers("T4")
def test_the_trail_tells_of_requests_and_reviews_in_sentences(app, client):
    office = Office()
    document = office.effective().document
    request = accepted(office, asked(office, document))
    draft = a_draft(office.author, document, text="Bản hai.")
    with unit_of_work(office.author, now=MONDAY) as work:
        take_up(work, work.fresh(request), work.fresh(draft))
    sign_in(client, office.officer)
    page = shown(client, "/d/QT-TP-01?tab=trail&lang=en")
    assert f"asked for a change of QT-TP-01: {request.number}" in page
    assert f"answers {request.number} with QT-TP-01 02/00" in page


@pytest.mark.covers("O2")
def test_a_deputy_who_answers_is_recorded_for_the_owner(app, client):
    office = Office()
    document = office.effective().document
    deputy = a_person(office.unit, Role.STAFF, name="Cấp phó")
    a_deputy(office.author, deputy)
    request = accepted(office, asked(office, document))
    sign_in(client, deputy)
    assert request.number in shown(client, "/work")
    path = f"/changes/{request.number}"
    answer = sent(client, f"{path}/left/{document.id}", path, reason="Đã đúng")
    assert answer.status_code == 303
    entry = db.session.query(TrailEntry).filter_by(fact="change.left").one()
    assert (entry.actor_id, entry.acting_for_id) == (deputy.id, office.author.id)
    db.session.refresh(request)
    assert request.state is ChangeState.CLOSED
