"""The demo body: an invented district whose records come about by the real acts, in order of time.

Nothing is written past the rules: every act is done by somebody who may, at its moment, so that
the trail of the demo is true and can be verified like any other.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.demo_data.accounts import WORDS
from app.demo_data.audits import audit_acts
from app.demo_data.bodies import WARD, WARD_PEOPLE, ward_acts
from app.demo_data.copies import copy_acts
from app.demo_data.disposals import disposal_acts
from app.demo_data.documents import Act, Story, stories
from app.demo_data.endings import ending_acts
from app.demo_data.findings import finding_acts
from app.demo_data.laws import law_acts
from app.demo_data.people import BODY, PEOPLE, UNITS, Someone
from app.demo_data.reading import WITHOUT_ACCOUNT
from app.demo_data.scans import scan_acts
from app.demo_data.seal import make_demo_seal
from app.demo_data.stage import Stage
from app.demo_data.stories import BEGAN
from app.demo_data.together import together_acts
from app.demo_data.upkeep import upkeep_acts
from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.notices import Notice
from app.kernel.organisation import Body, UnitKind, root_unit
from app.kernel.organising import PersonData, add_person, add_unit, appoint, create_body, delegate
from app.kernel.people import Role
from app.kernel.signing_in import hash_password
from app.kernel.work import unit_of_work

ACCOUNTS = "demo-accounts.json"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Account:
    """One line of the table of demo accounts."""

    role: str
    role_vi: str
    name: str
    unit: str
    login: str
    password: str


class Demo(Stage):
    """The stage on which the stories play, and the order in which they do."""

    def __init__(self, app: Flask, now: datetime, progress: Progress) -> None:
        super().__init__(app, now)
        self.progress = progress

    def play(self) -> list[Account]:
        """Set the body up, let every story happen in the order of time, hand out passwords."""
        self._found_body()
        told: list[Story] = stories(self)
        acts = [act for story in told for act in story.acts]
        acts += [Act(self.moment(7), self._invite), Act(self.moment(1, 16), self._delegate)]
        acts += law_acts(self)
        acts += copy_acts(self)
        acts += ending_acts(self)
        acts += disposal_acts(self)
        acts += together_acts(self)
        acts += scan_acts(self)
        acts += ward_acts(self)
        acts += upkeep_acts(self)
        acts += audit_acts(self)
        acts += finding_acts(self)
        acts.sort(key=lambda act: act.at)
        for number, act in enumerate(acts, start=1):
            act.happen()
            if number % 10 == 0 or number == len(acts):
                self.progress("demo body", number, len(acts))
        self._see_old_notices()
        return self._hand_out_passwords()

    def _found_body(self) -> None:
        began, first_day = self.moment(BEGAN), self.day(BEGAN)
        code, name, root_code = BODY
        with unit_of_work(None, now=began) as work:
            body = create_body(
                work,
                code,
                name,
                active_from=first_day,
                is_demo=True,
                root_code=root_code,
                kind=UnitKind.LEADERSHIP,
            )
            root = root_unit(work.session, body.id)
            for unit_code, unit_name, english, kind in UNITS:
                unit = add_unit(
                    work, root, unit_code, unit_name, kind, active_from=first_day, name_en=english
                )
                self.units[unit_code] = unit.id
            self.units[root_code] = root.id
        with unit_of_work(None, now=began + timedelta(hours=1)) as work:
            for someone in PEOPLE:
                person = add_person(
                    work,
                    PersonData(
                        name=someone.name,
                        unit=self.unit(someone.unit),
                        post=someone.post,
                        email=f"{someone.login}@vinhlam.example.vn",
                        login=someone.login,
                    ),
                )
                self.people[someone.login] = person.id
            for name, unit_code, post in WITHOUT_ACCOUNT:
                add_person(work, PersonData(name=name, unit=self.unit(unit_code), post=post))
        administrator = self.person("quan.tri")
        with unit_of_work(None, now=began + timedelta(hours=2)) as work:
            appoint(work, work.fresh(administrator), Role.ADMINISTRATOR, root, from_on=first_day)
        with unit_of_work(administrator, now=began + timedelta(hours=3)) as work:
            for someone in PEOPLE:
                if someone.login != "quan.tri" and not someone.visiting:
                    self._appoint(work, someone, first_day, None)

    def _invite(self) -> None:
        """Let the inspector in for limited days."""
        with unit_of_work(self.person("quan.tri"), now=self.moment(7)) as work:
            for someone in PEOPLE:
                if someone.visiting:
                    self._appoint(work, someone, self.day(7), self.day(-60))

    def _appoint(self, work: Any, someone: Someone, from_on: date, until_on: date | None) -> None:
        for role in someone.roles:
            appoint(
                work,
                self.person(someone.login),
                role,
                self.unit(BODY[2] if someone.over_body else someone.unit),
                from_on=from_on,
                until_on=until_on,
                decision_number=f"{100 + self.people[someone.login]}/QĐ-UBND",
                capacity=someone.capacity,
            )

    def _delegate(self) -> None:
        head = self.person("truong.yt")
        with unit_of_work(head, now=self.moment(1, 16)) as work:
            delegate(
                work,
                work.actor,
                self.person("cv1.yt"),
                from_on=self.day(1),
                until_on=self.day(-8),
                reason="Đi học lớp bồi dưỡng, vắng mặt một tuần",
            )

    def _see_old_notices(self) -> None:
        """What was told long ago has been seen; nobody gets letters about the past."""
        with unit_of_work(None, now=self.now) as work:
            old = work.session.scalars(
                sa.select(Notice).where(Notice.made_at < self.moment(6), Notice.seen_at.is_(None))
            )
            for notice in old:
                notice.seen_at = notice.made_at + timedelta(hours=5)

    def _hand_out_passwords(self) -> list[Account]:
        accounts = []
        for someone in PEOPLE:
            if not someone.shown:
                continue
            password = self._give_password(someone.login)
            role = someone.roles[0]
            accounts.append(
                Account(
                    role=role.label,
                    role_vi=ROLES_VI[str(role)],
                    name=someone.name,
                    unit=next(name for code, name, *_ in UNITS if code == someone.unit),
                    login=someone.login,
                    password=password,
                )
            )
        for name, _unit, _post, login, role, _over_body in WARD_PEOPLE[::2]:
            accounts.append(Account(role.label, ROLES_VI[str(role)], name, WARD[1], login,
                                    self._give_password(login)))  # fmt: skip
        order = [str(role) for role in Role]
        labels = {role.label: order.index(str(role)) for role in Role}
        return sorted(accounts, key=lambda account: labels[account.role])

    def _give_password(self, login: str) -> str:
        password = new_password()
        hashed = hash_password(password)
        with unit_of_work(None, now=self.now) as work:
            person = work.fresh(self.person(login))
            person.password_hash = hashed
            work.record(KernelFact.PASSWORD_SET, person)
        return password


ROLES_VI = {
    "administrator": "Quản trị",
    "quality_officer": "Thư ký ISO",
    "quality_representative": "Đại diện lãnh đạo",
    "manager": "Trưởng đơn vị",
    "leader": "Lãnh đạo",
    "auditor": "Đánh giá viên",
    "lead_auditor": "Trưởng đoàn đánh giá",
    "staff": "Chuyên viên",
    "inspector": "Đoàn kiểm tra",
}


def new_password() -> str:
    """Make a password that is easily typed: four words and two digits."""
    words = [secrets.choice(WORDS) for _ in range(4)]
    return " ".join([*words, f"{secrets.randbelow(100):02d}"])


def keep_accounts(data: Path, accounts: list[Account]) -> None:
    """Write the table for its owner alone; its being there says that the demo is whole."""
    aside = data / f"{ACCOUNTS}.new"
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        json.dump([account.__dict__ for account in accounts], target, ensure_ascii=False, indent=1)
        target.flush()
        os.fsync(target.fileno())
    os.replace(aside, data / ACCOUNTS)


def kept_accounts(data: Path) -> list[Account]:
    """Read the table; empty where no demo was made."""
    try:
        return [Account(**line) for line in json.loads((data / ACCOUNTS).read_text("utf-8"))]
    except FileNotFoundError:
        return []


def table_of(accounts: list[Account]) -> str:
    """Write the table of accounts in both languages."""
    rows = [("Vai trò / Role", "Họ tên / Name", "Tài khoản / Account", "Mật khẩu / Password")]
    rows += [(f"{one.role_vi} / {one.role}", one.name, one.login, one.password) for one in accounts]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in rows]  # fmt: skip
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def has_bodies() -> bool:
    """Say whether there is any body at all."""
    return db.session.scalar(sa.select(Body.id).limit(1)) is not None


def only_demo() -> bool:
    """Say whether every body here is a demo body, so that nothing real can be lost."""
    return db.session.scalar(sa.select(Body.id).where(Body.is_demo.is_(False)).limit(1)) is None


def make_demo(app: Flask, now: datetime, progress: Progress) -> list[Account]:
    """Make the demo body in an empty installation; give its accounts."""
    accounts = Demo(app, now, progress).play()
    body = db.session.scalars(sa.select(Body).where(Body.is_demo).order_by(Body.id)).first()
    if body is not None and not installation().is_production:
        make_demo_seal(installation().data, body.name, datetime.now(UTC))
    keep_accounts(installation().data, accounts)
    return accounts


def clear(app: Flask) -> None:
    """Empty a demo installation: tables, stored files, kept heads; the caller has asked first."""
    here = installation()
    (here.data / ACCOUNTS).unlink(missing_ok=True)
    db.session.remove()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _drop_sqlite(connection)
        else:
            _drop_postgresql(connection)
    db.engine.dispose()
    (here.data / "heads.jsonl").unlink(missing_ok=True)
    for _sha256, path, _changed in list(here.store.everything()):
        path.unlink()


def _drop_sqlite(connection: sa.Connection) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 -- an open connection has one
    driver.execute("PRAGMA foreign_keys=OFF")
    listed = driver.execute(
        "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master "
        "WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY 2 DESC"
    ).fetchall()
    for name, _is_virtual in listed:
        driver.execute(f'DROP TABLE IF EXISTS "{name}"')
    driver.execute("PRAGMA foreign_keys=ON")


def _drop_postgresql(connection: sa.Connection) -> None:
    with connection.begin():
        made = [table.name for table in db.metadata.sorted_tables]
        for table in [*made, "search_index", "alembic_version"]:
            connection.execute(sa.text(f'DROP TABLE IF EXISTS "{table}" CASCADE'))
        connection.execute(sa.text("DROP FUNCTION IF EXISTS trail_only_added()"))
