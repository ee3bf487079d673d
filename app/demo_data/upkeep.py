"""Calendar, a Word template, a translation that is behind: of the demo body, by the real acts."""

from __future__ import annotations

import io
from datetime import date

import docx
import sqlalchemy as sa
from flask_babel import force_locale, gettext

from app.demo_data.approving import approving_acts
from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.calendar_keeping import name_days
from app.kernel.holidays import LUNAR, offered_days
from app.kernel.work import Work, unit_of_work
from documents.drafting import DraftData, begin_revision, bring_file, change_draft
from documents.models import Document, Package, Revision, TemplatePurpose
from documents.translation import open_translation
from documents.word_template import bring_template

BEGAN = 20  # days ago the quality officer named the holidays
ORIGINAL, TRANSLATOR = "QT-TP-01", "chuyen.vien"
TRANSLATED, IN_ENGLISH = 125, 110  # days ago: drafted, in force; the original changed 75 days ago


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

    return [
        Act(stage.moment(BEGAN), holidays),
        Act(stage.moment(BEGAN, 10), template),
        *_translation(stage),
    ]


def _translation(stage: Stage) -> list[Act]:
    """Translate edition 01/00 of a procedure; its 02/00 came later, so the twin is behind (D16)."""

    def draft() -> None:
        brought = stage.intake(_in_english(), "QT-TP-01 in English.docx")
        now, author = stage.moment(TRANSLATED), stage.person(TRANSLATOR)
        with unit_of_work(stage.person("truong.phong"), now=now) as work:
            original = _by_code(work, ORIGINAL)
            if original is None:
                raise LookupError(ORIGINAL)
            opened = open_translation(work, original, original.title_en)
        with unit_of_work(author, now=now) as work:
            revision = begin_revision(work, work.fresh(opened), authors=[work.actor])
            bring_file(work, revision, brought)
            change_draft(
                work,
                revision,
                DraftData(
                    title=opened.title,
                    code="",
                    edition=1,
                    amendment=0,
                    reason="Người nước ngoài hay hỏi về thủ tục này",
                    change_summary="",
                    effective_on=stage.day(IN_ENGLISH),
                    authors=(author,),
                ),
            )

    return [
        Act(stage.moment(TRANSLATED), draft),
        *approving_acts(stage, _package, TRANSLATOR, drafted=TRANSLATED, in_force=IN_ENGLISH),
    ]


def _by_code(work: Work, code: str) -> Document | None:
    return work.session.scalars(sa.select(Document).where(Document.code == code)).one_or_none()


def _package(work: Work) -> Package:
    return work.session.scalars(
        sa.select(Package)
        .join(Revision, Revision.package_id == Package.id)
        .join(Document, Document.id == Revision.document_id)
        .where(Document.translates_id.is_not(None))
    ).one()


def _in_english() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_heading("Birth registration, foreign element", 0)
    for heading, text in (
        ("Purpose", "How the birth of a child with a foreign parent is registered."),
        (
            "Papers",
            "Declaration on form BM-TP-01.01; birth certificate; papers of the parents.",
        ),
        ("Time limit", "5 working days."),
        ("Steps", "The clerk receives the file, checks it and hands it to the legal office."),
    ):
        document.add_heading(heading, 1)
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


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
