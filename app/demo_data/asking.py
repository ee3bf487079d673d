"""What is asked and answered in the audit of the demo body that is under way."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from app.demo_data.documents import Act
from app.kernel.install import installation
from app.kernel.work import Work
from audits.checklists.answering import AnswerData, record_answer, save_draft
from audits.checklists.drawing import SampleData, draw_sample
from audits.checklists.evidence import EvidenceData, add_evidence
from audits.checklists.generating import Sources
from audits.checklists.preparing import make_checklist, make_ready
from audits.checklists.register import whole_checklist
from audits.models import Audit, EvidenceKind, Grade, Question
from documents.storing import BroughtFile

On = Callable[[int, int, str, Callable[[Work], None]], Act]
Of = Callable[[Work], Audit]
# which question, what is concluded, what was seen
_SAID: tuple[tuple[int, Grade, str], ...] = (
    (0, Grade.MINOR, "Bảng tin tầng 1: hai trong ba biểu mẫu là lần ban hành đã hết hiệu lực."),
    (1, Grade.CONFORMS, "Hai hồ sơ năm trước lấy ra trong ba phút."),
    (2, Grade.CONFORMS, "Tài liệu do đơn vị soạn đều có mã số và người duyệt."),
    (3, Grade.OBSERVATION, "Hồ sơ năng lực của một người mới chưa có quyết định phân công."),
    (4, Grade.STRENGTH, "Người làm việc nói rõ việc của mình góp vào mục tiêu nào."),
)


def asking_acts(on: On, of: Of, lead: str, member: str) -> list[Act]:
    """Prepare the checklist before the audit begins, with a sample."""

    def prepare(work: Work) -> None:
        make_checklist(work, of(work), Sources())

    def draw(work: Work) -> None:
        checklist = whole_checklist(work.session, of(work))
        if checklist is not None:
            said = SampleData("Hồ sơ giải quyết trong quý", 6, population=84, seed="DG-04")
            draw_sample(work, checklist, said)

    def ready(work: Work) -> None:
        checklist = whole_checklist(work.session, of(work))
        if checklist is not None:
            make_ready(work, checklist)

    return [on(3, 10, lead, prepare), on(3, 11, member, draw), on(2, 16, lead, ready)]


def answering_acts(on: On, of: Of, lead: str, member: str) -> list[Act]:
    """Answer the first questions: one with a photo, one by two auditors, one still a draft."""

    def answer(at: int, grade: Grade, notes: str) -> Callable[[Work], None]:
        def act(work: Work) -> None:
            data = AnswerData(grade, notes, seen_on=work.today)
            record_answer(work, _question(work, of, at), data)

        return act

    def photo(work: Work) -> None:
        data = EvidenceData(EvidenceKind.PHOTO, work.today, is_masked=True)
        add_evidence(work, _question(work, of, 0), data, _picture())

    def draft(work: Work) -> None:
        save_draft(work, _question(work, of, 5), AnswerData(notes="Đang đối chiếu sổ theo dõi"))

    return [
        on(1, 9, lead, photo),
        *(on(1, 9 + at, lead, answer(at, grade, notes)) for at, grade, notes in _SAID),
        on(1, 15, member, answer(3, Grade.CONFORMS, "Đã thấy quyết định phân công.")),
        on(1, 16, lead, draft),
    ]


def _question(work: Work, of: Of, at: int) -> Question:
    checklist = whole_checklist(work.session, of(work))
    if checklist is None:
        raise LookupError("checklist")
    return [one for one in checklist.questions if not one.is_for_auditee][at]


def _picture() -> BroughtFile:
    """Draw a notice board with three sheets, one covered: nobody's photo."""
    board = Image.new("RGB", (960, 720), (201, 184, 154))
    draw = ImageDraw.Draw(board)
    draw.rectangle((60, 60, 900, 600), fill=(216, 199, 165), outline=(138, 107, 69), width=24)
    for left in (120, 380, 640):
        draw.rectangle((left, 120, left + 200, 420), fill=(252, 251, 246))
        for line in range(150, 400, 28):
            draw.line((left + 20, line, left + 180, line), fill=(90, 90, 85), width=5)
        draw.ellipse((left + 92, 108, left + 110, 126), fill=(179, 38, 30))
    draw.rectangle((655, 230, 825, 330), fill=(21, 33, 43))
    out = io.BytesIO()
    board.save(out, "JPEG", quality=80)
    content = out.getvalue()
    return BroughtFile(
        sha256=installation().store.put(content),
        name="photo.jpg",
        size=len(content),
        media_type="image/jpeg",
        reader="",
        reading="",
    )
