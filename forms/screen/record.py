"""The record data of a document: changing it never asks for a new approval (D13)."""

from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from forms.screen.base import SeenForm, _l
from forms.screen.fields import PeopleField

_WHOLE = Regexp(r"^\s*\d{0,3}\s*$", message=_l("Type a whole number, or leave it empty."))


class RecordForm(SeenForm):
    """Kind, unit, keeper, where it applies, who may read, intervals."""

    title_en = StringField(_l("Title in English"), [Optional(), Length(max=500)])
    kind = SelectField(_l("Kind"), [InputRequired()])
    unit = SelectField(_l("Lead unit"), [InputRequired()], coerce=int)
    parent = SelectField(_l("Belongs to procedure"), [Optional()])
    keeper = PeopleField(_l("In the care of"))
    clauses = StringField(_l("Clauses of ISO 9001"), [Optional(), Length(max=200)])
    process_name = StringField(_l("Process"), [Optional(), Length(max=200)])
    confidentiality = RadioField(_l("Who may read it"), [InputRequired()])
    readers = PeopleField(_l("Named readers"))
    units = SelectMultipleField(_l("Applies in"), coerce=int)
    review_months = StringField(_l("Months between periodic reviews"), [Optional(), _WHOLE])
    time_limit = StringField(_l("Time limit of the service"), [Optional(), Length(max=200)])
    fee = StringField(_l("Fee"), [Optional(), Length(max=200)])
    retention_years = StringField(_l("Years kept after it ended"), [Optional(), _WHOLE])
