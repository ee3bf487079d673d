"""What every screen form shares: its shape, its language, the version of what was seen."""

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField
from wtforms.validators import InputRequired, Length, Optional

_l = lazy_gettext


class _Words:
    """WTForms' own messages, from our catalogue."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return str(ngettext(one, many, count))


class ScreenForm(FlaskForm):
    """A form on screen; shape only, no rule."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: object) -> _Words:
            return _Words()


class SeenForm(ScreenForm):
    """A form about a record as it was seen; the act refuses when it changed meanwhile."""

    row_version = IntegerField(widget=HiddenField.widget, validators=[Optional()])


class DecidingForm(SeenForm):
    """A signed decision: the password comes in the same form."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Type your password to sign.")), Length(max=256)],
    )
