"""Four people at work against a server that will be killed; each writes down what was confirmed.

A plan comes as JSON on standard input; every attempt and every confirmation is one line of JSON in
the plan's file, synced to disk. A confirmation is written only after the server's 303.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
from pathlib import Path
from typing import Any

from tests.documents.content.files import a_docx
from tests.faults.stage import Browser, decision


class Log:
    """An append-only file of lines, each on disk before the next act begins."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, **values: Any) -> None:
        """Write one line and wait for the disk."""
        with self._lock:
            os.write(self._handle, json.dumps(values).encode() + b"\n")
            os.fsync(self._handle)


def upload(browser: Browser, plan: dict[str, Any], log: Log) -> None:
    """Open new documents, each with a file of its own."""
    while True:
        mark = secrets.token_hex(8)
        content = a_docx(code="", title=f"Tải lên {mark}", paragraphs=[f"Nội dung {mark}."])
        log.write(said="tried", act="upload", mark=mark)
        fields = {"unit": str(plan["unit"]), "kind": "procedure", "parent": ""}
        answer = browser.post("/documents/new", fields, file=(f"{mark}.docx", content))
        if answer.status == 303:
            revision = int(answer.location.split("/")[-2])
            log.write(said="done", act="upload", mark=mark, revision=revision)


def submit(browser: Browser, plan: dict[str, Any], log: Log) -> None:
    """Submit prepared drafts, one after the other."""
    for revision, fields in plan["drafts"]:
        log.write(said="tried", act="submit", revision=revision)
        if browser.post(f"/r/{revision}/draft", fields).status == 303:
            log.write(said="done", act="submit", revision=revision)


def approve(browser: Browser, plan: dict[str, Any], log: Log) -> None:
    """Sign the approval of prepared revisions."""
    for revision in plan["asked"]:
        log.write(said="tried", act="approve", revision=revision)
        if browser.post(f"/r/{revision}/decision", decision()).status == 303:
            log.write(said="done", act="approve", revision=revision)


def comment(browser: Browser, plan: dict[str, Any], log: Log) -> None:
    """Comment on one revision, each time in other words."""
    while True:
        text = secrets.token_hex(8)
        log.write(said="tried", act="comment", text=text)
        if browser.post(f"/r/{plan['talk']}/comments", {"text": text}).status == 303:
            log.write(said="done", act="comment", text=text)


ACTS = {"upload": upload, "submit": submit, "approve": approve, "comment": comment}


def main() -> None:
    """Let everybody work until the server is gone."""
    plan = json.load(sys.stdin)
    log = Log(Path(plan["log"]))
    browsers = {act: Browser(plan["port"], token) for act, token in plan["people"].items()}
    for browser in browsers.values():
        browser.get("/work")
    print("ready", flush=True)

    def work(act: str) -> None:
        try:
            ACTS[act](browsers[act], plan, log)
        except OSError:
            return  # the server is gone
        except Exception as problem:  # a half answer: the server went while it spoke
            log.write(said="cut", act=act, problem=type(problem).__name__)

    threads = [threading.Thread(target=work, args=(act,)) for act in ACTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
