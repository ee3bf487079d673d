"""The plan of one audit: agenda, what to read, answers of the units, meetings (b11-b15, b33)."""

from __future__ import annotations

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
from app.kernel.signatures import Signature
from app.kernel.trail import Trailed
from audits.models.audit import Audit
from audits.models.auditor import Auditor
from documents.models import Document, Revision


class AgendaItem(Record):
    """A line of the agenda: when, where, what, and by whom it is audited."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        sa.Index("ix_agenda_item_in_order", "audit_id", "held_on", "begins"),
        CheckConstraint("ends > begins", name="hours_in_order"),
    )

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    held_on: Mapped[date]
    begins: Mapped[str] = mapped_column(sa.String(5))  # 08:30, on the wall clock of the body
    ends: Mapped[str] = mapped_column(sa.String(5))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    subject: Mapped[str] = mapped_column(sa.Text(), default="")
    met: Mapped[str] = mapped_column(sa.String(300), default="")

    audit: Mapped[Audit] = relationship(back_populates="agenda")
    unit: Mapped[Unit | None] = relationship()
    auditors: Mapped[list[AgendaAuditor]] = relationship(
        back_populates="item", order_by="AgendaAuditor.id", cascade="all, delete-orphan"
    )

    @property
    def auditor_ids(self) -> frozenset[int]:
        """Give who audits then."""
        return frozenset(one.auditor_id for one in self.auditors)

    @property
    def hours(self) -> str:
        """Give its hours as one reads them."""
        return f"{self.begins} – {self.ends}"


class AgendaAuditor(Record):
    """Somebody of the team at a line of the agenda."""

    __tablename__ = "agenda_auditor"
    __table_args__ = (sa.UniqueConstraint("item_id", "auditor_id"),)

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("agenda_item.id"))
    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"), index=True)

    item: Mapped[AgendaItem] = relationship(back_populates="auditors")
    auditor: Mapped[Auditor] = relationship()


class AuditDocument(Record):
    """A document the team reads besides the procedures that are audited."""

    __tablename__ = "audit_document"
    __table_args__ = (sa.UniqueConstraint("audit_id", "document_id"),)

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)

    audit: Mapped[Audit] = relationship(back_populates="documents")
    document: Mapped[Document] = relationship()


class AuditReading(Record):
    """Somebody of the team read one revision for the audit."""

    __tablename__ = "audit_reading"
    __table_args__ = (sa.UniqueConstraint("audit_id", "revision_id", "person_id"),)

    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    read_at: Mapped[datetime]

    audit: Mapped[Audit] = relationship(back_populates="readings")
    revision: Mapped[Revision] = relationship()
    person: Mapped[Person] = relationship()


class UnitAnswer(Trailed, Record):
    """What a unit answers to the plan it was told: agreed, or what does not suit; the reply."""

    __tablename__ = "unit_answer"
    __table_args__ = (
        sa.Index("ix_unit_answer_in_order", "audit_id", "unit_id", "id"),
        CheckConstraint("is_confirmed OR words <> ''", name="objection_has_words"),
        CheckConstraint("(replied_at IS NULL) = (reply = '')", name="reply_is_whole"),
    )
    untold = frozenset({"words", "reply"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    edition: Mapped[int]  # of the plan, as it was told
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime]
    is_confirmed: Mapped[bool]
    unsuited_on: Mapped[date | None]
    words: Mapped[str] = mapped_column(sa.String(1000), default="")
    reply: Mapped[str] = mapped_column(sa.String(1000), default="")
    replied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    replied_at: Mapped[datetime | None]

    audit: Mapped[Audit] = relationship(back_populates="answers")
    unit: Mapped[Unit] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    replied_by: Mapped[Person | None] = relationship(foreign_keys=[replied_by_id])

    @property
    def is_open(self) -> bool:
        """Say whether the lead still owes a reply."""
        return not self.is_confirmed and self.replied_at is None

    def give_reply(self, person: Person, words: str, *, at: datetime) -> None:
        """Take the lead's reply to an objection, once."""
        if not self.is_open:
            raise RuleBroken(N_("This waits for no reply."))
        self.reply, self.replied_by_id, self.replied_at = words, person.id, at

    def told(self) -> dict[str, Any]:
        return {"number": self.audit.number, "unit": self.unit.name}


class MeetingKind(Coded):
    """The two meetings an audit has with its units."""

    OPENING = "opening", N_("Opening meeting")
    CLOSING = "closing", N_("Closing meeting")


class MeetingSide(Coded):
    """For whom somebody signs the minutes."""

    TEAM = "team", N_("For the audit team")
    UNIT = "unit", N_("For the audited unit")


class AuditMeeting(Trailed, Record):
    """The opening or closing meeting; once somebody signed its minutes they never change (b26)."""

    __tablename__ = "audit_meeting"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "kind"),
        CheckConstraint("ends = '' OR ends > begins", name="hours_in_order"),
    )
    untold = frozenset({"place", "chair", "secretary", "notes", "opinion"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    kind: Mapped[MeetingKind]
    held_on: Mapped[date]
    begins: Mapped[str] = mapped_column(sa.String(5))
    ends: Mapped[str] = mapped_column(sa.String(5), default="")
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    chair: Mapped[str] = mapped_column(sa.String(200), default="")
    secretary: Mapped[str] = mapped_column(sa.String(200), default="")
    notes: Mapped[str] = mapped_column(sa.Text(), default="")
    opinion: Mapped[str] = mapped_column(sa.Text(), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    audit: Mapped[Audit] = relationship(back_populates="meetings")
    present: Mapped[list[MeetingAttendance]] = relationship(
        back_populates="meeting", order_by="MeetingAttendance.id", cascade="all, delete-orphan"
    )
    signatures: Mapped[list[MeetingSignature]] = relationship(
        back_populates="meeting", order_by="MeetingSignature.id"
    )

    def change_obstacle(self) -> RuleBroken | None:
        """Say why its minutes cannot change; None until somebody signed them."""
        if not self.signatures:
            return None
        return RuleBroken(N_("These minutes are signed and stay as they are."))

    def sign_obstacle(self, person: Person) -> RuleBroken | None:
        """Say why somebody cannot sign the minutes; None when they can."""
        if not self.notes.strip() or not self.present:
            return RuleBroken(N_("Write down who was present and what was said first."))
        if any(one.person_id == person.id for one in self.signatures):
            return RuleBroken(N_("You signed these minutes already."))
        return None

    def content(self) -> dict[str, Any]:
        """Give what is signed."""
        return {
            "audit": self.audit.number,
            "meeting": str(self.kind),
            "on": self.held_on.isoformat(),
            "hours": [self.begins, self.ends],
            "place": self.place,
            "chair": self.chair,
            "secretary": self.secretary,
            "present": [[one.name, one.post] for one in self.present],
            "notes": self.notes,
            "opinion": self.opinion,
        }

    def told(self) -> dict[str, Any]:
        return {"number": self.audit.number}


class MeetingAttendance(Record):
    """Who was present, by account or by name and post."""

    __tablename__ = "meeting_attendance"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_meeting.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    post: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[AuditMeeting] = relationship(back_populates="present")


class MeetingSignature(Trailed, Record):
    """Somebody's signature under the minutes, for the team or for the unit."""

    __tablename__ = "meeting_signature"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "person_id"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_meeting.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    side: Mapped[MeetingSide]
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))

    meeting: Mapped[AuditMeeting] = relationship(back_populates="signatures")
    person: Mapped[Person] = relationship()
    signature: Mapped[Signature] = relationship()

    def told(self) -> dict[str, Any]:
        return {"number": self.meeting.audit.number}


class CalendarFeed(Trailed, Record):
    """The secret address of somebody's audits; only its digest is kept (b15)."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        sa.Index(
            "ix_calendar_feed_one",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    untold = frozenset({"token_digest"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def told(self) -> dict[str, Any]:
        return {}
