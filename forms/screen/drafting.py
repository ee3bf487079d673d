"""What an author is asked between a Word file and submission (F1: one field at most)."""

from __future__ import annotations

from wtforms import FileField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import DateText, PeopleField


class UploadForm(ScreenForm):
    """One file; its kind and content are judged by intake, not here."""

    file = FileField(_l("Word, Excel or PDF file"))


class NewDocumentForm(UploadForm):
    """A new document begins with its file; the rest is proposed from it."""

    unit = SelectField(_l("Lead unit"), [InputRequired()], coerce=int)
    kind = SelectField(_l("Kind"), [Optional()])
    parent = SelectField(_l("Belongs to procedure"), [Optional()])


class DraftForm(SeenForm):
    """The data of a draft; everything is filled in already."""

    title = StringField(
        _l("Title"), [InputRequired(_l("Give the document a title.")), Length(max=500)]
    )
    code = StringField(_l("Code"), [Optional(), Length(max=80)])
    edition = StringField(
        _l("Edition / amendment"), [InputRequired(_l("Give the edition, such as 02/00."))]
    )
    effective_on = DateText(_l("In force from"), [Optional()])
    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=4000)])
    change_summary = TextAreaField(_l("Summary of changes"), [Optional(), Length(max=8000)])
    authors = PeopleField(_l("Written by"))
    go = HiddenField()


class ReasonForm(SeenForm):
    """An act that only needs its reason."""

    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
