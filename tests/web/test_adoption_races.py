"""Two leaders of one body adopting one text at the same moment, by two connections (O4)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from documents.facts import DocumentFact
from documents.models import Adoption, Distribution
from tests.browser import Live
from tests.builders import PASSWORD, a_person
from tests.documents.test_publications import Province, published
from tests.web.test_reading_races import at_once, browsers

ROUNDS = 5


@pytest.mark.browser
@pytest.mark.covers("T03", "O4")
def test_of_two_adoptions_at_once_one_counts_and_the_other_is_told(live: Live):
    for _ in range(ROUNDS):

        def build():
            place = Province()
            an = place.wards[0]
            second = a_person(an.body, Role.LEADER, name="Phó Chủ tịch")
            given = published(place)
            return given.id, place.revision.id, (an.leader.id, second.id), an.body.id

        publication_id, revision_id, leaders, body_id = live.run(build)
        opened = [browsers(live, leader, 1)[0] for leader in leaders]

        def decide(client, token, number, chosen=f"{publication_id}:{revision_id}"):
            values = {
                "csrf_token": token,
                "chosen": chosen,
                "decided_on": "23/11/2026",
                "decision_number": number,
                "password": PASSWORD,
            }
            return lambda: client.post("/adoptions", data=values).status_code

        answers = at_once(*(decide(*one, f"{n}/QĐ") for n, one in enumerate(opened)))
        assert sorted(answers) in ([303, 409], [303, 422]), answers

        def kept(publication_id=publication_id, body_id=body_id):
            count = sa.func.count()
            session = db.session()
            return (
                session.scalar(
                    sa.select(count)
                    .select_from(Adoption)
                    .where(Adoption.publication_id == publication_id)
                ),
                session.scalar(
                    sa.select(count)
                    .select_from(Distribution)
                    .where(Distribution.body_id == body_id)
                ),
                session.scalar(
                    sa.select(count)
                    .select_from(TrailEntry)
                    .where(
                        TrailEntry.chain == body_id,
                        TrailEntry.fact == str(DocumentFact.ADOPTED),
                    )
                ),
            )

        assert live.run(kept) == (1, 1, 1)
