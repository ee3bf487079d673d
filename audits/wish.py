"""What may be wished of a year's plan, and what the planner is at while it works it out (b8)."""

from app.kernel.coded import N_, Coded


class Wish(Coded):
    """What the year should do best, beside keeping the rules."""

    BALANCED = "balanced", N_("A bit of everything")
    EARLY = "early", N_("The riskiest units as early as can be")
    FEW_TRIPS = "few_trips", N_("As few trips as can be")
    EVEN = "even", N_("The same load for everybody")


class Doing(Coded):
    """What the planner is at."""

    WAITING = "waiting", N_("Waits for its turn")
    READING = "reading", N_("Reads units, risks, auditors and calendars")
    PLACING = "placing", N_("Looks for teams that are independent and free")
    IMPROVING = "improving", N_("Weighs risk, trips and the load of each auditor")
    EXPLAINING = "explaining", N_("Writes down the reasons")
