"""A PDF to read on screen and to print, made from what was uploaded (ISO 9001:2015, 7.5.3.2 a).

LibreOffice draws Office files without network and within a deadline; where it cannot, the text
alone is set and the page says so. The original bytes are never changed.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from documents.content.blocks import Reading
from documents.content.intake import Reason, Refused, kind_of
from documents.content.text_rendition import text_pdf

DEADLINE_SECONDS: Final = 90.0
WAITS_SECONDS: Final = 600.0
"""How long a started LibreOffice waits for a file before it is let go."""
_STARTS_IN: Final = 4.0  # seconds until it surely takes files; sooner, another one is started
_MOST_BYTES: Final = 300 * 1024 * 1024
_MOST_MEMORY: Final = 4 * 1024 * 1024 * 1024  # addresses, not use: LibreOffice maps much
_FILTERS: Final = {
    "docx": "pdf:writer_pdf_Export",
    "xlsx": "pdf:calc_pdf_Export",
    "doc": "docx:MS Word 2007 XML",
}
_STARTS: Final = {"pdf": b"%PDF-", "docx": b"PK\x03\x04"}
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link"><value>2</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True, slots=True)
class Rendition:
    """How a PDF came to be: drawn by LibreOffice, set from the text, or the upload itself.

    `pages` is None where nobody counted; the workshop can count later.
    """

    method: Literal["libreoffice", "text", "original"]
    pages: int | None


def render(
    source: Path,
    name: str,
    out: Path,
    *,
    reading: Reading,
    language: str = "vi",
    count: Callable[[Path], int] | None = None,
    deadline: float = DEADLINE_SECONDS,
    warm: WarmOffice | None = None,
) -> Rendition:
    """Write a PDF of a file that was read and accepted; call it from a job, it may take minutes.

    Refused(damaged) only when the text cannot be set either. A file with outside links goes to
    LibreOffice only where the kernel grants a closed network. Files in fonts older than Unicode
    are set as text: without those fonts their own layout cannot be read.
    `count` tells the pages of a PDF (the workshop's `page_count`). `warm` may have a LibreOffice
    that has started already.
    """
    kind = kind_of(name).kind
    if kind == "pdf":
        shutil.copyfile(source, out)
        return Rendition("original", reading.pages)
    walls = isolation()
    readable = reading.encoding in ("NFC", "NFD")
    drawable = readable and bool(walls or not reading.outside_links)
    if drawable and _converted(source, kind, out, walls, deadline, warm):
        return Rendition("libreoffice", count(out) if count else None)
    try:
        out.write_bytes(text_pdf(reading, language=language))
    except (ValueError, OSError, RecursionError) as error:
        raise Refused(Reason.DAMAGED, f"no PDF: {error}"[:200]) from None
    return Rendition("text", count(out) if count else None)


def is_installed() -> bool:
    """Say whether LibreOffice can be found."""
    return _office() is not None


def converted_to_docx(source: Path, out: Path, *, deadline: float = DEADLINE_SECONDS) -> None:
    """Write a .docx of an old Word file; Refused(damaged) when none comes out.

    What an old file wants to load cannot be seen beforehand, so a closed network is needed.
    """
    walls = isolation()
    if not walls or not _converted(source, "doc", out, walls, deadline):
        raise Refused(Reason.DAMAGED, "no conversion")


def _office() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


@functools.cache
def isolation() -> tuple[str, ...]:
    """Return the command that closes the network for a child; empty where the kernel refuses."""
    tool = shutil.which("unshare")
    if tool is None:
        return ()
    ways = ((tool, "-n", "--"), (tool, "-rn", "--"))
    for way in ways if os.geteuid() == 0 else ways[1:]:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            tried = subprocess.run([*way, "true"], capture_output=True, timeout=10, check=False)
            if tried.returncode == 0:
                return way
    return ()


def _limits(deadline: float) -> tuple[str, ...]:
    """Return the command that limits memory, time and file size of a child, where there is one."""
    tool = shutil.which("prlimit")
    if tool is None:
        return ()
    seconds = int(deadline * 2) + 2
    return (tool, f"--as={_MOST_MEMORY}", f"--cpu={seconds}", f"--fsize={_MOST_BYTES}", "--core=0")


def _converted(
    source: Path,
    kind: str,
    out: Path,
    walls: tuple[str, ...],
    deadline: float,
    warm: WarmOffice | None = None,
) -> bool:
    """Let LibreOffice draw or convert the file in a folder of its own; say whether it could."""
    office = _office()
    if office is None:
        return False
    waiting = warm.take() if warm is not None else None
    if waiting is not None:
        try:
            if _drawn_in(waiting.room, office, source, kind, out, walls, deadline):
                return True
        finally:
            waiting.end()
    with tempfile.TemporaryDirectory(prefix="nenep-", ignore_cleanup_errors=True) as folder:
        room = furnished(Path(folder))
        return _drawn_in(room, office, source, kind, out, walls, deadline)


def furnished(room: Path) -> Path:
    """Put a profile into an empty folder, with macros and links of every kind switched off."""
    (room / "profile" / "user").mkdir(parents=True)
    (room / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE)
    return room


def office_command(
    room: Path, office: str, walls: tuple[str, ...], deadline: float, *what: str
) -> list[str]:
    """Give the command that runs LibreOffice within its limits, at home in a folder."""
    return [
        *_limits(deadline),
        *walls,
        office,
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        f"-env:UserInstallation={(room / 'profile').as_uri()}",
        *what,
    ]


def office_environment(room: Path) -> dict[str, str]:
    """Give the few variables LibreOffice sees; everything it writes stays in the folder."""
    return {
        "HOME": str(room),
        "TMPDIR": str(room),
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        "SAL_DISABLE_OPENCL": "1",
    }


def _drawn_in(
    room: Path,
    office: str,
    source: Path,
    kind: str,
    out: Path,
    walls: tuple[str, ...],
    deadline: float,
) -> bool:
    copy = room / f"source.{kind}"
    shutil.copyfile(source, copy)
    asked = ("--convert-to", _FILTERS[kind], "--outdir", str(room), str(copy))
    if not _finished(office_command(room, office, walls, deadline, *asked), room, deadline):
        return False
    ending = _FILTERS[kind].partition(":")[0]
    made = room / f"source.{ending}"
    if not made.is_file() or not 0 < made.stat().st_size <= _MOST_BYTES:
        return False
    with made.open("rb") as file:
        if not file.read(5).startswith(_STARTS[ending]):
            return False
    shutil.move(made, out)
    return True


def _finished(command: list[str], room: Path, deadline: float) -> bool:
    """Run a command as a group of its own; on the deadline end all of the group."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=room,
            env=office_environment(room),
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return process.wait(deadline) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class WaitingOffice:
    """A LibreOffice that has started and waits for one file in a folder of its own.

    Fresh for every file, as one that is started for it: what one file did to it, no other meets.
    It ends with whoever started it, however that ends: a shell above it reads until then.
    """

    def __init__(self, office: str, walls: tuple[str, ...]) -> None:
        folder = tempfile.TemporaryDirectory(prefix="nenep-", ignore_cleanup_errors=True)
        self._folder, self.room = folder, furnished(Path(folder.name))
        self._began = time.monotonic()
        command = office_command(self.room, office, walls, WAITS_SECONDS)
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", '"$@" & read -r _; kill -9 0', "waiting", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.room,
            env=office_environment(self.room),
            start_new_session=True,
        )

    @property
    def age(self) -> float:
        """Give the seconds since it was started."""
        return time.monotonic() - self._began

    def end(self) -> None:
        """End it and everything it started; its folder goes with it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._folder.cleanup()


class WarmOffice:
    """Keeps one LibreOffice ready while files come in, so that a PDF takes less than a second."""

    def __init__(self) -> None:
        self._waiting: WaitingOffice | None = None
        atexit.register(self.let_go)

    def prepare(self) -> None:
        """Start one that waits, where none does and there is one to start."""
        office = _office()
        if self._waiting is not None or office is None:
            return
        with contextlib.suppress(OSError):
            self._waiting = WaitingOffice(office, isolation())

    def take(self) -> WaitingOffice | None:
        """Give the one that waits, to be ended after its file; None while it still starts."""
        found = self._waiting
        if found is None or found.age < _STARTS_IN:
            return None
        self._waiting = None
        return found

    def let_go(self, *, older_than: float = 0.0) -> None:
        """End the one that waits, where it waited longer than some seconds."""
        if self._waiting is not None and self._waiting.age >= older_than:
            self._waiting.end()
            self._waiting = None
