"""What is asked of who does what, and of what the system covers (5.3, 4.3; O5)."""

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from documents.models import AssignmentKind
from forms.screen.base import DecidingForm, ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText


class AssignmentForm(SeenForm):
    """One function or administrative procedure."""

    kind = CodedChoice(_l("What it is"), AssignmentKind)
    code = StringField(_l("Code"), [InputRequired(_l("Give the code.")), Length(max=80)])
    name = StringField(_l("Name"), [InputRequired(_l("Give the name.")), Length(max=500)])
    procedure_field = StringField(_l("Field of work"), [Optional(), Length(max=200)])
    lead_unit = SelectField(_l("Lead unit"), [Optional()])
    others = SelectMultipleField(_l("Coordinating units"), [Optional()], coerce=int)
    document = StringField(_l("Governing document"), [Optional(), Length(max=80)])
    valid_from = DateText(_l("From"), [DateRequired()])
    valid_until = DateText(_l("Until, last day"), [Optional()])
    legal_owner = StringField(_l("Legal owner"), [Optional(), Length(max=250)])
    delegated_from = DateText(_l("Delegated from"), [Optional()])
    delegated_until = DateText(_l("Delegated until"), [Optional()])


class AssignmentListForm(ScreenForm):
    """A list of functions or procedures to bring in."""

    file = FileField(_l("List"), [FileRequired(_l("Choose a file."))])


class ScopeForm(SeenForm):
    """A version of what the system covers."""

    covers = TextAreaField(
        _l("Fields and services it covers"),
        [InputRequired(_l("Say which fields and services it covers.")), Length(max=8000)],
    )
    address = StringField(_l("Address of the sites"), [Optional(), Length(max=500)])
    standard = StringField(_l("Standard"), [Optional(), Length(max=80)])
    units = SelectMultipleField(_l("Units that apply it"), [Optional()], coerce=int)
    exclusions = TextAreaField(
        _l("Clauses that are not applied, and why"), [Optional(), Length(max=4000)]
    )
    effective_on = DateText(_l("In effect from"), [DateRequired()])


class ScopeApprovalForm(DecidingForm):
    """Signing a version of the scope."""
