"""The minutes of an opening or closing meeting, model 1.9 of Decree 30/2020 (9.15; b26, b33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.issuer import Issuer
from forms.paper.layout import Signer
from forms.paper.official_sheet import OfficialSheet, day_in_words, hour_in_words

_OPEN = "……………………………………………………"
_BY_HAND = "(Họ và tên)"


@dataclass(frozen=True)
class MinutesOfMeeting(Issuer):
    """What the minutes say; what nobody wrote down is left to the hand."""

    number: str
    units: str
    is_opening: bool
    held_on: date
    begins: str
    ends: str
    where: str
    present: tuple[str, ...]
    chair: str
    secretary: str
    notes: str
    opinion: str
    signed: tuple[str, ...]

    @property
    def name(self) -> str:
        """Give what sort of meeting it is."""
        return "họp khai mạc" if self.is_opening else "họp kết thúc"


def build_minutes(said: MinutesOfMeeting) -> bytes:
    """Give the Word file of the minutes."""
    subject = f"{said.name[:1].upper()}{said.name[1:]} cuộc đánh giá nội bộ {said.number}"
    sheet = OfficialSheet(f"Biên bản {said.name} {said.number}")
    sheet.issued(said, "BB", dated=False)
    sheet.title("Biên bản", subject)
    sheet.paragraph(
        f"Thời gian bắt đầu: {hour_in_words(said.begins)}, {day_in_words(said.held_on)}."
    )
    sheet.paragraph(f"Địa điểm: {said.where or _OPEN}")
    sheet.paragraph(f"Thành phần tham dự: {'; '.join(said.present) or _OPEN}")
    sheet.paragraph(f"Chủ trì (chủ tọa): {said.chair or _OPEN}")
    sheet.paragraph(f"Thư ký (người ghi biên bản): {said.secretary or _OPEN}")
    sheet.paragraph(f"Nội dung {said.name} (đơn vị được đánh giá: {said.units}):")
    for line in (said.notes or _OPEN).splitlines():
        if line.strip():
            sheet.paragraph(line.strip())
    sheet.paragraph(f"Ý kiến của đơn vị được đánh giá: {said.opinion or _OPEN}")
    if said.signed:
        sheet.paragraph(f"Đã ký trong hệ thống: {'; '.join(said.signed)}.")
    sheet.paragraph(
        f"Cuộc {said.name} kết thúc vào {hour_in_words(said.ends)}, {day_in_words(said.held_on)}./."
    )
    sheet.signatures(
        Signer(("Thư ký",), said.secretary or _BY_HAND),
        Signer(("Chủ tọa",), said.chair or _BY_HAND),
    )
    sheet.receivers("Đơn vị được đánh giá", "Đoàn đánh giá", "Lưu: VT, Hồ sơ")
    return sheet.to_bytes()
