"""What every screen form shares: its shape, its language, the version of what was seen."""

import re
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.kernel.coded import N_

_l = lazy_gettext


# what the library says of a field, in our words: what is wrong and what to do
_OURS = {
    "This field is required.": N_("Fill this in."),
    "Not a valid choice.": N_("This is not in the list. Choose again."),
    "Invalid Choice: could not coerce.": N_("This is not in the list. Choose again."),
    "Not a valid integer value.": N_("Type a whole number."),
    "'%(value)s' is not a valid choice for this field.": N_(
        "This is not in the list. Choose again."
    ),
    "Field must be at least %(min)d character long.": N_("Type at least %(min)d characters."),
    "Field cannot be longer than %(max)d character.": N_(
        "This is too long: at most %(max)d characters. Shorten it."
    ),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "Type between %(min)d and %(max)d characters."
    ),
}


class _Words:
    """WTForms' own messages in our words; the library puts the values in afterwards."""

    def gettext(self, text: str) -> str:
        return str(gettext(_OURS.get(text, text)))

    def ngettext(self, one: str, many: str, count: int) -> str:
        # flask_babel's own ngettext would put in values that only the field knows
        return str(gettext(_OURS[one]) if one in _OURS else one if count == 1 else many)


_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def without_controls(text: Any) -> Any:
    """Take control characters out of a text; they come with pasting and break every export."""
    return _CONTROLS.sub("", text) if isinstance(text, str) else text


def text_or_empty(text: Any) -> Any:
    """Give an empty text for a field that was not sent at all; the acts expect texts."""
    return "" if text is None else text


class ScreenForm(FlaskForm):
    """A form on screen; shape only, no rule."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Take out of every typed text what no page, paper or database can show."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                own = options.get("filters", ())
                empty = () if getattr(kind, "may_be_nothing", False) else (text_or_empty,)
                options = {**options, "filters": (*own, without_controls, *empty)}
            return super().bind_field(form, unbound_field, options)

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
    code = StringField(_l("Code of your phone"), [Optional(), Length(max=60)])
    passkey = HiddenField(validators=[Optional(), Length(max=20_000)])
