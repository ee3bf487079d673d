"""One function per record with sound defaults: a test says only what matters to it."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import docx
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.organisation import Body, Unit, UnitKind, root_unit
from app.kernel.organising import PersonData, add_person, add_unit, appoint, create_body, delegate
from app.kernel.people import Appointment, Capacity, Delegation, Person, Role
from app.kernel.signatures import Proof
from app.kernel.signing_in import hash_password
from app.kernel.work import unit_of_work
from documents.approval import answer_package
from documents.content.blocks import READER, Block, Proposal, Reading, to_json
from documents.content.citations import citations
from documents.drafting import (
    BroughtFile,
    DocumentData,
    DraftData,
    begin_revision,
    bring_file,
    change_draft,
    open_document,
)
from documents.facts import DocumentFact
from documents.models import (
    Answer,
    Confidentiality,
    Document,
    DocumentKind,
    Need,
    Revision,
    RouteStep,
    RouteTemplate,
    StepKind,
    TemplatePurpose,
    WordTemplate,
)
from documents.submission import join_package, submit_package
from documents.translation import open_translation
from documents.word_template import bring_template

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LONG_AGO = date(2020, 1, 1)
PASSWORD = "bốn từ dễ nhớ 4"
_HASH = hash_password(PASSWORD)
_numbers = itertools.count(1)


def a_body(
    code: str = "", name: str = "UBND phường Thử Nghiệm", overseer: Body | None = None
) -> Body:
    """Make a body with its root unit."""
    with unit_of_work(None, now=MONDAY) as work:
        body = create_body(
            work,
            code or f"b{next(_numbers)}",
            name,
            active_from=LONG_AGO,
            overseer=work.fresh(overseer) if overseer else None,
        )
    return body


def root(body: Body) -> Unit:
    """Give the unit that stands for the whole body."""
    return root_unit(db.session(), body.id)


def a_unit(
    parent: Body | Unit,
    code: str = "",
    name: str = "Phòng Tư pháp",
    kind: UnitKind = UnitKind.DEPARTMENT,
) -> Unit:
    """Make a department, or another kind of unit, below a body or a unit."""
    above = root(parent) if isinstance(parent, Body) else parent
    with unit_of_work(None, now=MONDAY) as work:
        return add_unit(
            work,
            work.fresh(above),
            code or f"U{next(_numbers)}",
            name,
            kind,
            active_from=LONG_AGO,
        )


def a_person(
    unit: Unit | Body,
    *roles: Role,
    name: str = "Nguyễn Thị Hồng Nhung",
    over: Unit | None = None,
    capacity: Capacity = Capacity.OWN,
) -> Person:
    """Make a person of a unit with an account and roles over that unit (or another)."""
    home = root(unit) if isinstance(unit, Body) else unit
    number = next(_numbers)
    with unit_of_work(None, now=MONDAY) as work:
        home = work.fresh(home)
        person = add_person(
            work,
            PersonData(name=name, unit=home, login=f"p{number}", email=f"p{number}@example.vn"),
        )
        for role in roles:
            appoint(work, person, role, over or home, from_on=LONG_AGO, capacity=capacity)
    with unit_of_work(None, now=MONDAY) as work:
        person = work.fresh(person)
        person.password_hash = _HASH
        work.record(KernelFact.PASSWORD_SET, person)
    return person


def a_proof(person: Person) -> Proof:
    """Proof as the password check gives it."""
    return Proof(person_id=person.id, method="password", proved_at=MONDAY)


def a_brought_file(text: str = "Công chức tiếp nhận hồ sơ.", name: str = "QT.docx") -> BroughtFile:
    """Put real bytes into the store, with a reading of them."""
    content = f"{text} {next(_numbers)}".encode()
    sha256 = installation().store.put(content)
    reading = Reading(
        reader=READER,
        blocks=(Block("heading", "Mục đích", 1, "1"), Block("paragraph", text)),
        proposal=Proposal(),
        words=len(text.split()),
        citations=citations(text),
    )
    return BroughtFile(
        sha256=sha256,
        name=name,
        size=len(content),
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        reader=READER,
        reading=to_json(reading),
    )


def a_word_file(*paragraphs: str) -> bytes:
    """Make a real Word file."""
    document, out = docx.Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def a_template(officer: Person, purpose: TemplatePurpose, *paragraphs: str) -> WordTemplate:
    """Put a Word template of the officer's body into use."""
    content = a_word_file(*paragraphs)
    brought = BroughtFile(
        sha256=installation().store.put(content),
        name="mau.docx",
        size=len(content),
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        reader="",
        reading="",
    )
    with unit_of_work(officer, now=MONDAY) as work:
        return bring_template(work, work.fresh(officer.body), purpose, brought)


def a_translation(office: Office, original: Document, *, to_effect: bool = True) -> Revision:
    """Translate a document into English, its own approval included."""
    with unit_of_work(office.officer, now=MONDAY) as work:
        opened = open_translation(work, work.fresh(original), "Birth registration")
    return office.effective(opened, text="One.") if to_effect else a_draft(office.author, opened)


def a_document(
    officer: Person,
    unit: Unit,
    *,
    title: str = "Đăng ký khai sinh",
    kind: DocumentKind = DocumentKind.PROCEDURE,
    parent: Document | None = None,
    confidentiality: Confidentiality = Confidentiality.BODY,
    keeper: Person | None = None,
    readers: tuple[Person, ...] = (),
) -> Document:
    """Open a document through the act itself."""
    with unit_of_work(officer, now=MONDAY) as work:
        return open_document(
            work,
            DocumentData(
                kind=kind,
                lead_unit=work.fresh(unit),
                title=title,
                parent=parent,
                confidentiality=confidentiality,
                keeper=keeper,
                readers=readers,
            ),
        )


def a_draft(
    author: Person,
    document: Document,
    *,
    text: str = "Công chức tiếp nhận hồ sơ.",
    effective_on: date = TODAY,
    code: str = "",
    now: datetime = MONDAY,
    by: Person | None = None,
) -> Revision:
    """Make a draft with a file, ready to submit; `by` is who types, the author who wrote."""
    with unit_of_work(by or author, now=now) as work:
        revision = begin_revision(work, document, authors=[author])
    brought = a_brought_file(text)
    with unit_of_work(by or author, now=now) as work:
        bring_file(work, revision, brought)
        revision = work.fresh(revision)
        change_draft(
            work,
            revision,
            DraftData(
                title=document.title,
                code=code,
                edition=revision.edition,
                amendment=revision.amendment,
                reason="Cập nhật theo luật mới",
                change_summary="",
                effective_on=effective_on,
                authors=(author,),
            ),
        )
    return revision


def submitted(revision: Revision, by: Person, now: datetime = MONDAY) -> Revision:
    """Submit a draft on its route."""
    with unit_of_work(by, now=now) as work:
        submit_package(work, work.fresh(revision).package)
    return revision


def answered(
    revision: Revision,
    person: Person,
    answer: Answer = Answer.APPROVE,
    comment: str = "",
    now: datetime = MONDAY,
) -> Revision:
    """Give one person's signed answer."""
    with unit_of_work(person, now=now) as work:
        answer_package(
            work, work.fresh(revision.package), answer, proof=a_proof(person), comment=comment
        )
    return revision


class Office:
    """A small body with everybody a document needs, from author to reader."""

    def __init__(self, body: Body | None = None) -> None:
        self.body = body or a_body()
        self.unit = a_unit(self.body, code="TP")
        self.author = a_person(self.unit, Role.STAFF, name="Trần Văn Quý")
        self.manager = a_person(self.unit, Role.MANAGER, name="Phạm Thu Hà")
        self.officer = a_person(self.body, Role.QUALITY_OFFICER, name="Lê Quang Huy")
        self.leader = a_person(self.body, Role.LEADER, name="Đỗ Minh Anh", capacity=Capacity.KT)
        self.administrator = a_person(self.body, Role.ADMINISTRATOR, name="Vũ Hải Đăng")
        self.staff = a_person(self.unit, Role.STAFF, name="Bùi Thị Lan")

    def document(self, title: str = "Đăng ký khai sinh") -> Document:
        """Open a document that the author keeps."""
        return a_document(self.officer, self.unit, title=title, keeper=self.author)

    def effective(self, document: Document | None = None, text: str = "Bản một.") -> Revision:
        """Take a document's next revision all the way into force."""
        revision = a_draft(self.author, document or self.document(), text=text)
        submitted(revision, self.author)
        for person in (self.manager, self.officer, self.leader):
            answered(revision, person)
        return revision


def sign_in(client: FlaskClient, person: Person, password: str = PASSWORD) -> None:
    """Sign a browser in through the real form."""
    token = form_token(client, "/login")
    response = client.post(
        "/login", data={"login": person.login, "password": password, "csrf_token": token}
    )
    assert response.status_code == 303, response.get_data(as_text=True)[:500]


def form_token(client: FlaskClient, path: str) -> str:
    """Read the form token of a page."""
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    found = re.search(
        r'name="csrf_token" value="([^"]+)"|name="csrf-token" content="([^"]+)"', page
    )
    assert found, page[:500]
    return found.group(1) or found.group(2)


def a_route(
    body: Body,
    *steps: RouteStep,
    kind: DocumentKind | None = None,
    unit: Unit | None = None,
    name: str = "Đường đi thử",
) -> RouteTemplate:
    """Set a route of a body; positions follow the order the steps are given in."""
    with unit_of_work(None, now=MONDAY) as work:
        template = RouteTemplate(body_id=body.id, name=name, kind=kind)
        template.unit_id = unit.id if unit is not None else None
        for position, step in enumerate(steps, start=1):
            step.position = position
        template.steps = list(steps)
        work.add(template)
        work.record(DocumentFact.ROUTE_CHANGED, template)
    return template


def a_step(
    *people: Person,
    kind: StepKind = StepKind.APPROVAL,
    need: Need = Need.ANY,
    quorum: int | None = None,
    role: Role | None = None,
) -> RouteStep:
    """Make one step of a route: named people, or a post."""
    named = [str(person.id) for person in people]
    return RouteStep(kind=kind, need=need, quorum=quorum, role=role, person_ids=named)


def a_deputy(
    delegator: Person,
    deputy: Person,
    *,
    from_on: date = LONG_AGO,
    until_on: date | None = None,
    post: Appointment | None = None,
) -> Delegation:
    """Let one person act for another, by the delegator's own act."""
    with unit_of_work(delegator, now=MONDAY) as work:
        return delegate(
            work,
            work.fresh(delegator),
            work.fresh(deputy),
            from_on=from_on,
            until_on=until_on or date(2027, 1, 1),
            reason="Nghỉ phép",
            post=work.fresh(post) if post is not None else None,
        )


def drawn_up(author: Person, unit: Unit, officer: Person, title: str, **more: Any) -> Revision:
    """Make a new document with a draft of its own, one call for both."""
    return a_draft(author, a_document(officer, unit, title=title, keeper=author, **more))


def settings_changed(body: Body, **changes: Any) -> Body:
    """Change settings of a body as the operator does."""
    with unit_of_work(None, now=MONDAY) as work:
        body = work.fresh(body)
        body.settings = {**body.settings, **changes}
        work.record(KernelFact.SETTINGS_CHANGED, body)
    return body


def raw(statement: str, **values: Any) -> None:
    """Change the database behind the system's back, as its owner could; committed at once."""
    db.session.rollback()
    try:
        db.session.execute(sa.text(statement), values)
        db.session.commit()
    finally:
        db.session.rollback()


def draft_data(revision: Revision, **changes: Any) -> DraftData:
    """Give the data of a draft as it stands, with some of it changed."""
    data = DraftData(
        title=revision.title,
        code=revision.proposed_code,
        edition=revision.edition,
        amendment=revision.amendment,
        reason=revision.reason,
        change_summary=revision.change_summary,
        effective_on=revision.effective_on,
        authors=tuple(revision.authors),
    )
    return replace(data, **changes)


def record_data(document: Document, **changes: Any) -> DocumentData:
    """Give the record data of a document as it stands, with some of it changed."""
    data = DocumentData(
        kind=document.kind,
        lead_unit=document.lead_unit,
        title=document.title,
        title_en=document.title_en,
        parent=document.parent,
        confidentiality=document.confidentiality,
        clauses=tuple(document.clauses),
        process=document.process,
        keeper=document.keeper,
        review_months=document.review_months,
        retention_years=document.retention_years,
        time_limit=document.time_limit,
        fee=document.fee,
        units=tuple(link.unit for link in document.units),
        readers=tuple(reader.person for reader in document.readers),
    )
    return replace(data, **changes)


def joined(lead: Revision, *others: Revision, by: Person) -> Revision:
    """Let drafts go together with another one."""
    for other in others:
        with unit_of_work(by, now=MONDAY) as work:
            join_package(work, work.fresh(lead).package, work.fresh(other))
    return lead
