"""Gathering what a revision touches, from every part that knows something of it (rule D15).

A part that `documents` may not know adds its gatherer when it is composed: `add_gatherer`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kernel.db import db
from app.web.documents.openings import note_opening
from app.web.formats import as_moment
from app.web.guard import requires, standing
from app.web.names import acting_name
from app.web.page import page
from documents import impact, register
from documents.impact import Gathered, Gatherer, Group, Touched
from documents.models import Impact, Package, Revision
from documents.permissions import DocumentPermission

bp = Blueprint("impact", __name__)
_GATHERERS: list[Gatherer] = [*impact.OWN]
_WAYS: dict[str, Callable[[str], str]] = {
    "document": lambda key: url_for("documents.by_number", document_id=int(key)),
    "revision": lambda key: url_for("review.show", revision_id=int(key)),
    "law": lambda key: url_for("external.show", law_id=int(key)),
    "change": lambda key: url_for("changes.show", number=key),
    "copy": lambda key: url_for("copies.show", copy_id=int(key)),
    "unit": lambda key: url_for("units.show", unit_id=int(key)),
    "person": lambda key: url_for("people.show", person_id=int(key)),
}


def add_gatherer(gatherer: Gatherer, **ways: Callable[[str], str]) -> None:
    """Let another part say what a revision touches, and where each kind of thing is found."""
    if gatherer not in _GATHERERS:
        _GATHERERS.append(gatherer)
    _WAYS.update(ways)


def gather(session: Session, revision: Revision) -> list[Group]:
    """Ask every part what a revision touches now."""
    return [gatherer(session, revision) for gatherer in _GATHERERS]


def gather_all(session: Session, package: Package) -> Gathered:
    """Ask for every revision of a package, for the act that keeps it."""
    return {revision.id: gather(session, revision) for revision in package.revisions}


def shown(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Write groups for a page, in the reader's words; what they may not know of is counted."""
    return [
        {
            "label": gettext(group.label),
            "count": len(group.lines) + group.more + group.unseen,
            "lines": [_line(line) for line in group.lines],
            "more": group.more,
            "unseen": group.unseen,
        }
        for group in impact.seen_by(db.session(), standing(), groups)
    ]


def _line(line: Touched) -> dict[str, str]:
    way = _WAYS.get(line.kind)
    return {
        "text": line.text,
        "url": way(line.key) if way is not None and line.key else "",
        "note": gettext(line.note, **line.values) if line.note else "",
    }


def impact_of(revision: Revision) -> list[dict[str, Any]]:
    """Give what a revision touches now, for whoever drafts it or decides on it."""
    return shown(gather(db.session(), revision))


def kept_impacts(revision: Revision) -> list[dict[str, Any]]:
    """Give what was kept at each submission and decision, newest first."""
    return [
        {
            "when": as_moment(one.taken_at),
            "round": one.round,
            **_decided(one),
            "sha256": one.sha256,
            "groups": shown(impact.groups_of(one)),
        }
        for one in reversed(impact.kept_for(db.session(), revision))
    ]


def _decided(kept: Impact) -> dict[str, str]:
    """Say who decided what at that moment; nothing where it was only submitted."""
    if kept.decision is not None:
        who = acting_name(kept.decision.decided_by, kept.decision.seat)
        return {"who": who, "answer": gettext(kept.decision.answer.label)}
    issuance = kept.issuance
    if issuance is None or issuance.confirmed_by is None:
        return {"who": "", "answer": ""}
    return {
        "who": issuance.confirmed_by.as_signed,
        "answer": gettext("Decision %(number)s confirmed", number=issuance.number),
    }


@bp.get("/r/<int:revision_id>/impact")
@requires(DocumentPermission.READ_REVISION)
def kept(revision_id: int) -> ResponseReturnValue:
    """Show what a revision touched at its submission and at each decision, as it was."""
    revision = register.revision(db.session(), standing(), revision_id)
    note_opening(revision)
    return page("documents/impact.html", revision=revision, moments=kept_impacts(revision))
