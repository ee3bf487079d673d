"""Who may try the acts of the ground: organisation, accounts, trail (section 1 of the domain)."""

from typing import Any

from app.kernel.coded import N_
from app.kernel.people import Person, Role
from app.kernel.permissions import (
    Permission,
    Standing,
    add_table,
    all_of,
    any_of,
    anybody,
    because,
    holds,
    holds_over_body,
    overseen_body,
    same_body,
)


class KernelPermission(Permission):
    """Permissions of the ground; values read area.record.act."""

    WORK = "account.own.use"
    VIEW_ORGANISATION = "organisation.unit.view"
    CHANGE_UNITS = "organisation.unit.change"
    VIEW_PEOPLE = "organisation.person.view"
    CHANGE_PEOPLE = "organisation.person.change"
    APPOINT = "organisation.appointment.make"
    DELEGATE = "organisation.delegation.make"
    CHANGE_SETTINGS = "settings.body.change"
    TEST_MAIL = "settings.mail.test"
    READ_TRAIL = "trail.entry.read"
    EXPORT_TRAIL = "trail.entry.export"
    SEE_ACCESS = "access.record.explain"


_OVERSIGHT = (
    Role.ADMINISTRATOR,
    Role.QUALITY_OFFICER,
    Role.QUALITY_REPRESENTATIVE,
    Role.LEADER,
    Role.INSPECTOR,
)


def somebody_else(standing: Standing, record: Any) -> bool:
    """Nobody appoints themselves (O4)."""
    return not isinstance(record, Person) or record.id != standing.person.id


@because(N_("It is their own"))
def oneself(standing: Standing, record: Any) -> bool:
    """The record is the person's own."""
    return record is None or (isinstance(record, Person) and record.id == standing.person.id)


add_table(
    {
        KernelPermission.WORK: anybody,
        KernelPermission.VIEW_ORGANISATION: any_of(same_body, overseen_body),
        KernelPermission.CHANGE_UNITS: holds(Role.ADMINISTRATOR),
        KernelPermission.VIEW_PEOPLE: any_of(same_body, overseen_body),
        KernelPermission.CHANGE_PEOPLE: holds(Role.ADMINISTRATOR),
        KernelPermission.APPOINT: all_of(holds(Role.ADMINISTRATOR), somebody_else),
        KernelPermission.DELEGATE: any_of(oneself, holds(Role.ADMINISTRATOR)),
        KernelPermission.CHANGE_SETTINGS: holds_over_body(Role.QUALITY_OFFICER),
        KernelPermission.TEST_MAIL: holds_over_body(Role.ADMINISTRATOR),
        KernelPermission.READ_TRAIL: any_of(holds_over_body(*_OVERSIGHT), overseen_body),
        KernelPermission.SEE_ACCESS: any_of(
            holds(Role.ADMINISTRATOR, Role.QUALITY_OFFICER, Role.LEADER), overseen_body
        ),
        KernelPermission.EXPORT_TRAIL: holds_over_body(
            Role.ADMINISTRATOR, Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.INSPECTOR
        ),
    }
)
