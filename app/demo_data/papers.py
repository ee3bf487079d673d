"""The documents of the demo body: what each is about; the wording is invented for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from documents.models import Confidentiality, DocumentKind

PUBLIC, BODY, NAMED = Confidentiality.PUBLIC, Confidentiality.BODY, Confidentiality.NAMED
_ONE_STOP = "Nghị định số 61/2018/NĐ-CP về cơ chế một cửa, một cửa liên thông"
_ONE_STOP_NEW = "Nghị định số 118/2025/NĐ-CP về cơ chế một cửa, một cửa liên thông"
_ISO = "TCVN ISO 9001:2015 Hệ thống quản lý chất lượng - Các yêu cầu"


@dataclass(frozen=True)
class Form:
    """A form that goes with a procedure: title, English title, what is filled in."""

    code: str
    title: str
    title_en: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """One procedure, manual, policy or instruction."""

    code: str
    unit: str
    title: str
    title_en: str
    purpose: str
    laws: tuple[str, ...]
    steps: tuple[tuple[str, str, str], ...]  # task, who, time
    kind: DocumentKind = DocumentKind.PROCEDURE
    confidentiality: Confidentiality = BODY
    clauses: tuple[str, ...] = ("8.5.1",)
    dossier: tuple[str, ...] = ()
    time_limit: str = ""
    fee: str = ""
    forms: tuple[Form, ...] = ()
    # what the second edition says otherwise: old wording -> new wording
    changes: tuple[tuple[str, str], ...] = ()
    change_reason: str = ""
    words: tuple[str, ...] = field(default=())  # further paragraphs


def _service(
    code: str,
    title: str,
    title_en: str,
    law: str,
    dossier: tuple[str, ...],
    days: int,
    *,
    fee: str = "Không thu phí",
    changes: tuple[tuple[str, str], ...] = (),
    reason: str = "",
    forms: tuple[Form, ...] = (),
    who: str = "Chuyên viên",
    confidentiality: Confidentiality = PUBLIC,
) -> Paper:
    """Describe an administrative procedure: its steps follow one pattern, its content does not."""
    unit = code.split("-")[1]
    name = title[0].lower() + title[1:]
    return Paper(
        code=code,
        unit=unit,
        title=title,
        title_en=title_en,
        purpose=f"Quy định thống nhất cách tiếp nhận, thẩm định và trả kết quả {name}, bảo đảm "
        "đúng pháp luật, đúng hẹn và không yêu cầu giấy tờ ngoài quy định.",
        laws=(law, _ONE_STOP),
        steps=(
            ("Kiểm tra thành phần hồ sơ, quét và nhập hồ sơ vào hệ thống, in giấy hẹn trả kết quả",
             "Công chức Bộ phận một cửa", "0,5 ngày"),
            (f"Phân công người thụ lý hồ sơ {name}", "Lãnh đạo đơn vị", "0,5 ngày"),
            ("Thẩm định hồ sơ, xác minh khi cần, dự thảo kết quả hoặc văn bản yêu cầu bổ sung",
             who, f"{max(days - 2, 1)} ngày"),
            ("Xem xét, ký tắt dự thảo kết quả", "Lãnh đạo đơn vị", "0,5 ngày"),
            ("Ký ban hành kết quả, đóng dấu, vào sổ", "Lãnh đạo UBND, văn thư", "0,5 ngày"),
            ("Trả kết quả, thu phí nếu có, lưu hồ sơ", "Công chức Bộ phận một cửa", "Đúng hẹn"),
        ),
        confidentiality=confidentiality,
        clauses=("8.2.1", "8.5.1"),
        dossier=dossier,
        time_limit=f"{days} ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ",
        fee=fee,
        forms=forms,
        changes=(*changes, (_ONE_STOP, _ONE_STOP_NEW)) if changes else (),
        change_reason=reason,
    )  # fmt: skip


def _system(
    number: int,
    title: str,
    title_en: str,
    clauses: tuple[str, ...],
    purpose: str,
    steps: tuple[tuple[str, str, str], ...],
    forms: tuple[Form, ...] = (),
    *,
    changes: tuple[tuple[str, str], ...] = (),
    reason: str = "",
    laws: tuple[str, ...] = (),
) -> Paper:
    return Paper(
        code=f"QT-{number:02d}",
        unit="VP",
        title=title,
        title_en=title_en,
        purpose=purpose,
        laws=(_ISO, *laws),
        steps=steps,
        clauses=clauses,
        forms=forms,
        changes=changes,
        change_reason=reason,
    )


def _form(code: str, title: str, title_en: str, *fields: str) -> Form:
    return Form(code, title, title_en, fields)


MANUAL = Paper(
    "STCL-01", "VP", "Sổ tay chất lượng", "Quality manual",
    "Mô tả hệ thống quản lý chất lượng của UBND quận Vĩnh Lam: phạm vi, các quá trình, trách nhiệm "
    "và cách các quy trình phối hợp với nhau.",
    (_ISO, "Quyết định số 19/2014/QĐ-TTg về áp dụng hệ thống quản lý chất lượng"),
    (("Phê duyệt và công bố sổ tay", "Chủ tịch UBND quận", "Khi thay đổi"),
     ("Phổ biến đến các đơn vị", "Thư ký ISO", "5 ngày"),
     ("Soát xét định kỳ", "Đại diện lãnh đạo", "24 tháng một lần")),
    kind=DocumentKind.MANUAL, confidentiality=PUBLIC, clauses=("4.3", "4.4", "5.3"),
    words=("Phạm vi hệ thống gồm hoạt động quản lý nhà nước và giải quyết thủ tục hành chính của "
           "12 phòng, 11 phường và 8 trường.",
           "Điều khoản 8.3 về thiết kế không áp dụng, vì quận thực hiện thủ tục do cơ quan có "
           "thẩm quyền công bố."),
    changes=(("11 phường và 8 trường", "11 phường, 8 trường và Bộ phận một cửa"),),
    change_reason="Đưa Bộ phận một cửa vào phạm vi hệ thống",
)  # fmt: skip
POLICY = Paper(
    "CS-01", "VP", "Chính sách chất lượng", "Quality policy",
    "Nêu cam kết của lãnh đạo quận đối với người dân và doanh nghiệp.",
    (_ISO,),
    (("Ký chính sách", "Chủ tịch UBND quận", "Đầu nhiệm kỳ"),
     ("Niêm yết tại nơi tiếp công dân", "Các đơn vị", "3 ngày"),
     ("Xem xét sự phù hợp", "Lãnh đạo quận", "12 tháng một lần")),
    kind=DocumentKind.POLICY, confidentiality=PUBLIC, clauses=("5.2",),
    words=("Đúng pháp luật, đúng hẹn, rõ trách nhiệm, lắng nghe và cải tiến.",),
)  # fmt: skip
OBJECTIVES = Paper(
    "CS-02", "VP", "Mục tiêu chất lượng", "Quality objectives",
    "Xác định mục tiêu đo được của quận và của từng đơn vị.",
    (_ISO,),
    (("Đề xuất mục tiêu của đơn vị", "Trưởng đơn vị", "Trước 10/01"),
     ("Tổng hợp, trình phê duyệt", "Thư ký ISO", "Trước 25/01"),
     ("Đánh giá kết quả sáu tháng, chín tháng, cả năm", "Các đơn vị", "Theo kỳ")),
    kind=DocumentKind.POLICY, clauses=("6.2",),
    words=("Ít nhất 97% hồ sơ được giải quyết đúng hạn.",
           "Ít nhất 80% hồ sơ đủ điều kiện được nộp trực tuyến."),
)  # fmt: skip

SYSTEM: tuple[Paper, ...] = (
    _system(
        1, "Kiểm soát thông tin dạng văn bản", "Control of documented information", ("7.5",),
        "Bảo đảm người làm việc luôn dùng đúng bản đang có hiệu lực, bản hết hiệu lực không bị "
        "dùng nhầm và mọi thay đổi đều truy lại được.",
        (("Đề xuất soạn thảo hoặc sửa đổi", "Mọi người", "Khi cần"),
         ("Soạn thảo theo mẫu, nêu lý do sửa đổi", "Người được giao", "10 ngày"),
         ("Xem xét nội dung, ghi ý kiến ngay trên bản thảo", "Trưởng đơn vị", "5 ngày"),
         ("Kiểm tra thể thức, mã số, lần ban hành", "Thư ký ISO", "3 ngày"),
         ("Phê duyệt và ấn định ngày hiệu lực", "Lãnh đạo quận", "3 ngày"),
         ("Thu hồi bản giấy hết hiệu lực", "Thư ký ISO", "2 ngày")),
        (_form("BM-01.01", "Danh mục tài liệu nội bộ", "Master list of documents",
               "Mã tài liệu", "Tên tài liệu", "Lần ban hành", "Ngày hiệu lực", "Đơn vị"),
         _form("BM-01.02", "Phiếu đề nghị sửa đổi tài liệu", "Document change request",
               "Tài liệu", "Nội dung hiện tại", "Nội dung đề nghị", "Lý do", "Người đề nghị")),
        changes=(("10 ngày", "7 ngày"),
                 ("Kiểm tra thể thức, mã số, lần ban hành",
                  "Kiểm tra thể thức, mã số, lần ban hành và văn bản viện dẫn")),
        reason="Rút ngắn thời gian soạn thảo, thêm việc kiểm tra văn bản viện dẫn",
    ),
    _system(
        2, "Quản lý rủi ro và cơ hội", "Risks and opportunities", ("4.1", "4.2", "6.1"),
        "Nhận diện sớm những điều có thể làm quận không đạt mục tiêu và chọn biện pháp phù hợp.",
        (("Nhận diện rủi ro của từng quá trình", "Các đơn vị", "Tháng 01"),
         ("Chấm điểm khả năng và mức độ", "Trưởng đơn vị", "5 ngày"),
         ("Tổng hợp, trình biện pháp", "Thư ký ISO", "10 ngày"),
         ("Theo dõi kết quả biện pháp", "Các đơn vị", "Hằng quý")),
        (_form("BM-02.01", "Bảng nhận diện rủi ro và cơ hội", "Register of risks and opportunities",
               "Quá trình", "Rủi ro hoặc cơ hội", "Khả năng", "Mức độ", "Biện pháp", "Người làm"),),
    ),
    _system(
        3, "Đánh giá nội bộ", "Internal audit", ("9.2",),
        "Xác định hệ thống có phù hợp và có được thực hiện hay không, bởi người không đánh giá "
        "việc của chính mình.",
        (("Lập chương trình đánh giá năm", "Thư ký ISO", "Tháng 02"),
         ("Chọn đoàn, kiểm tra tính độc lập", "Trưởng đoàn", "Trước 10 ngày"),
         ("Đánh giá tại đơn vị", "Đoàn đánh giá", "Theo kế hoạch"),
         ("Báo cáo và yêu cầu khắc phục", "Trưởng đoàn", "5 ngày")),
        (_form("BM-03.01", "Chương trình đánh giá nội bộ", "Internal audit programme",
               "Đơn vị", "Tháng", "Phạm vi", "Chuẩn mực", "Trưởng đoàn"),
         _form("BM-03.02", "Phiếu ghi chép đánh giá", "Audit checklist",
               "Điều khoản", "Câu hỏi", "Bằng chứng", "Kết quả", "Ghi chú")),
    ),
    _system(
        4, "Kiểm soát sự không phù hợp và hành động khắc phục", "Nonconformity and correction",
        ("8.7", "10.2"),
        "Bảo đảm mỗi sự không phù hợp được khắc phục ngay, tìm đến nguyên nhân và không lặp lại.",
        (("Ghi nhận, khắc phục ngay", "Đơn vị", "Trong ngày"),
         ("Phân tích nguyên nhân", "Trưởng đơn vị", "5 ngày"),
         ("Phê duyệt kế hoạch khắc phục", "Lãnh đạo quận", "3 ngày"),
         ("Kiểm tra hiệu lực sau khi thực hiện", "Thư ký ISO", "Sau 60 ngày")),
        (_form("BM-04.01", "Phiếu không phù hợp và hành động khắc phục", "Nonconformity report",
               "Mô tả", "Yêu cầu", "Bằng chứng", "Nguyên nhân", "Hành động", "Kết quả"),),
        changes=(("5 ngày", "7 ngày làm việc"), ("Sau 60 ngày", "Sau 90 ngày")),
        reason="Cho đủ thời gian đo lại kết quả",
    ),
    _system(
        5, "Xem xét của lãnh đạo", "Management review", ("9.3",),
        "Giúp lãnh đạo quận nhìn toàn bộ kết quả của hệ thống và quyết định cải tiến.",
        (("Tổng hợp đầu vào", "Thư ký ISO", "10 ngày"),
         ("Họp xem xét", "Lãnh đạo quận", "Tháng 11"),
         ("Theo dõi kết luận", "Đại diện lãnh đạo", "Hằng tháng")),
        (_form("BM-05.01", "Biên bản xem xét của lãnh đạo", "Minutes of the management review",
               "Thành phần", "Nội dung", "Kết luận", "Người thực hiện", "Hạn"),),
    ),
    _system(
        6, "Quản lý nguồn nhân lực và đào tạo", "Human resources and training", ("7.2", "7.3"),
        "Bảo đảm người thực hiện có đủ năng lực và hiểu phần việc của mình.",
        (("Xác định nhu cầu đào tạo", "Trưởng đơn vị", "Tháng 12"),
         ("Lập kế hoạch đào tạo", "Phòng Nội vụ", "Tháng 01"),
         ("Đánh giá kết quả sau đào tạo", "Trưởng đơn vị", "30 ngày")),
        laws=("Luật Cán bộ, công chức số 22/2008/QH12",),
    ),
    _system(
        7, "Tiếp nhận phản ánh và đo lường sự hài lòng", "Feedback and satisfaction", ("9.1.2",),
        "Lắng nghe người dân, trả lời đúng hạn và dùng ý kiến để cải tiến.",
        (("Ghi nhận phản ánh, kiến nghị", "Công chức Bộ phận một cửa", "Trong ngày"),
         ("Phân loại, chuyển đơn vị xử lý", "Văn phòng", "1 ngày"),
         ("Trả lời người phản ánh", "Đơn vị được giao", "7 ngày"),
         ("Khảo sát sự hài lòng", "Văn phòng", "Hằng quý")),
        (_form("BM-07.01", "Phiếu khảo sát sự hài lòng", "Satisfaction survey",
               "Thủ tục", "Mức hài lòng", "Góp ý", "Ngày"),),
    ),
    _system(
        8, "Quản lý trang thiết bị và cơ sở hạ tầng", "Equipment and infrastructure",
        ("7.1.3", "7.1.5"),
        "Giữ cho trang thiết bị luôn dùng được và được kiểm tra đúng kỳ.",
        (("Lập danh mục thiết bị", "Văn phòng", "Tháng 01"),
         ("Bảo dưỡng định kỳ", "Đơn vị sử dụng", "6 tháng"),
         ("Sửa chữa khi hỏng", "Văn phòng", "5 ngày")),
    ),
    _system(
        9, "Mua sắm và kiểm soát bên cung cấp", "Purchasing and external providers", ("8.4",),
        "Chọn bên cung cấp theo tiêu chí rõ và đánh giá lại hằng năm.",
        (("Đề xuất mua sắm", "Đơn vị", "Khi cần"),
         ("Lựa chọn bên cung cấp", "Phòng Tài chính - Kế hoạch", "15 ngày"),
         ("Nghiệm thu", "Đơn vị", "3 ngày"),
         ("Đánh giá bên cung cấp", "Văn phòng", "Hằng năm")),
        laws=("Luật Đấu thầu số 22/2023/QH15",),
    ),
    _system(
        10, "Quản lý văn bản đi, đến", "Incoming and outgoing documents", ("7.4", "7.5"),
        "Bảo đảm văn bản được đăng ký, chuyển xử lý và lưu đúng quy định.",
        (("Tiếp nhận, đăng ký văn bản đến", "Văn thư", "Trong ngày"),
         ("Phân phối văn bản đến", "Chánh Văn phòng", "Trong ngày"),
         ("Kiểm tra thể thức văn bản đi", "Văn phòng", "0,5 ngày"),
         ("Lập hồ sơ, nộp lưu trữ", "Người xử lý", "Cuối năm")),
        laws=("Nghị định số 30/2020/NĐ-CP về công tác văn thư", "Luật Lưu trữ số 33/2024/QH15"),
        changes=(("0,5 ngày", "4 giờ làm việc"), ("Trong ngày", "Trong 4 giờ")),
        reason="Xử lý văn bản trên môi trường điện tử",
    ),
)  # fmt: skip

SERVICES: tuple[Paper, ...] = (
    _service(
        "QT-TP-01", "Đăng ký khai sinh có yếu tố nước ngoài", "Birth registration, foreign element",
        "Luật Hộ tịch số 60/2014/QH13",
        ("Tờ khai đăng ký khai sinh theo BM-TP-01.01", "Giấy chứng sinh", "Giấy tờ của cha, mẹ"), 5,
        changes=(("5 ngày làm việc", "3 ngày làm việc"),
                 ("Giấy tờ của cha, mẹ", "Giấy tờ của cha, mẹ nếu chưa có trong cơ sở dữ liệu")),
        reason="Khai thác cơ sở dữ liệu quốc gia về dân cư, rút ngắn thời hạn",
        forms=(_form("BM-TP-01.01", "Tờ khai đăng ký khai sinh", "Birth registration form",
                     "Họ tên trẻ", "Ngày sinh", "Cha", "Mẹ", "Nơi cư trú"),),
        who="Chuyên viên Phòng Tư pháp",
    ),
    _service(
        "QT-TP-02", "Cấp bản sao trích lục hộ tịch", "Copies of civil status extracts",
        "Nghị định số 123/2015/NĐ-CP hướng dẫn Luật Hộ tịch",
        ("Tờ khai", "Giấy tờ tùy thân để đối chiếu"), 1, fee="8.000 đồng một bản",
        changes=(("Giấy tờ tùy thân để đối chiếu", "Tài khoản định danh điện tử để đối chiếu"),),
        reason="Nhận hồ sơ qua tài khoản định danh",
    ),
    _service(
        "QT-TP-03", "Chứng thực bản sao từ bản chính", "Certification of copies",
        "Nghị định số 23/2015/NĐ-CP về chứng thực",
        ("Bản chính", "Bản sao cần chứng thực"), 1, fee="2.000 đồng một trang",
    ),
    _service(
        "QT-NV-01", "Xét khen thưởng cấp quận", "Commendations",
        "Luật Thi đua, khen thưởng số 06/2022/QH15",
        ("Tờ trình", "Báo cáo thành tích", "Biên bản họp xét"), 15, confidentiality=BODY,
    ),
    _service(
        "QT-NV-02", "Tiếp nhận công chức cấp phường", "Receiving ward officials",
        "Luật Cán bộ, công chức số 22/2008/QH12",
        ("Đơn đề nghị", "Sơ yếu lý lịch", "Văn bằng, chứng chỉ"), 20, confidentiality=BODY,
    ),
    _service(
        "QT-TC-01", "Đăng ký thành lập hộ kinh doanh", "Household business registration",
        "Nghị định số 01/2021/NĐ-CP về đăng ký doanh nghiệp",
        ("Giấy đề nghị theo BM-TC-01.01", "Giấy tờ của chủ hộ"), 3, fee="100.000 đồng",
        forms=(_form("BM-TC-01.01", "Giấy đề nghị đăng ký hộ kinh doanh", "Household business form",
                     "Tên hộ kinh doanh", "Địa điểm", "Ngành nghề", "Vốn", "Chủ hộ"),),
        changes=(("Giấy tờ của chủ hộ", "Số định danh của chủ hộ"),),
        reason="Bỏ bản sao giấy tờ đã có trong cơ sở dữ liệu",
    ),
    _service(
        "QT-TC-02", "Thẩm định quyết toán vốn đầu tư", "Appraisal of investment accounts",
        "Luật Đầu tư công số 39/2019/QH14",
        ("Tờ trình", "Báo cáo quyết toán", "Hồ sơ pháp lý của dự án"), 30, confidentiality=BODY,
    ),
    _service(
        "QT-TN-01", "Chuyển mục đích sử dụng đất", "Change of land use",
        "Luật Đất đai số 31/2024/QH15",
        ("Đơn xin chuyển mục đích", "Giấy chứng nhận quyền sử dụng đất", "Trích đo địa chính"), 15,
        fee="Theo nghị quyết của HĐND thành phố",
    ),
    _service(
        "QT-TN-02", "Đăng ký môi trường", "Environmental registration",
        "Luật Bảo vệ môi trường số 72/2020/QH14",
        ("Văn bản đăng ký", "Thuyết minh nguồn thải"), 10,
    ),
    _service(
        "QT-QL-01", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "Building permits",
        "Luật Xây dựng số 50/2014/QH13",
        ("Đơn theo BM-QL-01.01", "Giấy tờ về đất", "Bản vẽ thiết kế"), 15, fee="75.000 đồng",
        forms=(_form("BM-QL-01.01", "Đơn đề nghị cấp giấy phép xây dựng", "Building permit form",
                     "Chủ đầu tư", "Địa điểm", "Diện tích", "Số tầng", "Đơn vị thiết kế"),
               _form("BM-QL-01.02", "Biên bản kiểm tra hiện trạng", "Site inspection record",
                     "Thời gian", "Thành phần", "Hiện trạng", "Kết luận")),
        changes=(("15 ngày làm việc", "12 ngày làm việc"),
                 ("Bản vẽ thiết kế", "Bản vẽ thiết kế dạng điện tử có ký số")),
        reason="Nhận bản vẽ dạng điện tử, rút ngắn thời hạn",
    ),
    _service(
        "QT-QL-02", "Cho phép sử dụng tạm thời vỉa hè", "Temporary use of pavements",
        "Luật Đường bộ số 35/2024/QH15",
        ("Đơn đề nghị", "Sơ đồ vị trí"), 7,
    ),
    _service(
        "QT-KT-01", "Cấp giấy phép bán lẻ rượu", "Liquor retail licences",
        "Nghị định số 105/2017/NĐ-CP về kinh doanh rượu",
        ("Đơn đề nghị", "Bản sao giấy đăng ký kinh doanh", "Hợp đồng với nhà cung cấp"), 10,
    ),
    _service(
        "QT-KT-02", "Xác nhận sản phẩm đặc trưng của quận", "Local speciality certificates",
        "Quyết định số 919/QĐ-TTg về chương trình mỗi xã một sản phẩm",
        ("Phiếu đăng ký", "Câu chuyện sản phẩm", "Kết quả kiểm nghiệm"), 20,
    ),
    _service(
        "QT-VH-01", "Thông báo tổ chức lễ hội", "Notice of festivals",
        "Nghị định số 110/2018/NĐ-CP về quản lý và tổ chức lễ hội",
        ("Văn bản thông báo", "Kịch bản lễ hội", "Phương án an ninh"), 15,
    ),
    _service(
        "QT-GD-01", "Chuyển trường đối với học sinh", "School transfers",
        "Luật Giáo dục số 43/2019/QH14",
        ("Đơn xin chuyển trường", "Học bạ", "Giấy giới thiệu"), 3,
        changes=(("Học bạ", "Học bạ số"), ("Giấy giới thiệu", "Xác nhận điện tử của trường đi")),
        reason="Dùng học bạ số",
    ),
    _service(
        "QT-GD-02", "Cho phép trường mầm non hoạt động", "Permission for kindergartens",
        "Nghị định số 125/2024/NĐ-CP về điều kiện đầu tư trong giáo dục",
        ("Tờ trình", "Hồ sơ nhân sự", "Danh mục thiết bị"), 20,
    ),
    _service(
        "QT-YT-01", "Chứng nhận cơ sở đủ điều kiện an toàn thực phẩm", "Food safety certificates",
        "Luật An toàn thực phẩm số 55/2010/QH12",
        ("Đơn đề nghị", "Bản thuyết minh cơ sở vật chất", "Giấy xác nhận sức khỏe"), 15,
        fee="700.000 đồng một cơ sở",
        changes=(("15 ngày làm việc", "13 ngày làm việc"),), reason="Rút ngắn bước thẩm định",
    ),
    _service(
        "QT-LX-01", "Thực hiện trợ cấp xã hội hằng tháng", "Monthly social allowance",
        "Nghị định số 20/2021/NĐ-CP về trợ giúp xã hội",
        ("Tờ khai đề nghị trợ giúp", "Giấy xác nhận khuyết tật nếu có"), 7,
    ),
    _service(
        "QT-LX-02", "Hỗ trợ chi phí mai táng", "Funeral cost support",
        "Nghị định số 20/2021/NĐ-CP về trợ giúp xã hội",
        ("Văn bản đề nghị", "Trích lục khai tử"), 3,
    ),
    _service(
        "QT-TTR-01", "Tiếp công dân", "Receiving citizens",
        "Luật Tiếp công dân số 42/2013/QH13",
        ("Đơn hoặc lời trình bày được ghi lại", "Tài liệu kèm theo"), 10,
    ),
    _service(
        "QT-TTR-02", "Xử lý thông tin tố cáo", "Handling of denunciations",
        "Luật Tố cáo số 25/2018/QH14",
        ("Đơn tố cáo", "Tài liệu, chứng cứ"), 7, confidentiality=NAMED,
    ),
    _service(
        "QT-VP-01", "Tiếp nhận và trả kết quả tại Bộ phận một cửa", "One-stop desk",
        "Luật Giao dịch điện tử số 20/2023/QH15",
        ("Hồ sơ theo từng thủ tục", "Giấy ủy quyền nếu nộp thay"), 1, confidentiality=BODY,
    ),
    _service(
        "QT-P01-01", "Xác nhận tình trạng hôn nhân", "Marital status certificates",
        "Luật Hộ tịch số 60/2014/QH13",
        ("Tờ khai", "Giấy tờ chứng minh nơi cư trú"), 3, fee="15.000 đồng",
        who="Công chức tư pháp - hộ tịch",
    ),
    _service(
        "QT-P02-01", "Hòa giải tranh chấp đất đai", "Mediation of land disputes",
        "Luật Đất đai số 31/2024/QH15",
        ("Đơn yêu cầu hòa giải", "Giấy tờ về nguồn gốc đất"), 30, who="Công chức địa chính",
    ),
    _service(
        "QT-P04-01", "Đăng ký khai sinh", "Birth registration",
        "Luật Hộ tịch số 60/2014/QH13",
        ("Tờ khai", "Giấy chứng sinh"), 1, who="Công chức văn phòng",
    ),
    _service(
        "QT-P09-01", "Đăng ký sinh hoạt văn hóa cộng đồng", "Community culture events",
        "Nghị định số 144/2020/NĐ-CP về nghệ thuật biểu diễn",
        ("Phiếu đăng ký", "Chương trình dự kiến"), 5, who="Công chức văn hóa - xã hội",
    ),
    Paper(
        "HD-TH1-01", "TH1", "Hướng dẫn đón và trả học sinh", "Receiving and handing over pupils",
        "Giúp giáo viên và bảo vệ đón, trả học sinh an toàn trong giờ cao điểm.",
        ("Luật Giáo dục số 43/2019/QH14",),
        (("Mở cổng, phân luồng xe", "Bảo vệ", "06:45"),
         ("Đón học sinh tại cửa lớp", "Giáo viên chủ nhiệm", "07:00 - 07:20"),
         ("Báo học sinh vắng cho phụ huynh", "Giáo viên chủ nhiệm", "07:40")),
        kind=DocumentKind.WORK_INSTRUCTION, clauses=("8.5.1",),
    ),
    Paper(
        "HD-VP-01", "VP", "Hướng dẫn số hóa hồ sơ một cửa", "Scanning of dossiers",
        "Thống nhất cách quét, đặt tên và ký số hồ sơ tại Bộ phận một cửa.",
        ("Nghị định số 45/2020/NĐ-CP về thủ tục hành chính trên môi trường điện tử",),
        (("Kiểm tra bản giấy, bỏ ghim", "Công chức Bộ phận một cửa", "5 phút"),
         ("Quét 300 dpi, đặt tên theo mã hồ sơ", "Công chức Bộ phận một cửa", "10 phút"),
         ("Ký số, gắn vào hồ sơ", "Công chức Bộ phận một cửa", "5 phút")),
        kind=DocumentKind.WORK_INSTRUCTION, clauses=("7.5.3", "8.5.1"),
        changes=(("Quét 300 dpi", "Quét màu 300 dpi, dạng PDF/A"),),
        change_reason="Theo yêu cầu lưu trữ hồ sơ điện tử",
    ),
)  # fmt: skip

# documents that are on their way for the first time
NEW: tuple[Paper, ...] = (
    _service(
        "QT-TP-04", "Thay đổi, cải chính hộ tịch", "Correction of civil status",
        "Luật Hộ tịch số 60/2014/QH13", ("Tờ khai", "Giấy tờ làm căn cứ cải chính"), 3,
        fee="28.000 đồng",
    ),
    _service(
        "QT-TP-05", "Đăng ký giám hộ", "Registration of guardianship",
        "Bộ luật Dân sự số 91/2015/QH13", ("Tờ khai", "Văn bản cử người giám hộ"), 3,
    ),
    _service(
        "QT-TP-06", "Đăng ký nhận cha, mẹ, con", "Recognition of parents and children",
        "Luật Hộ tịch số 60/2014/QH13", ("Tờ khai", "Chứng cứ chứng minh quan hệ"), 3,
    ),
    _service(
        "QT-KT-03", "Hỗ trợ tham gia hội chợ", "Support for trade fairs",
        "Luật Thương mại số 36/2005/QH11", ("Đơn đề nghị", "Kế hoạch tham gia"), 10,
    ),
    _service(
        "QT-YT-02", "Công bố đủ điều kiện tiêm chủng", "Vaccination premises",
        "Nghị định số 104/2016/NĐ-CP về hoạt động tiêm chủng",
        ("Văn bản thông báo", "Danh sách người tiêm"), 3,
    ),
    _service(
        "QT-LX-03", "Tiếp nhận trẻ em cần bảo vệ khẩn cấp", "Children in need of protection",
        "Luật Trẻ em số 102/2016/QH13", ("Thông tin ban đầu", "Biên bản đánh giá nguy cơ"), 1,
        confidentiality=BODY,
    ),
    Paper(
        "HD-CS1-01", "CS1", "Hướng dẫn dùng phòng thí nghiệm", "Use of the school laboratory",
        "Bảo đảm an toàn khi học sinh làm thí nghiệm.", ("Luật Giáo dục số 43/2019/QH14",),
        (("Kiểm tra dụng cụ, hóa chất", "Giáo viên bộ môn", "Trước buổi học"),
         ("Phổ biến quy tắc an toàn", "Giáo viên bộ môn", "5 phút đầu"),
         ("Thu dọn, ghi sổ", "Học sinh trực nhật", "Cuối buổi")),
        kind=DocumentKind.WORK_INSTRUCTION,
    ),
)  # fmt: skip
