"""Packages: what goes together, submitted on its route or cancelled before effect (D2, D9)."""

from __future__ import annotations

from datetime import date

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.work import Work
from documents import change_request, register
from documents.checking_out import check_nobody_holds
from documents.coding import give_code
from documents.commenting import place_wordings
from documents.facts import DocumentFact, DocumentNotice
from documents.impact import Gathered, keep_impacts
from documents.models import (
    Document,
    Package,
    Revision,
    RevisionState,
    StepKind,
)
from documents.permissions import DocumentPermission
from documents.routing import lay_route, leave_out_obstacle


def join_package(work: Work, package: Package, revision: Revision) -> None:
    """Let another draft go with this package: one route, one signature, one switch."""
    work.require(DocumentPermission.SUBMIT_REVISION, revision)
    work.require(DocumentPermission.SUBMIT_REVISION, package)
    for member in (package.lead, revision):
        if obstacle := member.files_obstacle():
            raise obstacle
    if revision.package_id == package.id:
        raise RuleBroken(N_("%(code)s goes with this package already."), code=revision.code)
    if revision.body_id != package.body_id:
        raise RuleBroken(N_("A package holds documents of one body."), rule="O4")
    package.round = max(package.round, revision.round)  # files of a submitted round stay (D2)
    revision.package = package
    revision.effective_on = package.lead.effective_on
    work.session.flush()
    work.session.refresh(package, ["revisions"])
    work.record(
        DocumentFact.PACKAGE_JOINED, revision, package_lead=package.lead.code, package=package
    )


def leave_package(work: Work, revision: Revision) -> None:
    """Take a draft out of its package again; it goes on its own."""
    work.require(DocumentPermission.SUBMIT_REVISION, revision)
    if obstacle := revision.files_obstacle():
        raise obstacle
    if revision.package is None or len(revision.package.revisions) == 1:
        raise RuleBroken(N_("%(code)s goes on its own already."), code=revision.code)
    alone = Package(
        body_id=revision.body_id,
        lead_unit_id=revision.place_unit_id,
        round=revision.round,  # files of a submitted round stay as they were (D2)
    )
    work.session.add(alone)
    revision.package = alone
    work.session.flush()
    work.record(DocumentFact.PACKAGE_LEFT, revision, package=alone)


def submit_package(
    work: Work,
    package: Package,
    *,
    effective_on: date | None = None,
    leave_out: dict[int, str] | None = None,
    impacts: Gathered | None = None,
) -> None:
    """Submit a package to its route: code given, files fixed, the first step asked (D2, D9).

    What was gathered of its impact is kept as the author saw it (D15).

    All its revisions come into force on one day: `effective_on`, where it is given.
    """
    package = work.fresh(package)
    work.fresh_all(package.revisions)
    work.require(DocumentPermission.SUBMIT_REVISION, package)
    if leave_out:
        work.require(DocumentPermission.LEAVE_OUT_STEP, package)
        if obstacle := leave_out_obstacle(work.session, package, leave_out, work.today):
            raise obstacle
    for revision in package.revisions:
        check_nobody_holds(work, revision)
        if effective_on is not None:
            revision.effective_on = effective_on
        if revision.effective_on is not None and revision.effective_on < work.today:
            raise InvalidInput(
                N_("The effective date lies in the past. Choose today or later."),
                field="effective_on",
            )
    for revision in _parents_first(package.revisions):
        document = work.fresh(revision.document)
        if document.code is None:
            give_code(work, document, revision.proposed_code)
            if revision.predecessor is None:
                document.give_title(revision.title)
            work.record(DocumentFact.CODE_GIVEN, document)
    lay_route(work.session, package, on=work.today, authors=package.authors, leave_out=leave_out)
    package.submit(work.actor, at=work.now)
    if leave_out:
        work.record(
            DocumentFact.STEP_LEFT_OUT,
            package,
            positions=sorted(leave_out),
            reason=" ".join(leave_out[position].strip() for position in sorted(leave_out)),
        )
    work.record(
        DocumentFact.REVISION_SUBMITTED,
        package,
        revisions=package.revisions,
        round=package.round,
        impacts=keep_impacts(work, package, impacts) or None,
        files=[
            {"sha256": file.sha256} for revision in package.revisions for file in revision.files
        ],
    )
    for revision in package.revisions:
        place_wordings(work, revision)
        register.index_revision(work.session, revision)
    ask_current_step(work, package)


def _parents_first(revisions: list[Revision]) -> list[Revision]:
    """Order members so that a form takes its code from a procedure that has one by then (D10)."""

    def depth(document: Document) -> int:
        return 0 if document.parent is None else 1 + depth(document.parent)

    return sorted(revisions, key=lambda revision: (depth(revision.document), revision.id))


def ask_current_step(work: Work, package: Package) -> None:
    """Tell the people of the step that is now open that they are asked."""
    step = package.current_step
    if step is None:
        return
    kind = (
        DocumentNotice.REVIEW_ASKED
        if step.kind is StepKind.REVIEW
        else DocumentNotice.APPROVAL_ASKED
    )
    work.notify(
        kind,
        package,
        to=step.waiting,
        code=package.lead.code,
        edition=package.lead.label,
        due_on=step.due_on,
    )


def cancel_package(work: Work, revision: Revision, *, reason: str) -> None:
    """Cancel a revision before its effect, with everything that goes with it (D9)."""
    work.require(DocumentPermission.CANCEL_REVISION, revision)
    if revision.package is not None:
        work.fresh(revision.package)  # decisions wait at the package: one of the two is first
    revision = work.fresh(revision)
    people = list(revision.authors)
    members = revision.package.revisions if revision.package is not None else [revision]
    members = work.fresh_all(members)
    if revision.package is not None and revision.package.current_step is not None:
        people += [seat.person for seat in revision.package.current_step.seats]
    was_submitted = revision.state is not RevisionState.DRAFT
    for member in list(members):
        member.cancel(reason, at=work.now)
        work.record(DocumentFact.REVISION_CANCELLED, member, reason=reason)
        register.index_revision(work.session, member)
    change_request.revisions_given_up(work, members)
    if was_submitted:
        work.notify(
            DocumentNotice.CANCELLED,
            revision,
            to=people,
            code=revision.code,
            edition=revision.label,
            reason=reason,
        )
