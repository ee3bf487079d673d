"""Routes and pages; every blueprint is registered here."""

from flask import Flask

from app.web import drafts, health, home, styleguide_page
from app.web.account import delegation, link, notices, passkeys, profile, second_factor, sign_in
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
    change_request,
    changes_file,
    digital_copy,
    distribution,
    document,
    external_document,
    imports,
    issuance,
    master_list,
    periodic_review,
    quiz,
    reading,
    record,
    review,
    revise,
    search,
    serving,
    training,
    verification,
)

BLUEPRINTS = (
    health.bp,
    home.bp,
    styleguide_page.bp,
    sign_in.bp,
    second_factor.bp,
    passkeys.bp,
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
    distribution.bp,
    reading.bp,
    quiz.bp,
    training.bp,
    review.bp,
    issuance.bp,
    document.bp,
    imports.bp,
    search.bp,
    serving.bp,
    digital_copy.bp,
    changes_file.bp,
    verification.bp,
    change_request.bp,
    external_document.bp,
    periodic_review.bp,
)


def register_blueprints(app: Flask) -> None:
    """Put every page at its address."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
