"""Working together in the demo body: wordings suggested, a post lent, a draft's file held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.organising import delegate
from app.kernel.people import Appointment, Role
from app.kernel.work import Work, unit_of_work
from documents.checking_out import check_out
from documents.commenting import answer_suggestion, suggest_wording
from documents.models import Comment, CommentKind, Document, Revision
from documents.register import open_revision, reading_of

SUGGESTED, HELD = "QT-LX-01", "QT-TP-05"


def together_acts(demo: Stage) -> list[Act]:
    """Give the acts in the order of time."""

    def on(days: int, hour: int, who: str, does: Callable[[Work], None]) -> Act:
        at = demo.moment(days, hour)
        return Act(at, lambda: _act(demo, who, at, does))

    return [
        on(4, 15, "truong.lx", _suggest),
        on(3, 9, "cv1.lx", _accept),
        on(1, 17, "truong.phong", lambda work: _lend_post(work, demo)),
        on(0, 7, "chuyen.vien", _hold),
    ]


def _act(demo: Stage, who: str, at: datetime, does: Callable[[Work], None]) -> None:
    with unit_of_work(demo.person(who), now=at) as work:
        does(work)


def _open(work: Work, code: str) -> Revision | None:
    document = work.session.scalars(
        sa.select(Document).where(Document.body_id == work.actor.body_id, Document.code == code)
    ).one()
    return open_revision(work.session, document)


def _suggest(work: Work) -> None:
    """Two wordings for the first passages of the text: one is accepted, one waits."""
    revision = _open(work, SUGGESTED)
    main = revision.main_file if revision is not None else None
    reading = reading_of(work.session, main.sha256) if main is not None else None
    texts = [one.text for one in reading.blocks if one.kind == "paragraph"] if reading else []
    passages = [" ".join(text.split()) for text in texts if len(text.split()) > 8][:2]
    for passage, reason in zip(
        passages,
        ("Nói rõ ai làm, theo Nghị định 118/2025/NĐ-CP.", "Câu dài, người dân khó hiểu."),
        strict=False,
    ):
        old = " ".join(passage.split()[-4:])
        if revision is not None:
            new = f"{old.rstrip('.;')} theo quy định hiện hành"
            suggest_wording(work, revision, old=old, new=new, reason=reason)


def _accept(work: Work) -> None:
    found = work.session.scalars(
        sa.select(Comment).where(Comment.kind == CommentKind.SUGGESTION).order_by(Comment.id)
    ).first()
    if found is not None:
        answer_suggestion(work, found, accepted=True, word="Đúng, sẽ đưa vào bản sau.")


def _lend_post(work: Work, demo: Stage) -> None:
    post = work.session.scalars(
        sa.select(Appointment).where(
            Appointment.person_id == work.actor.id, Appointment.role == Role.MANAGER
        )
    ).first()
    delegate(
        work,
        work.actor,
        demo.person("cv2.tp"),
        from_on=demo.day(1),
        until_on=demo.day(-6),
        reason="Họp chuyên đề ở Sở Tư pháp; thay ở vai trò trưởng phòng",
        post=post,
    )


def _hold(work: Work) -> None:
    draft = _open(work, HELD)
    if draft is not None:
        check_out(work, draft)
