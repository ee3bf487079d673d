"""Every route with every method, role and relation answers as the tables say (T05, T06)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from urllib.parse import parse_qsl, quote

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from wtforms.fields.core import UnboundField

from app.kernel.access import KernelPermission
from app.kernel.calendar import today_of
from app.kernel.db import Moment, Record, db
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person
from app.kernel.permissions import TABLE, may, standing_of
from audits.models import Audit, Auditor, Finding, Programme, Recommendation, Standard
from audits.permissions import AuditPermission
from documents.models import (
    Assignment,
    ChangeRequest,
    Comment,
    ControlledCopy,
    DigitalCopy,
    Disposal,
    Document,
    ExternalDocument,
    Hold,
    ImportBatch,
    Invitation,
    IssuanceDecision,
    QualityRecord,
    Revision,
    Scope,
    Withdrawal,
)
from documents.permissions import DocumentPermission
from forms import screen
from forms.screen.base import ScreenForm
from tests.documents.content.hostile import TAKEN
from tests.matrix import Route, acts, expected, expected_at, permissions, routes
from tests.photos import A_PHOTO
from tests.web.conftest import Ground
from tests.web.world import ASKING, OF_A_REFUSAL, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
KIND_OF = {
    "person": Person,
    "unit": Unit,
    "body": Body,
    "document": Document,
    "invitation": Invitation,
    "effective": Revision,
    "named": Revision,
    "draft": Revision,
    "submitted": Revision,
    "comment": Comment,
    "copy": ControlledCopy,
    "suggestion": Comment,
    "issuance": IssuanceDecision,
    "asked": ChangeRequest,
    "accepted": ChangeRequest,
    "law": ExternalDocument,
    "batch": ImportBatch,
    "withdrawal": Withdrawal,
    "record": QualityRecord,
    "hold": Hold,
    "disposal": Disposal,
    "assigned": Assignment,
    "scope": Scope,
    "digital": DigitalCopy,
    "qualified": Auditor,
    "programme": Programme,
    "audit": Audit,
    "fielded": Audit,
    "standard": Standard,
    "reported": Audit,
    "found": Finding,
    "recommended": Recommendation,
}
NEVER_THE_SAME = {
    *("hash", "mac", "token_digest", "signature", "details", "password_hash", "token", "uid"),
}
LEADS_TO_THE_DOOR = {
    *("work.start", "sign_in.leave", "link.use"),
    *("second_factor.ask", "second_factor.give", "second_factor.lead"),
    *("second_factor.lead_begin", "second_factor.lead_confirm", "passkeys.enter"),
}
# whose session it is, and whether it is their turn (409), the page asks beyond the permission
ASKED_BY_PAGES = {
    "account.own.use (session)",
    "documents.revision.decide (any step)",
    "documents.revision.comment (late)",
    "audits.fieldwork.open (team)",  # to look on is not to write: the act asks again
    "documents.distribution.see (given)",  # the page asks with what the body below has
}
NOT_MADE_YET = {"serving.picture"}  # no job runs in this world, so there are no pages to draw
FILES = {"@docx": TAKEN["Word"], "@pdf": TAKEN["PDF"], "@xlsx": TAKEN["workbook"], "@jpg": A_PHOTO}


def rules_of(app: Flask) -> set[tuple[str, str]]:
    """Every endpoint with the methods of its own; HEAD is GET without its body."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(world: World, route: Route) -> str:
    """Build the path of a row."""
    values = dict(parse_qsl(world.filled(route.path), keep_blank_values=True))
    script_name = "/b/giua" if route.scope == "record" else "/"  # the body whose record it is
    adapter = world.app.url_map.bind("localhost", script_name=script_name)
    return adapter.build(route.endpoint, values)


def typed(world: World, route: Route, name: str) -> dict[str, object]:
    """Fill in the form of a row as somebody would, with their own form token."""
    form: dict[str, object] = {"csrf_token": world.tokens[name]}
    for field, value in parse_qsl(world.filled(route.form), keep_blank_values=True):
        if value in FILES:
            file_name, content = FILES[value]
            form[field] = (BytesIO(content), file_name)
        else:
            form[field] = value
    return form


def verdict(endpoint: str, status: int, location: str) -> str:
    """Say in the words of the tables what an answer was."""
    if endpoint == "health.health" and status == 503:  # nothing runs the jobs of this world
        return "allow"
    if status == 303 and re.match(r"(/b/\w+)?/login", location):
        return "redirect"
    return "deny" if status in (403, 404) else "allow" if status < 500 else "broken"


@pytest.mark.covers("T05")
def test_every_route_and_every_permission_has_its_row(small_ground: Ground) -> None:
    """A new route or permission without a row fails here first."""
    written = {(route.endpoint, route.method) for route in routes()}
    existing = rules_of(small_ground.world.app)
    assert not existing - written, "add these to tests/routes.csv"
    assert not written - existing, "these are gone"
    assert {str(permission) for permission in TABLE} == acts()
    assert {
        str(one) for one in (*KernelPermission, *DocumentPermission, *AuditPermission)
    } <= acts()
    used = {route.permission for route in routes()} - {"open"}
    assert used <= acts()


@pytest.mark.covers("T05")
def test_rows_name_the_permission_the_code_asks_for(small_ground: Ground) -> None:
    app = small_ground.world.app
    wrong = []
    for route in routes():
        if route.endpoint == "static":
            continue
        view = app.view_functions[route.endpoint]
        asked = str(getattr(view, "permission", "")) or "open"
        if asked == "open":
            assert getattr(view, "open_reason", ""), route.endpoint
        if asked != route.permission and not _reads(asked, route.permission):
            wrong.append((route.name, asked))
    assert not wrong


def _reads(asked: str, written: str) -> bool:
    """Reading has several permissions; which one counts depends on the revision's state."""
    reading = {
        "documents.document.list",
        "documents.revision.read",
        "documents.effective.read",
        "documents.effective.print",
    }
    return {asked, written} <= reading


@pytest.mark.covers("T05", "O1", "O4", "D6", "T1")
def test_every_route_answers_as_the_table_says(
    small_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deny: 403 or 404, nothing changed but one entry; redirect: to sign-in, nothing changed.

    Pages are left blank: how they look is looked at elsewhere, and four thousand of them take long.
    """
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("app.kernel.signing_in._HASHER", quick)
    for module in ("page", "errors"):
        monkeypatch.setattr(f"app.web.{module}.render_template", lambda *_, **__: "")
    world, wrong = small_ground.world, []
    for route in routes():
        path = address(world, route)
        for name, (role, relation) in ASKING.items():
            wanted = expected_at(route, role, relation)
            with small_ground.forgotten():
                data = typed(world, route, name) if route.method != "GET" else None
                answer = world.ask(name, route.method, path, data=data)
                answer.close()
                got = verdict(
                    route.endpoint, answer.status_code, answer.headers.get("Location", "")
                )
                if got == "redirect" and route.endpoint in LEADS_TO_THE_DOOR:
                    continue
                if wanted == "allow" and got == "deny" and route.endpoint in NOT_MADE_YET:
                    continue
                if got != wanted:
                    wrong.append(
                        f"{route.name} by {name}: {got} {answer.status_code}, not {wanted}"
                    )
                elif wanted != "allow":
                    touched, new = small_ground.differs(), small_ground.new_entries()
                    limit = OF_A_REFUSAL if wanted == "deny" else set()
                    if not touched <= limit or new != (wanted == "deny"):
                        wrong.append(f"{route.name} by {name}: {touched} changed, {new} entries")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


# the record each act is tried on; brackets as in the table
TRIED_ON = {
    "account": "person",
    "account.own.use (session)": "",  # whose browser it is, the page alone asks
    "organisation.unit": "unit",
    "organisation.person": "person",
    "organisation.appointment": "unit",
    "organisation.delegation": "person",
    "settings": "body",
    "trail": "body",
    "access": "document",
    "documents.copy": "copy",
    "documents.document.list": "document",
    "documents.register": "document",
    "documents.effective.read (named)": "named",
    "documents.effective": "effective",
    "documents.revision.read (draft)": "draft",
    "documents.revision.read": "submitted",
    "documents.document": "unit",
    "documents.revision.draft (document)": "document",
    "documents.revision.draft": "draft",
    "documents.revision.submit": "draft",
    "documents.revision": "submitted",
    "documents.revision.acknowledge": "effective",
    "documents.revision.acknowledge (named)": "named",
    "documents.unit": "unit",
    "documents.distribution": "effective",
    "documents.training": "person",
    "documents.comment": "comment",
    "documents.suggestion": "suggestion",
    "documents.invitation": "invitation",
    "documents.check_out": "draft",
    "documents.step": "submitted",
    "documents.route": "body",
    "documents.template": "body",
    "documents.issuance": "issuance",
    "documents.change": "accepted",
    "documents.change.ask": "document",
    "documents.external": "law",
    "documents.document.review": "document",
    "documents.import": "batch",
    "documents.withdrawal": "withdrawal",
    "documents.withdrawal.propose": "document",
    "documents.record": "record",
    "documents.hold": "hold",
    "documents.disposal": "disposal",
    "documents.disposal.propose": "body",
    "documents.publication": "document",
    "documents.adoption": "body",
    "documents.assignment": "assigned",
    "documents.scope": "scope",
    "documents.digital": "effective",
    "audits.criteria": "body",
    "audits.auditor": "qualified",
    "audits.auditor.list": "body",
    "audits.exception": "qualified",
    "audits.programme": "programme",
    "audits.audit": "audit",
    "audits.minutes": "audit",
    "audits.plan": "audit",
    "audits.audit.list": "body",
    "audits.audit.rate": "reported",
    "audits.answer": "fielded",
    "audits.checklist": "fielded",
    "audits.fieldwork": "fielded",
    "audits.finding": "found",
    "audits.finding.list": "body",
    "audits.report": "reported",
    "documents.work": "effective",
}


@pytest.mark.covers("T05", "O1", "O4", "D3", "D6")
def test_the_permission_table_is_the_written_one(small_ground: Ground) -> None:
    """The same table asked without a request: acts that no page offers yet are held to it too."""
    world, wrong = small_ground.world, []
    permission_of = {str(one): one for one in TABLE}
    session = db.session()
    records = {
        name: session.get(kind, int(world.values[f"{name}.id"])) for name, kind in KIND_OF.items()
    }
    for act in sorted({row.act for row in permissions()} - {"*"} - ASKED_BY_PAGES):
        longest = max((key for key in TRIED_ON if act.startswith(key)), key=len)
        if not TRIED_ON[longest]:
            continue
        record = records[TRIED_ON[longest]]
        for name, (role, relation) in ASKING.items():
            if relation == "anonymous":
                continue
            person = session.get(Person, int(world.values[f"{name}.id"]))
            held = standing_of(session, person, today_of(person.body, datetime.now(UTC)))
            got = "allow" if may(held, permission_of[act.partition(" (")[0]], record) else "deny"
            wanted = expected(act, role, relation)
            if got != ("deny" if wanted == "redirect" else wanted):
                wrong.append(f"{act} on {TRIED_ON[longest]} by {name}: {got}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T05")
def test_no_other_method_is_answered(small_ground: Ground) -> None:
    """What a route does not name is 405 for everybody, and changes nothing; HEAD is a GET."""
    world, wrong = small_ground.world, []
    methods: dict[str, set[str]] = {}  # of an address, whichever endpoint answers it
    for rule in world.app.url_map.iter_rules():
        methods.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    answered = {}
    for route in routes():
        rule = next(world.app.url_map.iter_rules(route.endpoint)).rule
        answered[address(world, route)] = methods[rule]
    asking = ("stranger", "officer")
    for path, own in answered.items():
        for method in METHODS:
            if method in own or (method == "HEAD" and "GET" in own):
                continue
            for name in asking:
                with small_ground.forgotten():
                    data = {"csrf_token": world.tokens[name]}
                    answer = world.ask(name, method, path, data=data)
                    if answer.status_code != 405 or small_ground.differs():
                        wrong.append(f"{method} {path} by {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T05")
def test_head_says_what_get_says_without_a_body(small_ground: Ground) -> None:
    world = small_ground.world
    for route in routes():
        if route.method != "GET":
            continue
        path = address(world, route)
        for name in ("stranger", "officer", "staff"):
            with small_ground.forgotten():
                get = world.ask(name, "GET", path)
                get.close()
            with small_ground.forgotten():
                head = world.ask(name, "HEAD", path)
                assert head.get_data() == b""
                assert head.status_code == get.status_code, (path, name)


def _without_what_always_differs(body: str, path: str) -> str:
    """The page without its own address and its form token."""
    body = re.sub(r'(name="csrf_token" value|name="csrf-token" content)="[^"]*"', "", body)
    for spelled in (path, quote(path), quote(path, safe="")):
        body = body.replace(spelled, "…")
    return body


@pytest.mark.covers("T05", "T06", "O4")
def test_a_refusal_does_not_tell_whether_a_record_exists(ground: Ground) -> None:
    """For each route of a record: another body's id and an id of nothing give the same page."""
    world, compared = ground.world, 0
    for route in routes():
        if route.scope != "record":
            continue
        nothing = replace(route, path=re.sub(r"\{[^}]+\}", "987654", route.path))
        nothing = replace(nothing, path=nothing.path.replace("code=987654", "code=QT-XX-99"))
        for name in ("officer of another body", "administrator of another body"):
            pages = []
            for one in (route, nothing):
                path = address(world, one)
                with ground.forgotten():
                    data = typed(world, route, name) if route.method != "GET" else None
                    answer = world.ask(name, route.method, path, data=data)
                    body = _without_what_always_differs(answer.get_data(as_text=True), path)
                    body = re.sub(r"record=[^&\"]+", "", body)  # the address, in the language links
                    pages.append((answer.status_code, body, ground.new_entries()))
            assert pages[0] == pages[1], (route.name, name)
            assert pages[0][0] in (403, 404)
            compared += 1
    assert compared > 20


@pytest.mark.covers("T05", "O1")
def test_rights_end_with_the_next_request(ground: Ground) -> None:
    """Ending an appointment, a delegation or an account counts at once, in an open browser."""
    world = ground.world
    path = f"/r/{world.values['submitted.id']}"
    for name, ends in (
        ("manager", "UPDATE appointment SET until_on = '2021-01-01' WHERE person_id = :id"),
        ("deputy of the manager", "UPDATE delegation SET until_on = '2021-01-01'"),
        ("officer", "UPDATE appointment SET until_on = '2021-01-01' WHERE person_id = :id"),
        ("leader", "UPDATE person SET disabled_at = '2021-01-01' WHERE id = :id"),
        ("inspector", "UPDATE sign_in_session SET ended_at = '2021-01-01' WHERE person_id = :id"),
    ):
        with ground.forgotten():
            assert world.ask(name, "GET", path).status_code == 200, name
            values = {"id": int(world.values[f"{name}.id"])} if ":id" in ends else {}
            ground.connection.execute(sa.text(ends), values)
            seated = name in ("manager", "officer")  # who sits on its route goes on seeing it
            again = world.ask(name, "GET", "/settings" if name == "officer" else path)
            if name == "manager":
                again = world.ask(name, "GET", f"/r/{world.values['draft.id']}")
            assert again.status_code in (303, 403, 404), (name, seated, again.status_code)


@pytest.mark.covers("T06")
def test_odd_ids_open_nothing(small_ground: Ground) -> None:
    """What is no key of anything, in every place of every path, is an address of nothing."""
    world, wrong, name = small_ground.world, [], "staff of another body"
    odd = ["0", "-1", "00", "1.0", "9" * 19, "9" * 40, "٣", "²", "1%00", "1e3", " 1", "x" * 300]
    for rule in small_ground.world.app.url_map.iter_rules():
        places = [place for place in rule.arguments if place != "filename"]
        if not places:
            continue
        for number in odd:
            path = re.sub(r"<[^>]+>", number, rule.rule)
            for method in (rule.methods or set()) & {"GET", "POST"}:
                with small_ground.forgotten():
                    data = {"csrf_token": world.tokens[name]} if method == "POST" else None
                    answer = world.ask(name, method, path, data=data)
                    answer.close()
                    if answer.status_code not in (400, 403, 404, 405):
                        wrong.append(f"{method} {path}: {answer.status_code}")
                    if not small_ground.differs() <= OF_A_REFUSAL:
                        wrong.append(f"{method} {path}: changed something")
    assert not wrong, "\n".join(wrong)


def _columns() -> dict[str, str]:
    """Every column of every model with a value somebody would like to see there."""
    liked = {}
    for table in Record.metadata.sorted_tables:
        for column in table.columns:
            try:
                kind = column.type.python_type
            except NotImplementedError:
                kind = str
            value = {int: "1", bool: "1", date: "2020-01-01"}.get(kind, "2020-01-01T00:00:00Z")
            liked[column.name] = value if kind is not str else "planted"
    return liked | {"state": "effective", "role": "administrator", "is_demo": "1"}


def _asked_fields() -> set[str]:
    """The names that some form of ours asks for, which therefore count."""
    for found in pkgutil.iter_modules(screen.__path__):
        importlib.import_module(f"{screen.__name__}.{found.name}")
    names, kinds = set(), [ScreenForm]
    for kind in kinds:
        kinds += kind.__subclasses__()
        names |= {name for name in dir(kind) if isinstance(getattr(kind, name), UnboundField)}
    return names


@pytest.mark.covers("T06")
def test_columns_in_a_form_are_not_written(small_ground: Ground) -> None:
    """Each model's column as one more field: the outcome is that of the honest form."""
    world, wrong, asked = small_ground.world, [], _asked_fields()
    liked = {key: value for key, value in _columns().items() if key not in asked}
    for route in routes():
        if route.method == "GET" or "=@" in route.form or route.endpoint == "sign_in.enter":
            continue
        if route.endpoint == "drafts.save":  # keeps whatever a form holds, as text
            continue
        name = next(
            (n for n, (role, rel) in ASKING.items() if expected_at(route, role, rel) == "allow"),
            "administrator",
        )
        path, outcomes = address(world, route), []
        honest = typed(world, route, name)
        extra = {key: value for key, value in liked.items() if key not in honest}
        for form in (honest, {**extra, **honest}):
            with small_ground.forgotten():
                answer = world.ask(name, route.method, path, data=dict(form))
                rows = _rows(small_ground.connection)
                outcomes.append((answer.status_code, rows))
        if outcomes[0] != outcomes[1]:
            differing = [t for t in outcomes[0][1] if outcomes[0][1][t] != outcomes[1][1][t]]
            wrong.append(f"{route.name} by {name}: {outcomes[0][0]} {outcomes[1][0]} {differing}")
    assert not wrong, "\n".join(wrong)


def _rows(connection: sa.Connection) -> dict[str, list[str]]:
    """Every row of every table without its moments, digests of the trail and tokens."""
    found = {}
    for table in Record.metadata.sorted_tables:
        if table.name in ("draft", "trail_check"):  # what is kept of a form, how long a check took
            continue
        columns = [
            column
            for column in table.columns
            if not isinstance(column.type, Moment) and column.name not in NEVER_THE_SAME
        ]
        rows = connection.execute(sa.select(*columns).order_by(table.c.id)).all()
        found[table.name] = [repr(row) for row in rows]
    return found
