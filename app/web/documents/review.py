"""Judging a revision where one reads it: redline, comments, decision (screen 7; D3, D8, P2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, Refusal
from app.kernel.people import Person, Role
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.addresses import translated as gettext
from app.web.documents.impact import gather_all, impact_of
from app.web.documents.lifecycles import lifecycle_of
from app.web.documents.openings import note_opening
from app.web.documents.opinions import late_seat_of, returned_by
from app.web.documents.redlines import redline_of
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page, safe_next, words
from app.web.signing import proof_of
from documents import register
from documents.approval import answer_package, remind
from documents.commenting import comments_of, give_opinion
from documents.models import Answer, Package, Revision, RevisionState, StepKind
from documents.permissions import (
    DocumentPermission,
    is_seated,
    only_invited,
    open_seats_for,
)
from documents.submission import cancel_package
from forms.screen.approval import ApprovalForm, ReturnForm
from forms.screen.base import without_controls
from forms.screen.comment import CommentForm, InvitationForm, SuggestionForm
from forms.screen.drafting import ReasonForm
from forms.screen.fields import key_of

bp = Blueprint("review", __name__)
VIEWS = ("merged", "side", "changes", "clean")


@dataclass(frozen=True)
class Deciding:
    """What the page needs to let the viewer decide, or to say why not."""

    approve: ApprovalForm
    send_back: ReturnForm
    seat: Person
    capacity: Any
    is_review: bool
    obstacle: str
    opened: str = ""


@bp.get("/r/<int:revision_id>")
@requires(DocumentPermission.READ_REVISION)
def show(revision_id: int) -> ResponseReturnValue:
    """Show a revision on its way: what changed, who answered, what the viewer may decide."""
    revision = register.revision(db.session(), standing(), revision_id)
    if revision.state is RevisionState.DRAFT and may(
        standing(), DocumentPermission.DRAFT_REVISION, revision
    ):
        return redirect(url_for("revise.draft", revision_id=revision.id))
    note_opening(revision)
    return review_page(revision)


def review_page(
    revision: Revision, *, deciding: Deciding | None = None, status: int = 200, **more: Any
) -> ResponseReturnValue:
    """Render the review page, whole or as the pane beside the work list."""
    values = evidence(revision)
    values["deciding"] = deciding or deciding_on(revision)
    values["view"] = request.args.get("view") if request.args.get("view") in VIEWS else "merged"
    values["comment_form"] = CommentForm()
    values["suggestion_form"] = SuggestionForm(prefix="s-")
    values["cancel_form"] = ReasonForm()
    values["invitation_form"] = InvitationForm(formdata=None, prefix="i-")
    values["guest"], values["wrong_guest"] = None, ""
    values.update(more)
    return page("documents/review.html", status=status, **values)


def evidence(revision: Revision) -> dict[str, Any]:
    """Give what a decision is taken on: the text, what changed, who said what."""
    session = db.session()
    main = revision.main_file
    reading = register.reading_of(session, main.sha256) if main is not None else None
    earlier, against = compared_with(revision)
    before = register.reading_of(session, earlier) if earlier else None
    package = revision.package
    is_guest = only_invited(standing(), revision)
    return {
        "revision": revision,
        "document": revision.document,
        "package": package,
        "reading": reading,
        "redline": redline_of(before, reading) if reading is not None else None,
        "can_compare": not any(one is not None and one.scan for one in (before, reading)),
        "has_before": before is not None,
        "against": against,
        "lifecycle": lifecycle_of(revision, standing().on),
        "comments": comments_of(db.session(), revision),
        "is_guest": is_guest,
        "impact": impact_of(revision) if revision.is_open and not is_guest else [],
        "may_invite": package is not None
        and revision.submitted_at is not None
        and revision.is_open
        and may(standing(), DocumentPermission.INVITE, revision),
        "late_for": late_seat_of(package),
        "returned_by": returned_by(package),
        "may_comment": may(standing(), DocumentPermission.COMMENT, revision) and revision.is_open,
        "waiting": package.current_step.waiting
        if package is not None and package.current_step is not None
        else [],
    }


def compared_with(revision: Revision) -> tuple[str, str]:
    """Give the file compared with: one's last round's where asked (a17), else the predecessor's."""
    if request.args.get("against") == "round" and revision.round > 1:
        file = revision.main_file_of(_last_round(revision))
        if file is not None:
            return file.sha256, "round"
    former = revision.predecessor.main_file if revision.predecessor is not None else None
    return (former.sha256 if former is not None else "", "predecessor")


def _last_round(revision: Revision) -> int:
    """Give the round the viewer last answered in; the one before this for whoever did not."""
    steps = revision.package.all_steps if revision.package is not None else []
    mine = signed_in().id
    answered = [
        decision.round
        for step in steps
        for decision in step.decisions
        if mine in (decision.seat_id, decision.decided_by_id) and decision.round < revision.round
    ]
    return max(answered, default=revision.round - 1)


def deciding_on(revision: Revision) -> Deciding | None:
    """Give the viewer's decision at the open step; None when nothing is asked of them."""
    package = revision.package
    step = package.current_step if package is not None else None
    if package is None or step is None:
        return None
    seat = _seat_of(package)
    if seat is None:
        return None
    approve, send_back = ApprovalForm(prefix="a-"), ReturnForm(prefix="b-")
    for form in (approve, send_back):
        if not form.row_version.data:
            form.row_version.data = package.row_version
        form.seat.data = form.seat.data or str(seat.id)
    obstacle = package.answer_obstacle(signed_in(), seat)
    roles = (Role.LEADER, Role.MANAGER, Role.QUALITY_REPRESENTATIVE, Role.QUALITY_OFFICER)
    holder = next(
        (deputised for deputised in standing().delegators if deputised.person.id == seat.id),
        standing(),
    )
    return Deciding(
        approve,
        send_back,
        seat,
        holder.capacity_for(roles, package.lead_unit_id),
        step.kind is StepKind.REVIEW,
        words(obstacle) if obstacle is not None else "",
    )


def _seat_of(package: Package) -> Person | None:
    """Give the seat the viewer answers from: their own, else one they deputise for."""
    step = package.current_step
    if step is None:
        return None
    open_seats = [seat.person for seat in open_seats_for(standing(), step)]
    for person in open_seats:
        if package.answer_obstacle(signed_in(), person) is None:
            return person
    return open_seats[0] if open_seats else None


@bp.post("/r/<int:revision_id>/decision")
@requires(DocumentPermission.DECIDE)
def decide(revision_id: int) -> ResponseReturnValue:
    """Take the viewer's signed answer: agree, approve, or return with reasons."""
    revision = register.revision(db.session(), standing(), revision_id)
    deciding = deciding_on(revision)
    if revision.package is None:
        raise NotFound()
    if deciding is None:
        if not is_seated(standing(), revision.package):
            raise NotFound()
        if (late := late_seat_of(revision.package)) is not None:
            return _as_opinion(revision, late)
        obstacle = revision.package.answer_obstacle(signed_in())  # somebody was a moment faster
        return review_page(revision, status=409, problem=words(obstacle) if obstacle else "")
    returns = request.form.get("answer") == str(Answer.RETURN)
    form = deciding.send_back if returns else deciding.approve
    opened = "return" if returns else "approve"
    try:
        if not form.validate_on_submit():
            return _again(revision, deciding, opened, 422)
        proof = proof_of(form)
        with unit_of_work(signed_in()) as work:
            package = work.fresh(revision.package, seen=form.row_version.data)
            answer_package(
                work,
                package,
                Answer.RETURN if returns else Answer.APPROVE,
                proof=proof,
                comment=form.comment.data or "",
                seat=_chosen_seat(form.seat.data or ""),
                impacts=gather_all(work.session, package),
            )
    except InvalidInput as refused:
        asked = form.code if refused.field == "code" else form.password
        asked.errors = (words(refused),)
        return _again(revision, deciding, opened, 422)
    except Refusal as refused:
        if refused.status != 409:
            raise
        revision = register.revision(db.session(), standing(), revision_id)
        return review_page(revision, status=409, problem=words(refused))
    said = {
        "code": revision.code,
        "edition": revision.label,
    }
    if returns and revision.state is not RevisionState.DRAFT:
        message = gettext(
            "Your answer on %(code)s %(edition)s is signed; the others still decide.", **said
        )
    elif returns:
        message = gettext("%(code)s %(edition)s is returned to its author.", **said)
    elif revision.state in (RevisionState.APPROVED, RevisionState.EFFECTIVE):
        message = gettext("%(code)s %(edition)s is approved.", **said)
    else:
        message = gettext("Your answer on %(code)s %(edition)s is signed.", **said)
    return done(message, to=safe_next(request.form.get("back", "")) or url_for("work.inbox"))


@bp.post("/r/<int:revision_id>/opinion")
@requires(DocumentPermission.COMMENT)
def opinion(revision_id: int) -> ResponseReturnValue:
    """Keep the opinion of somebody whose answer comes after another returned the revision."""
    revision = register.revision(db.session(), standing(), revision_id)
    late = late_seat_of(revision.package)
    if late is None:
        raise NotFound()
    return _as_opinion(revision, late)


def _as_opinion(revision: Revision, seat: Person) -> ResponseReturnValue:
    """Keep what was sent as a decision, or written as an opinion; it decides nothing."""
    if revision.package is None:
        raise NotFound()
    returns = request.form.get("answer") == str(Answer.RETURN)
    text = "".join(request.form.get(name, "") for name in ("a-comment", "b-comment", "text"))
    with unit_of_work(signed_in()) as work:
        give_opinion(
            work,
            work.fresh(revision.package),
            Answer.RETURN if returns else Answer.AGREE,
            without_controls(text),
            seat=work.fresh(seat),
        )
    return done(
        gettext(
            "%(name)s returned it before you. Your answer is kept as an opinion; "
            "it decides nothing, and the author reads it.",
            name=returned_by(revision.package),
        ),
        to=url_for("review.show", revision_id=revision.id) + "#comments",
    )


def _chosen_seat(text: str) -> Person | None:
    key = key_of(text)
    return db.session.get(Person, key) if key is not None else None


def _again(revision: Revision, deciding: Deciding, opened: str, status: int) -> ResponseReturnValue:
    again = Deciding(
        deciding.approve,
        deciding.send_back,
        deciding.seat,
        deciding.capacity,
        deciding.is_review,
        deciding.obstacle,
        opened,
    )
    return review_page(revision, deciding=again, status=status)


@bp.post("/r/<int:revision_id>/cancellation")
@requires(DocumentPermission.CANCEL_REVISION)
def cancellation(revision_id: int) -> ResponseReturnValue:
    """Cancel a revision before its effect, with a reason."""
    revision = register.revision(db.session(), standing(), revision_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        return review_page(revision, status=422, cancel_form=form)
    with unit_of_work(signed_in()) as work:
        cancel_package(work, revision, reason=form.reason.data or "")
    return done(
        gettext("%(code)s %(edition)s is cancelled.", code=revision.code, edition=revision.label),
        to=url_for("work.inbox"),
    )


@bp.post("/r/<int:revision_id>/reminder")
@requires(DocumentPermission.REMIND)
def reminder(revision_id: int) -> ResponseReturnValue:
    """Remind those who hold a revision; once a day is enough."""
    revision = register.revision(db.session(), standing(), revision_id)
    if revision.package is None:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        remind(work, work.fresh(revision.package))
    return done(gettext("They are reminded with the next digest."), to=url_for("work.waiting"))
