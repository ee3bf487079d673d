"""A document of the demo body that only exists as a scan, and somebody invited to another (a54)."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from app.demo_data.approving import approving_acts
from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.work import Work, unit_of_work
from documents.content.flattening import as_pictures
from documents.content.setting import set_pages
from documents.drafting import (
    DocumentData,
    DraftData,
    begin_revision,
    bring_file,
    change_draft,
    open_document,
)
from documents.inviting import invite
from documents.models import Document, DocumentKind, Package, Revision
from documents.register import open_revision

TITLE = "Nội quy phòng tiếp công dân"
DRAFTED, IN_FORCE = 66, 52  # days ago
INVITED_TO, GUEST = "QT-LX-01", "cv1.vp"
_LINES = (
    "Điều 1. Công dân xuất trình giấy tờ tùy thân và đăng ký với người trực.",
    "Điều 2. Người trực ghi sổ, phát phiếu thứ tự và hướng dẫn nơi ngồi chờ.",
    "Điều 3. Người tiếp công dân lắng nghe, ghi chép đầy đủ nội dung trình bày.",
    "Điều 4. Đơn thuộc thẩm quyền được thụ lý trong thời hạn mười ngày làm việc.",
    "Điều 5. Không ghi âm, ghi hình khi chưa được người tiếp công dân đồng ý.",
    "Điều 6. Lịch tiếp công dân của lãnh đạo được niêm yết tại cửa phòng.",
)


def scan_acts(stage: Stage) -> list[Act]:
    """Bring a signed paper in as pictures of its pages; invite a colleague to a revision."""

    def draft() -> None:
        brought = stage.intake(_pictures(), "Noi quy tiep cong dan (ban quet).pdf")
        now, author = stage.moment(DRAFTED), stage.person("cv1.vp")
        with unit_of_work(stage.person("thu.ky"), now=now) as work:
            opened = open_document(
                work,
                DocumentData(
                    kind=DocumentKind.WORK_INSTRUCTION,
                    lead_unit=work.fresh(stage.unit("VP")),
                    title=TITLE,
                    title_en="House rules of the reception room for citizens",
                    keeper=work.fresh(author),
                ),
            )
        with unit_of_work(author, now=now) as work:
            revision = begin_revision(work, work.fresh(opened), authors=[work.actor])
            bring_file(work, revision, brought)
            change_draft(
                work,
                revision,
                DraftData(
                    title=TITLE,
                    code="",
                    edition=1,
                    amendment=0,
                    reason="Bản ký giấy có từ trước, quét để lưu và tra cứu",
                    change_summary="",
                    effective_on=stage.day(IN_FORCE),
                    authors=(author,),
                ),
            )

    return [
        Act(stage.moment(DRAFTED), draft),
        *approving_acts(stage, _package, "cv1.vp", drafted=DRAFTED, in_force=IN_FORCE),
        Act(stage.moment(4, 16), partial(_invite, stage)),
    ]


def _package(work: Work) -> Package:
    return work.session.scalars(
        sa.select(Package)
        .join(Revision, Revision.package_id == Package.id)
        .join(Document, Document.id == Revision.document_id)
        .where(Document.title == TITLE)
    ).one()


def _invite(stage: Stage) -> None:
    with unit_of_work(stage.person("truong.lx"), now=stage.moment(4, 16)) as work:
        document = work.session.scalars(
            sa.select(Document).where(
                Document.body_id == work.actor.body_id, Document.code == INVITED_TO
            )
        ).one()
        revision = open_revision(work.session, document)
        if revision is not None and revision.package is not None:
            invite(
                work,
                revision.package,
                stage.person(GUEST),
                until_on=stage.day(-10),
                reason="Xem giúp phần trả kết quả tại Bộ phận một cửa.",
            )


def _pictures() -> bytes:
    """Give a sheet as a scanner leaves it: a picture of the page, no letters in the file."""
    lines = "".join(f"<p>{line}</p>" for line in _LINES)
    page = (
        "<html lang='vi'><style>@page{size:A4;margin:25mm 20mm 25mm 30mm}"
        "body{font:14pt serif;line-height:1.5}h1{font-size:15pt;text-align:center}"
        ".sign{margin-top:14mm;text-align:right}</style>"
        f"<p><b>UBND QUẬN VĨNH LÂM</b><br>VĂN PHÒNG</p><h1>{TITLE.upper()}</h1>{lines}"
        "<p class='sign'>CHÁNH VĂN PHÒNG<br>(đã ký, đóng dấu)</p></html>"
    )
    return as_pictures(set_pages(page))
