"""What people did with the flags of the demo's last weeks: it is lived in, by the same verbs as real life.

The clock is set to one morning after the other; the scan of the day before runs, and then people act:
the team decides, mentors and coaches take flags and write check-ins. Nothing is written past the actions.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random
from uuid import UUID

from django.db import connection
from django.db.models import Min
from django.utils import timezone

from followup import clock
from followup.accounts.models import Grant, SchoolUnit, User
from followup.calendar import DAY, WEEK
from followup.coaching.actions import write_check_in
from followup.coaching.calendar import propose
from followup.coaching.models import CheckIn
from followup.coaching.said import Said
from followup.demo import registrar, schooldays
from followup.risk import actions as risk
from followup.risk.models import Decision, Flag, Scan
from students.models import GroupMember, GroupStaff, Student, SupportMeasure

WEEKS_BACK = 6
DECIDED_AT_ONCE = 40  # pupils per meeting; those of the last days still wait
Choice = Decision.Choice

CHOICES = (
    [Choice.MENTOR] * 9 + [Choice.NONE] * 4 + [Choice.SUPPORT] * 3 + [Choice.COACH] * 2 + [Choice.INQUIRY] * 2
)
REASONS = {
    Choice.MENTOR: ["Mentorn har kontakt varje vecka.", "Följs vid veckans avstämning.", ""],
    Choice.NONE: [
        "Frånvaron beror på en anmäld ledighet som är slut.",
        "Närvaron är tillbaka sedan två veckor.",
        "Planen från i våras gäller fortfarande.",
    ],
    Choice.SUPPORT: [
        "Läxhjälp två gånger i veckan.",
        "Anpassat schema fram till lovet.",
        "Stöd i matematik.",
    ],
    Choice.COACH: ["Täta avstämningar i sex veckor.", "Elevcoach enligt överenskommelse vid mötet."],
    Choice.INQUIRY: ["Längre frånvaro, utredning enligt 15 kap. 16 §.", "Orsakerna behöver redas ut."],
}
OUTCOMES = [
    "Närvaron har ökat, eleven är med på lektionerna.",
    "Bättre, men måndagarna är fortfarande svåra.",
    "Ingen skillnad ännu, nytt möte behövs.",
]
NOTES = [
    "Lämnade in två uppgifter. Ska fråga om extra tid på tisdagar.",
    "Kom i tid tre dagar av fem. Ställer klockan en kvart tidigare.",
    "Missade provet i matematik, skriver det på torsdag.",
    "Har fått en plats i läxhjälpen och går dit på onsdag.",
    "Pratade om veckans schema. Börjar med engelskan.",
    "Vill byta grupp i idrotten. Jag frågar läraren.",
    "Har varit på alla lektioner utom fredagens första.",
]
AGREED = [
    "Lämna in labbrapporten före fredag",
    "Gå till läxhjälpen på onsdag",
    "Prata med läraren i engelska",
    "",
]
SUPPORTS = ["Läxhjälp", "Anpassat schema", "Stödundervisning i matematik"]


@dataclass
class School:
    """Who acts at one unit."""

    unit: SchoolUnit
    team: list[User] = field(default_factory=list)
    coaches: list[User] = field(default_factory=list)


def live_through(days: list[date], *, chance: Random, say=lambda text: None) -> None:
    """The last six weeks, morning by morning; `days` are the school days there are facts for."""
    schools = _schools()
    ends = days[-1]
    mornings = [day for day in days if ends - WEEKS_BACK * WEEK <= day < ends]
    busy = [day for day in mornings if day.weekday() == 3 or day > ends - 5 * DAY]
    for day in [*busy, _next_school_day(ends)]:
        done = days[days.index(day) - 1] if day in days else ends
        with clock.standing_at(moment_of(day, time(8, 10))):
            risk.scan_now(kind=Scan.Kind.NIGHT, day=done)
            _tell_the_planner()
            last = day > ends
            for school in schools:
                if not last:
                    _decide(school, chance)
                    _follow_up(school, chance)
                _take_some(school, chance)
            if not last:
                _check_in_weekly(day, chance)
    with clock.standing_at(moment_of(_next_school_day(ends), time(8, 20))):
        _book_today(chance)
        registrar.fill_the_desk(ends)
    say(f"{Decision.objects.count()} beslut, {CheckIn.objects.count()} avstämningar")


def _tell_the_planner() -> None:
    """All of this is one transaction, into which the server's own housekeeping cannot see."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE risk_flag, risk_flagevent, risk_decision, students_involvement")


def _schools() -> list[School]:
    schools = {unit.pk: School(unit) for unit in SchoolUnit.objects.all()}
    for grant in Grant.objects.filter(role__in=["student_health", "coach"]).select_related("user"):
        school = schools[grant.unit_id]
        (school.team if grant.role == "student_health" else school.coaches).append(grant.user)
    return list(schools.values())


def _next_school_day(day: date) -> date:
    """The morning on which the demo is looked at; today, unless the demo ends in a holiday."""
    return max(day + DAY, clock.today())


def moment_of(day: date, at: time) -> datetime:
    """That moment; a demo that is made before breakfast has nothing in it that has not been."""
    return min(timezone.make_aware(datetime.combine(day, at)), clock.now())


def _uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _decide(school: School, chance: Random) -> None:
    """The team goes through what has waited for some days, the oldest first."""
    waiting = (
        Flag.objects.waiting()
        .with_waiting_since()
        .filter(unit=school.unit, waiting_since__lte=clock.today() - 4 * DAY)
        .values("student")
        .annotate(oldest=Min("waiting_since"))
        .order_by("oldest", "student")[:DECIDED_AT_ONCE]
    )
    mentors = _mentors([row["student"] for row in waiting])
    students = Student.objects.in_bulk([row["student"] for row in waiting])
    for student in students.values():
        by = chance.choice(school.team)
        choice = chance.choice(CHOICES)
        responsible = {
            Choice.MENTOR: mentors.get(student.pk, by),
            Choice.COACH: chance.choice(school.coaches),
        }.get(choice, by)
        weeks = chance.choice([3, 4, 4, 5, 6])
        risk.decide(
            student,
            by=by,
            unit=school.unit,
            choice=choice,
            decided_by=by,
            form_uuid=_uuid(chance),
            seen=risk.seen_now(student),
            reason=chance.choice(REASONS[choice]),
            follow_up_on=clock.today() + weeks * WEEK if choice != Choice.NONE else None,
            measure=None
            if choice == Choice.NONE
            else risk.Measure(
                responsible=responsible, what=chance.choice(SUPPORTS) if choice == Choice.SUPPORT else ""
            ),
        )


def _follow_up(school: School, chance: Random) -> None:
    """What was to be followed up is, but for two that stay overdue."""
    due = Decision.objects.to_follow_up().filter(unit=school.unit).order_by("follow_up_on", "pk")
    for decision in list(due)[2:]:
        risk.follow_up(
            decision,
            by=decision.decided_by,
            outcome=chance.choice(OUTCOMES),
            goes_on=chance.random() < 0.3,
            next_on=clock.today() + 3 * WEEK,
        )


def _mentors(student_ids) -> dict[int, User]:
    members = GroupMember.objects.covering().filter(student__in=student_ids).values_list("student", "group")
    leaders = {staff.group_id: staff.user for staff in GroupStaff.objects.covering().select_related("user")}
    return {student: leaders[group] for student, group in members if group in leaders}


def _take_some(school: School, chance: Random) -> None:
    flags = list(Flag.objects.loud().untaken().filter(unit=school.unit, decision=None).order_by("pk")[:60])
    mentors = _mentors([flag.student_id for flag in flags])
    for flag in flags:
        if flag.student_id in mentors and chance.random() < 0.12:
            risk.take(flag, by=mentors[flag.student_id])


def _check_in_weekly(day: date, chance: Random) -> None:
    """Coaches meet their pupils every week, mentors those whom they follow every other."""
    measures = SupportMeasure.objects.ongoing(day).filter(kind__in=["coach", "mentor"])
    for measure in measures.select_related("student", "responsible").order_by("pk"):
        if chance.random() < (0.7 if measure.kind == "coach" else 0.25):
            _meet(measure, chance)


def _meet(measure: SupportMeasure, chance: Random, **said) -> CheckIn:
    made = chance.random() < 0.85
    declined = chance.random() < 0.06
    booked = propose(clock.today())
    return write_check_in(
        by=measure.responsible,
        student=measure.student,
        unit_id=measure.unit_id,
        form_uuid=_uuid(chance),
        said=Said(
            on=clock.today(),
            made=made,
            channel=chance.choice(["meeting", "meeting", "meeting", "phone", "message"]),
            rating=min(10, max(1, round(chance.gauss(5.6, 1.8)))) if made and not declined else None,
            rating_declined=made and declined,
            note=chance.choice(NOTES) if made else "",
            agreed=chance.choice(AGREED) if made else "",
            **(
                {
                    "next_on": booked.on,
                    "next_time": time(chance.choice([8, 9, 10, 11, 13, 14]), chance.choice([0, 10, 20, 40])),
                    "next_place": chance.choice(["rum 214", "mentorsrummet", "telefon", ""]),
                }
                | said
            ),
        ),
    )


def _book_today(chance: Random) -> None:
    """Those with a card on the first page have something booked on the day they are looked at."""
    today = clock.today()
    for user in User.objects.exclude(demo_card=""):
        measures = SupportMeasure.objects.ongoing().filter(responsible=user, kind__in=["coach", "mentor"])
        for measure, at in zip(
            measures.select_related("student", "responsible").order_by("-pk"),
            [time(10, 20), time(14, 0)],
            strict=False,
        ):
            with clock.standing_at(moment_of(schooldays.last_school_day_before(today), time(10, 30))):
                _meet(measure, chance, next_on=today, next_time=at, next_place="rum 214")
