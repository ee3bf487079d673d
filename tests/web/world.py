"""A small world with every role and relation once: what the walks over all routes stand on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app.kernel.calendar import DayKind
from app.kernel.calendar_keeping import name_day
from app.kernel.db import Record, db
from app.kernel.factors import Passkey
from app.kernel.install import installation
from app.kernel.organising import appoint, delegate, disable_person, end_appointment, give_post
from app.kernel.people import Appointment, Capacity, Person, Role
from app.kernel.signing_in import make_link, open_session
from app.kernel.work import Work, unit_of_work
from audits.auditor import Qualification, declare_conflict, enter_leave, name_auditor
from audits.models import TeamPart
from audits.planned_audit import AuditData, plan_audit
from audits.programme import ProgrammeData, draft_programme
from audits.proposal import ask_for_proposal
from audits.standards import load_own_criteria, standards_of
from audits.team import join_team
from documents.assignment import AssignmentData, add_assignment
from documents.change_request import ChangeData, accept_change, ask_for_change
from documents.checking_out import check_out, keep_aside
from documents.commenting import comment_on, suggest_wording
from documents.content.sheet_reading import Sheet, SheetCell, SheetRow
from documents.controlled_copy import CopyData, begin_round, issue_copy, photograph
from documents.disposing import DisposalData, propose_disposal
from documents.external_document import ExternalData, register_law
from documents.importing import batches
from documents.inviting import invite
from documents.issuance import IssuanceData, enter_issuance
from documents.models import (
    Answer,
    AssignmentKind,
    Confidentiality,
    DigitalCopy,
    DigitalKind,
    Document,
    DocumentKind,
    Need,
    PublicationMode,
    Revision,
    StepKind,
    TemplatePurpose,
)
from documents.publication import PublicationData, publish
from documents.reading_below import ask_below
from documents.records import RecordData, keep_record
from documents.retention import place_hold
from documents.route_settings import RouteData, StepData, add_route
from documents.scope import ScopeData, approve_scope, draft_scope
from documents.withdrawal import WithdrawalData, propose_withdrawal
from tests.builders import (
    LONG_AGO,
    MONDAY,
    a_body,
    a_brought_file,
    a_document,
    a_draft,
    a_person,
    a_proof,
    a_route,
    a_step,
    a_template,
    a_unit,
    answered,
    form_token,
    root,
    submitted,
)
from tests.documents.content.hostile import TAKEN

# who asks: name -> role and relation to the record, in the words of permissions.csv
ASKING: dict[str, tuple[str, str]] = {
    "administrator": ("administrator", "own unit"),
    "officer": ("quality_officer", "own unit"),
    "officer of another unit": ("quality_officer", "other unit"),
    "representative": ("quality_representative", "own unit"),
    "manager": ("manager", "own unit"),
    "manager of another unit": ("manager", "other unit"),
    "manager of the parent unit": ("manager", "parent unit"),
    "manager of a unit below": ("manager", "unit below"),
    "leader": ("leader", "own unit"),
    "leader of another unit": ("leader", "other unit"),
    "auditor": ("auditor", "own unit"),
    "lead auditor": ("lead_auditor", "own unit"),
    "inspector": ("inspector", "own unit"),
    "staff": ("staff", "own unit"),
    "staff of another unit": ("staff", "other unit"),
    "author": ("staff", "author"),
    "keeper": ("staff", "keeper"),
    "deputy of the manager": ("staff", "assignee"),
    "named reader": ("staff", "named reader"),
    "former officer": ("quality_officer", "former"),
    "disabled officer": ("quality_officer", "disabled"),
    "stranger": ("", "anonymous"),
    "officer of another body": ("quality_officer", "other body"),
    "leader of another body": ("leader", "other body"),
    "administrator of another body": ("administrator", "other body"),
    "inspector of another body": ("inspector", "other body"),
    "staff of another body": ("staff", "other body"),
    "officer of the overseeing body": ("quality_officer", "overseeing body"),
    "leader of the overseeing body": ("leader", "overseeing body"),
    "administrator of the overseeing body": ("administrator", "overseeing body"),
    "staff of the overseeing body": ("staff", "overseeing body"),
}
A_LIST = [
    Sheet(
        "Danh mục",
        tuple(
            SheetRow(number, tuple(SheetCell(at, text) for at, text in enumerate(texts)))
            for number, texts in enumerate(
                (
                    ("Mã tài liệu", "Tên tài liệu", "Lần ban hành", "Ngày hiệu lực"),
                    ("QT-VP-90", "Họp giao ban", "01", "18/08/2025"),
                ),
                start=1,
            )
        ),
    )
]
KEPT = ("id", "code", "row_version", "package_id", "login", "body_id", "token")
# tables that a request may touch without anything having happened
UNSEEN = {"guess"}
UNSEEN_COLUMNS = {("sign_in_session", "seen_at")}
OF_A_REFUSAL = {"trail_entry", "trail_chain", "trail_head"}


@dataclass
class World:
    """People who ask and the records they ask for, by the names the tables use."""

    app: Flask
    people: dict[str, Person] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    browser: Any = None

    def sign_everybody_in(self) -> None:
        """Open a browser for each person, with a form token of its own."""
        session_cookie = "nenep"
        for name in ASKING:
            client = self.app.test_client()
            self.tokens[name] = form_token(client, "/login")
            form = client.get_cookie("nenep_form")
            cookie = f"nenep_form={form.value}"
            if name in self.people:
                person = self.people[name]
                with unit_of_work(person) as work:
                    opened, token = open_session(work, work.actor, browser="")
                    if name == "author":
                        self.records["session"] = opened
                        self.records["passkey"] = work.add(
                            Passkey(
                                person_id=person.id,
                                credential="AAAA",
                                public_key="AAAA",
                                name="Điện thoại",
                                made_at=work.now,
                            )
                        )
                cookie += f"; {session_cookie}={token}"
            self.cookies[name] = cookie
        disabled = self.people["disabled officer"]
        with unit_of_work(self.people["administrator"]) as work:
            disable_person(work, work.fresh(disabled), reason="left")
        self.browser = self.app.test_client(use_cookies=False)

    def keep_plain_values(self) -> None:
        """Keep what the tables name of each record; no test holds a record of another session."""
        for name, record in [*self.records.items(), *self.people.items()]:
            for attribute in (
                "id",
                "code",
                "row_version",
                "package_id",
                "login",
                "body_id",
                "token",
                "number",
            ):
                value = getattr(record, attribute, None)
                if value is not None:
                    self.values[f"{name}.{attribute}"] = str(value)
            if isinstance(record, Revision) and record.main_file is not None:
                self.values[f"{name}.file"] = str(record.main_file.id)
        for name in self.people:
            self.values[f"{name}.token"] = self.tokens[name]

    def filled(self, text: str) -> str:
        """Put the values of this world into a text of the tables, such as {draft.id}."""
        return re.sub(r"\{([^}]+)\}", lambda match: self.values[match.group(1)], text)

    def ask(self, name: str, method: str, path: str, **more: Any) -> TestResponse:
        """Send one request as somebody; the headers given stand beside the cookies."""
        headers = {"Cookie": self.cookies[name], **more.pop("headers", {})}
        return self.browser.open(path, method=method, headers=headers, **more)


def a_world(app: Flask) -> World:
    """Build it through the acts, as people would."""
    world = World(app)
    people, records = world.people, world.records
    above = a_body("tren", "UBND tỉnh Trên Cao")
    body = a_body("giua", "UBND phường Ở Giữa", overseer=above)
    other = a_body("khac", "UBND xã Bên Cạnh")
    unit = a_unit(body, "TP", "Phòng Tư pháp")
    below = a_unit(unit, "HT", "Tổ Hộ tịch")
    beside = a_unit(body, "KT", "Phòng Kinh tế")
    places = {
        "own unit": root(body),
        "other unit": beside,
        "parent unit": root(body),
        "unit below": below,
        "other body": root(other),
        "overseeing body": root(above),
        "former": root(body),
        "disabled": root(body),
    }
    for name, (role, relation) in ASKING.items():
        if relation == "anonymous":
            continue
        place = places.get(relation, unit)
        if relation == "own unit" and role in ("manager", "staff"):
            place = unit
        capacity = Capacity.KT if role == "leader" else Capacity.OWN
        people[name] = a_person(place, Role(role), name=f"Người {name}", capacity=capacity)
    _end_of_office(people["administrator"], people["former officer"])
    _paper(world, unit, beside, other)
    records |= {"body": body, "unit": unit, "other body": other, "overseer": above}
    records |= {"root": root(body), "beside": beside}
    records["person"] = a_person(unit, Role.STAFF, name="Người được hỏi tới")
    with unit_of_work(people["administrator"]) as work:
        records["delegation"] = delegate(
            work,
            work.fresh(people["manager"]),
            work.fresh(people["deputy of the manager"]),
            from_on=LONG_AGO,
            until_on=date(2199, 12, 31),
            reason="phép năm",
        )
    _colleague(world, unit)
    _route(world, body)
    _changes(world)
    _copies(world)
    _ends(world, unit)
    _from_above(world, root(above))
    _assigned(world, body, unit)
    _calendar(world, body)
    _templates(world)
    _auditing(world, body)
    world.sign_everybody_in()
    world.keep_plain_values()
    return world


def _route(world: World, body: Any) -> None:
    """A route of the body beside the usual one; out of the way of the papers above."""
    step = StepData(StepKind.APPROVAL, Role.LEADER)
    with unit_of_work(world.people["officer"]) as work:
        world.records["route"] = add_route(
            work,
            work.fresh(body),
            RouteData("Tuyến ngắn", DocumentKind.POLICY, None, (step,)),
        )


def _templates(world: World) -> None:
    """A Word template for each thing that can be begun or printed with one."""
    for purpose in TemplatePurpose:
        made = a_template(world.people["officer"], purpose, "{{body}} {{today}}")
        if purpose is TemplatePurpose.PROCEDURE:
            world.records["template"] = made


def _calendar(world: World, body: Any) -> None:
    """A day off in the body's calendar."""
    with unit_of_work(world.people["officer"]) as work:
        day = date(2199, 4, 30)
        named = name_day(work, work.fresh(body), day, DayKind.HOLIDAY, "Ngày lễ")
        world.records["calendar day"] = named


def said_of_year(work: Work, body: Any) -> ProgrammeData:
    """Say what a programme says here."""
    return ProgrammeData("Mục tiêu", "Toàn bộ", standards_of(work.session, body.id)[:1])


def _auditing(world: World, body: Any) -> None:
    """Criteria to audit against, and an auditor who is away and has a conflict."""
    people, records = world.people, world.records
    with unit_of_work(None, now=MONDAY) as work:
        load_own_criteria(work)
        records["standard"] = standards_of(work.session, body.id)[0]
    with unit_of_work(people["officer"]) as work:
        person = work.fresh(people["lead auditor"])
        said = Qualification(("Hộ tịch",), may_lead=True)
        auditor = name_auditor(work, work.fresh(body), said, person=person)
    with unit_of_work(people["officer"]) as work:
        own, day = work.fresh(auditor), date(2199, 6, 1)
        records["leave"] = enter_leave(work, own, from_on=day, until_on=day)
        away = work.fresh(records["unit"])
        records["conflict"] = declare_conflict(work, own, away, reason="Người thân")
    records["qualified"] = auditor
    with unit_of_work(people["officer"]) as work:
        own, text = work.fresh(body), said_of_year(work, body)
        records["programme"] = draft_programme(work, own, 2026, text)
    with unit_of_work(people["officer"]) as work:
        wanted = AuditData([work.fresh(records["beside"])], (None, None), (LONG_AGO, LONG_AGO))
        records["audit"] = plan_audit(work, work.fresh(records["programme"]), wanted)
    with unit_of_work(people["officer"]) as work:
        audit, own = work.fresh(records["audit"]), work.fresh(auditor)
        records["member"] = join_team(work, audit, own, TeamPart.LEAD)
        own, text = work.fresh(body), said_of_year(work, body)
        records["proposal"] = ask_for_proposal(work, own, 2199, text=text)
        records["proposal"].answer({"visits": [], "unplaced": []}, at=work.now)


def _changes(world: World) -> None:
    """A law and requests to change: one to decide on, one accepted, one for a draft."""
    people, records = world.people, world.records
    with unit_of_work(people["officer"]) as work:
        records["law"] = register_law(work, ExternalData("61/2018/NĐ-CP", "Cơ chế một cửa"))
        document = work.fresh(records["document"])
        records["asked"] = ask_for_change(work, ChangeData("Sửa mục 2."), [document])
        records["accepted"] = ask_for_change(work, ChangeData("Sửa mục 3."), [document])
    with unit_of_work(people["officer"]) as work:
        accept_change(
            work,
            work.fresh(records["accepted"]),
            owner=work.fresh(people["keeper"]),
            due_on=date(2199, 12, 31),
        )
    with unit_of_work(people["keeper"]) as work:
        drafted = work.fresh(records["drafted document"])
        records["drafted request"] = ask_for_change(work, ChangeData("Sửa."), [drafted])


def _copies(world: World) -> None:
    """A numbered copy that its holder is asked about, with a photo of it."""
    people, records = world.people, world.records
    with unit_of_work(people["officer"]) as work:
        document = work.fresh(records["document"])
        data = CopyData(document.lead_unit, work.fresh(people["keeper"]), "Bảng tin tầng 1")
        records["copy"] = issue_copy(work, document, data)
    with unit_of_work(people["officer"]) as work:
        photo = replace(a_brought_file("Ảnh", "photo.jpg"), reader="", reading="")
        photograph(work, work.fresh(records["copy"]), photo)
        records["round"] = begin_round(
            work, work.fresh(records["document"]), due_on=date(2199, 12, 31)
        )


def _ends(world: World, unit: Any) -> None:
    """A document to be withdrawn and held, a record, and a list of what is over its time."""
    people, records = world.people, world.records
    going = a_document(people["officer"], unit, title="Văn bản sắp bãi bỏ", keeper=people["keeper"])
    leaving = _effective(world, going)
    scan = a_brought_file("Phiếu đã điền.", "phieu.docx")
    with unit_of_work(people["keeper"]) as work:
        records["withdrawal"] = propose_withdrawal(
            work,
            work.fresh(going),
            WithdrawalData("Thủ tục đã bãi bỏ.", date(2199, 12, 31)),
            revision_id=leaving.id,
        )
    with unit_of_work(people["staff"]) as work:
        place = work.fresh(unit)
        day = date(2020, 1, 2)
        records["record"] = keep_record(work, RecordData(place, "Sổ họp", day, keep_years=0), scan)
        over = keep_record(work, RecordData(place, "Sổ cũ", day, place="Tủ 1", keep_years=1))
    with unit_of_work(people["officer"]) as work:
        body = work.actor.body
        data = DisposalData("Hết thời hạn lưu.")
        records["disposal"] = propose_disposal(work, body, data, [work.fresh(over)])
        records["hold"] = place_hold(work, work.fresh(going), reason="Thanh tra.")


def _assigned(world: World, body: Any, unit: Any) -> None:
    """A row of the assignment matrix, and a signed scope."""
    people = world.people
    with unit_of_work(people["officer"]) as work:
        own = work.fresh(body)
        data = AssignmentData(
            AssignmentKind.PROCEDURE, "1.1", "Đăng ký khai sinh", LONG_AGO, work.fresh(unit)
        )
        world.records["assigned"] = add_assignment(work, own, data)
        said = ScopeData("Thủ tục hành chính", [work.fresh(unit)], LONG_AGO)
        scope = draft_scope(work, own, said)
    with unit_of_work(people["leader"]) as work:
        approve_scope(work, work.fresh(scope), proof=a_proof(people["leader"]))
    world.records["scope"] = scope


def _from_above(world: World, unit: Any) -> None:
    """A document of the overseeing body that it has published to those below."""
    people = world.people
    officer, staff = (people[f"{one} of the overseeing body"] for one in ("officer", "staff"))
    document = a_document(officer, unit, title="Văn bản của cấp trên", keeper=staff)
    revision = submitted(a_draft(staff, document), staff)
    for person in (officer, people["leader of the overseeing body"]):
        answered(revision, person)
    with unit_of_work(officer) as work:
        data = PublicationData(PublicationMode.TO_ADOPT)
        world.records["publication"] = publish(work, work.fresh(document), data)
    world.records["offered"] = document
    with unit_of_work(None) as work:
        ask_below(work, [work.fresh(revision)], [people["author"].body_id])


def _colleague(world: World, unit: Any) -> None:
    """Somebody who asks for nothing, but whose account, posts and absence others may change."""
    administrator = world.people["administrator"]
    colleague = a_person(unit, Role.STAFF, name="Người đồng nghiệp")
    with unit_of_work(administrator) as work:
        colleague = work.fresh(colleague)
        world.records |= {
            "colleague": colleague,
            "appointment": appoint(work, colleague, Role.AUDITOR, unit, from_on=LONG_AGO),
            "post": give_post(
                work, colleague, unit, title="Tổ trưởng", from_on=LONG_AGO, until_on=None
            ),
            "absence": delegate(
                work,
                colleague,
                work.fresh(world.people["officer"]),
                from_on=LONG_AGO,
                until_on=date(2199, 12, 31),
                reason="đi học",
            ),
        }
        world.values["link.token"] = make_link(work, colleague)


def _end_of_office(administrator: Person, person: Person) -> None:
    with unit_of_work(administrator, now=MONDAY) as work:
        held = work.session.scalars(
            sa.select(Appointment).where(Appointment.person_id == person.id)
        ).one()
        end_appointment(work, held, until_on=date(2021, 1, 1))


def _effective(world: World, document: Document) -> Revision:
    people = world.people
    revision = a_draft(people["author"], document, text="Bản của người viết.", by=people["keeper"])
    submitted(revision, people["author"])
    for name in ("manager", "officer", "leader"):
        answered(revision, people[name])
    return revision


def _paper(world: World, unit: Any, beside: Any, other: Any) -> None:
    people, records = world.people, world.records
    author, officer, keeper = people["author"], people["officer"], people["keeper"]
    in_force = a_document(officer, unit, title="Văn bản hiện hành", keeper=keeper)
    records["obsolete"] = _effective(world, in_force)
    records["effective"] = _effective(world, in_force)
    records["document"] = in_force
    named = a_document(
        officer,
        unit,
        title="Văn bản cho người có tên",
        confidentiality=Confidentiality.NAMED,
        readers=(people["named reader"],),
        keeper=keeper,
    )
    records["named"] = _effective(world, named)
    records["named document"] = named
    public = a_document(
        officer,
        unit,
        title="Văn bản công khai",
        confidentiality=Confidentiality.PUBLIC,
        keeper=keeper,
    )
    records["public"] = _effective(world, public)
    records["public document"] = public
    drafted = a_document(officer, unit, title="Văn bản đang thảo", keeper=keeper)
    records["draft"] = a_draft(author, drafted, by=keeper)
    records["drafted document"] = drafted
    going = a_document(officer, unit, title="Văn bản đang trình", keeper=keeper)
    records["submitted"] = submitted(a_draft(author, going, by=keeper), author)
    with unit_of_work(people["manager"], now=MONDAY) as work:
        records["comment"] = comment_on(work, work.fresh(records["submitted"]), "Sửa mục 2.")
        records["suggestion"] = suggest_wording(
            work, work.fresh(records["submitted"]), old="hồ sơ", new="giấy tờ", reason="Đủ nghĩa."
        )
    guest = a_person(unit, name="Người được mời")
    with unit_of_work(author, now=MONDAY) as work:
        records["invitation"] = invite(
            work,
            work.fresh(records["submitted"].package),
            work.fresh(guest),
            until_on=date(2199, 1, 1),
            reason="Xem giúp",
        )
    aside = a_brought_file("Bản đến muộn.", "muon.docx")
    with unit_of_work(keeper, now=MONDAY) as work:
        records["aside"] = keep_aside(work, work.fresh(records["draft"]), aside)
    taken = a_document(officer, unit, title="Văn bản đang giữ", keeper=keeper)
    edited = a_draft(author, taken, by=keeper)
    with unit_of_work(keeper) as work:
        records["held"] = check_out(work, work.fresh(edited))
    a_route(
        unit.body,
        a_step(people["manager"], people["leader"], need=Need.ALL),
        kind=DocumentKind.WORK_INSTRUCTION,
    )
    sent_back = a_document(
        officer,
        unit,
        title="Văn bản bị trả lại",
        kind=DocumentKind.WORK_INSTRUCTION,
        keeper=keeper,
    )
    records["returned"] = submitted(a_draft(author, sent_back, by=keeper), author)
    answered(records["returned"], people["manager"], Answer.RETURN, "Sai căn cứ.")
    covered = a_document(officer, unit, title="Văn bản có quyết định", keeper=keeper)
    records["covered"] = submitted(a_draft(author, covered, by=keeper), author)
    scan = a_brought_file("Quyết định", "qd.pdf")
    with unit_of_work(people["officer"]) as work:
        records["batch"] = batches.begin(work, work.actor.body, "danh-muc.xlsx", "0" * 64, A_LIST)
    with unit_of_work(officer, now=MONDAY) as work:
        records["issuance"] = enter_issuance(
            work,
            IssuanceData("12/QĐ-UBND", date(2026, 11, 20), "Đỗ Minh Anh", Capacity.KT),
            [work.fresh(records["covered"].package)],
            scan,
        )
    with unit_of_work(None, now=MONDAY) as work:
        records["digital"] = work.add(
            DigitalCopy(
                body_id=records["effective"].document.body_id,
                revision_id=records["effective"].id,
                number=1,
                kind=DigitalKind.STAMPED,
                source_sha256=records["effective"].main_file.sha256,
                sha256=installation().store.put(TAKEN["PDF"][1]),
                size=len(TAKEN["PDF"][1]),
                made_at=work.now,
                found={"signatures": []},
            )
        )
    stranger = people["officer of another body"]
    records["foreign document"] = a_document(
        stranger, root_of(other), title="Văn bản của nơi khác", keeper=stranger
    )


def root_of(body: Any) -> Any:
    """Give the unit that stands for a body."""
    return root(body)


def state(connection: sa.Connection) -> dict[str, str]:
    """Give a digest of every table, of what a request may not change unseen."""
    found = {}
    for table in Record.metadata.sorted_tables:
        if table.name in UNSEEN:
            continue
        columns = [c for c in table.columns if (table.name, c.name) not in UNSEEN_COLUMNS]
        rows = connection.execute(sa.select(*columns).order_by(table.c.id)).all()
        found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Name the tables that differ."""
    return {name for name in before if before[name] != after[name]}


@contextmanager
def forgotten(connection: sa.Connection) -> Iterator[None]:
    """Take back whatever happens inside, real commits included."""
    point = connection.begin_nested()
    try:
        yield
    finally:
        db.session.remove()
        if point.is_active:
            point.rollback()


def entries(connection: sa.Connection) -> int:
    """Count the entries of the trail."""
    return int(connection.scalar(sa.text("SELECT count(*) FROM trail_entry")) or 0)
