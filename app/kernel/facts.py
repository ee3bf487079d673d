"""What the trail can say about people, units and the system itself."""

from app.kernel.coded import N_
from app.kernel.trail import Fact


class KernelFact(Fact):
    """Facts of the ground: organisation, accounts, refusals, keys."""

    BODY_CREATED = "body.created", N_("%(actor)s set up the body %(name)s (%(code)s).")
    SETTINGS_CHANGED = "body.settings_changed", N_("%(actor)s changed the settings of %(name)s.")
    DAY_OFF = "calendar.day_off", N_("%(actor)s named %(day)s a day off: %(name)s.")
    DAY_WORKED = "calendar.day_worked", N_("%(actor)s named %(day)s a working day: %(name)s.")
    DAY_TAKEN_BACK = (
        "calendar.day_taken_back",
        N_("%(actor)s took %(day)s (%(name)s) out of the working calendar."),
    )
    UNIT_ADDED = "unit.added", N_("%(actor)s added the unit %(name)s (%(code)s).")
    UNIT_CHANGED = "unit.changed", N_("%(actor)s changed the unit %(name)s (%(code)s).")
    PERSON_ADDED = "person.added", N_("%(actor)s added %(record)s.")
    PERSON_CHANGED = "person.changed", N_("%(actor)s changed the data of %(record)s.")
    PERSON_DISABLED = (
        "person.disabled",
        N_("%(actor)s closed the account of %(record)s: %(reason)s"),
    )
    PERSON_ENABLED = "person.enabled", N_("%(actor)s opened the account of %(record)s again.")
    POST_GIVEN = "post.given", N_("%(actor)s gave %(person)s a second post in %(unit)s.")
    POST_ENDED = "post.ended", N_("%(actor)s ended the second post of %(person)s in %(unit)s.")
    APPOINTED = "appointment.made", N_("%(actor)s appointed %(person)s as %(role)s over %(unit)s.")
    APPOINTMENT_ENDED = (
        "appointment.ended",
        N_("%(actor)s ended the appointment of %(person)s as %(role)s over %(unit)s."),
    )
    DELEGATED = (
        "delegation.made",
        N_("%(actor)s let %(deputy)s act for %(delegator)s from %(from_on)s to %(until_on)s."),
    )
    POST_DELEGATED = (
        "delegation.post_made",
        N_(
            "%(actor)s let %(deputy)s act for whoever is %(role)s of %(unit)s, "
            "from %(from_on)s to %(until_on)s."
        ),
    )
    DELEGATION_ENDED = (
        "delegation.ended",
        N_("%(actor)s ended the delegation of %(delegator)s to %(deputy)s."),
    )
    SIGNED_IN = "account.signed_in", N_("%(record)s signed in.")
    SIGNED_OUT = "account.signed_out", N_("%(record)s signed out.")
    SIGN_IN_REFUSED = "account.sign_in_refused", N_("A sign-in as %(record)s was refused.")
    SIGNATURE_REFUSED = (
        "account.signature_refused",
        N_("%(record)s gave a wrong password when signing."),
    )
    CODE_REFUSED = "account.code_refused", N_("A wrong code was given for %(record)s.")
    FACTOR_ON = "account.factor_on", N_("%(record)s turned the second factor on.")
    FACTOR_OFF = "account.factor_off", N_("%(record)s turned the second factor off.")
    FACTOR_RESET = (
        "account.factor_reset",
        N_("%(actor)s took the second factor of %(record)s off: %(reason)s"),
    )
    RECOVERY_USED = (
        "account.recovery_used",
        N_("%(record)s used a recovery code; %(left)s are left."),
    )
    RECOVERY_MADE = "account.recovery_made", N_("%(record)s made new recovery codes.")
    PASSKEY_ADDED = "account.passkey_added", N_("%(record)s added a passkey.")
    PASSKEY_REMOVED = "account.passkey_removed", N_("%(record)s removed a passkey.")
    PASSWORD_SET = "account.password_set", N_("%(record)s set a password.")
    LINK_MADE = "account.link_made", N_("%(actor)s made a one-time link for %(record)s.")
    SESSIONS_ENDED = "account.sessions_ended", N_("%(actor)s ended the sign-ins of %(record)s.")
    REFUSED = "access.refused", N_("%(actor)s was refused: %(permission)s.")
    NOT_SHOWN = (
        "access.not_shown",
        N_("%(actor)s asked for what is not there or not for them: %(path)s."),
    )
    REQUEST_REFUSED = "access.request_refused", N_("A request of %(actor)s was refused: %(why)s.")
    EXPORTED = "access.exported", N_("%(actor)s exported %(what)s (%(count)s rows).")
    BACKED_UP = "installation.backed_up", N_("A backup was made: %(name)s.")
    TRAIL_EXPORTED = "trail.exported", N_("%(actor)s exported the trail of %(name)s.")
    TRAIL_CHECKED = (
        "trail.checked",
        N_("The trail was checked: %(entries)s entries and %(files)s files, nothing wrong found."),
    )
    TRAIL_BROKEN = "trail.broken", N_("The trail was checked and does not hold: %(why)s")
    KEYS_ROTATED = "trail.keys_rotated", N_("The keys of the trail were renewed.")
    FILES_RELEASED = (
        "files.released",
        N_("%(count)s stored files are no longer kept, by the disposal %(number)s."),
    )
    PERSON_PSEUDONYMISED = (
        "person.pseudonymised",
        N_("%(actor)s replaced the personal data of %(record)s by a pseudonym: %(reason)s"),
    )
    CLOCK_WENT_BACK = "system.clock_went_back", N_("The clock of the server went back.")
