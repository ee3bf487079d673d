"""Decisions made on paper or in e-office: entered by one, confirmed by another (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import root_unit
from app.kernel.people import Capacity, Person, Role
from app.kernel.work import Work
from documents import routing
from documents.approval import approved
from documents.facts import DocumentFact, DocumentNotice
from documents.impact import Gathered, keep_impacts
from documents.models import IssuanceDecision, IssuanceItem, Package, RevisionState
from documents.permissions import DocumentPermission
from documents.storing import BroughtFile, store_rows


@dataclass(frozen=True)
class IssuanceData:
    """What stands on the paper decision."""

    number: str
    happened_on: date
    signer_name: str
    signer_capacity: Capacity


def enter_issuance(
    work: Work, data: IssuanceData, packages: list[Package], scan: BroughtFile
) -> IssuanceDecision:
    """Enter a decision made outside the system, with its signed file; nothing is approved yet."""
    work.require(DocumentPermission.ENTER_ISSUANCE, packages[0] if packages else None)
    if not packages:
        raise InvalidInput(N_("Choose the revisions this decision covers."), field="packages")
    if not data.number.strip() or not data.signer_name.strip():
        raise InvalidInput(N_("Give the decision's number and who signed it."), field="number")
    if data.happened_on > work.today:
        raise InvalidInput(N_("The decision's date lies in the future."), field="happened_on")
    for package in packages:
        work.require(DocumentPermission.ENTER_ISSUANCE, package)
        if package.state not in (RevisionState.IN_REVIEW, RevisionState.IN_APPROVAL):
            raise RuleBroken(
                N_("%(code)s is %(state)s; an issuance decision covers submitted revisions only."),
                code=package.lead.code,
                state=package.state,
            )
    store_rows(work, scan)
    decision = IssuanceDecision(
        body_id=packages[0].body_id,
        number=data.number.strip(),
        happened_on=data.happened_on,
        signer_name=data.signer_name.strip(),
        signer_capacity=data.signer_capacity,
        file_sha256=scan.sha256,
        file_name=scan.name,
        entered_by_id=work.actor.id,
        recorded_at=work.now,
    )
    decision.items = [
        IssuanceItem(package=package, content_sha256=package.content_sha256())
        for package in packages
    ]
    work.add(decision)
    work.record(
        DocumentFact.ISSUANCE_ENTERED,
        decision,
        packages=[package.id for package in packages],
        files=[{"sha256": scan.sha256}],
    )
    work.notify(
        DocumentNotice.ISSUANCE_TO_CONFIRM, decision, to=_confirmers(work), number=decision.number
    )
    return decision


def _confirmers(work: Work) -> list[Person]:
    root = root_unit(work.session, work.actor.body_id)
    people: list[Person] = []
    for role in (Role.QUALITY_REPRESENTATIVE, Role.QUALITY_OFFICER, Role.LEADER):
        people += routing.holders(work.session, role, root.id, work.today)
    return people


def confirm_issuance(
    work: Work, decision: IssuanceDecision, *, impacts: Gathered | None = None
) -> None:
    """Confirm an entered decision; every package it covers becomes approved.

    What each revision touches at this moment is kept with it, as with every decision (D15).
    """
    work.require(DocumentPermission.CONFIRM_ISSUANCE, decision)
    decision = work.fresh(decision)
    packages = work.fresh_all(item.package for item in decision.items)
    decision.confirm(work.actor, at=work.now)
    kept = [
        row
        for package in packages
        for row in keep_impacts(work, package, impacts, issuance=decision)
    ]
    work.record(
        DocumentFact.ISSUANCE_CONFIRMED,
        decision,
        revisions=[revision for package in packages for revision in package.revisions],
        packages=packages,
        impacts=kept or None,
    )
    for package in packages:
        approved(work, package)


def refuse_issuance(work: Work, decision: IssuanceDecision, *, reason: str) -> None:
    """Say that what was entered is not so; the packages stay on their routes."""
    work.require(DocumentPermission.CONFIRM_ISSUANCE, decision)
    decision = work.fresh(decision)
    decision.refuse(work.actor, reason, at=work.now)
    work.record(DocumentFact.ISSUANCE_REFUSED, decision, reason=reason)


def waiting_issuances(work_session: sa.orm.Session, body_id: int) -> list[IssuanceDecision]:
    """Give the entered decisions that nobody has confirmed or refused."""
    return list(
        work_session.scalars(
            sa.select(IssuanceDecision)
            .where(
                IssuanceDecision.body_id == body_id,
                IssuanceDecision.confirmed_at.is_(None),
                IssuanceDecision.refused_at.is_(None),
            )
            .order_by(IssuanceDecision.recorded_at)
        )
    )
