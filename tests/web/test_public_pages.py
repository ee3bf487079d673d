"""Pages without an account: filters, weight, packing, and how fast one address may ask (L2, F8)."""

from __future__ import annotations

import gzip
import re

import pytest

from app.kernel.work import unit_of_work
from app.web.pace import Pace
from documents.assignment import AssignmentData, add_assignment
from documents.drafting import change_record
from documents.models import AssignmentKind, Confidentiality
from tests.builders import MONDAY, TODAY, Office, record_data


def public(office: Office, *fields: str):
    found = []
    for number, field in enumerate(fields):
        revision = office.effective(office.document(f"Thủ tục công khai {number}"))
        with unit_of_work(office.officer, now=MONDAY) as work:
            data = record_data(revision.document, confidentiality=Confidentiality.PUBLIC)
            change_record(work, work.fresh(revision.document), data)
            row = AssignmentData(
                kind=AssignmentKind.PROCEDURE,
                code=f"1.{number:06d}",
                name=f"Thủ tục {number}",
                valid_from=TODAY,
                lead_unit=work.fresh(office.unit),
                document=work.fresh(revision.document),
                procedure_field=field,
            )
            add_assignment(work, work.fresh(office.body), row)
        found.append(revision)
    return found


@pytest.fixture
def paced(app):
    pace: Pace = app.extensions["nenep.pace"]
    kept = pace.most_pages, pace.most_files
    pace._counts.clear()
    yield pace
    pace.most_pages, pace.most_files = kept
    pace._counts.clear()


@pytest.mark.covers("L2")
def test_the_library_is_narrowed_by_field_of_work_and_the_address_keeps_it(app, client):
    office = Office()
    first, second = public(office, "Hộ tịch", "Đất đai")
    start = f"/public/{office.body.code}"
    text = client.get(start).get_data(as_text=True)
    assert "Lĩnh vực" in text
    assert text.index(">Đất đai<") < text.index(">Hộ tịch<")
    text = client.get(f"{start}?field=Hộ tịch").get_data(as_text=True)
    assert first.document.title in text
    assert second.document.title not in text
    assert '<option value="Hộ tịch" selected>' in text
    nothing = client.get(f"{start}?field=Không có").get_data(as_text=True)
    assert first.document.title not in nothing


@pytest.mark.covers("T27", "L2")
def test_an_address_that_asks_too_fast_is_told_when_to_come_back(app, client, paced):
    office = Office()
    revision, _other = public(office, "Hộ tịch", "Đất đai")
    paced.most_pages, paced.most_files = 5, 2
    path = f"/v/{revision.token}"
    assert [client.get(path).status_code for _ in range(5)] == [200] * 5
    for lang, words in (("vi", "giây"), ("en", "seconds")):
        late = client.get(f"{path}?lang={lang}")
        assert late.status_code == 429
        seconds = int(late.headers["Retry-After"])
        assert 1 <= seconds <= 60
        text = late.get_data(as_text=True)
        assert words in text
        assert re.search(rf"\b{seconds}\b", text)
    assert client.get("/public").status_code == 429
    # another address, as the web server in front names it, is not held up by this one
    assert client.get(path, headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 200
    file = f"/public/file/{revision.document_id}"
    codes = [client.get(file).status_code for _ in range(3)]
    assert codes[-1] == 429
    assert 429 not in codes[:2]
    assert client.get("/login").status_code == 200  # its own limit, by account


@pytest.mark.covers("T27")
def test_the_pace_keeps_no_address_and_begins_anew_each_minute(app):
    pace = Pace()
    pace.most_pages = 2
    assert [pace.wait("198.51.100.4", is_file=False, now=10.0 + step) for step in range(2)] == [
        0,
        0,
    ]
    assert pace.wait("198.51.100.4", is_file=False, now=20.0) == 50
    assert pace.wait("198.51.100.4", is_file=False, now=71.0) == 0
    assert not any(b"198.51" in key for key in pace._counts)
    assert all(len(key) == 12 for key in pace._counts)


@pytest.mark.covers("T27", "L2")
def test_public_pages_weigh_little_and_are_packed_where_the_browser_takes_it(app, client):
    office = Office()
    revision = public(office, *[f"Lĩnh vực {number}" for number in range(6)])[0]
    body = office.body.code
    paths = (
        "/public",
        f"/public/{body}",
        f"/public/{body}/{revision.code}",
        f"/v/{revision.token}",
    )
    for path in paths:
        for lang in ("vi", "en"):
            plain = client.get(f"{path}?lang={lang}")
            assert len(plain.get_data()) <= 20_000, path
            packed = client.get(f"{path}?lang={lang}", headers={"Accept-Encoding": "gzip, br"})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert len(packed.get_data()) <= 6_000, path
            assert b"</html>" in gzip.decompress(packed.get_data())
