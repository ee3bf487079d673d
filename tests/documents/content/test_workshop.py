"""Foreign files are opened in children with little time, little memory and no network."""

import contextlib
import os
import signal
import socket
import threading
import time
import zlib
from pathlib import Path

import pytest

from documents.content.intake import Reason, Refused
from documents.content.workshop import WorkFailed, Workshop, WorkshopBusy
from documents.content.workshop_limits import resident_bytes
from tests.documents.content.files import a_docx, a_pdf, a_raw_pdf, relation_added

pytestmark = pytest.mark.covers("T11", "T15", "T27", "D11")


def written(folder: Path, data: bytes, name: str = "upload") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def twice_packed(megabytes: int) -> bytes:
    """A PDF whose page unpacks to some megabytes through two filters."""
    body = zlib.compress(zlib.compress(b" " * (megabytes << 20), 9), 9)
    head = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>" % len(body)
    return a_raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            head + b"\nstream\n" + body + b"\nendstream",
        ]
    )


def many_styles() -> bytes:
    """A document that is small, true in its sizes, and slow to read."""
    return a_docx(paragraphs=[f"Đoạn {at} <chữ>" for at in range(6_000)])


def test_file_is_read_in_a_child(workshop, tmp_path):
    reading = workshop.read(written(tmp_path, a_docx()), "QT.docx")
    assert reading.proposal.code == "QT-VP-01"


def test_refusal_of_a_child_keeps_its_reason(workshop, tmp_path):
    with pytest.raises(Refused) as refused:
        workshop.read(written(tmp_path, a_docx()[:-300]), "QT.docx")
    assert refused.value.reason is Reason.DAMAGED


def test_name_and_size_are_judged_without_a_child(tmp_path):
    asleep = Workshop()
    with pytest.raises(Refused) as refused:
        asleep.read(written(tmp_path, b""), "QT.docx")
    assert refused.value.reason is Reason.EMPTY
    assert asleep._helpers == {}


def test_children_have_a_network_of_their_own_where_the_kernel_allows(workshop):
    closed = workshop.network_is_closed()
    helper = workshop._helpers["workshop_helper"].process.pid
    same = os.readlink(f"/proc/{helper}/ns/net") == os.readlink("/proc/self/ns/net")
    assert closed is not same


@pytest.mark.covers("T16")
@pytest.mark.parametrize("kind", ["attachedTemplate", "image", "oleObject", "frame", "subDocument"])
def test_what_a_file_points_to_is_never_asked_for(workshop, tmp_path, kind):
    """A listener on this machine hears nothing, and a child could not reach it if it tried."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.3)
        url = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
        path = written(tmp_path, relation_added(a_docx(), kind, url))
        with contextlib.suppress(Refused):
            assert workshop.read(path, "a.docx").outside_links
        with pytest.raises(TimeoutError):
            canary.accept()


def test_slow_file_is_too_complex_and_the_workshop_goes_on(tmp_path):
    hasty = Workshop(read_seconds=0.05)
    path = written(tmp_path, many_styles())
    begin = time.monotonic()
    with pytest.raises(Refused) as refused:
        hasty.read(path, "a.docx")
    assert refused.value.reason is Reason.TOO_COMPLEX
    assert time.monotonic() - begin < 8
    hasty._read_seconds = 8
    assert hasty.read(path, "a.docx").words > 6_000
    hasty.close()


def test_file_that_eats_memory_ends_its_child_only(workshop, tmp_path):
    path = written(tmp_path, twice_packed(700))
    before = resident_bytes()
    with pytest.raises(Refused) as refused:
        workshop.read(path, "a.pdf")
    assert refused.value.reason is Reason.UNPACKED_TOO_LARGE
    assert resident_bytes() - before < 50 << 20
    assert workshop.read(written(tmp_path, a_pdf(), "other"), "b.pdf").pages == 1


def test_many_threads_share_two_children(workshop, tmp_path):
    path = written(tmp_path, a_docx())
    codes: list[str] = []

    def work() -> None:
        codes.extend(workshop.read(path, "a.docx").proposal.code for _turn in range(3))

    threads = [threading.Thread(target=work) for _each in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["QT-VP-01"] * 18


def test_who_waits_too_long_is_told(tmp_path):
    narrow = Workshop(wait_seconds=0.01)
    for _place in range(2):
        narrow._places.acquire()
    with pytest.raises(WorkshopBusy):
        narrow.read(written(tmp_path, a_docx()), "a.docx")


def test_a_full_line_answers_at_once_so_that_others_are_served(tmp_path):
    full = Workshop(wait_seconds=60, line=2)
    for _caller in range(2):
        full._line.acquire()
    begin = time.monotonic()
    with pytest.raises(WorkshopBusy):
        full.read(written(tmp_path, a_docx()), "a.docx")
    assert time.monotonic() - begin < 1


def test_children_step_back_for_whoever_answers_people(workshop):
    workshop.network_is_closed()
    helper = workshop._helpers["workshop_helper"].process.pid
    assert os.getpriority(os.PRIO_PROCESS, helper) > os.getpriority(os.PRIO_PROCESS, 0)


def test_helper_that_died_is_started_again(tmp_path):
    own = Workshop()
    path = written(tmp_path, a_docx())
    own.read(path, "a.docx")
    os.kill(own._helpers["workshop_helper"].process.pid, signal.SIGKILL)
    assert own.read(path, "a.docx").proposal.code == "QT-VP-01"
    own.close()
    assert own.read(path, "a.docx").proposal.code == "QT-VP-01"
    own.close()


def test_page_becomes_a_picture(workshop, tmp_path):
    path = written(tmp_path, a_pdf(pages=2))
    png = workshop.picture(path, 2, 300)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 300
    assert workshop.page_count(path) == 2
    with pytest.raises(WorkFailed):
        workshop.picture(path, 3, 300)
