"""What is said in a chat group: who must do what by when, and the link; copied by hand (e20)."""

from __future__ import annotations

from app.kernel.install import installation
from app.web.addresses import translated as gettext
from app.web.formats import as_date
from documents.models import (
    ChangeRequest,
    ChangeState,
    Confidentiality,
    Revision,
    RevisionState,
    StepKind,
)


def _address(body_code: str, place: str) -> str:
    return f"{installation().public_url}/b/{body_code}{place}"


def _named(revision: Revision) -> str:
    """Name a revision; a document for named people goes by its code alone."""
    known = f"{revision.code} {revision.label}"
    if revision.document.confidentiality is Confidentiality.NAMED:
        return known
    return f"{known} “{revision.title}”"


def about_document(current: Revision | None, coming: Revision | None) -> str:
    """Say who has to answer or to read; nothing before the author submits (D14)."""
    if coming is not None and coming.state is not RevisionState.DRAFT:
        package = coming.package
        step = package.current_step if package is not None else None
        if step is not None and step.waiting:
            values = {
                "names": ", ".join(person.name for person in step.waiting),
                "document": _named(coming),
                "day": as_date(step.due_on),
                "url": _address(coming.document.body.code, f"/r/{coming.id}"),
            }
            if step.kind is StepKind.REVIEW:
                return gettext(
                    "%(names)s: please review %(document)s by %(day)s: %(url)s", **values
                )
            return gettext("%(names)s: please approve %(document)s by %(day)s: %(url)s", **values)
    return about_reading(current) if current is not None else ""


def about_reading(revision: Revision) -> str:
    """Say what everybody it was sent to has to read by when; nothing where nobody is asked."""
    distribution = revision.distribution
    if distribution is None or not distribution.is_asking or distribution.due_on is None:
        return ""
    return gettext(
        "Please read %(document)s and confirm it by %(day)s: %(url)s",
        document=_named(revision),
        day=as_date(distribution.due_on),
        url=_address(revision.document.body.code, f"/read/{revision.id}"),
    )


def about_change(found: ChangeRequest) -> str:
    """Say who changes what by when, or that somebody has to decide; nothing once it is done."""
    body = found.items[0].document.body if found.items else None
    if body is None:
        return ""
    values = {
        "number": found.number,
        "codes": found.codes,
        "url": _address(body.code, f"/changes/{found.number}"),
    }
    if found.state is ChangeState.OPEN:
        return gettext("%(number)s waits for a decision: %(codes)s: %(url)s", **values)
    if found.state in (ChangeState.ACCEPTED, ChangeState.ANSWERED) and found.owner is not None:
        return gettext(
            "%(owner)s: please change %(codes)s by %(day)s (%(number)s): %(url)s",
            owner=found.owner.name,
            day=as_date(found.due_on),
            **values,
        )
    return ""
