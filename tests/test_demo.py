"""The demo body is whole, true and throwable; nothing real is ever thrown with it (e24)."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.demo import ACCOUNTS, kept_accounts
from app.kernel.calendar import CalendarDay
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.organisation import Body, Unit, UnitKind
from app.kernel.organising import create_body
from app.kernel.people import Person, Role
from app.kernel.signing_in import password_fits
from app.kernel.trail import EMPTY_HASH, TrailEntry, entry_hash
from app.kernel.work import unit_of_work
from audits.models import Auditor, AuditState, Programme, ProgrammeState
from audits.team import breaks_of
from documents.assignment_register import Lack, coverage
from documents.issuance import waiting_issuances
from documents.models import (
    Adoption,
    ChangeRequest,
    ChangeState,
    Comment,
    Confidentiality,
    Document,
    FileRecognition,
    Invitation,
    Package,
    PeriodicReview,
    Publication,
    PublicationMode,
    QualityRecord,
    Revision,
    RevisionFile,
    RevisionState,
    Verdict,
    WordTemplate,
)
from documents.register import effective_revision
from documents.scope import approved_scope
from documents.seal_state import seal_state, trust_of
from documents.translation import Lag, lag_of
from tests.conftest import DATABASES, fresh_postgres
from tests.installed import Installed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=DATABASES)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Installed:
    """A demo installation, made once, over what a broken-off first start left behind."""
    url = fresh_postgres(f"nenep_demo_{worker_id}") if request.param == "postgresql" else ""
    made = Installed(tmp_path_factory.mktemp("demo") / "data", url)
    made.nenep("migrate")
    with made.opened(), unit_of_work(None) as work:
        create_body(work, "demo", "Nửa chừng", active_from=date(2026, 1, 1), is_demo=True)
    (made.data / "heads.jsonl").write_text("{}\n")
    said = made.nenep("demo")
    assert not (made.data / "heads.jsonl").exists()
    assert "Vai trò / Role" in said
    return made


@pytest.mark.covers("e24", "D1")
def test_every_state_and_role_has_something_to_show(demo: Installed) -> None:
    with demo.opened():
        session = db.session()
        states = session.scalars(sa.select(Revision.state).distinct())
        assert set(states) == set(RevisionState)
        kept = session.scalars(sa.select(QualityRecord)).all()
        assert len(kept) == 6
        assert any(one.keep_until and one.keep_until < datetime.now(UTC).date() for one in kept)
        requests = session.scalars(sa.select(ChangeRequest.state).distinct())
        assert set(requests) == set(ChangeState)
        verdicts = session.scalars(sa.select(PeriodicReview.verdict).distinct())
        assert set(verdicts) == {Verdict.KEEP, Verdict.REVISE}
        kinds = [unit.kind for unit in session.scalars(sa.select(Unit))]
        assert kinds.count(UnitKind.DEPARTMENT) == 12
        assert kinds.count(UnitKind.WARD) == 11
        assert kinds.count(UnitKind.SCHOOL) == 8
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 65
        assert session.scalar(sa.select(sa.func.count()).select_from(Document)) == 62
        secret = session.scalars(
            sa.select(Document).where(Document.confidentiality == Confidentiality.NAMED)
        ).all()
        assert [document.code for document in secret] == ["QT-TTR-02"]
        english = session.scalars(
            sa.select(Document).where(Document.translates_id.is_not(None))
        ).one()
        assert lag_of(session, effective_revision(session, english)) == Lag(1, "01/00", "02/00")
        assert session.scalars(sa.select(CalendarDay)).first()
        guest = session.scalars(sa.select(Invitation)).one()
        assert guest.holds(datetime.now(UTC).date())
        scan = session.scalars(sa.select(FileRecognition)).one()
        assert not scan.failed, "recognised by the jobs where Tesseract is installed"
        assert session.scalars(sa.select(WordTemplate)).one().is_in_use
        today = datetime.now(UTC).date()
        assert session.scalars(sa.select(Document).where(Document.next_review_on < today)).first()
        packages = session.scalars(sa.select(Package).where(Package.round == 2)).all()
        assert {package.state for package in packages} >= {
            RevisionState.DRAFT,
            RevisionState.IN_REVIEW,
        }
        assert any(
            len(package.revisions) > 1 and package.state is RevisionState.IN_APPROVAL
            for package in session.scalars(sa.select(Package))
            if package.revisions
        )
        body = session.scalars(sa.select(Body).where(Body.code == "demo")).one()
        assert body.is_demo
        assert len(waiting_issuances(session, body.id)) == 1
        assert session.scalars(sa.select(Comment).where(Comment.resolved_at.is_(None))).first()
        ahead = session.scalars(
            sa.select(Revision).where(Revision.state == RevisionState.APPROVED)
        ).all()
        assert all(revision.effective_on > today for revision in ahead)


@pytest.mark.covers("O4", "O5", "L24", "e24")
def test_a_ward_below_adopts_and_the_matrix_has_a_gap_and_an_overlap(demo: Installed) -> None:
    with demo.opened():
        session, today = db.session(), datetime.now(UTC).date()
        modes = session.scalars(sa.select(Publication.mode)).all()
        assert set(modes) == set(PublicationMode)
        assert len(session.scalars(sa.select(Adoption)).all()) == 1
        body = session.scalars(sa.select(Body).where(Body.code == "demo")).one()
        found = coverage(session, body, today)
        assert found.total == 21
        assert (found.count(Lack.UNIT), found.count(Lack.OVERLAP)) == (1, 2)
        scope = approved_scope(session, body.id)
        assert scope is not None
        assert len(scope.units) == 12


@pytest.mark.covers("T1", "T3")
def test_the_trail_of_the_demo_is_true(demo: Installed) -> None:
    with demo.opened():
        hashes: dict[int, str] = {}
        before: dict[int, datetime] = {}
        entries = db.session.scalars(
            sa.select(TrailEntry).order_by(TrailEntry.chain, TrailEntry.sequence)
        )
        for entry in entries:
            former = hashes.get(entry.chain, EMPTY_HASH)
            assert entry.hash == entry_hash(former, entry.content())
            assert entry.at >= before.get(entry.chain, entry.at), "acts in the order of time"
            hashes[entry.chain], before[entry.chain] = entry.hash, entry.at
        assert hashes
        store = installation().store
        for sha256 in set(db.session.scalars(sa.select(RevisionFile.sha256))):
            assert store.digest_of(sha256) == sha256


@pytest.mark.covers("T3")
def test_the_command_that_proves_the_trail_finds_the_demo_sound(demo: Installed) -> None:
    demo.nenep("jobs", "--once", "--json")
    heads = str(demo.data / "heads.jsonl")
    assert "Everything holds" in demo.nenep("trail", "verify", "--heads", heads)


@pytest.mark.covers("L19")
def test_the_demo_body_has_a_seal_that_says_it_is_for_trying_out(demo: Installed) -> None:
    with demo.opened():
        body = db.session.scalars(sa.select(Body).where(Body.code == "demo")).one()
        state = seal_state(installation(), body, datetime.now(UTC))
        assert state.problem is None
        assert "(thử nghiệm)" in state.name
        assert "thử nghiệm" in state.issuer
        assert len(trust_of(installation()).roots) == 1


def test_every_role_has_an_account_that_opens(demo: Installed) -> None:
    path = demo.data / ACCOUNTS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = kept_accounts(demo.data)
    assert list(dict.fromkeys(account.role for account in accounts)) == [
        role.label for role in Role
    ]
    below = [account for account in accounts if account.unit == "UBND phường Lam Thượng"]
    assert {account.role for account in below} == {Role.LEADER.label, Role.STAFF.label}
    with demo.opened():
        for account in accounts[:3]:
            person = db.session.scalars(
                sa.select(Person).where(Person.login == account.login)
            ).one()
            assert password_fits(person, account.password)
    again = demo.objects("demo", "--json")
    assert [one["password"] for one in again] == [account.password for account in accounts]


def test_a_demo_is_refused_where_a_real_body_is(tmp_path: Path) -> None:
    real = Installed(tmp_path / "data")
    real.nenep("migrate")
    real.nenep("body", "create", "real", "UBND phường Thật")
    for words in (["demo"], ["demo", "--reset"]):
        assert "nothing was touched" in real.nenep(*words, code=1)
    with real.opened():
        assert db.session.scalars(sa.select(Body.code)).all() == ["real"]


@pytest.mark.covers("b1", "b11", "A1")
def test_the_years_audits_stand_in_several_states_and_one_team_no_longer_holds(
    demo: Installed,
) -> None:
    with demo.opened():
        session = db.session()
        body = session.scalars(sa.select(Body).where(Body.code == "demo")).one()
        programme = session.scalars(sa.select(Programme)).one()
        assert (programme.state, programme.version) == (ProgrammeState.APPROVED, 1)
        assert {audit.state for audit in programme.audits} == {
            AuditState.PLANNED,
            AuditState.ANNOUNCED,
            AuditState.UNDER_WAY,
            AuditState.REPORTING,
            AuditState.REPORTED,
            AuditState.CLOSED,
            AuditState.POSTPONED,
        }
        assert len(session.scalars(sa.select(Auditor)).all()) == 6
        broken = breaks_of(session, body, programme.audits)
        assert [one.serial for one in programme.audits if one.id in broken] == [6]
