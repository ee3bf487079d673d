"""The programme of a year: figures, timeline by risk, drafting, signing (screen 16; b1-b9; A2)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.calendar import parse_date
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import Unit
from app.kernel.work import unit_of_work
from app.web.audits.year_page import standard_choices, year_page
from app.web.body_address import shown_body
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from app.web.signing import proof_of
from audits.auditor import fields_typed
from audits.coverage_register import coverage_of
from audits.models import Programme, Standard
from audits.permissions import AuditPermission
from audits.programme import (
    ProgrammeData,
    UnitData,
    approve_programme,
    close_programme,
    draft_programme,
    return_programme,
    revise_programme,
    submit_programme,
    weigh_unit,
)
from audits.register import WeighedUnit, programme_of, weighed_units
from forms.screen.programme import (
    ProgrammeApprovalForm,
    ProgrammeForm,
    ReasonForm,
    UnitWeightForm,
)

bp = Blueprint("programmes", __name__)


@bp.get("/programmes")
@requires(AuditPermission.SEE_PROGRAMME)
def this_year() -> ResponseReturnValue:
    """Show the programme of this year."""
    return show(standing().on.year)


@bp.get("/programmes/<int:year>")
@requires(AuditPermission.SEE_PROGRAMME)
def show(year: int) -> ResponseReturnValue:
    """Show the audits of a year by unit, in the order of risk."""
    return year_page(year)


def _programme(year: int) -> Programme:
    found = programme_of(db.session(), standing(), shown_body(), year)
    if found is None:
        raise NotFound()
    return found


@bp.post("/programmes/<int:year>")
@requires(AuditPermission.KEEP_PROGRAMME)
def draft(year: int) -> ResponseReturnValue:
    """Begin the programme of a year, or change what its draft says."""
    must(AuditPermission.KEEP_PROGRAMME, shown_body())
    form = ProgrammeForm()
    form.standards.choices = standard_choices()
    if not form.validate_on_submit():
        return year_page(year, 422, text=form)
    try:
        with unit_of_work(signed_in()) as work:
            chosen = work.session.scalars(
                sa.select(Standard).where(Standard.id.in_(form.standards.data or []))
            )
            data = ProgrammeData(
                form.objectives.data or "",
                form.scope_text.data or "",
                list(chosen),
                form.risks.data or "",
                form.resources.data or "",
            )
            draft_programme(work, work.actor.body, year, data, seen=form.row_version.data)
    except (InvalidInput, RuleBroken, Stale) as refused:
        return year_page(year, at_field(form, refused), text=form)
    return done(gettext("The programme is saved."), to=url_for("programmes.show", year=year))


@bp.post("/programmes/<int:year>/submission")
@requires(AuditPermission.KEEP_PROGRAMME)
def submit(year: int) -> ResponseReturnValue:
    """Lay the programme before the leaders."""
    found = _programme(year)
    with unit_of_work(signed_in()) as work:
        submit_programme(work, work.fresh(found))
    return done(
        gettext("The programme waits for a leader's signature."),
        to=url_for("programmes.show", year=year),
    )


@bp.post("/programmes/<int:year>/approval")
@requires(AuditPermission.APPROVE_PROGRAMME)
def approve(year: int) -> ResponseReturnValue:
    """Sign the programme."""
    found, form = _programme(year), ProgrammeApprovalForm(prefix="sign-")
    must(AuditPermission.APPROVE_PROGRAMME, found)
    if not form.validate_on_submit():
        return year_page(year, 422, sign=form)
    proof = proof_of(form)
    try:
        with unit_of_work(signed_in()) as work:
            approve_programme(work, work.fresh(found), proof=proof, seen=form.row_version.data)
    except (RuleBroken, Stale) as refused:
        return year_page(year, at_field(form, refused), sign=form)
    return done(gettext("The programme is signed."), to=url_for("programmes.show", year=year))


@bp.post("/programmes/<int:year>/return")
@requires(AuditPermission.APPROVE_PROGRAMME)
def give_back(year: int) -> ResponseReturnValue:
    """Give the programme back with the reason."""
    found, form = _programme(year), ReasonForm(prefix="back-")
    if not form.validate_on_submit():
        return year_page(year, 422, back=form)
    with unit_of_work(signed_in()) as work:
        return_programme(work, work.fresh(found), reason=form.reason.data or "")
    return done(gettext("The programme is returned."), to=url_for("programmes.show", year=year))


@bp.post("/programmes/<int:year>/version")
@requires(AuditPermission.KEEP_PROGRAMME)
def revise(year: int) -> ResponseReturnValue:
    """Begin the next version of a signed programme."""
    found, form = _programme(year), ReasonForm(prefix="revise-")
    if not form.validate_on_submit():
        return year_page(year, 422, revise=form)
    with unit_of_work(signed_in()) as work:
        revise_programme(work, work.fresh(found), reason=form.reason.data or "")
    return done(
        gettext("The next version is begun; the signed one counts meanwhile."),
        to=url_for("programmes.show", year=year),
    )


@bp.post("/programmes/<int:year>/closing")
@requires(AuditPermission.KEEP_PROGRAMME)
def close(year: int) -> ResponseReturnValue:
    """Close the programme of a year."""
    found = _programme(year)
    with unit_of_work(signed_in()) as work:
        close_programme(work, work.fresh(found))
    return done(gettext("The programme is closed."), to=url_for("programmes.show", year=year))


@bp.get("/programmes/<int:year>/units/<int:unit_id>")
@requires(AuditPermission.SEE_PROGRAMME)
def unit(year: int, unit_id: int) -> ResponseReturnValue:
    """Show one unit: what its risk is made of, its gaps, its audits of the year."""
    return _unit_page(year, _weighed(unit_id), None)


def _weighed(unit_id: int) -> WeighedUnit:
    body = shown_body()
    must(AuditPermission.SEE_PROGRAMME, body)
    for one in weighed_units(db.session(), body, standing().on):
        if one.unit.id == unit_id:
            return one
    raise NotFound()


def _unit_page(
    year: int, one: WeighedUnit, form: UnitWeightForm | None, status: int = 200
) -> ResponseReturnValue:
    body, session = shown_body(), db.session()
    found = programme_of(session, standing(), body, year)
    gaps = coverage_of(session, body, year).gaps
    listed = [
        audit
        for audit in (found.audits if found is not None else [])
        if any(part.unit_id == one.unit.id for part in audit.units)
    ]
    return page(
        "audits/audited_unit.html",
        status=status,
        year=year,
        found=found,
        one=one,
        gap=next((gap for gap in gaps if gap.unit.id == one.unit.id), None),
        audits=listed,
        form=form or _weight_form(one),
        may_keep=may_now(AuditPermission.KEEP_PROGRAMME, body),
    )


def _weight_form(one: WeighedUnit | None) -> UnitWeightForm:
    form = UnitWeightForm(formdata=None) if one is not None else UnitWeightForm()
    form.importance.choices = [SelectChoice(str(level), str(level)) for level in range(1, 6)]
    if one is not None:
        known = one.needs
        form.importance.data = known.importance if known is not None else 3
        form.visits.data = known.visits if known is not None else 1
        form.days.data = known.days if known is not None else 1
        form.needs.data = ", ".join(known.needs) if known is not None else ""
        form.closed_days.data = _shown(known.closed_days) if known is not None else ""
        form.row_version.data = known.row_version if known is not None else None
    return form


def _shown(spans: list[str]) -> str:
    """Write closed days as they are typed, one span a line."""
    lines = []
    for span in spans:
        days = [date.fromisoformat(part).strftime("%d/%m/%Y") for part in span.split("/")]
        lines.append(" - ".join(days))
    return "\n".join(lines)


@bp.post("/programmes/<int:year>/units/<int:unit_id>")
@requires(AuditPermission.KEEP_PROGRAMME)
def weigh(year: int, unit_id: int) -> ResponseReturnValue:
    """Say how important a unit is and what its audits take."""
    one, form = _weighed(unit_id), _weight_form(None)
    if not form.validate_on_submit():
        return _unit_page(year, one, form, 422)
    try:
        data = UnitData(
            form.importance.data or 3,
            form.visits.data or 0,
            form.days.data or 0,
            fields_typed(form.needs.data or ""),
            _spans(form.closed_days.data or ""),
        )
        with unit_of_work(signed_in()) as work:
            changed = weigh_unit(
                work, work.session.get_one(Unit, unit_id), data, seen=form.row_version.data
            )
    except (InvalidInput, Stale) as refused:
        return _unit_page(year, _weighed(unit_id), form, at_field(form, refused))
    said = gettext("The unit is weighed anew.") if changed else gettext("Nothing was changed.")
    return done(said, to=url_for("programmes.unit", year=year, unit_id=unit_id))


def _spans(text: str) -> tuple[str, ...]:
    """Read closed days, one span a line: 1/5/2026 - 8/5/2026."""
    found = []
    for line in text.splitlines():
        parts = [parse_date(part) for part in line.split(" - ")] if line.strip() else []
        days = [day for day in parts if day is not None]
        if len(days) != len(parts) or len(days) > 2 or days != sorted(days):
            raise InvalidInput(
                N_("Write one span a line, such as 1/5/2026 - 8/5/2026."), field="closed_days"
            )
        if days:
            found.append(f"{days[0].isoformat()}/{days[-1].isoformat()}")
    return tuple(found)
