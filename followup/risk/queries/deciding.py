"""What stands before the eyes of the one who decides about a pupil: her flags, and who may be asked."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from followup import clock
from followup.accounts.models import Grant, SchoolUnit, User
from followup.accounts.permissions import Permission, title_of
from followup.questions import Blank, Question
from followup.risk.access import DECIDING_ROLES
from followup.risk.actions.decisions import Seen
from followup.risk.models import Decision, Flag
from followup.risk.queries.belonging import Belonging, belongings
from followup.risk.queries.taken import takers
from followup.risk.queries.waiting import Reason, Row, flags_in_order
from followup.scoping import Scope
from students.models import Student, followed_ids

COACHES = ("coach",)
SUPPORTERS = ("student_health", "support_staff", "school_leader")
PROPOSED_WEEKS = 3
EARLIER = 4


@dataclass(frozen=True)
class Staff:
    """Who may be named at a unit: to decide, to coach, to be responsible."""

    deciders: list[tuple[int, str]] = field(default_factory=list)
    coaches: list[tuple[int, str]] = field(default_factory=list)
    supporters: list[tuple[int, str]] = field(default_factory=list)
    mentors: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """One pupil as she is decided about. `asked_by`: the user before whose eyes it stands."""

    asked_by: int
    student: Student
    unit: SchoolUnit
    flags: list[Flag]
    belonging: Belonging
    staff: Staff
    latest: Decision | None
    earlier: list[Decision]

    @property
    def reasons(self) -> list[Reason]:
        return [Reason(flag) for flag in self.flags]

    @property
    def seen(self) -> Seen:
        met = [flag.pk for flag in self.flags if not flag.no_longer_met_on]
        return Seen(frozenset(met), self.latest.pk if self.latest else 0)

    @property
    def taken_by(self) -> list[User]:
        return takers(self.flags)

    @property
    def contacted_on(self) -> date | None:
        return max((flag.contacted_on for flag in self.flags if flag.contacted_on), default=None)


def case_of(scope: Scope, student: Student, row: Row | None = None) -> Case | None:
    """None where no unit of the pupil's is one that she decides for. `row`: what the list knows already."""
    if row:
        flags, belonging = row.flags, row.belonging
    else:
        flags = list(flags_in_order(Flag.objects.open().visible_to(scope).filter(student=student)))
        belonging = belongings([student.pk])[student.pk]
    unit = _deciding_unit(scope, student, flags)
    if unit is None:
        return None
    decisions = _decisions(scope, student)
    return Case(
        asked_by=scope.user.pk,
        student=student,
        unit=unit,
        flags=flags,
        belonging=belonging,
        staff=_staff(unit, belonging),
        latest=decisions[0] if decisions else None,
        earlier=decisions,
    )


def _decisions(scope: Scope, student: Student) -> list[Decision]:
    """Those that hold, the latest first."""
    return _in_force.ask(student=student.pk, visible=followed_ids(scope))


@Question
def _in_force():
    decisions = Decision.objects.in_force().filter(  # scope: the visible ids are filled in
        student=Blank("student"), student__in=Blank("visible")
    )
    return decisions.select_related("decided_by", "recorded_by").order_by("-pk")[:EARLIER]


def proposed_follow_up() -> date:
    """In three weeks, the same weekday; never a day that is no weekday."""
    day = clock.today() + timedelta(weeks=PROPOSED_WEEKS)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _deciding_unit(scope: Scope, student: Student, flags: list[Flag]) -> SchoolUnit | None:
    """Where her flags are, else where she goes; of a pupil's two schools both may decide."""
    may = scope.units_where(Permission.DECIDE)
    here = next((flag.unit for flag in flags if flag.unit_id in may), None)
    if here:
        return here
    goes = student.enrolments.covering().filter(unit__in=may).select_related("unit").first()
    return goes.unit if goes else None


def _staff(unit: SchoolUnit, belonging: Belonging) -> Staff:
    """Everybody at the unit who may be named, in one question. A mentor counts when she is the pupil's own."""
    found = _who_may_be_named.ask(unit=unit.pk, day=clock.today())
    called = [
        (user, role, _called(f"{given_name} {family_name}", title_of(role, profession)))
        for user, given_name, family_name, role, profession in found
    ]
    own = [(mentor.pk, _called(mentor.name, "mentor")) for mentor in belonging.mentors]

    def of(roles):
        return list(dict.fromkeys((user, name) for user, role, name in called if role in roles))

    return Staff(
        deciders=of(DECIDING_ROLES),
        coaches=of(COACHES),
        supporters=list(dict(own + of(SUPPORTERS)).items()),
        mentors=own,
    )


@Question
def _who_may_be_named():
    return (
        Grant.objects.current(Blank("day"))
        .filter(unit=Blank("unit"), role__in=[*DECIDING_ROLES, *COACHES, *SUPPORTERS], user__is_active=True)
        .order_by("user__family_name", "user__given_name", "user")
        .values_list("user", "user__given_name", "user__family_name", "role", "profession")
    )


def _called(name: str, title) -> str:
    return f"{name}, {title}"
