"""Proving who signs: the password, and a code or a passkey where the body asks (a56, e12)."""

from __future__ import annotations

from app.kernel.db import db
from app.kernel.factors import passkeys_of
from app.kernel.passkeys import host, prove_with_passkey
from app.kernel.signatures import Proof
from app.kernel.signing_in import prove
from app.web.guard import current_session, signed_in
from forms.screen.base import DecidingForm


def asks_code() -> bool:
    """Say for a sign box whether the viewer's body asks for a code beside the password."""
    return bool(signed_in().body.setting("factor_at_signing"))


def offers_passkey() -> bool:
    """Say for a sign box that asks for a code whether a passkey of the viewer's may answer."""
    return bool(host() and passkeys_of(db.session(), signed_in()))


def proof_of(form: DecidingForm) -> Proof:
    """Check what was typed to sign; every route that signs asks here, so that none forgets it."""
    answer, here = form.passkey.data, current_session()
    if answer and asks_code() and here is not None:
        return prove_with_passkey(signed_in(), here, form.password.data or "", answer)
    return prove(signed_in(), form.password.data or "", form.code.data or "")
