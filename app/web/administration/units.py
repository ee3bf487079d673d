"""The tree of a body at a date, one unit and its people, adding and changing units (screen 32)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.organisation import Unit
from app.kernel.organising import add_unit, change_unit
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.drafts import draft_url, refill
from app.web.formats import as_date, parse_date
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents.models import Document
from documents.visibility import current_for
from forms.screen.organisation import NewUnitForm, UnitForm

bp = Blueprint("units", __name__)


def asked_day() -> tuple[date, str]:
    """Give the day of ?on=, and what was typed when it is none; without it, today."""
    typed = request.args.get("on", "").strip()
    found = parse_date(typed)
    return found or standing().on, typed if typed and found is None else ""


def drawn(
    nodes: list[directory.Node], on: date, current: int | None = None
) -> list[dict[str, Any]]:
    """Give the nodes as the tree component shows them."""
    query: dict[str, Any] = {} if on == standing().on else {"on": as_date(on)}
    return [
        {
            "label": node.unit.name,
            "url": url_for("units.show", unit_id=node.unit.id, **query),
            "current": node.unit.id == current,
            "open": node.depth < 2,
            "children": drawn(node.children, on, current),
        }
        for node in nodes
    ]


@bp.get("/units")
@requires(KernelPermission.VIEW_ORGANISATION)
def tree() -> ResponseReturnValue:
    """Show the units of a body as they were, are or will be on a day; find one by its name."""
    body = shown_body()
    on, wrong = asked_day()
    typed = request.args.get("q", "")[:200]
    nodes = directory.tree(db.session(), body, on)
    return page(
        "administration/units.html",
        body=body,
        bodies=directory.bodies_for(db.session(), standing()),
        nodes=drawn(nodes, on),
        count=len(directory.in_order(nodes)),
        on=on,
        wrong=wrong,
        typed=typed,
        found=directory.find_units(db.session(), body, typed, on),
        root=nodes[0].unit if nodes else None,
    )


@bp.get("/units/<int:unit_id>")
@requires(KernelPermission.VIEW_ORGANISATION)
def show(unit_id: int) -> ResponseReturnValue:
    """Show a unit on a day: its people, who holds what over it, what it leads."""
    unit = directory.unit(db.session(), standing(), unit_id)
    on, _wrong = asked_day()
    return page(
        "administration/unit.html",
        unit=unit,
        on=on,
        above=directory.units_above(db.session(), unit),
        below=directory.units_below(db.session(), unit, on),
        members=directory.members(db.session(), unit, on),
        appointments=directory.appointments_over(db.session(), unit, on),
        documents=_documents_led(unit),
    )


def _documents_led(unit: Unit) -> int:
    """Count the documents a unit leads that the viewer may know of."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Document)
            .where(Document.lead_unit_id == unit.id, current_for(standing()))
        )
        or 0
    )


@bp.route("/units/<int:unit_id>/addition", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_UNITS)
def add(unit_id: int) -> ResponseReturnValue:
    """Add a unit below another."""
    parent = directory.unit(db.session(), standing(), unit_id)
    must(KernelPermission.CHANGE_UNITS, parent)
    form = NewUnitForm()
    saved, status = None, 422
    if not form.is_submitted():
        form.active_from.data = standing().on
        saved, status = refill(form, request.path), 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                unit = add_unit(
                    work,
                    work.fresh(parent),
                    form.code.data,
                    form.name.data,
                    form.kind.coded,
                    active_from=form.active_from.data,
                    active_until=form.active_until.data,
                    name_en=form.name_en.data or "",
                )
                forget_draft(work, request.path)
            return done(
                gettext("%(name)s is added.", name=unit.name),
                to=url_for("units.show", unit_id=unit.id),
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page(
        "administration/unit_form.html",
        status=status,
        form=form,
        parent=parent,
        unit=None,
        draft_url=draft_url(request.path),
        draft_saved=saved,
    )


@bp.route("/units/<int:unit_id>/data", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_UNITS)
def change(unit_id: int) -> ResponseReturnValue:
    """Change a unit's data; where it stands moves only by succession (O3)."""
    unit = directory.unit(db.session(), standing(), unit_id)
    must(KernelPermission.CHANGE_UNITS, unit)
    form = UnitForm(obj=unit)
    saved, status, is_stale = None, 422, False
    if not form.is_submitted():
        form.kind.data = str(unit.kind)
        saved, status = refill(form, request.path), 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                change_unit(
                    work,
                    work.fresh(unit, seen=form.row_version.data),
                    code=form.code.data,
                    name=form.name.data,
                    name_en=form.name_en.data or "",
                    kind=form.kind.coded,
                    active_until=form.active_until.data,
                )
                forget_draft(work, request.path)
            return done(
                gettext("%(name)s is changed.", name=unit.name),
                to=url_for("units.show", unit_id=unit.id),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status, is_stale = at_field(form, refused), isinstance(refused, Stale)
    if is_stale:  # what is typed stays; sending it again is a decision made in knowledge
        form.row_version.raw_data, form.row_version.data = None, unit.row_version
    return page(
        "administration/unit_form.html",
        status=status,
        form=form,
        parent=unit.parent,
        unit=unit,
        is_stale=is_stale,
        draft_url=draft_url(request.path),
        draft_saved=saved,
    )
