"""What people are asked about their own account: password, preferences, delegation."""

from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.screen.base import ScreenForm, _l
from forms.screen.fields import LANGUAGES, DateRequired, DateText


class PreferencesForm(ScreenForm):
    """How the system speaks to its reader."""

    language = SelectField(_l("Language"), choices=LANGUAGES)
    single_keys = BooleanField(_l("Single-key shortcuts"))


class LettersForm(ScreenForm):
    """When the daily letter comes, or that none does."""

    wants = BooleanField(_l("Send me the daily letter"))
    at = StringField(_l("At"), [Length(max=10)])


class SetPasswordForm(ScreenForm):
    """A new password, typed once; it can be shown while typing."""

    password = PasswordField(
        _l("New password"), [InputRequired(_l("Type a new password.")), Length(max=1000)]
    )


class ChangePasswordForm(ScreenForm):
    """A new password, with the present one."""

    present_password = PasswordField(
        _l("Present password"), [InputRequired(_l("Type your present password.")), Length(max=1000)]
    )
    password = PasswordField(
        _l("New password"), [InputRequired(_l("Type a new password.")), Length(max=1000)]
    )


class DelegationForm(ScreenForm):
    """For which days and why; who is chosen by the people picker beside it."""

    post = SelectField(_l("In which"), [Optional()], validate_choice=False)
    from_on = DateText(_l("From"), [DateRequired()])
    until_on = DateText(_l("Until, last day"), [DateRequired()])
    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(_l("Say why, for example a leave or a journey.")), Length(max=500)],
    )


class CodeForm(ScreenForm):
    """A code of the phone, or a recovery code."""

    code = StringField(
        _l("Code of your phone"), [InputRequired(_l("Type the code.")), Length(max=60)]
    )


class PasswordForm(ScreenForm):
    """The present password, before the second factor changes."""

    password = PasswordField(
        _l("Present password"), [InputRequired(_l("Type your present password.")), Length(max=1000)]
    )


class PasswordAndCodeForm(PasswordForm):
    """Password and code: who takes a phone at hand can do nothing with it alone."""

    code = StringField(
        _l("Code of your phone"), [InputRequired(_l("Type the code.")), Length(max=60)]
    )


class FactorResetForm(ScreenForm):
    """Why somebody's second factor is taken off."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(_l("Say why it is taken off.")), Length(max=500)]
    )


class PasskeyForm(PasswordAndCodeForm):
    """A passkey to add; password and code are asked before the browser makes it."""

    name = StringField(
        _l("Name of the passkey"),
        [InputRequired(_l("Name it, for example after the phone.")), Length(max=80)],
    )


class PasskeyAnswerForm(ScreenForm):
    """What the browser made of a challenge, as it says it."""

    name = StringField(_l("Name of the passkey"), [Length(max=80)])
    answer = StringField("", [InputRequired(), Length(max=20000)])
