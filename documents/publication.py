"""Giving a document to bodies below, and their own decision to work by it (7.5.3; rule O4).

One text is stored once: each body below reads the higher body's revision in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.organisation import Body, Unit, bodies_below, root_unit
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import Standing
from app.kernel.search import nfc
from app.kernel.signatures import Meaning, Proof, Signature
from app.kernel.work import Work
from documents import register
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    Adoption,
    AdoptionEnd,
    Confidentiality,
    Document,
    Publication,
    PublicationBody,
    PublicationMode,
    Revision,
)
from documents.permissions import DocumentPermission
from documents.reading_below import ask_below, stop_asking_below

MOST_AT_ONCE = 200
_NAMED_CODES = 5


@dataclass(frozen=True)
class PublicationData:
    """How a document is given, and to whom."""

    mode: PublicationMode
    is_for_all: bool = True
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True)
class Offer:
    """One edition of a published document, as somebody read it before deciding."""

    publication: Publication
    revision: Revision


@dataclass(frozen=True)
class AdoptionData:
    """What a body says of its decision."""

    decided_on: date | None
    decision_number: str = ""
    own_code: str = ""


def open_publication(session: Session, document: Document) -> Publication | None:
    """Give how a document is published now; None when it is to nobody."""
    return session.scalars(
        sa.select(Publication).where(
            Publication.document_id == document.id, Publication.ended_at.is_(None)
        )
    ).one_or_none()


def keep_published_readable(session: Session, document: Document, wanted: Confidentiality) -> None:
    """Refuse to close a document to all but named people while other bodies work by it."""
    if wanted is Confidentiality.NAMED and open_publication(session, document) is not None:
        raise InvalidInput(
            N_("It is published to other bodies. Take it back from them first."),
            field="confidentiality",
        )


def reached_ids(session: Session, publication: Publication) -> frozenset[int]:
    """Give the bodies a publication reaches today: those overseen, all or the named ones."""
    below = bodies_below(session, publication.body_id)
    return frozenset(body_id for body_id in below if publication.reaches(body_id))


def publish(work: Work, document: Document, data: PublicationData) -> Publication:
    """Give a document in force to bodies below, or change how it is given."""
    work.require(DocumentPermission.PUBLISH, document)
    document = work.fresh(document)
    current = register.effective_revision(work.session, document)
    if current is None:
        raise RuleBroken(
            N_("No edition of %(code)s is in force, so there is nothing to publish."),
            rule="O4",
            code=document.code,
        )
    _check_bodies(work, document, data)
    publication = open_publication(work.session, document)
    is_new = publication is None
    before: frozenset[int] = frozenset()
    if publication is None:
        publication = Publication(
            body_id=document.body_id,
            document=document,
            mode=data.mode,
            is_for_all=data.is_for_all,
            published_by_id=work.actor.id,
            published_at=work.now,
        )
        if obstacle := publication.publish_obstacle():
            raise obstacle
    else:
        publication = work.fresh(publication)
        before = reached_ids(work.session, publication)
        publication.mode, publication.is_for_all = data.mode, data.is_for_all
    _choose(publication, () if data.is_for_all else data.bodies)
    work.add(publication)
    after = reached_ids(work.session, publication)
    fact = DocumentFact.PUBLISHED if is_new else DocumentFact.PUBLICATION_CHANGED
    ended = _end_adoptions(work, publication, before - after)
    work.record(fact, publication, mode=data.mode, count=len(after), edition=current.label,
                bodies=[one.body.code for one in publication.chosen], ended=len(ended))  # fmt: skip
    _tell_bodies(work, publication, current, after - before)
    _ask_or_stop(work, publication, current, after, before - after)
    return publication


def _ask_or_stop(
    work: Work,
    publication: Publication,
    current: Revision,
    reached: frozenset[int],
    left: frozenset[int],
) -> None:
    """Ask the people of every body bound now; nobody where it is neither bound nor adopted."""
    if publication.mode is PublicationMode.BINDING:
        ask_below(work, [current], reached)
    else:
        left |= reached - _working_by(work.session, publication)
    if left:
        stop_asking_below(work, publication.document, left)


def _working_by(session: Session, publication: Publication) -> frozenset[int]:
    return frozenset(
        session.scalars(
            sa.select(Adoption.body_id).where(
                Adoption.publication_id == publication.id, Adoption.ended_at.is_(None)
            )
        )
    )


def _check_bodies(work: Work, document: Document, data: PublicationData) -> None:
    below = bodies_below(work.session, document.body_id)
    if not below:
        raise RuleBroken(N_("Your body oversees no other body."), rule="O4")
    if data.is_for_all:
        return
    if not data.bodies:
        raise InvalidInput(N_("Tick at least one body, or choose all."), field="bodies")
    if any(body.id not in below for body in data.bodies):
        raise InvalidInput(N_("Your body does not oversee one of these."), field="bodies")


def _choose(publication: Publication, bodies: Iterable[Body]) -> None:
    """Name the bodies; who was named before stays the same row."""
    wanted = {body.id: body for body in bodies}
    kept = [one for one in publication.chosen if one.body_id in wanted]
    known = {one.body_id for one in kept}
    added = [PublicationBody(body_id=key, body=body) for key, body in wanted.items()
             if key not in known]  # fmt: skip
    publication.chosen = [*kept, *added]


def _deciders(session: Session, body_ids: Iterable[int], on: date) -> list[Person]:
    """Give who leads these bodies or keeps their documents: one query for any number."""
    return list(
        session.scalars(
            sa.select(Person)
            .join(Appointment, Appointment.person_id == Person.id)
            .join(Unit, Unit.id == Appointment.unit_id)
            .where(
                Appointment.body_id.in_(list(body_ids)),
                Appointment.role.in_((Role.LEADER, Role.QUALITY_OFFICER)),
                Unit.parent_id.is_(None),
                Appointment.from_on <= on,
                sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
                Person.disabled_at.is_(None),
            )
            .order_by(Person.id)
        ).unique()
    )


def _tell_bodies(
    work: Work, publication: Publication, current: Revision, body_ids: Iterable[int]
) -> None:
    kind = (
        DocumentNotice.PUBLISHED_BINDING
        if publication.mode is PublicationMode.BINDING
        else DocumentNotice.ADOPTION_ASKED
    )
    work.notify(
        kind,
        publication,
        to=_deciders(work.session, body_ids, work.today),
        code=current.code,
        edition=current.label,
        body=publication.document.body.name,
    )


def edition_came_into_force(work: Work, revision: Revision) -> None:
    """Pass a new edition on to the bodies below: adoption opens anew, each is told (O4)."""
    publication = open_publication(work.session, revision.document)
    if publication is None:
        return
    reached = reached_ids(work.session, publication)
    work.record(
        DocumentFact.EDITION_PASSED_ON, publication, edition=revision.label, count=len(reached)
    )
    _tell_bodies(work, publication, revision, reached)
    if publication.mode is PublicationMode.BINDING:
        ask_below(work, [revision], reached)


def end_publication(work: Work, publication: Publication, *, reason: str) -> list[Adoption]:
    """Take a document back from the bodies below; their adoptions end in the same act (O4)."""
    work.require(DocumentPermission.PUBLISH, publication)
    reason = nfc(reason).strip()[:2000]
    if not reason:
        raise InvalidInput(N_("Give the reason; the bodies below read it."), field="reason")
    return _end(work, publication, reason)


def document_withdrawn(work: Work, document: Document, *, reason: str) -> list[Adoption]:
    """Do the same when the document itself is withdrawn; its own act says who decided."""
    publication = open_publication(work.session, document)
    return _end(work, publication, nfc(reason).strip()) if publication is not None else []


def _end(work: Work, publication: Publication, reason: str) -> list[Adoption]:
    publication = work.fresh(publication)
    reached = reached_ids(work.session, publication)
    publication.end(work.actor_or_none, reason, at=work.now)
    ended = _end_adoptions(work, publication, None, tell=False)
    work.record(
        DocumentFact.PUBLICATION_ENDED,
        publication,
        reason=reason,
        count=len(ended),
        bodies=[adoption.body.code for adoption in ended],
    )
    _tell_end(work, publication, reached, reason)
    stop_asking_below(work, publication.document)
    return ended


def _end_adoptions(
    work: Work, publication: Publication, body_ids: Iterable[int] | None, *, tell: bool = True
) -> list[Adoption]:
    """End what bodies adopted, each in its own chain; of all bodies, or of some."""
    if publication.id is None or (body_ids is not None and not body_ids):
        return []
    query = sa.select(Adoption).where(
        Adoption.publication_id == publication.id, Adoption.ended_at.is_(None)
    )
    if body_ids is not None:
        query = query.where(Adoption.body_id.in_(list(body_ids)))
    ended = work.fresh_all(work.session.scalars(query).all())
    for adoption in ended:
        adoption.end(AdoptionEnd.WITHDRAWN, at=work.now)
        work.record(DocumentFact.ADOPTION_ENDED, adoption)
    if tell and body_ids:
        _tell_end(work, publication, body_ids, "")
    return ended


def _tell_end(work: Work, publication: Publication, body_ids: Iterable[int], reason: str) -> None:
    work.notify(
        DocumentNotice.PUBLICATION_ENDED,
        publication,
        to=_deciders(work.session, body_ids, work.today),
        code=publication.document.code or "",
        body=publication.document.body.name,
        reason=reason,
    )


def adopt(
    work: Work, offers: Sequence[Offer], data: AdoptionData, *, proof: Proof
) -> list[Adoption]:
    """Adopt editions of a higher body by one signed decision of one's own body (O4)."""
    body = work.actor.body
    work.require(DocumentPermission.ADOPT, body)
    if proof.person_id != work.actor.id:
        raise Forbidden(DocumentPermission.ADOPT, body)
    _check_decision(work, offers, data)
    who = _who_decides(work)
    if who.person.id != work.actor.id:
        work.acting_for = who.person
    parts = [(one.revision.document, one.publication, one.revision) for one in offers]
    work.fresh_all(record for part in parts for record in part)  # documents first, as all acts do
    pairs = [Offer(work.fresh(one.publication), work.fresh(one.revision)) for one in offers]
    replaced = [_former(work, one, body) for one in pairs]
    signature = _sign(work, pairs, data, who, proof)
    adopted = [
        _adopt_one(work, one, former, data, signature)
        for one, former in zip(pairs, replaced, strict=True)
    ]
    _tell_higher(work, pairs)
    ask_below(work, [one.revision for one in pairs], [body.id])
    return adopted


def _check_decision(work: Work, offers: Sequence[Offer], data: AdoptionData) -> None:
    if not offers:
        raise InvalidInput(N_("Tick at least one document."), field="chosen")
    if len({one.publication.id for one in offers}) != len(offers):
        raise InvalidInput(N_("One document is ticked twice."), field="chosen")
    if len(offers) > MOST_AT_ONCE:
        raise InvalidInput(N_("At most 200 documents by one decision."), field="chosen")
    if data.own_code.strip() and len(offers) > 1:
        raise InvalidInput(
            N_("A code of your own goes with one document. Tick only that one."), field="own_code"
        )
    if data.decided_on is None or data.decided_on > work.today:
        raise InvalidInput(
            N_("Give the day of the decision; it cannot lie ahead."), field="decided_on"
        )


def _who_decides(work: Work) -> Standing:
    """Give whose authority it is: one's own, else that of somebody one deputises for (O2)."""
    held = work.standing
    return next(
        one for one in (held, *held.delegators) if one.has(Role.LEADER, body_id=held.body_id)
    )


def _former(work: Work, offer: Offer, body: Body) -> Adoption | None:
    """Give what the body adopted before; refuse what it cannot adopt, or has already."""
    if obstacle := offer.publication.adopt_obstacle(body.id, offer.revision):
        raise obstacle
    if offer.publication.body_id not in work.standing.above_body_ids:
        raise RuleBroken(
            N_("%(code)s is no longer published to your body."),
            rule="O4",
            code=offer.revision.code,
        )
    former = work.session.scalars(
        sa.select(Adoption).where(
            Adoption.publication_id == offer.publication.id,
            Adoption.body_id == body.id,
            Adoption.ended_at.is_(None),
        )
    ).one_or_none()
    if former is not None and former.revision_id == offer.revision.id:
        raise RuleBroken(
            N_("%(name)s adopted %(code)s %(edition)s already."),
            rule="O4",
            name=former.adopted_by.name,
            code=offer.revision.code,
            edition=offer.revision.label,
        )
    return work.fresh(former) if former is not None else None


def _sign(
    work: Work, offers: Sequence[Offer], data: AdoptionData, who: Standing, proof: Proof
) -> Signature:
    body = work.actor.body
    content = {
        "act": "adopt",
        "body": body.code,
        "decided_on": data.decided_on.isoformat() if data.decided_on else None,
        "number": data.decision_number,
        "own_code": data.own_code,
        "documents": [
            {"of": one.publication.document.body.code, **one.revision.content()} for one in offers
        ],
    }
    root = root_unit(work.session, body.id)
    signature = proof.over(
        content,
        body_id=body.id,
        meaning=Meaning.APPROVED,
        at=work.now,
        capacity=who.capacity_for((Role.LEADER,), root.id),
        acting_for=work.acting_for,
    )
    return work.add(signature)


def _adopt_one(
    work: Work, offer: Offer, former: Adoption | None, data: AdoptionData, signature: Signature
) -> Adoption:
    if former is not None:
        former.end(AdoptionEnd.REPLACED, at=work.now)
        work.session.flush()  # the database allows one open adoption at any moment
    adoption = Adoption(
        body_id=work.actor.body_id,
        body=work.actor.body,
        publication=offer.publication,
        revision=offer.revision,
        decided_on=data.decided_on or work.today,
        decision_number=" ".join(nfc(data.decision_number).split())[:80],
        own_code=" ".join(nfc(data.own_code).split())[:80],
        adopted_by=work.actor,
        adopted_at=work.now,
        signature=signature,
    )
    work.add(adoption)
    work.record(
        DocumentFact.ADOPTED,
        adoption,
        of=offer.publication.document.body.name,
        decided_on=adoption.decided_on,
        number=adoption.decision_number,
        replaces=former,
        signature=signature,
    )
    return adoption


def _tell_higher(work: Work, offers: Sequence[Offer]) -> None:
    """Tell those who published, once for each act and not for each document."""
    by_body: dict[int, list[Offer]] = {}
    for one in offers:
        by_body.setdefault(one.publication.body_id, []).append(one)
    for body_id, given in by_body.items():
        codes = [one.revision.code for one in given[:_NAMED_CODES]]
        more = [] if len(given) <= _NAMED_CODES else ["…"]
        work.notify(
            DocumentNotice.ADOPTED,
            given[0].publication,
            to=_deciders(work.session, [body_id], work.today),
            body=work.actor.body.name,
            codes=", ".join([*codes, *more]),
        )
