"""What is asked of a decision made on paper or in e-office."""

from wtforms import FileField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import DateText


class IssuanceForm(ScreenForm):
    """Number, date, signer, signed file, and what it covers."""

    number = StringField(
        _l("Decision number"), [InputRequired(_l("Give the number.")), Length(max=80)]
    )
    happened_on = DateText(_l("Date of the decision"), [InputRequired(_l("Give the date."))])
    signer_name = StringField(
        _l("Signed by"), [InputRequired(_l("Say who signed it.")), Length(max=200)]
    )
    signer_capacity = SelectField(_l("In the capacity of"))
    packages = SelectMultipleField(_l("Revisions it covers"), coerce=int)
    file = FileField(_l("The signed decision (PDF)"))


class RefusalForm(SeenForm):
    """Why what was entered is not so."""

    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
