"""The life of each document of the demo body, told as acts with their moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.demo_data.papers import (
    MANUAL,
    NEW,
    OBJECTIVES,
    POLICY,
    SERVICES,
    SYSTEM,
    Form,
    Paper,
)
from app.demo_data.reading import MEETING, ask, meet, read
from app.demo_data.stage import Stage
from app.demo_data.stories import FIRST, OPEN, SECOND, Open, Stop
from app.demo_data.word import Changes, Cover, form_file, form_workbook, procedure_file
from app.kernel.db import db
from app.kernel.people import Capacity, Person
from app.kernel.signatures import Proof
from app.kernel.work import unit_of_work
from documents.approval import answer_package
from documents.commenting import comment_on, resolve_comment
from documents.content.setting import set_pages
from documents.drafting import (
    DocumentData,
    DraftData,
    begin_revision,
    bring_file,
    change_draft,
    open_document,
)
from documents.impact import OWN, Gathered
from documents.issuance import IssuanceData, enter_issuance
from documents.issue import issue_if_due
from documents.models import (
    Answer,
    Comment,
    Confidentiality,
    Document,
    DocumentKind,
    Package,
    Revision,
)
from documents.storing import BroughtFile
from documents.submission import cancel_package, join_package, submit_package

KIND_WORDS = {
    DocumentKind.MANUAL: "SỔ TAY",
    DocumentKind.POLICY: "CHÍNH SÁCH",
    DocumentKind.PROCEDURE: "QUY TRÌNH",
    DocumentKind.WORK_INSTRUCTION: "HƯỚNG DẪN",
}
PROCESSES = {
    DocumentKind.MANUAL: "Lãnh đạo",
    DocumentKind.POLICY: "Lãnh đạo",
    DocumentKind.PROCEDURE: "Giải quyết thủ tục hành chính",
    DocumentKind.WORK_INSTRUCTION: "Hỗ trợ",
}
# where a paper has no changes of its own, its next edition says this otherwise
USUAL_CHANGES: Changes = (
    ("0,5 ngày", "4 giờ làm việc"),
    ("5 ngày", "7 ngày làm việc"),
    ("Nghị định số 61/2018/NĐ-CP", "Nghị định số 118/2025/NĐ-CP"),
    ("Hằng quý", "Hằng tháng"),
    ("Khi cần", "Khi có yêu cầu bằng văn bản"),
)
USUAL_REASON = "Cập nhật căn cứ pháp lý và thời gian xử lý"
NAMED_READERS = ("truong.ttr", "cv1.ttr", "chu.tich", "thu.ky")


@dataclass(frozen=True)
class Act:
    """Something somebody does at a moment."""

    at: datetime
    happen: Callable[[], None]


@dataclass
class Story:
    """One paper with its forms, from its first draft to where it stands."""

    demo: Stage
    paper: Paper
    acts: list[Act] = field(default_factory=list)
    documents: dict[str, int] = field(default_factory=dict)
    package_id: int = 0

    @property
    def author(self) -> str:
        """Give who writes for the unit."""
        unit = self.paper.unit
        if unit == "TP":
            return "cv2.tp" if self.paper.code in ("QT-TP-02", "QT-TP-06") else "chuyen.vien"
        return {"CS1": "truong.cs1"}.get(unit, f"cv1.{unit.lower()}")

    @property
    def opener(self) -> str:
        """Give who opens the record: the head of the unit, or the quality officer."""
        unit = self.paper.unit
        if unit in ("VP", "CS1"):
            return "thu.ky"
        return "truong.phong" if unit == "TP" else f"truong.{unit.lower()}"

    @property
    def approver(self) -> str:
        """Give which of the two leaders signs."""
        return "chu.tich" if self.paper.kind in (DocumentKind.MANUAL, DocumentKind.POLICY) else (
            "lanh.dao"
        )  # fmt: skip

    def on(self, days_ago: int, hour: int, minute: int, act: Callable[[datetime], None]) -> None:
        """Put an act into the story."""
        at = self.demo.moment(days_ago, hour, minute)
        self.acts.append(Act(at, lambda: act(at)))

    # --- acts

    def draft(self, now: datetime, *, label: str, effective_on: date, changes: Changes,
              reason: str) -> None:  # fmt: skip
        """Draft the paper and its forms, each with its file, as one package."""
        demo, author = self.demo, self.demo.person(self.author)
        for form in (None, *self.paper.forms):
            code = form.code if form is not None else self.paper.code
            if code not in self.documents:
                self._open(now, form)
            brought = self._file(form, label, effective_on, changes, reason)
            with unit_of_work(author, now=now) as work:
                document = work.session.get_one(Document, self.documents[code])
                revision = begin_revision(work, document, authors=[work.actor])
                package = revision.package
                bring_file(work, revision, brought)
                change_draft(
                    work,
                    revision,
                    DraftData(
                        title=form.title if form is not None else self.paper.title,
                        code="" if document.code else code,
                        edition=revision.edition,
                        amendment=0,
                        reason=reason,
                        change_summary="",
                        effective_on=effective_on,
                        authors=(demo.person(self.author),),
                    ),
                )
                if form is None:
                    self.package_id = package.id if package is not None else 0
            if form is not None:
                with unit_of_work(author, now=now) as work:
                    join_package(work, self._package(), work.fresh(revision))

    def _open(self, now: datetime, form: Form | None) -> None:
        demo, paper = self.demo, self.paper
        secret = paper.confidentiality is Confidentiality.NAMED
        with unit_of_work(demo.person(self.opener), now=now) as work:
            parent = self.documents.get(paper.code)
            document = open_document(
                work,
                DocumentData(
                    kind=paper.kind if form is None else DocumentKind.FORM,
                    lead_unit=demo.unit(paper.unit),
                    title=paper.title if form is None else form.title,
                    title_en=paper.title_en if form is None else form.title_en,
                    parent=work.session.get(Document, parent) if form and parent else None,
                    confidentiality=paper.confidentiality,
                    clauses=paper.clauses,
                    process="Quản lý hệ thống"
                    if paper.clauses[0][0] in "4679"
                    else PROCESSES[paper.kind],
                    keeper=demo.person(self.author),
                    retention_years=5,
                    time_limit=paper.time_limit if form is None else "",
                    fee=paper.fee if form is None else "",
                    readers=tuple(demo.person(login) for login in NAMED_READERS) if secret else (),
                ),
            )
            self.documents[form.code if form is not None else paper.code] = document.id

    def _file(self, form: Form | None, label: str, effective_on: date,
              changes: Changes, reason: str) -> BroughtFile:  # fmt: skip
        demo, paper = self.demo, self.paper
        cover = Cover(
            label=label,
            issued_on=effective_on,
            effective_on=effective_on,
            author=demo.person(self.author).name,
            reviewer=demo.person("thu.ky").name,
            approver=demo.person(self.approver).name,
            change=reason,
        )
        if form is None:
            content = procedure_file(paper, KIND_WORDS[paper.kind], cover, changes)
            return demo.intake(content, f"{paper.code} {paper.title}.docx")
        if form.code == "BM-01.01":
            return demo.intake(form_workbook(form, cover), f"{form.code} {form.title}.xlsx")
        extra = ("Ghi chú",) if changes else ()
        return demo.intake(form_file(form, cover, extra), f"{form.code} {form.title}.docx")

    def _package(self) -> Package:
        return db.session.get_one(Package, self.package_id)

    def _lead(self) -> Revision:
        return self._package().lead

    def submit(self, now: datetime) -> None:
        """Put the package on its route."""
        with unit_of_work(self.demo.person(self.author), now=now) as work:
            package = work.fresh(self._package())
            submit_package(work, package, impacts=self._touched(package, now))

    def _touched(self, package: Package, now: datetime) -> Gathered | None:
        """Gather what recent revisions touch; what is long past was decided before (D15)."""
        if (self.demo.now - now).days > 60:
            return None
        return {
            one.id: [gatherer(db.session(), one) for gatherer in OWN] for one in package.revisions
        }

    def answer(self, now: datetime, answer: Answer = Answer.APPROVE, comment: str = "") -> None:
        """Let whoever is asked answer; of two leaders the one who signs such papers."""
        step = self._package().current_step
        waiting = step.waiting if step is not None else []
        chosen = [person for person in waiting if person.login == self.approver] or waiting
        person = chosen[0]
        proof = Proof(person_id=person.id, method="demo", proved_at=now)
        with unit_of_work(person, now=now) as work:
            package = work.fresh(self._package())
            touched = self._touched(package, now)
            answer_package(work, package, answer, proof=proof, comment=comment, impacts=touched)

    def switch(self, now: datetime) -> None:
        """Come into force on the day, as the job does it."""
        with unit_of_work(None, now=now) as work:
            issue_if_due(work, work.fresh(self._package()))

    def remark(self, now: datetime, login: str, block: int, text: str) -> None:
        """Comment on a passage."""
        with unit_of_work(self.demo.person(login), now=now) as work:
            comment_on(work, work.fresh(self._lead()), text, block=block)

    def settle(self, now: datetime, resolution: str) -> None:
        """Resolve the first open comment, as its author."""
        with unit_of_work(self.demo.person(self.author), now=now) as work:
            comment = work.session.scalars(
                sa.select(Comment)
                .where(Comment.revision_id == self._lead().id, Comment.resolved_at.is_(None))
                .order_by(Comment.id)
            ).first()
            if comment is not None:
                resolve_comment(work, comment, resolution=resolution)

    def cancel(self, now: datetime, reason: str) -> None:
        """Give the package up."""
        with unit_of_work(self.demo.person(self.author), now=now) as work:
            cancel_package(work, work.fresh(self._lead()), reason=reason)

    def better(self, now: datetime, effective_on: date, changes: Changes) -> None:
        """Bring a better file after a return."""
        label = self._lead().label
        brought = self._file(None, label, effective_on, changes, USUAL_REASON)
        with unit_of_work(self.demo.person(self.author), now=now) as work:
            bring_file(work, work.fresh(self._lead()), brought)

    def decide_on_paper(self, now: datetime) -> None:
        """Enter a decision that the leader signed on paper; somebody else has to confirm it."""
        officer: Person = self.demo.person("thu.ky")
        number, day = "1287/QĐ-UBND", (now - timedelta(days=1)).date()
        page = (
            "<html lang='vi'><body><p>ỦY BAN NHÂN DÂN QUẬN VĨNH LAM</p>"
            f"<p>Số: {number}</p><h1>QUYẾT ĐỊNH</h1><p>Ban hành {self.paper.code} "
            f"{self.paper.title}, lần ban hành {self._lead().label}.</p>"
            f"<p>Ngày {day:%d/%m/%Y}. KT. CHỦ TỊCH, PHÓ CHỦ TỊCH (đã ký) Trịnh Thị Ngân Hà</p>"
        )
        scan = self.demo.intake(set_pages(page), "QD 1287 ban hanh quy trinh.pdf")
        with unit_of_work(officer, now=now) as work:
            data = IssuanceData(
                number=number,
                happened_on=day,
                signer_name="Trịnh Thị Ngân Hà",
                signer_capacity=Capacity.KT,
            )
            enter_issuance(work, data, [work.fresh(self._package())], scan)

    # --- whole editions

    def edition(self, label: str, effective: int, changes: Changes, reason: str) -> None:
        """Tell an edition that came into force so many days ago, from its draft on."""
        day = self.demo.day(effective)
        late = len(self.paper.title) % 3  # some answer sooner than others
        self.on(
            effective + 19, 8, 30,
            lambda now: self.draft(
                now, label=label, effective_on=day, changes=changes, reason=reason
            ),
        )  # fmt: skip
        self.on(effective + 16, 9, 10, self.submit)
        self.on(effective + 13 - late, 14, 20, self.reviewed)
        self.on(effective + 9 - late, 10, 5, self.reviewed)
        self.on(effective + 6 - late, 15, 40, self.reviewed)
        self.on(effective, 0, 1, self.switch)
        self.on(effective, 0, 20, lambda now: ask(self._lead(), now))
        self.on(
            max(effective - 4, 0), 15, 20,
            lambda now: read(self._lead(), now, recent=effective < 90),
        )  # fmt: skip
        if self.paper.code == MEETING:
            self.on(effective - 6, 16, 0, lambda now: meet(self.demo, self._lead(), now))

    def reviewed(self, now: datetime) -> None:
        """Answer a step if one is still open: routes of small units are shorter (O6)."""
        if self._package().current_step is not None:
            self.answer(now)


def _open_end(story: Story, situation: Open, label: str, changes: Changes, reason: str) -> None:
    """Tell the revision that is on its way now, up to where it stands."""
    days, stop = situation.drafted, situation.stop
    day = story.demo.day(-situation.effective_in)
    story.on(
        days, 8, 45,
        lambda now: story.draft(now, label=label, effective_on=day, changes=changes, reason=reason),
    )  # fmt: skip
    if stop is Stop.DRAFT:
        return
    story.on(days - 1, 9, 30, story.submit)
    if stop is Stop.WITH_MANAGER:
        story.on(
            days - 2, 10, 0,
            lambda now: story.remark(
                now, "thu.ky", 8, "Nêu rõ căn cứ cho thời hạn này, dẫn đúng điều khoản."
            ),
        )  # fmt: skip
        return
    if stop is Stop.CANCELLED:
        story.on(
            days - 10, 15, 0,
            lambda now: story.cancel(now, "Nhiệm vụ đã chuyển về Sở, quận không còn thực hiện"),
        )  # fmt: skip
        return
    if stop is Stop.SECOND_ROUND:
        _second_round(story, days, day, changes)
        return
    story.on(days - 3, 10, 15, story.reviewed)
    if stop is Stop.WITH_OFFICER:
        story.on(
            days - 4, 14, 0,
            lambda now: story.remark(now, "thu.ky", 10, "Ghi rõ ai trả lời người dân ở bước này."),
        )  # fmt: skip
        return
    if stop is Stop.RETURNED:
        why = "Thiếu biểu mẫu kèm theo và chưa dẫn quy định về thời hạn. Bổ sung rồi trình lại."
        story.on(days - 5, 16, 0, lambda now: story.answer(now, Answer.RETURN, why))
        return
    story.on(days - 6, 9, 0, story.reviewed)
    if stop is Stop.DECIDED_ON_PAPER:
        story.on(2, 11, 0, story.decide_on_paper)
    if stop is Stop.APPROVED:
        story.on(days - 9, 16, 30, story.reviewed)


def _second_round(story: Story, days: int, effective_on: date, changes: Changes) -> None:
    why = "Sơ đồ vị trí cần có mẫu chung, thời hạn chưa khớp với quy định mới."
    story.on(days - 2, 9, 0, lambda now: story.remark(now, "thu.ky", 9, "Thêm mẫu sơ đồ vị trí."))
    story.on(days - 4, 10, 0, lambda now: story.answer(now, Answer.RETURN, why))
    story.on(days - 6, 15, 0, lambda now: story.settle(now, "Đã thêm mẫu sơ đồ ở mục hồ sơ."))
    more = (*changes, ("Sơ đồ vị trí", "Sơ đồ vị trí theo mẫu chung của quận"))
    story.on(days - 7, 9, 0, lambda now: story.better(now, effective_on, more))
    story.on(days - 7, 9, 30, story.submit)
    story.on(days - 10, 9, 0, story.reviewed)


def stories(demo: Stage) -> list[Story]:
    """Tell every story; the acts are put into the order of time by the stage."""
    told = []
    for paper in (MANUAL, POLICY, OBJECTIVES, *SYSTEM, *SERVICES, *NEW):
        story = Story(demo, paper)
        code = paper.code
        changes: Changes = ()
        if code in FIRST:
            story.edition("01/00", FIRST[code], (), "")
            changes = paper.changes or USUAL_CHANGES
        if code in SECOND:
            story.edition("02/00", SECOND[code], changes, paper.change_reason or USUAL_REASON)
        if code in OPEN:
            first = code not in FIRST
            reason = "" if first else paper.change_reason or USUAL_REASON
            _open_end(story, OPEN[code], "01/00" if first else "02/00", changes, reason)
        told.append(story)
    return told
