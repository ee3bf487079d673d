"""Distribution: who must read a revision, who has, and what its keeper does about it (screen 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.organisation import Unit, units_of
from app.kernel.people import Person, Role
from app.kernel.permissions import may
from app.kernel.work import Work, unit_of_work
from app.web.body_address import named_body_id
from app.web.documents.document import tabs_of
from app.web.documents.given import publisher
from app.web.documents.links import is_given, link_to
from app.web.documents.messages import about_reading
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import readers, register
from documents.distribution import (
    Readers,
    ask_everybody,
    ask_to_read,
    asks_to_read,
    change_readers,
    imported_ones,
    is_studied,
    keep_acknowledgements,
    remind_readers,
)
from documents.models import Distribution, Document, Revision, RevisionState
from documents.permissions import DocumentPermission, sees_whole_distribution
from documents.reading import MeetingData, acknowledge_for_unit, without_accounts
from forms.screen.distribution import KeepingForm, MeetingForm, ReadersForm
from forms.screen.fields import offered

bp = Blueprint("distribution", __name__)


@dataclass(frozen=True)
class Filter:
    """Which people of a distribution are listed."""

    unit_id: int | None
    unread: bool
    after: tuple[str, int] | None


@bp.get("/d/<path:code>/distribution")
@requires(DocumentPermission.SEE_DISTRIBUTION)
def show(code: str) -> ResponseReturnValue:
    """Show a bar for each unit and the people behind it."""
    document = register.document(db.session(), standing(), code, body_id=named_body_id())
    must(DocumentPermission.SEE_DISTRIBUTION, document)
    return _page(document)


@bp.get("/of/<body>/d/<path:code>/distribution")
@requires(DocumentPermission.SEE_DISTRIBUTION)
def given(body: str, code: str) -> ResponseReturnValue:
    """Show the same of one's own body for what a higher one has given to it (O4)."""
    found = publisher(body)
    if found is None:
        raise NotFound()
    document = register.document(db.session(), standing(), code, body_id=found.id)
    if not is_given(document):
        raise NotFound()
    current = register.effective_revision(db.session(), document)
    if current is None or not may(
        standing(),
        DocumentPermission.SEE_DISTRIBUTION,
        readers.distribution_of(db.session(), current, standing()) or document,
    ):
        raise NotFound()
    return _page(document)


def _page(
    document: Document, *, keeping: KeepingForm | None = None, status: int = 200
) -> ResponseReturnValue:
    session, day = db.session(), standing().on
    current = register.effective_revision(session, document)
    coming = register.open_revision(session, document) if not is_given(document) else None
    shown = coming if coming is not None and _asked_for() == str(coming.id) else current
    distribution = readers.distribution_of(session, shown, standing()) if shown else None
    subject = distribution if is_given(document) and distribution is not None else document
    values: dict[str, Any] = {"bars": [], "people": [], "total": (0, 0), "following": None}
    if distribution is not None and shown is not None:
        values.update(_listed(document, subject, distribution))
    may_adjust = may(standing(), DocumentPermission.ADJUST_DISTRIBUTION, subject)
    return page(
        "documents/distribution.html",
        status=status,
        document=document,
        current=current,
        coming=coming,
        shown=shown,
        distribution=distribution,
        day=day,
        tabs=tabs_of(document, "distribution", None),
        is_whole=sees_whole_distribution(standing(), subject),
        is_given=is_given(document),
        page_url=lambda **query: _address(document, **query),
        may_adjust=may_adjust,
        may_remind=may(standing(), DocumentPermission.REMIND_READERS, subject),
        heads=_headed(),
        keeping=keeping or KeepingForm(formdata=None),
        keep_obstacle=_keep_obstacle(coming) if may_adjust and coming is not None else None,
        is_studied=shown is not None and is_studied(shown),
        is_imported=distribution is not None
        and not distribution.asks_reading
        and shown is not None
        and bool(imported_ones(session, [shown])),
        document_url=link_to(document),
        message=about_reading(shown, distribution)
        if shown is not None and document.body_id == standing().body_id
        else "",
        **values,
    )


def _asked_for() -> str:
    return request.args.get("revision", "")


def _keep_obstacle(coming: Revision) -> bool:
    """Say whether the coming revision is no amendment of the edition in force."""
    former = coming.predecessor
    return (
        former is None
        or former.edition != coming.edition
        or former.distribution is None
        or (coming.distribution is not None and coming.distribution.asked_on is not None)
    )


def _headed() -> frozenset[int]:
    """Give the units the viewer heads, or acts for the head of."""
    units: set[int] = set()
    for one in (standing(), *standing().delegators):
        for grant in one.grants:
            if grant.role is Role.MANAGER:
                units |= grant.covers
    return frozenset(units)


def _filter() -> Filter:
    def whole(name: str) -> int | None:
        text = request.args.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None

    name, key = request.args.get("after", "")[:500].replace("\0", ""), whole("after_id")
    return Filter(
        whole("unit"),
        request.args.get("people") == "unread",
        (name, key) if key is not None else None,
    )


def _listed(
    document: Document, subject: Document | Distribution, distribution: Distribution
) -> dict[str, Any]:
    """Give bars and one page of people: all of them, or those of the units one heads."""
    session, day, wanted = db.session(), standing().on, _filter()
    within = None if sees_whole_distribution(standing(), subject) else _headed()
    bars = readers.bars(session, distribution, day)
    if within is not None:
        bars = [bar for bar in bars if bar.unit.id in within]
    chosen = within
    if wanted.unit_id is not None and wanted.unit_id in {bar.unit.id for bar in bars}:
        chosen = frozenset({wanted.unit_id})
    people = readers.people_of(
        session, distribution, day, unit_ids=chosen, unread=wanted.unread, after=wanted.after
    )
    more = len(people) > readers.PAGE
    people = people[: readers.PAGE]
    kept: dict[str, Any] = {
        "revision": _asked_for() or None,
        "unit": wanted.unit_id,
        "people": "unread" if wanted.unread else None,
    }
    last = people[-1].person if people else None
    return {
        "bars": bars,
        "people": people,
        "chosen_unit": next((bar.unit for bar in bars if bar.unit.id == wanted.unit_id), None),
        "unread": wanted.unread,
        "total": readers.totals(session, distribution, day)
        if within is None
        else (sum(bar.confirmed for bar in bars), sum(bar.asked for bar in bars)),
        "empty_units": readers.empty_units(session, distribution, day) if within is None else [],
        "address": lambda **more_: _address(document, **{**kept, **more_}),
        "following": _address(document, **kept, after=last.sort_key, after_id=last.id)
        if more and last is not None
        else None,
        "previous": _address(document, **kept) if wanted.after else None,
    }


@bp.post("/r/<int:revision_id>/distribution/asking")
@requires(DocumentPermission.ADJUST_DISTRIBUTION)
def asking(revision_id: int) -> ResponseReturnValue:
    """Ask for a revision in force that asked nobody so far."""
    revision = revision_for(revision_id, DocumentPermission.ADJUST_DISTRIBUTION)
    with unit_of_work(signed_in()) as work:
        ask_to_read(work, revision)
    return done(gettext("They are asked to read it."), to=distribution_address(revision))


@bp.post("/r/<int:revision_id>/distribution/reminder")
@requires(DocumentPermission.REMIND_READERS)
def reminder(revision_id: int) -> ResponseReturnValue:
    """Remind everybody who has not read it; each person at most once a day."""
    revision = revision_for(revision_id, DocumentPermission.REMIND_READERS)
    with unit_of_work(signed_in()) as work:
        count = remind_readers(work, revision)
    said = ngettext(
        "%(num)s person is reminded with the next digest.",
        "%(num)s people are reminded with the next digest.",
        count,
    )
    return done(said, to=distribution_address(revision))


@bp.post("/r/<int:revision_id>/distribution/keeping")
@requires(DocumentPermission.ADJUST_DISTRIBUTION)
def keeping(revision_id: int) -> ResponseReturnValue:
    """Decide that a minor amendment keeps earlier acknowledgements, or take that back."""
    revision = revision_for(revision_id, DocumentPermission.ADJUST_DISTRIBUTION)
    if request.form.get("answer") == "everybody":
        with unit_of_work(signed_in()) as work:
            ask_everybody(work, revision)
        return done(gettext("Everybody reads this edition."), to=distribution_address(revision))
    form = KeepingForm()
    if not form.validate_on_submit():
        return _page(revision.document, keeping=form, status=422)
    with unit_of_work(signed_in()) as work:
        keep_acknowledgements(work, revision, form.reason.data or "")
    return done(
        gettext("Earlier acknowledgements count for %(edition)s.", edition=revision.label),
        to=distribution_address(revision),
    )


@bp.route("/r/<int:revision_id>/distribution", methods=["GET", "POST"])
@requires(DocumentPermission.ADJUST_DISTRIBUTION)
def change(revision_id: int) -> ResponseReturnValue:
    """Change who reads one revision, with a reason."""
    revision = revision_for(revision_id, DocumentPermission.ADJUST_DISTRIBUTION)
    form = _readers_form(revision)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                with unit_of_work(signed_in()) as work:
                    change_readers(work, revision, _wanted(work, revision, form))
                return done(gettext("Who reads it is changed."), to=distribution_address(revision))
            except InvalidInput as refused:
                status = at_field(form, refused)
                revision = revision_for(revision_id, DocumentPermission.ADJUST_DISTRIBUTION)
    return page(
        "documents/distribution_change.html",
        status=status,
        revision=revision,
        document=revision.document,
        form=form,
        people=_people(revision, form.people.data or []),
        back=distribution_address(revision),
    )


def _readers_form(revision: Revision) -> ReadersForm:
    form = ReadersForm()
    distribution = readers.distribution_of(db.session(), revision, standing())
    units = units_of(db.session(), _body_of(revision), standing().on)
    form.units.choices = offered((unit.id, unit.name) for unit in units)
    if request.method != "POST":
        document = revision.document
        if distribution is None:
            applies = [document.lead_unit_id, *(link.unit_id for link in document.units)]
            form.units.data, form.people.data = applies, []
            form.asks_reading.data = asks_to_read(db.session(), revision)
        else:
            form.units.data = [link.unit_id for link in distribution.units]
            form.people.data = [link.person_id for link in distribution.people]
            form.asks_reading.data = distribution.asks_reading
            form.due_on.data = distribution.due_on
            form.reask_months.data = str(distribution.reask_months or "")
    return form


def _people(revision: Revision, ids: list[int]) -> list[Person]:
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(Person.id.in_(ids), Person.body_id == _body_of(revision))
            .order_by(Person.sort_key, Person.id)
        )
    )


def _wanted(work: Work, revision: Revision, form: ReadersForm) -> Readers:
    chosen = set(form.units.data or [])
    months = (form.reask_months.data or "").strip()
    return Readers(
        units=tuple(
            unit for unit in units_of(work.session, _body_of(revision)) if unit.id in chosen
        ),
        people=tuple(_people(revision, form.people.data or [])),
        asks_reading=bool(form.asks_reading.data),
        due_on=form.due_on.data,
        reask_months=int(months) if months and int(months) else None,
        reason=form.reason.data or "",
    )


@bp.route("/r/<int:revision_id>/minutes/<int:unit_id>", methods=["GET", "POST"])
@requires(DocumentPermission.ACKNOWLEDGE_FOR_UNIT)
def minutes(revision_id: int, unit_id: int) -> ResponseReturnValue:
    """Enter a unit's meeting for its people without accounts."""
    revision = revision_for(revision_id, DocumentPermission.ACKNOWLEDGE)
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit.body_id != standing().body_id:
        raise NotFound()
    must(DocumentPermission.ACKNOWLEDGE_FOR_UNIT, unit)
    distribution = readers.distribution_of(db.session(), revision, standing())
    if distribution is None or revision.state is not RevisionState.EFFECTIVE:
        raise NotFound()
    owing = without_accounts(db.session(), distribution, unit, standing().on)
    form, status = MeetingForm(), 200
    form.people.choices = offered((person.id, person.name) for person in owing)
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                with unit_of_work(signed_in()) as work:
                    acknowledge_for_unit(work, revision, work.fresh(unit), _meeting(work, form))
                return done(
                    gettext("The meeting of %(unit)s is entered.", unit=unit.name),
                    to=distribution_address(revision),
                )
            except InvalidInput as refused:
                status = at_field(form, refused)
    return page(
        "documents/minutes.html",
        status=status,
        revision=revision,
        document=revision.document,
        unit=unit,
        owing=owing,
        form=form,
        back=distribution_address(revision),
    )


def _meeting(work: Work, form: MeetingForm) -> MeetingData:
    people = work.session.scalars(
        sa.select(Person).where(Person.id.in_(form.people.data or [])).order_by(Person.id)
    )
    assert form.held_on.data is not None  # noqa: S101 -- the form asked for it
    return MeetingData(
        held_on=form.held_on.data,
        minutes_number=form.minutes_number.data or "",
        people=tuple(people),
        others_present=form.others_present.data or 0,
    )


def revision_for(revision_id: int, permission: DocumentPermission) -> Revision:
    """Give a revision whose distribution the viewer may handle; else there is none."""
    found = db.session.get(Revision, revision_id)
    if (
        found is None
        or found.document.code is None
        or not register.sees(db.session(), standing(), found.document)
        or not may(standing(), permission, _subject(found))
    ):
        raise NotFound()
    return found


def _subject(revision: Revision) -> Revision | Distribution:
    """Give what a permission is asked over: of a given text one's own body's distribution (O4)."""
    distribution = readers.distribution_of(db.session(), revision, standing())
    return distribution.told_of if distribution is not None else revision


def _body_of(revision: Revision) -> int:
    """Give the body whose units and people are meant."""
    return standing().body_id if is_given(revision.document) else revision.body_id


def distribution_address(revision: Revision) -> str:
    shown = revision.id if revision.is_open else None
    return _address(revision.document, revision=shown)


def _address(document: Document, **query: Any) -> str:
    if is_given(document):
        return url_for("distribution.given", body=document.body.code, code=document.code, **query)
    return url_for("distribution.show", code=document.code, **query)
