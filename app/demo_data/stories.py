"""When each document of the demo body was issued and where it stands: days before today."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

BEGAN = 1010  # the body was set up so many days ago


class Stop(Enum):
    """How far the newest revision of a story has come."""

    EFFECTIVE = auto()
    DRAFT = auto()
    WITH_MANAGER = auto()
    WITH_OFFICER = auto()
    WITH_LEADER = auto()
    APPROVED = auto()
    RETURNED = auto()  # lies with its author in round 2
    SECOND_ROUND = auto()  # came back better and waits for the officer
    CANCELLED = auto()
    DECIDED_ON_PAPER = auto()  # a decision was entered and waits to be confirmed


@dataclass(frozen=True)
class Open:
    """A revision on its way: drafted so many days ago, in force in so many days."""

    stop: Stop
    drafted: int
    effective_in: int


# days since the first edition came into force; 24 months later a review is due
FIRST: dict[str, int] = {
    "STCL-01": 930, "CS-01": 382, "CS-02": 300,
    "QT-01": 925, "QT-02": 700, "QT-03": 690, "QT-04": 920, "QT-05": 610, "QT-06": 560,
    "QT-07": 690, "QT-08": 762, "QT-09": 430, "QT-10": 905,
    "QT-TP-01": 880, "QT-TP-02": 860, "QT-TP-03": 520, "QT-NV-01": 480, "QT-NV-02": 333,
    "QT-TC-01": 850, "QT-TC-02": 290, "QT-TN-01": 737, "QT-TN-02": 410, "QT-QL-01": 870,
    "QT-QL-02": 365, "QT-KT-01": 540, "QT-KT-02": 120, "QT-VH-01": 640, "QT-GD-01": 845,
    "QT-GD-02": 210, "QT-YT-01": 835, "QT-LX-01": 600, "QT-LX-02": 180, "QT-TTR-01": 450,
    "QT-TTR-02": 260, "QT-VP-01": 500, "QT-P01-01": 570, "QT-P02-01": 745, "QT-P04-01": 395,
    "QT-P09-01": 95, "HD-TH1-01": 150, "HD-VP-01": 800,
}  # fmt: skip
SECOND: dict[str, int] = {
    "STCL-01": 240, "QT-01": 230, "QT-04": 200, "QT-10": 160, "QT-TP-01": 75, "QT-TP-02": 130,
    "QT-TC-01": 110, "QT-QL-01": 45, "QT-GD-01": 84, "QT-YT-01": 21, "HD-VP-01": 30,
}  # fmt: skip
OPEN: dict[str, Open] = {
    "QT-TP-03": Open(Stop.DRAFT, 3, 20),
    "QT-LX-01": Open(Stop.WITH_OFFICER, 9, 12),
    "QT-KT-01": Open(Stop.WITH_OFFICER, 16, 10),
    "QT-VH-01": Open(Stop.WITH_LEADER, 40, 7),
    "QT-03": Open(Stop.WITH_LEADER, 12, 14),
    "QT-TN-02": Open(Stop.APPROVED, 15, 6),
    "QT-07": Open(Stop.APPROVED, 22, 12),
    "QT-QL-02": Open(Stop.SECOND_ROUND, 24, 15),
    "QT-NV-01": Open(Stop.DECIDED_ON_PAPER, 18, 9),
    "QT-TP-04": Open(Stop.WITH_MANAGER, 6, 20),
    "QT-TP-05": Open(Stop.RETURNED, 19, 25),
    "QT-TP-06": Open(Stop.DRAFT, 1, 30),
    "QT-KT-03": Open(Stop.CANCELLED, 70, -40),
    "QT-YT-02": Open(Stop.WITH_LEADER, 13, 11),
    "QT-LX-03": Open(Stop.WITH_MANAGER, 11, 10),
    "HD-CS1-01": Open(Stop.WITH_OFFICER, 8, 9),
}
