"""What is asked about digital copies: a PDF that was signed outside (L19)."""

from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from forms.screen.base import ScreenForm, _l


class SignedCopyForm(ScreenForm):
    """The copy that was downloaded here, signed outside; `number` is the state it was made of."""

    number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    file = FileField(_l("The signed PDF"), [FileRequired(_l("Choose the signed PDF first."))])


class CheckForm(ScreenForm):
    """Any PDF whose signatures are to be checked; nothing of it is kept."""

    file = FileField(_l("PDF file"), [FileRequired(_l("Choose a PDF first."))])
