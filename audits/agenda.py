"""The agenda of an audit: every line is checked for days, hours and independence (b11, b14; A1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm.attributes import flag_modified

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Body
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.models import AgendaAuditor, AgendaItem, Audit, TeamMember
from audits.permissions import AuditPermission
from audits.plan_facts import PlanFact, PlanNotice
from audits.team import checks_for
from audits.telling import tell_all

MOST_LINES = 80
_NAMED = 8  # lines that are named where they changed; more are counted
_CLOCK = re.compile(r"(\d{1,2})\s*(?:[:.hHgG]\s*(\d{2})?)?")


@dataclass(frozen=True)
class AgendaLine:
    """One line as it was typed; without a key it is a new one."""

    held_on: date | None
    begins: str
    ends: str
    subject: str
    auditor_ids: Sequence[int] = ()
    unit_id: int | None = None
    place: str = ""
    met: str = ""
    key: int | None = None


def clock(text: str) -> str:
    """Read an hour as people type it: 8:30, 8h30, 8 giờ is 08:00; empty where it is none."""
    found = _CLOCK.fullmatch(nfc(text).replace("giờ", "h").strip())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return ""
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


def keep_agenda(
    work: Work, audit: Audit, lines: Sequence[AgendaLine], *, seen: int | None = None
) -> bool:
    """Keep the agenda as a whole; True if anything changed. Who was told is told again."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit, seen=seen)
    if obstacle := audit.plan_obstacle():
        raise obstacle
    if len(lines) > MOST_LINES:
        raise InvalidInput(N_("An agenda has %(most)s lines at most."), most=MOST_LINES)
    read = [_read(audit, at, line) for at, line in enumerate(lines)]
    _one_place_at_a_time(audit, read)
    _independent(work, audit, read)
    changed = _put(audit, read)
    if not changed:
        return False
    what = "; ".join(changed[:_NAMED])
    if len(changed) > _NAMED:
        what += f" … ({len(changed)})"
    flag_modified(audit, "told_edition")  # who saw the agenda before saw another audit
    is_told = audit.tell_anew()
    work.session.flush()
    work.record(PlanFact.AGENDA_CHANGED, audit, what=what)
    if is_told:
        tell_all(work, audit, PlanNotice.AGENDA_CHANGED, what=what)
    return True


def _read(audit: Audit, at: int, line: AgendaLine) -> AgendaLine:
    """Give a line as it is kept, or say at its field what is wrong."""

    def wrong(text: str, name: str) -> InvalidInput:
        return InvalidInput(text, field=f"lines-{at}-{name}")

    if line.held_on is None or not audit.is_own_day(line.held_on):
        raise wrong(N_("Choose one of the audit's days."), "held_on")
    begins, ends = clock(line.begins), clock(line.ends)
    if not begins:
        raise wrong(N_("Type an hour, for example 8:30."), "begins")
    if not ends:
        raise wrong(N_("Type an hour, for example 8:30."), "ends")
    if ends <= begins:
        raise wrong(N_("It ends before it begins."), "ends")
    subject = nfc(line.subject).strip()[:2000]
    if not subject:
        raise wrong(N_("Say what is looked at then."), "subject")
    if line.unit_id is not None and line.unit_id not in {one.unit_id for one in audit.units}:
        raise wrong(N_("Choose one of the units audited."), "unit")
    team = {one.auditor_id for one in audit.team}
    if not line.auditor_ids or not set(line.auditor_ids) <= team:
        raise wrong(N_("Choose somebody of the team."), "auditors")
    return AgendaLine(
        line.held_on,
        begins,
        ends,
        subject,
        tuple(sorted(set(line.auditor_ids))),
        line.unit_id,
        " ".join(nfc(line.place).split())[:200],
        " ".join(nfc(line.met).split())[:300],
        line.key,
    )


def _one_place_at_a_time(audit: Audit, lines: Sequence[AgendaLine]) -> None:
    names = {one.auditor_id: one.auditor.shown_name for one in audit.team}
    for at, line in enumerate(lines):
        for other in lines[:at]:
            both = set(line.auditor_ids) & set(other.auditor_ids)
            if (
                both
                and line.held_on == other.held_on
                and line.begins < other.ends
                and other.begins < line.ends
            ):
                raise InvalidInput(
                    N_("%(name)s is somewhere else from %(begins)s to %(ends)s."),
                    field=f"lines-{at}-auditors",
                    name=names[min(both)],
                    begins=other.begins,
                    ends=other.ends,
                )


def _independent(work: Work, audit: Audit, lines: Sequence[AgendaLine]) -> None:
    """Refuse whoever may not audit the unit of a line on its day, by the rule (A1)."""
    members: dict[int, TeamMember] = {one.auditor_id: one for one in audit.team}
    used = [members[key].auditor for key in {key for line in lines for key in line.auditor_ids}]
    if not used:
        return
    checks = checks_for(work.session, work.session.get_one(Body, audit.body_id), used)
    units = {one.unit_id: one.unit.name for one in audit.units}
    for line in lines:
        for key in line.auditor_ids:
            member, day = members[key], line.held_on
            if day is None or line.unit_id is None:
                continue
            for unit_id, why in checks.of(member.auditor, member.part, audit, day, day).refused:
                if unit_id == line.unit_id and not why.is_excepted:
                    raise RuleBroken(
                        N_("%(name)s may not audit %(unit)s: %(why)s."),
                        rule="A1",
                        name=member.auditor.shown_name,
                        unit=units[unit_id],
                        why=why.bond,
                    )


def _put(audit: Audit, lines: Sequence[AgendaLine]) -> list[str]:
    """Put the lines in the place of those there were; give which changed, by day and hour."""
    known = {one.id: one for one in audit.agenda}
    changed: list[str] = []
    kept: set[int] = set()
    for line in lines:
        if line.held_on is None:
            continue
        item = known.get(line.key or 0)
        if item is None:
            item = AgendaItem(held_on=line.held_on)
            _write(item, line)
            audit.agenda.append(item)
            changed.append(_when(item))
            continue
        kept.add(item.id)
        if _is_other(item, line):
            _write(item, line)
            changed.append(_when(item))
    for key, item in known.items():
        if key not in kept:
            changed.append(_when(item))
            audit.agenda.remove(item)
    return sorted(dict.fromkeys(changed))


def _when(item: AgendaItem) -> str:
    return f"{item.held_on:%d/%m} {item.begins}"


def _is_other(item: AgendaItem, line: AgendaLine) -> bool:
    now = (item.held_on, item.begins, item.ends, item.subject, item.unit_id, item.place, item.met)
    new = (line.held_on, line.begins, line.ends, line.subject, line.unit_id, line.place, line.met)
    return now != new or item.auditor_ids != set(line.auditor_ids)


def _write(item: AgendaItem, line: AgendaLine) -> None:
    if line.held_on is not None:
        item.held_on = line.held_on
    item.begins, item.ends, item.subject = line.begins, line.ends, line.subject
    item.unit_id, item.place, item.met = line.unit_id, line.place, line.met
    for one in [one for one in item.auditors if one.auditor_id not in line.auditor_ids]:
        item.auditors.remove(one)
    for key in line.auditor_ids:
        if key not in item.auditor_ids:
            item.auditors.append(AgendaAuditor(auditor_id=key))
