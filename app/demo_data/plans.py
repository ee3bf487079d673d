"""Plans of audits in the demo body: agendas, answers of units, meetings with signed minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.people import Person
from app.kernel.signatures import Proof
from app.kernel.work import Work
from audits.agenda import AgendaLine, keep_agenda
from audits.audit_reading import choose_documents, note_read, to_read
from audits.audit_scope import change_method
from audits.meeting import MeetingData, keep_meeting, meeting_of, sign_minutes
from audits.models import Audit, AuditMethod, MeetingKind
from audits.unit_answer import answer_plan, newest_answers, reply_to
from documents.models import Document

On = Callable[[int, int, str, Callable[[Work], None]], Act]
Found = Callable[[Work, int], Audit]
AFAR = "hop.vinhlam.example.vn/dgnb-05"
_OPENING, _CLOSING = MeetingKind.OPENING, MeetingKind.CLOSING
# serial, lead, head of the unit, opening and closing (days ago)
_MET = (
    (1, "truong.doan", "truong.phong", 150, 149),
    (3, "truong.doan", "truong.ql", 40, 40),
    (4, "cv1.vp", "truong.gd", 1, None),
)


def plan_acts(stage: Stage, on: On, audit: Found) -> list[Act]:
    """Give the acts in the order of time."""
    acts = [
        on(3, 9, "truong.doan", lambda work: _from_afar(work, audit(work, 5))),
        on(3, 10, "truong.doan", lambda work: _agenda(work, audit(work, 5))),
        on(3, 11, "truong.doan", lambda work: _reading(work, audit(work, 5))),
        on(3, 14, "truong.doan", lambda work: _meetings(work, audit(work, 5))),
        on(2, 15, "truong.doan", lambda work: _read_all(work, audit(work, 5))),
        on(1, 17, "truong.yt", lambda work: _confirm(work, audit(work, 5))),
        on(9, 9, "truong.gd", lambda work: _object(work, audit(work, 4))),
        on(8, 9, "cv1.vp", lambda work: _reply(work, audit(work, 4))),
        on(7, 9, "truong.gd", lambda work: _confirm(work, audit(work, 4))),
        on(9, 15, "cv1.vp", lambda work: _agenda(work, audit(work, 4))),
    ]
    for serial, lead, head, opened, closed in _MET:
        for kind, days in ((_OPENING, opened), (_CLOSING, closed)):
            if days is not None:
                acts += _held(stage, on, audit, serial, kind, days, lead, head)
    return acts


def _held(
    stage: Stage,
    on: On,
    audit: Found,
    serial: int,
    kind: MeetingKind,
    days: int,
    lead: str,
    head: str,
) -> list[Act]:
    """A meeting that was held: written down, signed by the lead and by the head of the unit."""
    hour = 8 if kind is _OPENING else 16

    def write(work: Work) -> None:
        found = audit(work, serial)
        people = [stage.person(lead), stage.person(head)]
        keep_meeting(work, found, kind, _minutes(kind, stage.day(days), hour, people, found))

    def sign(work: Work) -> None:
        meeting = meeting_of(audit(work, serial), kind)
        if meeting is None:
            raise LookupError("meeting")
        sign_minutes(work, meeting, proof=_proof(work))

    return [
        on(days, hour + 1, lead, write),
        on(days, hour + 2, lead, sign),
        on(days, hour + 3, head, sign),
    ]


def _minutes(
    kind: MeetingKind, day: date, hour: int, people: list[Person], audit: Audit
) -> MeetingData:
    opening = (
        "Trưởng đoàn giới thiệu thành phần đoàn, mục đích, phạm vi và chuẩn mực đánh giá.\n"
        "Hai bên thống nhất lịch làm việc, người làm việc và nơi xem hồ sơ."
    )
    closing = (
        "Trưởng đoàn nêu kết quả chính, các điểm lưu ý và thời hạn phản hồi.\n"
        "Đơn vị được nghe giải thích từng phát hiện và bằng chứng kèm theo."
    )
    return MeetingData(
        held_on=day,
        begins=f"{hour}:00",
        ends=f"{hour}:30",
        place=f"Phòng họp, {audit.units[0].unit.name}",
        people=people,
        typed="Đỗ Thị Mận, Công chức đầu mối ISO",
        notes=opening if kind is _OPENING else closing,
        opinion="Nhất trí, không có ý kiến khác.",
    )


def _proof(work: Work) -> Proof:
    return Proof(work.actor.id, "demo", work.now - timedelta(seconds=1))


def _from_afar(work: Work, audit: Audit) -> None:
    change_method(
        work,
        audit,
        AuditMethod.MIXED,
        address=AFAR,
        objective="Xem việc thẩm định an toàn thực phẩm có theo quy trình đang có hiệu lực không.",
    )


def _agenda(work: Work, audit: Audit) -> None:
    lead, second = [one.auditor_id for one in audit.team][:2]
    unit, day = audit.units[0].unit_id, audit.first_on

    def line(begins: str, ends: str, subject: str, place: str, *who: int) -> AgendaLine:
        return AgendaLine(
            day, begins, ends, subject, who, unit, place, "Trưởng đơn vị, chuyên viên"
        )

    keep_agenda(
        work,
        audit,
        [
            line("8:00", "8:30", "Họp khai mạc", "Phòng họp", lead, second),
            line("8:30", "10:00", "Tiếp nhận và xử lý hồ sơ; 8.2, 8.5.1", "Bộ phận một cửa", lead),
            line("8:30", "10:00", "Kiểm soát tài liệu, hồ sơ; 7.5", "Phòng lưu trữ", second),
            line("10:00", "11:30", "Năng lực, nhận thức; 7.2, 7.3", "Phòng làm việc", lead),
            line("14:00", "15:30", "Theo dõi, đo lường; 9.1", "Họp từ xa", second),
            line("16:00", "16:30", "Họp kết thúc", "Phòng họp", lead, second),
        ],
    )


def _reading(work: Work, audit: Audit) -> None:
    chosen = work.session.scalars(
        sa.select(Document).where(
            Document.body_id == audit.body_id, Document.code.in_(("QT-01", "QT-08"))
        )
    )
    choose_documents(work, audit, list(chosen))


def _read_all(work: Work, audit: Audit) -> None:
    for one in to_read(work.session, audit)[:1]:
        if one.revision is not None:
            note_read(work, audit, one.revision)


def _meetings(work: Work, audit: Audit) -> None:
    for kind, begins, ends in ((_OPENING, "8:00", "8:30"), (_CLOSING, "16:00", "16:30")):
        data = MeetingData(audit.first_on, begins, ends, "Phòng họp, Phòng Y tế")
        keep_meeting(work, audit, kind, data)


def _confirm(work: Work, audit: Audit) -> None:
    answer_plan(work, audit, audit.units[0].unit, is_confirmed=True)


def _object(work: Work, audit: Audit) -> None:
    answer_plan(
        work,
        audit,
        audit.units[0].unit,
        is_confirmed=False,
        unsuited_on=audit.last_on,
        words="Chiều ngày cuối phòng họp giao ban với các trường, đề nghị xếp buổi sáng.",
    )


def _reply(work: Work, audit: Audit) -> None:
    (answer,) = newest_answers(audit).values()
    reply_to(work, answer, words="Đồng ý: đoàn kết thúc trước 11 giờ 30 ngày cuối.")
