"""What is asked about how a body audits, and of whom each clause is asked (screen 33; A1, A5)."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length

from audits.body_settings import FACTORS
from forms.screen.base import SeenForm, _l


class AuditSettingsForm(SeenForm):
    """Independence, cycle, name of the programme, weights of risk."""

    programme_name = StringField(
        _l("Name of the programme, as it is printed"), [InputRequired(), Length(max=200)]
    )
    audit_cycle_years = IntegerField(
        _l("Years within which everything is audited once"), [InputRequired()]
    )
    audit_former_months = IntegerField(
        _l("Months for which a unit one left is not audited by one"), [InputRequired()]
    )
    audit_counts_wrote = BooleanField(
        _l("Whoever wrote a procedure does not audit the unit that leads it")
    )
    weight_since = IntegerField(_l("Time since the last audit"), [InputRequired()])
    weight_importance = IntegerField(_l("Importance of the unit"), [InputRequired()])
    weight_changes = IntegerField(_l("Changes of its documents"), [InputRequired()])
    weight_overdue = IntegerField(_l("What is overdue there"), [InputRequired()])

    def wanted(self) -> dict[str, Any]:
        """Give what was typed, as settings are kept."""
        return {
            "programme_name": self.programme_name.data or "",
            "audit_cycle_years": self.audit_cycle_years.data,
            "audit_former_months": self.audit_former_months.data,
            "audit_counts_wrote": bool(self.audit_counts_wrote.data),
            "risk_weights": {factor: self[f"weight_{factor}"].data for factor in FACTORS},
        }


class AskedForm(SeenForm):
    """Of whom the clauses of one standard are asked; one choice for each, named by its key."""
