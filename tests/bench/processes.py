"""What a group of processes took: processor time and memory, from /proc."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def _fields(process: int) -> list[str]:
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def family(process: int) -> list[int]:
    """Give a process and everything below it."""
    above: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError, IndexError):
                above[int(name)] = int(_fields(int(name))[1])
    found = [process]
    for one in found:
        found += [child for child, parent in above.items() if parent == one]
    return found


def cpu_seconds(process: int) -> float:
    """Give the processor time of a process and everything below it."""
    total = 0
    for one in family(process):
        with suppress(OSError, IndexError):
            total += sum(int(field) for field in _fields(one)[11:13])
    return total / _TICK


def memory_mib(process: int) -> float:
    """Give the memory of a process and everything below it, shared pages by their share (PSS)."""
    total = 0
    for one in family(process):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024
