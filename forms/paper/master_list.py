"""The master list as a spreadsheet: texts stay texts, whatever they begin with (a60, T22)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time

import xlsxwriter


@dataclass(frozen=True)
class MasterListSheet:
    """What is written: title, remark below it, column names with widths, rows of plain values."""

    title: str
    remark: str
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str | int | date | None, ...], ...]


def build_master_list(values: MasterListSheet) -> bytes:
    """Give the bytes of an .xlsx file; same values, same content."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": values.title})
    sheet = book.add_worksheet(_sheet_name(values.title))
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top", "align": "left"})
    number = book.add_format({"valign": "top"})
    sheet.write_string(0, 0, values.title, bold)
    sheet.write_string(1, 0, values.remark)
    for column, (label, width) in enumerate(values.columns):
        sheet.set_column(column, column, width)
        sheet.write_string(3, column, label, head)
    for at, row in enumerate(values.rows, start=4):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(at, column, datetime.combine(value, time()), day)
            elif isinstance(value, int):
                sheet.write_number(at, column, value, number)
            elif value:
                sheet.write_string(at, column, value[:32_000], text)
    sheet.freeze_panes(4, 1)
    sheet.repeat_rows(3)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&R&P/&N")
    if values.rows:
        sheet.autofilter(3, 0, 3 + len(values.rows), len(values.columns) - 1)
    book.close()
    return out.getvalue()


def _sheet_name(title: str) -> str:
    """Give a name a spreadsheet accepts: 31 letters, none of the forbidden signs."""
    return "".join(char for char in title if char not in "[]:*?/\\'")[:31] or "1"
