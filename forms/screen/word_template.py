"""What is asked when a body brings a Word template of its own."""

from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import Length

from forms.screen.base import ScreenForm, _l


class TemplateForm(ScreenForm):
    """The file, and what is new in it."""

    file = FileField(_l("Word template"))
    note = StringField(_l("What is new in it"), [Length(max=500)])
