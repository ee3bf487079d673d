"""Messages between workshop and children: a length, then JSON; nothing a child sends is code."""

import json
import socket
import struct
import time
from typing import Any, Final

_LENGTH: Final = struct.Struct("!I")
MOST_BYTES: Final = 192 * 1024 * 1024


class Broken(Exception):
    """The other side closed, or sent what is no message."""


def send(line: socket.socket, message: dict[str, Any]) -> None:
    """Send one message; OSError when the other side is gone."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    line.sendall(_LENGTH.pack(len(body)) + body)


def _exactly(line: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        more = line.recv(min(count - len(parts), 1 << 20))
        if not more:
            raise Broken("closed")
        parts += more
    return bytes(parts)


def receive(line: socket.socket) -> dict[str, Any]:
    """Wait for one message; Broken when the other side closed or talks nonsense."""
    (count,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    if count > MOST_BYTES:
        raise Broken("too long")
    try:
        message = json.loads(_exactly(line, count))
    except ValueError as error:
        raise Broken(str(error)) from None
    if not isinstance(message, dict):
        raise Broken("no message")
    return message


class Inbox:
    """A message that arrives in pieces, taken without ever blocking longer than asked."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._parts = bytearray()

    def poll(self, seconds: float) -> dict[str, Any] | None:
        """Take what arrives within some seconds; the whole message, or None for not yet."""
        until = time.monotonic() + seconds
        while True:
            if (message := self._whole()) is not None:
                return message
            left = until - time.monotonic()
            if left <= 0:
                return None
            self._line.settimeout(left)
            try:
                more = self._line.recv(1 << 20)
            except TimeoutError:
                return None
            except OSError as error:
                raise Broken(str(error)) from None
            if not more:
                raise Broken("closed")
            self._parts += more

    def _whole(self) -> dict[str, Any] | None:
        if len(self._parts) < _LENGTH.size:
            return None
        (count,) = _LENGTH.unpack(self._parts[: _LENGTH.size])
        if count > MOST_BYTES:
            raise Broken("too long")
        if len(self._parts) < _LENGTH.size + count:
            return None
        try:
            message = json.loads(bytes(self._parts[_LENGTH.size :]))
        except ValueError as error:
            raise Broken(str(error)) from None
        if not isinstance(message, dict):
            raise Broken("no message")
        return message
