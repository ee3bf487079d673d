"""The report of an audit, issued once; what came after it, and what the audited say of the audit.

ISO 9001:2015, 9.2.2 d, f; rule A4; features b33-b35.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.files import NAMES_FILE
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.signatures import Signature
from app.kernel.trail import Trailed
from audits.models.audit import Audit
from audits.models.finding import Finding

QUESTIONS = (
    N_("The audit was announced in time and its plan was clear."),
    N_("The auditors knew our work and what they asked about."),
    N_("They listened and judged fairly, on evidence."),
    N_("It disturbed our work as little as it could."),
    N_("What they found helps us to work better."),
)
SCORES = ("announced", "competent", "fair", "undisturbed", "helpful")
BEST = 5


class AuditReport(Trailed, Record):
    """The one report of an audit: written, signed by its lead, then never changed (A4)."""

    __tablename__ = "audit_report"
    __table_args__ = (
        CheckConstraint(
            "(issued_at IS NULL) = (signature_id IS NULL)"
            " AND (issued_at IS NULL) = (docx_sha256 IS NULL)",
            name="issue_is_whole",
        ),
        CheckConstraint(
            "registered_at IS NULL OR (issued_at IS NOT NULL AND registry_number <> ''"
            " AND registered_on IS NOT NULL)",
            name="registration_is_whole",
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"), unique=True)
    conclusions: Mapped[str] = mapped_column(sa.Text(), default="")
    comparison: Mapped[str] = mapped_column(sa.Text(), default="")
    causes: Mapped[str] = mapped_column(sa.Text(), default="")
    demands: Mapped[str] = mapped_column(sa.Text(), default="")
    due_on: Mapped[date | None]
    begun_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    begun_on: Mapped[date]
    issued_at: Mapped[datetime | None]
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    docx_sha256: Mapped[str | None] = mapped_column(sa.String(64), info={NAMES_FILE: True})
    registry_number: Mapped[str] = mapped_column(sa.String(80), default="")
    registered_on: Mapped[date | None]
    registered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    registered_at: Mapped[datetime | None]
    signed_sha256: Mapped[str | None] = mapped_column(sa.String(64), info={NAMES_FILE: True})
    signed_file_name: Mapped[str] = mapped_column(sa.String(250), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    audit: Mapped[Audit] = relationship(back_populates="written_report")
    begun_by: Mapped[Person] = relationship(foreign_keys=[begun_by_id])
    registered_by: Mapped[Person | None] = relationship(foreign_keys=[registered_by_id])
    signature: Mapped[Signature | None] = relationship()
    receipts: Mapped[list[ReportReceipt]] = relationship(
        back_populates="report", order_by="ReportReceipt.id"
    )
    amendments: Mapped[list[ReportAmendment]] = relationship(
        back_populates="report", order_by="ReportAmendment.serial"
    )

    @property
    def is_issued(self) -> bool:
        """Say whether it was signed and given out."""
        return self.issued_at is not None

    def write_obstacle(self) -> RuleBroken | None:
        """Say why its words cannot change; None until it is issued."""
        if self.is_issued:
            return RuleBroken(
                N_("The report of %(number)s is issued: amend it, with the reason."),
                rule="A4",
                number=self.audit.number,
            )
        return None

    def issue(self, signature: Signature, docx_sha256: str, *, at: datetime) -> None:
        """Be signed by the lead; the sheet that was signed is kept as it was printed."""
        if obstacle := self.write_obstacle():
            raise obstacle
        self.signature, self.signature_id = signature, signature.id
        self.docx_sha256, self.issued_at = docx_sha256, at

    def after_obstacle(self) -> RuleBroken | None:
        """Say why nothing can follow yet; None once it is issued."""
        if self.is_issued:
            return None
        return RuleBroken(N_("The report is not issued yet."))

    def register_obstacle(self) -> RuleBroken | None:
        """Say why number and day cannot be added; they are, once, after issue."""
        if obstacle := self.after_obstacle():
            return obstacle
        if self.registered_at is None:
            return None
        return RuleBroken(
            N_("The report has its number already: %(given)s."), rule="A4",
            given=self.registry_number,
        )  # fmt: skip

    def register(self, number: str, on: date, person: Person, *, at: datetime) -> None:
        """Take number and day of the registry, once."""
        if obstacle := self.register_obstacle():
            raise obstacle
        self.registry_number, self.registered_on = number, on
        self.registered_by, self.registered_by_id, self.registered_at = person, person.id, at

    def take_signed_copy(self, sha256: str, name: str) -> None:
        """Keep the copy that was signed on paper, once."""
        if obstacle := self.after_obstacle():
            raise obstacle
        if self.signed_sha256 is not None:
            raise RuleBroken(N_("The signed copy is kept already."), rule="A4")
        self.signed_sha256, self.signed_file_name = sha256, name[:250]

    def told(self) -> dict[str, Any]:
        return {"number": self.audit.number}


class ReportReceipt(Trailed, Record):
    """A unit's word that it received the report, or that it refuses; blocks nothing (A9)."""

    __tablename__ = "report_receipt"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "unit_id"),
        CheckConstraint("NOT is_refused OR reason <> ''", name="refusal_has_reason"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_report.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    is_refused: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.Text(), default="")
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    acting_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    report: Mapped[AuditReport] = relationship(back_populates="receipts")
    unit: Mapped[Unit] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    acting_for: Mapped[Person | None] = relationship(foreign_keys=[acting_for_id])

    def told(self) -> dict[str, Any]:
        return {"number": self.report.audit.number, "unit": self.unit.name}


class ReportAmendment(Trailed, Record):
    """What is different from the issued report, and why; the report itself stays (A4)."""

    __tablename__ = "report_amendment"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "serial"),
        CheckConstraint("reason <> '' AND text <> ''", name="says_what_and_why"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_report.id"))
    serial: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text())
    text: Mapped[str] = mapped_column(sa.Text())
    finding_id: Mapped[int | None] = mapped_column(sa.ForeignKey("finding.id"), index=True)
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    made_at: Mapped[datetime]

    report: Mapped[AuditReport] = relationship(back_populates="amendments")
    finding: Mapped[Finding | None] = relationship()
    signature: Mapped[Signature] = relationship()

    def told(self) -> dict[str, Any]:
        return {"number": self.report.audit.number, "serial": self.serial}


class AuditRating(Trailed, Record):
    """How somebody of an audited unit found the audit: read as averages, never by name."""

    __tablename__ = "audit_rating"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "person_id"),
        CheckConstraint(
            "announced BETWEEN 1 AND 5 AND competent BETWEEN 1 AND 5 AND fair BETWEEN 1 AND 5"
            " AND undisturbed BETWEEN 1 AND 5 AND helpful BETWEEN 1 AND 5",
            name="scores_in_range",
        ),
    )
    untold = frozenset({*SCORES, "comment"})  # who reads the trail would know who gave them

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    announced: Mapped[int]
    competent: Mapped[int]
    fair: Mapped[int]
    undisturbed: Mapped[int]
    helpful: Mapped[int]
    comment: Mapped[str] = mapped_column(sa.Text(), default="")
    rated_on: Mapped[date]

    audit: Mapped[Audit] = relationship()

    def told(self) -> dict[str, Any]:
        return {"number": self.audit.number}
