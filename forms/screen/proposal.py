"""What may be wished of a year's plan (screen 16; b8)."""

from __future__ import annotations

from wtforms import SelectField

from audits.wish import Wish
from forms.screen.base import ScreenForm, _l
from forms.screen.fields import CodedChoice, offered


class ProposalForm(ScreenForm):
    """How the year is to be planned."""

    wish = CodedChoice(_l("What the year should do best"), Wish, default=str(Wish.BALANCED))
    team_min = SelectField(
        _l("People in a team, at least"),
        choices=offered((n, str(n)) for n in (1, 2, 3)),
        default="2",
    )
