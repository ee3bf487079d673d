"""What a body sets about its audits: independence, cycle, weights of risk, the printed name."""

from __future__ import annotations

from typing import Any

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.organisation import DEFAULT_SETTINGS, Body
from app.kernel.organising import change_settings
from app.kernel.search import nfc
from app.kernel.work import Work

NAMES = (
    "audit_former_months",
    "audit_counts_wrote",
    "audit_cycle_years",
    "programme_name",
    "risk_weights",
)
FACTORS: tuple[str, ...] = tuple(DEFAULT_SETTINGS["risk_weights"])
_LIMITS = {"audit_former_months": (0, 60), "audit_cycle_years": (1, 5)}


def present(body: Body) -> dict[str, Any]:
    """Give the settings as they are."""
    return {name: body.setting(name) for name in NAMES}


def change_audit_settings(work: Work, body: Body, wanted: dict[str, Any]) -> bool:
    """Change how a body plans its audits from now on; True if anything changed."""
    name = " ".join(nfc(wanted["programme_name"]).split())
    if not name or len(name) > 200:
        raise InvalidInput(
            N_("Give the name the programme is printed with, in 200 characters."),
            field="programme_name",
        )
    for key, (least, most) in _LIMITS.items():
        _within(wanted[key], least, most, key)
    weights = {factor: wanted["risk_weights"][factor] for factor in FACTORS}
    for factor, weight in weights.items():
        _within(weight, 0, 100, f"weight_{factor}")
    if not any(weights.values()):
        raise InvalidInput(
            N_("At least one weight must be above 0."), field=f"weight_{FACTORS[0]}", rule="A5"
        )
    said = {**wanted, "programme_name": name, "risk_weights": weights}
    changes = {key: said[key] for key in NAMES if said[key] != body.setting(key)}
    if changes:
        change_settings(work, body, changes)
    return bool(changes)


def _within(value: int | None, least: int, most: int, name: str) -> None:
    if value is None or not least <= value <= most:
        raise InvalidInput(
            N_("Give a number from %(least)s to %(most)s."), field=name, least=least, most=most
        )
