"""Foreign files are opened here only, in limited children without network (ISO 9001:2015, 7.5.3.1).

One warm helper forks a child a file; two at most at once, others wait their turn.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from documents.content.blocks import Reading, from_json
from documents.content.brought_signs import Signs
from documents.content.intake import (
    MAX_MEMORY_BYTES,
    MAX_SECONDS,
    Reason,
    Refused,
    check_size,
    kind_of,
)
from documents.content.marks import PageMarks
from documents.content.recogniser import PAGE_MEMORY_BYTES, Recogniser
from documents.content.sheet_reading import Sheet, sheets_from_plain
from documents.content.workshop_limits import resident_bytes
from documents.content.workshop_messages import Broken, Inbox, receive, send

CHILDREN: Final = 2
STAMP_SECONDS: Final = 60.0
UNPACK_SECONDS: Final = 60.0
SIGN_SECONDS: Final = 30.0
SIGN_MEMORY_BYTES: Final = 500 * 1024 * 1024
STAMP_MEMORY_BYTES: Final = 700 * 1024 * 1024  # our own renditions, up to the size of an upload
_READING: Final = "workshop_helper"
_SIGNING: Final = "signing_helper"
_OUT_OF_MEMORY: Final = ("limit of memory", "MemoryError")
_NEARLY_ALL: Final = 0.7
_GLANCE: Final = 0.004
_START_SECONDS: Final = 30.0


class WorkshopBusy(Exception):
    """Too many files are being opened; try again in a while."""


class WorkFailed(Exception):
    """A task on one of our own files failed; the message is for operators."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What is to be signed of a PDF, and where the signature goes."""

    digest: bytes
    start: int
    end: int


class _Helper:
    """One running helper process and the line to it."""

    def __init__(self, module: str) -> None:
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"documents.content.{module}", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
                "PATH": os.environ.get("PATH", os.defpath),
                "LC_ALL": "C.UTF-8",
            },
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        self.control = ours
        self.owner = os.getpid()
        ours.settimeout(_START_SECONDS)
        self.closed = bool(receive(ours).get("closed"))

    def is_alive(self) -> bool:
        """Say whether this process's own helper still runs."""
        return self.owner == os.getpid() and self.process.poll() is None

    def child(self) -> tuple[socket.socket, int]:
        """Fork a child; return the line to it and its process number."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [b"+"], [theirs.fileno()])
        try:
            return ours, int(receive(self.control)["pid"])
        except BaseException:
            ours.close()
            raise

    def end(self) -> None:
        """Close the line; the helper ends by itself, and by force if it does not."""
        self.control.close()
        if self.owner != os.getpid():
            return
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Workshop:
    """Opens files safely; may be shared by threads, starts its helper when first needed."""

    def __init__(
        self,
        *,
        wait_seconds: float = 30.0,
        read_seconds: float = MAX_SECONDS,
        line: int = 1_000,
    ) -> None:
        """Let at most `line` callers be inside at once; the next ones are told it is busy."""
        self._line = threading.BoundedSemaphore(max(line, CHILDREN))
        self._wait = wait_seconds
        self._read_seconds = read_seconds
        self._places = threading.BoundedSemaphore(CHILDREN)
        self._lock = threading.Lock()
        self._helpers: dict[str, _Helper] = {}

    def read(self, path: Path, name: str) -> Reading:
        """Check and read a file; Refused with its reason, WorkshopBusy when the line is long."""
        done = self._checked({"task": "read"}, path, name)
        try:
            return from_json(str(done["reading"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(Reason.TOO_COMPLEX, type(error).__name__) from None

    def look(self, path: Path, name: str) -> tuple[Reading, Signs]:
        """Read a file that a body brings from before, with what else it shows (a52)."""
        done = self._checked({"task": "look"}, path, name)
        try:
            return from_json(str(done["reading"])), Signs.from_plain(done["signs"])
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(Reason.TOO_COMPLEX, type(error).__name__) from None

    def sheets(self, path: Path, name: str) -> list[Sheet]:
        """Read a workbook with the place and look of every cell (a52)."""
        done = self._checked({"task": "sheets"}, path, name)
        try:
            return sheets_from_plain(done["sheets"])
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(Reason.TOO_COMPLEX, type(error).__name__) from None

    def look_at_template(self, path: Path, name: str) -> dict[str, Any]:
        """Check a Word template and say what stands in it: blanks, and what has no place there."""
        if kind_of(name).kind != "docx":
            raise Refused(Reason.WRONG_TYPE, "a template is a .docx")
        found = self._checked({"task": "template"}, path, name).get("found")
        if not isinstance(found, dict):
            raise Refused(Reason.TOO_COMPLEX, "no answer")
        return found

    def fill_template(self, path: Path, values: dict[str, Any]) -> bytes:
        """Give a copy of a checked template with its blanks filled."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "filled.docx")
            order = {"task": "fill", "path": str(path.resolve()), "out": str(out)}
            self._ask({**order, "values": values}, MAX_SECONDS)
            return out.read_bytes()

    def unpack(self, path: Path, out: Path) -> list[str]:
        """Take an archive apart into a folder; give the names of its files, written as 0, 1, 2."""
        check_size(path)
        order = {"task": "unpack", "path": str(path.resolve()), "out": str(out.resolve())}
        try:
            return [str(name) for name in self._ask(order, UNPACK_SECONDS)["names"]]
        except WorkFailed as failure:
            raise Refused(Reason.DAMAGED, str(failure)) from None

    def _checked(self, order: dict[str, Any], path: Path, name: str) -> dict[str, Any]:
        """Give a file to a child after the checks of name and size."""
        kind = kind_of(name).kind
        check_size(path)
        order = {**order, "path": str(path.resolve()), "name": name}
        try:
            return self._ask(order, self._read_seconds)
        except Refused as refusal:
            if kind == "pdf" and refusal.detail in _OUT_OF_MEMORY:
                # only what is packed in it can be larger than the file itself
                raise Refused(Reason.UNPACKED_TOO_LARGE, refusal.detail) from None
            raise
        except WorkFailed as failure:
            raise Refused(Reason.DAMAGED, str(failure)) from None

    def stamp(self, base: Path, marks: PageMarks, out: Path) -> int:
        """Write a copy of a PDF with its marks on every page; return the number of pages."""
        order = {
            "task": "stamp",
            "path": str(base.resolve()),
            "out": str(out.resolve()),
            "marks": marks.to_json(),
        }
        return int(self._ask(order, STAMP_SECONDS, STAMP_MEMORY_BYTES)["pages"])

    def picture(self, base: Path, page: int, width: int) -> bytes:
        """Return one page (counted from 1) as PNG, `width` pixels wide."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "page.png")
            order = {"task": "picture", "path": str(base.resolve()), "out": str(out)}
            self._ask({**order, "page": page, "width": width}, MAX_SECONDS)
            return out.read_bytes()

    def photo(self, path: Path) -> bytes:
        """Draw a photo anew and smaller, as JPEG; Refused where it is no picture (a32)."""
        check_size(path)
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "photo.jpg")
            order = {"task": "photo", "path": str(path.resolve()), "out": str(out)}
            try:
                self._ask(order, self._read_seconds)
            except WorkFailed as failure:
                raise Refused(Reason.DAMAGED, str(failure)) from None
            return out.read_bytes()

    def page_count(self, base: Path) -> int:
        """Return the number of pages of a PDF."""
        return int(self._ask({"task": "count", "path": str(base.resolve())}, MAX_SECONDS)["pages"])

    def recognise(self, path: Path, page: int, found: Recogniser, *, seconds: float) -> str:
        """Return the words Tesseract sees on one page (counted from 1) of a scan."""
        order = {"task": "recognise", "path": str(path.resolve()), "page": page}
        order = {**order, "program": found.program}
        return str(self._ask(order, seconds, PAGE_MEMORY_BYTES)["text"])

    def interpret(self, texts: list[str]) -> Reading:
        """Return recognised pages as paragraphs, with what they seem to say."""
        done = self._ask({"task": "interpret", "texts": texts}, self._read_seconds)
        try:
            return from_json(str(done["reading"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(Reason.TOO_COMPLEX, type(error).__name__) from None

    def lay_form(self, base: Path, out: Path) -> None:
        """Write a copy of a PDF that signatures can be added to."""
        order = {"task": "lay_form", "path": str(base.resolve()), "out": str(out.resolve())}
        self._ask(order, SIGN_SECONDS, SIGN_MEMORY_BYTES, _SIGNING)

    def prepare_signature(self, base: Path, out: Path, *, name: str, reason: str) -> LaidOut:
        """Lay the place for a signature in a copy of a PDF; give what is to be signed."""
        order = {"task": "prepare", "path": str(base.resolve()), "out": str(out.resolve())}
        done = self._ask(
            {**order, "field": name, "reason": reason}, SIGN_SECONDS, SIGN_MEMORY_BYTES, _SIGNING
        )
        return LaidOut(bytes.fromhex(done["digest"]), int(done["start"]), int(done["end"]))

    def signatures(self, path: Path, trust: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Tell the signatures of any PDF and their worth; Refused when it cannot be read."""
        check_size(path)
        order = {"task": "inspect", "path": str(path.resolve()), "trust": trust}
        return list(self._foreign(order)["signatures"])

    def additions(self, base: Path, path: Path, trust: dict[str, list[str]]) -> dict[str, Any]:
        """Say whether a PDF is another one with nothing but signatures added."""
        check_size(path)
        order = {"task": "additions", "path": str(path.resolve()), "trust": trust}
        return self._foreign({**order, "base": str(base.resolve())})

    def _foreign(self, order: dict[str, Any]) -> dict[str, Any]:
        """Ask about signatures of a file from outside; what breaks the reader is damaged."""
        try:
            return self._ask(order, SIGN_SECONDS, SIGN_MEMORY_BYTES, _SIGNING)
        except WorkFailed as failure:
            raise Refused(Reason.DAMAGED, str(failure)) from None

    def network_is_closed(self) -> bool:
        """Say whether the kernel let the children live without network."""
        with self._lock:
            return self._running(_READING).closed

    def close(self) -> None:
        """End the helpers; the next task starts a new one."""
        with self._lock:
            helpers, self._helpers = self._helpers, {}
        for helper in helpers.values():
            helper.end()

    def _running(self, module: str) -> _Helper:
        helper = self._helpers.get(module)
        if helper is None or not helper.is_alive():
            self._forget(module)
            helper = self._helpers[module] = _Helper(module)
        return helper

    def _forget(self, module: str) -> None:
        helper = self._helpers.pop(module, None)
        if helper is not None:
            helper.end()

    def _child(self, module: str) -> tuple[socket.socket, int]:
        with self._lock:
            try:
                return self._running(module).child()
            except (OSError, Broken, KeyError):
                self._forget(module)
                return self._running(module).child()

    def _ask(
        self,
        order: dict[str, Any],
        seconds: float,
        memory: int = MAX_MEMORY_BYTES,
        module: str = _READING,
    ) -> dict[str, Any]:
        if not self._line.acquire(blocking=False):
            raise WorkshopBusy
        try:
            return self._served({**order, "seconds": seconds, "memory": memory}, module)
        finally:
            self._line.release()

    def _served(self, order: dict[str, Any], module: str) -> dict[str, Any]:
        if not self._places.acquire(timeout=self._wait):
            raise WorkshopBusy
        try:
            line, pid = self._child(module)
            with line, _Handle(pid) as handle:
                return _answer(line, handle, order)
        finally:
            self._places.release()


class _Handle:
    """A hold on one child that can never hit another process with its number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = -1
        with contextlib.suppress(OSError, AttributeError):
            self._handle = os.pidfd_open(pid)

    def __enter__(self) -> "_Handle":
        return self

    def __exit__(self, *_error: object) -> None:
        """End the child if it still runs: it has nothing more to say."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            select.select([self._handle], [], [], 2)
            os.close(self._handle)


def _answer(line: socket.socket, handle: _Handle, order: dict[str, Any]) -> dict[str, Any]:
    """Give the order, watch time and memory, return what the child made; else say why not."""
    until = time.monotonic() + order["seconds"]
    inbox = Inbox(line)
    held = 0
    try:
        send(line, order)
        while (message := inbox.poll(_GLANCE)) is None:
            if time.monotonic() > until:
                _stop("time")
            held = max(held, resident_bytes(handle.pid))
            if held > order["memory"]:
                _stop("memory")
    except (Broken, OSError) as error:
        if held > _NEARLY_ALL * order["memory"]:
            _stop("memory")  # a library that gets no more ends the process at once
        raise Refused(Reason.TOO_COMPLEX, f"child ended: {error}") from None
    if "refused" in message:
        raise Refused(Reason(str(message["refused"])), str(message.get("detail", "")))
    done = message.get("done")
    if not isinstance(done, dict):
        raise WorkFailed(str(message.get("failed", "no answer")))
    return done


def _stop(what: str) -> NoReturn:
    raise Refused(Reason.TOO_COMPLEX, f"limit of {what}")
