"""The second factor: at the door, at signing, when it is lost (e12; T08, T09; ASVS 6.3.3-6.5.8)."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa

from app.kernel.accounts import GUESS_WINDOW, HALF_LIVES, MOST_GUESSES, SignInSession, Stage
from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.factors import RecoveryCode, SecondFactor, factor_of, new_factor, pending_factor
from app.kernel.install import installation
from app.kernel.keys import new_keys, rotated
from app.kernel.notices import Notice
from app.kernel.organising import delegate
from app.kernel.second_factor import begin, confirm, give_code, hashed_codes
from app.kernel.signing_in import digest, make_link, prove
from app.kernel.signing_in import sign_in as open_door
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.account.sign_in import DEVICE
from documents.body_settings import change_body_settings
from tests.builders import (
    MONDAY,
    PASSWORD,
    Office,
    a_draft,
    answered,
    form_token,
    sign_in,
    submitted,
)

STEP = timedelta(seconds=30)


@pytest.fixture
def office(app):
    return Office()


def with_factor(person, now=MONDAY):
    """Turn a person's second factor on by the acts; give the secret and the recovery codes."""
    with unit_of_work(person, now=now) as work:
        begin(work)
    factor = pending_factor(db.session(), person)
    secret = factor.open_secret()
    codes, hashes = hashed_codes(factor)
    with unit_of_work(person, now=now) as work:
        confirm(work, code_at(secret, now), hashes, browser="")
    return secret, codes


def a_while_ago():
    """Some codes before the present one, for tests that ask the real clock of the server."""
    return datetime.now(UTC) - timedelta(minutes=9)


def code_at(secret, now):
    """What the phone shows at a moment."""
    return pyotp.TOTP(secret).at(now)


def half(person, now):
    """A sign-in whose password was right."""
    session, _token = open_door(person.login, PASSWORD, device="", browser="", now=now)
    assert session.stage is Stage.CODE
    return session


def given(person, code, now, device=""):
    """Give a code at the door; what the refusal says, or an empty text."""
    try:
        give_code(half(person, now), code, device=device, now=now)
    except InvalidInput as refused:
        return refused.text
    return ""


def setting(office, **changes):
    """Change the settings of the office by the act itself."""
    with unit_of_work(office.officer) as work:
        change_body_settings(work, work.fresh(office.body), changes)


def text(answer):
    return html.unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def facts(name):
    db.session.rollback()
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(TrailEntry).where(TrailEntry.fact == name)
    )


def post(client, path, shown, **data):
    """Send a form with the token of the page it stands on."""
    return client.post(path, data={"csrf_token": form_token(client, shown), **data})


def knock(client, person, password=PASSWORD):
    return post(client, "/login", "/login", login=person.login, password=password)


@pytest.mark.covers("e12")
def test_somebody_sets_it_up_in_the_profile_and_signs_in_with_it(app, office):
    browser, elsewhere = app.test_client(), app.test_client()
    sign_in(browser, office.staff)
    sign_in(elsewhere, office.staff)
    page = "/profile/second-factor"
    assert post(browser, page, page, password="không phải").status_code == 422
    assert pending_factor(db.session(), office.staff) is None
    assert post(browser, page, page, password=PASSWORD).status_code == 303
    shown = text(browser.get(page))
    secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", shown).group(1).replace(" ", "")
    assert 'src="data:image/svg+xml' in shown
    assert factor_of(db.session(), office.staff) is None  # not on before a code was typed
    assert post(browser, f"{page}/confirm", page, code="000000").status_code == 422
    now = datetime.now(UTC)
    on = post(browser, f"{page}/confirm", page, code=code_at(secret, now))
    codes = re.findall(r"<code[^>]*>(\w{5}-\w{5})</code>", text(on))
    assert (on.status_code, len(codes)) == (200, 10)
    assert browser.get("/work").status_code == 200
    assert elsewhere.get("/work").status_code == 303  # it was opened without a second factor
    assert codes[0] not in text(browser.get(page))
    assert facts("account.factor_on") == 1

    other = app.test_client()
    first = knock(other, office.staff)
    assert (first.status_code, first.headers["Location"]) == (303, "/login/code")
    assert other.get("/work").status_code == 303  # half a sign-in opens nothing
    assert other.get_cookie(DEVICE) is None
    recovered = post(other, "/login/code", "/login/code", code=codes[0].upper())
    assert recovered.status_code == 303
    assert other.get("/work").status_code == 200
    assert facts("account.recovery_used") == 1


@pytest.mark.covers("e12", "T08")
def test_half_a_sign_in_opens_no_page_and_no_act_and_its_token_dies_with_it(app, office):
    secret, _codes = with_factor(office.staff, a_while_ago())
    browser = app.test_client()
    knock(browser, office.staff)
    kept = browser.get_cookie("nenep").value
    for path in ("/work", "/profile", "/profile/second-factor", "/documents", "/login/setup"):
        assert browser.get(path).status_code == 303, path
    assert browser.get("/profile").headers["Location"].startswith("/login")
    code = code_at(secret, datetime.now(UTC))
    assert post(browser, "/login/code", "/login/code", code=code).status_code == 303
    assert browser.get_cookie("nenep").value != kept
    thief = app.test_client()
    thief.set_cookie("nenep", kept)
    assert thief.get("/work").status_code == 303
    assert thief.get("/login/code").status_code == 303


@pytest.mark.covers("e12", "T08")
def test_half_a_sign_in_is_over_after_ten_minutes(office):
    secret, _codes = with_factor(office.staff)
    session = half(office.staff, MONDAY + STEP * 4)
    late = MONDAY + STEP * 4 + HALF_LIVES
    assert session.is_half(late - timedelta(seconds=1))
    assert not session.is_half(late)
    with pytest.raises(Exception, match="changed"):
        give_code(session, code_at(secret, late), device="", now=late)


@pytest.mark.covers("e12", "T09")
def test_a_code_counts_once_and_none_before_it_counts_again(office):
    secret, _codes = with_factor(office.staff)
    assert given(office.staff, code_at(secret, MONDAY), MONDAY)  # it turned the factor on
    now = MONDAY + STEP * 4
    code = code_at(secret, now)
    assert given(office.staff, code, now) == ""
    assert given(office.staff, code, now)
    assert given(office.staff, code_at(secret, now - STEP), now)
    assert given(office.staff, code_at(secret, now + STEP), now + STEP) == ""


@pytest.mark.covers("e12", "T09")
@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_counts_in_its_own_half_minute_and_its_neighbours_by_the_servers_clock(
    office, steps, taken
):
    secret, _codes = with_factor(office.staff)
    now = MONDAY + STEP * 20
    assert (given(office.staff, code_at(secret, now + steps * STEP), now) == "") is taken


@pytest.mark.covers("e12", "T09")
def test_the_eleventh_code_is_not_even_checked_and_a_known_device_has_its_own_ten(office):
    secret, _codes = with_factor(office.staff)
    now = MONDAY + STEP * 4
    said = [given(office.staff, "123456", now) for _number in range(MOST_GUESSES + 1)]
    assert len(set(said[:MOST_GUESSES])) == 1
    assert said[MOST_GUESSES] != said[0]
    assert given(office.staff, code_at(secret, now), now) == said[MOST_GUESSES]
    assert given(office.staff, code_at(secret, now), now, device="known") == ""
    later = now + GUESS_WINDOW
    assert given(office.staff, code_at(secret, later), later) == ""
    assert facts("account.code_refused") == MOST_GUESSES


@pytest.mark.covers("e12", "T09")
def test_a_recovery_code_counts_once_however_it_is_typed(office):
    _secret, codes = with_factor(office.staff)
    now = MONDAY + STEP * 4
    assert given(office.staff, f" {codes[3].replace('-', ' ').upper()} ", now) == ""
    assert given(office.staff, codes[3], now)
    assert given(office.staff, codes[4], now) == ""
    left = sa.select(sa.func.count()).where(RecoveryCode.used_at.is_(None))
    assert db.session.scalar(left) == 8


@pytest.mark.covers("e12")
def test_one_persons_codes_open_nothing_for_another(office):
    secret, codes = with_factor(office.staff)
    with_factor(office.manager)
    now = MONDAY + STEP * 4
    assert given(office.manager, code_at(secret, now), now)
    assert given(office.manager, codes[0], now)


@pytest.mark.covers("e12", "T04", "T29")
def test_neither_database_nor_trail_holds_a_secret_that_opens(office):
    secret, codes = with_factor(office.staff)
    kept = []
    for table in SecondFactor.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            kept.append(json.dumps([str(value) for value in row]).casefold())
    whole = "\n".join(kept)
    assert secret.casefold() not in whole
    for code in codes:
        assert code not in whole
        assert code.replace("-", "") not in whole


@pytest.mark.covers("e12")
def test_a_secret_is_readable_with_its_keys_only_also_after_they_are_renewed(office):
    keys = installation().keys
    kept = keys.enclose(b"JBSWY3DPEHPK3PXP", purpose="one")
    assert rotated(keys).disclose(kept, purpose="one") == b"JBSWY3DPEHPK3PXP"
    assert keys.disclose(kept, purpose="another") is None
    assert new_keys().disclose(kept, purpose="one") is None
    bent = kept[:-6] + ("A" if kept[-6] != "A" else "B") + kept[-5:]
    assert keys.disclose(bent, purpose="one") is None
    assert new_factor(office.staff, MONDAY).secret != new_factor(office.staff, MONDAY).secret


@pytest.mark.covers("e12")
def test_who_must_have_one_is_led_to_it_at_the_next_sign_in(app, office):
    setting(office, factor_for_signers=True)
    browser = app.test_client()
    led = post(browser, "/login", "/login", login=office.leader.login, password=PASSWORD)
    assert led.headers["Location"] == "/login/setup"
    assert browser.get("/work").status_code == 303
    assert browser.get("/login/code").headers["Location"] == "/login"
    assert "Cơ quan yêu cầu mã trên điện thoại" in text(browser.get("/login/setup"))
    assert post(browser, "/login/setup", "/login/setup").status_code == 303
    shown = text(browser.get("/login/setup"))
    secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", shown).group(1).replace(" ", "")
    assert post(browser, "/login/setup/confirm", "/login/setup", code="111111").status_code == 422
    assert browser.get("/work").status_code == 303
    code = code_at(secret, datetime.now(UTC))
    on = post(browser, "/login/setup/confirm", "/login/setup", code=code)
    assert on.status_code == 200
    assert browser.get("/work").status_code == 200


@pytest.mark.covers("e12", "O2")
def test_the_setting_asks_signers_and_administrators_and_deputies_and_nobody_else(app, office):
    def stage(person):
        return open_door(person.login, PASSWORD, device="", browser="")[0].stage

    people = (office.manager, office.officer, office.leader, office.administrator, office.staff)
    assert [stage(person) for person in people] == [Stage.OPEN] * 5
    setting(office, factor_for_signers=True)
    assert [stage(person) for person in people] == [Stage.SETUP] * 3 + [Stage.OPEN] * 2
    with unit_of_work(office.leader) as work:
        delegate(
            work,
            work.fresh(office.leader),
            work.fresh(office.staff),
            from_on=work.today,
            until_on=work.today,
            reason="đi công tác",
        )
    assert stage(office.staff) is Stage.SETUP
    setting(office, factor_for_signers=False, factor_for_administrators=True)
    assert [stage(person) for person in people] == [Stage.OPEN] * 3 + [Stage.SETUP, Stage.OPEN]


@pytest.mark.covers("e12", "T08")
def test_turning_it_off_needs_password_and_code(app, office):
    secret, codes = with_factor(office.staff, a_while_ago())
    browser = app.test_client()
    knock(browser, office.staff)
    post(browser, "/login/code", "/login/code", code=codes[0])
    page, off = "/profile/second-factor", "/profile/second-factor/off"
    for password, code in ((PASSWORD, "123456"), ("không phải", codes[1]), (PASSWORD, "")):
        assert post(browser, off, page, password=password, code=code).status_code == 422
        assert factor_of(db.session(), office.staff) is not None
    right = code_at(secret, datetime.now(UTC))
    assert post(browser, off, page, password=PASSWORD, code=right).status_code == 303
    assert browser.get("/work").status_code == 200
    assert factor_of(db.session(), office.staff) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 0
    assert facts("account.factor_off") == 1


@pytest.mark.covers("e12")
def test_turning_it_off_where_it_is_asked_for_leads_to_setting_up_another(app, office):
    _secret, codes = with_factor(office.leader, a_while_ago())
    setting(office, factor_for_signers=True)
    browser = app.test_client()
    knock(browser, office.leader)
    post(browser, "/login/code", "/login/code", code=codes[0])
    page, off = "/profile/second-factor", "/profile/second-factor/off"
    answer = post(browser, off, page, password=PASSWORD, code=codes[1])
    assert answer.headers["Location"] == "/login/setup"
    assert browser.get("/work").status_code == 303
    assert browser.get("/login/setup").status_code == 200


@pytest.mark.covers("e12")
def test_new_recovery_codes_end_the_old(app, office):
    _secret, codes = with_factor(office.staff, a_while_ago())
    browser = app.test_client()
    knock(browser, office.staff)
    post(browser, "/login/code", "/login/code", code=codes[0])
    page = "/profile/second-factor"
    shown = post(browser, f"{page}/codes", page, password=PASSWORD, code=codes[1])
    fresh = re.findall(r"<code[^>]*>(\w{5}-\w{5})</code>", text(shown))
    assert len(fresh) == 10
    now = datetime.now(UTC)
    assert given(office.staff, codes[2], now)
    assert given(office.staff, fresh[2], now) == ""


@pytest.mark.covers("e12", "T09")
def test_a_one_time_link_sets_a_password_and_does_not_go_round_the_code(app, office):
    with_factor(office.staff)
    with unit_of_work(office.administrator) as work:
        token = make_link(work, work.fresh(office.staff))
    browser = app.test_client()
    path = f"/link/{token}"
    assert post(browser, path, path, password="mật khẩu hoàn toàn mới").status_code == 303
    led = knock(browser, office.staff, "mật khẩu hoàn toàn mới")
    assert led.headers["Location"] == "/login/code"
    assert browser.get("/work").status_code == 303


@pytest.mark.covers("e12", "T1")
def test_an_administrators_reset_is_a_fact_with_a_reason_and_a_notice(app, office):
    with_factor(office.staff)
    inside = app.test_client()
    with unit_of_work(office.staff) as work:  # a browser that is signed in
        session = work.add(
            SignInSession(
                token_digest=digest("x"),
                person_id=office.staff.id,
                started_at=work.now,
                seen_at=work.now,
            )
        )
    inside.set_cookie("nenep", "x")
    assert inside.get("/work").status_code == 200
    browser = app.test_client()
    sign_in(browser, office.administrator)
    path = f"/people/{office.staff.id}/second-factor"
    assert post(browser, path, path, reason=" ").status_code == 422
    assert factor_of(db.session(), office.staff) is not None
    assert post(browser, path, path, reason="mất điện thoại").status_code == 303
    assert factor_of(db.session(), office.staff) is None
    assert inside.get("/work").status_code == 303
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "account.factor_reset")
    ).one()
    assert entry.content()["details"]["reason"] == "mất điện thoại"
    assert entry.actor_id == office.administrator.id
    told = db.session.scalars(sa.select(Notice).where(Notice.kind == "account.factor_reset")).one()
    assert told.person_id == office.staff.id
    assert post(browser, path, path, reason="lần nữa").status_code == 409
    own = f"/people/{office.administrator.id}/second-factor"
    with_factor(office.administrator)
    assert db.session.get(SignInSession, session.id).ended_at is not None
    other = app.test_client()
    sign_in(other, office.officer)
    assert other.get(path).status_code == 403
    assert other.get(own).status_code == 403


@pytest.mark.covers("e12", "T21")
def test_a_signature_asks_for_the_code_where_the_body_says_so(app, office):
    setting(office, factor_at_signing=True)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(InvalidInput) as refused:
        prove(office.manager, PASSWORD, now=MONDAY)
    assert refused.value.field == "code"
    assert "profile" in refused.value.text
    secret, _codes = with_factor(office.manager, a_while_ago())
    browser = app.test_client()
    knock(browser, office.manager)
    now = datetime.now(UTC)
    post(browser, "/login/code", "/login/code", code=code_at(secret, now - STEP))
    path = f"/r/{revision.id}"
    page = text(browser.get(path))
    assert 'name="a-code"' in page
    seen = re.search(r'name="a-row_version"[^>]*value="(\d+)"', page).group(1)
    asked = {"answer": "approve", "a-row_version": seen, "a-password": PASSWORD}
    shown = path
    for wrong in ("", code_at(secret, now - STEP), "123456"):  # none, used at the door, wrong
        answer = post(browser, f"{path}/decision", shown, **asked, **{"a-code": wrong})
        assert answer.status_code == 422
    code = code_at(secret, now)
    right = post(browser, f"{path}/decision", shown, **asked, **{"a-code": code})
    assert right.status_code == 303, text(right)[:3000]
    db.session.rollback()
    signed = [step.decisions for step in revision.package.steps if step.decisions]
    assert signed[0][0].signature.method == "password+code"


@pytest.mark.covers("e12", "T09", "T21")
def test_guesses_of_codes_when_signing_count_like_passwords(office):
    setting(office, factor_at_signing=True)
    secret, _codes = with_factor(office.leader)
    now = MONDAY + STEP * 4
    for _number in range(MOST_GUESSES):
        with pytest.raises(InvalidInput) as refused:
            prove(office.leader, PASSWORD, "123456", now=now)
        assert refused.value.field == "code"
    with pytest.raises(InvalidInput) as refused:
        prove(office.leader, PASSWORD, code_at(secret, now), now=now)
    assert refused.value.field == "password"
    later = now + GUESS_WINDOW
    proof = prove(office.leader, PASSWORD, code_at(secret, later), now=later)
    assert proof.method == "password+code"


@pytest.mark.covers("e12")
def test_without_the_setting_nothing_changes_for_anybody(office):
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    assert prove(office.manager, PASSWORD, now=MONDAY).method == "password"
