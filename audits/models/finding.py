"""What an audit found, the unit's word on it and the lead's (9.2.2 d; A3, A8, A9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.trail import Trailed
from audits.models.answer import Answer
from audits.models.audit import Audit, AuditState
from audits.models.criteria import Clause
from documents.models import Document


class FindingGrade(Coded):
    """How much it weighs; a strength is worth reporting as well."""

    MAJOR = "major", N_("Major nonconformity")
    MINOR = "minor", N_("Minor nonconformity")
    OBSERVATION = "observation", N_("Observation")
    OPPORTUNITY = "opportunity", N_("Opportunity for improvement")
    STRENGTH = "strength", N_("Strength")


class FindingState(Coded):
    """Where a finding stands between the team, the unit and the lead."""

    DRAFT = "draft", N_("Being written")
    WAITING = "waiting", N_("With the unit")
    ACCEPTED = "accepted", N_("Accepted by the unit")
    DISPUTED = "disputed", N_("Disputed by the unit")
    DECIDED = "decided", N_("Decided by the lead")
    NOTED = "noted", N_("Made known to the unit")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


class UnitResponse(Coded):
    """What the unit says to a finding."""

    ACCEPT = "accept", N_("Accepts it")
    COMMENT = "comment", N_("Accepts it with a comment")
    DISPUTE = "dispute", N_("Disputes it")


class LeadDecision(Coded):
    """What the lead decides on a finding."""

    UPHOLD = "uphold", N_("Uphold it")
    REGRADE = "regrade", N_("Give it another grade")
    WITHDRAW = "withdraw", N_("Withdraw the finding")


class Claim(Coded):
    """What became of something the system proposed: only what is confirmed counts (A8)."""

    PROPOSED = "proposed", N_("Proposed by the system")
    CONFIRMED = "confirmed", N_("Confirmed by the lead")
    REFUSED = "refused", N_("Refused by the lead")


FAILURES = (FindingGrade.MAJOR, FindingGrade.MINOR)
RECOMMENDING = (FindingGrade.OBSERVATION, FindingGrade.OPPORTUNITY)
SETTLED = (
    FindingState.ACCEPTED,
    FindingState.DECIDED,
    FindingState.NOTED,
    FindingState.WITHDRAWN,
)
WRITABLE = (AuditState.UNDER_WAY, AuditState.REPORTING)
AFTER_ISSUE = (AuditState.REPORTED, AuditState.CLOSED)


def _second(kind: type[Coded], name: str) -> sa.Enum:
    """Give the type of a second column of a kind: each checks its codes under its own name."""
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [str(one.value) for one in members],
        length=32,
    )


class Finding(Trailed, Record):
    """One thing found in one unit; numbered in its audit, never deleted, only withdrawn."""

    __tablename__ = "finding"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "serial"),
        sa.UniqueConstraint("body_id", "number"),
        sa.Index("ix_finding_by_clause", "body_id", "clause_id", "unit_id"),
        CheckConstraint("statement <> ''", name="has_statement"),
        CheckConstraint(
            "state <> 'withdrawn' OR decision_reason <> ''", name="withdrawal_has_reason"
        ),
        CheckConstraint(
            "response IS NULL OR (responded_by_id IS NOT NULL AND responded_at IS NOT NULL)",
            name="response_has_person",
        ),
        CheckConstraint(
            "response NOT IN ('dispute', 'comment') OR response_words <> ''",
            name="response_has_words",
        ),
        CheckConstraint(
            "(repeats_id IS NULL) = (repeat_claim IS NULL)", name="repeat_names_earlier"
        ),
        CheckConstraint("(asked_at IS NULL) = (response_due_on IS NULL)", name="asking_has_date"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60))
    statement: Mapped[str] = mapped_column(sa.Text())
    clause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    evidence: Mapped[str] = mapped_column(sa.Text(), default="")
    grade: Mapped[FindingGrade]
    first_grade: Mapped[FindingGrade] = mapped_column(_second(FindingGrade, "first_grade"))
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    state: Mapped[FindingState] = mapped_column(default=FindingState.DRAFT)
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    written_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    response_due_on: Mapped[date | None]
    response: Mapped[UnitResponse | None]
    response_words: Mapped[str] = mapped_column(sa.Text(), default="")
    responded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    responded_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    responded_at: Mapped[datetime | None]
    decision: Mapped[LeadDecision | None]
    decision_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    repeats_id: Mapped[int | None] = mapped_column(sa.ForeignKey("finding.id"), index=True)
    repeat_claim: Mapped[Claim | None]
    times_reported: Mapped[int] = mapped_column(default=1)
    systemic_claim: Mapped[Claim | None] = mapped_column(_second(Claim, "systemic_claim"))
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    audit: Mapped[Audit] = relationship(back_populates="findings")
    unit: Mapped[Unit] = relationship()
    clause: Mapped[Clause | None] = relationship()
    document: Mapped[Document | None] = relationship()
    written_by: Mapped[Person] = relationship(foreign_keys=[written_by_id])
    responded_by: Mapped[Person | None] = relationship(foreign_keys=[responded_by_id])
    responded_for: Mapped[Person | None] = relationship(foreign_keys=[responded_for_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    repeats: Mapped[Finding | None] = relationship(remote_side="Finding.id")
    others: Mapped[list[FindingClause]] = relationship(
        back_populates="finding", order_by="FindingClause.clause_id", cascade="all, delete-orphan"
    )

    answers: Mapped[list[FindingAnswer]] = relationship(
        back_populates="finding", order_by="FindingAnswer.answer_id", cascade="all, delete-orphan"
    )

    @property
    def place_unit_id(self) -> int:
        """Give the unit it belongs to."""
        return self.unit_id

    @property
    def is_sent(self) -> bool:
        """Say whether the unit knows of it."""
        return self.asked_at is not None

    @property
    def counts(self) -> bool:
        """Say whether it stands."""
        return self.state is not FindingState.WITHDRAWN

    @property
    def is_repeated(self) -> bool:
        """Say whether the lead confirmed that it repeats an earlier one."""
        return self.repeat_claim is Claim.CONFIRMED

    @property
    def is_systemic(self) -> bool:
        """Say whether the lead confirmed that other units fail the same."""
        return self.systemic_claim is Claim.CONFIRMED

    @property
    def is_unresolved(self) -> bool:
        """Say whether the unit's opinion differs from what stands: both are printed (A9)."""
        return self.counts and self.response is UnitResponse.DISPUTE

    @property
    def has_decision(self) -> bool:
        """Say whether nothing more is to be decided on it (A9)."""
        return self.state in SETTLED

    @property
    def clause_numbers(self) -> str:
        """Give the clauses it was judged by, the main one first."""
        found = [self.clause.number] if self.clause is not None else []
        return ", ".join([*found, *(one.clause.number for one in self.others)])

    @property
    def has_evidence(self) -> bool:
        """Say whether at least one piece of evidence is named (A3)."""
        return bool(self.evidence.strip()) or any(one.answer.evidence for one in self.answers)

    def gaps(self) -> list[str]:
        """Name what a finding must have and this one has not: words of the catalogue (A3)."""
        if not self.counts:
            return []
        found = [] if self.clause_id is not None else [N_("no criterion")]
        return found if self.has_evidence else [*found, N_("no evidence")]

    def is_silent(self, on: date) -> bool:
        """Say whether the unit let its days pass without a word."""
        due = self.response_due_on
        return self.state is FindingState.WAITING and due is not None and due < on

    def _obstacle(self, *states: FindingState) -> RuleBroken | None:
        if self.state in states:
            return None
        return RuleBroken(
            N_("%(number)s cannot do that now: %(state)s."), number=self.number, state=self.state
        )

    def write_obstacle(self) -> RuleBroken | None:
        """Say why its words cannot change; None until the unit has answered."""
        if self.audit.state not in WRITABLE:
            return RuleBroken(
                N_("The findings of %(number)s are not written now: %(state)s."),
                number=self.audit.number,
                state=self.audit.state,
            )
        return self._obstacle(FindingState.DRAFT, FindingState.WAITING)

    def send_obstacle(self) -> RuleBroken | None:
        """Say why the unit cannot be asked; None for a whole one that waits to be sent."""
        if obstacle := self._obstacle(FindingState.DRAFT):
            return obstacle
        if self.gaps():
            return RuleBroken(
                N_("%(number)s lacks its criterion or evidence. Add it first."),
                rule="A3",
                number=self.number,
            )
        return None

    def send(self, due: date, *, at: datetime) -> None:
        """Make it known to the unit, which answers by a day; a strength asks for no answer."""
        if obstacle := self.send_obstacle():
            raise obstacle
        self.asked_at, self.response_due_on = at, due
        asks = self.grade is not FindingGrade.STRENGTH
        self.state = FindingState.WAITING if asks else FindingState.NOTED

    def respond_obstacle(self) -> RuleBroken | None:
        """Say why the unit cannot answer; None while it is asked."""
        if self.state is FindingState.WITHDRAWN:
            return RuleBroken(
                N_("%(number)s was withdrawn: %(reason)s Nothing is left to answer."),
                number=self.number,
                reason=self.decision_reason,
            )
        return self._obstacle(FindingState.WAITING)

    def respond(
        self,
        response: UnitResponse,
        words: str,
        person: Person,
        person_for: Person | None,
        *,
        at: datetime,
    ) -> None:
        """Take the unit's answer."""
        if obstacle := self.respond_obstacle():
            raise obstacle
        self.response, self.response_words, self.responded_at = response, words, at
        self.responded_by, self.responded_by_id = person, person.id
        self.responded_for = person_for
        self.responded_for_id = person_for.id if person_for is not None else None
        disputed = response is UnitResponse.DISPUTE
        self.state = FindingState.DISPUTED if disputed else FindingState.ACCEPTED

    def decide_obstacle(self, on: date) -> RuleBroken | None:
        """Say why the lead has nothing to decide; None for a dispute, a comment or silence."""
        if self.state is FindingState.WAITING and not self.is_silent(on):
            return RuleBroken(
                N_("The unit may answer %(number)s until %(day)s."),
                number=self.number,
                day=self.response_due_on,
            )
        if self.state is FindingState.ACCEPTED and self.response is UnitResponse.COMMENT:
            return None
        return self._obstacle(FindingState.DISPUTED, FindingState.WAITING)

    def decide(
        self,
        decision: LeadDecision,
        reason: str,
        person: Person,
        *,
        at: datetime,
        grade: FindingGrade | None = None,
    ) -> None:
        """Take the lead's decision; once the report is issued only an amendment changes it (A4)."""
        if self.audit.state in AFTER_ISSUE and decision is not LeadDecision.UPHOLD:
            raise RuleBroken(
                N_("The report of %(number)s is issued: amend it, with the reason."),
                rule="A4",
                number=self.audit.number,
            )
        self.settle(decision, reason, person, at=at, grade=grade)

    def settle(
        self,
        decision: LeadDecision,
        reason: str,
        person: Person,
        *,
        at: datetime,
        grade: FindingGrade | None = None,
    ) -> None:
        """Note what was decided and why; an amendment of the report comes here directly."""
        if self.state is FindingState.WITHDRAWN:
            raise RuleBroken(N_("%(number)s is withdrawn already."), number=self.number)
        self.decision, self.decision_reason, self.decided_at = decision, reason, at
        self.decided_by, self.decided_by_id = person, person.id
        if decision is LeadDecision.REGRADE and grade is not None:
            self.grade = grade
        gone = decision is LeadDecision.WITHDRAW
        self.state = FindingState.WITHDRAWN if gone else FindingState.DECIDED

    def propose(self, earlier: Finding | None, *, elsewhere: bool) -> None:
        """Take what the system proposes: that it repeats one, that others fail the same (A8)."""
        if self.repeat_claim in (None, Claim.PROPOSED):
            self.repeats, self.repeats_id = earlier, earlier.id if earlier is not None else None
            self.repeat_claim = Claim.PROPOSED if earlier is not None else None
        if self.systemic_claim in (None, Claim.PROPOSED):
            self.systemic_claim = Claim.PROPOSED if elsewhere else None

    def settle_repeat(self, claim: Claim) -> None:
        """Confirm or refuse that it repeats an earlier one; the times it came are counted (L6)."""
        if self.repeats is None:
            raise RuleBroken(N_("Nothing is proposed for %(number)s."), number=self.number)
        self.repeat_claim = claim
        times = self.repeats.times_reported + 1 if claim is Claim.CONFIRMED else 1
        self.times_reported = times

    def settle_systemic(self, claim: Claim) -> None:
        """Confirm or refuse that other units fail the same."""
        if self.systemic_claim is None:
            raise RuleBroken(N_("Nothing is proposed for %(number)s."), number=self.number)
        self.systemic_claim = claim

    def told(self) -> dict[str, Any]:
        return {"number": self.number}


class FindingClause(Record):
    """A further clause a finding was judged by."""

    __tablename__ = "finding_clause"
    __table_args__ = (sa.UniqueConstraint("finding_id", "clause_id"),)

    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("finding.id"))
    clause_id: Mapped[int] = mapped_column(sa.ForeignKey("clause.id"), index=True)

    finding: Mapped[Finding] = relationship(back_populates="others")
    clause: Mapped[Clause] = relationship()


class FindingAnswer(Record):
    """An answer a finding rests on; many to many."""

    __tablename__ = "finding_answer"
    __table_args__ = (sa.UniqueConstraint("finding_id", "answer_id"),)

    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("finding.id"))
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id"), index=True)

    finding: Mapped[Finding] = relationship(back_populates="answers")
    answer: Mapped[Answer] = relationship()


def undecided(findings: Iterable[Finding]) -> list[Finding]:
    """Give those nobody has decided on (A9)."""
    return [one for one in findings if not one.has_decision]
