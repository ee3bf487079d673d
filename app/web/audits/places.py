"""Where a notice about an audit leads, as a place inside its body."""

from __future__ import annotations

from urllib.parse import quote

from app.kernel.notices import Notice
from audits.finding_facts import FindingNotice
from audits.models import Audit, Finding, Recommendation, ReportAmendment


def place_of(notice: Notice) -> str:
    """Give the place of what a notice is about; nothing where it is about no audit."""
    number = quote(str(notice.values.get("number", "")))
    if notice.kind == str(FindingNotice.RESPONSE_ASKED):
        return "/findings?state=open"
    return {
        Finding.__tablename__: f"/findings/{number}",
        Audit.__tablename__: f"/audits/{number}/report",
        ReportAmendment.__tablename__: f"/audits/{number}/report",
        Recommendation.__tablename__: "/recommendations?state=open",
    }.get(notice.record_type, "")
