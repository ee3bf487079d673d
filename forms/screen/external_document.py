"""What is asked of a law or standard, and who looks at what it changes (a48, D12)."""

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from documents.models import ExternalState
from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateText


class LawForm(SeenForm):
    """Number, subject, issuing body, days."""

    number = StringField(
        _l("Number"),
        [InputRequired(_l("Type the number, such as 61/2018/NĐ-CP.")), Length(max=120)],
    )
    subject = StringField(_l("What it is about"), [Optional(), Length(max=500)])
    issuer = StringField(_l("Issued by"), [Optional(), Length(max=250)])
    issued_on = DateText(_l("Issued on"), [Optional()])
    in_force_on = DateText(_l("In force from"), [Optional()])


class NewLawForm(LawForm):
    """A new law also says which it replaces or amends."""

    replaces = StringField(_l("Replaces or amends"), [Optional(), Length(max=120)])
    how = CodedChoice(
        _l("What it does to that one"), (ExternalState.REPLACED, ExternalState.AMENDED)
    )


class HandOutForm(ScreenForm):
    """Which citing documents are looked at, by when, for what reason; owners beside each."""

    documents = SelectMultipleField(_l("Documents to look at"), coerce=int, validate_choice=False)
    due_on = DateText(_l("By"), [Optional()])
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
