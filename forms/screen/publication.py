"""What is asked when a document is given to bodies below, and when one of them adopts it (O4)."""

from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from documents.models import PublicationMode
from forms.screen.base import DecidingForm, ScreenForm, _l
from forms.screen.fields import DateText, offered

ALL, SOME = "all", "some"


class PublicationForm(ScreenForm):
    """To whom a document goes, and whether it binds them."""

    mode = RadioField(
        _l("How it goes to them"),
        [InputRequired()],
        choices=offered((mode, _l(mode.label)) for mode in PublicationMode),
    )
    reach = RadioField(
        _l("To which bodies"),
        [InputRequired()],
        choices=offered([(ALL, _l("All bodies below")), (SOME, _l("Only those ticked"))]),
    )
    bodies = SelectMultipleField(_l("Bodies"), [Optional()], coerce=int)
    with_forms = BooleanField(_l("Its forms go with it, to the same bodies"), default=True)


class PublicationEndForm(ScreenForm):
    """Why a document is taken back from the bodies below."""

    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(_l("Give the reason; the bodies below read it.")), Length(max=2000)],
    )
    with_forms = BooleanField(_l("Take its forms back as well"), default=True)


class AdoptionForm(DecidingForm):
    """A body's own decision on what it was given: day, number, own code, signed."""

    decided_on = DateText(_l("Day of the decision"), [Optional()])
    decision_number = StringField(_l("Number of the decision"), [Optional(), Length(max=80)])
    own_code = StringField(_l("Own code"), [Optional(), Length(max=80)])
