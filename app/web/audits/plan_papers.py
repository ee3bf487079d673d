"""What the papers of audits say, gathered from their records (practice 9.7-9.9, 9.15; A1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import today_of
from app.kernel.coded import Coded
from app.kernel.organisation import Body
from app.web.formats import as_date, as_moment
from audits.audit_reading import to_read
from audits.coverage_register import coverage_of
from audits.models import (
    AgendaItem,
    Audit,
    AuditMeeting,
    Auditor,
    IndependenceException,
    MeetingKind,
    MeetingSide,
    Programme,
    TeamMember,
    TeamPart,
)
from audits.telling import leaders_of
from audits.unit_answer import newest_answers
from forms.paper.audit_plan import Hours, PlanPaper
from forms.paper.audit_programme import ProgrammePaper, YearLine
from forms.paper.audit_team import Excepted, Member, TeamDecision
from forms.paper.meeting_minutes import MinutesOfMeeting
from forms.paper.official_sheet import day_in_words, hour_in_words

# paper is in Vietnamese, whatever language the page is read in
PARTS = {
    TeamPart.LEAD: "Trưởng đoàn",
    TeamPart.AUDITOR: "Đánh giá viên",
    TeamPart.TRAINEE: "Tập sự",
    TeamPart.EXPERT: "Chuyên gia",
    TeamPart.OBSERVER: "Quan sát viên",
}
_MEETINGS = {MeetingKind.OPENING: "Họp khai mạc", MeetingKind.CLOSING: "Họp kết thúc"}
_SIDES = {MeetingSide.TEAM: "đoàn đánh giá", MeetingSide.UNIT: "đơn vị được đánh giá"}


def word(value: Coded) -> str:
    """Give a coded value in the language of papers."""
    with force_locale("vi"):
        return str(gettext(value.label))


def above(body: Body) -> str:
    """Give the name of the body above, empty where there is none."""
    return body.overseer.name if body.overseer is not None else ""


def _programme_name(body: Body, year: int) -> str:
    return f"{body.setting('programme_name')} năm {year}"


def _signer(session: Session, programme: Programme, on: date) -> tuple[str, str]:
    """Give who signs for the body: whoever signed the programme, else who leads it now."""
    approved = programme.approved
    if approved is not None:
        return approved.approved_by.as_signed, str(approved.signature.capacity)
    leaders = leaders_of(session, programme.body_id, on)
    return (leaders[0][0].name, leaders[0][1]) if leaders else ("(Họ và tên)", "own")


def _members(audit: Audit) -> tuple[Member, ...]:
    return tuple(_member(one) for one in audit.team)


def _member(one: TeamMember) -> Member:
    auditor = one.auditor
    return Member(auditor.shown_name, _post(auditor), PARTS[one.part], ", ".join(auditor.fields))


def _post(auditor: Auditor) -> str:
    person = auditor.person
    if person is None:
        return auditor.organisation
    parts = [person.post, person.home_unit.name]
    if auditor.is_invited:
        parts.append(person.body.name)
    return ", ".join(part for part in parts if part)


def _exceptions(found: Iterable[IndependenceException]) -> tuple[Excepted, ...]:
    return tuple(
        Excepted(one.auditor.shown_name, one.unit.name, one.reason, one.safeguards) for one in found
    )


def _signed_exceptions(
    session: Session, body_id: int, first: date, last: date
) -> list[IndependenceException]:
    return list(
        session.scalars(
            sa.select(IndependenceException)
            .where(
                IndependenceException.body_id == body_id,
                IndependenceException.from_on <= last,
                IndependenceException.until_on >= first,
            )
            .options(
                joinedload(IndependenceException.auditor).joinedload(Auditor.person),
                joinedload(IndependenceException.unit),
            )
            .order_by(IndependenceException.id)
        ).unique()
    )


def exceptions_of(session: Session, audit: Audit) -> list[IndependenceException]:
    """Give the exceptions to independence on which the team of an audit rests."""
    units = {one.unit_id for one in audit.units}
    team = {one.auditor_id for one in audit.team}
    found = _signed_exceptions(session, audit.body_id, audit.first_on, audit.last_on)
    return [one for one in found if one.unit_id in units and one.auditor_id in team]


def team_decision(session: Session, body: Body, audit: Audit) -> TeamDecision:
    """Gather the decision that sets up the team of an audit."""
    programme = audit.programme
    approved = programme.approved
    signer, capacity = _signer(session, programme, audit.first_on)
    return TeamDecision(
        body=body.name,
        superior=above(body),
        number=audit.number,
        units=tuple(one.unit.name for one in audit.units),
        criteria=tuple(one.name for one in programme.standards),
        programme=_programme_name(body, programme.year),
        approved_on=today_of(body, approved.approved_at) if approved is not None else None,
        first=audit.first_on,
        last=audit.last_on,
        method=word(audit.method),
        members=_members(audit),
        exceptions=_exceptions(exceptions_of(session, audit)),
        signer=signer,
        capacity=capacity,
    )


def audit_plan(session: Session, body: Body, audit: Audit) -> PlanPaper:
    """Gather the plan of an audit."""
    names = {one.auditor_id: one.auditor.shown_name for one in audit.team}
    newest = newest_answers(audit)
    lead = audit.lead
    return PlanPaper(
        body=body.name,
        superior=above(body),
        number=audit.number,
        programme=_programme_name(body, audit.programme.year),
        objective=" ".join(audit.objective.split()),
        units=tuple(one.unit.name for one in audit.units),
        clauses=tuple(one.clause.number for one in audit.clauses),
        procedures=tuple(one.document.code or "" for one in audit.procedures),
        criteria=tuple(one.name for one in audit.programme.standards),
        first=audit.first_on,
        last=audit.last_on,
        method=word(audit.method),
        remote_address=audit.remote_address,
        members=_members(audit),
        exceptions=_exceptions(exceptions_of(session, audit)),
        meetings=tuple(_set(one) for one in audit.meetings),
        agenda=tuple(_hours(item, names) for item in audit.agenda),
        reading=tuple(
            (one.document.code or "", one.document.title, one.revision.label)
            for one in to_read(session, audit)
            if one.revision is not None
        ),
        sent_on=today_of(body, audit.announced_at) if audit.announced_at is not None else None,
        confirmed=tuple(
            f"{answer.unit.name} ({as_date(answer.answered_at)})"
            for answer in newest.values()
            if answer.is_confirmed
        ),
        lead=lead.auditor.shown_name if lead is not None else "(Họ và tên)",
    )


def _set(meeting: AuditMeeting) -> str:
    place = f", {meeting.place}" if meeting.place else ""
    when = f"{hour_in_words(meeting.begins)}, {day_in_words(meeting.held_on)}"
    return f"{_MEETINGS[meeting.kind]}: {when}{place}."


def _hours(item: AgendaItem, names: dict[int, str]) -> Hours:
    where = [item.unit.name if item.unit is not None else "", item.place]
    return Hours(
        item.held_on,
        f"{item.begins} - {item.ends}",
        ", ".join(part for part in where if part),
        item.subject,
        ", ".join(names[key] for key in sorted(item.auditor_ids) if key in names),
        item.met,
    )


def programme_paper(session: Session, body: Body, programme: Programme) -> ProgrammePaper:
    """Gather the programme of a year with its calendar, what it covers and what it leaves open."""
    year = programme.year
    covered = coverage_of(session, body, year)
    audits = [one for one in programme.audits if one.counts]
    lines = _year(audits)
    signer, capacity = _signer(session, programme, date(year, 1, 1))
    approved = programme.approved
    signed = ""
    if approved is not None and approved.version == programme.version:
        signed = f" Đã ký trong hệ thống: {signer}, {as_moment(approved.approved_at)}"
    team = {one.auditor_id for audit in audits for one in audit.team}
    exceptions = [
        one
        for one in _signed_exceptions(session, body.id, date(year, 1, 1), date(year, 12, 31))
        if one.auditor_id in team
    ]
    with_audit = {one.unit_id for audit in audits for one in audit.units}
    left_out = {gap.unit.id for gap in covered.gaps} - with_audit
    return ProgrammePaper(
        body=body.name,
        superior=above(body),
        name=str(body.setting("programme_name")),
        year=year,
        version=programme.version,
        change_reason=programme.change_reason,
        objectives=programme.objectives,
        covers=programme.scope_text,
        criteria=tuple(one.name for one in programme.standards),
        risks=programme.risks,
        resources=programme.resources,
        covered=covered.covered,
        wanted=covered.wanted,
        units_covered=len(with_audit),
        units=len(with_audit | left_out),
        gaps=tuple(
            (gap.unit.name, ", ".join(one.number for one in gap.clauses)) for gap in covered.gaps
        ),
        exceptions=_exceptions(exceptions),
        lines=lines,
        drafter=programme.drafted_by.name,
        signer=signer,
        capacity=capacity,
        signed=signed,
    )


def _year(audits: list[Audit]) -> tuple[YearLine, ...]:
    """Give a line for each unit of each audit, in the order of the days."""
    lines = []
    for audit in sorted(audits, key=lambda one: (one.first_on, one.id)):
        lead = audit.lead
        lines += [
            YearLine(
                one.unit.name,
                _months(audit),
                word(audit.method),
                word(audit.kind),
                lead.auditor.shown_name if lead is not None else "",
            )
            for one in audit.units
        ]
    return tuple(lines)


def _months(audit: Audit) -> tuple[str, ...]:
    """Give twelve cells: the days where they are known, else a mark in each month of the window."""
    year = audit.programme.year
    cells = [""] * 12
    if audit.from_on is not None and audit.until_on is not None:
        first, last = audit.from_on, audit.until_on
        days = f"{first.day}" if first == last else f"{first.day}-{last.day}"
        cells[first.month - 1] = days
        return tuple(cells)
    for month in range(1, 13):
        begins = date(year, month, 1)
        ends = date(year + month // 12, month % 12 + 1, 1)
        if audit.window_from < ends and audit.window_until >= begins:
            cells[month - 1] = "x"
    return tuple(cells)


def minutes_paper(body: Body, meeting: AuditMeeting) -> MinutesOfMeeting:
    """Gather the minutes of a meeting; where nobody is named the lead chairs it."""
    audit = meeting.audit
    team = [one.auditor.shown_name for one in audit.team]
    zone = ZoneInfo(body.time_zone)
    chair = meeting.chair or (team[0] if team else "")
    others = [name for name in team if name != chair]
    return MinutesOfMeeting(
        body=body.name,
        superior=above(body),
        number=audit.number,
        units=audit.unit_names,
        is_opening=meeting.kind is MeetingKind.OPENING,
        held_on=meeting.held_on,
        begins=meeting.begins,
        ends=meeting.ends,
        where=meeting.place,
        present=tuple(
            f"{one.name}, {one.post}" if one.post else one.name for one in meeting.present
        ),
        chair=chair,
        secretary=meeting.secretary or (others[0] if others else ""),
        notes=meeting.notes,
        opinion=meeting.opinion,
        signed=tuple(
            f"{one.person.as_signed} ({_SIDES[one.side]}), "
            f"{as_moment(one.signature.signed_at.astimezone(zone))}"
            for one in meeting.signatures
        ),
    )
