"""The warm process that forks one limited child a file (ISO 9001:2015, 7.5.3.1 b).

Started by the workshop, single-threaded, everything imported once; it never opens a file itself.
"""

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from documents.content import marks, photos, pictures, stamping
from documents.content.blocks import to_json
from documents.content.brought_signs import signs_of
from documents.content.intake import Reason, Refused
from documents.content.reading import inspect_and_read
from documents.content.recogniser import Recogniser
from documents.content.recognition import interpret, recognise
from documents.content.sheet_reading import read_sheets, sheets_to_plain
from documents.content.unpacking import unpack
from documents.content.word_template import fill_template, inspect_template
from documents.content.workshop_limits import close_network, die_with_parent, step_back, wall_in
from documents.content.workshop_messages import receive, send


def _read(order: dict[str, Any]) -> dict[str, Any]:
    return {"reading": to_json(inspect_and_read(Path(order["path"]), order["name"]))}


def _look(order: dict[str, Any]) -> dict[str, Any]:
    reading = inspect_and_read(Path(order["path"]), order["name"])
    signs = signs_of(Path(order["path"]), reading)
    return {"reading": to_json(reading), "signs": signs.to_plain()}


def _sheets(order: dict[str, Any]) -> dict[str, Any]:
    return {"sheets": sheets_to_plain(read_sheets(Path(order["path"]), order["name"]))}


def _unpack(order: dict[str, Any]) -> dict[str, Any]:
    return {"names": unpack(Path(order["path"]), Path(order["out"]))}


def _stamp(order: dict[str, Any]) -> dict[str, Any]:
    texts = marks.PageMarks.from_json(order["marks"])
    return {"pages": stamping.stamp(Path(order["path"]), texts, Path(order["out"]))}


def _picture(order: dict[str, Any]) -> dict[str, Any]:
    png = pictures.page_picture(Path(order["path"]), order["page"], order["width"])
    Path(order["out"]).write_bytes(png)
    return {}


def _count(order: dict[str, Any]) -> dict[str, Any]:
    return {"pages": pictures.page_count(Path(order["path"]))}


def _recognise(order: dict[str, Any]) -> dict[str, Any]:
    found = Recogniser(order["program"])
    return {"text": recognise(Path(order["path"]), order["page"], found)}


def _interpret(order: dict[str, Any]) -> dict[str, Any]:
    return {"reading": to_json(interpret([str(text) for text in order["texts"]]))}


def _photo(order: dict[str, Any]) -> dict[str, Any]:
    Path(order["out"]).write_bytes(photos.redrawn(Path(order["path"])))
    return {}


def _template(order: dict[str, Any]) -> dict[str, Any]:
    return {"found": inspect_template(Path(order["path"]))}


def _fill(order: dict[str, Any]) -> dict[str, Any]:
    fill_template(Path(order["path"]), Path(order["out"]), order["values"])
    return {}


TASKS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "read": _read,
    "look": _look,
    "sheets": _sheets,
    "unpack": _unpack,
    "stamp": _stamp,
    "picture": _picture,
    "count": _count,
    "recognise": _recognise,
    "interpret": _interpret,
    "photo": _photo,
    "template": _template,
    "fill": _fill,
}


def _work(line: socket.socket) -> None:
    """Be the child: take one order behind walls, answer, end."""
    order = receive(line)
    gc.disable()  # the child lives for one file; looking for rubbish would copy shared pages
    wall_in(seconds=order["seconds"], memory_bytes=order["memory"])
    try:
        answer: dict[str, Any] = {"done": TASKS[order["task"]](order)}
    except Refused as refusal:
        answer = {"refused": refusal.reason.value, "detail": refusal.detail[:300]}
    except (MemoryError, RecursionError) as error:
        answer = {"refused": Reason.TOO_COMPLEX.value, "detail": type(error).__name__}
    except Exception as error:  # whatever a hostile file breaks is told, and ends here
        answer = {"failed": f"{type(error).__name__}: {error}"[:500]}
    send(line, answer)


def _fork(line: socket.socket, control: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with_parent()
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _work(line)
        code = 0
    except BaseException:
        code = 1
    finally:
        os._exit(code)


def serve(control: socket.socket) -> None:
    """Fork a child for every socket that arrives, until the workshop closes its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send(control, {"closed": close_network()})
    while True:
        _note, handles, _flags, _from = socket.recv_fds(control, 1, 1)
        if not handles:
            return
        line = socket.socket(fileno=handles[0])
        pid = _fork(line, control)
        line.close()
        send(control, {"pid": pid})


def main() -> None:
    """Take the control socket by its number and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    os.environ.clear()
    os.environ["LC_ALL"] = "C.UTF-8"
    step_back()
    stamping.warm_up()
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError):
        serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
