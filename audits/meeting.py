"""The opening and closing meetings of an audit: when, where, who was there, signed (b26, b33)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.people import Person, Role
from app.kernel.search import nfc
from app.kernel.signatures import Meaning, Proof
from app.kernel.work import Work
from audits.agenda import clock
from audits.models import (
    Audit,
    AuditMeeting,
    AuditState,
    MeetingAttendance,
    MeetingKind,
    MeetingSide,
    MeetingSignature,
)
from audits.permissions import AuditPermission
from audits.plan_facts import PlanFact, PlanNotice
from audits.telling import tell_all

MOST_PRESENT = 200
_KEPT = {
    MeetingKind.OPENING: PlanFact.OPENING_KEPT,
    MeetingKind.CLOSING: PlanFact.CLOSING_KEPT,
}
_SET = {
    MeetingKind.OPENING: PlanNotice.OPENING_SET,
    MeetingKind.CLOSING: PlanNotice.CLOSING_SET,
}
_TO_COME = (AuditState.PLANNED, AuditState.ANNOUNCED, AuditState.UNDER_WAY)


@dataclass(frozen=True)
class MeetingData:
    """A meeting as it is planned, or as it was; `typed` holds a line for each name and post."""

    held_on: date | None
    begins: str
    ends: str = ""
    place: str = ""
    chair: str = ""
    secretary: str = ""
    people: Sequence[Person] = ()
    typed: str = ""
    notes: str = ""
    opinion: str = ""


def meeting_of(audit: Audit, kind: MeetingKind) -> AuditMeeting | None:
    """Give the meeting of a kind; None where nobody set it."""
    return next((one for one in audit.meetings if one.kind is kind), None)


def keep_meeting(
    work: Work, audit: Audit, kind: MeetingKind, data: MeetingData, *, seen: int | None = None
) -> AuditMeeting | None:
    """Set a meeting or write down what was said there; None where nothing changed."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    if obstacle := audit.meeting_obstacle():
        raise obstacle
    held_on, begins, ends = _hours(data)
    found = meeting_of(audit, kind)
    if found is None:
        found = AuditMeeting(body_id=audit.body_id, audit=audit, kind=kind, begins="")
        place_before = None
    else:
        found = work.fresh(found, seen=seen)
        if obstacle := found.change_obstacle():
            raise obstacle
        place_before = (found.held_on, found.begins, found.place)
    found.held_on, found.begins, found.ends = held_on, begins, ends
    found.place = " ".join(nfc(data.place).split())[:200]
    found.chair = " ".join(nfc(data.chair).split())[:200]
    found.secretary = " ".join(nfc(data.secretary).split())[:200]
    found.notes = nfc(data.notes).strip()[:8000]
    found.opinion = nfc(data.opinion).strip()[:4000]
    work.add(found)
    is_other = _attend(audit, found, data)
    is_elsewhere = place_before != (found.held_on, found.begins, found.place)
    if not work.has_changed(found) and not is_other:
        return None
    is_told = is_elsewhere and audit.state in _TO_COME and held_on >= work.today
    is_told = is_told and audit.tell_anew()
    work.session.flush()
    work.record(_KEPT[kind], found, audit=audit if is_told else None)
    if is_told:
        tell_all(work, audit, _SET[kind], held_on=held_on, hour=begins, place=found.place)
    return found


def _hours(data: MeetingData) -> tuple[date, str, str]:
    if data.held_on is None:
        raise InvalidInput(N_("Give the day."), field="held_on")
    begins, ends = clock(data.begins), clock(data.ends) if data.ends.strip() else ""
    if not begins:
        raise InvalidInput(N_("Type an hour, for example 8:30."), field="begins")
    if data.ends.strip() and not ends:
        raise InvalidInput(N_("Type an hour, for example 8:30."), field="ends")
    if ends and ends <= begins:
        raise InvalidInput(N_("It ends before it begins."), field="ends")
    return data.held_on, begins, ends


def _attend(audit: Audit, meeting: AuditMeeting, data: MeetingData) -> bool:
    """Write down who is present; True if that changed."""
    team = {one.auditor.person_id for one in audit.team}
    wanted: list[tuple[int | None, str, str]] = []
    for person in dict.fromkeys(data.people):
        if person.body_id != audit.body_id and person.id not in team:
            raise InvalidInput(N_("This is not in the list. Choose again."), field="people")
        wanted.append((person.id, person.name, person.post))
    for line in nfc(data.typed).splitlines():
        name, _comma, post = line.partition(",")
        if name := " ".join(name.split())[:200]:
            wanted.append((None, name, " ".join(post.split())[:200]))
    if len(wanted) > MOST_PRESENT:
        raise InvalidInput(
            N_("Write down %(most)s people at most."), field="typed", most=MOST_PRESENT
        )
    if [(one.person_id, one.name, one.post) for one in meeting.present] == wanted:
        return False
    meeting.present = [
        MeetingAttendance(person_id=key, name=name, post=post) for key, name, post in wanted
    ]
    return True


def side_of(audit: Audit, person: Person) -> MeetingSide:
    """Say for whom somebody signs: of the team for the team, anybody else for the unit."""
    own = any(one.auditor.person_id == person.id for one in audit.team)
    return MeetingSide.TEAM if own else MeetingSide.UNIT


def sign_minutes(
    work: Work, meeting: AuditMeeting, *, proof: Proof, seen: int | None = None
) -> MeetingSignature:
    """Sign the minutes as they are: the lead for the team, a head for the unit (b26)."""
    audit = work.fresh(meeting.audit)
    work.require(AuditPermission.SIGN_MINUTES, audit)
    if proof.person_id != work.actor.id:
        raise Forbidden(str(AuditPermission.SIGN_MINUTES), audit)
    meeting = work.fresh(meeting, seen=seen)
    if obstacle := audit.meeting_obstacle() or meeting.sign_obstacle(work.actor):
        raise obstacle
    if meeting.held_on > work.today:
        raise RuleBroken(N_("The meeting is still to come."))
    unit_id = audit.units[0].unit_id
    signature = work.add(
        proof.over(
            meeting.content(),
            body_id=audit.body_id,
            meaning=Meaning.APPROVED,
            at=work.now,
            capacity=work.standing.capacity_for((Role.MANAGER, Role.LEADER), unit_id),
        )
    )
    signed = MeetingSignature(
        body_id=audit.body_id,
        meeting=meeting,
        meeting_id=meeting.id,
        person_id=work.actor.id,
        side=side_of(audit, work.actor),
        signature_id=signature.id,
    )
    work.add(signed)
    work.record(PlanFact.MINUTES_SIGNED, signed, signature=signature)
    return signed
