"""What the printed minutes of a disposal hold, gathered from its record (a49)."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext

from app.kernel.db import db
from app.kernel.organisation import Body
from app.web.documents.own_forms import for_minutes, on_form
from app.web.formats import as_date
from app.web.guard import standing
from documents.models import Disposal, DisposalItem, TemplatePurpose
from forms.paper.disposal_minutes import DisposedItem, MinutesPaper, build_disposal_minutes

_COMMITTEE: Final = re.compile(r"^(ubnd|ủy ban nhân dân|uỷ ban nhân dân)\b", re.IGNORECASE)


def minutes_of(disposal: Disposal) -> bytes:
    """Give the minutes of a disposal on the body's own form, else as the product has them."""
    paper, body = minutes_paper(disposal), disposal.body
    return on_form(
        TemplatePurpose.DISPOSAL_MINUTES,
        body,
        lambda: for_minutes(paper, body, standing().on),
        lambda: build_disposal_minutes(paper),
    )


def minutes_paper(disposal: Disposal) -> MinutesPaper:
    """Give the minutes of a disposal that was signed, in the language such papers have."""
    body, decided_by, signature = disposal.body, disposal.decided_by, disposal.signature
    if decided_by is None or signature is None or disposal.decided_at is None:
        raise ValueError("a disposal that was not decided has no minutes")
    above = db.session.get(Body, body.overseer_id) if body.overseer_id is not None else None
    with force_locale("vi"):
        return MinutesPaper(
            superior=above.name if above is not None else "",
            body=body.name,
            symbol=_symbol(body.name),
            number=disposal.number,
            reason=disposal.reason,
            method=gettext(disposal.method.label).lower(),
            proposed_by=disposal.proposed_by.as_signed,
            decided_by=decided_by.as_signed,
            decided_at=disposal.decided_at.astimezone(ZoneInfo(body.time_zone)),
            signed_sha256=signature.content_sha256,
            items=tuple(_item(item) for item in disposal.items),
        )


def _symbol(name: str) -> str:
    """Give the agency's part of the symbol: UBND, or the initials of its name."""
    if _COMMITTEE.match(name):
        return "UBND"
    return "".join(word[0] for word in name.split() if word[0].isalpha()).upper()[:8]


def _item(item: DisposalItem) -> DisposedItem:
    digests = item.digests
    fingerprint = digests[0][:16] if digests else "–"
    if item.revision is not None:
        name = f"{item.revision.code} {item.revision.title}"
        edition, copies = item.revision.label, str(len(digests))
    else:
        record = item.record
        name = f"{record.form_code} {record.number} {record.title}" if record is not None else ""
        edition, copies = "–", "1"
    return DisposedItem(
        " ".join(name.split()), edition, copies, as_date(item.kept_until), fingerprint
    )
