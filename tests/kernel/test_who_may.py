"""Who may do what, and why: the reasons are those the permission tables themselves go by."""

import pytest
import sqlalchemy as sa

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.organising import disable_person
from app.kernel.people import Person, Role
from app.kernel.permissions import TABLE, Reason, because_of, may, reasons, standings_of
from app.kernel.who_may import who_may
from app.kernel.work import unit_of_work
from documents.models import Confidentiality
from documents.permissions import DocumentPermission
from tests.builders import TODAY, Office, a_body, a_document, a_draft, a_person, root, submitted
from tests.counting import queries


def named(found, *names):
    """The roles and texts of some people's reasons."""
    return {
        (person.name, str(reason.role or ""), reason.text)
        for person, reason in found
        if person.name in names
    }


@pytest.mark.covers("O1", "e6")
def test_an_appointment_over_the_unit_or_above_it_is_the_reason(app):
    office = Office()
    found = who_may(db.session(), DocumentPermission.OPEN_DOCUMENT, office.unit, TODAY)
    assert {(person, reason.role) for person, reason in found} == {
        (office.manager, Role.MANAGER),
        (office.officer, Role.QUALITY_OFFICER),
    }
    over = {reason.role: reason.unit_name for _person, reason in found}
    assert over[Role.MANAGER] == office.unit.name
    assert over[Role.QUALITY_OFFICER] == root(office.body).name


@pytest.mark.covers("O4")
def test_everybody_of_the_body_and_only_overseers_of_others_may_see_a_unit(app):
    above = a_body(name="UBND tỉnh")
    overseer = a_person(above, Role.LEADER, name="Người giám sát")
    a_person(above, Role.STAFF, name="Người tỉnh")
    body = a_body(overseer=above)
    inside = a_person(body, Role.STAFF, name="Người phường")
    stranger = a_person(a_body(), Role.LEADER, name="Người xã khác")
    found = who_may(db.session(), KernelPermission.VIEW_ORGANISATION, root(body), TODAY)
    assert {person for person, _reason in found} == {inside, overseer}
    assert stranger not in [person for person, _reason in found]
    assert [reason.is_everybody for person, reason in found if person == inside] == [True]


@pytest.mark.covers("e6", "D3")
def test_authors_seats_and_named_readers_are_named_as_such(app):
    office = Office()
    secret = a_document(
        office.officer,
        office.unit,
        title="Mật",
        confidentiality=Confidentiality.NAMED,
        keeper=office.author,
        readers=(office.staff,),
    )
    found = who_may(db.session(), DocumentPermission.READ_EFFECTIVE, secret, TODAY)
    assert (office.staff.name, "", "Is named as a reader") in named(found, office.staff.name)
    assert office.administrator not in [person for person, _reason in found]
    revision = submitted(a_draft(office.author, secret), office.author)
    found = who_may(db.session(), DocumentPermission.READ_REVISION, revision, TODAY)
    assert (office.author.name, "", "Wrote it") in named(found, office.author.name)
    seats = [text for _name, _role, text in named(found, office.leader.name)]
    assert "Sits on its route, or acts for somebody who does" in seats


@pytest.mark.covers("O1")
def test_reasons_are_given_exactly_where_the_act_may_be_tried(app):
    office = Office()
    document = office.effective().document
    people = [office.author, office.manager, office.officer, office.leader, office.staff]
    standings = standings_of(db.session(), people, TODAY)
    for permission in TABLE:
        records = [document] if permission in list(DocumentPermission) else [office.unit]
        for record in records:
            given = {person for person, _r in who_may(db.session(), permission, record, TODAY)}
            tried = {p for p in people if may(standings[p.id], permission, record)}
            assert given & set(people) == tried, permission


def test_a_condition_without_words_says_so_and_a_closed_account_has_no_reason(app):
    office = Office()
    standing = standings_of(db.session(), [office.staff], TODAY)[office.staff.id]

    def bare(_standing, _record):
        return True

    assert reasons(standing, bare, None)[0].text == "By a rule of its own"
    because_of(lambda _standing, _record: [Reason("told")])(bare)
    assert reasons(standing, bare, None) == [Reason("told")]
    with unit_of_work(office.administrator) as work:
        disable_person(work, work.fresh(office.staff), reason="nghỉ")
    found = who_may(db.session(), KernelPermission.VIEW_ORGANISATION, office.unit, TODAY)
    assert office.staff not in [person for person, _reason in found]


def test_as_many_queries_for_many_people_as_for_one(app):
    office = Office()
    for _number in range(5):
        a_person(office.unit, Role.STAFF)
    db.session.expire_all()
    people = list(db.session.scalars(sa.select(Person).where(Person.body_id == office.body.id)))
    assert _queries(lambda: standings_of(db.session(), people, TODAY)) == _queries(
        lambda: standings_of(db.session(), [office.leader], TODAY)
    )


def _queries(act):
    with queries() as made:
        act()
    return len(made)
