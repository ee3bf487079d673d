"""Who may deputise for whom: never for the judge of what one wrote oneself (rules D3, O2)."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from app.kernel.permissions import Standing, may
from documents.models import Package, Revision, RevisionAuthor, Step, StepPerson
from documents.permissions import DocumentPermission


def both_sides(
    session: Session, standing: Standing, lenders: Iterable[Person], deputy: Person
) -> RuleBroken | None:
    """Say why this deputy would join author and judge now; None when nothing stands in the way.

    What is submitted later is looked at when it is decided: nobody judges what they wrote.
    """
    ids = [person.id for person in lenders]
    packages = (
        session.scalars(
            sa.select(Package)
            .join(Step, Step.package_id == Package.id)
            .join(StepPerson, StepPerson.step_id == Step.id)
            .join(Revision, Revision.package_id == Package.id)
            .join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id)
            .where(
                Package.current_position.is_not(None),
                Step.round == Package.round,
                Step.position >= Package.current_position,
                StepPerson.person_id.in_(ids),
                RevisionAuthor.person_id == deputy.id,
            )
            .order_by(Package.id)
        )
        .unique()
        .all()
    )
    if not packages:
        return None
    known = [one for one in packages if may(standing, DocumentPermission.READ_REVISION, one)]
    if not known:
        return RuleBroken(
            N_("%(name)s wrote something that waits for this answer. Choose somebody else."),
            rule="D3",
            name=deputy.name,
        )
    return RuleBroken(
        N_(
            "%(name)s wrote %(codes)s, which waits for this answer: nobody judges what they wrote. "
            "Choose somebody else."
        ),
        rule="D3",
        name=deputy.name,
        codes=", ".join(one.lead.code for one in known),
    )
