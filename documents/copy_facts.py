"""What the trail can say about paper copies, and the notices their holders get (a32, a33)."""

from app.kernel.coded import N_
from app.kernel.notices import NoticeKind
from app.kernel.trail import Fact


class CopyFact(Fact):
    """Facts of numbered copies (T1, T4)."""

    ISSUED = (
        "copy.issued",
        N_("%(actor)s issued copy %(copy)s of %(code)s %(edition)s to %(holder)s, %(unit)s."),
    )
    HANDED_OVER = (
        "copy.handed_over",
        N_("%(actor)s noted that copy %(copy)s of %(code)s %(edition)s was handed over."),
    )
    PHOTOGRAPHED = (
        "copy.photographed",
        N_("%(actor)s brought a photo of copy %(copy)s of %(code)s %(edition)s."),
    )
    RECALLED = (
        "copy.recalled",
        N_("%(actor)s recalled copy %(copy)s of %(code)s %(edition)s: %(reason)s"),
    )
    RETURNED = (
        "copy.returned",
        N_("Copy %(copy)s of %(code)s %(edition)s came back, as %(actor)s noted."),
    )
    LOST = "copy.lost", N_("Copy %(copy)s of %(code)s %(edition)s is lost: %(reason)s")
    DESTROYED = (
        "copy.destroyed",
        N_("Copy %(copy)s of %(code)s %(edition)s was destroyed: %(reason)s"),
    )
    FOUND = (
        "copy.found",
        N_("%(actor)s confirmed that copy %(copy)s of %(code)s %(edition)s is still there."),
    )
    PRINTED = "copy.printed", N_("%(actor)s printed copy %(copy)s of %(code)s %(edition)s.")
    ROUND_BEGUN = (
        "copy.round_begun",
        N_("%(actor)s asked the holders of %(count)s copies of %(code)s, by %(due_on)s."),
    )
    ROUND_CLOSED = (
        "copy.round_closed",
        N_("The round over the copies of %(code)s is closed; %(count)s were not answered for."),
    )


class CopyNotice(NoticeKind):
    """Lines the holders of copies get."""

    ISSUED = "copy.issued", N_("Copy %(copy)s of %(code)s %(edition)s was issued to you.")
    RECALLED = (
        "copy.recalled",
        N_("Give back copy %(copy)s of %(code)s %(edition)s (%(place)s)."),
    )
    ASKED = (
        "copy.asked",
        N_("Say by %(due_on)s whether your copies of %(code)s are still there."),
    )
