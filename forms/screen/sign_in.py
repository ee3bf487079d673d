"""What the door asks."""

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from forms.screen.base import ScreenForm, _l


class SignInForm(ScreenForm):
    """Name and password."""

    login = StringField(
        _l("Account name"), [InputRequired(_l("Type your account name.")), Length(max=200)]
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Type your password.")), Length(max=1000)]
    )
