"""The units and people of the demo body: every name is invented."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.organisation import UnitKind
from app.kernel.people import Capacity, Role

BODY = ("demo", "UBND quận Vĩnh Lam", "VL")

# code, name, English name, kind
UNITS: tuple[tuple[str, str, str, UnitKind], ...] = (
    ("LD", "Thường trực UBND quận", "Standing leadership", UnitKind.LEADERSHIP),
    ("VP", "Văn phòng HĐND và UBND", "Office", UnitKind.DEPARTMENT),
    ("NV", "Phòng Nội vụ", "Home affairs", UnitKind.DEPARTMENT),
    ("TP", "Phòng Tư pháp", "Justice", UnitKind.DEPARTMENT),
    ("TC", "Phòng Tài chính - Kế hoạch", "Finance and planning", UnitKind.DEPARTMENT),
    ("TN", "Phòng Tài nguyên và Môi trường", "Land and environment", UnitKind.DEPARTMENT),
    ("QL", "Phòng Quản lý đô thị", "Urban management", UnitKind.DEPARTMENT),
    ("KT", "Phòng Kinh tế", "Economy", UnitKind.DEPARTMENT),
    ("VH", "Phòng Văn hóa và Thông tin", "Culture and information", UnitKind.DEPARTMENT),
    ("GD", "Phòng Giáo dục và Đào tạo", "Education and training", UnitKind.DEPARTMENT),
    ("YT", "Phòng Y tế", "Health", UnitKind.DEPARTMENT),
    ("LX", "Phòng Lao động và Xã hội", "Labour and social affairs", UnitKind.DEPARTMENT),
    ("TTR", "Thanh tra quận", "Inspectorate", UnitKind.DEPARTMENT),
    ("P01", "Phường Vân Trà Hạ", "", UnitKind.WARD),
    ("P02", "Phường Mai Khê Đông", "", UnitKind.WARD),
    ("P03", "Phường Thạch Lĩnh", "", UnitKind.WARD),
    ("P04", "Phường Đông Lam", "", UnitKind.WARD),
    ("P05", "Phường Tây Lam", "", UnitKind.WARD),
    ("P06", "Phường Hà Miên", "", UnitKind.WARD),
    ("P07", "Phường Quế Đình", "", UnitKind.WARD),
    ("P08", "Phường Trúc Viên", "", UnitKind.WARD),
    ("P09", "Phường Bến Mây", "", UnitKind.WARD),
    ("P10", "Phường Cầu Lụa", "", UnitKind.WARD),
    ("P11", "Phường Sen Hồ", "", UnitKind.WARD),
    ("MN1", "Trường Mầm non Nắng Mai", "", UnitKind.SCHOOL),
    ("MN2", "Trường Mầm non Bến Mây", "", UnitKind.SCHOOL),
    ("TH1", "Trường Tiểu học Trúc Viên", "", UnitKind.SCHOOL),
    ("TH2", "Trường Tiểu học Quế Đình", "", UnitKind.SCHOOL),
    ("TH3", "Trường Tiểu học Đông Lam", "", UnitKind.SCHOOL),
    ("CS1", "Trường THCS Thạch Lĩnh", "", UnitKind.SCHOOL),
    ("CS2", "Trường THCS Sen Hồ", "", UnitKind.SCHOOL),
    ("CS3", "Trường THCS Hà Miên", "", UnitKind.SCHOOL),
)


@dataclass(frozen=True)
class Someone:
    """One person: name, home unit, post, account, roles (over the home unit, or the body)."""

    name: str
    unit: str
    post: str
    login: str
    roles: tuple[Role, ...] = ()
    over_body: bool = False
    capacity: Capacity = Capacity.OWN
    shown: bool = False  # gets a password and a line in the table of accounts
    visiting: bool = False  # for limited days


def _head(name: str, unit: str, post: str) -> Someone:
    return Someone(name, unit, post, f"truong.{unit.lower()}", (Role.MANAGER,))


def _staff(name: str, unit: str, number: int = 1, post: str = "Chuyên viên") -> Someone:
    return Someone(name, unit, post, f"cv{number}.{unit.lower()}", (Role.STAFF,))


_LEADER, _OFFICER = Role.LEADER, Role.QUALITY_OFFICER
PEOPLE: tuple[Someone, ...] = (
    Someone("Đặng Hữu Khoát", "LD", "Chủ tịch UBND quận", "chu.tich", (_LEADER,), True),
    Someone(
        *("Trịnh Thị Ngân Hà", "LD", "Phó Chủ tịch UBND quận", "lanh.dao", (_LEADER,), True),
        capacity=Capacity.KT,
        shown=True,
    ),
    Someone(
        *("Lương Quốc Thuận", "LD", "Ủy viên UBND, đại diện lãnh đạo", "dai.dien"),
        *((Role.QUALITY_REPRESENTATIVE,), True),
        shown=True,
    ),
    _head("Cao Thị Bích Liên", "VP", "Chánh Văn phòng"),
    Someone("Ngô Minh Triết", "VP", "Thư ký ISO", "thu.ky", (_OFFICER,), True, shown=True),
    Someone(
        *("Phan Đức Toại", "VP", "Quản trị hệ thống", "quan.tri", (Role.ADMINISTRATOR,), True),
        shown=True,
    ),
    _staff("Hoàng Thị Diệu Thư", "VP", 1, "Chuyên viên tổng hợp"),
    _staff("Bạch Văn Lộc", "VP", 2, "Văn thư"),
    _staff("Tạ Thị Ngọc Quyên", "VP", 3, "Công chức Bộ phận một cửa"),
    _head("Vương Đình Nghĩa", "NV", "Trưởng phòng"),
    _staff("Lại Thị Thùy Dương", "NV"),
    Someone(
        "Mạc Anh Tuấn", "NV", "Chuyên viên", "danh.gia.vien", (Role.AUDITOR,), True, shown=True
    ),
    Someone("Phùng Thị Hoài An", "TP", "Trưởng phòng", "truong.phong", (Role.MANAGER,), shown=True),
    Someone("Đoàn Văn Kiệm", "TP", "Chuyên viên", "chuyen.vien", (Role.STAFF,), shown=True),
    _staff("Chu Thị Mỹ Lệ", "TP", 2),
    _head("Tống Quang Vinh", "TC", "Trưởng phòng"),
    _staff("Kiều Thị Phương Nhi", "TC"),
    Someone(
        *("Thái Bá Dũng", "TC", "Chuyên viên chính", "truong.doan"),
        *((Role.LEAD_AUDITOR, Role.AUDITOR), True),
        shown=True,
    ),
    _head("Nghiêm Xuân Bách", "TN", "Trưởng phòng"),
    _staff("Viên Thị Lan Chi", "TN"),
    _head("Hà Trọng Đạt", "QL", "Trưởng phòng"),
    _staff("Quách Thị Hồng Vân", "QL"),
    _staff("Doãn Mạnh Cường", "QL", 2),
    _head("La Thị Tuyết Minh", "KT", "Trưởng phòng"),
    _staff("Ông Văn Phú", "KT"),
    _head("Khúc Thị Thanh Trà", "VH", "Trưởng phòng"),
    _staff("Giáp Hải Long", "VH"),
    _head("Nhâm Thị Kim Oanh", "GD", "Trưởng phòng"),
    _staff("Tiêu Văn Hòa", "GD"),
    _head("Lộ Đình Phong", "YT", "Trưởng phòng"),
    _staff("Ma Thị Bảo Yến", "YT"),
    _head("Thân Văn Tín", "LX", "Trưởng phòng"),
    _staff("Âu Thị Hạnh", "LX"),
    _head("Cù Huy Hoàng", "TTR", "Chánh Thanh tra"),
    _staff("Đàm Thị Nguyệt", "TTR", 1, "Thanh tra viên"),
    Someone(
        *("Vi Thị Thục Anh", "TTR", "Thành viên đoàn kiểm tra", "kiem.tra"),
        *((Role.INSPECTOR,), True),
        shown=True,
        visiting=True,
    ),
    _head("Lò Văn Chính", "P01", "Chủ tịch UBND phường"),
    _staff("Triệu Thị Mai Phương", "P01", 1, "Công chức tư pháp - hộ tịch"),
    _head("Sầm Đức Hiếu", "P02", "Chủ tịch UBND phường"),
    _staff("Nông Thị Hương Giang", "P02", 1, "Công chức địa chính"),
    _head("Hứa Văn Sơn", "P03", "Chủ tịch UBND phường"),
    _head("Lưu Thị Khánh Linh", "P04", "Chủ tịch UBND phường"),
    _staff("Bàn Tiến Đạt", "P04", 1, "Công chức văn phòng"),
    _head("Từ Ngọc Thắng", "P05", "Chủ tịch UBND phường"),
    _head("Mai Thị Cẩm Nhung", "P06", "Chủ tịch UBND phường"),
    _head("Đinh Công Thành", "P07", "Chủ tịch UBND phường"),
    _head("Tô Thị Minh Hiền", "P08", "Chủ tịch UBND phường"),
    _head("Dương Văn Hậu", "P09", "Chủ tịch UBND phường"),
    _staff("Lục Thị Ánh Tuyết", "P09", 1, "Công chức văn hóa - xã hội"),
    _head("Hồ Sỹ Quân", "P10", "Chủ tịch UBND phường"),
    _head("Châu Thị Hồng Đào", "P11", "Chủ tịch UBND phường"),
    _head("Ninh Thị Thu Trang", "MN1", "Hiệu trưởng"),
    _head("Bùi Thị Yên Bình", "MN2", "Hiệu trưởng"),
    _head("Trương Văn Khải", "TH1", "Hiệu trưởng"),
    _staff("Lý Thị Thanh Xuyến", "TH1", 1, "Giáo viên"),
    _head("Đỗ Thị Như Quỳnh", "TH2", "Hiệu trưởng"),
    _head("Võ Đăng Khoa", "TH3", "Hiệu trưởng"),
    _head("Huỳnh Thị Lệ Thủy", "CS1", "Hiệu trưởng"),
    _head("Tăng Văn Nhật", "CS2", "Hiệu trưởng"),
    _head("Phó Đức Hải", "CS3", "Hiệu trưởng"),
)
