"""Internal audit in the demo body: six auditors, a signed programme, audits in several states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import sqlalchemy as sa

from app.demo_data.asking import answering_acts, asking_acts
from app.demo_data.documents import Act
from app.demo_data.plans import plan_acts
from app.demo_data.stage import Stage
from app.kernel.signatures import Proof
from app.kernel.work import Work, unit_of_work
from audits.auditor import (
    Qualification,
    add_entry,
    declare_conflict,
    enter_leave,
    name_auditor,
)
from audits.models import (
    Audit,
    AuditKind,
    AuditMethod,
    Auditor,
    EntryKind,
    Programme,
    TeamPart,
)
from audits.planned_audit import (
    AuditData,
    announce_audit,
    begin_audit,
    close_audit,
    end_fieldwork,
    move_audit,
    plan_audit,
    postpone_audit,
)
from audits.programme import (
    ProgrammeData,
    UnitData,
    approve_programme,
    draft_programme,
    programme_in,
    submit_programme,
    weigh_unit,
)
from audits.standards import load_own_criteria, standards_of
from audits.team import join_team

NAMED, DRAWN_UP, SIGNED = 200, 190, 183  # days ago
GUEST = "Lê Hữu Khách"
# account, fields, may lead
_AUDITORS = (
    ("truong.doan", ("Tài chính", "Một cửa"), True),
    ("cv1.vp", ("Văn thư", "Một cửa"), True),
    ("danh.gia.vien", ("Nội vụ", "Hộ tịch"), False),
    ("cv1.lx", ("Lao động", "Xã hội"), False),
    ("cv1.th1", ("Giáo dục",), False),
)
# units, first day (days ago; below nothing: to come), length, lead, members
_AUDITS: tuple[tuple[str, int, int, str, tuple[str, ...]], ...] = (
    ("TP", 150, 2, "truong.doan", ("danh.gia.vien",)),
    ("P01 P02", 110, 2, "cv1.vp", ("cv1.lx",)),
    ("QL", 40, 1, "truong.doan", ("cv1.lx",)),
    ("GD", 1, 2, "cv1.vp", ("danh.gia.vien",)),
    ("YT", -14, 1, "truong.doan", ("cv1.th1",)),
    ("KT", -21, 1, "cv1.vp", ("danh.gia.vien",)),
    ("NV", -9, 1, "truong.doan", ("cv1.lx",)),
)
_IMPORTANCE = {"TP": 5, "VP": 4, "TN": 5, "QL": 4, "P01": 4, "P04": 4, "MN1": 2, "MN2": 2}


def audit_acts(stage: Stage) -> list[Act]:
    """Give the acts in the order of time."""

    def on(days: int, hour: int, who: str, does: Callable[[Work], None]) -> Act:
        at = stage.moment(days, hour)

        def happen() -> None:
            person = stage.person(who) if who else None
            with unit_of_work(person, now=at) as work:
                does(work)

        return Act(at, happen)

    def stage_of(serial: int, days: int, hour: int, does: Callable[[Work, Audit], None]) -> Act:
        lead = _AUDITS[serial - 1][3] if serial <= len(_AUDITS) else "truong.doan"
        return on(days, hour, lead, lambda work: does(work, _audit(work, stage, serial)))

    return [
        on(NAMED, 8, "", _load),
        on(NAMED, 9, "thu.ky", lambda work: _name(work, stage)),
        on(NAMED, 10, "thu.ky", _train),
        on(DRAWN_UP, 8, "thu.ky", lambda work: _weigh(work, stage)),
        on(DRAWN_UP, 9, "thu.ky", lambda work: _draw_up(work, stage)),
        on(SIGNED + 1, 9, "thu.ky", lambda work: submit_programme(work, _programme(work, stage))),
        on(SIGNED, 15, "lanh.dao", lambda work: _sign(work, stage)),
        stage_of(1, 158, 9, announce_audit),
        stage_of(1, 150, 8, begin_audit),
        stage_of(1, 149, 17, end_fieldwork),
        stage_of(1, 100, 9, close_audit),
        stage_of(2, 118, 9, announce_audit),
        stage_of(2, 110, 8, begin_audit),
        stage_of(2, 109, 17, end_fieldwork),
        stage_of(3, 48, 9, announce_audit),
        stage_of(3, 40, 8, begin_audit),
        stage_of(3, 40, 17, end_fieldwork),
        stage_of(4, 10, 9, announce_audit),
        *asking_acts(on, lambda work: _audit(work, stage, 4), _AUDITS[3][3], _AUDITS[3][4][0]),
        stage_of(4, 1, 8, begin_audit),
        *answering_acts(on, lambda work: _audit(work, stage, 4), _AUDITS[3][3], _AUDITS[3][4][0]),
        stage_of(5, 2, 9, announce_audit),
        on(6, 9, "danh.gia.vien", lambda work: _declare(work, stage)),
        on(4, 9, "danh.gia.vien", lambda work: _away(work, stage)),
        stage_of(7, 3, 9, _postpone),
        stage_of(5, 1, 16, lambda work, audit: _move(work, audit, stage.day(-16))),
        on(2, 14, "thu.ky", lambda work: _unscheduled(work, stage)),
        *plan_acts(stage, on, lambda work, serial: _audit(work, stage, serial)),
    ]


def _load(work: Work) -> None:
    load_own_criteria(work)


def _programme(work: Work, stage: Stage) -> Programme:
    found = programme_in(work.session, work.actor.body_id, stage.today.year)
    if found is None:
        raise LookupError("programme")
    return found


def _audit(work: Work, stage: Stage, serial: int) -> Audit:
    programme = _programme(work, stage)
    return next(one for one in programme.audits if one.serial == serial)


def _auditor(work: Work, stage: Stage, login: str) -> Auditor:
    return work.session.scalars(
        sa.select(Auditor).where(Auditor.person_id == stage.people[login])
    ).one()


def _name(work: Work, stage: Stage) -> None:
    body, until = work.actor.body, stage.day(-500)
    for login, fields, may_lead in _AUDITORS:
        said = Qualification(fields, may_lead, stage.day(NAMED), until, 2, 16)
        name_auditor(work, body, said, person=stage.person(login))
    guest = Qualification(("Một cửa",), days_per_week=1, days_per_year=6)
    name_auditor(
        work, body, guest, name=GUEST, organisation="Chi cục Tiêu chuẩn Đo lường Chất lượng"
    )


def _train(work: Work) -> None:
    for number, auditor in enumerate(work.session.scalars(sa.select(Auditor)).all(), start=1):
        add_entry(
            work,
            auditor,
            EntryKind.COURSE,
            held_on=work.today - timedelta(days=40),
            title="Đánh giá viên nội bộ TCVN ISO 9001:2015, ISO 19011",
            certificate=f"ĐGV-{100 + number}",
        )


def _weigh(work: Work, stage: Stage) -> None:
    for code, importance in _IMPORTANCE.items():
        needs = ("Hộ tịch",) if code == "TP" else ()
        weigh_unit(work, stage.unit(code), UnitData(importance, needs=needs))


def _draw_up(work: Work, stage: Stage) -> None:
    data = ProgrammeData(
        objectives="Xác nhận hệ thống quản lý chất lượng phù hợp và được duy trì có hiệu lực.",
        scope_text="Các phòng, phường và trường trong phạm vi hệ thống.",
        standards=standards_of(work.session, work.actor.body_id)[:1],
        risks="Đánh giá viên kiêm nhiệm, vướng kỳ họp HĐND và kỳ thi.",
        resources="Năm đánh giá viên, một người mời; xe đi phường.",
    )
    programme = draft_programme(work, work.actor.body, stage.today.year, data)
    for codes, ago, length, lead, members in _AUDITS:
        first = stage.day(ago)
        audit = plan_audit(
            work,
            programme,
            AuditData(
                units=[stage.unit(code) for code in codes.split()],
                window=(None, None),
                days=(first, first + timedelta(days=length - 1)),
                method=AuditMethod.MIXED if codes == "YT" else AuditMethod.ON_SITE,
            ),
        )
        join_team(work, audit, _auditor(work, stage, lead), TeamPart.LEAD)
        for login in members:
            join_team(work, audit, _auditor(work, stage, login), TeamPart.AUDITOR)
    window = (stage.day(-25), stage.day(-39))
    plan_audit(work, programme, AuditData([stage.unit("TN")], window))


def _sign(work: Work, stage: Stage) -> None:
    proof = Proof(work.actor.id, "demo", work.now - timedelta(seconds=1))
    approve_programme(work, _programme(work, stage), proof=proof)


def _declare(work: Work, stage: Stage) -> None:
    own = _auditor(work, stage, "danh.gia.vien")
    declare_conflict(work, own, stage.unit("P04"), reason="Có người thân làm ở phường")


def _away(work: Work, stage: Stage) -> None:
    own = _auditor(work, stage, "danh.gia.vien")
    enter_leave(work, own, from_on=stage.day(-20), until_on=stage.day(-24))


def _postpone(work: Work, audit: Audit) -> None:
    postpone_audit(work, audit, reason="Trùng đợt thanh tra công vụ của thành phố.")


def _move(work: Work, audit: Audit, first: date) -> None:
    move_audit(work, audit, days=(first, first), reason="Đơn vị có đoàn kiểm tra ngày đó.")


def _unscheduled(work: Work, stage: Stage) -> None:
    first = stage.day(-5)
    audit = plan_audit(
        work,
        _programme(work, stage),
        AuditData(
            units=[stage.unit("P04")],
            window=(None, None),
            days=(first, first),
            kind=AuditKind.UNSCHEDULED,
            reason="Ba phản ánh của dân về trả kết quả chậm trong tháng.",
        ),
    )
    join_team(work, audit, _auditor(work, stage, "truong.doan"), TeamPart.LEAD)
    guest = work.session.scalars(sa.select(Auditor).where(Auditor.name == GUEST)).one()
    join_team(work, audit, guest, TeamPart.EXPERT)
