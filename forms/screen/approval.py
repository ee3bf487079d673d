"""What a decision asks: the answer, a word to it, the password in the same form."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.screen.base import DecidingForm, _l


class ApprovalForm(DecidingForm):
    """Agreeing or approving, with a signature; a comment is optional."""

    seat = HiddenField()
    comment = TextAreaField(_l("Comment"), [Optional(), Length(max=2000)])


class ReturnForm(DecidingForm):
    """Returning, with a signature; the reason is what the author works from (D8)."""

    seat = HiddenField()
    comment = TextAreaField(
        _l("What should the author change?"),
        [InputRequired(_l("Say what the author should change.")), Length(max=2000)],
    )
