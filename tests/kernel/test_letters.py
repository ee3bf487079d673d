"""Letters over a real line: once a day, in the reader's language, and whatever the server does."""

from __future__ import annotations

import contextlib
import email
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from app.digest import MOST_TRIES, Post
from app.jobs import name_overdue_reviews
from app.kernel.account import choose_letters
from app.kernel.calendar import DayKind
from app.kernel.calendar_keeping import name_day
from app.kernel.db import db
from app.kernel.mail_state import MailProblem
from app.kernel.notices import Notice, Urgency
from app.kernel.organising import change_settings
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.mail import Line, Unreachable, server_of, try_out
from documents.facts import DocumentNotice
from documents.models import Answer, Revision
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_draft,
    answered,
    form_token,
    sign_in,
    submitted,
)

TOMORROW = MONDAY.replace(hour=0, minute=31) + timedelta(days=1)  # 07:31 in Hà Nội
NEXT = timedelta(days=1)


class Postman:
    """A mail server on this machine that keeps what it takes, or answers as it is told."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        self.offered = 0

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.offered += 1
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == "drop":
            _server.transport.close()
            return "250 nobody hears this"
        if answer.startswith("250"):
            letter = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return answer


@pytest.fixture
def postman(app) -> Iterator[Postman]:
    """A postman, and an installation that knows the way to it."""
    keeper = Postman()

    def factory() -> SMTP:
        return SMTP(keeper, hostname="localhost", enable_SMTPUTF8=True, loop=controller.loop)

    controller = Controller(keeper, hostname="127.0.0.1", port=0)
    controller.factory = factory
    # the controller asks its port back before it is bound: give it one that is free now
    controller.port = _free_port()
    controller.start()
    before = app.extensions["nenep"]
    app.extensions["nenep"] = replace(
        before,
        smtp_url=f"smtp://127.0.0.1:{controller.port}",
        mail_from="iso@example.vn",
        public_url="https://iso.example.vn",
    )
    yield keeper
    app.extensions["nenep"] = before
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """Give one form of a letter."""
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def unsent() -> int:
    """Count the lines that have not left."""
    query = sa.select(sa.func.count()).select_from(Notice).where(Notice.sent_at.is_(None))
    return db.session.scalar(query) or 0


def asked(title: str = "Đăng ký khai sinh ở phường Mật"):
    """Submit something: the manager is asked to review it."""
    office = Office()
    return office, submitted(a_draft(office.author, office.document(title)), office.author)


@pytest.mark.covers("e18", "D14")
def test_one_letter_a_day_at_the_bodys_hour_with_links_and_no_title(app, postman) -> None:
    office, revision = asked()
    other = submitted(a_draft(office.author, office.document("Chứng thực")), office.author)
    post = Post()
    assert post.send_digests(MONDAY + timedelta(minutes=5)) == 0, "told after today's hour"
    assert post.send_digests(TOMORROW - timedelta(minutes=2)) == 0, "07:29"
    assert post.send_digests(TOMORROW) == 1
    assert post.send_digests(TOMORROW + timedelta(minutes=1)) == 0
    [letter] = postman.letters
    assert letter["To"].addresses[0].addr_spec == office.manager.email
    assert letter["From"].addresses[0].addr_spec == "iso@example.vn"
    assert letter["Subject"] == "Nền Nếp: 2 việc, 24/11/2026"
    assert letter["Auto-Submitted"] == "auto-generated"
    for shown in (text_of(letter), text_of(letter, "html")):
        assert shown.lstrip("<!doctypehml \n").lower().count("nền nếp") >= 1
        for one in (revision, other):
            assert one.code in shown
            assert f"https://iso.example.vn/b/{office.body.code}/r/{one.id}" in shown
        assert "Mật" not in shown
        assert "Chứng thực" not in shown
        assert "Kính gửi ông/bà" in shown
    later = office.document("Cải chính")
    draft = a_draft(office.author, later, now=MONDAY + NEXT, effective_on=TODAY + timedelta(days=9))
    submitted(draft, office.author, now=MONDAY + NEXT)
    assert post.send_digests(MONDAY + NEXT + timedelta(hours=3)) == 0, "one a day"
    assert post.send_digests(TOMORROW + NEXT) == 1
    assert "Nền Nếp: 1 việc" in postman.letters[1]["Subject"]


@pytest.mark.covers("e18")
def test_a_letter_is_in_the_readers_language_whatever_the_bodys(app, postman) -> None:
    office, revision = asked()
    with unit_of_work(None, now=MONDAY) as work:
        work.session.execute(sa.text("UPDATE person SET language = 'en'"))
    db.session.expire_all()
    assert Post().send_digests(TOMORROW) == 1
    [letter] = postman.letters
    assert letter["Subject"] == "Nền Nếp: 1 matter, 24/11/2026"
    assert letter["Content-Language"] == "en"
    step = revision.package.current_step
    assert f"Please review {revision.code} 01/00 by {step.due_on:%d/%m/%Y}." in text_of(letter)
    assert office.manager.name in text_of(letter)


@pytest.mark.covers("e18", "D7")
def test_every_link_in_a_letter_is_a_page_that_its_reader_may_open(app, client, postman) -> None:
    office = Office()
    document = office.effective().document
    submitted(a_draft(office.author, office.document("Chứng thực")), office.author)
    late = TOMORROW + (document.next_review_on - TODAY)
    name_overdue_reviews(late - NEXT)
    assert Post().send_digests(late) >= 2
    links = {
        letter["To"].addresses[0].addr_spec: re.findall(
            r"https://iso.example.vn(\S+)", text_of(letter)
        )
        for letter in postman.letters
    }
    assert f"/b/{office.body.code}/reviews?document={document.code}" in links[office.manager.email]
    sign_in(client, office.manager)
    for link in links[office.manager.email]:
        answer = client.get(link, follow_redirects=True)
        assert answer.status_code == 200, link
        assert answer.request.path.rpartition("/")[2] == link.partition("?")[0].rpartition("/")[2]


@pytest.mark.covers("e18")
def test_what_others_did_meanwhile_is_left_out(app, postman) -> None:
    office, revision = asked()
    answered(revision, office.manager, Answer.AGREE)
    assert Post().send_digests(TOMORROW) == 1
    assert [letter["To"].addresses[0].addr_spec for letter in postman.letters] == [
        office.officer.email
    ]


def test_whoever_has_no_address_or_no_account_gets_nothing(app, postman) -> None:
    office, _revision = asked()
    with unit_of_work(None, now=MONDAY) as work:
        work.session.execute(sa.text("UPDATE person SET email = ''"))
    db.session.expire_all()
    assert Post().send_digests(TOMORROW) == 0
    assert office.manager.email == ""


def test_without_a_mail_server_nothing_is_tried(app) -> None:
    asked()
    assert Post().send_digests(TOMORROW) == 0
    assert db.session.scalar(sa.select(sa.func.sum(Notice.tries))) == 0


@pytest.mark.covers("T17")
@pytest.mark.parametrize("answer", ["451 later", "554 never", "drop"])
def test_what_is_not_taken_is_tried_again_with_growing_rests_and_a_limit(
    app, postman, answer: str
) -> None:
    asked()
    postman.answers = [answer] * 100
    post, now = Post(), TOMORROW
    tried: list[datetime] = []
    while now < TOMORROW + timedelta(days=4):
        before = postman.offered
        assert post.send_digests(now) == 0
        if postman.offered > before:
            tried.append(now)
        now += timedelta(minutes=1 if now < TOMORROW + timedelta(minutes=30) else 20)
    assert not postman.letters
    assert unsent() == 1
    assert len(tried) == MOST_TRIES == postman.offered
    rests = [later - earlier for earlier, later in pairwise(tried)]
    assert rests == sorted(rests)
    assert rests[0] >= timedelta(minutes=1)
    assert rests[-1] >= timedelta(hours=6)


@pytest.mark.covers("T17")
def test_a_letter_is_shown_as_sent_only_when_it_was_taken_and_once(app, postman) -> None:
    asked()
    postman.answers = ["451 later", "drop"]
    post, now = Post(), TOMORROW
    for _minute in range(30):
        post.send_digests(now)
        now += timedelta(minutes=1)
    assert len(postman.letters) == 1
    assert unsent() == 0
    sent = db.session.scalars(sa.select(Notice.sent_at)).all()
    assert sent == [sent[0]]
    assert postman.offered == 3


@pytest.mark.covers("T17")
def test_two_rounds_at_once_send_one_letter(app, postman) -> None:
    asked()
    first, second = Post(), Post()
    assert first.send_digests(TOMORROW) + second.send_digests(TOMORROW) == 1
    assert len(postman.letters) == 1


def _answering(script: Callable[[socket.socket], None]) -> contextlib.AbstractContextManager[int]:
    """Listen once on this machine and let a script talk to whoever comes."""

    @contextlib.contextmanager
    def listening() -> Iterator[int]:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            door.listen(5)

            def serve() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        line, _address = door.accept()
                        with line:
                            script(line)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield int(door.getsockname()[1])
            door.shutdown(socket.SHUT_RDWR)
        thread.join(10)

    return listening()


def _hang(line: socket.socket) -> None:
    line.settimeout(5)
    with contextlib.suppress(OSError):
        line.recv(1000)


def _refuse(line: socket.socket) -> None:
    line.sendall(b"421 closed\r\n")


@pytest.mark.covers("T17", "T18")
@pytest.mark.parametrize("script", [_hang, _refuse])
def test_a_silent_or_closed_server_is_left_alone_for_a_while(app, monkeypatch, script) -> None:
    asked()
    monkeypatch.setattr("app.mail.PATIENCE", 0.3)
    monkeypatch.setattr("app.digest.Line", lambda server: Line(server, patience=0.3))
    with _answering(script) as port:
        app.extensions["nenep"] = replace(
            app.extensions["nenep"], smtp_url=f"smtp://127.0.0.1:{port}"
        )
        post = Post()
        assert post.send_digests(TOMORROW) == 0
        rest = post.rest_until
        assert rest is not None
        assert rest > TOMORROW
        assert post.send_digests(TOMORROW + timedelta(seconds=10)) == 0
        assert post.rest_until == rest, "not even asked"
        post.send_digests(rest)
        assert post.rest_until - rest > rest - TOMORROW
    app.extensions["nenep"] = replace(app.extensions["nenep"], smtp_url="")
    assert unsent() == 1
    assert db.session.scalar(sa.select(sa.func.sum(Notice.tries))) == 0


@pytest.mark.covers("T17")
def test_a_far_server_without_encryption_gets_nothing(monkeypatch) -> None:
    heard: list[bytes] = []

    def plain(line: socket.socket) -> None:
        line.sendall(b"220 hello\r\n")
        line.settimeout(5)
        with contextlib.suppress(OSError):
            heard.append(line.recv(1000))
            line.sendall(b"250-hello\r\n250 SIZE 1000\r\n")
            heard.append(line.recv(1000))

    with _answering(plain) as port:
        server = server_of(f"smtp://iso:se%40cret@127.0.0.1:{port}")
        assert (server.user, server.password) == ("iso", "se@cret")
        monkeypatch.setattr(type(server), "is_here", False)
        with pytest.raises(Unreachable, match="STARTTLS"), Line(server, patience=5):
            raise AssertionError("the line must not open")
    assert b"AUTH" not in b"".join(heard)


@pytest.mark.parametrize(
    ("url", "here", "port"),
    [
        ("smtp://localhost", True, 587),
        ("smtp://127.0.0.2:25", True, 25),
        ("smtp://[::1]:25", True, 25),
        ("smtps://mail.example.vn", False, 465),
        ("smtp://10.0.0.1", False, 587),
        ("smtp://localhost.example.vn", False, 587),
    ],
)
def test_only_this_machine_is_spoken_to_in_the_clear(url: str, here: bool, port: int) -> None:
    assert (server_of(url).is_here, server_of(url).port) == (here, port)


def test_every_body_has_its_own_hour(app, postman) -> None:
    office, _revision = asked()
    with unit_of_work(office.officer, now=MONDAY) as work:
        change_settings(work, work.fresh(office.body), {"digest_time": "15:00"})
    assert Post().send_digests(TOMORROW + timedelta(hours=7)) == 0
    assert Post().send_digests(TOMORROW + timedelta(hours=8)) == 1


SATURDAY = TOMORROW + timedelta(days=4)


def wishes(person: Person, *, wants: bool = True, at: str = "") -> None:
    """Choose when letters come, as somebody does for oneself."""
    with unit_of_work(person, now=MONDAY) as work:
        choose_letters(work, wants=wants, at=at)


def reached(postman: Postman) -> list[str]:
    """Give who got letters, in order."""
    return [letter["To"].addresses[0].addr_spec for letter in postman.letters]


@pytest.mark.covers("e20")
def test_everybody_may_choose_an_hour_of_their_own_or_none(app, postman) -> None:
    office, revision = asked()
    wishes(office.manager, at="9h")
    assert Post().send_digests(TOMORROW) == 0
    assert Post().send_digests(TOMORROW.replace(hour=2, minute=0)) == 1, "09:00 in Hà Nội"
    answered(revision, office.manager, Answer.AGREE)
    wishes(office.officer, wants=False)
    assert Post().send_digests(TOMORROW.replace(hour=9) + NEXT) == 0
    assert reached(postman) == [office.manager.email]
    assert unsent() == 1, "nothing is lost: it stands among the notices"


@pytest.mark.covers("e20", "P7")
def test_no_daily_letter_on_days_when_the_body_does_not_work(app, postman) -> None:
    office = Office()
    friday = MONDAY + timedelta(days=4, hours=1)
    late = TODAY + timedelta(days=20)
    draft = a_draft(office.author, office.document(), now=friday, effective_on=late)
    submitted(draft, office.author, now=friday)
    with unit_of_work(office.officer, now=MONDAY) as work:
        body = work.fresh(office.body)
        name_day(work, body, TODAY + timedelta(days=7), DayKind.HOLIDAY, "Lễ")  # the next Monday
    post = Post()
    for days in (0, 1, 2):
        assert post.send_digests(SATURDAY + timedelta(days=days)) == 0
    assert post.send_digests(SATURDAY + timedelta(days=3)) == 1, "Tuesday"


@pytest.mark.covers("e20", "P7")
def test_what_is_due_before_the_next_letter_leaves_at_once_and_says_why(app, postman) -> None:
    office, revision = asked()
    friday = MONDAY + timedelta(days=4, hours=1)
    monday = TODAY + timedelta(days=7)
    for person, due_on in ((office.manager, monday - timedelta(days=1)), (office.officer, monday)):
        with unit_of_work(None, now=friday) as work:
            work.notify(
                DocumentNotice.CHANGE_ACCEPTED,
                revision.document,
                to=[work.fresh(person)],
                number="YC-01",
                owner="",
                codes="QT-01",
                due_on=due_on,
            )
    assert [one.urgency for one in db.session.scalars(sa.select(Notice).order_by(Notice.id))] == [
        Urgency.DAILY,
        Urgency.DUE,
        Urgency.DAILY,
    ]
    assert Post().send_digests(friday.replace(hour=12)) >= 1
    urgent = [letter for letter in postman.letters if "cần ngay" in letter["Subject"]]
    assert [letter["To"].addresses[0].addr_spec for letter in urgent] == [office.manager.email]
    assert "Gửi ngay: đến hạn trước thư hằng ngày kế tiếp" in text_of(urgent[0])


@pytest.mark.covers("e20")
def test_a_kind_that_cannot_wait_is_sent_at_any_hour_even_to_who_wants_no_letters(
    app, postman
) -> None:
    office, revision = asked()
    wishes(office.staff, wants=False)
    midnight = SATURDAY.replace(hour=17)
    told_of_old_page(office, revision, midnight)
    post = Post()
    assert post.send_digests(midnight + timedelta(minutes=1)) == 1
    assert post.send_digests(midnight + timedelta(minutes=2)) == 0
    assert Post().send_digests(midnight + timedelta(minutes=3)) == 0, "nor after a restart"
    [letter] = postman.letters
    assert letter["Subject"] == "Nền Nếp: 1 việc cần ngay, 29/11/2026"
    assert "Gửi ngay: Có người đang làm theo trang giấy không còn hiệu lực." in text_of(letter)


@pytest.mark.covers("e20")
def test_what_left_at_once_takes_nobodys_daily_letter_away(app, postman) -> None:
    office, revision = asked()
    early = TOMORROW.replace(hour=0, minute=5)
    with unit_of_work(None, now=early) as work:
        work.notify(
            DocumentNotice.OLD_PAGE_FOUND,
            revision.document,
            to=[work.fresh(office.manager)],
            code="QT",
            edition="01/00",
            place="Bảng tin",
        )
    assert Post().send_digests(early) == 1
    assert Post().send_digests(TOMORROW) == 1
    assert reached(postman) == [office.manager.email] * 2
    assert len({letter["Message-ID"] for letter in postman.letters}) == 2


def told_of_old_page(office: Office, revision: Revision, now: datetime) -> None:
    with unit_of_work(None, now=now) as work:
        work.notify(
            DocumentNotice.OLD_PAGE_FOUND,
            revision.document,
            to=[work.fresh(office.staff)],
            code="QT",
            edition="01/00",
            place="Bảng tin",
        )


@pytest.mark.covers("D14")
def test_nothing_is_told_before_the_author_submits(app, postman) -> None:
    office = Office()
    a_draft(office.author, office.document())
    assert unsent() == 0
    assert Post().send_digests(TOMORROW + timedelta(days=2)) == 0


@pytest.mark.covers("T17", "e20", "e18")
@pytest.mark.parametrize("ends_in", [1, 2, 3])
def test_each_end_of_the_process_repeats_the_letter_once_and_loses_nothing(
    app, postman, monkeypatch, ends_in
) -> None:
    """The server has the letter, then the process ends: over SMTP, as many times as it ends."""
    office, _ = asked()
    asked_too = submitted(a_draft(office.author, office.document("Chứng thực")), office.author)

    def ends(_work: object, _problem: object) -> None:
        raise KeyboardInterrupt

    at = TOMORROW
    for _ in range(ends_in):
        with monkeypatch.context() as patched:
            patched.setattr("app.digest.note_mail", ends)
            with pytest.raises(KeyboardInterrupt):
                Post().send_digests(at)
        at += timedelta(hours=1)
    for minute in range(5):
        Post().send_digests(at + timedelta(minutes=minute))
    assert unsent() == 0
    assert len(postman.letters) == ends_in + 1, "one repeat for each end, never more"
    assert len({letter["Message-ID"] for letter in postman.letters}) == 1
    for letter in postman.letters:
        assert asked_too.code in text_of(letter), "nothing is lost"
        assert text_of(letter) == text_of(postman.letters[0])


@pytest.mark.covers("T17", "T18")
def test_health_shows_how_the_mail_server_answers_and_stays_green(app, client, postman) -> None:
    def mail() -> dict[str, object]:
        answer = client.get("/health")
        assert answer.get_json()["database"] == "ok"
        return answer.get_json()["mail"]

    asked()
    assert mail() == {"status": "ok"}
    postman.answers = ["554 never"]
    assert Post().send_digests(TOMORROW) == 0
    assert (mail()["status"], mail()["problem"]) == ("failed", "not_taken")
    assert Post().send_digests(TOMORROW + timedelta(minutes=2)) == 1
    assert mail() == {"status": "ok"}
    app.extensions["nenep"] = replace(app.extensions["nenep"], smtp_url="smtp://127.0.0.1:1")
    asked("Chứng thực")
    assert Post().send_digests(TOMORROW + NEXT) == 0
    assert (mail()["status"], mail()["problem"]) == ("failed", "refused")
    app.extensions["nenep"] = replace(app.extensions["nenep"], smtp_url="")
    assert mail() == {"status": "off"}


@pytest.mark.covers("e20")
def test_the_administrator_tries_the_server_out_and_reads_its_answer(app, client, postman) -> None:
    office = Office()
    sign_in(client, office.administrator)
    token = form_token(client, "/settings/mail")
    page = client.post("/settings/mail?lang=en", data={"csrf_token": token}).get_data(as_text=True)
    assert "The server took the letter" in page
    assert "250 taken" in page
    assert reached(postman) == [office.administrator.email]
    postman.answers = ["554 5.7.1 we do not like you <b>"]
    page = client.post("/settings/mail?lang=en", data={"csrf_token": token}).get_data(as_text=True)
    assert "does not take the letter" in page
    assert "554 5.7.1 we do not like you &lt;b&gt;" in page
    officer = client.application.test_client()
    sign_in(officer, office.officer)
    assert officer.get("/settings/mail").status_code == 403


@pytest.mark.covers("e20", "T17")
@pytest.mark.parametrize(
    ("script", "problem"), [(_hang, MailProblem.SILENT), (_refuse, MailProblem.REFUSED)]
)
def test_trying_a_silent_server_out_ends_in_time_and_in_words(app, script, problem) -> None:
    office = Office()
    with _answering(script) as port:
        server = server_of(f"smtp://127.0.0.1:{port}")
        letter = EmailMessage()
        letter["To"], letter["From"] = office.manager.email, "iso@example.vn"
        began = time.monotonic()
        trial = try_out(server, letter, within=1.0)
        assert time.monotonic() - began < 3
        assert trial.problem is problem


@pytest.mark.covers("e20")
def test_the_page_of_letters_keeps_the_choice_and_names_what_does_not_wait(client) -> None:
    office = Office()
    sign_in(client, office.staff)
    page = client.get("/notices/letters?lang=en").get_data(as_text=True)
    assert "An old page of QT-VP-05 02/01 is still in use: the wall of the reception" in page
    assert "Nguyen Van A lets you act from" in page
    assert "…" not in page[page.index("<main") :]
    vietnamese = client.get("/notices/letters?lang=vi").get_data(as_text=True)
    assert "Nguyễn Văn A" in vietnamese
    for text in (page, vietnamese):
        assert text.count("QT-VP-05 02/01") >= 4, "in the letter and in what does not wait"
    assert "People are following a page that no longer holds." in page
    token = form_token(client, "/notices/letters")
    wrong = client.post("/notices/letters", data={"csrf_token": token, "wants": "y", "at": "25h"})
    assert wrong.status_code == 422
    assert 'value="25h"' in wrong.get_data(as_text=True)
    client.post("/notices/letters", data={"csrf_token": token, "wants": "y", "at": "16h"})
    person = db.session.get_one(Person, office.staff.id)
    assert (person.wants_letters, person.digest_time) == (True, "16:00")
    client.post("/notices/letters", data={"csrf_token": token, "at": "7:30"})
    person = db.session.get_one(Person, office.staff.id)
    assert (person.wants_letters, person.digest_time) == (False, None), "the body's own time"
