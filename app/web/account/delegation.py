"""Letting somebody act for oneself for some days, and ending it (O2, a21)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organising import delegate, end_delegation
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.web.drafts import draft_url, kept, refill
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page, safe_next
from documents.deputising import both_sides
from forms.screen.account import DelegationForm
from forms.screen.fields import offered

bp = Blueprint("delegation", __name__)


def _chosen(texts: list[str]) -> Person | None:
    """Give the deputy that was picked, of one's own body; None when nobody was."""
    for text in texts:
        if text.isascii() and text.isdigit() and len(text) < 16:
            found = db.session.get(Person, int(text))
            if found is not None and found.body_id == signed_in().body_id:
                return found
    return None


def _typed_name(name: str) -> Person | None:
    """Give the one person a typed name means, where no script could offer a choice."""
    found = directory.find_people(
        db.session(), signed_in().body, name, limit=2, without=signed_in().id
    )
    return found[0] if len(found) == 1 else None


@bp.route("/delegation", methods=["GET", "POST"])
@requires(KernelPermission.WORK)
def own() -> ResponseReturnValue:
    """Show one's delegations; make a new one."""
    return _delegations(signed_in(), url_for("delegation.own"))


@bp.route("/people/<int:person_id>/delegation", methods=["GET", "POST"])
@requires(KernelPermission.DELEGATE)
def of_person(person_id: int) -> ResponseReturnValue:
    """Make a delegation for somebody who is away, as administrator."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.DELEGATE, person)
    return _delegations(person, url_for("delegation.of_person", person_id=person.id))


def _delegations(person: Person, here: str) -> ResponseReturnValue:
    form = DelegationForm()
    posts = {str(one.id): one for one in directory.posts_lent(db.session(), person, standing().on)}
    form.post.choices = offered(
        [
            (
                "",
                gettext("Everything they may do")
                if person != signed_in()
                else gettext("Everything I may do"),
            ),
            *(
                (
                    key,
                    gettext(
                        "%(role)s of %(unit)s", role=gettext(one.role.label), unit=one.unit.name
                    ),
                )
                for key, one in posts.items()
            ),
        ]
    )
    saved, status, wrong_deputy = None, 422, ""
    if not form.is_submitted():
        form.from_on.data = standing().on
        saved, status = refill(form, request.path), 200
        picked = kept(request.path).get("deputy", [])
        deputy = _chosen([picked] if isinstance(picked, str) else picked)
    else:
        deputy = _chosen(request.form.getlist("deputy")) or _typed_name(
            request.form.get("deputy_typed", "")[:200]
        )
        is_whole = form.validate()
        if deputy is None:
            wrong_deputy = gettext("Choose who acts: type two letters of the name.")
        elif is_whole:
            try:
                chosen = posts.get(form.post.data or "")
                with unit_of_work(signed_in()) as work:
                    if obstacle := both_sides(work.session, work.standing, [person], deputy):
                        raise obstacle
                    delegate(
                        work,
                        work.fresh(person),
                        work.fresh(deputy),
                        post=work.fresh(chosen) if chosen is not None else None,
                        from_on=form.from_on.data,
                        until_on=form.until_on.data,
                        reason=form.reason.data,
                    )
                    forget_draft(work, request.path)
                return done(gettext("%(name)s may act on these days.", name=deputy.name), to=here)
            except (InvalidInput, RuleBroken) as refused:
                status = at_field(form, refused)
    return page(
        "account/delegation.html",
        status=status,
        form=form,
        person=person,
        here=here,
        deputy=deputy,
        wrong_deputy=wrong_deputy,
        delegations=directory.delegations(db.session(), person),
        on=standing().on,
        draft_url=draft_url(request.path),
        draft_saved=saved,
    )


@bp.post("/delegations/<int:delegation_id>/end")
@requires(KernelPermission.DELEGATE)
def end(delegation_id: int) -> ResponseReturnValue:
    """End a delegation before its last day."""
    found = directory.delegation(db.session(), standing(), delegation_id)
    with unit_of_work(signed_in()) as work:
        end_delegation(work, work.fresh(found))
    fallback = url_for("delegation.own")
    if found.delegator_id != signed_in().id:
        fallback = url_for("people.show", person_id=found.delegator_id)
    return done(
        gettext("The delegation is ended."), to=safe_next(request.form.get("next", "")) or fallback
    )
