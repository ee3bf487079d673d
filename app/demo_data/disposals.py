"""Records of the demo body that were kept as long as they had to be, and went by decision (D5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.signatures import Proof
from app.kernel.work import Work, unit_of_work
from documents.disposing import DisposalData, propose_disposal, sign_disposal
from documents.models import Disposal, DisposalMethod, QualityRecord
from documents.records import RecordData, keep_record

_TITLES = ("Sổ theo dõi văn bản đến", "Sổ theo dõi văn bản đi")
_KEPT = 1000  # days ago, for one year


def disposal_acts(stage: Stage) -> list[Act]:
    """Give the acts in the order of time."""

    def on(days: int, hour: int, who: str, does: Callable[[Work], None]) -> Act:
        at = stage.moment(days, hour)

        def happen() -> None:
            with unit_of_work(stage.person(who), now=at) as work:
                does(work)

        return Act(at, happen)

    return [
        on(_KEPT, 14, "truong.vp", lambda work: _keep(work, stage)),
        on(12, 9, "thu.ky", _propose),
        on(11, 10, "lanh.dao", _sign),
    ]


def _keep(work: Work, stage: Stage) -> None:
    for at, title in enumerate(_TITLES, start=1):
        keep_record(
            work,
            RecordData(
                stage.unit("VP"),
                title,
                stage.day(_KEPT),
                number=f"VT-{at:02d}",
                holder=work.actor,
                place="Kho lưu trữ, giá 4",
                keep_years=1,
            ),
        )


def _propose(work: Work) -> None:
    due = work.session.scalars(
        sa.select(QualityRecord)
        .where(QualityRecord.body_id == work.actor.body_id, QualityRecord.title.in_(_TITLES))
        .order_by(QualityRecord.id)
    )
    said = DisposalData("Hết thời hạn lưu, không còn giá trị tra cứu.", DisposalMethod.SHREDDED)
    propose_disposal(work, work.actor.body, said, list(due))


def _sign(work: Work) -> None:
    found = work.session.scalars(
        sa.select(Disposal).where(Disposal.body_id == work.actor.body_id).order_by(Disposal.id)
    ).first()
    if found is None:
        raise LookupError("disposal")
    proof = Proof(work.actor.id, "demo", work.now - timedelta(seconds=1))
    sign_disposal(work, found, proof=proof)
