"""Keeping the list of auditors: who, in which fields, when, where not (7.2, 9.2.2 c; A1, O4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.organisation import Body, Unit, root_unit
from app.kernel.people import Person, Role
from app.kernel.search import fold, nfc
from app.kernel.signatures import Meaning, Proof, Signature
from app.kernel.work import Work
from audits.facts import AuditFact
from audits.models import (
    Auditor,
    AuditorCompetence,
    AuditorConflict,
    AuditorEntry,
    AuditorLeave,
    EntryKind,
    IndependenceException,
)
from audits.permissions import AuditPermission

MOST_FIELDS = 30


@dataclass(frozen=True)
class Qualification:
    """What an auditor is qualified for, and how many days they give."""

    fields: tuple[str, ...] = ()
    may_lead: bool = False
    qualified_from: date | None = None
    qualified_until: date | None = None
    days_per_week: int = 2
    days_per_year: int = 20


def fields_typed(text: str) -> tuple[str, ...]:
    """Read fields of competence as somebody typed them, with commas or lines between."""
    parts = (" ".join(nfc(part).split()) for part in re.split(r"[,;\n]+", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def name_auditor(
    work: Work,
    body: Body,
    qualification: Qualification,
    *,
    person: Person | None = None,
    name: str = "",
    organisation: str = "",
) -> Auditor:
    """Put somebody on the list: of the body, of another body, or without an account (O4)."""
    work.require(AuditPermission.KEEP_AUDITORS, body)
    if person is None and not nfc(name).strip():
        raise InvalidInput(N_("Choose somebody, or type a name."), field="person")
    if person is not None:
        _refuse_twice(work, body, person)
    serial = next_number(work.session, body.id, "auditor")
    auditor = Auditor(
        body_id=body.id,
        number=f"DGV-{serial:02d}",
        person=person,
        person_id=person.id if person is not None else None,
    )
    if person is not None:
        auditor.sort_key = person.sort_key
    else:
        auditor.be_called(name, organisation)
    _put(auditor, qualification)
    work.add(auditor)
    work.record(AuditFact.AUDITOR_NAMED, auditor, fields=list(auditor.fields))
    return auditor


def _refuse_twice(work: Work, body: Body, person: Person) -> None:
    if person.disabled_at is not None:
        raise InvalidInput(N_("This account is closed. Choose somebody else."), field="person")
    known = work.session.scalars(
        sa.select(Auditor).where(Auditor.body_id == body.id, Auditor.person_id == person.id)
    ).one_or_none()
    if known is not None:
        raise InvalidInput(
            N_("They are on the list already, as %(number)s."), field="person", number=known.number
        )


def _put(auditor: Auditor, said: Qualification) -> None:
    if said.qualified_from and said.qualified_until and said.qualified_until < said.qualified_from:
        raise InvalidInput(N_("The last day lies before the first."), field="qualified_until")
    if not 0 <= said.days_per_week <= 7:
        raise InvalidInput(N_("A week has 0 to 7 days."), field="days_per_week")
    if not 0 <= said.days_per_year <= 366:
        raise InvalidInput(N_("A year has 0 to 366 days."), field="days_per_year")
    if len(said.fields) > MOST_FIELDS or any(len(one) > 120 for one in said.fields):
        raise InvalidInput(
            N_("Name 30 fields at most, each in 120 characters."), field="competences"
        )
    auditor.may_lead = said.may_lead
    auditor.qualified_from, auditor.qualified_until = said.qualified_from, said.qualified_until
    auditor.days_per_week, auditor.days_per_year = said.days_per_week, said.days_per_year
    known = {one.field_key: one for one in auditor.competences}
    wanted = {fold(field)[:120]: field for field in said.fields}
    if set(known) != set(wanted):
        auditor.competences = [
            known.get(key) or AuditorCompetence(field=field, field_key=key)
            for key, field in wanted.items()
        ]


def change_qualification(
    work: Work, auditor: Auditor, said: Qualification, *, seen: int | None = None
) -> bool:
    """Change what an auditor is qualified for and the days they give; True if anything changed."""
    work.require(AuditPermission.KEEP_AUDITORS, auditor)
    auditor = work.fresh(auditor, seen=seen)
    before = auditor.fields
    _put(auditor, said)
    if not work.has_changed(auditor) and set(before) == set(auditor.fields):
        return False
    work.record(
        AuditFact.AUDITOR_CHANGED,
        auditor,
        fields=list(auditor.fields),
        fields_before=list(before),
    )
    return True


def end_auditor(work: Work, auditor: Auditor, *, on: date | None, reason: str) -> None:
    """Take somebody off the list after a day; what they audited stays theirs."""
    work.require(AuditPermission.KEEP_AUDITORS, auditor)
    auditor = work.fresh(auditor)
    reason = nfc(reason).strip()
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    auditor.end(on or work.today, reason)
    work.record(AuditFact.AUDITOR_ENDED, auditor, reason=reason)


def enter_leave(
    work: Work, auditor: Auditor, *, from_on: date | None, until_on: date | None
) -> AuditorLeave:
    """Enter days on which an auditor is away; audits planned on them show the break at once."""
    work.require(AuditPermission.DECLARE, auditor)
    if from_on is None:
        raise InvalidInput(N_("Give the first day."), field="from_on")
    until_on = until_on or from_on
    if until_on < from_on:
        raise InvalidInput(N_("The last day lies before the first."), field="until_on")
    auditor = work.fresh(auditor)
    leave = AuditorLeave(
        body_id=auditor.body_id,
        auditor=auditor,
        from_on=from_on,
        until_on=until_on,
        entered_by_id=work.actor.id,
    )
    work.add(leave)
    work.record(AuditFact.LEAVE_ENTERED, leave)
    return leave


def end_leave(work: Work, leave: AuditorLeave) -> None:
    """Take back days on which somebody was to be away."""
    work.require(AuditPermission.DECLARE, leave.auditor)
    leave = work.fresh(leave)
    if leave.ended_at is not None:
        raise RuleBroken(N_("These days were taken back already."))
    leave.ended_at = work.now
    work.record(AuditFact.LEAVE_ENDED, leave)


def declare_conflict(
    work: Work,
    auditor: Auditor,
    unit: Unit,
    *,
    reason: str,
    from_on: date | None = None,
    until_on: date | None = None,
) -> AuditorConflict:
    """Declare a conflict with a unit: it counts at once, without exception (A1)."""
    work.require(AuditPermission.DECLARE, auditor)
    if unit.body_id != auditor.body_id:
        raise InvalidInput(N_("A unit is of another body."), field="unit")
    if not nfc(reason).strip():
        raise InvalidInput(N_("Say what the conflict is."), field="reason")
    first = from_on or work.today
    if until_on is not None and until_on < first:
        raise InvalidInput(N_("The last day lies before the first."), field="until_on")
    auditor = work.fresh(auditor)
    conflict = AuditorConflict(
        body_id=auditor.body_id,
        auditor=auditor,
        unit_id=unit.id,
        unit=unit,
        reason=nfc(reason).strip()[:500],
        from_on=first,
        until_on=until_on,
        entered_by_id=work.actor.id,
    )
    work.add(conflict)
    work.record(AuditFact.CONFLICT_DECLARED, conflict)
    return conflict


def end_conflict(work: Work, conflict: AuditorConflict) -> None:
    """End a conflict with today; only who keeps the list can, never the auditor alone."""
    work.require(AuditPermission.KEEP_AUDITORS, conflict.auditor)
    conflict = work.fresh(conflict)
    if conflict.until_on is not None and conflict.until_on < work.today:
        raise RuleBroken(N_("This conflict has ended already."))
    conflict.until_on = max(conflict.from_on, work.today)
    work.record(AuditFact.CONFLICT_ENDED, conflict)


def add_entry(
    work: Work,
    auditor: Auditor,
    kind: EntryKind,
    *,
    held_on: date | None,
    title: str,
    certificate: str = "",
) -> AuditorEntry:
    """Add a course or an assessment to an auditor's record; nothing there is altered later."""
    work.require(AuditPermission.KEEP_AUDITORS, auditor)
    if held_on is None or held_on > work.today:
        raise InvalidInput(N_("Give a day that is not to come."), field="held_on")
    if not nfc(title).strip():
        raise InvalidInput(N_("Say which course or what was assessed."), field="title")
    entry = AuditorEntry(
        body_id=auditor.body_id,
        auditor=work.fresh(auditor),
        kind=kind,
        held_on=held_on,
        title=" ".join(nfc(title).split())[:300],
        certificate=" ".join(nfc(certificate).split())[:200],
        entered_by_id=work.actor.id,
        entered_at=work.now,
    )
    work.add(entry)
    work.record(AuditFact.ENTRY_ADDED, entry)
    return entry


@dataclass(frozen=True)
class ExceptionData:
    """For which unit and days somebody may audit in spite of a rule, why, and how kept honest."""

    unit: Unit
    from_on: date | None
    until_on: date | None
    reason: str
    safeguards: str


def sign_exception(
    work: Work, auditor: Auditor, data: ExceptionData, *, proof: Proof
) -> IndependenceException:
    """Let somebody audit in spite of a rule by setting, signed with safeguards (A1)."""
    work.require(AuditPermission.SIGN_EXCEPTION, auditor)
    if proof.person_id != work.actor.id:
        raise Forbidden(AuditPermission.SIGN_EXCEPTION, auditor)
    reason, safeguards = nfc(data.reason).strip(), nfc(data.safeguards).strip()
    for text, field in ((reason, "reason"), (safeguards, "safeguards")):
        if not text:
            raise InvalidInput(N_("Say why, and which safeguards there are."), field=field)
    if data.unit.body_id != auditor.body_id:
        raise InvalidInput(N_("A unit is of another body."), field="unit")
    if data.from_on is None or data.until_on is None or data.until_on < data.from_on:
        raise InvalidInput(N_("Give the first and the last day."), field="until_on")
    auditor = work.fresh(auditor)
    signature = work.add(_signed(work, auditor, data, reason, safeguards, proof))
    signed = IndependenceException(
        body_id=auditor.body_id,
        auditor=auditor,
        auditor_id=auditor.id,
        unit=data.unit,
        unit_id=data.unit.id,
        reason=reason[:4000],
        safeguards=safeguards[:4000],
        from_on=data.from_on,
        until_on=data.until_on,
        signature_id=signature.id,
    )
    work.add(signed)
    work.record(AuditFact.EXCEPTION_SIGNED, signed, signature=signature, reason=reason)
    return signed


def _signed(
    work: Work, auditor: Auditor, data: ExceptionData, reason: str, safeguards: str, proof: Proof
) -> Signature:
    content = {
        "auditor": auditor.number,
        "person_id": auditor.person_id,
        "unit": data.unit.code,
        "from_on": str(data.from_on),
        "until_on": str(data.until_on),
        "reason": reason[:4000],
        "safeguards": safeguards[:4000],
    }
    root = root_unit(work.session, auditor.body_id)
    return proof.over(
        content,
        body_id=auditor.body_id,
        meaning=Meaning.APPROVED,
        at=work.now,
        capacity=work.standing.capacity_for((Role.LEADER,), root.id),
    )


def known_fields(auditors: Iterable[Auditor]) -> list[str]:
    """Give the fields of competence in use, to be offered while one is typed."""
    return sorted({field for one in auditors for field in one.fields}, key=fold)
