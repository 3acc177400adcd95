"""Who may see a pupil and what of her; `check_` raises with the reason, `can_` asks.

`who_sees` is `Student.objects.visible_to` read from the other end: a test holds that the two agree for
every pair in the test world.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import Grant, User
from followup.accounts.permissions import ROLES, Permission, Reach
from followup.scoping import Scope, asking, who_may
from students.models import (
    FactDispute,
    Group,
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


@dataclass(frozen=True)
class Leader:
    """Somebody who leads a group that a pupil is in today."""

    user_id: int
    unit_id: int
    kind: str
    is_mentor: bool  # by her role too, not only by the group
    name: str


def leaders_of(student: Student) -> list[Leader]:
    """By family name; asked once, whatever the page does with them."""
    if not hasattr(student, "_leaders"):
        today = clock.today()
        inside = Q(group__members__ends_on=None) | Q(group__members__ends_on__gte=today)
        rows = (
            GroupStaff.objects.covering(today)
            .with_mentoring(today)
            .filter(inside, group__members__student=student, group__members__starts_on__lte=today)
            .order_by("user__family_name", "user__given_name")
            .values_list(
                "user", "group__unit", "group__kind", "mentoring", "user__given_name", "user__family_name"
            )
            .distinct()
        )
        student._leaders = [Leader(*row, f"{given} {family}") for *row, given, family in rows]
    return student._leaders


def who_sees(student: Student) -> list[Seer]:
    """Everybody who sees a pupil today, whatever duty she works in."""
    found: dict[int, list[Grant]] = {}
    for grant in _reaching(student).select_related("user"):
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
        .annotate(named=Exists(NamedAccess.objects.current().filter(student=student, user=OuterRef("user"))))
        .filter(_way_to(student))
        .order_by("user__family_name", "user__given_name", "user", "pk")
    )


def _way_to(student: Student) -> Q:
    """The ways from a grant to a pupil; past protected identity only those that pass it.

    A grant without a unit is for every unit of its organiser, so it reaches whatever is at any of them.
    """
    whole = _at({each.unit_id for each in student.enrolments.all() if each.is_lately})
    leaders = leaders_of(student)
    caseload = SupportMeasure.objects.ongoing().filter(
        student=student, kind=SupportMeasure.Kind.COACH, responsible=OuterRef("user")
    )
    near = (
        Q(named=True)
        | _leading("mentor", [leader for leader in leaders if leader.kind == Group.Kind.MENTOR])
        | (Q(role__in=REACHING[Reach.CASELOAD]) & _with_row(caseload))
        | (Q(role="school_leader") & whole)
    )
    if student.person.is_protected:
        return near
    involved = Involvement.objects.current().filter(student=student)
    return (
        near
        | (Q(role__in=REACHING[Reach.WHOLE_UNIT]) & whole)
        | _leading("teacher", leaders)
        | (Q(role__in=REACHING[Reach.CONCERNED]) & _with_row(involved))
        | (Q(role__in=REACHING[Reach.ASSIGNED]) & _with_row(involved.filter(user=OuterRef("user"))))
    )


def _at(units) -> Q:
    return (Q(unit=None) | Q(unit__in=units)) if units else Q(pk__in=[])


def _leading(role: str, leaders: list[Leader]) -> Q:
    """A role of somebody who leads a group of hers, at the unit of the group."""
    ways = Q(pk__in=[])
    for unit in {leader.unit_id for leader in leaders}:
        ways |= _at({unit}) & Q(user__in={leader.user_id for leader in leaders if leader.unit_id == unit})
    return Q(role=role) & ways


def _with_row(rows):
    """Whether there is such a row at the grant's unit."""
    return Exists(rows.filter(unit=Coalesce(OuterRef("unit"), F("unit"))))


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


def check_dispute_about(scope: Scope, student: Student) -> None:
    """By a role that both reaches the pupil and has the right."""
    if not Student.objects.visible_to(scope.only(Permission.DISPUTE_FACT)).filter(pk=student.pk).exists():
        raise PermissionDenied(
            _("Du ser eleven men får inte göra detta. Det får: %(who)s.")
            % {"who": who_may(Permission.DISPUTE_FACT)}
        )


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
can_dispute_about = asking(check_dispute_about)
can_answer_dispute = asking(check_answer_dispute)
can_protect = asking(check_protect)
