"""Withdrawing a document and bringing it back as a new revision (a28, a29, a47; D3, D8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.notices import Notice
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.documents.marks import marks_for
from documents import register
from documents.change_register import ChangeFilters, changes
from documents.drafting import begin_revision
from documents.facts import DocumentFact, DocumentNotice
from documents.finding import search
from documents.models import ChangeState, Revision, RevisionState, Withdrawal, WithdrawalState
from documents.restoring import restore_revision
from documents.withdrawal import (
    WithdrawalData,
    agree_to_withdrawal,
    give_up_withdrawal,
    pending_withdrawal,
    propose_withdrawal,
    refuse_withdrawal,
    withdrawal_by_id,
    withdrawals_to_decide,
)
from documents.withdrawal_effect import carry_out_if_due, withdrawals_due
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_deputy,
    a_person,
    a_proof,
)

LATER = TODAY + timedelta(days=3)


def proposed(
    office: Office, revision: Revision, *, on: date = TODAY, by=None, replaced_by=None
) -> Withdrawal:
    with unit_of_work(by or office.officer, now=MONDAY) as work:
        return propose_withdrawal(
            work,
            work.fresh(revision.document),
            WithdrawalData("Thủ tục đã bị bãi bỏ.", on, replaced_by),
            revision_id=revision.id,
        )


def agreed(withdrawal: Withdrawal, by, seat=None) -> Withdrawal:
    with unit_of_work(by, now=MONDAY) as work:
        agree_to_withdrawal(
            work,
            work.fresh(withdrawal),
            proof=a_proof(by),
            seat=work.fresh(seat) if seat else None,
        )
    return withdrawal


def withdrawn(office: Office, revision: Revision | None = None) -> Revision:
    revision = revision or office.effective()
    agreed(proposed(office, revision), office.leader)
    return revision


def told(kind: DocumentNotice) -> set[int]:
    return set(db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == str(kind))))


def facts() -> list[str]:
    return list(db.session.scalars(sa.select(TrailEntry.fact).order_by(TrailEntry.id)))


@pytest.mark.covers("a28", "D8", "D5")
def test_a_withdrawal_is_proposed_signed_and_carried_out_on_its_day(app):
    office = Office()
    revision = office.effective()
    withdrawal = proposed(office, revision)
    assert [seat.person for seat in withdrawal.seats] == [office.leader]
    assert told(DocumentNotice.WITHDRAWAL_ASKED) == {office.leader.id}
    assert [
        one.id
        for one in withdrawals_to_decide(
            db.session(), standing_of(db.session(), office.leader, TODAY)
        )
    ] == [withdrawal.id]
    assert revision.state is RevisionState.EFFECTIVE
    agreed(withdrawal, office.leader)
    assert revision.state is RevisionState.WITHDRAWN
    assert revision.ended_at == MONDAY
    assert withdrawal.state is WithdrawalState.CARRIED_OUT
    assert withdrawal.signature is not None
    assert withdrawal.signature.covers(withdrawal.content())
    assert revision.document.next_review_on is None
    assert told(DocumentNotice.WITHDRAWN) == {
        office.officer.id,
        office.author.id,
        office.manager.id,
    }
    assert facts().count(str(DocumentFact.REVISION_WITHDRAWN)) == 1
    assert marks_for(revision, successor=None).watermark is not None


@pytest.mark.covers("a28")
def test_a_withdrawal_waits_for_its_day_and_the_job_carries_it_out_once(app):
    office = Office()
    revision = office.effective()
    withdrawal = agreed(proposed(office, revision, on=LATER), office.leader)
    assert revision.state is RevisionState.EFFECTIVE
    assert withdrawals_due(db.session(), office.body.id, TODAY) == []
    assert withdrawals_due(db.session(), office.body.id, LATER) == [withdrawal.id]
    later = MONDAY + timedelta(days=3)
    for expected in (True, False):
        with unit_of_work(None, now=later) as work:
            assert (
                carry_out_if_due(work, work.session.get_one(Withdrawal, withdrawal.id)) is expected
            )
    assert revision.state is RevisionState.WITHDRAWN
    assert facts().count(str(DocumentFact.REVISION_WITHDRAWN)) == 1


@pytest.mark.covers("D3", "a28")
def test_whoever_proposed_it_does_not_decide_on_it_and_nobody_who_was_not_asked(app):
    office = Office()
    revision = office.effective()
    withdrawal = proposed(office, revision)
    with pytest.raises(Forbidden):
        agreed(withdrawal, office.officer)
    with pytest.raises(Forbidden):
        agreed(withdrawal, office.staff)


@pytest.mark.covers("D3", "O2")
def test_a_deputy_who_proposed_it_cannot_decide_for_the_leader(app):
    office = Office()
    revision = office.effective()
    a_deputy(office.leader, office.officer)
    withdrawal = proposed(office, revision)
    with pytest.raises(RuleBroken) as refused:
        agreed(withdrawal, office.officer, seat=office.leader)
    assert refused.value.rule == "D3"
    assert withdrawal.state is WithdrawalState.PROPOSED


@pytest.mark.covers("O2", "a22")
def test_a_deputy_decides_for_the_leader_and_both_names_stand_there(app):
    office = Office()
    revision = office.effective()
    a_deputy(office.leader, office.manager)
    withdrawal = agreed(proposed(office, revision), office.manager, seat=office.leader)
    assert withdrawal.signature.person == office.manager
    assert withdrawal.signature.acting_for == office.leader
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(DocumentFact.WITHDRAWAL_AGREED))
    ).one()
    assert (entry.actor_id, entry.acting_for_id) == (office.manager.id, office.leader.id)


@pytest.mark.covers("D8")
def test_a_proposal_needs_a_reason_and_a_day_to_come(app):
    office = Office()
    revision = office.effective()
    for reason, day in (("  ", TODAY), ("Cũ.", None), ("Cũ.", TODAY - timedelta(days=1))):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            propose_withdrawal(
                work,
                work.fresh(revision.document),
                WithdrawalData(reason, day),
                revision_id=revision.id,
            )
    assert pending_withdrawal(db.session(), revision.document) is None


@pytest.mark.covers("D8")
def test_a_refusal_needs_a_reason_and_leaves_the_document_in_force(app):
    office = Office()
    revision = office.effective()
    withdrawal = proposed(office, revision)
    with pytest.raises(InvalidInput), unit_of_work(office.leader, now=MONDAY) as work:
        refuse_withdrawal(work, work.fresh(withdrawal), reason=" ")
    with unit_of_work(office.leader, now=MONDAY) as work:
        refuse_withdrawal(work, work.fresh(withdrawal), reason="Vẫn còn hồ sơ đang giải quyết.")
    assert withdrawal.state is WithdrawalState.REFUSED
    assert revision.state is RevisionState.EFFECTIVE
    assert told(DocumentNotice.WITHDRAWAL_REFUSED) == {office.officer.id}
    proposed(office, revision)  # and may be proposed again


@pytest.mark.covers("D8", "T03")
def test_a_second_decision_reads_what_the_first_said(app):
    office = Office()
    second = a_person(office.body, Role.LEADER, name="Ngô Bá Khá")
    revision = office.effective()
    withdrawal = agreed(proposed(office, revision), office.leader)
    with pytest.raises(RuleBroken) as refused, unit_of_work(second, now=MONDAY) as work:
        refuse_withdrawal(work, work.fresh(withdrawal), reason="Không.")
    assert refused.value.values["name"] == office.leader.name


@pytest.mark.covers("D1", "D8")
def test_a_document_with_an_open_revision_is_not_withdrawn_and_one_being_withdrawn_not_revised(app):
    office = Office()
    revision = office.effective()
    with unit_of_work(office.author, now=MONDAY) as work:
        draft = begin_revision(work, revision.document)
    with pytest.raises(RuleBroken) as refused:
        proposed(office, revision)
    assert refused.value.values["edition"] == draft.label
    other = office.effective()
    proposed(office, other)
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.author, now=MONDAY) as work:
        begin_revision(work, other.document)
    assert refused.value.rule == "D8"


@pytest.mark.covers("D8")
def test_what_another_just_revised_or_withdrew_is_not_withdrawn_twice(app):
    office = Office()
    first = office.effective()
    second = office.effective(first.document, text="Bản hai.")
    with pytest.raises(Stale):
        proposed(office, first)  # looked at before the second came into force
    proposed(office, second)
    with pytest.raises(RuleBroken):
        proposed(office, second)
    withdrawal = pending_withdrawal(db.session(), second.document)
    agreed(withdrawal, office.leader)
    with pytest.raises(RuleBroken):
        proposed(office, second)


@pytest.mark.covers("D8")
def test_a_proposal_can_be_given_up_and_then_nothing_happens_on_its_day(app):
    office = Office()
    revision = office.effective()
    withdrawal = agreed(proposed(office, revision, on=LATER), office.leader)
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        give_up_withdrawal(work, work.fresh(withdrawal), reason="Thôi.")
    with unit_of_work(office.officer, now=MONDAY) as work:
        give_up_withdrawal(work, work.fresh(withdrawal), reason="Luật mới giữ lại thủ tục.")
    assert withdrawals_due(db.session(), office.body.id, LATER) == []
    with pytest.raises(RuleBroken):
        agreed(withdrawal, office.leader)


@pytest.mark.covers("D12", "a47")
def test_what_cites_a_withdrawn_document_gets_its_change_request(app):
    office = Office()
    gone = office.effective(text="Bản bị bãi bỏ.")
    citing = office.effective(text=f"Thực hiện theo {gone.code} trước khi trả kết quả.")
    withdrawn(office, gone)
    found = changes(
        db.session(),
        standing_of(db.session(), office.officer, TODAY),
        office.body.id,
        ChangeFilters(),
    ).rows
    assert [request.codes for request in found] == [citing.code]
    request = found[0]
    assert request.state is ChangeState.ACCEPTED
    assert request.owner == office.author
    assert request.asked_by == office.officer
    assert gone.code in request.items[0].passage


@pytest.mark.covers("O4", "D8")
def test_another_body_neither_sees_nor_proposes_a_withdrawal(app):
    office, other = Office(), Office(a_body())
    revision = office.effective()
    with pytest.raises(Forbidden):
        proposed(office, revision, by=other.officer)
    withdrawal = proposed(office, revision)
    with pytest.raises(NotFound):
        withdrawal_by_id(
            db.session(), standing_of(db.session(), other.leader, TODAY), withdrawal.id
        )


@pytest.mark.covers("a29", "D5")
def test_restoring_makes_a_new_draft_and_leaves_the_old_revision_as_it_was(app):
    office = Office()
    old = withdrawn(office)
    with unit_of_work(office.author, now=MONDAY) as work:
        new = restore_revision(work, work.fresh(old), reason="Thủ tục được áp dụng lại.")
    assert old.state is RevisionState.WITHDRAWN
    assert new.state is RevisionState.DRAFT
    assert new.predecessor == old
    assert new.label == "02/00"
    assert [file.sha256 for file in new.files] == [file.sha256 for file in old.files]
    assert register.effective_revision(db.session(), old.document) is None
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        restore_revision(work, work.fresh(old), reason="Lần nữa.")
    assert len(old.document.revisions) == 2


@pytest.mark.covers("a29")
def test_an_older_edition_can_be_restored_while_another_is_in_force(app):
    office = Office()
    first = office.effective()
    office.effective(first.document, text="Bản hai.")
    with unit_of_work(office.author, now=MONDAY) as work:
        new = restore_revision(work, work.fresh(first), reason="Bản hai sai.")
    assert new.label == "03/00"
    assert first.state is RevisionState.OBSOLETE
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        restore_revision(work, work.fresh(new), reason="Bản nháp.")


@pytest.mark.covers("D6")
def test_a_withdrawn_document_is_no_longer_found_as_current(app):
    office = Office()
    gone = withdrawn(office)
    staff = standing_of(db.session(), office.staff, TODAY)
    found = search(db.session(), staff, gone.title, body_id=office.body.id)
    assert gone.document.id not in {hit.document.id for hit in found}
