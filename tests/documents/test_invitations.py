"""Invited readers from outside the route: they read one thing, suggest, decide nothing (O4, D3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.notices import Notice
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import register
from documents.approval import answer_package
from documents.commenting import answer_suggestion, comment_on, suggest_wording
from documents.inviting import by_account, end_invitation, invite
from documents.models import Answer, Confidentiality, RevisionState
from documents.permissions import DocumentPermission
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_proof,
    answered,
    form_token,
    sign_in,
    submitted,
)

LAST = TODAY + timedelta(days=7)


def _sent(office: Office):
    return submitted(a_draft(office.author, office.document()), office.author)


def _invited(revision, by, person, until_on=LAST, reason="Xem giúp mục 2."):
    with unit_of_work(by, now=MONDAY) as work:
        return invite(
            work,
            work.fresh(revision.package),
            work.fresh(person),
            until_on=until_on,
            reason=reason,
        )


def _suggested(revision, person, now=MONDAY):
    with unit_of_work(person, now=now) as work:
        return suggest_wording(
            work, work.fresh(revision), old="tiếp nhận", new="nhận", reason="Gọn hơn."
        )


def _reads(revision, person, on=TODAY):
    standing = standing_of(db.session(), person, on)
    return may(standing, DocumentPermission.READ_REVISION, revision)


@pytest.mark.covers("a18", "a19", "D3")
def test_who_is_invited_suggests_as_a_reviewer_does_and_only_an_author_accepts(app):
    office = Office()
    revision = _sent(office)
    with pytest.raises(Forbidden):
        _suggested(revision, office.staff)
    _invited(revision, office.author, office.staff)
    comment = _suggested(revision, office.staff)
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        answer_suggestion(work, work.fresh(comment), accepted=True)
    with pytest.raises((Forbidden, RuleBroken)), unit_of_work(office.staff, now=MONDAY) as work:
        answer_package(
            work, work.fresh(revision.package), Answer.APPROVE, proof=a_proof(office.staff)
        )
    with unit_of_work(office.author, now=MONDAY) as work:
        answer_suggestion(work, work.fresh(comment), accepted=True)
    assert comment.is_accepted
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "invitation.made")
    ).one()
    assert entry.content()["details"]["person"] == office.staff.id
    told = db.session.scalars(sa.select(Notice).where(Notice.kind == "invitation.made")).all()
    assert [one.person_id for one in told] == [office.staff.id]


@pytest.mark.covers("O4", "a18")
def test_of_another_body_one_sees_that_revision_and_nothing_else(app):
    province = Office()
    ward = Office(a_body(overseer=province.body))
    stranger = Office()
    revision, other = _sent(ward), _sent(ward)
    assert by_account(db.session(), ward.body, province.staff.login) == province.staff
    assert by_account(db.session(), ward.body, stranger.staff.login) is None
    with pytest.raises(InvalidInput):
        _invited(revision, ward.author, stranger.staff)
    assert not _reads(revision, province.staff)
    _invited(revision, ward.author, province.staff)
    assert _reads(revision, province.staff)
    assert not _reads(other, province.staff)
    standing = standing_of(db.session(), province.staff, TODAY)
    with pytest.raises(NotFound):
        register.document_by_id(db.session(), standing, revision.document_id)
    assert _suggested(revision, province.staff).author == province.staff


@pytest.mark.covers("O4", "O1")
def test_an_invitation_lasts_until_its_day_its_end_or_the_effect(app):
    office = Office()
    revision = _sent(office)
    invitation = _invited(revision, office.officer, office.staff)
    later = MONDAY + timedelta(days=8)
    assert _reads(revision, office.staff, LAST)
    assert not _reads(revision, office.staff, LAST + timedelta(days=1))
    with pytest.raises(Forbidden):
        _suggested(revision, office.staff, now=later)
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        end_invitation(work, work.fresh(invitation))
    with unit_of_work(office.author, now=MONDAY) as work:
        end_invitation(work, work.fresh(invitation))
    assert not _reads(revision, office.staff)
    again = _invited(revision, office.author, office.staff)
    renewed = _invited(revision, office.author, office.staff, LAST + timedelta(days=1))
    assert (again.ended_at, renewed.ended_at) == (MONDAY, None)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    assert revision.state is RevisionState.EFFECTIVE
    with pytest.raises((Forbidden, RuleBroken)), unit_of_work(office.staff, now=MONDAY) as work:
        comment_on(work, work.fresh(revision), "Muộn rồi.")


@pytest.mark.covers("D14", "D3", "a18")
def test_who_cannot_be_invited_is_said_why(app):
    office = Office()
    draft = a_draft(office.author, office.document())
    with pytest.raises(RuleBroken) as refused:
        _invited(draft, office.author, office.staff)
    assert refused.value.rule == "D14"
    revision = submitted(draft, office.author)
    for person in (office.author, office.manager, office.leader):
        with pytest.raises(RuleBroken):
            _invited(revision, office.officer, person)
    with pytest.raises(Forbidden):
        _invited(revision, office.staff, office.staff)
    with pytest.raises(InvalidInput):
        _invited(revision, office.author, office.staff, TODAY - timedelta(days=1))
    with pytest.raises(InvalidInput):
        _invited(revision, office.author, office.staff, reason=" ")


@pytest.mark.covers("D6", "O4")
def test_what_is_for_named_people_is_not_shown_by_inviting(app):
    office = Office()
    document = a_document(
        office.officer,
        office.unit,
        confidentiality=Confidentiality.NAMED,
        keeper=office.author,
        readers=(office.administrator,),
    )
    revision = submitted(a_draft(office.author, document), office.author)
    with pytest.raises(RuleBroken):
        _invited(revision, office.author, office.staff)
    assert _invited(revision, office.author, office.administrator).holds(TODAY)


@pytest.mark.covers("a18", "a19", "O4")
def test_the_author_invites_on_the_page_and_the_guest_suggests_there(client):
    province = Office()
    ward = Office(a_body(overseer=province.body))
    revision = _sent(ward)
    sign_in(client, ward.author)
    where = f"/r/{revision.id}"
    page = client.get(where).get_data(as_text=True)
    assert f"{where}/invitations" in page
    data = {
        "csrf_token": form_token(client, where),
        "guest_typed": province.staff.login,
        "i-until_on": f"{LAST:%d/%m/%Y}",
        "i-reason": "Xem giúp mục 2.",
    }
    wrong = client.post(f"{where}/invitations?lang=en", data={**data, "guest_typed": "khong.co"})
    assert wrong.status_code == 422
    assert "Xem giúp mục 2." in wrong.get_data(as_text=True), "what was typed stays"
    assert client.post(f"{where}/invitations", data=data).status_code == 303
    assert province.staff.name in client.get(where).get_data(as_text=True)
    client.post("/logout", data={"csrf_token": form_token(client, where)})
    sign_in(client, province.staff)
    page = client.get(where)
    assert page.status_code == 200
    assert f"/d/{revision.code}" not in page.get_data(as_text=True)
    said = client.post(
        f"{where}/suggestions",
        data={
            "csrf_token": form_token(client, where),
            "s-quote": "tiếp nhận",
            "s-proposed": "nhận",
            "s-text": "Gọn hơn.",
        },
    )
    assert said.status_code == 303
    assert client.get(f"/d/{revision.code}").status_code == 404
    assert "/r/" in client.get("/notices").get_data(as_text=True)
