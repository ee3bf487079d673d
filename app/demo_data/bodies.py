"""A ward below the demo body, what it was given and adopted; who does what, and the scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.organisation import Body, Unit, UnitKind, root_unit, units_of
from app.kernel.organising import PersonData, add_person, add_unit, appoint, create_body
from app.kernel.people import Role
from app.kernel.signatures import Proof
from app.kernel.work import Work, unit_of_work
from documents.assignment import AssignmentData, add_assignment
from documents.models import AssignmentKind, Document, PublicationMode
from documents.publication import (
    AdoptionData,
    Offer,
    PublicationData,
    adopt,
    open_publication,
    publish,
)
from documents.register import effective_revision
from documents.scope import ScopeData, approve_scope, draft_of, draft_scope

WARD = ("demo-phuong", "UBND phường Lam Thượng", "LT")
_FOUNDED = 400
_UNITS = (("VP", "Văn phòng"), ("KT", "Phòng Kinh tế - Hạ tầng"), ("MC", "Bộ phận Một cửa"))
# name, unit, post, account, roles, over the whole body; shown in the table of accounts
WARD_PEOPLE = (
    ("Đinh Thị Lụa", "VP", "Chủ tịch UBND phường", "chu.tich.phuong", Role.LEADER, True),
    ("Hồ Văn Mẫn", "VP", "Thư ký ISO phường", "thu.ky.phuong", Role.QUALITY_OFFICER, True),
    ("Vũ Thị Nhài", "MC", "Công chức Một cửa", "cong.chuc.phuong", Role.STAFF, False),
)
_F, _P = AssignmentKind.FUNCTION, AssignmentKind.PROCEDURE
# kind, code, name, field, lead unit, others, document; the last ones show a gap and an overlap
_MATRIX: tuple[tuple[AssignmentKind, str, str, str, str, str, str], ...] = (
    (_F, "CN-01", "Kiểm soát tài liệu hệ thống quản lý chất lượng", "Cải cách", "VP", "", "QT-01"),
    (_F, "CN-02", "Tiếp nhận và trả kết quả một cửa", "Cải cách", "VP", "TP NV", "QT-08"),
    (_F, "CN-03", "Công tác văn thư, lưu trữ", "Văn thư", "VP", "", "QT-10"),
    (_P, "1.000110", "Đăng ký khai sinh có yếu tố nước ngoài", "Hộ tịch", "TP", "", "QT-TP-01"),
    (_P, "1.000122", "Cấp bản sao trích lục hộ tịch", "Hộ tịch", "TP", "VP", "QT-TP-02"),
    (_P, "1.000134", "Chứng thực bản sao từ bản chính", "Chứng thực", "TP", "", "QT-TP-03"),
    (_P, "1.000210", "Xét khen thưởng cấp quận", "Thi đua", "NV", "VP", "QT-NV-01"),
    (_P, "1.000221", "Tiếp nhận công chức cấp phường", "Công chức", "NV", "", "QT-NV-02"),
    (_P, "1.000310", "Thẩm định dự toán", "Ngân sách", "TC", "", "QT-TC-01"),
    (_P, "1.000322", "Đăng ký hộ kinh doanh", "Kinh doanh", "TC", "KT", "QT-TC-02"),
    (_P, "1.000410", "Đăng ký biến động đất đai", "Đất đai", "TN", "", "QT-TN-01"),
    (_P, "1.000421", "Xác nhận kế hoạch bảo vệ môi trường", "Môi trường", "TN", "", "QT-TN-02"),
    (_P, "1.000510", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "Xây dựng", "QL", "", "QT-QL-01"),
    (_P, "1.000521", "Cho phép sử dụng tạm thời vỉa hè", "Giao thông", "QL", "P01", "QT-QL-02"),
    (_P, "1.000610", "Cấp giấy phép bán lẻ rượu", "Thương mại", "KT", "", "QT-KT-01"),
    (_P, "1.000710", "Cấp phép tổ chức lễ hội", "Văn hóa", "VH", "", "QT-VH-01"),
    (_P, "1.000810", "Chuyển trường cho học sinh", "Giáo dục", "GD", "", "QT-GD-01"),
    (_P, "1.000910", "Thẩm định điều kiện an toàn thực phẩm", "Y tế", "YT", "KT", "QT-YT-01"),
    (_P, "1.000922", "Giải quyết chế độ người có công", "Lao động", "", "LX", ""),
    (_P, "1.000934", "Hỗ trợ chi phí mai táng", "Bảo trợ xã hội", "LX", "", "QT-08"),
    (_P, "LX-07", "Hỗ trợ chi phí mai táng", "Bảo trợ xã hội", "YT", "", "QT-08"),
)
_COVERS = (
    "Giải quyết thủ tục hành chính thuộc thẩm quyền của UBND quận\n"
    "Hoạt động quản lý nội bộ của các phòng, đơn vị thuộc quận"
)
_MORE = "\nGiải quyết thủ tục hành chính thay cho các phường theo ủy quyền"


def ward_acts(demo: Stage) -> list[Act]:
    """Give the acts of the ward and of the district towards it, in the order of time."""

    def on(days: int, hour: int, who: str, does: Callable[[Work], None]) -> Act:
        at = demo.moment(days, hour)

        def happen() -> None:
            with unit_of_work(demo.person(who), now=at) as work:
                does(work)

        return Act(at, happen)

    return [
        Act(demo.moment(_FOUNDED), lambda: _found_ward(demo)),
        on(60, 9, "thu.ky", lambda work: _assign(work, demo)),
        on(40, 9, "thu.ky", lambda work: _draft_scope(work, demo)),
        on(38, 10, "lanh.dao", _sign_scope),
        on(30, 9, "thu.ky", lambda work: _publish(work, "QT-01", PublicationMode.BINDING)),
        on(30, 10, "thu.ky", lambda work: _publish(work, "QT-TP-02", PublicationMode.TO_ADOPT)),
        on(29, 9, "thu.ky", lambda work: _publish(work, "QT-10", PublicationMode.TO_ADOPT)),
        on(23, 14, "chu.tich.phuong", lambda work: _adopt(work, "QT-TP-02", "42/QĐ-UBND")),
        on(3, 15, "thu.ky", lambda work: _draft_scope(work, demo, _MORE, ahead=7)),
    ]


def _found_ward(demo: Stage) -> None:
    at, first_day = demo.moment(_FOUNDED), demo.day(_FOUNDED)
    code, name, root_code = WARD
    with unit_of_work(None, now=at) as work:
        above = demo.person("thu.ky").body
        body = create_body(
            work, code, name, active_from=first_day, overseer=work.fresh(above), is_demo=True,
            root_code=root_code,
        )  # fmt: skip
        root = root_unit(work.session, body.id)
        units = {
            key: add_unit(work, root, key, unit_name, UnitKind.TEAM, active_from=first_day)
            for key, unit_name in _UNITS
        }
        for name_of, unit, post, login, role, over_body in WARD_PEOPLE:
            person = add_person(
                work,
                PersonData(
                    name=name_of,
                    unit=units[unit],
                    post=post,
                    email=f"{login}@vinhlam.example.vn",
                    login=login,
                ),
            )
            demo.people[login] = person.id
            over = root if over_body else units[unit]
            appoint(work, person, role, over, from_on=first_day, decision_number="01/QĐ-UBND")


def _document(work: Work, body_id: int, code: str) -> Document | None:
    return work.session.scalars(
        sa.select(Document).where(Document.body_id == body_id, Document.code == code)
    ).one_or_none()


def _assign(work: Work, demo: Stage) -> None:
    body = work.actor.body
    since = demo.day(200)
    units: dict[str, Unit] = {unit.code: unit for unit in units_of(work.session, body.id)}
    for kind, code, name, field, lead, others, governing in _MATRIX:
        add_assignment(
            work,
            body,
            AssignmentData(
                kind=kind,
                code=code,
                name=name,
                valid_from=since,
                lead_unit=units.get(lead),
                others=tuple(units[one] for one in others.split()),
                document=_document(work, body.id, governing) if governing else None,
                procedure_field=field,
                legal_owner="Sở Y tế" if code == "1.000910" else "",
                delegated_from=since if code == "1.000910" else None,
            ),
        )


def _draft_scope(work: Work, demo: Stage, more: str = "", *, ahead: int = -35) -> None:
    body = work.actor.body
    units = [unit for unit in units_of(work.session, body.id, work.today)
             if unit.kind is UnitKind.DEPARTMENT]  # fmt: skip
    draft_scope(
        work,
        body,
        ScopeData(
            covers=_COVERS + more,
            units=units,
            effective_on=demo.day(-ahead),
            address="Số 1 đường Lam Giang, quận Vĩnh Lam",
            exclusions={"8.3": "Thủ tục, điều kiện và thời hạn do luật định; quận không thiết kế"},
        ),
    )


def _proof(work: Work) -> Proof:
    return Proof(person_id=work.actor.id, method="demo", proved_at=work.now - timedelta(seconds=1))


def _sign_scope(work: Work) -> None:
    draft = draft_of(work.session, work.actor.body_id)
    if draft is not None:
        approve_scope(work, draft, proof=_proof(work))


def _publish(work: Work, code: str, mode: PublicationMode) -> None:
    document = _document(work, work.actor.body_id, code)
    if document is not None and effective_revision(work.session, document) is not None:
        publish(work, document, PublicationData(mode))


def _adopt(work: Work, code: str, number: str) -> None:
    above = work.session.get_one(Body, work.actor.body.overseer_id)
    document = _document(work, above.id, code)
    publication = open_publication(work.session, document) if document is not None else None
    current = effective_revision(work.session, document) if document is not None else None
    if publication is not None and current is not None:
        offer = Offer(publication, current)
        adopt(work, [offer], AdoptionData(work.today, number), proof=_proof(work))
