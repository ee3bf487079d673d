"""What is asked when a document is to be withdrawn, restored, or neither after all (D8)."""

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.screen.base import DecidingForm, ScreenForm, _l
from forms.screen.fields import DateRequired, DateText


class WithdrawalForm(ScreenForm):
    """Why it is withdrawn, from when, and what stands in its place."""

    revision = HiddenField()
    reason = TextAreaField(
        _l("Why it is withdrawn"), [InputRequired(_l("Give the reason.")), Length(max=4000)]
    )
    withdraw_on = DateText(_l("Withdrawn from"), [DateRequired()])
    replaced_by = StringField(_l("Replaced by (code)"), [Optional(), Length(max=80)])


class SigningForm(DecidingForm):
    """Agreeing with a signature, for oneself or for whom one deputises."""

    seat = HiddenField()


class WhyForm(ScreenForm):
    """Why something is refused, given up, restored or lifted."""

    seat = HiddenField()
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=4000)])
