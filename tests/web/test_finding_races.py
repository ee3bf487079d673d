"""A finding withdrawn while its unit answers: one lawful outcome, whoever was first (A9, T03)."""

from __future__ import annotations

import pytest

from app.kernel.db import db
from audits.models import Finding, FindingState, UnitResponse
from tests.audits.test_findings import an_audit
from tests.audits.world import Auditing
from tests.browser import Live
from tests.web.test_reading_races import at_once, browsers

ROUNDS = 5


@pytest.mark.browser
@pytest.mark.covers("A9", "T03")
def test_a_finding_withdrawn_while_answered_is_either_and_never_both(live: Live):
    for _ in range(ROUNDS):

        def build():
            office = Auditing()
            finding = office.finding(an_audit(office))
            office.sent(finding.audit)
            people = (office.lead_person.id, office.manager.id)
            return finding.id, finding.number, finding.row_version, people

        finding_id, number, seen, people = live.run(build)
        (lead, lead_token), (head, head_token) = (browsers(live, who, 1)[0] for who in people)

        def withdraw(client=lead, token=lead_token, number=number, seen=seen):
            values = {
                "csrf_token": token,
                "answer": "withdraw",
                "decide-reason": "Nhầm",
                "decide-row_version": seen,
            }
            return client.post(f"/findings/{number}/decision", data=values).status_code

        def answer(client=head, token=head_token, number=number, seen=seen):
            values = {
                "csrf_token": token,
                "answer-response": "accept",
                "answer-row_version": seen,
            }
            return client.post(f"/findings/{number}/response", data=values).status_code

        assert sorted(at_once(withdraw, answer)) == [303, 409]

        def kept(finding_id=finding_id):
            found = db.session.get_one(Finding, finding_id)
            return found.state, found.response

        assert live.run(kept) in (
            (FindingState.WITHDRAWN, None),
            (FindingState.ACCEPTED, UnitResponse.ACCEPT),
        )
