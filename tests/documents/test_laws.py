"""Laws, what cites them, and what follows when one is replaced (a46-a48; D12, L23)."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.notices import Notice
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import citing, relations
from documents.change_request import leave_unchanged
from documents.external_document import (
    Assignment,
    ExternalData,
    be_changed,
    describe_law,
    known_from_texts,
    law_by_id,
    law_by_number,
    laws,
    proposed_owners,
    raise_changes,
    raise_changes_for_document,
    register_law,
    to_hand_out,
)
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    ChangeRequest,
    ChangeSource,
    ChangeState,
    Citation,
    Confidentiality,
    ExternalDocument,
    ExternalState,
    Revision,
)
from documents.models.external_document import number_key
from documents.register import reading_of
from tests.builders import MONDAY, TODAY, Office, a_body, a_document
from tests.counting import queries

OLD, NEW = "61/2018/NĐ-CP", "118/2025/NĐ-CP"
CITING = f"Căn cứ Nghị định số {OLD} về cơ chế một cửa, một cửa liên thông; tiếp nhận hồ sơ."
DUE = date(2026, 12, 18)
FIVE_WAYS = (
    "61/2018/NĐ-CP",
    "Nghị định số 61/2018/NĐ-CP ngày 23/4/2018 của Chính phủ",
    "61 / 2018 / nđ–cp",
    "061/2018/ND-CP",
    "nghi dinh 61-2018-NÐCP",
)


def registered(office: Office, number: str, subject: str = "Trích yếu", **more) -> ExternalDocument:
    with unit_of_work(office.officer, now=MONDAY) as work:
        changes = more.pop("changes", None)
        how = more.pop("how", ExternalState.REPLACED)
        return register_law(
            work,
            ExternalData(number, subject, **more),
            changes=work.fresh(changes) if changes is not None else None,
            how=how,
        )


def held(person):
    return standing_of(db.session(), person, TODAY)


def handed_out(office: Office, law: ExternalDocument, **more) -> list[ChangeRequest]:
    with unit_of_work(office.officer, now=MONDAY) as work:
        law = work.fresh(law)
        rows = to_hand_out(work.session, work.standing, law)
        documents = [row.revision.document for row in rows]
        owners = proposed_owners(work.session, documents, work.today, work.actor)
        assignments = [
            Assignment(document, owners[document.id], row.passage)
            for document, row in zip(documents, rows, strict=True)
        ]
        return raise_changes(
            work, law, more.get("assignments", assignments), due_on=DUE, reason="Luật mới"
        )


@pytest.mark.covers("a48")
@pytest.mark.parametrize("typed", FIVE_WAYS)
def test_a_number_typed_in_five_ways_is_one_law(app, typed):
    office = Office()
    law = registered(office, OLD)
    assert law_by_number(db.session(), office.body.id, typed) == law
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.officer) as work:
        register_law(work, ExternalData(typed, "Lần nữa"))
    assert refused.value.field == "number"
    assert refused.value.values["number"] == OLD
    assert [row.number for row in laws(db.session(), office.body.id, text=typed).rows] == [OLD]


@pytest.mark.covers("a48")
def test_other_numbers_stay_apart():
    numbers = ["61/2018/NĐ-CP", "6/12018/NĐ-CP", "61/2018/TT-BTP", "61/2019/NĐ-CP", "16/2018/NĐ-CP"]
    numbers += ["TCVN ISO 9001:2015", "ISO 9001:2015", "TCVN ISO 9001:2008", "45/2019/QH14"]
    assert len({number_key(number) for number in numbers}) == len(numbers)
    assert number_key("  – / . ") == ""


@pytest.mark.covers("a48", "O4")
def test_laws_are_read_by_the_body_and_kept_by_the_quality_officer(app):
    office, other = Office(), Office(a_body())
    law = registered(office, OLD)
    assert law_by_id(db.session(), held(office.staff), law.id) == law
    with pytest.raises(NotFound):
        law_by_id(db.session(), held(other.officer), law.id)
    assert laws(db.session(), other.body.id).rows == []
    for person in (office.manager, office.staff, other.officer):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            describe_law(work, work.fresh(law), ExternalData(OLD, "Khác"))
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        describe_law(work, work.fresh(law), ExternalData("62/2018/NĐ-CP", "Số khác"))


@pytest.mark.covers("a48", "L23")
def test_unknown_numbers_are_offered_and_tied_when_registered(app):
    office = Office()
    revision = office.effective(text=CITING)
    unknown, following = citing.unknown_numbers(db.session(), held(office.staff), office.body.id)
    assert [(one.number, one.documents) for one in unknown] == [(OLD, 1)]
    assert not following
    known = known_from_texts(db.session(), held(office.officer), office.body.id, FIVE_WAYS[2])
    assert known.subject == "Cơ chế một cửa, một cửa liên thông"
    law = registered(office, FIVE_WAYS[1])
    assert citing.unknown_numbers(db.session(), held(office.staff), office.body.id)[0] == []
    rows = citing.where_used(db.session(), held(office.staff), law=law).rows
    assert [row.revision for row in rows] == [revision]
    assert OLD in rows[0].passage
    assert citing.use_counts(db.session(), held(office.staff), [law.id]) == {law.id: 1}


@pytest.mark.covers("a46", "L23")
def test_only_the_edition_in_force_counts_as_citing(app):
    office = Office()
    law = registered(office, OLD)
    document = office.effective(text=CITING).document
    office.effective(document, text="Không còn viện dẫn văn bản nào.")
    assert citing.where_used(db.session(), held(office.officer), law=law).rows == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Citation)) == 1


@pytest.mark.covers("a46", "a47")
def test_documents_know_who_cites_them_also_before_they_existed(app):
    office = Office()
    citing_one = office.effective(text="Làm theo QT-TP-02 và biểu mẫu của nó.")
    assert citing_one.code == "QT-TP-01"
    draft = office.document(title="Đăng ký kết hôn")
    cited = office.effective(draft)
    assert cited.code == "QT-TP-02"
    rows = citing.where_used(db.session(), held(office.staff), document=cited.document).rows
    assert [row.revision for row in rows] == [citing_one]
    reading = reading_of(db.session(), citing_one.main_file.sha256)
    found = relations.cited_by_text(
        db.session(), held(office.officer), citing_one.document, reading
    )
    assert [(one.document, one.is_gone) for one in found] == [(cited.document, False)]
    with unit_of_work(None, now=MONDAY) as work:
        gone = work.fresh(cited)
        gone.become_obsolete(at=MONDAY)
        work.record(DocumentFact.REVISION_OBSOLETE, gone, successor="–")
    found = relations.cited_by_text(
        db.session(), held(office.officer), citing_one.document, reading
    )
    assert [one.is_gone for one in found] == [True]


@pytest.mark.covers("D12", "a48", "L23")
def test_replacing_a_law_raises_every_change_request_in_one_act(app):
    office = Office()
    old = registered(office, OLD)
    revisions = [office.effective(text=f"{CITING} {n}") for n in range(3)]
    office.effective(text="Không viện dẫn gì.")
    registered(office, NEW, changes=old, in_force_on=date(2026, 11, 1))
    db.session.refresh(old)
    assert old.state is ExternalState.REPLACED
    assert old.changed_on == date(2026, 11, 1)
    requests = handed_out(office, old)
    assert [request.items[0].document for request in requests] == [
        revision.document for revision in revisions
    ]
    for request in requests:
        assert request.state is ChangeState.ACCEPTED
        assert request.source is ChangeSource.LAW
        assert (request.owner, request.due_on) == (office.author, DUE)
        assert OLD in request.items[0].passage
        assert request.external == old
    assert to_hand_out(db.session(), held(office.officer), old) == []
    told = db.session.scalars(
        sa.select(Notice.person_id).where(Notice.kind == str(DocumentNotice.CHANGE_ACCEPTED))
    ).all()
    assert set(told) == {office.author.id}
    assert len(told) == 3
    raised = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(DocumentFact.CHANGES_RAISED))
    ).all()
    assert len(raised) == 1


@pytest.mark.covers("D12")
def test_amended_then_replaced_hands_the_same_documents_out_again(app):
    office = Office()
    old = registered(office, OLD)
    document = office.effective(text=CITING).document
    registered(office, "45/2020/NĐ-CP", changes=old, how=ExternalState.AMENDED)
    (request,) = handed_out(office, old)
    with unit_of_work(office.author, now=MONDAY) as work:
        leave_unchanged(work, work.fresh(request), work.fresh(document), reason="Không liên quan")
    later = MONDAY.replace(hour=9)
    new = registered(office, NEW)
    with unit_of_work(office.officer, now=later) as work:
        be_changed(work, work.fresh(old), by=work.fresh(new), how=ExternalState.REPLACED, on=TODAY)
    rows = to_hand_out(db.session(), held(office.officer), old)
    assert [row.revision.document for row in rows] == [document]


@pytest.mark.covers("D12")
def test_a_law_in_force_raises_nothing_and_a_circle_is_refused(app):
    office = Office()
    old = registered(office, OLD)
    office.effective(text=CITING)
    with pytest.raises(RuleBroken):
        handed_out(office, old)
    new = registered(office, NEW, changes=old)
    for law, by in ((old, new), (new, old), (new, new)):
        with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
            be_changed(
                work, work.fresh(law), by=work.fresh(by), how=ExternalState.REPLACED, on=TODAY
            )
    with pytest.raises(InvalidInput):
        handed_out(office, old, assignments=[])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ChangeRequest)) == 0


@pytest.mark.covers("D12", "a47")
def test_the_same_is_there_for_a_document_that_goes(app):
    office = Office()
    citing_one = office.effective(text="Làm theo QT-TP-02.")
    gone = office.effective(office.document(title="Bỏ")).document
    with unit_of_work(office.officer, now=MONDAY) as work:
        (request,) = raise_changes_for_document(
            work,
            work.fresh(gone),
            [Assignment(work.fresh(citing_one.document), work.fresh(office.author))],
            due_on=DUE,
            reason="QT-TP-02 bị bãi bỏ",
        )
    assert request.source is ChangeSource.DOCUMENT
    assert request.state is ChangeState.ACCEPTED


@pytest.mark.covers("O4", "a46")
def test_where_used_tells_nothing_of_documents_for_named_people(app):
    office = Office()
    law = registered(office, OLD)
    secret = a_document(
        office.officer,
        office.unit,
        title="Kín",
        confidentiality=Confidentiality.NAMED,
        readers=(office.leader,),
        keeper=office.author,
    )
    office.effective(secret, text=CITING)
    assert citing.where_used(db.session(), held(office.staff), law=law).rows == []
    assert citing.use_counts(db.session(), held(office.staff), [law.id]) == {}
    (row,) = citing.where_used(db.session(), held(office.officer), law=law).rows
    assert citing.passage_of(row) == ""


@pytest.mark.covers("a46", "a48", "T18")
def test_pages_of_laws_and_uses_ask_a_constant_number_of_questions(app, monkeypatch):
    office = Office()
    law = registered(office, OLD)
    monkeypatch.setattr("documents.external_document.PAGE", 3)
    counts = []
    for more in (1, 4):
        for _ in range(more):
            office.effective(text=CITING)
            registered(office, f"{len(counts)}{_}/2020/TT-BTP")
        db.session.rollback()
        db.session.expire_all()
        person = held(office.officer)
        key = law.id
        with queries() as made:
            found = laws(db.session(), person.body_id)
            citing.use_counts(db.session(), person, [one.id for one in found.rows])
            for row in citing.where_used(
                db.session(), person, law=db.session.get(ExternalDocument, key)
            ).rows:
                assert row.revision.document.lead_unit.name
                assert row.revision.document.keeper.name
        counts.append(len(made))
    assert counts[0] == counts[1]
    numbers, after = [], None
    while True:
        found = laws(db.session(), office.body.id, after=after)
        numbers += [one.number for one in found.rows]
        after = found.after
        if after is None:
            break
    assert len(numbers) == 6 == len(set(numbers))
    back = laws(db.session(), office.body.id, before=found.rows[0].id)
    assert [one.number for one in back.rows] == numbers[-6:][:3]


@pytest.mark.covers("a46")
def test_pages_of_uses_follow_by_key(app):
    office = Office()
    law = registered(office, OLD)
    revisions = [office.effective(text=CITING) for _ in range(3)]
    seen: list[Revision] = []
    after = None
    while True:
        found = citing.where_used(db.session(), held(office.staff), law=law, after=after, most=2)
        seen += [row.revision for row in found.rows]
        after = found.following
        if after is None:
            break
    assert seen == revisions
