"""Flags that somebody has taken; and those she can no longer see, which wait for nobody until given back."""

from django.db.models import Exists, OuterRef, Q

from followup.accounts.models import Grant, User
from followup.accounts.permissions import ROLES, Permission
from followup.risk.models import Flag
from students.models import GroupMember, GroupStaff, Involvement, NamedAccess, Protection, SupportMeasure

TAKING = [role.code for role in ROLES.values() if Permission.TAKE_FLAG in role.permissions]


def takers(flags: list[Flag]) -> list[User]:
    """Who has taken what waits. What she took and what is decided since says nothing of a new reason."""
    waiting = [flag for flag in flags if flag.waits] or flags
    return list(dict.fromkeys(flag.taken_by for flag in waiting if flag.taken_by))


def out_of_reach(unit_ids):
    """Open flags of some units whose taker has lost the role, the group or the school by which she saw the pupil.

    The same as asking of each taker whether the pupil is visible to her, which a test holds it to.
    """
    return _unreached(Flag.objects.open().at_units(unit_ids).filter(taken_by__isnull=False))


def out_of_reach_of(user: User):
    """The same, of all that one person has taken: her role at one school may have been her way to a pupil at another."""
    return _unreached(Flag.objects.open().filter(taken_by=user))  # scope: what she may no longer see


def _unreached(taken):
    mentor = GroupMember.objects.covering().filter(
        Exists(
            GroupStaff.objects.mentoring().filter(
                group=OuterRef("group"), user=OuterRef(OuterRef("taken_by"))
            )
        ),
        student=OuterRef("student"),
    )
    coach = SupportMeasure.objects.ongoing().filter(
        Exists(_roles("unit", "coach").filter(user=OuterRef("responsible"))),
        kind=SupportMeasure.Kind.COACH,
        student=OuterRef("student"),
        responsible=OuterRef("taken_by"),
    )
    health = Involvement.objects.current().filter(
        Exists(_roles("unit", "student_health").filter(user=OuterRef(OuterRef("taken_by")))),
        student=OuterRef("student"),
    )
    named = NamedAccess.objects.current().filter(
        Exists(
            Grant.objects.current()
            .filter(role__in=TAKING, user=OuterRef("user"))
            .filter(
                Q(unit__organiser=OuterRef("student__organiser"))
                | Q(unit=None, organiser=OuterRef("student__organiser"))
            )
        ),
        student=OuterRef("student"),
        user=OuterRef("taken_by"),
    )
    reached = Exists(mentor) | Exists(coach) | Exists(named)
    reached |= Q(Exists(health), student__person__protection=Protection.NONE)
    return taken.exclude(reached)


def _roles(path: str, role: str):
    return Grant.objects.current().at_unit(path).filter(role=role)
