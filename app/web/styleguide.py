"""Sample values for /styleguide, the page of every component that the accessibility test walks."""

# mypy: disable-error-code="no-untyped-call"
# WTForms carries no types, and these forms are built here for show only

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace as Sample
from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    Form,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

TODAY = date(2026, 11, 23)


class SampleForm(Form):
    """One field of each kind."""

    title = StringField(
        "Title", [InputRequired("Enter the title, as it stands on the first page.")]
    )
    code = StringField("Code", [InputRequired()])
    reason = TextAreaField("Reason", [Optional()])
    kind = SelectField(
        "Kind", choices=[SelectChoice("procedure", "Quy trình"), SelectChoice("form", "Biểu mẫu")]
    )
    effective_on = StringField("Effective date", [InputRequired()])
    grade = RadioField(
        "Grade", choices=[SelectChoice("minor", "Nhẹ"), SelectChoice("major", "Nặng")]
    )
    agreed = BooleanField("Send the unit a reminder")
    file = FileField("Word file", [InputRequired()])


class SampleSignForm(Form):
    """What a signed decision asks."""

    password = PasswordField("Password", [InputRequired()])
    row_version = HiddenField()


def _forms() -> dict[str, Any]:
    good = SampleForm(
        data={
            "title": "Đăng ký khai sinh",
            "code": "QT-TP-07",
            "reason": "Chuyển Bộ phận một cửa thành Trung tâm Phục vụ hành chính công",
            "kind": "procedure",
            "effective_on": "01/12/2026",
            "grade": "minor",
            "agreed": True,
        }
    )
    wrong = SampleForm(prefix="wrong-", data={"code": "QT-TP-07", "kind": "form"})
    wrong.validate()
    sign = SampleSignForm(data={"row_version": "7"})
    return {"form": good, "wrong_form": wrong, "sign_form": sign}


def _comparison() -> dict[str, Any]:
    blocks = [
        {"kind": "heading", "spans": [("=", "5.2. Tiếp nhận hồ sơ")]},
        {
            "kind": "paragraph",
            "change": 2,
            "change_kind": "mod",
            "spans": [
                ("=", "Công chức tiếp nhận tại "),
                ("-", "Bộ phận Tiếp nhận và Trả kết quả của Ủy ban nhân dân cấp xã"),
                ("=", " "),
                ("+", "Trung tâm Phục vụ hành chính công phường, xã"),
                ("=", " kiểm tra tính hợp lệ của hồ sơ."),
            ],
        },
        {"kind": "paragraph", "spans": [("=", "Hồ sơ đủ điều kiện được cập nhật vào hệ thống.")]},
        {"kind": "heading", "spans": [("=", "5.3. Thời hạn giải quyết")]},
        {
            "kind": "paragraph",
            "change": 3,
            "change_kind": "ins",
            "spans": [
                ("+", "Hồ sơ nộp trực tuyến sau 15 giờ được trả kết quả ngày làm việc tiếp theo.")
            ],
        },
        {
            "kind": "paragraph",
            "change": 4,
            "change_kind": "moved",
            "moved_from": "5.6",
            "spans": [("=", "Người ký Giấy khai sinh là Chủ tịch Ủy ban nhân dân phường, xã.")],
        },
        {
            "kind": "table",
            "change": 5,
            "change_kind": "mod",
            "head": True,
            "rows": [
                [{"spans": [("=", "Hồ sơ")]}, {"spans": [("=", "Thời hạn lưu")]}],
                [
                    {"spans": [("=", "Sổ đăng ký khai sinh")]},
                    {"spans": [("-", "20 năm"), ("+", "vĩnh viễn")], "change_kind": "mod"},
                ],
                [
                    {"spans": [("+", "Phiếu yêu cầu bổ sung")], "change_kind": "ins"},
                    {"spans": [("+", "05 năm")], "change_kind": "ins"},
                ],
            ],
        },
        {
            "kind": "paragraph",
            "change": 6,
            "change_kind": "del",
            "spans": [("-", "Gửi 01 bản sao về Phòng Tư pháp cấp huyện trước ngày 05 hằng tháng.")],
        },
    ]
    changes = [
        {"id": 2, "section": "5.2 Tiếp nhận hồ sơ", "kind": "mod", "words": "đổi nơi tiếp nhận"},
        {"id": 3, "section": "5.3 Thời hạn", "kind": "ins", "words": "thêm nộp trực tuyến"},
        {"id": 4, "section": "5.4 Ký", "kind": "moved", "words": "từ mục 5.6"},
        {"id": 5, "section": "7 Hồ sơ", "kind": "mod", "words": "thời hạn lưu"},
        {"id": 6, "section": "6 Lưu hồ sơ", "kind": "del", "words": "bỏ gửi cấp huyện"},
    ]
    return {"blocks": blocks, "changes": changes}


def _life() -> dict[str, Any]:
    def edition(label: str, state: str, start: date, end: date | None) -> dict[str, Any]:
        return {"label": label, "state": state, "starts_on": start, "ends_on": end}

    return {
        "editions": [
            edition("01/00", "obsolete", date(2021, 3, 12), date(2022, 6, 15)),
            edition("02/00", "obsolete", date(2022, 6, 15), date(2024, 8, 15)),
            edition("03/00", "effective", date(2024, 8, 15), date(2026, 12, 1)),
            edition("04/00", "in_approval", date(2026, 12, 1), None),
        ],
        "events": [
            {"on": date(2022, 6, 15), "label": "Sửa biểu mẫu", "kind": "event"},
            {"on": date(2023, 5, 20), "label": "Soát xét: giữ nguyên", "kind": "review"},
            {"on": date(2025, 6, 9), "label": "NĐ 118/2025", "kind": "law"},
            {"on": date(2026, 4, 2), "label": "Không phù hợp, P. An Lạc", "kind": "finding"},
        ],
        "next_review_on": date(2028, 12, 1),
    }


def samples() -> dict[str, Any]:
    """Everything styleguide.html shows; places, people and figures are invented."""
    said = datetime(2026, 11, 17, 8, 20, tzinfo=UTC)
    return {
        **_forms(),
        **_comparison(),
        "life": _life(),
        "day": TODAY,
        "comments": [
            {
                "name": "Lê Quang Huy",
                "said_at": said,
                "quote": "hướng dẫn bổ sung một lần",
                "text": "Nêu rõ “một lần” theo phiếu mẫu, tránh yêu cầu bổ sung nhiều lần.",
                "replies": [
                    {
                        "name": "Trần Văn Quý",
                        "said_at": said,
                        "text": "Đã thêm BM-TP-07.02.",
                        "state": "effective",
                        "state_label": "Đã sửa",
                    }
                ],
            }
        ],
        "entries": [
            {
                "sentence": "Phạm Thu Hà đồng ý với QT-TP-07 04/00.",
                "name": "Phạm Thu Hà",
                "at": said,
            },
            {"sentence": "QT-TP-07 04/00 được trình.", "name": "Trần Văn Quý", "at": said},
        ],
        "nodes": [
            {
                "label": "Sở Tư pháp",
                "url": "#tree",
                "count": 41,
                "open": True,
                "children": [
                    {"label": "Phòng Hộ tịch", "url": "#tree-2", "count": 12, "current": True},
                    {"label": "Phòng Bổ trợ tư pháp", "url": "#tree-3", "count": 9},
                ],
            },
            {"label": "Văn phòng UBND", "url": "#tree-4", "count": 28},
        ],
        "documents": [
            Sample(
                code="QT-TP-07",
                title="Đăng ký khai sinh",
                edition=(3, 0),
                state="effective",
                label="Đang hiệu lực",
                effective_on=date(2024, 8, 15),
                read=231,
                readers=246,
            ),
            Sample(
                code="HD-CN-03",
                title="Làm việc từ xa an toàn",
                edition=(2, 0),
                state="in_approval",
                label="Chờ phê duyệt",
                effective_on=None,
                read=0,
                readers=64,
            ),
        ],
    }
