"""What is asked about auditors: who, qualification and days, leave, conflicts, exceptions (A1)."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from audits.auditor import Qualification, fields_typed
from audits.models import EntryKind
from forms.screen.base import DecidingForm, ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateRequired, DateText, PeopleField


class QualificationForm(SeenForm):
    """What somebody is qualified for, and how many days they give."""

    competences = TextAreaField(_l("Fields of competence"), [Optional(), Length(max=2000)])
    may_lead = BooleanField(_l("May lead an audit team"))
    qualified_from = DateText(_l("Qualified from"), [Optional()])
    qualified_until = DateText(_l("Qualified until"), [Optional()])
    days_per_week = IntegerField(_l("Days a week for audits"), [InputRequired()])
    days_per_year = IntegerField(_l("Days a year for audits"), [InputRequired()])

    def said(self) -> Qualification:
        """Give what was typed."""
        return Qualification(
            fields=fields_typed(self.competences.data or ""),
            may_lead=bool(self.may_lead.data),
            qualified_from=self.qualified_from.data,
            qualified_until=self.qualified_until.data,
            days_per_week=self.days_per_week.data or 0,
            days_per_year=self.days_per_year.data or 0,
        )


class AuditorForm(QualificationForm):
    """Somebody new on the list: chosen, or named where they have no account here."""

    person = PeopleField(_l("Person of this body"))
    login = StringField(_l("Account name in another body"), [Optional(), Length(max=80)])
    name = StringField(_l("Name, for somebody without an account"), [Optional(), Length(max=200)])
    organisation = StringField(_l("Their organisation"), [Optional(), Length(max=250)])


class LeaveForm(ScreenForm):
    """Days on which an auditor is away."""

    from_on = DateText(_l("Away from"), [DateRequired()])
    until_on = DateText(_l("Last day away"), [Optional()])


class ConflictForm(ScreenForm):
    """A conflict with a unit."""

    unit = SelectField(_l("Unit"))
    reason = StringField(
        _l("What the conflict is"),
        [InputRequired(_l("Say what the conflict is.")), Length(max=500)],
    )
    until_on = DateText(_l("Until"), [Optional()])


class EntryForm(ScreenForm):
    """A line of an auditor's record."""

    kind = CodedChoice(_l("Kind"), EntryKind)
    held_on = DateText(_l("Day"), [DateRequired()])
    title = StringField(
        _l("Course, or what was assessed"),
        [InputRequired(_l("Say which course or what was assessed.")), Length(max=300)],
    )
    certificate = StringField(_l("Certificate or result"), [Optional(), Length(max=200)])


class AuditorEndForm(ScreenForm):
    """Why somebody is no auditor any more."""

    reason = StringField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=500)])


class ExceptionForm(DecidingForm):
    """An exception from a rule of independence, signed with its safeguards."""

    unit = SelectField(_l("Unit"))
    from_on = DateText(_l("From"), [DateRequired()])
    until_on = DateText(_l("Until"), [DateRequired()])
    reason = TextAreaField(
        _l("Why it is needed"), [InputRequired(_l("Give the reason.")), Length(max=4000)]
    )
    safeguards = TextAreaField(
        _l("Safeguards"),
        [InputRequired(_l("Say how the audit stays honest.")), Length(max=4000)],
    )
