"""Letters that ask for a signature lead to where it is given, while it is still asked (e18; O5)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.digest import line_text, still_matters, url_of
from app.kernel.db import db
from app.kernel.notices import Notice
from app.kernel.people import Person, Role
from app.kernel.work import unit_of_work
from documents.models import Scope, Withdrawal
from documents.scope import ScopeData, approve_scope, draft_scope
from documents.withdrawal import WithdrawalData, propose_withdrawal, refuse_withdrawal
from tests.builders import MONDAY, TODAY, Office, a_person, a_proof, form_token, sign_in
from tests.documents.test_publications import TO_ADOPT, Province, adopted, published


def asked(office: Office) -> tuple[Scope, Withdrawal]:
    revision = office.effective()
    with unit_of_work(office.officer, now=MONDAY) as work:
        body, unit = work.fresh(office.body), work.fresh(office.unit)
        scope = draft_scope(work, body, ScopeData("Thủ tục hành chính", [unit], TODAY))
        said = WithdrawalData("Bãi bỏ.", TODAY + timedelta(days=1))
        proposal = propose_withdrawal(
            work, work.fresh(revision.document), said, revision_id=revision.id
        )
    return scope, proposal


def notices(person: Person) -> list[Notice]:
    found = db.session.scalars(sa.select(Notice).where(Notice.person_id == person.id))
    return [one for one in found if one.kind in ("scope.asked", "withdrawal.asked")]


@pytest.mark.covers("e18", "O5", "a28")
def test_what_waits_for_a_leader_leads_to_where_it_is_signed(app, client) -> None:
    office = Office()
    _, proposal = asked(office)
    waiting = notices(office.leader)
    assert all(still_matters(db.session(), one) for one in waiting)
    links = [url_of(db.session(), one, office.body) for one in waiting]
    places = [re.sub(r"^https?://[^/]+", "", link) for link in links]
    front = f"/b/{office.body.code}"
    assert set(places) == {f"{front}/scope", f"{front}/withdrawals/{proposal.id}"}
    sign_in(client, office.leader)
    for place in places:
        answer = client.get(place, follow_redirects=True)
        assert answer.status_code == 200
        assert "-password" in answer.text, "signed on that very page"
    listed = client.get("/notices?lang=en").text
    assert 'href="/scope"' in listed
    assert f'href="/withdrawals/{proposal.id}"' in listed
    assert "Please sign version 1 of the scope" in listed
    with app.test_request_context("/?lang=vi"):
        said = [line_text(one) for one in waiting if one.kind == "scope.asked"]
    assert said == [
        f"Đề nghị ký phạm vi lần 1 do {office.officer.name} soạn, dự kiến áp dụng từ 23/11/2026."
    ]


@pytest.mark.covers("e18", "O5", "a28")
def test_what_was_decided_meanwhile_asks_nobody_by_letter(app) -> None:
    office = Office()
    second = a_person(office.body, Role.LEADER, name="Phó chủ tịch")
    scope, proposal = asked(office)
    waiting = notices(second)
    assert len(waiting) == 2
    with unit_of_work(office.leader, now=MONDAY) as work:
        approve_scope(work, work.fresh(scope), proof=a_proof(office.leader))
        refuse_withdrawal(work, proposal, reason="Vẫn cần.")
    assert not any(still_matters(db.session(), one) for one in waiting)


@pytest.mark.covers("e18", "O4")
def test_what_goes_from_body_to_body_leads_to_where_it_is_decided(app, client) -> None:
    place = Province()
    an = place.wards[0]
    adopted(an, published(place, TO_ADOPT, an), place.revision)
    for person, page, sentence in (
        (an.leader, "/adoptions", "please decide whether to adopt it"),
        (place.office.leader, "/publications", "adopted"),
    ):
        query = sa.select(Notice).where(
            Notice.person_id == person.id, Notice.record_type == "publication"
        )
        notice = db.session.scalars(query).one()
        link = url_of(db.session(), notice, person.body)
        assert link.endswith(f"/b/{person.body.code}{page}")
        client.post("/logout", data={"csrf_token": form_token(client, "/login")})
        client.delete_cookie("nenep")
        sign_in(client, person)
        listed = client.get("/notices?lang=en").text
        assert f'href="{page}"' in listed
        assert sentence in listed
        there = re.sub(r"^https?://[^/]+", "", link)
        assert client.get(there, follow_redirects=True).status_code == 200
