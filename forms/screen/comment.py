"""What a comment on a passage asks."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.screen.base import ScreenForm, SeenForm, _l
from forms.screen.fields import DateRequired, DateText


class CommentForm(ScreenForm):
    """A remark on a passage, or on the whole."""

    block = HiddenField()
    quote = HiddenField()
    text = TextAreaField(
        _l("Comment"), [InputRequired(_l("Write what you want to say.")), Length(max=4000)]
    )


class SuggestionForm(ScreenForm):
    """Words of the text, the words in their place, and why."""

    quote = TextAreaField(
        _l("Words of the text"),
        [InputRequired(_l("Copy the words from the text.")), Length(max=2000)],
    )
    proposed = TextAreaField(_l("Words in their place"), [Optional(), Length(max=2000)])
    text = TextAreaField(
        _l("Why"), [InputRequired(_l("Say why; the author decides by it.")), Length(max=4000)]
    )


class ResolutionForm(SeenForm):
    """How a remark was dealt with."""

    resolution = TextAreaField(_l("How it was dealt with"), [Optional(), Length(max=2000)])


class InvitationForm(ScreenForm):
    """Until when somebody may read, and what they shall look at; chosen by the picker beside."""

    until_on = DateText(_l("Until, last day"), [DateRequired()])
    reason = TextAreaField(
        _l("What they shall look at"),
        [InputRequired(_l("Say what they shall look at.")), Length(max=500)],
    )
