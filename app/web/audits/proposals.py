"""The planner on the screen: asked for, waited for, looked at, taken (flow F6; b8, L1)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import Body
from app.kernel.work import unit_of_work
from app.web.audits.proposed import proposed_view
from app.web.body_address import shown_body
from app.web.documents.pages import whole
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from audits.models import Programme, ProgrammeProposal
from audits.permissions import AuditPermission
from audits.programme import ProgrammeData
from audits.proposal import ask_for_proposal, drop_proposal, proposal_of, take_proposal
from audits.register import programme_of
from audits.standards import standards_of
from audits.year_reading import auditors_of
from forms.screen.proposal import ProposalForm

bp = Blueprint("proposals", __name__)


@bp.get("/programmes/<int:year>/proposal")
@requires(AuditPermission.KEEP_PROGRAMME)
def show(year: int) -> ResponseReturnValue:
    """Show what is proposed, or how far the planner is."""
    return _page(year)


def _proposal(year: int) -> ProgrammeProposal:
    body, session = shown_body(), db.session()
    must(AuditPermission.KEEP_PROGRAMME, body)
    found = programme_of(session, standing(), body, year)
    proposal = proposal_of(session, found) if found is not None else None
    if proposal is None:
        raise NotFound()
    return proposal


def _page(
    year: int, status: int = 200, form: ProposalForm | None = None, refused: str = ""
) -> ResponseReturnValue:
    body, session = shown_body(), db.session()
    must(AuditPermission.KEEP_PROGRAMME, body)
    if not 1990 <= year <= 2199:
        raise NotFound()
    found = programme_of(session, standing(), body, year)
    proposal = proposal_of(session, found) if found is not None else None
    has_auditors = bool(auditors_of(session, body, year))
    view: dict[str, Any] = {}
    if proposal is not None and proposal.found and not proposal.is_coming:
        view = proposed_view(session, standing(), body, proposal, whole(request.args.get("visit")))
    return page(
        "audits/proposal.html",
        part="audits/_proposal_progress.html",
        status=status,
        body=body,
        year=year,
        name=body.setting("programme_name"),
        programme=found,
        proposal=proposal,
        obstacle=found.change_obstacle() if found is not None else None,
        form=form or _form(proposal, session, body, year),
        refused=refused,
        has_auditors=has_auditors,
        is_over=year < standing().on.year,
        view=view,
    )


def _form(
    proposal: ProgrammeProposal | None, session: Session, body: Body, year: int
) -> ProposalForm:
    form = ProposalForm(formdata=None)
    if proposal is not None:
        form.wish.data, form.team_min.data = str(proposal.wish), str(proposal.team_min)
    else:
        form.team_min.data = str(_usual_team(session, body, year))
    return form


def _usual_team(session: Session, body: Body, year: int) -> int:
    """Two go together; where there are hardly two, one goes alone."""
    return 2 if len(auditors_of(session, body, year)) > 2 else 1


@bp.post("/programmes/<int:year>/proposal")
@requires(AuditPermission.KEEP_PROGRAMME)
def ask(year: int) -> ResponseReturnValue:
    """Have the year planned; a year nobody began is begun with last year's words."""
    body, session = shown_body(), db.session()
    must(AuditPermission.KEEP_PROGRAMME, body)
    form = ProposalForm()
    if "wish" not in request.form:  # the one button of the programme
        form = _form(None, session, body, year)
    elif not form.validate_on_submit():
        return _page(year, 422, form)
    text = _first_words(session, body, year)
    try:
        with unit_of_work(signed_in()) as work:
            ask_for_proposal(
                work,
                work.actor.body,
                year,
                wish=form.wish.coded,
                team_min=int(form.team_min.data or 2),
                text=ProgrammeData(
                    text.objectives,
                    text.scope_text,
                    standards_of(work.session, work.actor.body_id)[:1]
                    if not text.standards
                    else [work.session.get_one(type(one), one.id) for one in text.standards],
                    text.risks,
                    text.resources,
                ),
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(year, at_field(form, refused), form)
    return done(
        gettext("The planner is at work; this page shows what comes of it."),
        to=url_for("proposals.show", year=year),
    )


def _first_words(session: Session, body: Body, year: int) -> ProgrammeData:
    """Give what the last programme said: nobody types it again; else what is usual."""
    last = session.scalars(
        sa.select(Programme)
        .where(Programme.body_id == body.id, Programme.year < year)
        .order_by(Programme.year.desc())
        .limit(1)
    ).one_or_none()
    if last is not None:
        return ProgrammeData(
            last.objectives, last.scope_text, last.standards, last.risks, last.resources
        )
    return ProgrammeData(
        gettext("See that the quality management system conforms and is effectively kept up."),
        gettext("All units and processes within the scope of the quality management system."),
        (),
    )


@bp.post("/programmes/<int:year>/proposal/taking")
@requires(AuditPermission.KEEP_PROGRAMME)
def take(year: int) -> ResponseReturnValue:
    """Plan all that is proposed, or nothing: what changed meanwhile is named."""
    proposal = _proposal(year)
    seen = whole(request.form.get("row_version"))
    try:
        with unit_of_work(signed_in()) as work:
            made = len(take_proposal(work, work.fresh(proposal), seen=seen))
    except (RuleBroken, Stale) as refused:
        return _page(year, refused.status, refused=words(refused))
    return done(
        gettext("%(count)s audits are in the programme. Move them as you like.", count=made),
        to=url_for("programmes.show", year=year),
    )


@bp.post("/programmes/<int:year>/proposal/dropping")
@requires(AuditPermission.KEEP_PROGRAMME)
def drop(year: int) -> ResponseReturnValue:
    """Give the proposal up; nothing was planned."""
    proposal = _proposal(year)
    try:
        with unit_of_work(signed_in()) as work:
            drop_proposal(work, work.fresh(proposal))
    except RuleBroken as refused:
        return _page(year, refused.status, refused=words(refused))
    return done(
        gettext("The proposal is dropped; nothing was planned."),
        to=url_for("programmes.show", year=year),
    )
