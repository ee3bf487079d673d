"""What somebody with an old page in hand may tell (screen 15)."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from forms.screen.base import ScreenForm, _l


class StillUsedForm(ScreenForm):
    """Where a page hangs that should not."""

    place = StringField(
        _l("Where is it used?"),
        [DataRequired(_l("Say where you found it.")), Length(max=200)],
    )
