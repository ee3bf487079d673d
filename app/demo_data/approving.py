"""The acts that take a drafted package of the demo body into force: sent, answered, switched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.signatures import Proof
from app.kernel.work import Work, unit_of_work
from documents.approval import answer_package
from documents.issue import issue_if_due
from documents.models import Answer, Package
from documents.submission import submit_package

Finding = Callable[[Work], Package]


def approving_acts(
    stage: Stage, package: Finding, submitter: str, *, drafted: int, in_force: int
) -> list[Act]:
    """Send it two days after it was drafted, answer each step every other day, then switch."""

    def submit() -> None:
        with unit_of_work(stage.person(submitter), now=stage.moment(drafted - 2)) as work:
            submit_package(work, package(work))

    def switch() -> None:
        with unit_of_work(None, now=stage.moment(in_force, 0, 1)) as work:
            issue_if_due(work, package(work))

    return [
        Act(stage.moment(drafted - 2), submit),
        *(
            Act(stage.moment(days, 11), partial(_answer, stage, package, days))
            for days in (drafted - 4, drafted - 6, drafted - 8)
        ),
        Act(stage.moment(in_force, 0, 1), switch),
    ]


def _answer(stage: Stage, package: Finding, days: int) -> None:
    """Let the first who is asked at the present step approve."""
    now = stage.moment(days, 11)
    with unit_of_work(None, now=now) as work:
        step = package(work).current_step
        waiting = [person.id for person in step.waiting] if step is not None else []
    if not waiting:
        return
    person = db.session.get_one(Person, waiting[0])
    proof = Proof(person_id=person.id, method="demo", proved_at=now)
    with unit_of_work(person, now=now) as work:
        answer_package(work, package(work), Answer.APPROVE, proof=proof)
