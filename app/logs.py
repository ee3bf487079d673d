"""The operators' log: JSON lines, rotated, without content; it is never the trail."""

import json
import logging
import logging.handlers
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

_KNOWN = ("number", "path", "method", "permission", "job", "seconds", "count", "why")


class JsonLines(logging.Formatter):
    """One JSON object a line; control characters cannot break it in two."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage()[:2000],
        }
        for name in _KNOWN:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[1] is not None:
            problem = record.exc_info[1]
            line["problem"] = type(problem).__name__  # its text may hold what people typed
            line["where"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(problem.__traceback__)[-12:]
            ]
        return json.dumps(line, ensure_ascii=True)


def init_logs(data: Path, *, to_file: bool) -> None:
    """Set up the log once for this process."""
    log = logging.getLogger("nenep")
    if log.handlers:
        return
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if to_file:
        folder = data / "log"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.handlers.RotatingFileHandler(
            folder / "nenep.jsonl", maxBytes=10_000_000, backupCount=10, encoding="utf-8"
        )
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
