"""Acts on accounts: one-time links, ending sign-ins, one's own settings (T08; rule T1)."""

from __future__ import annotations

from app.kernel.access import KernelPermission
from app.kernel.accounts import SignInSession
from app.kernel.calendar import clock_time
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.facts import KernelFact
from app.kernel.notices import Notice
from app.kernel.people import Person
from app.kernel.signing_in import end_sessions, make_link
from app.kernel.work import Work


def link_obstacle(person: Person) -> RuleBroken | None:
    """Say why nobody can make a one-time link for this person; None when nothing stands so."""
    if not person.login:
        return RuleBroken(N_("This person has no account name. Give one first."))
    if person.disabled_at is not None:
        return RuleBroken(N_("This account is closed. Open it first."))
    return None


def give_link(work: Work, person: Person) -> str:
    """Make the one-time link that sets a password; its token is shown once and kept nowhere."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    if obstacle := link_obstacle(person):
        raise obstacle
    return make_link(work, person)


def end_all_sessions(work: Work, person: Person) -> int:
    """End every signed-in browser of somebody else; give their number."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    count = end_sessions(work, person)
    work.record(KernelFact.SESSIONS_ENDED, person, count=count)
    return count


def end_own_session(work: Work, session: SignInSession) -> None:
    """End one of one's own signed-in browsers."""
    if session.person_id != work.actor.id:
        raise NotFound()
    if session.ended_at is None:
        session.ended_at = work.now
        work.record(KernelFact.SESSIONS_ENDED, work.actor, count=1)


def change_preferences(work: Work, *, language: str, single_keys: bool) -> None:
    """Change how the system speaks to oneself: language, single-key shortcuts (WCAG 2.1.4)."""
    work.require(KernelPermission.WORK)
    if language not in ("vi", "en"):
        raise InvalidInput(N_("Choose one of the languages shown."), field="language")
    work.actor.language, work.actor.single_keys = language, single_keys
    if work.has_changed(work.actor):
        work.record(KernelFact.PERSON_CHANGED, work.actor)


def choose_letters(work: Work, *, wants: bool, at: str) -> None:
    """Choose when the daily letter comes to oneself, or that none does (e20).

    What cannot wait is sent at once to everybody; an empty time follows the body's.
    """
    work.require(KernelPermission.WORK)
    chosen = clock_time(at, "at") if at.strip() else None
    if chosen == work.actor.body.setting("digest_time"):
        chosen = None
    work.actor.wants_letters, work.actor.digest_time = wants, chosen
    if work.has_changed(work.actor):
        work.record(KernelFact.PERSON_CHANGED, work.actor)


def see_notices(work: Work, notices: list[Notice]) -> None:
    """Mark notices as seen by the person they are for; nobody else's change."""
    for notice in notices:
        if notice.person_id == work.actor.id and notice.seen_at is None:
            notice.seen_at = work.now
