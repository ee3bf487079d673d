"""What the trail can say of working together on a revision, and the notices of it (a18, a21)."""

from app.kernel.coded import N_
from app.kernel.notices import NoticeKind, asks_by_day
from app.kernel.trail import Fact


class TogetherFact(Fact):
    """Facts of invitations, of seats that changed hands, of what is tried again (T1, T4)."""

    SEAT_PASSED_ON = (
        "revision.seat_passed_on",
        N_(
            "%(code)s %(edition)s waits for %(person)s in place of %(former_holder)s: "
            "the post changed hands."
        ),
    )
    SEAT_LET_GO = (
        "revision.seat_let_go",
        N_(
            "%(code)s %(edition)s no longer waits for %(former_holder)s, whose post has ended; "
            "others of the same post answer."
        ),
    )
    WITHDRAWAL_SEAT_PASSED_ON = (
        "withdrawal.seat_passed_on",
        N_(
            "The withdrawal of %(code)s %(edition)s waits for %(person)s in place of "
            "%(former_holder)s: the post changed hands."
        ),
    )
    WITHDRAWAL_SEAT_LET_GO = (
        "withdrawal.seat_let_go",
        N_(
            "The withdrawal of %(code)s %(edition)s no longer waits for %(former_holder)s, "
            "whose post has ended; others of the same post decide."
        ),
    )
    DISPOSAL_SEAT_PASSED_ON = (
        "disposal.seat_passed_on",
        N_(
            "The disposal %(number)s waits for %(person)s in place of %(former_holder)s: "
            "the post changed hands."
        ),
    )
    DISPOSAL_SEAT_LET_GO = (
        "disposal.seat_let_go",
        N_(
            "The disposal %(number)s no longer waits for %(former_holder)s, "
            "whose post has ended; others of the same post decide."
        ),
    )
    INVITED = (
        "invitation.made",
        N_(
            "%(actor)s invited %(person)s to read %(code)s %(edition)s until %(until_on)s "
            "and suggest what to change: %(reason)s"
        ),
    )
    INVITATION_ENDED = (
        "invitation.ended",
        N_("%(actor)s ended the invitation of %(person)s to %(code)s %(edition)s."),
    )
    SEAL_ASKED_AGAIN = (
        "revision.seal_asked_again",
        N_("%(actor)s had the sealing of %(code)s %(edition)s tried again."),
    )
    RECOGNITION_ASKED_AGAIN = (
        "revision.recognition_asked_again",
        N_("%(actor)s had the words of the scan %(code)s %(edition)s recognised again."),
    )


class TogetherNotice(NoticeKind):
    """Lines people get about invitations and posts that changed hands."""

    SEAT_TAKEN = (
        "revision.seat_taken",
        N_(
            "%(code)s %(edition)s waits for you by %(due_on)s, in place of %(former)s: "
            "the post is yours now."
        ),
    )
    SEAT_PASSED = (
        "revision.seat_passed",
        N_("%(successor)s answers for %(code)s %(edition)s in your place: the post changed hands."),
    )
    WITHDRAWAL_TAKEN = (
        "withdrawal.seat_taken",
        N_(
            "Please decide by %(due_on)s whether %(code)s %(edition)s is withdrawn, "
            "in place of %(former)s: the post is yours now."
        ),
    )
    WITHDRAWAL_PASSED = (
        "withdrawal.seat_passed",
        N_(
            "%(successor)s decides on the withdrawal of %(code)s %(edition)s in your place: "
            "the post changed hands."
        ),
    )
    DISPOSAL_TAKEN = (
        "disposal.seat_taken",
        N_(
            "Please decide on the disposal %(number)s by %(due_on)s, in place of %(former)s: "
            "the post is yours now."
        ),
    )
    DISPOSAL_PASSED = (
        "disposal.seat_passed",
        N_(
            "%(successor)s decides on the disposal %(number)s in your place: "
            "the post changed hands."
        ),
    )
    INVITED = (
        "invitation.made",
        N_("Please read %(code)s %(edition)s by %(until_on)s and suggest what to change."),
    )


asks_by_day(
    (
        TogetherNotice.SEAT_TAKEN,
        TogetherNotice.WITHDRAWAL_TAKEN,
        TogetherNotice.DISPOSAL_TAKEN,
    )
)
