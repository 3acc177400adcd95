"""Who may see a pupil and what of her; `check_` raises with the reason, `can_` asks.

`who_sees` is `Student.objects.visible_to` read from the other end: a test holds that the two agree for
every pair in the test world.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils.translation import gettext as _

from followup.accounts.models import Grant, User
from followup.accounts.permissions import ROLES, Permission, Reach
from followup.scoping import Scope, asking, who_may
from students.models import (
    Enrolment,
    FactDispute,
    Group,
    GroupMember,
    GroupStaff,
    Involvement,
    NamedAccess,
    Student,
    SupportMeasure,
)

REACHING = {reach: [role.code for role in ROLES.values() if role.reach == reach] for reach in Reach}


@dataclass(frozen=True)
class Seer:
    """Somebody who sees a pupil: who, as what, and whether she is named for her."""

    user: User
    grants: tuple[Grant, ...]

    @property
    def titles(self) -> list[str]:
        return list(dict.fromkeys(str(grant.title) for grant in self.grants))

    @property
    def named(self) -> bool:
        return any(grant.named for grant in self.grants)


def who_sees(student: Student) -> list[Seer]:
    """Everybody who sees a pupil today, whatever duty she works in; in one query."""
    found: dict[int, list[Grant]] = {}
    for grant in _reaching(student):
        found.setdefault(grant.user_id, []).append(grant)
    return [Seer(grants[0].user, tuple(grants)) for grants in found.values()]


def scope_about(scope: Scope, student: Student) -> Scope:
    """A scope with only the roles by which it reaches one pupil; ask it what may be done about her."""
    reaching = set(_reaching(student).filter(user=scope.user).values_list("pk", flat=True))
    return scope.by(grant for grant in scope.grants if grant.pk in reaching)


def _reaching(student: Student):
    """The grants by which somebody sees a pupil today."""
    return (
        Grant.objects.current()
        .filter(user__is_active=True)
        .exclude(role__in=REACHING[Reach.NOBODY])
        .filter(Q(unit__organiser=student.organiser_id) | Q(unit=None, organiser=student.organiser_id))
        .annotate(
            everywhere=Case(When(unit=None, then="organiser")),  # the organiser whose every unit it is for
            named=Exists(NamedAccess.objects.current().filter(student=student, user=OuterRef("user"))),
        )
        .filter(_way_to(student))
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "user", "pk")
    )


def _way_to(student: Student) -> Q:
    """The ways from a grant to a pupil; past protected identity only those that pass it."""
    whole = _at_place(Enrolment.objects.lately().filter(student=student))
    mentor = _at_place(_staff(student, [Group.Kind.MENTOR]), "group__unit")
    caseload = _at_place(
        SupportMeasure.objects.ongoing().filter(
            student=student, kind=SupportMeasure.Kind.COACH, responsible=OuterRef("user")
        )
    )
    near = (
        Q(named=True)
        | (Q(role="mentor") & mentor)
        | (Q(role__in=REACHING[Reach.CASELOAD]) & caseload)
        | (Q(role="school_leader") & whole)
    )
    if student.person.is_protected:
        return near
    involved = Involvement.objects.current().filter(student=student)
    return (
        near
        | (Q(role__in=REACHING[Reach.WHOLE_UNIT]) & whole)
        | (Q(role="teacher") & _at_place(_staff(student, Group.Kind.values), "group__unit"))
        | (Q(role__in=REACHING[Reach.CONCERNED]) & _at_place(involved))
        | (Q(role__in=REACHING[Reach.ASSIGNED]) & _at_place(involved.filter(user=OuterRef("user"))))
    )


def _staff(student: Student, kinds):
    """The periods in which a user leads a group that the pupil is in."""
    groups = GroupMember.objects.covering().filter(student=student).values("group")
    return GroupStaff.objects.covering().filter(
        user=OuterRef("user"), group__in=groups, group__kind__in=kinds
    )


def _at_place(rows, unit: str = "unit"):
    """Whether there is such a row at the grant's unit, or at any unit of its organiser."""
    here = Q(**{unit: OuterRef("unit")}) | Q(**{f"{unit}__organiser": OuterRef("everywhere")})
    return Exists(rows.filter(here))


# What may be done: `here` is the scope about one pupil (`scope_about`), or a whole scope for a list of many.


def check_see_follow_up(scope: Scope) -> None:
    """Flags, check-ins, decisions and attendance are for those who follow up, not for every teacher."""
    scope.check(Permission.SEE_FOLLOW_UP)


def check_see_facts(scope: Scope) -> None:
    """The facts of the files: for those who follow up, and for those who keep the records."""
    if not (scope.can(Permission.SEE_FOLLOW_UP) or scope.can(Permission.SEE_RECORDS)):
        scope.check(Permission.SEE_FOLLOW_UP)


def check_see_contact(scope: Scope, student: Student) -> None:
    """Contact, home municipality and guardians; of a protected pupil only to those named for her."""
    check_see_facts(scope)
    if student.person.is_protected and not is_named(scope, student):
        raise PermissionDenied(_("Kontaktuppgifterna visas bara för den som är utsedd för eleven."))


def is_named(scope: Scope, student: Student) -> bool:
    return NamedAccess.objects.current().filter(student=student, user=scope.user).exists()


def check_dispute(scope: Scope) -> None:
    scope.check(Permission.DISPUTE_FACT)


def check_answer_dispute(scope: Scope, dispute: FactDispute) -> None:
    """The registrar of the unit; of a pupil she does not see (protected), the unit's head."""
    if not (
        scope.can(Permission.SEE_RECORDS, dispute.unit_id)
        or (dispute.student.person.is_protected and scope.can(Permission.SET_PROTECTION, dispute.unit_id))
    ):
        raise PermissionDenied(
            _("Du får inte svara på detta. Det får: %(who)s.") % {"who": who_may(Permission.SEE_RECORDS)}
        )


def check_protect(scope: Scope) -> None:
    scope.check(Permission.SET_PROTECTION)


can_see_follow_up = asking(check_see_follow_up)
can_see_facts = asking(check_see_facts)
can_see_contact = asking(check_see_contact)
can_dispute = asking(check_dispute)
can_answer_dispute = asking(check_answer_dispute)
can_protect = asking(check_protect)
