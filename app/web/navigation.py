"""What each role finds in the frame: always the same order, nobody sees an empty entry (ux 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import request

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.notices import Notice
from app.kernel.people import Role
from app.kernel.permissions import Standing, may
from app.web.addresses import translated as gettext
from app.web.addresses import url_for
from app.web.documents.recent import recent_documents
from app.web.guard import signed_in_or_none, standing
from app.web.language import chosen, language_urls
from audits.permissions import AuditPermission
from documents.permissions import KEEPS, READS_BODY, DocumentPermission

_UNSEEN = (
    sa.select(sa.func.count())
    .select_from(Notice)
    .where(Notice.person_id == sa.bindparam("person_id"), Notice.seen_at.is_(None))
)


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    label: str
    url: str
    icon: str
    count: int | None = None
    is_current: bool = False
    is_extra: bool = False
    is_rare: bool = False


@dataclass(frozen=True)
class Viewer:
    """Who is looking, as the frame shows it."""

    name: str
    post: str
    url: str
    keys_off: bool


def landing(held: Standing) -> str:
    """Give the first screen of a person: never a menu, never a chart (P1)."""
    if not held.grants:
        return url_for("work.inbox")
    roles = {grant.role for grant in held.grants}
    if roles <= {Role.INSPECTOR}:
        return url_for("documents.master_list")
    if roles <= {Role.ADMINISTRATOR}:
        return url_for("people.listing")
    return url_for("work.inbox")


def entries(held: Standing, waiting: int | None) -> tuple[Entry, ...]:
    """Give the entries a person sees; what later issues bring joins here in the order of ux 2.1."""
    here = request.endpoint or ""

    def entry(label: str, endpoint: str, icon: str, areas: tuple[str, ...], **more: Any) -> Entry:
        return Entry(
            label,
            url_for(endpoint),
            icon,
            is_current=here.split(".")[0] in areas,
            **more,
        )

    found = []
    if {grant.role for grant in held.grants} != {Role.INSPECTOR}:
        found.append(
            entry(gettext("My work"), "work.inbox", "inbox", ("work",), count=waiting or None)
        )
    found.append(
        entry(
            gettext("Documents"),
            "documents.master_list",
            "doc",
            ("documents", "document", "revise", "review", "imports"),
        )
    )
    found.append(entry(gettext("External documents"), "external.listing", "gavel", ("external",)))
    found.append(
        entry(
            gettext("Internal audits"),
            "audits.listing",
            "audit",
            ("audits", "programmes", "proposals", "moving"),
        )
    )
    found.append(entry(gettext("Change requests"), "changes.listing", "flag", ("changes",)))
    found.append(entry(gettext("Records"), "records.listing", "archive", ("records",)))
    if may(held, DocumentPermission.PLACE_HOLD):
        found.append(
            entry(
                gettext("Retention and disposal"),
                "disposals.listing",
                "clock",
                ("disposals", "holds"),
                is_extra=True,
                is_rare=True,
            )
        )
    if held.is_below:
        found.append(
            entry(
                gettext("From higher bodies"),
                "adoptions.listing",
                "stamp",
                ("adoptions",),
                is_extra=True,
                is_rare=True,
            )
        )
    if held.overseen_body_ids and may(held, DocumentPermission.SEE_PUBLICATIONS):
        found.append(
            entry(
                gettext("Published to bodies below"),
                "publications.listing",
                "send",
                ("publications",),
                is_extra=True,
                is_rare=True,
            )
        )
    if held.has(*KEEPS, *READS_BODY, Role.LEADER, Role.QUALITY_REPRESENTATIVE):
        found += [
            entry(
                gettext("Assignment matrix"),
                "assignments.listing",
                "grid",
                ("assignments",),
                is_extra=True,
                is_rare=True,
            ),
            entry(
                gettext("What the system covers"),
                "scope.show",
                "target",
                ("scope",),
                is_extra=True,
                is_rare=True,
            ),
        ]
    if may(held, AuditPermission.LIST_AUDITORS):
        found.append(
            entry(
                gettext("Auditors"),
                "auditors.listing",
                "users",
                ("auditors",),
                is_extra=True,
                is_rare=True,
            )
        )
    if reviews_documents(held):
        found.append(
            entry(
                gettext("Periodic reviews"),
                "reviews.listing",
                "history",
                ("reviews",),
                is_extra=True,
                is_rare=True,
            )
        )
    return tuple(found)


def reviews_documents(held: Standing) -> bool:
    """Say whether somebody keeps documents by post; keepers find theirs among their work."""
    return held.has(*KEEPS, Role.QUALITY_REPRESENTATIVE)


def settings_entries(held: Standing) -> tuple[Entry, ...]:
    """Give what stands below the rule: organisation, settings, trail."""
    here = (request.endpoint or "").split(".")[0]
    wanted = [
        (
            KernelPermission.VIEW_ORGANISATION,
            gettext("Organisation"),
            "units.tree",
            "tree",
            "units",
        ),
        (KernelPermission.VIEW_PEOPLE, gettext("People"), "people.listing", "users", "people"),
        (
            KernelPermission.CHANGE_SETTINGS,
            gettext("Settings"),
            "settings.overview",
            "gear",
            "settings",
        ),
        (KernelPermission.TEST_MAIL, gettext("E-mail"), "mail.show", "mail", "mail"),
        (KernelPermission.READ_TRAIL, gettext("Trail"), "trail.entries", "trail", "trail"),
    ]
    if not held.has(
        Role.ADMINISTRATOR,
        Role.QUALITY_OFFICER,
        Role.QUALITY_REPRESENTATIVE,
        Role.LEADER,
        Role.INSPECTOR,
    ):
        return ()
    return tuple(
        Entry(label, url_for(endpoint), icon, is_current=here == area, is_extra=True)
        for permission, label, endpoint, icon, area in wanted
        if may(held, permission)
    )


def frame_values() -> dict[str, Any]:
    """Give the frame what it shows; safe where nobody is signed in or the database is away."""
    values: dict[str, Any] = {"language": chosen_or_default(), "viewer": None, "navigation": ()}
    values["language_urls"] = language_urls()
    person = signed_in_or_none()
    if person is None:
        return values
    held = standing()
    values["viewer"] = Viewer(
        person.name, person.post, url_for("profile.show"), not person.single_keys
    )
    values["viewer_id"] = person.id
    values["body_name"] = person.body.name
    values["help_phone"] = person.body.setting("help_phone")
    values["navigation"] = entries(held, None)
    values["settings_entries"] = settings_entries(held)
    values["recent"] = tuple(Entry(*named, icon="doc") for named in recent_documents())
    values["home_url"] = landing(held)
    db.session.flush()
    unseen = db.session.connection().execute(_UNSEEN, {"person_id": person.id})
    values["unseen_notices"] = unseen.scalar() or 0
    return values


def chosen_or_default() -> str:
    """Give the language even where the database is away."""
    try:
        return chosen()
    except Exception:
        db.session.rollback()
        return "vi"
