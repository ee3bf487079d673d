"""The printed forms this product has: code and edition of each, as its sheets carry them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from forms.paper.layout import Head

_BELONGS: Final = "Kèm theo Quy trình kiểm soát thông tin dạng văn bản của"


@dataclass(frozen=True)
class PaperForm:
    """One form: its code, its own edition, its title."""

    code: str
    edition: str
    title: str


MASTER_LIST: Final = PaperForm("BM-KS-01", "01/00", "Danh mục tài liệu kiểm soát nội bộ")
EXTERNAL_REGISTER: Final = PaperForm("BM-KS-02", "01/00", "Danh mục tài liệu bên ngoài")
CHANGE_REQUEST: Final = PaperForm(
    "BM-KS-03", "01/00", "Phiếu yêu cầu ban hành, sửa đổi, hủy tài liệu"
)
DISTRIBUTION_LIST: Final = PaperForm("BM-KS-04", "01/00", "Danh sách phân phối, giao nhận tài liệu")
CHANGE_LIST: Final = PaperForm("BM-KS-05", "01/00", "Sổ theo dõi yêu cầu sửa đổi tài liệu")
AUDITOR_RECORD: Final = PaperForm("BM-DG-08", "01/00", "Hồ sơ đánh giá viên")
AUDIT_REPORT: Final = PaperForm("BM-DG-09", "01/00", "Báo cáo đánh giá nội bộ")
CONCLUSION_NOTICE: Final = PaperForm("BM-DG-10", "01/00", "Thông báo kết luận đánh giá nội bộ")
RECORD_LIST: Final = PaperForm("BM-KS-06", "01/00", "Danh mục hồ sơ")


@dataclass(frozen=True)
class Printing:
    """Whose sheet it is, who printed it and when; the moment is the body's own."""

    body: str
    superior: str
    printed_by: str
    printed_at: datetime

    @property
    def head(self) -> Head:
        """Give the head of the sheet."""
        return Head(self.body, self.superior)

    @property
    def goes_with_audits(self) -> str:
        """Say that the form belongs to the procedure of internal audit."""
        return f"Kèm theo Quy trình đánh giá nội bộ của {self.body}"

    @property
    def goes_with(self) -> str:
        """Say which procedure the form belongs to."""
        return f"{_BELONGS} {self.body}"

    def foot(self, form: PaperForm, number: str = "") -> tuple[str, ...]:
        """Say at the foot which form it is, of what, and who printed it when."""
        moment = self.printed_at.strftime("%H:%M ngày %d/%m/%Y")
        return (
            f"{form.code}, lần {form.edition}",
            number,
            f"In bởi {self.printed_by} lúc {moment}",
        )
