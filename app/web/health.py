"""Is it well: for monitoring, without saying anything about content; red when one part fails."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.jobs import Heartbeat
from app.kernel.mail_state import mail_state
from app.web.guard import open_to_all
from documents.content.seal_key import KeyProblem
from documents.issue import switches_late
from documents.seal_state import seal_states
from documents.trying_again import count_seals_given_up

bp = Blueprint("health", __name__)
log = logging.getLogger("nenep")
JOBS_SILENT = timedelta(minutes=3)
SWITCH_LATE = timedelta(minutes=10)


def _database() -> str:
    try:
        db.session.execute(sa.text("SELECT 1"))
    except Exception:
        db.session.rollback()
        return "failed"
    return "ok"


def _store() -> str:
    return "ok" if installation().store.takes_files() else "failed"


def _jobs(now: datetime) -> dict[str, Any]:
    try:
        beat = db.session.scalar(sa.select(sa.func.max(Heartbeat.at)))
        late = switches_late(db.session(), now, by=SWITCH_LATE)
    except Exception:
        db.session.rollback()
        return {"status": "failed"}
    age = None if beat is None else round((now - beat).total_seconds(), 1)
    well = beat is not None and now - beat < JOBS_SILENT and late == 0
    return {"status": "ok" if well else "failed", "age": age, "switches_late": late}


def _mail(now: datetime) -> dict[str, Any]:
    """Say how the mail server answered last; it turns nothing red, as all works without it."""
    if not installation().smtp_url:
        return {"status": "off"}
    try:
        state = mail_state(db.session())
    except Exception:
        db.session.rollback()
        return {"status": "unknown"}
    if state is None or state.failing_since is None:
        return {"status": "ok"}
    age = round((now - state.failing_since).total_seconds(), 1)
    return {"status": "failed", "problem": str(state.problem), "age": age}


def _seals(now: datetime) -> dict[str, Any]:
    """Say whether every certificate seals, and how many seals were given up after some tries."""
    try:
        states = seal_states(db.session(), installation(), now).values()
        given_up = count_seals_given_up(db.session())
    except Exception:
        db.session.rollback()
        return {"status": "failed"}
    words = [state.problem for state in states if state.problem is not KeyProblem.NOT_SET]
    problems = sorted(str(word) for word in words if word is not None)
    return {
        "status": "failed" if problems or given_up else "ok",
        "set": len(words),
        "problems": problems,
        "given_up": given_up,
    }


@bp.get("/health")
@open_to_all("monitoring asks without an account; it says nothing about content")
def health() -> ResponseReturnValue:
    """Say how database, store and jobs are; 503 when one of them fails."""
    parts: dict[str, Any] = {"database": _database(), "store": _store()}
    there, now = parts["database"] == "ok", datetime.now(UTC)
    parts["jobs"] = _jobs(now) if there else {"status": "failed"}
    parts["mail"] = _mail(now) if there else {"status": "unknown"}
    parts["seals"] = _seals(now) if there else {"status": "failed"}
    # a certificate that ended stops nothing else, so it is told and turns nothing red
    well = parts["database"] == "ok" and parts["store"] == "ok" and parts["jobs"]["status"] == "ok"
    return jsonify(status="ok" if well else "failed", **parts), 200 if well else 503


@bp.post("/csp-report")
@open_to_all("browsers report violations of the policy without credentials")
def csp_report() -> ResponseReturnValue:
    """Take a browser's report; only counted in the operators' log, never shown."""
    log.warning("policy violated", extra={"count": len(request.get_data(cache=False))})
    return "", 204
