"""Proving who signs: the password, and a code where the body asks for one (a56, e12)."""

from __future__ import annotations

from app.kernel.signatures import Proof
from app.kernel.signing_in import prove
from app.web.guard import signed_in
from forms.screen.base import DecidingForm


def asks_code() -> bool:
    """Say for a sign box whether the viewer's body asks for a code beside the password."""
    return bool(signed_in().body.setting("factor_at_signing"))


def proof_of(form: DecidingForm) -> Proof:
    """Check what was typed to sign; every route that signs asks here, so that none forgets it."""
    return prove(signed_in(), form.password.data or "", form.code.data or "")
