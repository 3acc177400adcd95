"""Who may see a pupil and what of her; `check_` raises with the reason, `can_` asks.

`who_sees` is `Student.objects.visible_to` read from the other end: a test holds that the two agree for
every pair in the test world.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q, Value
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import Grant, User
from followup.accounts.permissions import ROLES, Permission, Reach
from followup.questions import Blank, Question
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

REACHING = [role.code for role in ROLES.values() if role.reach != Reach.NOBODY]
FROM_A_PLACE = [role.code for role in ROLES.values() if role.reach in (Reach.WHOLE_UNIT, Reach.CONCERNED)]


@dataclass(frozen=True)
class Seer:
    """Somebody who sees a pupil: who, as what, and whether she is named for her."""

    user: User
    grants: tuple[Grant, ...]
    named: bool
    is_mentor: bool  # by her role and by a mentor group of hers

    @property
    def titles(self) -> list[str]:
        return list(dict.fromkeys(str(grant.title) for grant in self.grants))


@dataclass(frozen=True)
class Ties:
    """What ties a pupil to her school and to people there, today."""

    units: set[int]  # where she goes, or went lately
    mentors: set[tuple[int, int]]  # (unit, user) that lead a mentor group of hers
    leaders: set[tuple[int, int]]  # the same for any group
    coaches: set[tuple[int, int]]
    involved: set[tuple[int, int | None]]  # whom she concerns: a unit, or one person there
    named: set[int]  # people named for her
    is_protected: bool

    @property
    def concerned(self) -> set[int]:
        return {unit for unit, _user in self.involved}

    @property
    def users(self) -> set[int | None]:
        return self.named | {user for _unit, user in self.leaders | self.coaches | self.involved}

    def reach(self, grant: Grant) -> bool:
        """Whether a grant sees her; past protected identity only her own, the head and the named."""
        reach = ROLES[grant.role].reach
        if reach == Reach.NOBODY:
            return False
        if (
            grant.user_id in self.named
            or self.reach_as_mentor(grant)
            or (grant.role == "school_leader" and _at(grant, self.units))
            or (reach == Reach.CASELOAD and _with(grant, self.coaches))
        ):
            return True
        return not self.is_protected and (
            (reach == Reach.WHOLE_UNIT and _at(grant, self.units))
            or (grant.role == "teacher" and _with(grant, self.leaders))
            or (reach == Reach.CONCERNED and _at(grant, self.concerned))
            or (reach == Reach.ASSIGNED and _with(grant, self.involved))
        )

    def reach_as_mentor(self, grant: Grant) -> bool:
        return grant.role == "mentor" and _with(grant, self.mentors)


def _at(grant: Grant, units: set[int]) -> bool:
    """A grant without a unit is for every unit of its organiser."""
    return bool(units) if grant.unit_id is None else grant.unit_id in units


def _with(grant: Grant, ties: set[tuple[int, int]]) -> bool:
    return _at(grant, {unit for unit, user in ties if user == grant.user_id})


def who_sees(student: Student) -> list[Seer]:
    """Everybody who sees a pupil today, whatever duty she works in; by family name."""
    ties = _ties_of(student)
    near = _grants_near.ask(
        organiser=student.organiser_id,
        units=ties.units | ties.concerned,
        users=ties.users - {None},
        day=clock.today(),
    )
    found: dict[int, list[Grant]] = {}
    for grant in filter(ties.reach, near):
        found.setdefault(grant.user_id, []).append(grant)
    return [
        Seer(
            grants[0].user,
            tuple(grants),
            named=user in ties.named,
            is_mentor=any(ties.reach_as_mentor(grant) for grant in grants),
        )
        for user, grants in found.items()
    ]


def scope_about(scope: Scope, student: Student) -> Scope:
    """A scope with only the roles by which it reaches one pupil; ask it what may be done about her."""
    if scope.organiser_id != student.organiser_id:
        return scope.by(())
    ties = _ties_of(student)
    return scope.by(grant for grant in scope.grants if ties.reach(grant))


@Question
def _grants_near():
    """The grants of a day among which are all that reach her: `Ties` tell which."""
    organiser, units = Blank("organiser"), Blank("units")
    return (
        Grant.objects.current(Blank("day"))
        .filter(user__is_active=True)
        .filter(Q(unit__organiser=organiser) | Q(unit=None, organiser=organiser))
        .filter(
            Q(role__in=FROM_A_PLACE) & (Q(unit=None) | Q(unit__in=units))
            | Q(role__in=REACHING, user__in=Blank("users"))
        )
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "user", "pk")
    )


@Question
def _ties():
    """What ties her to people: which tie, the unit, the person."""
    student, day = Blank("student"), Blank("day")
    leads = GroupStaff.objects.covering(day).of_students(student, day)
    coaches = SupportMeasure.objects.ongoing(day).filter(student=student, kind=SupportMeasure.Kind.COACH)
    involved = Involvement.objects.current(day).filter(student=student)
    named = NamedAccess.objects.current(day).filter(student=student)
    return leads.values_list("group__kind", "group__unit", "user").union(
        coaches.values_list(Value("coach"), "unit", "responsible"),
        involved.values_list(Value("involved"), "unit", "user"),
        named.values_list(Value("named"), Value(0), "user"),
    )


def _ties_of(student: Student) -> Ties:
    """In one question, beside her enrolments."""
    found = defaultdict(set)
    for tie, unit, user in _ties.ask(student=student.pk, day=clock.today()):
        found[tie].add((unit, user))
    return Ties(
        units={each.unit_id for each in student.enrolments.all() if each.is_lately},
        mentors=found[Group.Kind.MENTOR],
        leaders=set().union(*(found[kind] for kind in Group.Kind.values)),
        coaches=found["coach"],
        involved=found["involved"],
        named={user for _unit, user in found["named"]},
        is_protected=student.person.is_protected,
    )


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
