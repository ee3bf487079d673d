"""Signs of life of the jobs process, for /health."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Record


class Heartbeat(Record):
    """When a jobs process was last seen working."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    at: Mapped[datetime]
