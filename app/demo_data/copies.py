"""Paper of the demo body: copies given out, one that never came back, a round under way."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from PIL import Image, ImageDraw

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.install import installation
from app.kernel.work import Work, unit_of_work
from documents.controlled_copy import (
    CopyData,
    answer_for_copy,
    begin_round,
    end_copy,
    hand_over,
    issue_copy,
    photograph,
    renew_copies,
)
from documents.models import ControlledCopy, CopyAnswer, CopyKind, CopyState, Document
from documents.storing import BroughtFile

CODE = "QT-TP-01"  # its second edition came into force 75 days ago
COUNTER = "Bộ phận một cửa, quầy số 2"


def copy_acts(demo: Stage) -> list[Act]:
    """Give the acts in the order of time: issued, replaced, given back, asked about."""

    def on(days: int, hour: int, who: str, does: Callable[[Work, Stage, datetime], None]) -> Act:
        at = demo.moment(days, hour, 40)
        return Act(at, lambda: _act(demo, who, at, does))

    return [
        on(300, 9, "thu.ky", _issue_first),
        on(74, 9, "thu.ky", _renew),
        on(73, 15, "thu.ky", _take_back),
        on(72, 10, "chuyen.vien", _photograph),
        on(3, 8, "thu.ky", _ask),
        on(2, 14, "chuyen.vien", _answer),
    ]


def _act(
    demo: Stage, who: str, at: datetime, does: Callable[[Work, Stage, datetime], None]
) -> None:
    with unit_of_work(demo.person(who), now=at) as work:
        does(work, demo, at)


def _document(work: Work) -> Document:
    return work.session.scalars(sa.select(Document).where(Document.code == CODE)).one()


def _copy(work: Work, number: int) -> ControlledCopy:
    return work.session.scalars(
        sa.select(ControlledCopy)
        .join(Document, Document.id == ControlledCopy.document_id)
        .where(Document.code == CODE, ControlledCopy.number == number)
    ).one()


def _issue_first(work: Work, demo: Stage, at: datetime) -> None:
    document = _document(work)
    given = (
        ("TP", "truong.phong", "Tủ tài liệu phòng 204", CopyKind.COPY),
        ("TP", "chuyen.vien", COUNTER, CopyKind.COPY),
        ("VP", "cv1.vp", "Phòng tiếp công dân", CopyKind.COPY),
        ("TP", "chuyen.vien", "Bảng niêm yết sảnh tầng 1", CopyKind.NOTICE),
    )
    for unit, login, place, kind in given:
        data = CopyData(demo.unit(unit), demo.person(login), place, kind, work.today)
        issue_copy(work, document, data)


def _renew(work: Work, demo: Stage, at: datetime) -> None:
    for copy in renew_copies(work, _document(work)):
        hand_over(work, copy, on=work.today)


def _take_back(work: Work, demo: Stage, at: datetime) -> None:
    """Take two old copies back; the third one, in another unit, is still out today."""
    end_copy(work, _copy(work, 1), CopyState.RETURNED, on=work.today)
    end_copy(work, _copy(work, 2), CopyState.RETURNED, on=work.today)
    reason = "Thay bản mới trên bảng niêm yết, cắt hủy bản cũ tại chỗ"
    end_copy(work, _copy(work, 4), CopyState.DESTROYED, on=work.today, reason=reason)


def _photograph(work: Work, demo: Stage, at: datetime) -> None:
    content = _drawn_photo()
    photo = BroughtFile(
        sha256=installation().store.put(content),
        name="photo.jpg",
        size=len(content),
        media_type="image/jpeg",
        reader="",
        reading="",
    )
    photograph(work, _copy(work, 8), photo)


def _ask(work: Work, demo: Stage, at: datetime) -> None:
    begin_round(work, _document(work), due_on=demo.day(-4))


def _answer(work: Work, demo: Stage, at: datetime) -> None:
    answer_for_copy(work, _copy(work, 6), CopyAnswer.HERE)
    answer_for_copy(work, _copy(work, 8), CopyAnswer.HERE)


def _drawn_photo() -> bytes:
    """Draw a board with pages on it: no photo of a real place belongs into a demo."""
    picture = Image.new("RGB", (960, 640), (176, 160, 132))
    brush = ImageDraw.Draw(picture)
    brush.rectangle((70, 60, 890, 580), fill=(52, 92, 74), outline=(96, 70, 42), width=16)
    for left in (130, 390, 650):
        brush.rectangle((left, 120, left + 190, 400), fill=(246, 246, 240))
        for line in range(140, 380, 16):
            brush.line((left + 16, line, left + 170, line), fill=(150, 150, 150), width=3)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
