"""Laws, requests to change and periodic reviews of the demo body, by the real acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.work import Work, unit_of_work
from documents.change_request import (
    ChangeData,
    accept_change,
    ask_for_change,
    park_change,
    reject_change,
    take_up,
    usual_due,
)
from documents.external_document import (
    Assignment,
    ExternalData,
    law_by_number,
    proposed_owners,
    raise_changes,
    register_law,
    to_hand_out,
)
from documents.models import ChangeItem, ChangeRequest, ChangeSource, Document, Verdict
from documents.periodic_review import review_document
from documents.register import effective_revision, open_revision

ASSEMBLY, GOVERNMENT = "Quốc hội", "Chính phủ"
LAWS = (
    ExternalData("TCVN ISO 9001:2015", "Hệ thống quản lý chất lượng - Các yêu cầu",
                 "Bộ Khoa học và Công nghệ"),
    ExternalData("60/2014/QH13", "Luật Hộ tịch", ASSEMBLY, date(2014, 11, 20), date(2016, 1, 1)),
    ExternalData("22/2008/QH12", "Luật Cán bộ, công chức", ASSEMBLY, date(2008, 11, 13),
                 date(2010, 1, 1)),
    ExternalData("30/2020/NĐ-CP", "Công tác văn thư", GOVERNMENT, date(2020, 3, 5),
                 date(2020, 3, 5)),
    ExternalData(
        "61/2018/NĐ-CP",
        "Thực hiện cơ chế một cửa, một cửa liên thông trong giải quyết thủ tục hành chính",
        GOVERNMENT,
        date(2018, 4, 23),
        date(2018, 6, 21),
    ),
)  # fmt: skip
ONE_STOP = ExternalData(
    "118/2025/NĐ-CP",
    "Thực hiện thủ tục hành chính theo cơ chế một cửa, một cửa liên thông",
    GOVERNMENT,
    date(2025, 6, 9),
    date(2025, 7, 1),
)
OFFICIALS = ExternalData(
    "80/2025/QH15", "Luật Cán bộ, công chức", ASSEMBLY, date(2025, 6, 24), date(2025, 7, 1)
)


def law_acts(demo: Stage) -> list[Act]:
    """Give the acts in the order of time: registered, reviewed, replaced, asked, decided."""

    def on(days: int, hour: int, minute: int, who: str, does: Callable[[Work], None]) -> Act:
        at = demo.moment(days, hour, minute)
        return Act(at, lambda: _act(demo, who, at, does))

    return [
        on(200, 14, 0, "thu.ky", _register_all),
        on(16, 9, 20, "thu.ky", lambda work: _review(work, "QT-P02-01", Verdict.KEEP,
           "Phường đang làm đúng các bước; không có ý kiến hay đề nghị sửa từ khi ban hành.")),
        on(14, 8, 40, "thu.ky", _replace_one_stop),
        on(9, 10, 10, "cv3.vp", lambda work: _ask(work, ["QT-TP-01", "QT-TP-02"],
           ChangeSource.FEEDBACK,
           "Người dân hỏi nhiều về nộp hồ sơ trực tuyến; nên ghi rõ cách nhận kết quả điện tử.",
           "Giấy hẹn trả kết quả, bảng niêm yết tại Bộ phận một cửa")),
        on(8, 15, 5, "cv1.vp", lambda work: _ask(work, ["QT-01"], ChangeSource.WORK,
           "Mục trách nhiệm còn ghi tên gọi cũ của Văn phòng.")),
        on(7, 9, 0, "thu.ky", lambda work: park_change(work, _newest(work, "QT-01"),
           reason="Lỗi nhỏ, không đổi cách làm; gộp vào lần sửa đổi sau.")),
        on(6, 14, 30, "truong.kt", lambda work: _ask(work, ["QT-KT-02"], ChangeSource.AUDIT,
           "Đoàn kiểm tra nhắc bổ sung bước báo cáo kết quả hằng quý.")),
        on(5, 10, 0, "thu.ky", lambda work: accept_change(work, _newest(work, "QT-KT-02"),
           owner=_document(work, "QT-KT-02").keeper,
           due_on=usual_due(work.actor.body, work.today))),
        on(4, 11, 15, "cv2.vp", lambda work: _ask(work, ["QT-10"], ChangeSource.WORK,
           "Đề nghị bỏ bước ký nháy của văn thư.")),
        on(3, 9, 45, "thu.ky", lambda work: reject_change(work, _newest(work, "QT-10"),
           reason="Bước này do Nghị định 30/2020/NĐ-CP quy định, không bỏ được.")),
        on(2, 15, 20, "thu.ky", _register_new_law),
        on(2, 16, 0, "thu.ky", lambda work: _review(work, "QT-08", Verdict.REVISE,
           "Các bước trên hệ thống điện tử đã khác; cần viết lại mục trình tự thực hiện.")),
        on(2, 17, 10, "chuyen.vien", _answer),
    ]  # fmt: skip


def _act(demo: Stage, who: str, at: datetime, does: Callable[[Work], None]) -> None:
    with unit_of_work(demo.person(who), now=at) as work:
        does(work)


def _document(work: Work, code: str) -> Document:
    return work.session.scalars(
        sa.select(Document).where(Document.body_id == work.actor.body_id, Document.code == code)
    ).one()


def _register_all(work: Work) -> None:
    for law in LAWS:
        register_law(work, law)


def _replace_one_stop(work: Work) -> None:
    old = law_by_number(work.session, work.actor.body_id, "61/2018/NĐ-CP")
    register_law(work, ONE_STOP, changes=old)
    if old is None:
        return
    rows = to_hand_out(work.session, work.standing, old)
    documents = [row.revision.document for row in rows]
    owners = proposed_owners(work.session, documents, work.today, work.actor)
    raise_changes(
        work,
        old,
        [Assignment(document, owners[document.id], row.passage)
         for document, row in zip(documents, rows, strict=True)],
        due_on=usual_due(work.actor.body, work.today),
        reason="61/2018/NĐ-CP được thay bằng 118/2025/NĐ-CP từ ngày 01/07/2025.",
    )  # fmt: skip


def _register_new_law(work: Work) -> None:
    """Leave what follows from it to whoever tries the demo."""
    old = law_by_number(work.session, work.actor.body_id, "22/2008/QH12")
    register_law(work, OFFICIALS, changes=old)


def _answer(work: Work) -> None:
    """The draft of one procedure answers what the new decree asks of it."""
    document = _document(work, "QT-TP-03")
    if (draft := open_revision(work.session, document)) is not None:
        take_up(work, _newest(work, "QT-TP-03"), draft)


def _ask(work: Work, codes: list[str], source: ChangeSource, reason: str, impact: str = "") -> None:
    documents = [_document(work, code) for code in codes]
    ask_for_change(work, ChangeData(reason, source, impact), documents)


def _newest(work: Work, code: str) -> ChangeRequest:
    return work.session.scalars(
        sa.select(ChangeRequest)
        .join(ChangeItem, ChangeItem.request_id == ChangeRequest.id)
        .where(ChangeItem.document_id == _document(work, code).id)
        .order_by(ChangeRequest.id.desc())
        .limit(1)
    ).one()


def _review(work: Work, code: str, verdict: Verdict, reason: str) -> None:
    document = _document(work, code)
    revision = effective_revision(work.session, document)
    if revision is not None:
        review_document(work, document, verdict, reason=reason, revision_id=revision.id)
