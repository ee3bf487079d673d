"""Names as decisions show them: whoever acts for another is named with whom (O2, a22)."""

from __future__ import annotations

from flask_babel import gettext

from app.kernel.people import Person


def acting_name(person: Person, other: Person | None) -> str:
    """Give one name, or "X for Y" where somebody acted for another: the names as signed."""
    if other is None or other.id == person.id:
        return person.as_signed
    return str(
        gettext("%(deputy)s for %(delegator)s", deputy=person.as_signed, delegator=other.as_signed)
    )
