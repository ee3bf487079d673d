"""Drawing samples for a checklist, kept with what another auditor needs to draw the same (L22)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.checklists.sampling import draw
from audits.facts import AuditFact
from audits.models import MOST_DRAWN, Checklist, Question, Sample, SampleMethod
from audits.permissions import AuditPermission

MOST_POPULATION = 1_000_000
MOST_LISTED = 5_000


@dataclass(frozen=True)
class SampleData:
    """What is drawn from: how many there are, or a list of them; of a judgement what was chosen."""

    about: str
    size: int = 0
    population: int = 0
    method: SampleMethod = SampleMethod.RANDOM
    seed: str = ""
    items: Sequence[str] = ()
    question_id: int | None = None


def draw_sample(work: Work, checklist: Checklist, data: SampleData) -> Sample:
    """Draw a sample and keep it; a sample is never changed, another one is drawn."""
    audit = checklist.audit
    work.require(AuditPermission.KEEP_CHECKLIST, audit)
    work.fresh(audit)
    if obstacle := checklist.change_obstacle():
        raise obstacle
    about = " ".join(nfc(data.about).split())[:300]
    if not about:
        raise InvalidInput(N_("Say what the sample is drawn from."), field="about")
    items = [line for one in data.items if (line := " ".join(nfc(one).split())[:200])]
    if len(items) > MOST_LISTED:
        raise InvalidInput(N_("A list holds 5,000 items at most."), field="items")
    by_hand = data.method is SampleMethod.JUDGEMENT
    population = data.population if by_hand or not items else len(items)
    size = len(items) if by_hand else data.size
    _check_numbers(population, size, by_hand)
    if data.question_id is not None:
        question = work.session.get(Question, data.question_id)
        if question is None or question.checklist_id != checklist.id:
            raise InvalidInput(N_("Choose another question of this checklist."), field="question")
    seed = "" if by_hand else (" ".join(nfc(data.seed).split())[:40] or secrets.token_hex(4))
    drawn = items if by_hand else draw(population, size, seed, data.method, items)
    made = work.add(
        Sample(
            body_id=checklist.body_id,
            checklist=checklist,
            question_id=data.question_id,
            about=about,
            population=population,
            method=data.method,
            size=size,
            seed=seed,
            listed=[] if by_hand else items,
            drawn=drawn,
            drawn_by_id=work.actor.id,
            drawn_at=work.now,
        )
    )
    work.record(AuditFact.SAMPLE_DRAWN, made, size=size, population=population)
    return made


def _check_numbers(population: int, size: int, by_hand: bool) -> None:
    if not 1 <= population <= MOST_POPULATION:
        raise InvalidInput(N_("Say how many there are, or list them."), field="population")
    if size < 1:
        if by_hand:
            raise InvalidInput(N_("Write down what you chose, one on a line."), field="items")
        raise InvalidInput(N_("Say how many are drawn."), field="size")
    if size > population:
        raise InvalidInput(N_("More cannot be drawn than there are."), field="size")
    if size > MOST_DRAWN:
        raise RuleBroken(N_("One sample holds 500 items at most."))
