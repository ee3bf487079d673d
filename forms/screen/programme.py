"""What is asked about a programme, its units and its audits (screens 16 to 18; b1-b13)."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from audits.models import AuditKind, AuditMethod, TeamPart
from forms.screen.base import DecidingForm, ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText, key_of


class ProgrammeForm(SeenForm):
    """What the programme of a year is for."""

    objectives = TextAreaField(_l("Objectives of the programme"), [Optional(), Length(max=8000)])
    scope_text = TextAreaField(_l("What the programme covers"), [Optional(), Length(max=8000)])
    standards = SelectMultipleField(_l("Criteria"), coerce=key_of)
    risks = TextAreaField(_l("Risks and opportunities of it"), [Optional(), Length(max=8000)])
    resources = TextAreaField(_l("Resources"), [Optional(), Length(max=8000)])


class ReasonForm(ScreenForm):
    """Why: for what needs nothing else."""

    reason = StringField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])


class ProgrammeApprovalForm(DecidingForm):
    """A leader's signature under the programme."""


class UnitWeightForm(SeenForm):
    """How important a unit is, and what its audits take."""

    importance = SelectField(_l("Importance of the unit"), coerce=key_of)
    visits = IntegerField(_l("Audits a year"), [InputRequired()])
    days = IntegerField(_l("Days each of the team gives"), [InputRequired()])
    needs = TextAreaField(_l("Fields the team must know"), [Optional(), Length(max=2000)])
    closed_days = TextAreaField(_l("Days it cannot be audited"), [Optional(), Length(max=2000)])


class AuditForm(ScreenForm):
    """One audit: of which units, when, how, why."""

    kind = CodedChoice(_l("Kind"), (AuditKind.PLANNED, AuditKind.UNSCHEDULED, AuditKind.FOLLOW_UP))
    units = SelectMultipleField(_l("Units"), coerce=key_of)
    window_from = DateText(_l("Window from"), [Optional()])
    window_until = DateText(_l("Window until"), [Optional()])
    from_on = DateText(_l("First day"), [Optional()])
    until_on = DateText(_l("Last day"), [Optional()])
    method = CodedChoice(_l("How it is done"), AuditMethod)
    lead = SelectField(_l("Lead auditor"), [Optional()])
    objective = TextAreaField(_l("What it is to find out"), [Optional(), Length(max=4000)])
    reason = TextAreaField(_l("Why it was not planned"), [Optional(), Length(max=4000)])

    def window(self) -> tuple[Any, Any]:
        """Give the window as typed."""
        return self.window_from.data, self.window_until.data

    def days(self) -> tuple[Any, Any]:
        """Give the days as typed."""
        return self.from_on.data, self.until_on.data


class MoveForm(SeenForm):
    """Other days for an audit."""

    from_on = DateText(_l("First day"), [DateRequired()])
    until_on = DateText(_l("Last day"), [Optional()])
    reason = StringField(_l("Reason"), [Optional(), Length(max=2000)])


class JoinForm(ScreenForm):
    """Somebody for the team."""

    auditor = SelectField(_l("Who"))
    part = CodedChoice(_l("Part in the team"), TeamPart)
