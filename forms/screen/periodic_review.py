"""What is asked at a review: the reason, offered where nothing speaks against keeping."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from forms.screen.base import SeenForm, _l


class ReviewForm(SeenForm):
    """The reason of a verdict, and which edition was looked at."""

    revision = HiddenField()
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=4000)])
