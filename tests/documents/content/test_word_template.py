"""Templates of a body: blanks filled with their look kept, and nothing in them ever computed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest

from app.kernel.errors import InvalidInput
from documents.content.intake import Reason, Refused
from documents.content.word_template import fill_template, inspect_template
from documents.content.workshop import Workshop
from documents.models import TemplatePurpose
from documents.word_template import check_template

PROCEDURE = TemplatePurpose.PROCEDURE


def saved(tmp_path: Path, build: Callable[[Any], None], name: str = "mau.docx") -> Path:
    """Make a Word file as an office would."""
    document = docx.Document()
    build(document)
    path = tmp_path / name
    document.save(str(path))
    return path


def texts(path: Path) -> list[str]:
    """Give every paragraph of a file, those of tables, headers and footers included."""
    document = docx.Document(str(path))
    found = [one.text for one in document.paragraphs]
    found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for section in document.sections:
        for story in (section.header, section.footer, section.first_page_header):
            found += [one.text for one in story.paragraphs]
    return found


def changed(path: Path, part: str, old: str, new: str) -> Path:
    """Change the bytes of one part, as a hand outside Word could."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path


@pytest.mark.covers("a51")
def test_a_blank_split_over_pieces_is_filled_and_keeps_the_look_of_its_first_letter(
    tmp_path,
) -> None:
    def build(document: Any) -> None:
        line = document.add_paragraph("Mã: ")
        for piece, bold in (("{{", True), ("co", False), ("de}", False), ("} và ", False)):
            line.add_run(piece).bold = bold
        line.add_run("{{ Title }}").italic = True
        line.add_run(" hết")
        document.sections[0].header.paragraphs[0].add_run("{{body}}")
        document.sections[0].different_first_page_header_footer = True
        document.sections[0].first_page_header.paragraphs[0].add_run("Trang đầu {{edition}}")

    path, out = saved(tmp_path, build), tmp_path / "out.docx"
    values = {"code": "QT-01", "title": "Một\nHai", "body": "UBND", "edition": "02/00"}
    fill_template(path, out, {"values": values, "rows": {}})
    document = docx.Document(str(out))
    line = document.paragraphs[0]
    assert line.text == "Mã: QT-01 và Một\nHai hết"
    assert next(run for run in line.runs if "QT-01" in run.text).bold
    assert next(run for run in line.runs if "Một" in run.text).italic
    assert {"UBND", "Trang đầu 02/00"} <= set(texts(out))


@pytest.mark.covers("a51")
def test_a_table_row_repeats_for_each_line_and_an_empty_list_leaves_one_blank_row(
    tmp_path,
) -> None:
    def build(document: Any) -> None:
        table = document.add_table(rows=2, cols=2)
        table.rows[0].cells[0].text = "Lần"
        table.rows[1].cells[0].paragraphs[0].add_run("{{editions.edition}}").bold = True
        table.rows[1].cells[1].text = "{{editions.summary}} của {{code}}"

    path, out = saved(tmp_path, build), tmp_path / "out.docx"
    lines = [{"edition": f"0{n}/00", "summary": f"Lần {n}"} for n in (1, 2, 3)]
    fill_template(path, out, {"values": {"code": "QT-01"}, "rows": {"editions": lines}})
    [table] = docx.Document(str(out)).tables
    assert [row.cells[0].text for row in table.rows] == ["Lần", "01/00", "02/00", "03/00"]
    assert table.rows[3].cells[1].text == "Lần 3 của QT-01"
    assert all(row.cells[0].paragraphs[0].runs[0].bold for row in table.rows[1:])
    fill_template(path, out, {"values": {"code": "QT-01"}, "rows": {}})
    [table] = docx.Document(str(out)).tables
    assert [row.cells[1].text for row in table.rows] == ["", " của QT-01"]


@pytest.mark.covers("a51", "T15")
@pytest.mark.parametrize(
    "value", ["{{code}}", "{{7*7}}", "<w:t>x</w:t>", "&amp;", "=cmd|'/C calc'!A0", "a\x00\x0bb\x1f"]
)
def test_what_fills_a_blank_stays_text(tmp_path, value: str) -> None:
    path = saved(tmp_path, lambda document: document.add_paragraph("[{{title}}]"))
    out = tmp_path / "out.docx"
    fill_template(path, out, {"values": {"title": value, "code": "QT"}, "rows": {}})
    kept = "".join(char for char in value if ord(char) > 31)
    assert texts(out)[0] == f"[{kept}]"


def refusal(path: Path, purpose: TemplatePurpose = PROCEDURE) -> str:
    """Give why a template is refused, with what it names."""
    with pytest.raises(InvalidInput) as refused:
        check_template(purpose, inspect_template(path))
    return f"{refused.value.text} | {refused.value.values['what']}"


@pytest.mark.covers("a51", "T15")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{7*7}}", "holds code"),
        ("{{ code.__class__ }}", "holds code"),
        ("{{ title|upper }}", "holds code"),
        ("{% for a in b %}{% endfor %}", "holds code"),
        ("{{#each rows}}", "holds code"),
        ("${title}", "holds code"),
        ("<% run() %>", "holds code"),
        ("{{nobody_knows}}", "not known"),
        ("{{count}}", "not known"),
        ("{{code", "not whole"),
        ("code}}", "not whole"),
        ("{{editions.edition}}", "outside a table row"),
    ],
)
def test_code_unknown_blanks_and_broken_ones_are_refused_with_what_to_do(
    tmp_path, text: str, said: str
) -> None:
    told = refusal(saved(tmp_path, lambda document: document.add_paragraph(text)))
    assert said in told
    assert told.partition(" | ")[2], "what is wrong is named"


@pytest.mark.covers("a51", "T15")
@pytest.mark.parametrize(
    "field", ["INCLUDETEXT", "DDEAUTO", "MACROBUTTON", "DATABASE", "IF", "FORMULA", "ASK", "="]
)
def test_fields_that_word_computes_or_fetches_are_refused(tmp_path, field: str) -> None:
    path = saved(tmp_path, lambda document: document.add_paragraph("DAY"))
    xml = f'<w:fldSimple w:instr=" {field} c:/a "><w:r><w:t>DAY</w:t></w:r></w:fldSimple>'
    changed(path, "word/document.xml", "<w:r><w:t>DAY</w:t></w:r>", xml)
    assert "fields" in refusal(path)


@pytest.mark.covers("a51", "T15")
@pytest.mark.parametrize("words", ["INCLUDETEXT c:/a", "DDEAUTO excel a b", "= 1 + 1", "D"])
def test_fields_cut_into_pieces_or_hidden_in_notes_are_refused(tmp_path, words: str) -> None:
    path = saved(tmp_path, lambda document: document.add_paragraph("DAY"))
    xml = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{words}</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    changed(path, "word/document.xml", "<w:r><w:t>DAY</w:t></w:r>", xml)
    assert "fields" in refusal(path)
    hidden = saved(tmp_path, lambda document: document.add_paragraph("DAY"), "ghi-chu.docx")
    with zipfile.ZipFile(hidden, "a") as target:
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        target.writestr(
            "word/footnotes.xml",
            f'<w:footnotes xmlns:w="{space}"><w:footnote><w:p>{xml}</w:p></w:footnote>'
            "</w:footnotes>",
        )
    assert "fields" in refusal(hidden)


@pytest.mark.covers("a51")
def test_page_numbers_may_stay(tmp_path) -> None:
    path = saved(tmp_path, lambda document: document.add_paragraph("DAY"))
    xml = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    changed(path, "word/document.xml", "<w:r><w:t>DAY</w:t></w:r>", xml)
    check_template(PROCEDURE, inspect_template(path))


@pytest.mark.covers("a51", "T15")
def test_links_and_two_lists_in_one_row_are_refused(tmp_path) -> None:
    path = saved(tmp_path, lambda document: document.add_paragraph("x"))
    link = (
        '<Relationship Id="rId99" TargetMode="External" Target="https://evil.example/" Type="http:'
        '//schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/></Relationships>'
    )
    changed(path, "word/_rels/document.xml.rels", "</Relationships>", link)
    assert "points outside itself" in refusal(path)

    def build(document: Any) -> None:
        table = document.add_table(rows=1, cols=2)
        table.rows[0].cells[0].text = "{{documents.code}}"
        table.rows[0].cells[1].text = "{{editions.edition}}"

    told = inspect_template(saved(tmp_path, build, "hai.docx"))
    assert told["mixed_rows"] == ["documents, editions"]


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    made = Workshop()
    yield made
    made.close()


@pytest.mark.covers("a51", "T15")
def test_macros_broken_xml_and_other_files_are_refused_in_the_limited_child(
    tmp_path, workshop: Workshop
) -> None:
    good = saved(tmp_path, lambda document: document.add_paragraph("{{code}}"))
    assert workshop.look_at_template(good, "mau.docx")["blanks"] == ["code"]
    filled = workshop.fill_template(good, {"values": {"code": "QT-01"}, "rows": {}})
    assert docx.Document(io.BytesIO(filled)).paragraphs[0].text == "QT-01"
    broken = saved(tmp_path, lambda document: document.add_paragraph("XX"), "hong.docx")
    changed(broken, "word/document.xml", "</w:body>", "</w:bo>")
    macro = saved(tmp_path, lambda document: document.add_paragraph("XX"), "ma.docx")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    changed(macro, "[Content_Types].xml", kind, kind.replace("openxml", "ms-word.macroEnabled"))
    entity = saved(tmp_path, lambda document: document.add_paragraph("XX"), "thuc-the.docx")
    changed(entity, "word/document.xml", "<w:document", "<!DOCTYPE a [<!ENTITY b 'c'>]><w:document")
    for path, name, reason in (
        (broken, "hong.docx", Reason.DAMAGED),
        (macro, "ma.docx", Reason.MACRO),
        (entity, "thuc-the.docx", Reason.XML_ENTITY),
        (good, "mau.xlsx", Reason.WRONG_TYPE),
        (good, "mau.docm", Reason.TYPE_NOT_ALLOWED),
    ):
        with pytest.raises(Refused) as refused:
            workshop.look_at_template(path, name)
        assert refused.value.reason is reason, name
