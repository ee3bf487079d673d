"""Refusals: what the domain raises when an act may not happen, in words with what to do next."""

from typing import Any

from app.kernel.coded import N_


class Refusal(Exception):
    """An act that does not happen: `text` is an English message id with its `values`."""

    status = 409

    def __init__(self, text: str, /, *, rule: str = "", **values: Any) -> None:
        super().__init__(text)
        self.text = text
        self.rule = rule
        self.values = values


class RuleBroken(Refusal):
    """A rule of the domain stands in the way; `rule` is its number, such as D3."""


class Stale(Refusal):
    """Somebody else changed the record after this person opened it."""

    def __init__(self, text: str = "", **values: Any) -> None:
        super().__init__(
            text
            or N_(
                "Somebody changed this meanwhile. Look at the present state below, "
                "then decide again; what you typed is still here."
            ),
            **values,
        )


class Busy(Refusal):
    """The database does not answer, or somebody holds it for too long; nothing was changed."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            N_(
                "The system could not save this just now: its database is busy or does not answer. "
                "Nothing was changed."
            )
        )


class Forbidden(Refusal):
    """This person may not try this; recorded in the trail in a unit of work of its own (T1)."""

    status = 403

    def __init__(self, permission: str, record: object = None) -> None:
        super().__init__(N_("You do not have the right to do this. Ask your quality officer."))
        self.permission = permission
        self.record = record


class NotFound(Refusal):
    """No such record, or none that this person may know of: the two are not told apart."""

    status = 404

    def __init__(self, text: str = "") -> None:
        super().__init__(text or N_("There is nothing at this address, or you may not see it."))


class InvalidInput(Refusal):
    """Something typed or uploaded cannot be used; `field` names where."""

    status = 422

    def __init__(self, text: str, /, *, field: str = "", **values: Any) -> None:
        super().__init__(text, **values)
        self.field = field


class TrailIncomplete(Exception):
    """A programming error caught at the end of a unit of work: a silent or doubled change (T1)."""
