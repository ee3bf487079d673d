"""What is asked about how a body works: codes, intervals, days, routes (screen 33)."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, Form, FormField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from documents.models import DocumentKind
from forms.screen.base import SeenForm, _l
from forms.screen.fields import PeopleField

KIND_SETTINGS = {
    "prefix": "kind_prefixes",
    "scheme": "code_scheme",
    "months": "review_months",
    "years": "retention_years",
}
PLAIN = (
    "answer_days",
    "effective_after_days",
    "check_out_hours",
    "reading_days",
    "training_days",
    "digest_time",
    "retention_notice_days",
    "help_phone",
    "factor_for_signers",
    "factor_for_administrators",
    "factor_at_signing",
)


class SettingsForm(SeenForm):
    """Settings of a body; four more fields for each kind of document are added below."""

    answer_days = IntegerField(_l("Working days a step has for its answer"), [InputRequired()])
    effective_after_days = IntegerField(
        _l("Days proposed between submission and coming into force"), [InputRequired()]
    )
    check_out_hours = IntegerField(
        _l("Hours one author holds the file of a draft"), [InputRequired()]
    )
    reading_days = IntegerField(
        _l("Working days people have to read what came into force"), [InputRequired()]
    )
    training_days = IntegerField(
        _l("Working days people read what is approved before it comes into force"),
        [InputRequired()],
    )
    retention_notice_days = IntegerField(
        _l("Days before the end of retention at which people are told"), [InputRequired()]
    )
    digest_time = StringField(_l("When the daily letter leaves"), [InputRequired(), Length(max=10)])
    help_phone = StringField(_l("Telephone for help"), [Length(max=40)])
    factor_for_signers = BooleanField(_l("Who signs needs a second factor"))
    factor_for_administrators = BooleanField(_l("Administrators need a second factor"))
    factor_at_signing = BooleanField(_l("Every signature asks for a code beside the password"))
    escalation_person_id = SelectField(
        _l("Who decides in the overseeing body when nobody is left here"), [Optional()]
    )

    def of_kind(self, name: str, kind: DocumentKind) -> Any:
        """Give the field of a setting that each kind of document has."""
        return self[f"{name}_{kind}"]

    def wanted(self) -> dict[str, Any]:
        """Give what was typed, as settings are kept."""
        typed: dict[str, Any] = {
            setting: {str(kind): _tidy(self.of_kind(name, kind).data) for kind in DocumentKind}
            for name, setting in KIND_SETTINGS.items()
        }
        typed.update({name: _tidy(self[name].data) for name in PLAIN})
        key = self.escalation_person_id.data
        typed["escalation_person_id"] = int(key) if key else None
        return typed


def _tidy(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


for _kind in DocumentKind:  # WTForms takes fields set on the class before its first use
    setattr(SettingsForm, f"prefix_{_kind}", StringField(_l("Prefix"), [InputRequired()]))
    setattr(
        SettingsForm,
        f"scheme_{_kind}",
        StringField(_l("Code scheme"), [InputRequired(), Length(max=60)]),
    )
    setattr(
        SettingsForm,
        f"months_{_kind}",
        IntegerField(_l("Months between periodic reviews"), [InputRequired()]),
    )
    setattr(
        SettingsForm,
        f"years_{_kind}",
        IntegerField(_l("Years kept after it ended"), [InputRequired()]),
    )


class StepForm(Form):
    """One step of a route; one without a kind is left out."""

    kind = SelectField(_l("What is asked"))
    role = SelectField(_l("Of which post"))
    people = PeopleField(_l("Or of whom by name"))
    need = SelectField(_l("How many must answer"))
    quorum = IntegerField(_l("Their number"), [Optional()])


class RouteForm(SeenForm):
    """A route: for which documents, and its steps in order."""

    name = StringField(
        _l("Name of the route"), [InputRequired(_l("Give it a name.")), Length(max=200)]
    )
    kind = SelectField(_l("For documents of the kind"))
    unit = SelectField(_l("Of the unit and those below it"))
    steps = FieldList(FormField(StepForm), max_entries=6)
