"""How long 40 pages take to compare and to write: `python -m tests.bench.comparing`.

Target: 1.5 seconds for the comparison (ux 5.4); reading happened when the files were brought.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from documents.content.comparison import compare
from documents.content.reading import inspect_and_read
from documents.content.redline_docx import Hand, tracked_docx
from tests.documents.content.files import a_docx

PAGES, LINES, WORDS = 40, 8, 60
HEAD = ("Bước", "Công việc", "Trách nhiệm", "Thời gian")


def editions(seed: int) -> tuple[bytes, bytes]:
    """Two editions of one long procedure: a quarter of its lines changed, some moved or new."""
    chance = random.Random(seed)
    words = [f"chữ{at}" for at in range(900)]
    lines = [" ".join(chance.choices(words, k=WORDS)) for _line in range(PAGES * LINES)]
    for at in range(0, len(lines), 10):
        lines.insert(at, f"{at // 10 + 1}. Mục số {at // 10 + 1}")
    changed = [each.replace(" chữ1", " đổi") if at % 4 else each for at, each in enumerate(lines)]
    changed[60:60] = [changed.pop(200), " ".join(chance.choices(words, k=WORDS))]
    del changed[90:95]
    rows = [HEAD, *((f"B{at}", f"Việc số {at}", "Chuyên viên", "02 ngày") for at in range(60))]
    other = [*rows[:20], ("B", "Việc chen vào", "Lãnh đạo", "01 ngày"), *rows[22:]]
    return a_docx(paragraphs=lines, rows=rows), a_docx(paragraphs=changed, rows=other, edition=2)


def main() -> None:
    """Compare several pairs; print the time of each step."""
    times: dict[str, list[float]] = {"read one file": [], "compare": [], "write .docx": []}
    changes = 0
    with tempfile.TemporaryDirectory(prefix="nenep-compare-") as folder:
        for seed in range(5):
            readings = []
            for data in editions(seed):
                path = Path(folder, "a.docx")
                path.write_bytes(data)
                begin = time.perf_counter()
                readings.append(inspect_and_read(path, path.name))
                times["read one file"].append(time.perf_counter() - begin)
            begin = time.perf_counter()
            found = compare(*readings)
            times["compare"].append(time.perf_counter() - begin)
            begin = time.perf_counter()
            tracked_docx(found, Hand("nenep", datetime.now(UTC)))
            times["write .docx"].append(time.perf_counter() - begin)
            changes += len(found.changes)
    print(f"{PAGES} pages of {LINES * WORDS} words, {changes // 5} changes a pair")
    for name, taken in times.items():
        print(f"{name:<14} median {statistics.median(taken):.3f} s, worst {max(taken):.3f} s")


if __name__ == "__main__":
    main()
