"""The working calendar and a Word template of the demo body, by the real acts."""

from __future__ import annotations

import io
from datetime import date

import docx
from flask_babel import force_locale, gettext

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.calendar_keeping import name_days
from app.kernel.holidays import LUNAR, offered_days
from app.kernel.work import unit_of_work
from documents.models import TemplatePurpose
from documents.word_template import bring_template

BEGAN = 20  # days ago the quality officer named the holidays


def upkeep_acts(stage: Stage) -> list[Act]:
    """Name the holidays of this year and the next, as offered and confirmed."""

    def holidays() -> None:
        officer = stage.person("thu.ky")
        with unit_of_work(officer, now=stage.moment(BEGAN)) as work:
            body = work.fresh(officer.body)
            name_days(work, body, _holidays(work.today.year) + _holidays(work.today.year + 1))

    def template() -> None:
        brought = stage.intake(_procedure_template(), "mau-quy-trinh.docx")
        officer = stage.person("thu.ky")
        with unit_of_work(officer, now=stage.moment(BEGAN, 10)) as work:
            body = work.fresh(officer.body)
            bring_template(
                work, body, TemplatePurpose.PROCEDURE, brought, "Theo thể thức của quận."
            )

    return [Act(stage.moment(BEGAN), holidays), Act(stage.moment(BEGAN, 10), template)]


def _procedure_template() -> bytes:
    """Make the template of a procedure as the office would: head, blanks, table of editions."""
    document, out = docx.Document(), io.BytesIO()
    document.sections[0].header.paragraphs[0].text = "{{body}} · {{code}} · Lần {{edition}}"
    document.add_paragraph().add_run("{{title}}").bold = True
    document.add_paragraph("Đơn vị chủ trì: {{unit}}. Người soạn: {{authors}}.")
    table = document.add_table(rows=2, cols=3)
    heads = ("Lần ban hành", "Có hiệu lực", "Nội dung thay đổi")
    blanks = ("editions.edition", "editions.effective_on", "editions.summary")
    for column, (head, blank) in enumerate(zip(heads, blanks, strict=True)):
        table.rows[0].cells[column].text = head
        table.rows[1].cells[column].text = "{{" + blank + "}}"
    for heading in ("Mục đích", "Phạm vi áp dụng", "Nội dung", "Biểu mẫu và hồ sơ"):
        document.add_heading(heading, 1)
        document.add_paragraph("")
    document.save(out)
    return out.getvalue()


def _holidays(year: int) -> list[tuple[date, str]]:
    with force_locale("vi"):
        return [
            (one.day, str(gettext(one.name, name=gettext(one.instead_of or ""))))
            for one in offered_days(year, [5, 6])
            if one.is_proposed and year in LUNAR
        ]
