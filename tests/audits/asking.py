"""An office whose audit has a checklist made from a real procedure, for tests of asking."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.people import Person, Role
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from audits.checklists.answering import AnswerData, record_answer, save_draft
from audits.checklists.field import Fieldwork, fieldwork_of
from audits.checklists.generating import Sources
from audits.checklists.preparing import make_checklist, make_ready
from audits.models import (
    Answer,
    AnswerDraft,
    Audit,
    AuditState,
    Checklist,
    Grade,
    Question,
    TeamPart,
)
from audits.planned_audit import begin_audit
from documents.content.blocks import READER, Block, Cell, Proposal, Reading, to_json
from documents.drafting import DraftData, begin_revision, bring_file, change_draft
from documents.models import Document, Revision
from documents.storing import BroughtFile
from tests.audits.world import Auditing
from tests.builders import MONDAY, TODAY, a_person, answered, submitted

STEPS = (
    ("1", "Tiếp nhận hồ sơ", "Công chức một cửa", "Trong ngày"),
    ("2", "Thẩm định hồ sơ", "Chuyên viên tư pháp", "02 ngày"),
    ("3", "Ký duyệt", "Lãnh đạo", "01 ngày"),
)


def a_reading(steps: Sequence[Sequence[str]] = STEPS, said: str = "Trả đúng hẹn.") -> Reading:
    """Give what is read from a procedure: purpose, steps in a table, one section, its forms."""
    head = ("TT", "Trình tự", "Trách nhiệm", "Thời gian")

    def row(cells: Sequence[str]) -> tuple[Cell, ...]:
        return tuple(Cell(text) for text in cells)

    return Reading(
        reader=READER,
        blocks=(
            Block("heading", "Mục đích", 1, "1"),
            Block("paragraph", "Quy định cách làm."),
            Block("heading", "Quy trình xử lý", 1, "5"),
            Block("table", rows=(row(head), *(row(step) for step in steps))),
            Block("heading", "Trả kết quả", 1, "6"),
            Block("paragraph", said),
            Block("heading", "Biểu mẫu", 1, "7"),
            Block("table", rows=(row(("TT", "Mã biểu mẫu")), row(("1", "BM-01")))),
        ),
        proposal=Proposal(),
        words=40,
    )


def brought(reading: Reading) -> BroughtFile:
    """Put a file with that reading into the store."""
    text = to_json(reading)
    return BroughtFile(
        sha256=installation().store.put(text.encode()),
        name="QT.docx",
        size=len(text),
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        reader=READER,
        reading=text,
    )


class Asking(Auditing):
    """The body that audits itself, with a procedure in force and an audit of the unit it is of."""

    def __init__(self) -> None:
        super().__init__()
        self.procedure = self.document("Đăng ký khai sinh")
        self.revision = self.in_force(self.procedure, a_reading())
        self.of_year = self.programme()

    def in_force(self, document: Document, reading: Reading) -> Revision:
        """Take a revision with these words into force."""
        with unit_of_work(self.author, now=MONDAY) as work:
            revision = begin_revision(work, document, authors=[self.author])
        with unit_of_work(self.author, now=MONDAY) as work:
            bring_file(work, revision, brought(reading))
            revision = work.fresh(revision)
            change_draft(
                work,
                revision,
                DraftData(
                    title=document.title,
                    code="",
                    edition=revision.edition,
                    amendment=revision.amendment,
                    reason="Cập nhật",
                    change_summary="",
                    effective_on=TODAY,
                    authors=(self.author,),
                ),
            )
        submitted(revision, self.author)
        for person in (self.manager, self.officer, self.leader):
            answered(revision, person)
        return revision

    def announced(self, *units: object) -> Audit:
        """Plan an audit with a lead and an auditor, and announce it."""
        audit = self.audit(self.of_year, *units)
        self.joins(audit, self.lead)
        third = self.auditor(a_person(self.culture, Role.STAFF, name="Cù Huy Hà"))
        self.joins(audit, third, TeamPart.AUDITOR)
        self.other_person = third.person
        return self.taken_to(audit, AuditState.ANNOUNCED)

    def checklist(self, audit: Audit, sources: Sources | None = None) -> Checklist:
        """Make its checklist."""
        with unit_of_work(self.lead_person, now=MONDAY) as work:
            return make_checklist(work, work.fresh(audit), sources or Sources())

    def under_way(self) -> tuple[Audit, Checklist]:
        """Give an audit whose fieldwork has begun, with its checklist ready."""
        audit = self.announced()
        made = self.checklist(audit)
        with unit_of_work(self.lead_person, now=MONDAY) as work:
            make_ready(work, work.fresh(made))
        self.begins(audit)
        return audit, made

    def begins(self, audit: Audit) -> None:
        """Begin the fieldwork of an announced audit."""
        with unit_of_work(self.lead_person, now=MONDAY) as work:
            begin_audit(work, work.fresh(audit))

    def drafts(self, question: Question, person: Person, **said: object) -> AnswerDraft:
        """Let somebody type."""
        with unit_of_work(person, now=MONDAY) as work:
            return save_draft(work, work.fresh(question), AnswerData(**said))  # type: ignore[arg-type]

    def answers(
        self, question: Question, person: Person, grade: Grade | None, **said: object
    ) -> Answer | None:
        """Let somebody answer and leave the question."""
        with unit_of_work(person, now=MONDAY) as work:
            data = AnswerData(grade=grade, **said)  # type: ignore[arg-type]
            return record_answer(work, work.fresh(question), data)

    def fieldwork(self, audit: Audit, person: Person) -> Fieldwork:
        """Give what somebody works on."""
        standing = standing_of(db.session(), person, TODAY)
        return fieldwork_of(db.session(), standing, audit)
