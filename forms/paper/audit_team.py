"""The decision that sets up an audit team, model 1.2 of Decree 30/2020 (practice 9.8; A1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.issuer import Issuer
from forms.paper.layout import Column, Signer, figure
from forms.paper.official_sheet import OfficialSheet, day_in_words, days_in_words

_MEMBERS = (
    Column("STT", 14),
    Column("Họ và tên", 42),
    Column("Chức vụ, đơn vị", 50),
    Column("Vai trò", 28),
    Column("Lĩnh vực phụ trách", 33),
)


@dataclass(frozen=True)
class Member:
    """Somebody of the team."""

    name: str
    post: str
    part: str
    fields: str


@dataclass(frozen=True)
class Excepted:
    """An exception to independence that a leader signed, with its safeguards (A1)."""

    name: str
    unit: str
    reason: str
    safeguards: str

    @property
    def words(self) -> str:
        """Give it as one sentence of a paper."""
        return (
            f"{self.name} được tham gia đánh giá {self.unit} theo ngoại lệ đã được lãnh đạo ký "
            f"duyệt. Lý do: {self.reason.rstrip('.')}. Biện pháp bảo đảm khách quan: "
            f"{self.safeguards.rstrip('.')}."
        )


@dataclass(frozen=True)
class TeamDecision(Issuer):
    """What the decision says; number and day are given by hand after signing."""

    number: str
    units: tuple[str, ...]
    criteria: tuple[str, ...]
    programme: str
    approved_on: date | None
    first: date
    last: date
    method: str
    members: tuple[Member, ...]
    exceptions: tuple[Excepted, ...]
    signer: str
    capacity: str


def build_team_decision(said: TeamDecision) -> bytes:
    """Give the Word file of the decision."""
    subject = f"Về việc thành lập Đoàn đánh giá nội bộ {joined(said.units)}"
    sheet = OfficialSheet(f"Quyết định thành lập đoàn đánh giá {said.number}")
    sheet.issued(said, "QĐ")
    sheet.title("Quyết định", subject)
    sheet.authority(f"{said.head} {said.full_name}")
    signed = f", ký {day_in_words(said.approved_on)}" if said.approved_on else ""
    sheet.bases(
        [
            *(f"Căn cứ {named_criterion(one)}" for one in said.criteria),
            f"Căn cứ {said.programme}{signed}",
            "Theo đề nghị của Đại diện lãnh đạo về chất lượng",
        ]
    )
    sheet.resolves()
    sheet.article(
        1,
        f"Thành lập Đoàn đánh giá nội bộ theo cuộc đánh giá {said.number}, gồm các ông, bà có "
        "tên sau:",
    )
    sheet.gap()
    sheet.table(
        _MEMBERS,
        [
            (figure(at), one.name, one.post, one.part, one.fields)
            for at, one in enumerate(said.members, start=1)
        ],
        size=13,
    )
    sheet.article(
        2,
        f"Đoàn đánh giá thực hiện đánh giá tại {joined(said.units)}, "
        f"{days_in_words(said.first, said.last)}, theo hình thức {said.method.lower()}.",
    )
    sheet.article(
        3,
        "Đoàn đánh giá lập kế hoạch, thu thập bằng chứng khách quan, báo cáo kết quả, kiến nghị "
        "hành động khắc phục và giữ bí mật thông tin của đơn vị được đánh giá. Trưởng đoàn phân "
        "công nhiệm vụ cho từng thành viên. Đoàn tự giải thể sau khi hoàn thành nhiệm vụ.",
    )
    for one in said.exceptions:
        sheet.paragraph(one.words)
    sheet.article(
        4,
        "Đại diện lãnh đạo về chất lượng, thủ trưởng các đơn vị được đánh giá và các ông, bà có "
        "tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này./.",
    )
    sheet.foot(
        ["Như Điều 4", "Đoàn đánh giá", "Lưu: VT, HTQLCL"],
        Signer(said.offices(said.capacity), said.signer),
    )
    return sheet.to_bytes()


def joined(names: tuple[str, ...]) -> str:
    """Write a few names in a row; of many how many they are."""
    if len(names) > 4:
        return f"{len(names)} đơn vị"
    return ", ".join(names)


def named_criterion(name: str) -> str:
    """Name a set of criteria as papers do: the national standard by its own number."""
    if name.startswith("ISO 9001:"):
        return f"Tiêu chuẩn quốc gia TCVN {name} về Hệ thống quản lý chất lượng - Các yêu cầu"
    return name
