"""What a comment on a passage asks."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.screen.base import ScreenForm, SeenForm, _l


class CommentForm(ScreenForm):
    """A remark on a passage, or on the whole."""

    block = HiddenField()
    quote = HiddenField()
    text = TextAreaField(
        _l("Comment"), [InputRequired(_l("Write what you want to say.")), Length(max=4000)]
    )


class ResolutionForm(SeenForm):
    """How a remark was dealt with."""

    resolution = TextAreaField(_l("How it was dealt with"), [Optional(), Length(max=2000)])
