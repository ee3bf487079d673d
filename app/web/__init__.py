"""Routes and pages; every blueprint is registered here."""

from flask import Flask

from app.web import health, home, styleguide_page
from app.web.account import profile, sign_in
from app.web.administration import people, routes, settings, trail, units
from app.web.documents import document, issuance, master_list, review, revise

BLUEPRINTS = (
    health.bp,
    home.bp,
    styleguide_page.bp,
    sign_in.bp,
    profile.bp,
    units.bp,
    people.bp,
    settings.bp,
    routes.bp,
    trail.bp,
    master_list.bp,
    revise.bp,
    review.bp,
    issuance.bp,
    document.bp,
)


def register_blueprints(app: Flask) -> None:
    """Put every page at its address."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
