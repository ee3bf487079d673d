"""Which laws, standards, documents and forms a text names, and what only looks like one."""

import pytest

from documents.content.citations import citations

pytestmark = pytest.mark.covers("a54", "T16")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("Nghị định số 61/2018/NĐ-CP", "law", "61/2018/NĐ-CP"),
        ("Nghị định 61/2018/NĐ–CP", "law", "61/2018/NĐ-CP"),
        ("Nghị định 118/2025/ NĐ\u2011CP", "law", "118/2025/NĐ-CP"),
        ("Luật số 20/2023/QH15", "law", "20/2023/QH15"),
        ("Quyết định 19/2014/QĐ-TTg.", "law", "19/2014/QĐ-TTg"),
        ("Thông tư liên tịch 15/2014/TTLT-BKHCN-BNV", "law", "15/2014/TTLT-BKHCN-BNV"),
        ("Nghị quyết 1211/2016/UBTVQH13", "law", "1211/2016/UBTVQH13"),
        ("Pháp lệnh số 01/2008/PL-UBTVQH12", "law", "01/2008/PL-UBTVQH12"),
        ("Nghị quyết số 76/NQ-CP", "law", "76/NQ-CP"),
        ("Nghị quyết số 02-NQ/TW", "law", "02-NQ/TW"),
        ("theo TCVN ISO 9001:2015", "standard", "TCVN ISO 9001:2015"),
        ("theo TCVN ISO 9001 : 2015", "standard", "TCVN ISO 9001:2015"),
        ("ISO/IEC 27001:2022;", "standard", "ISO/IEC 27001:2022"),
        ("QCVN 01:2018/BTC", "standard", "QCVN 01:2018/BTC"),
        ("quy trình QT–ĐC–01", "document", "QT-ĐC-01"),
        ("quy trình QT.VP.02", "document", "QT.VP.02"),
        ("biểu mẫu BM\u2011VP\u201103.03", "form", "BM-VP-03.03"),
        ("biểu mẫu BM.KT.01.01;", "form", "BM.KT.01.01"),
    ],
)
def test_a_number_is_known_for_what_it_is(text, kind, number):
    (found,) = citations(text)
    assert (found.kind, found.number, found.times) == (kind, number, 1)
    assert found.passage in text


@pytest.mark.parametrize(
    "text",
    [
        "ngày 12/10/2024, điều 5/2 và 3/4",
        "Phòng P.101, Q.1, TP.HCM",
        "ĐT-0912 345 678; khổ A4; COVID-19",
        "tờ khai TK01-HT và kế hoạch MT-2025",
        "Luật Hộ tịch, Hiến pháp 2013",
    ],
)
def test_what_only_looks_like_a_number_is_left_out(text):
    assert citations(text) == ()


def test_its_own_code_is_left_out_however_it_is_written_and_places_are_counted():
    text = "QT.VP.05, qt-vp-05 và QT–VP–05 dẫn QT-VP-03.\nMục 2: xem QT–VP–03."
    (found,) = citations(text, own="QT-VP-05")
    assert (found.number, found.times) == ("QT-VP-03", 2)
    assert found.passage.endswith("dẫn QT-VP-03.")
