"""Routes and pages; every blueprint is registered here."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from app.web import drafts, health, home, styleguide_page
from app.web.account import delegation, link, notices, profile, sign_in
from app.web.administration import (
    access,
    accounts,
    appointments,
    organisation_import,
    people,
    routes,
    settings,
    trail,
    units,
)
from app.web.documents import (
    document,
    issuance,
    master_list,
    record,
    review,
    revise,
    search,
    serving,
    verification,
)

BLUEPRINTS = (
    health.bp,
    home.bp,
    styleguide_page.bp,
    sign_in.bp,
    profile.bp,
    delegation.bp,
    notices.bp,
    link.bp,
    drafts.bp,
    units.bp,
    access.bp,
    people.bp,
    accounts.bp,
    appointments.bp,
    organisation_import.bp,
    settings.bp,
    routes.bp,
    trail.bp,
    master_list.bp,
    revise.bp,
    record.bp,
    review.bp,
    issuance.bp,
    document.bp,
    search.bp,
    serving.bp,
    verification.bp,
)


class PlainInteger(IntegerConverter):
    """A key in an address: the digits 0 to 9 and no others that Unicode has."""

    regex = "[0-9]+"


def register_blueprints(app: Flask) -> None:
    """Put every page at its address."""
    app.url_map.converters["int"] = PlainInteger
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
