"""What two audits of the demo body found: disputed, decided, reported, received, followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import ZONE, Stage
from app.kernel.install import installation
from app.kernel.signatures import Proof
from app.kernel.work import Work, unit_of_work
from app.web.audits.report_paper import paper_of
from audits.finding import (
    FindingData,
    decide_finding,
    findings_now,
    respond,
    send_findings,
    write_finding,
)
from audits.models import (
    SCORES,
    Audit,
    Clause,
    Finding,
    FindingGrade,
    LeadDecision,
    Programme,
    Recommendation,
    UnitResponse,
)
from audits.rating import rate_audit
from audits.report_following import answer_recommendation, receive_report, register_report
from audits.reporting import ReportData, digest_of, issue_report
from documents.storing import BroughtFile
from forms.paper.audit_report import build_audit_report
from forms.paper.catalogue import Printing
from forms.paper.layout import DOCX

LEAD, HEAD, OTHER_LEAD = "truong.doan", "truong.phong", "cv1.vp"
# of the first audit: grade, clause, what, evidence
_FIRST = (
    (
        FindingGrade.MINOR,
        "7.5.3",
        "Bản niêm yết quy trình đăng ký khai sinh tại quầy số 2 là lần ban hành cũ.",
        "Bản niêm yết tại quầy số 2, xem ngày đánh giá",
    ),
    (
        FindingGrade.MINOR,
        "8.5.1",
        "Ba trong mười hồ sơ lấy mẫu không ghi giờ tiếp nhận vào sổ theo dõi.",
        "Sổ tiếp nhận, hồ sơ số 112, 118, 131",
    ),
    (
        FindingGrade.OBSERVATION,
        "9.1.2",
        "Phiếu khảo sát mức độ hài lòng để ở nơi người dân khó thấy.",
        "Ảnh khu vực chờ",
    ),
    (
        FindingGrade.STRENGTH,
        "8.2.1",
        "Trả kết quả sớm hơn hạn ở chín trong mười hồ sơ lấy mẫu.",
        "Mười hồ sơ lấy mẫu, phần mềm một cửa",
    ),
)
_SECOND = (
    (
        FindingGrade.MINOR,
        "7.5.3",
        "Biểu mẫu tiếp nhận tại bộ phận một cửa chưa theo lần sửa đổi mới.",
        "Tập biểu mẫu tại quầy",
    ),
)
_WORDS = ReportData(
    conclusions="Hệ thống quản lý chất lượng của đơn vị phù hợp yêu cầu và được duy trì có hiệu "
    "lực, trừ các điểm không phù hợp nêu trong báo cáo.",
    comparison="Chưa có lần đánh giá trước trong hệ thống.",
    causes="Chưa phân công người thu hồi bản niêm yết cũ.",
    demands="Thay bản niêm yết, bổ sung giờ tiếp nhận vào sổ theo dõi.",
)


def finding_acts(stage: Stage) -> list[Act]:
    """Give the acts in the order of time; the audits themselves are told elsewhere."""

    def on(days: int, hour: int, who: str, does: Callable[[Work], None]) -> Act:
        at = stage.moment(days, hour)

        def happen() -> None:
            with unit_of_work(stage.person(who), now=at) as work:
                does(work)

        return Act(at, happen)

    def of(serial: int, does: Callable[[Work, Audit], None]) -> Callable[[Work], None]:
        return lambda work: does(work, _audit(work, stage, serial))

    def signed(serial: int, days: int, who: str) -> Act:
        at = stage.moment(days, 9)
        return Act(at, lambda: _issue(stage, serial, who, at))

    return [
        on(149, 15, LEAD, of(1, lambda work, audit: _write(work, audit, _FIRST))),
        on(148, 8, LEAD, of(1, _send)),
        on(146, 9, HEAD, of(1, _answer)),
        on(144, 9, LEAD, of(1, _decide)),
        signed(1, 140, LEAD),
        on(139, 9, HEAD, of(1, _receive)),
        on(138, 9, "thu.ky", of(1, _register)),
        on(137, 9, HEAD, of(1, _rate)),
        on(120, 9, HEAD, of(1, _follow)),
        on(109, 15, OTHER_LEAD, of(2, lambda work, audit: _write(work, audit, _SECOND))),
        on(108, 8, OTHER_LEAD, of(2, _send)),
        signed(2, 99, OTHER_LEAD),
    ]


def _audit(work: Work, stage: Stage, serial: int) -> Audit:
    return work.session.scalars(
        sa.select(Audit)
        .join(Programme, Programme.id == Audit.programme_id)
        .where(
            Audit.body_id == work.actor.body_id,
            Audit.serial == serial,
            Programme.year == stage.today.year,
        )
    ).one()


def _write(work: Work, audit: Audit, said: tuple[tuple[FindingGrade, str, str, str], ...]) -> None:
    clauses = {one.clause.number: one.clause for one in audit.clauses}
    for grade, number, statement, evidence in said:
        clause: Clause = clauses.get(number) or audit.clauses[0].clause
        data = FindingData(audit.units[0].unit, statement, grade, clause, (), evidence)
        write_finding(work, audit, data)


def _findings(work: Work, audit: Audit) -> list[Finding]:
    return findings_now(work, audit)


def _answer(work: Work, audit: Audit) -> None:
    first, second, third = _findings(work, audit)[:3]
    respond(work, first, UnitResponse.COMMENT, words="Đã thay bản niêm yết ngay hôm sau.")
    respond(
        work,
        second,
        UnitResponse.DISPUTE,
        words="Giờ tiếp nhận có trên phần mềm một cửa, sổ giấy chỉ để tham khảo.",
    )
    respond(work, third, UnitResponse.ACCEPT)


def _decide(work: Work, audit: Audit) -> None:
    second = _findings(work, audit)[1]
    reason = "Quy trình đang hiệu lực quy định ghi giờ vào sổ theo dõi; phần mềm chưa thay sổ."
    decide_finding(work, second, LeadDecision.UPHOLD, reason=reason)


def _issue(stage: Stage, serial: int, who: str, at: datetime) -> None:
    with unit_of_work(stage.person(who), now=at) as work:
        audit = _audit(work, stage, serial)
        words = ReportData(
            _WORDS.conclusions, _WORDS.comparison, _WORDS.causes, _WORDS.demands,
            work.today + timedelta(days=20),
        )  # fmt: skip
        found = _findings(work, audit)
        body = work.actor.body
        above = body.overseer.name if body.overseer is not None else ""
        printing = Printing(body.name, above, work.actor.name, at.astimezone(ZONE))
        sheet = build_audit_report(printing, paper_of(audit, found, words, on=work.today))
        sha256 = installation().store.put(sheet)
        name = f"bao-cao-{audit.number.lower()}.docx"
        issue_report(
            work,
            audit,
            words,
            printed=BroughtFile(sha256, name, len(sheet), DOCX, "", ""),
            digest=digest_of(found),
            proof=Proof(work.actor.id, "demo", work.now - timedelta(seconds=1)),
            seen=None,
        )


def _send(work: Work, audit: Audit) -> None:
    send_findings(work, audit)


def _receive(work: Work, audit: Audit) -> None:
    receive_report(work, audit, audit.units[0].unit)


def _register(work: Work, audit: Audit) -> None:
    register_report(work, audit, number="15/BC-ĐGNB", on=work.today)


def _rate(work: Work, audit: Audit) -> None:
    scores = dict(zip(SCORES, (5, 4, 4, 5, 4), strict=True))
    rate_audit(work, audit, scores, comment="Hỏi đúng việc, góp ý dễ làm theo.")


def _follow(work: Work, audit: Audit) -> None:
    report = _findings(work, audit)[2]
    made = work.session.scalars(sa.select(Recommendation).where(
        Recommendation.finding_id == report.id
    )).one()  # fmt: skip
    answer_recommendation(work, made, "Đã chuyển hộp phiếu ra cạnh quầy trả kết quả.")
