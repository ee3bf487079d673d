"""The stage of the demo body: people by account name, moments by days ago, files by the intake."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.organisation import Unit
from app.kernel.people import Person
from documents.content.blocks import READER, to_json
from documents.content.intake import MAX_FILE_BYTES, kind_of
from documents.storing import BroughtFile

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class Stage:
    """Who is who, what time it is, where files go while the stories play."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app = app
        self.now = now
        self.today = now.astimezone(ZONE).date()
        self.units: dict[str, int] = {}
        self.people: dict[str, int] = {}

    def moment(self, days_ago: int, hour: int = 9, minute: int = 0) -> datetime:
        """Give a moment some days ago on the wall clock of the body, never one to come."""
        day = self.day(days_ago)
        return min(datetime.combine(day, time(hour, minute), ZONE), self.now)

    def day(self, days_ago: int) -> date:
        """Give the day that lies so many days back."""
        return self.today - timedelta(days=days_ago)

    def person(self, login: str) -> Person:
        """Give somebody by account name."""
        return db.session.get_one(Person, self.people[login])

    def unit(self, code: str) -> Unit:
        """Give a unit by its code."""
        return db.session.get_one(Unit, self.units[code])

    def intake(self, content: bytes, name: str) -> BroughtFile:
        """Take a file in as an upload is: into the store, read in the workshop."""
        store = installation().store
        path, sha256, size = store.receive(io.BytesIO(content), at_most=MAX_FILE_BYTES)
        try:
            reading = self.app.extensions["nenep.workshop"].read(path, name)
            store.keep(path, sha256)
        finally:
            path.unlink(missing_ok=True)
        return BroughtFile(
            sha256=sha256,
            name=name,
            size=size,
            media_type=MEDIA[kind_of(name).kind],
            reader=READER,
            reading=to_json(reading),
        )
