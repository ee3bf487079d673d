"""Templates of questions by kind of unit: a body's own, or those of the product (b16)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Body, UnitKind
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.facts import AuditFact
from audits.models import ChecklistTemplate
from audits.permissions import AuditPermission

OWN = Path(__file__).parent / "templates.csv"
MOST_LINES = 200
MOST_WEIGHT = 10


@dataclass(frozen=True)
class TemplateLine:
    """One question of a template; the clause by its number."""

    section: str
    clause: str
    text: str
    weight: int = 1
    how: str = ""
    for_auditee: bool = False

    def plain(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {
            "section": self.section,
            "clause": self.clause,
            "text": self.text,
            "weight": self.weight,
            "how": self.how,
            "for_auditee": self.for_auditee,
        }


@cache
def usual_lines(kind: UnitKind) -> tuple[TemplateLine, ...]:
    """Give what the product asks units of a kind."""
    with OWN.open(encoding="utf-8", newline="") as source:
        return tuple(
            TemplateLine(
                section=row["section"],
                clause=row["clause"],
                text=nfc(row["text"]),
                weight=int(row["weight"]),
                how=nfc(row["how"]),
                for_auditee=row["auditee"] == "y",
            )
            for row in csv.DictReader(source)
            if str(kind) in row["kinds"].split()
        )


def template_of(session: Session, body_id: int, kind: UnitKind) -> ChecklistTemplate | None:
    """Give the body's own template for a kind of unit; None where it has none."""
    return session.scalars(
        sa.select(ChecklistTemplate).where(
            ChecklistTemplate.body_id == body_id, ChecklistTemplate.unit_kind == kind
        )
    ).one_or_none()


def lines_of(own: ChecklistTemplate | None, kind: UnitKind) -> list[TemplateLine]:
    """Give the lines of a template, or what the product asks where there is none."""
    if own is None:
        return list(usual_lines(kind))
    return [TemplateLine(**line) for line in own.questions]


def lines_by_kind(session: Session, body_id: int) -> dict[UnitKind, list[TemplateLine]]:
    """Give what a body asks of each kind of unit; one query."""
    own = {
        one.unit_kind: one
        for one in session.scalars(
            sa.select(ChecklistTemplate).where(ChecklistTemplate.body_id == body_id)
        )
    }
    return {kind: lines_of(own.get(kind), kind) for kind in UnitKind}


def change_template(
    work: Work,
    body: Body,
    kind: UnitKind,
    lines: Sequence[TemplateLine],
    *,
    seen: int | None = None,
) -> bool:
    """Set what is asked of units of a kind; say whether anything changed."""
    work.require(AuditPermission.CHANGE_CRITERIA, body)
    wanted = [_checked(line) for line in lines if line.text.strip()]
    if not wanted:
        raise InvalidInput(N_("A template needs one question at least."), field="lines")
    if len(wanted) > MOST_LINES:
        raise InvalidInput(N_("One template holds 200 questions at most."), field="lines")
    own = template_of(work.session, body.id, kind)
    if lines_of(own, kind) == wanted:
        return False
    kept = {"questions": [line.plain() for line in wanted]}
    if own is None:
        own = work.add(ChecklistTemplate(body_id=body.id, unit_kind=kind, lines=kept))
    else:
        own = work.fresh(own, seen=seen)
        own.lines = kept
    work.record(AuditFact.TEMPLATE_CHANGED, own)
    return True


def _checked(line: TemplateLine) -> TemplateLine:
    if not 0 <= line.weight <= MOST_WEIGHT:
        raise InvalidInput(N_("A weight is a number from 0 to 10."), field="lines")
    return TemplateLine(
        section=" ".join(nfc(line.section).split())[:200],
        clause=" ".join(nfc(line.clause).split())[:40],
        text=nfc(line.text).strip()[:2000],
        weight=line.weight,
        how=nfc(line.how).strip()[:2000],
        for_auditee=line.for_auditee,
    )
