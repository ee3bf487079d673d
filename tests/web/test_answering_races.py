"""Two auditors on one question, one in two windows, and the end of the fieldwork (T03; A7)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.trail import TrailEntry
from audits.models import Answer, AnswerDraft, Audit, AuditState
from tests.audits.asking import Asking
from tests.browser import Live
from tests.web.test_reading_races import at_once, browsers

ROUNDS = 4


def _started(live: Live) -> dict[str, object]:
    def build():
        office = Asking()
        audit, made = office.under_way()
        lines = [one.id for one in made.questions if not one.is_for_auditee]
        return {
            "number": audit.number,
            "audit": audit.id,
            "questions": lines,
            "lead": office.lead_person.id,
            "other": office.other_person.id,
            "chain": office.body.id,
        }

    return live.run(build)


def _answers(client, token, number: str, question: int, notes: str):
    values = {
        "csrf_token": token,
        "large": "fails",
        "notes": notes,
        "base": "0",
        "go": "index",
    }
    return lambda: client.post(f"/f/{number}/{question}", data=values).status_code


def _kept(question: int, chain: int):
    def look():
        session = db.session()
        answers = session.scalars(sa.select(Answer).where(Answer.question_id == question)).all()
        facts = session.scalars(
            sa.select(TrailEntry.fact).where(
                TrailEntry.chain == chain,
                TrailEntry.record_type == "answer",
                TrailEntry.record_id.in_([one.id for one in answers]),
            )
        ).all()
        drafts = session.scalars(
            sa.select(AnswerDraft.notes).where(AnswerDraft.question_id == question)
        ).all()
        return [one.notes for one in answers], list(facts), list(drafts)

    return look


@pytest.mark.browser
@pytest.mark.covers("T03", "A7")
def test_two_auditors_answering_at_once_are_both_kept(live: Live):
    world = _started(live)
    mine, theirs = (browsers(live, world[who], 1)[0] for who in ("lead", "other"))
    for question in world["questions"][:ROUNDS]:
        number = world["number"]
        answers = at_once(
            _answers(*mine, number, question, "một"), _answers(*theirs, number, question, "hai")
        )
        assert answers == [303, 303]
        notes, facts, drafts = live.run(_kept(question, world["chain"]))
        assert sorted(notes) == ["hai", "một"]
        assert facts == ["answer.recorded", "answer.recorded"]
        assert drafts == []


@pytest.mark.browser
@pytest.mark.covers("T03", "A7")
def test_one_auditor_in_two_windows_answers_once_and_the_other_window_keeps_its_words(live: Live):
    world = _started(live)
    windows = browsers(live, world["lead"], 2)
    for question in world["questions"][:ROUNDS]:
        acts = [
            _answers(*window, world["number"], question, f"cửa sổ {at}")
            for at, window in enumerate(windows)
        ]
        assert sorted(at_once(*acts)) == [303, 409]
        notes, facts, _drafts = live.run(_kept(question, world["chain"]))
        assert len(notes) == 1
        assert facts == ["answer.recorded"]


@pytest.mark.browser
@pytest.mark.covers("T03", "b22")
def test_an_answer_while_the_fieldwork_ends_is_recorded_or_kept_as_a_draft(live: Live):
    for _ in range(ROUNDS):
        world = _started(live)
        client, token = browsers(live, world["other"], 1)[0]
        lead, lead_token = browsers(live, world["lead"], 1)[0]
        number, question = world["number"], world["questions"][0]
        answered, ended = at_once(
            _answers(client, token, number, question, "vừa kịp"),
            lambda lead=lead, lead_token=lead_token, number=number: (
                lead.post(
                    f"/audits/{number}/fieldwork-end", data={"csrf_token": lead_token}
                ).status_code
            ),
        )
        assert ended == 303
        notes, facts, drafts = live.run(_kept(question, world["chain"]))
        if answered == 303:
            assert (notes, facts, drafts) == (["vừa kịp"], ["answer.recorded"], [])
        else:
            assert answered == 409
            assert (notes, facts, drafts) == ([], [], ["vừa kịp"])
        assert live.run(lambda key=world["audit"]: db.session.get_one(Audit, key).state) is (
            AuditState.REPORTING
        )
