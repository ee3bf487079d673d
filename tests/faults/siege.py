"""Ten people send hostile files as fast as they are answered, while others read pages (T27)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.documents.content.files import a_docx, body_added
from tests.documents.content.hostile import REFUSED
from tests.documents.content.test_workshop import twice_packed
from tests.faults.stage import Browser, World

ATTACKERS = 10
READERS = 4
PAGES = ("/work", "/documents", "/search?q=khai+sinh")


def heavy() -> list[tuple[str, bytes]]:
    """Files that take as much time and memory as a child may have."""
    cells = "<w:tc><w:p><w:r><w:t>ô</w:t></w:r></w:p></w:tc>" * 60
    table = f"<w:tbl>{f'<w:tr>{cells}</w:tr>' * 12_000}</w:tbl>"
    deep = "<w:sdt><w:sdtContent>" * 80 + "<w:p/>" + "</w:sdtContent></w:sdt>" * 80
    return [
        ("bảng.docx", body_added(a_docx(), table)),
        ("nén.pdf", twice_packed(600)),
        ("sâu.docx", body_added(a_docx(), deep * 400)),
    ]


@dataclass
class Seen:
    """What the siege saw: how long pages took, how uploads were answered."""

    pages: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def worst_of(self, share: float) -> float:
        """The time within which this share of the pages came."""
        times = sorted(self.pages)
        return times[min(int(len(times) * share), len(times) - 1)]


def besiege(world: World, port: int, seconds: float) -> Seen:
    """Send hostile files from ten browsers for some seconds, and time the pages of others."""
    files = heavy() + [(name, data) for _reason, name, data in REFUSED.values()]
    seen, lock = Seen(), threading.Lock()
    drafts = world.drafts(ATTACKERS)
    world.effective(3)
    until = time.monotonic() + seconds

    def attack(browser: Browser, draft: int, turn: int) -> None:
        browser.get(f"/r/{draft}/draft")
        while time.monotonic() < until:
            # every second file is one of the heavy ones, so that they never let up
            choice = files[turn % 3] if turn % 2 else files[turn % len(files)]
            turn += 1
            answer = browser.post(f"/r/{draft}/file", {"role": "main"}, file=choice)
            with lock:
                seen.uploads.append(answer.seconds)
                seen.statuses[answer.status] += 1

    def read(browser: Browser, turn: int) -> None:
        while time.monotonic() < until:
            answer = browser.get(PAGES[turn % len(PAGES)])
            turn += 1
            with lock:
                seen.pages.append(answer.seconds)
                if answer.status != 200:
                    seen.problems.append(f"page: {answer.status}")
            time.sleep(0.1)

    def guarded(act, *given: object) -> None:
        try:
            act(*given)
        except Exception as problem:  # a broken connection is a finding, not the end of the thread
            seen.problems.append(f"{act.__name__}: {type(problem).__name__}: {problem}")

    threads = [
        threading.Thread(
            target=guarded, args=(attack, world.browser(port, world.author_id), draft, turn)
        )
        for turn, draft in enumerate(drafts)
    ]
    threads += [
        threading.Thread(
            target=guarded, args=(read, world.browser(port, world.leader_ids[turn % 5]), turn)
        )
        for turn in range(READERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen
