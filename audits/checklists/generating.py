"""What an audit asks at first: templates, clauses, steps, an earlier audit (b17, b18, L5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.kernel.organisation import Unit
from audits.checklists.steps import ProcedureStep, steps_of
from audits.checklists.templates import lines_by_kind
from audits.models import Audit, Checklist, Clause, Question, QuestionSource
from documents import register
from documents.models import Confidentiality, Document, Revision, RevisionState

OF_STEPS = "8.5.1"  # the clause a step of a process is asked under, where it is audited
BY_CLAUSE = "Theo điều khoản"


@dataclass(frozen=True)
class Sources:
    """Where the questions are to come from."""

    template: bool = True
    clauses: bool = True
    steps: bool = True
    earlier: Checklist | None = None


@dataclass(frozen=True)
class ReadProcedure:
    """A procedure in force with its steps."""

    document: Document
    revision: Revision
    steps: list[ProcedureStep]


def questions_for(session: Session, audit: Audit, sources: Sources) -> list[Question]:
    """Give the questions in their order, without a checklist yet; nothing is asked twice."""
    clauses = {one.clause.number: one.clause for one in audit.clauses}
    found: list[Question] = []
    if sources.earlier is not None:
        found += list(_copied(sources.earlier, audit))
    if sources.template:
        found += list(_of_templates(session, audit, clauses))
    if sources.clauses:
        asked = {one.clause_id for one in found if one.clause_id is not None}
        numbers = {number for number, clause in clauses.items() if clause.id in asked}
        found += list(_of_clauses(list(clauses.values()), numbers))
    if sources.steps:
        found += list(_of_steps(session, audit, clauses.get(OF_STEPS)))
    return _once(found)


def _once(found: list[Question]) -> list[Question]:
    """Leave out what is asked already: the same words of the same unit, the same step."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for one in found:
        key: tuple[object, ...] = (one.text, one.unit_id, one.document_id)
        if one.step_anchor:
            key = (one.document_id, one.step_anchor)
        if key in seen:
            continue
        seen.add(key)
        kept.append(one)
    return kept


def _of_templates(session: Session, audit: Audit, clauses: dict[str, Clause]) -> Iterator[Question]:
    """Ask what is usual of the kinds of its units, as far as the clauses are audited."""
    lines = lines_by_kind(session, audit.body_id)
    units = [one.unit for one in audit.units]
    for kind in dict.fromkeys(unit.kind for unit in units):
        of_kind = [unit for unit in units if unit.kind is kind]
        only = of_kind[0] if len(of_kind) == 1 and len(units) > 1 else None
        for line in lines[kind]:
            clause = _clause(line.clause, clauses)
            if line.clause and clause is None:
                continue
            yield Question(
                section=line.section,
                clause_id=clause.id if clause is not None else None,
                text=line.text,
                how=line.how,
                weight=line.weight,
                source=QuestionSource.TEMPLATE,
                unit_id=only.id if only is not None else None,
                is_for_auditee=line.for_auditee,
                shown_when=[],
            )


def _clause(number: str, clauses: dict[str, Clause]) -> Clause | None:
    """Give the audited clause of a number, or else the first audited one below it."""
    if number in clauses:
        return clauses[number]
    return next((one for key, one in clauses.items() if key.startswith(f"{number}.")), None)


def _of_clauses(clauses: Sequence[Clause], asked: set[str]) -> Iterator[Question]:
    """Ask each clause that no question is about yet; of a group of clauses its parts."""
    parents = {one.parent_id for one in clauses}
    for clause in clauses:
        number = clause.number
        near = any(
            number == other or number.startswith(f"{other}.") or other.startswith(f"{number}.")
            for other in asked
        )
        if near or clause.id in parents or not clause.title:
            continue
        yield Question(
            section=BY_CLAUSE,
            clause_id=clause.id,
            text=f"{clause.title}: đơn vị thực hiện thế nào, lấy gì làm bằng chứng?",
            how="",
            weight=1,
            source=QuestionSource.CLAUSE,
            is_for_auditee=False,
            shown_when=[],
        )


def procedures_in_force(session: Session, audit: Audit) -> list[ReadProcedure]:
    """Give the audit's procedures with the steps of their revisions in force; not named ones."""
    documents = {
        one.document_id: one.document
        for one in audit.procedures
        if one.document.confidentiality is not Confidentiality.NAMED
    }
    if not documents:
        return []
    revisions = session.scalars(
        sa.select(Revision)
        .where(Revision.document_id.in_(documents), Revision.state == RevisionState.EFFECTIVE)
        .options(selectinload(Revision.all_files))
    )
    current = {one.document_id: one for one in revisions}
    return [
        ReadProcedure(document, current[key], read_steps(session, current[key]))
        for key, document in documents.items()
        if key in current
    ]


def read_steps(session: Session, revision: Revision) -> list[ProcedureStep]:
    """Give the steps of a revision; none where nothing was read, as with scans and paper."""
    main = revision.main_file if revision.disposed_at is None else None
    reading = register.reading_of(session, main.sha256) if main is not None else None
    return steps_of(reading) if reading is not None else []


def _of_steps(session: Session, audit: Audit, clause: Clause | None) -> Iterator[Question]:
    units = {one.unit_id: one.unit for one in audit.units}
    several = len(units) > 1
    for one in procedures_in_force(session, audit):
        of = units.get(one.document.lead_unit_id) if several else None
        for step in one.steps:
            yield step_question(one, step, clause, of)


def step_question(
    one: ReadProcedure, step: ProcedureStep, clause: Clause | None, unit: Unit | None
) -> Question:
    """Ask whether a step is done as it is written, bound to the words of this very revision."""
    return Question(
        section=f"{one.document.code} {one.revision.title}"[:200],
        clause_id=clause.id if clause is not None else None,
        text=f"{step.name}: có làm đúng như quy trình không?",
        how=step.text,
        weight=2,
        source=QuestionSource.STEP,
        document_id=one.document.id,
        revision_id=one.revision.id,
        step_anchor=step.anchor,
        step_text=step.text,
        step_sha256=step.sha256,
        unit_id=unit.id if unit is not None else None,
        is_for_auditee=False,
        shown_when=[],
    )


def _copied(earlier: Checklist, audit: Audit) -> Iterator[Question]:
    """Ask what was asked last time; the answers stay there and are only shown beside (A10)."""
    units = {one.unit_id for one in audit.units}
    for one in earlier.questions:
        if one.parent_id is not None:
            continue  # follow-ups come with their parent, once that has a place
        yield copy_of(one, units)


def copy_of(one: Question, units: set[int]) -> Question:
    """Give a question to be asked again, unanswered, that remembers which one it was."""
    return Question(
        section=one.section,
        clause_id=one.clause_id,
        text=one.text,
        how=one.how,
        weight=one.weight,
        source=one.source,
        document_id=one.document_id,
        revision_id=one.revision_id,
        step_anchor=one.step_anchor,
        step_text=one.step_text,
        step_sha256=one.step_sha256,
        unit_id=one.unit_id if one.unit_id in units else None,
        is_for_auditee=one.is_for_auditee,
        shown_when=list(one.shown_when),
        earlier_id=one.id,
    )
