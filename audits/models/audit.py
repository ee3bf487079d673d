"""One audit, from its place in the programme to its closing; its team (9.2.2; b5-b13, b36)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.trail import Trailed
from audits.models.auditor import Auditor
from audits.models.criteria import Clause
from audits.models.programme import Programme
from documents.models import Document

if TYPE_CHECKING:
    from audits.models.finding import Finding
    from audits.models.plan import (
        AgendaItem,
        AuditDocument,
        AuditMeeting,
        AuditReading,
        UnitAnswer,
    )
    from audits.models.report import AuditReport


class AuditKind(Coded):
    """Why there is such an audit."""

    PLANNED = "planned", N_("By the programme")
    UNSCHEDULED = "unscheduled", N_("Unscheduled")
    FOLLOW_UP = "follow_up", N_("Follow-up")
    SELF_ASSESSMENT = "self_assessment", N_("Self-assessment")
    EXTERNAL = "external", N_("By others")


class AuditMethod(Coded):
    """How it is done."""

    ON_SITE = "on_site", N_("On site")
    REMOTE = "remote", N_("Remote")
    MIXED = "mixed", N_("On site and remote")


class AuditState(Coded):
    """Where an audit stands."""

    PLANNED = "planned", N_("Planned")
    ANNOUNCED = "announced", N_("Announced")
    UNDER_WAY = "under_way", N_("Under way")
    REPORTING = "reporting", N_("Report being written")
    REPORTED = "reported", N_("Report issued")
    CLOSED = "closed", N_("Closed")
    POSTPONED = "postponed", N_("Postponed")
    CANCELLED = "cancelled", N_("Called off")


class TeamPart(Coded):
    """What somebody does in a team."""

    LEAD = "lead", N_("Lead auditor")
    AUDITOR = "auditor", N_("Auditor")
    TRAINEE = "trainee", N_("Trainee auditor")
    EXPERT = "expert", N_("Technical expert")
    OBSERVER = "observer", N_("Observer")


OVER = (AuditState.CLOSED, AuditState.CANCELLED)
MOVABLE = (AuditState.PLANNED, AuditState.ANNOUNCED, AuditState.POSTPONED)
BINDING = (AuditState.PLANNED, AuditState.ANNOUNCED, AuditState.UNDER_WAY)  # its days are taken
DONE = (AuditState.UNDER_WAY, AuditState.REPORTING, AuditState.REPORTED, AuditState.CLOSED)


class Audit(Trailed, Record):
    """One audit of one unit or several; numbered per body and year."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number"),
        sa.Index("ix_audit_by_day", "body_id", "window_from", "id"),
        CheckConstraint("window_until >= window_from", name="window_in_order"),
        CheckConstraint("until_on >= from_on", name="dates_in_order"),
        CheckConstraint("(from_on IS NULL) = (until_on IS NULL)", name="dates_are_whole"),
        CheckConstraint(
            "state NOT IN ('postponed', 'cancelled') OR state_reason <> ''", name="stop_has_reason"
        ),
        CheckConstraint("kind <> 'unscheduled' OR reason <> ''", name="unscheduled_has_reason"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id"), index=True)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[AuditKind] = mapped_column(default=AuditKind.PLANNED)
    method: Mapped[AuditMethod] = mapped_column(default=AuditMethod.ON_SITE)
    remote_address: Mapped[str] = mapped_column(sa.String(300), default="")
    state: Mapped[AuditState] = mapped_column(default=AuditState.PLANNED)
    reason: Mapped[str] = mapped_column(sa.Text(), default="")
    objective: Mapped[str] = mapped_column(sa.Text(), default="")
    window_from: Mapped[date]
    window_until: Mapped[date]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    state_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    announced_at: Mapped[datetime | None]
    told_edition: Mapped[int] = mapped_column(default=0)  # how often the plan was told anew
    began_at: Mapped[datetime | None]
    fieldwork_ended_at: Mapped[datetime | None]
    report_number: Mapped[str] = mapped_column(sa.String(80), default="")
    reported_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    planned_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    planned_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    programme: Mapped[Programme] = relationship(back_populates="audits")
    planned_by: Mapped[Person] = relationship()
    units: Mapped[list[AuditUnit]] = relationship(
        back_populates="audit", order_by="AuditUnit.id", cascade="all, delete-orphan"
    )
    clauses: Mapped[list[AuditClause]] = relationship(
        back_populates="audit", order_by="AuditClause.clause_id", cascade="all, delete-orphan"
    )
    procedures: Mapped[list[AuditProcedure]] = relationship(
        back_populates="audit", order_by="AuditProcedure.id", cascade="all, delete-orphan"
    )
    members: Mapped[list[TeamMember]] = relationship(
        back_populates="audit", order_by="TeamMember.id"
    )
    moves: Mapped[list[AuditMove]] = relationship(back_populates="audit", order_by="AuditMove.id")
    findings: Mapped[list[Finding]] = relationship(
        back_populates="audit", order_by="Finding.serial"
    )
    written_report: Mapped[AuditReport | None] = relationship(back_populates="audit")

    agenda: Mapped[list[AgendaItem]] = relationship(
        back_populates="audit",
        order_by="(AgendaItem.held_on, AgendaItem.begins, AgendaItem.id)",
        cascade="all, delete-orphan",
    )
    documents: Mapped[list[AuditDocument]] = relationship(
        back_populates="audit", order_by="AuditDocument.id", cascade="all, delete-orphan"
    )
    readings: Mapped[list[AuditReading]] = relationship(
        back_populates="audit", order_by="AuditReading.id"
    )
    answers: Mapped[list[UnitAnswer]] = relationship(
        back_populates="audit", order_by="UnitAnswer.id"
    )
    meetings: Mapped[list[AuditMeeting]] = relationship(
        back_populates="audit", order_by="(AuditMeeting.held_on, AuditMeeting.begins)"
    )

    @property
    def team(self) -> list[TeamMember]:
        """Give who is in the team now, the lead first."""
        parts = list(TeamPart)
        present = [one for one in self.members if one.left_at is None]
        return sorted(present, key=lambda one: (parts.index(one.part), one.id))

    @property
    def lead(self) -> TeamMember | None:
        """Give who leads the team now."""
        return next((one for one in self.team if one.part is TeamPart.LEAD), None)

    @property
    def first_on(self) -> date:
        """Give the day by which it is placed: its first day, or that of its window."""
        return self.from_on or self.window_from

    @property
    def last_on(self) -> date:
        """Give its last day, or that of its window."""
        return self.until_on or self.window_until

    @property
    def counts(self) -> bool:
        """Say whether it takes place, as far as is known."""
        return self.state is not AuditState.CANCELLED

    @property
    def is_over(self) -> bool:
        """Say whether it has come to its end."""
        return self.state in OVER

    @property
    def is_reported(self) -> bool:
        """Say whether its report is given out: nothing in it changes then (A4)."""
        return self.state in (AuditState.REPORTED, AuditState.CLOSED)

    @property
    def unit_names(self) -> str:
        """Give the names of the units, as one reads them."""
        return ", ".join(one.unit.name for one in self.units)

    def _obstacle(self, *states: AuditState) -> RuleBroken | None:
        if self.state in states:
            return None
        return RuleBroken(
            N_("%(number)s cannot do that now: %(state)s."), number=self.number, state=self.state
        )

    def move_obstacle(self) -> RuleBroken | None:
        """Say why its days cannot change; None until it has begun."""
        return self._obstacle(*MOVABLE)

    def place(self, window: tuple[date, date], days: tuple[date, date] | None) -> None:
        """Put it into a window, on days where they are known; a postponed one is planned again."""
        if obstacle := self.move_obstacle():
            raise obstacle
        before = self._stood_on()
        self.window_from, self.window_until = window
        self.from_on, self.until_on = days or (None, None)
        if before is not None:
            self._take_along(self.first_on - before)
        if self.state is AuditState.POSTPONED:
            self.state, self.state_reason = AuditState.PLANNED, ""

    def _stood_on(self) -> date | None:
        """Give the first day it had last, also before it was postponed."""
        lost = [one.old_from for one in self.moves if one.new_from is None]
        if self.state is AuditState.POSTPONED and lost:
            return lost[-1]
        return self.from_on or self.window_from

    def _take_along(self, by: timedelta) -> None:
        """Move agenda and meetings that are to come with the days."""
        for item in self.agenda:
            item.held_on += by
        for meeting in self.meetings:
            if not meeting.signatures:
                meeting.held_on += by

    @property
    def broken_agenda(self) -> list[AgendaItem]:
        """Give the lines that hold no more: outside its days, or of somebody who left."""
        team = {one.auditor_id for one in self.team}
        return [
            one
            for one in self.agenda
            if not self.is_own_day(one.held_on) or not one.auditor_ids <= team
        ]

    def is_own_day(self, day: date) -> bool:
        """Say whether it is one of its days."""
        return self.first_on <= day <= self.last_on

    def scope_obstacle(self) -> RuleBroken | None:
        """Say why its units cannot change; None until it was announced to them."""
        if self.announced_at is not None and self.state in MOVABLE:
            return RuleBroken(
                N_("%(number)s is announced: its units stay. Call it off and plan another."),
                number=self.number,
            )
        return self._obstacle(AuditState.PLANNED, AuditState.POSTPONED)

    def plan_obstacle(self) -> RuleBroken | None:
        """Say why its plan cannot change; None until fieldwork has ended."""
        return self._obstacle(*MOVABLE, AuditState.UNDER_WAY)

    def meeting_obstacle(self) -> RuleBroken | None:
        """Say why nothing can be said of its meetings; None until it has come to its end."""
        return self._obstacle(*(state for state in AuditState if state not in OVER))

    def tell_anew(self) -> bool:
        """Count one more edition of the plan where it was announced; say whether it was."""
        if self.announced_at is None:
            return False
        self.told_edition += 1
        return True

    def team_obstacle(self) -> RuleBroken | None:
        """Say why its team cannot change; None until the report is written."""
        return self._obstacle(*MOVABLE, AuditState.UNDER_WAY)

    def join_obstacle(self, auditor: Auditor, part: TeamPart) -> RuleBroken | None:
        """Say why somebody cannot take a part in the team, but for independence and days."""
        if obstacle := self.team_obstacle():
            return obstacle
        if any(one.auditor_id == auditor.id for one in self.team):
            return RuleBroken(
                N_("%(name)s is in the team of %(number)s already."),
                name=auditor.shown_name,
                number=self.number,
            )
        if part is TeamPart.LEAD and self.lead is not None:
            return RuleBroken(
                N_("%(name)s leads %(number)s. Take them out of the team first."),
                name=self.lead.auditor.shown_name,
                number=self.number,
            )
        if part is TeamPart.LEAD and not auditor.may_lead:
            return RuleBroken(
                N_("%(name)s may not lead a team. Choose somebody who may."),
                name=auditor.shown_name,
            )
        return None

    def announce_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be announced; None when it can."""
        if obstacle := self._obstacle(AuditState.PLANNED):
            return obstacle
        if self.from_on is None:
            return RuleBroken(N_("Give its days first."))
        if self.lead is None:
            return RuleBroken(N_("Nobody leads the team yet."))
        if self.method is not AuditMethod.ON_SITE and not self.remote_address:
            return RuleBroken(N_("Say where people meet who take part from afar."))
        if self.broken_agenda:
            return RuleBroken(
                N_("A line of the agenda lies outside its days, or names who left the team.")
            )
        return None

    def announce(self, *, at: datetime) -> None:
        """Tell the units that it comes."""
        if obstacle := self.announce_obstacle():
            raise obstacle
        self.state, self.announced_at = AuditState.ANNOUNCED, at
        self.told_edition += 1

    def begin_obstacle(self, on: date) -> RuleBroken | None:
        """Say why fieldwork cannot begin; an unscheduled audit needs no announcement."""
        ready = [AuditState.ANNOUNCED]
        if self.kind is AuditKind.UNSCHEDULED:
            ready.append(AuditState.PLANNED)
        if self.state is AuditState.PLANNED and AuditState.PLANNED not in ready:
            return RuleBroken(N_("Announce it to the units first."))
        if obstacle := self._obstacle(*ready):
            return obstacle
        if self.lead is None:
            return RuleBroken(N_("Nobody leads the team yet."))
        if self.first_on > on:
            return RuleBroken(N_("It begins on %(day)s; move it first."), day=self.first_on)
        return None

    def begin(self, *, at: datetime, on: date) -> None:
        """Begin the fieldwork."""
        if obstacle := self.begin_obstacle(on):
            raise obstacle
        self.state, self.began_at = AuditState.UNDER_WAY, at

    def end_obstacle(self) -> RuleBroken | None:
        """Say why fieldwork cannot end; None while it is under way."""
        if self.state in (AuditState.PLANNED, AuditState.ANNOUNCED, AuditState.POSTPONED):
            return RuleBroken(N_("The fieldwork has not begun."))
        return self._obstacle(AuditState.UNDER_WAY)

    def end_fieldwork(self, *, at: datetime) -> None:
        """End the fieldwork: the report is written."""
        if obstacle := self.end_obstacle():
            raise obstacle
        self.state, self.fieldwork_ended_at = AuditState.REPORTING, at

    def reopen_obstacle(self) -> RuleBroken | None:
        """Say why fieldwork cannot be taken up again; None until the report is issued."""
        return self._obstacle(AuditState.REPORTING)

    def reopen(self) -> None:
        """Take the fieldwork up again, before the report is issued."""
        if obstacle := self.reopen_obstacle():
            raise obstacle
        self.state, self.fieldwork_ended_at = AuditState.UNDER_WAY, None

    def record_obstacle(self) -> RuleBroken | None:
        """Say why nothing can be recorded; None while the fieldwork is under way."""
        if self.state in MOVABLE:
            return RuleBroken(N_("The fieldwork of %(number)s has not begun."), number=self.number)
        if self.state is not AuditState.UNDER_WAY:
            return RuleBroken(
                N_(
                    "The fieldwork of %(number)s has ended, so nothing more is recorded. What you "
                    "wrote is kept as a draft; ask the lead auditor to take the fieldwork up again."
                ),
                number=self.number,
            )
        return None

    def report_obstacle(self) -> RuleBroken | None:
        """Say why no report can be issued; None when fieldwork has ended."""
        if self.state not in (*OVER, AuditState.REPORTING, AuditState.REPORTED):
            return RuleBroken(N_("The fieldwork has not ended."))
        return self._obstacle(AuditState.REPORTING)

    def report(self, on: date) -> None:
        """Have its report issued; before reports were written here a number came with it."""
        if obstacle := self.report_obstacle():
            raise obstacle
        self.reported_on, self.state = on, AuditState.REPORTED

    def close_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be closed; None once it is reported and everything decided (A9)."""
        if self.state not in (*OVER, AuditState.REPORTED):
            return RuleBroken(N_("The report is not issued yet."))
        if obstacle := self._obstacle(AuditState.REPORTED):
            return obstacle
        waiting = [one.number for one in self.findings if not one.has_decision]
        if waiting:
            return RuleBroken(
                N_("Nobody has decided on %(numbers)s yet."),
                rule="A9",
                numbers=", ".join(waiting[:5]) + ("…" if len(waiting) > 5 else ""),
            )
        return None

    def close(self, *, at: datetime) -> None:
        """Come to its end."""
        if obstacle := self.close_obstacle():
            raise obstacle
        self.state, self.closed_at = AuditState.CLOSED, at

    def postpone(self, reason: str) -> None:
        """Wait for other days; it loses those it had."""
        if obstacle := self._obstacle(AuditState.PLANNED, AuditState.ANNOUNCED):
            raise obstacle
        self.state, self.state_reason = AuditState.POSTPONED, reason
        self.from_on = self.until_on = None

    def cancel(self, reason: str) -> None:
        """Be called off; it stays in the programme with the reason."""
        if obstacle := self._obstacle(*MOVABLE):
            raise obstacle
        self.state, self.state_reason = AuditState.CANCELLED, reason

    def told(self) -> dict[str, Any]:
        return {"number": self.number}


class AuditUnit(Record):
    """A unit that is audited; several make one combined visit (A6)."""

    __tablename__ = "audit_unit"
    __table_args__ = (sa.UniqueConstraint("audit_id", "unit_id"),)

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)

    audit: Mapped[Audit] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class AuditClause(Record):
    """A clause that is audited."""

    __tablename__ = "audit_clause"
    __table_args__ = (sa.UniqueConstraint("audit_id", "clause_id"),)

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    clause_id: Mapped[int] = mapped_column(sa.ForeignKey("clause.id"), index=True)

    audit: Mapped[Audit] = relationship(back_populates="clauses")
    clause: Mapped[Clause] = relationship()


class AuditProcedure(Record):
    """A procedure the audit looks at: a process of the unit."""

    __tablename__ = "audit_procedure"
    __table_args__ = (sa.UniqueConstraint("audit_id", "document_id"),)

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)

    audit: Mapped[Audit] = relationship(back_populates="procedures")
    document: Mapped[Document] = relationship()


class TeamMember(Trailed, Record):
    """Somebody's part in the team of an audit; who left stays with the reason."""

    __tablename__ = "team_member"
    __table_args__ = (
        sa.Index(
            "ix_team_member_present",
            "audit_id",
            "auditor_id",
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        ),
        sa.Index(
            "ix_team_member_one_lead",
            "audit_id",
            unique=True,
            sqlite_where=sa.text("left_at IS NULL AND part = 'lead'"),
            postgresql_where=sa.text("left_at IS NULL AND part = 'lead'"),
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"), index=True)
    part: Mapped[TeamPart]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_reason: Mapped[str] = mapped_column(sa.String(500), default="")

    audit: Mapped[Audit] = relationship(back_populates="members")
    auditor: Mapped[Auditor] = relationship()

    def leave(self, reason: str, *, at: datetime) -> None:
        """Be in the team no more."""
        if self.left_at is not None:
            raise RuleBroken(N_("They left this team already."))
        self.left_at, self.left_reason = at, reason[:500]

    def told(self) -> dict[str, Any]:
        return {"number": self.audit.number, "auditor": self.auditor.number}


class AuditMove(Record):
    """How an audit's days changed, by whom and why: the history the programme shows (b13)."""

    __tablename__ = "audit_move"

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"), index=True)
    old_from: Mapped[date]
    old_until: Mapped[date]
    new_from: Mapped[date | None]  # none: postponed
    new_until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.Text(), default="")
    moved_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    moved_at: Mapped[datetime]

    audit: Mapped[Audit] = relationship(back_populates="moves")
    moved_by: Mapped[Person] = relationship()
