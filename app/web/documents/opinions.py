"""Who may still say an opinion on what another returned before them (a20)."""

from __future__ import annotations

from app.kernel.people import Person
from app.web.guard import signed_in, standing
from app.web.names import acting_name
from documents.commenting import late_seat
from documents.models import Answer, Package
from documents.permissions import seats_for


def late_seat_of(package: Package | None) -> Person | None:
    """Give the seat from which the viewer may still say an opinion on what was returned."""
    step = package.returned_step if package is not None else None
    if package is None or step is None:
        return None
    seats = (late_seat(package, signed_in(), one.person) for one in seats_for(standing(), step))
    return next((seat for seat in seats if seat is not None), None)


def returned_by(package: Package | None) -> str:
    """Name who returned it; nothing where it is not returned."""
    step = package.returned_step if package is not None else None
    returns = [one for one in step.decisions if one.answer is Answer.RETURN] if step else []
    return acting_name(returns[-1].decided_by, returns[-1].seat) if returns else ""
