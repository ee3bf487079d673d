"""Numbers of records in addresses: those a database can hold, anything larger is no address."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**53  # far above any count of records, far below what databases refuse


class RecordNumber(IntegerConverter):
    """The `int` of addresses, with a ceiling, so that huge ones answer 404."""

    regex = "[0-9]+"  # not the other digits that Unicode has

    def __init__(self, map: Map, *args: Any, **values: Any) -> None:
        values.setdefault("max", LARGEST)
        super().__init__(map, *args, **values)
