"""What ends in the demo body: a document withdrawn, records kept, one of them over its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.organisation import Unit
from app.kernel.signatures import Proof
from app.kernel.work import Work, unit_of_work
from documents.change_request import ChangeData, ask_for_change
from documents.models import Document, DocumentKind
from documents.records import RecordData, annotate, keep_record
from documents.register import effective_revision
from documents.retention import place_hold
from documents.withdrawal import (
    WithdrawalData,
    agree_to_withdrawal,
    pending_withdrawal,
    propose_withdrawal,
)

WITHDRAWN = "QT-P09-01"


def ending_acts(demo: Stage) -> list[Act]:
    """Give the acts in the order of time: a change asked, withdrawn, records entered, one held."""

    def on(days: int, hour: int, minute: int, who: str, does: Callable[[Work], None]) -> Act:
        at = demo.moment(days, hour, minute)
        return Act(at, lambda: _act(demo, who, at, does))

    return [
        on(25, 8, 40, "cv1.vp", _ask),
        on(24, 9, 30, "thu.ky", lambda work: _propose(work, demo)),
        on(22, 15, 0, "chu.tich", lambda work: _agree(work, demo)),
        on(12, 10, 0, "cv1.vp", lambda work: _keep(work, demo, "VP",
           "Biên bản họp giao ban tháng 10", 35, "10/BB-VP", "Tháng 10", 5)),
        on(12, 10, 20, "cv1.vp", lambda work: _keep(work, demo, "VP",
           "Sổ theo dõi văn bản đến", 400, "02/S-VP", "Năm ngoái", 1)),
        on(11, 14, 0, "cv2.tp", lambda work: _keep(work, demo, "TP",
           "Sổ hộ tịch: đăng ký khai sinh", 30, "01/HT", "Quý III", 0)),
        on(10, 9, 0, "cv2.tp", lambda work: _keep(work, demo, "TP",
           "Phiếu kiểm soát quá trình giải quyết hồ sơ", 20, "118/PKS", "Tháng 10", None)),
    ]  # fmt: skip


def _act(demo: Stage, who: str, at: datetime, does: Callable[[Work], None]) -> None:
    with unit_of_work(demo.person(who), now=at) as work:
        does(work)


def _document(work: Work, code: str) -> Document:
    return work.session.scalars(
        sa.select(Document).where(Document.body_id == work.actor.body_id, Document.code == code)
    ).one()


def _ask(work: Work) -> None:
    """Ask for a change that the withdrawal closes."""
    reason = "Mẫu đơn còn ghi tên phòng cũ, người dân phải viết lại."
    ask_for_change(work, ChangeData(reason), [_document(work, WITHDRAWN)])


def _propose(work: Work, demo: Stage) -> None:
    document = _document(work, WITHDRAWN)
    revision = effective_revision(work.session, document)
    if revision is not None:
        propose_withdrawal(
            work,
            document,
            WithdrawalData(
                "Nhiệm vụ này chuyển về Trung tâm văn hóa; phường không còn tiếp nhận hồ sơ.",
                demo.day(22),
            ),
            revision_id=revision.id,
        )


def _agree(work: Work, demo: Stage) -> None:
    document = _document(work, WITHDRAWN)
    pending = pending_withdrawal(work.session, document)
    if pending is not None:
        proof = Proof(person_id=work.actor.id, method="demo", proved_at=work.now)
        agree_to_withdrawal(work, pending, proof=proof)
        place_hold(work, document, reason="Chờ kết luận kiểm tra của Sở Văn hóa và Thể thao.")


def _keep(
    work: Work,
    demo: Stage,
    unit_code: str,
    title: str,
    days_ago: int,
    number: str,
    period: str,
    years: int | None,
) -> None:
    unit = work.session.get_one(Unit, demo.units[unit_code])
    form = work.session.scalars(
        sa.select(Document)
        .where(Document.lead_unit_id == unit.id, Document.kind == DocumentKind.FORM)
        .order_by(Document.code_sort)
        .limit(1)
    ).one_or_none()
    record = keep_record(
        work,
        RecordData(
            unit,
            title,
            demo.day(days_ago),
            form=form if years is None else None,
            number=number,
            period=period,
            holder=work.actor,
            place="Tủ hồ sơ của đơn vị, ngăn 2",
            keep_years=years,
        ),
    )
    if years is None:
        annotate(work, record, "Đã đối chiếu đủ chữ ký các bước.")
