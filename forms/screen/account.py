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
