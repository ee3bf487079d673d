"""Revisions that go together: one route, one signature, one switch (rules D3, D4, D8, O6)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Capacity, Person, Role
from app.kernel.signatures import Meaning, Proof, Signature
from app.kernel.trail import Trailed, canonical
from documents.models.invitation import Invitation
from documents.models.revision import Revision, RevisionState
from documents.models.route import Need, StepKind


class Answer(Coded):
    """One person's answer at a step."""

    AGREE = "agree", N_("agrees")
    APPROVE = "approve", N_("approves")
    RETURN = "return", N_("returns it")


class SeatReason(Coded):
    """Why a person sits at a step; O6 wants it said on the record and in print."""

    NAMED = "named", N_("named for this step")
    POST = "post", N_("by post")
    PASSED_UP = "passed_up", N_("passed up the tree, as separation of duties left nobody below")
    OVERSEER = "overseer", N_("of the overseeing body, as nobody here may decide")


class Package(Trailed, Record):
    """One or more revisions on one route; a single revision is a package of one."""

    __tablename__ = "package"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    lead_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    current_position: Mapped[int | None]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    lead_unit: Mapped[Unit] = relationship()
    submitted_by: Mapped[Person | None] = relationship()
    revisions: Mapped[list[Revision]] = relationship(
        back_populates="package", order_by="Revision.id"
    )
    all_steps: Mapped[list[Step]] = relationship(
        back_populates="package", order_by="Step.round, Step.position"
    )
    invitations: Mapped[list[Invitation]] = relationship(
        back_populates="package", order_by="Invitation.id"
    )

    @property
    def place_unit_id(self) -> int:
        return self.lead_unit_id

    @property
    def steps(self) -> list[Step]:
        """Give the steps of the present round that ask somebody, in order."""
        return [
            step for step in self.all_steps if step.round == self.round and not step.left_out_reason
        ]

    @property
    def left_out_steps(self) -> list[Step]:
        """Give the review steps of the present round that were left out, each with why (O6)."""
        return [
            step for step in self.all_steps if step.round == self.round and step.left_out_reason
        ]

    @property
    def state(self) -> RevisionState:
        """Give the one state all its revisions share."""
        return self.revisions[0].state

    @property
    def lead(self) -> Revision:
        """Give the revision the others go with: the procedure of a procedure and its forms."""
        members = {revision.document_id for revision in self.revisions}
        return next(
            (one for one in self.revisions if one.document.parent_id not in members),
            self.revisions[0],
        )

    @property
    def authors(self) -> list[Person]:
        """Give everybody who wrote any revision of the package (D3)."""
        people: dict[int, Person] = {}
        for revision in self.revisions:
            for person in revision.authors:
                people[person.id] = person
        return list(people.values())

    @property
    def current_step(self) -> Step | None:
        """Give the step that is being answered; None before and after."""
        return next((step for step in self.steps if step.position == self.current_position), None)

    @property
    def returned_step(self) -> Step | None:
        """Give the step that sent it back, while its authors have not submitted it again."""
        if self.state is not RevisionState.DRAFT or self.round == 1:
            return None
        return next(
            (
                step
                for step in self.all_steps
                if step.round == self.round - 1
                and any(one.answer is Answer.RETURN for one in step.decisions)
                and not step.is_satisfied
            ),
            None,
        )

    def content(self, meaning: Meaning) -> dict[str, Any]:
        """Give the manifest one signature is given over: every revision, round and meaning."""
        return {
            "revisions": [revision.content() for revision in self.revisions],
            "round": self.round,
            "meaning": str(meaning),
        }

    def content_sha256(self) -> str:
        """Give the digest of what an approval of the present round is given for (D4)."""
        return hashlib.sha256(canonical(self.content(Meaning.APPROVED))).hexdigest()

    def submit_obstacle(self) -> RuleBroken | None:
        """Say why the package cannot be submitted; None when it can."""
        for revision in self.revisions:
            if revision.state is not RevisionState.DRAFT:
                return RuleBroken(
                    N_("%(code)s is %(state)s already."), code=revision.code, state=revision.state
                )
            if revision.main_file is None:
                return RuleBroken(N_("%(code)s has no file yet. Choose one."), code=revision.code)
            if not revision.authors:
                return RuleBroken(N_("Name who wrote %(code)s."), code=revision.code, rule="D3")
            if revision.effective_on is None:
                return RuleBroken(N_("Give the date it comes into force."), rule="D4")
            if revision.predecessor is not None and not revision.reason.strip():
                return RuleBroken(N_("Say why %(code)s is revised."), code=revision.code)
        if not any(step.kind is StepKind.APPROVAL for step in self.steps):
            return RuleBroken(
                N_("Nobody is named to approve this. Ask the quality officer to set the route."),
                rule="D4",
            )
        for step in self.steps:
            if not step.seats:
                return RuleBroken(
                    N_("A step of the route has nobody who may answer (whoever wrote it may not)."),
                    rule="O6",
                )
            if step.needed > len(step.seats):
                return RuleBroken(
                    N_(
                        "A step of the route needs %(needed)s people and only %(count)s may "
                        "answer. Ask the quality officer to set the route."
                    ),
                    rule="O6",
                    needed=step.needed,
                    count=len(step.seats),
                )
        return None

    def submit(self, submitter: Person, *, at: datetime) -> None:
        """Put the package on its route: files are fixed from now on (D2)."""
        if obstacle := self.submit_obstacle():
            raise obstacle
        self.submitted_by_id = submitter.id
        for revision in self.revisions:
            revision.submit(at=at)
        self._go_to(self.steps[0], at=at)

    def _go_to(self, step: Step | None, *, at: datetime) -> None:
        self.current_position = step.position if step is not None else None
        if step is None:
            state = RevisionState.APPROVED
        elif step.kind is StepKind.REVIEW:
            state = RevisionState.IN_REVIEW
        else:
            state = RevisionState.IN_APPROVAL
        for revision in self.revisions:
            revision.enter(state, at=at)

    def answer_obstacle(self, person: Person, seat: Person | None = None) -> RuleBroken | None:
        """Say why this person (for that seat) cannot answer now; None when they can."""
        seat = seat or person
        step = self.current_step
        if step is None or self.state not in (RevisionState.IN_REVIEW, RevisionState.IN_APPROVAL):
            return RuleBroken(
                N_("This revision is %(state)s; nobody is asked to decide now."), state=self.state
            )
        authors = {author.id for author in self.authors}
        if person.id in authors or seat.id in authors:
            return RuleBroken(
                N_("Whoever wrote a revision neither reviews nor approves it."), rule="D3"
            )
        if seat.id not in {place.person_id for place in step.seats}:
            return RuleBroken(N_("This step waits for somebody else."), rule="D3")
        for decision in step.decisions:
            if decision.decided_by_id == person.id or decision.seat_id == seat.id:
                return RuleBroken(
                    N_("This step was answered by you or for you already."), rule="D3"
                )
        return None

    def answer(
        self,
        person: Person,
        answer: Answer,
        proof: Proof,
        *,
        at: datetime,
        comment: str = "",
        seat: Person | None = None,
        capacity: Capacity = Capacity.OWN,
    ) -> Decision:
        """Add one signed answer; a satisfied step leads to the next, the last one to approval."""
        if obstacle := self.answer_obstacle(person, seat):
            raise obstacle
        step = self.current_step
        if step is None:
            raise RuleBroken(N_("Nobody is asked to decide now."))
        if answer is Answer.RETURN and not comment.strip():
            raise RuleBroken(
                N_("Returning needs a reason: what should the author change?"), rule="D8"
            )
        if answer is not Answer.RETURN:
            answer = Answer.AGREE if step.kind is StepKind.REVIEW else Answer.APPROVE
        decision = Decision(
            step=step,
            body_id=self.body_id,
            round=self.round,
            answer=answer,
            seat_id=(seat or person).id,
            decided_by_id=person.id,
            decided_at=at,
            comment=comment.strip(),
            signature=proof.over(
                {**self.content(step.meaning), "answer": str(answer)},
                body_id=self.body_id,
                meaning=step.meaning,
                at=at,
                capacity=capacity,
                acting_for=seat if seat is not None and seat.id != person.id else None,
            ),
        )
        if answer is Answer.RETURN:
            if not step.can_be_satisfied:
                self._return(at=at)
        elif step.is_satisfied:
            following = [later for later in self.steps if later.position > step.position]
            self._go_to(following[0] if following else None, at=at)
        return decision

    def _return(self, *, at: datetime) -> None:
        """Send the package back to its authors: next round, same revisions."""
        self.current_position = None
        self.round += 1
        for revision in self.revisions:
            revision.enter(RevisionState.DRAFT, at=at)

    def approve_outside(self, *, at: datetime) -> None:
        """Become approved by a confirmed issuance decision made outside the system."""
        if self.state not in (RevisionState.IN_REVIEW, RevisionState.IN_APPROVAL):
            raise RuleBroken(
                N_("%(code)s is %(state)s; an issuance decision covers submitted revisions only."),
                code=self.lead.code,
                state=self.state,
            )
        self.current_position = None
        for revision in self.revisions:
            revision.enter(RevisionState.APPROVED, at=at)

    def is_signed_through(self) -> bool:
        """Say whether every step is satisfied by signatures over the present content (D4)."""
        return bool(self.steps) and all(
            step.is_satisfied
            and all(
                decision.signature.covers(
                    {**self.content(step.meaning), "answer": str(decision.answer)}
                )
                for decision in step.agreeing
            )
            for step in self.steps
        )

    def told(self) -> dict[str, Any]:
        return self.lead.told() if self.revisions else {}


class Step(Record):
    """One step of a package's route in one round, with the people it asks."""

    __tablename__ = "step"
    __table_args__ = (
        sa.UniqueConstraint("package_id", "round", "position"),
        sa.CheckConstraint("need <> 'quorum' OR quorum >= 1", name="quorum_is_a_number"),
    )

    package_id: Mapped[int] = mapped_column(sa.ForeignKey("package.id"))
    round: Mapped[int] = mapped_column(default=1)
    position: Mapped[int]
    kind: Mapped[StepKind]
    need: Mapped[Need] = mapped_column(default=Need.ANY)
    quorum: Mapped[int | None]
    due_on: Mapped[date | None]
    left_out_reason: Mapped[str] = mapped_column(sa.Text(), default="")

    package: Mapped[Package] = relationship(back_populates="all_steps")
    seats: Mapped[list[StepPerson]] = relationship(back_populates="step", order_by="StepPerson.id")
    decisions: Mapped[list[Decision]] = relationship(back_populates="step", order_by="Decision.id")

    @property
    def meaning(self) -> Meaning:
        """Give what an agreeing signature at this step says."""
        return Meaning.REVIEWED if self.kind is StepKind.REVIEW else Meaning.APPROVED

    @property
    def agreeing(self) -> list[Decision]:
        """Give the answers that agree."""
        return [decision for decision in self.decisions if decision.answer is not Answer.RETURN]

    @property
    def needed(self) -> int:
        """Give how many agreeing answers satisfy this step."""
        match self.need:
            case Need.ALL:
                return len(self.seats)
            case Need.ANY:
                return 1
            case Need.QUORUM:
                return self.quorum or 1

    @property
    def is_satisfied(self) -> bool:
        """Say whether enough people agreed."""
        return bool(self.seats) and len(self.agreeing) >= self.needed

    @property
    def can_be_satisfied(self) -> bool:
        """Say whether it can still come to enough agreement after somebody would return it.

        Where a number of people decide, the others may still reach it; else one return ends it.
        """
        returned = len(self.decisions) - len(self.agreeing)
        if self.need is not Need.QUORUM:
            return returned == 0
        return len(self.seats) - returned >= self.needed

    @property
    def waiting(self) -> list[Person]:
        """Give those who have not answered."""
        answered = {decision.seat_id for decision in self.decisions}
        return [seat.person for seat in self.seats if seat.person_id not in answered]


class StepPerson(Record):
    """A seat at a step: who is asked, and why they."""

    __tablename__ = "step_person"
    __table_args__ = (sa.UniqueConstraint("step_id", "person_id"),)

    step_id: Mapped[int] = mapped_column(sa.ForeignKey("step.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[SeatReason] = mapped_column(default=SeatReason.POST)
    role: Mapped[Role | None]  # the post this seat comes with; None: the person themselves

    step: Mapped[Step] = relationship(back_populates="seats")
    person: Mapped[Person] = relationship()


class Decision(Trailed, Record):
    """One person's signed answer at one step in one round; nobody decides twice (D3)."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.UniqueConstraint("step_id", "seat_id"),
        sa.UniqueConstraint("step_id", "decided_by_id"),
        sa.CheckConstraint("answer <> 'return' OR comment <> ''", name="return_has_reason"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("step.id"))
    round: Mapped[int]
    answer: Mapped[Answer]
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    decided_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(sa.Text(), default="")
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))

    step: Mapped[Step] = relationship(back_populates="decisions")
    seat: Mapped[Person] = relationship(foreign_keys=[seat_id])
    decided_by: Mapped[Person] = relationship(foreign_keys=[decided_by_id])
    signature: Mapped[Signature] = relationship()
