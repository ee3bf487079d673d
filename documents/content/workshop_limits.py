"""Walls around the processes that open foreign files: no network, little memory, little time.

Linux only where it counts; elsewhere `close_network` answers False and `/health` says so.
"""

import contextlib
import ctypes
import os
import resource
from pathlib import Path
from typing import Final

_NEW_USER: Final = 0x10000000
_NEW_NET: Final = 0x40000000
_NO_DUMP: Final = (4, 0)  # PR_SET_DUMPABLE
_DIE_WITH_PARENT: Final = (1, 9)  # PR_SET_PDEATHSIG, SIGKILL
_FILE_BYTES: Final = 400 * 1024 * 1024
_OPEN_FILES: Final = 256


def step_back() -> None:
    """Let whoever answers people go first: opening a file may take a little longer."""
    with contextlib.suppress(OSError):
        os.nice(10)


def close_network() -> bool:
    """Move this single-threaded process into a network of its own; say whether that worked."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        for flags in (_NEW_USER | _NEW_NET, _NEW_NET):
            if library.unshare(flags) == 0:
                return True
    except (OSError, AttributeError):
        return False
    return False


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(*_DIE_WITH_PARENT, 0, 0, 0)


def resident_bytes(pid: int | str = "self") -> int:
    """Return how much memory a process holds; 0 when it is gone or cannot be asked."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _data_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def wall_in(*, seconds: float, memory_bytes: int) -> None:
    """Limit this process for good: memory (resident target), processor seconds, files, dumps."""
    room = max(memory_bytes - resident_bytes(), 32 * 1024 * 1024)
    _lower(resource.RLIMIT_DATA, _data_bytes() + room)
    _lower(resource.RLIMIT_CPU, int(seconds) + 1)
    _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(*_NO_DUMP, 0, 0, 0)


def _lower(kind: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        _soft, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))
