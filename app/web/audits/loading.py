"""One audit by its address, for people of the body, of one above, and for guests (O4)."""

from __future__ import annotations

import sqlalchemy as sa
from flask import url_for

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.organisation import Body
from app.web.body_address import shown_body
from app.web.guard import standing
from audits.models import Audit
from audits.register import audit_of, guest_audit


def found_audit(number: str) -> Audit:
    """Give an audit by number; a guest's carries the body, such as DG-2026-05@demo."""
    plain, _at, code = number[:90].partition("@")
    if not code:
        return audit_of(db.session(), standing(), shown_body().id, plain[:40])
    body = db.session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
    if body is None:
        raise NotFound()
    return audit_of(db.session(), standing(), body.id, plain[:40])


def guest_address(number: str) -> str:
    """Give where a guest's audit stands that was asked for by its bare number; else nothing."""
    found = guest_audit(db.session(), standing(), number[:40]) if "@" not in number else None
    return url_for("audits.show", number=address_of(found)) if found is not None else ""


def body_of_audit(found: Audit) -> Body:
    """Give the body whose audit it is."""
    return db.session.get_one(Body, found.body_id)


def is_guests(found: Audit) -> bool:
    """Say whether the viewer sees this audit as a guest: it is not of the body shown."""
    return found.body_id != shown_body().id


def address_of(found: Audit) -> str:
    """Give what stands for an audit in an address."""
    return f"{found.number}@{body_of_audit(found).code}" if is_guests(found) else found.number
