"""What is asked when somebody wants a document changed, and when that is decided (a42-a45)."""

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from documents.models import ChangeSource
from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import CodedChoice, DateText, PeopleField


class ChangeForm(ScreenForm):
    """What should change, in which documents, and why."""

    documents = StringField(
        _l("Documents"),
        [InputRequired(_l("Name at least one document by its code.")), Length(max=2000)],
    )
    source = CodedChoice(_l("What made you ask"), ChangeSource)
    reason = TextAreaField(
        _l("What should change, and why"),
        [InputRequired(_l("Say what should change, and why.")), Length(max=4000)],
    )
    impact = TextAreaField(_l("What else it touches"), [Optional(), Length(max=4000)])


class ChangeDecisionForm(SeenForm):
    """Accepting a request: who answers for it, by when; or why it is declined or kept."""

    owner = PeopleField(_l("Who answers for the change"))
    due_on = DateText(_l("By"), [Optional()])
    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=2000)])


class ChangeLeftForm(ScreenForm):
    """Why one document needs no change after all."""

    reason = StringField(
        _l("Why it needs no change"), [InputRequired(_l("Give the reason.")), Length(max=500)]
    )
