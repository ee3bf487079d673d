"""What a revision touches is shown before approval and kept with each decision (D15)."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import impact
from documents.approval import answer_package
from documents.change_request import ChangeData, ask_for_change
from documents.citing import keep_citations
from documents.drafting import change_record
from documents.issuance import confirm_issuance
from documents.models import Answer, Confidentiality, CopyKind, CopyState, DocumentKind, Impact
from documents.submission import submit_package
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_document,
    a_draft,
    a_proof,
    answered,
    record_data,
    submitted,
)
from tests.documents.test_controlled_copies import ended, issued
from tests.documents.test_issuance_decisions import entered


def _gathered(revision):
    return {revision.id: [gatherer(db.session(), revision) for gatherer in impact.OWN]}


def _texts(groups):
    return {group.label: [line.text for line in group.lines] for group in groups}


def _office():
    """An office whose procedure has a form below it, a document that names it, a request."""
    office = Office()
    office.effective(document := office.document())
    form = a_document(
        office.officer,
        office.unit,
        title="Tờ khai",
        kind=DocumentKind.FORM,
        parent=document,
        keeper=office.author,
    )
    office.effective(form)
    citing = office.effective(office.document("Lưu trữ"), text=f"Theo {document.code}.")
    with unit_of_work(office.officer, now=MONDAY) as work:
        keep_citations(work.session, work.fresh(citing))
        ask_for_change(work, ChangeData("Sửa mục 2."), [work.fresh(document)])
    return office, document, form, citing.document


@pytest.mark.covers("D15", "L4")
def test_forms_requests_units_and_documents_that_name_it_are_gathered_by_name(app):
    office, document, form, citing = _office()
    draft = a_draft(office.author, document, text=f"Điền {form.code}.")
    found = _texts(_gathered(draft)[draft.id])
    assert found["Forms and documents below it"] == [f"{form.code} Tờ khai"]
    assert found["Documents in force that name it"] == [f"{citing.code} Lưu trữ"]
    assert found["Open change requests"][0].endswith("Sửa mục 2.")
    assert office.unit.name in found["Units and people it touches"]
    assert office.author.name in found["Units and people it touches"]
    assert found["Training"] == [f"{document.code} 01/00"]


@pytest.mark.covers("D15", "L4")
def test_what_was_known_at_each_decision_stays_as_it_was(app):
    office, document, form, _ = _office()
    draft = a_draft(office.author, document)
    with unit_of_work(office.author, now=MONDAY) as work:
        package = work.fresh(draft).package
        submit_package(work, package, impacts=_gathered(draft))
    with unit_of_work(office.officer, now=MONDAY) as work:
        change_record(work, work.fresh(form), record_data(form, parent=None))
    with unit_of_work(office.manager, now=MONDAY) as work:
        answer_package(
            work,
            work.fresh(draft.package),
            Answer.APPROVE,
            proof=a_proof(office.manager),
            impacts=_gathered(draft),
        )
    first, second = impact.kept_for(db.session(), draft)
    assert first.decision is None
    assert second.decision.decided_by == office.manager
    assert f"{form.code} Tờ khai" in _texts(impact.groups_of(first)).get(
        "Forms and documents below it"
    )
    assert _texts(impact.groups_of(second))["Forms and documents below it"] == []
    assert first.sha256 != second.sha256


@pytest.mark.covers("D15", "T1", "T4")
def test_the_trail_holds_the_digest_and_no_name(app):
    office, document, *_ = _office()
    draft = a_draft(office.author, document)
    with unit_of_work(office.author, now=MONDAY) as work:
        submit_package(work, work.fresh(draft).package, impacts=_gathered(draft))
    kept = db.session.scalars(sa.select(Impact)).one()
    entry = db.session.scalars(
        sa.select(TrailEntry)
        .where(TrailEntry.fact == "revision.submitted")
        .order_by(TrailEntry.id.desc())
        .limit(1)
    ).one()
    content = json.dumps(entry.content(), ensure_ascii=False)
    assert kept.sha256 in content
    assert office.author.name not in content
    assert office.author.name in json.dumps(json.loads(kept.content), ensure_ascii=False)


@pytest.mark.covers("D15", "D6", "O4")
def test_what_the_reader_may_not_know_of_is_counted_and_never_named(app):
    office = Office()
    document = office.document()
    secret = a_document(
        office.officer,
        office.unit,
        title="Chỉ người có tên",
        kind=DocumentKind.FORM,
        parent=document,
        confidentiality=Confidentiality.NAMED,
        readers=(office.leader,),
        keeper=office.leader,
    )
    revision = submitted(a_draft(office.author, document), office.author)
    groups = _gathered(revision)[revision.id]
    on = TODAY
    hidden = impact.seen_by(db.session(), standing_of(db.session(), office.author, on), groups)
    below = next(group for group in hidden if group.label == "Forms and documents below it")
    assert (below.lines, below.unseen) == ((), 1)
    open_to = impact.seen_by(db.session(), standing_of(db.session(), office.leader, on), groups)
    below = next(group for group in open_to if group.label == "Forms and documents below it")
    assert (secret.title in below.lines[0].text, below.unseen) == (True, 0)


@pytest.mark.covers("D15")
def test_an_act_without_anything_gathered_keeps_nothing(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    assert impact.kept_for(db.session(), revision) == []


@pytest.mark.covers("D15", "D4", "a57")
def test_a_decision_made_outside_keeps_what_was_touched_when_it_was_confirmed(app):
    office, document, form, _ = _office()
    one = submitted(a_draft(office.author, document), office.author)
    two = submitted(a_draft(office.author, office.document("Khai tử")), office.author)
    decision = entered(office.officer, one, two)
    with unit_of_work(office.leader, now=MONDAY) as work:
        confirm_issuance(work, work.fresh(decision), impacts=_gathered(one) | _gathered(two))
    for revision, below in ((one, [f"{form.code} Tờ khai"]), (two, [])):
        [kept] = impact.kept_for(db.session(), revision)
        assert (kept.decision, kept.issuance) == (None, decision)
        assert kept.taken_at == MONDAY
        assert _texts(impact.groups_of(kept))["Forms and documents below it"] == below
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "issuance.confirmed")
    ).one()
    assert kept.sha256 in json.dumps(entry.content(), ensure_ascii=False)


@pytest.mark.covers("D15", "a32")
def test_paper_copies_and_notices_out_there_are_named_with_unit_and_place(app):
    office = Office()
    document = office.effective().document
    copy = issued(office, document)
    notice = issued(office, document, kind=CopyKind.NOTICE, place="Bảng tin tầng 1")
    ended(office, issued(office, document, place="Đã thu"), CopyState.RETURNED)
    draft = a_draft(office.author, document, text="Bản hai.")
    [group] = [one for one in _gathered(draft)[draft.id] if one.label.startswith("Paper copies")]
    assert [(line.kind, line.key) for line in group.lines] == [
        ("copy", str(copy.id)),
        ("copy", str(notice.id)),
    ]
    assert [line.text for line in group.lines] == [
        f"{office.unit.name}, Bộ phận một cửa, quầy số 2",
        f"{office.unit.name}, Bảng tin tầng 1",
    ]
    assert group.lines[1].values == {"number": "02", "edition": "01/00"}
    assert "notice" in group.lines[1].note
