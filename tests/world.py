"""A small world with names: two organisers, three schools, one person per role, a handful of pupils.

    Ekköpings kommun          Norra gymnasiet   Ella (mentor Karin), Omar (Karin), Vera (protected, Karin)
                              Södra gymnasiet   Saga (mentor Per)
    Björkskolan AB            Fria Björkskolan  Tove (mentor Eva)

The clock of the tests stands at Tuesday 24 November 2026 unless a test moves it (`settings.KOLL_TODAY`).
Numbers are test numbers of the tax agency; names are invented.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from followup.accounts.models import Grant, Organiser, SchoolUnit, User
from followup.risk.models import Flag, FlagEvent
from followup.scoping import scope_for
from students.models import (
    AttendanceDay,
    Enrolment,
    Grade,
    Group,
    GroupMember,
    GroupStaff,
    Involvement,
    Person,
    Protection,
    Student,
    SupportMeasure,
)

TODAY = date(2026, 11, 24)
TERM_START = date(2026, 8, 17)


@dataclass
class World:
    organisers: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    users: dict = field(default_factory=dict)
    students: dict = field(default_factory=dict)

    def __getattr__(self, name):
        for kind in ("students", "users", "units", "organisers"):
            found = self.__dict__.get(kind, {})
            if name in found:
                return found[name]
        raise AttributeError(name)

    def scope(self, user, duty=None):
        """The scope of a user (object or name); in her first duty unless one is named."""
        user = self.users[user] if isinstance(user, str) else user
        scope = scope_for(user)
        if duty and scope.duty != duty:
            wanted = next(choice for choice in scope.choices if choice[0] == duty)
            scope = scope_for(user, wanted)
        return scope


def user(world, name, family_name, *roles, unit=None, organiser=None, profession="") -> User:
    made = User.objects.create_user(
        f"{name}@example.org", "lösenord-för-tester", given_name=name.title(), family_name=family_name
    )
    for role in roles:
        Grant.objects.create(
            user=made,
            role=role,
            unit=unit,
            organiser=organiser,
            profession=profession,
            starts_on=date(2026, 8, 1),
        )
    world.users[name] = made
    return made


def student(
    world, name, family_name, number, unit, mentor=None, school_class="EK2b", protection=Protection.NONE
) -> Student:
    person = Person.objects.create(
        national_number=number,
        birth_date=date(int(number[:4]), int(number[4:6]), int(number[6:8])),
        protection=protection,
    )
    made = Student.objects.create(
        person=person, organiser=unit.organiser, given_name=name.title(), family_name=family_name
    )
    Enrolment.objects.create(
        student=made,
        unit=unit,
        school_form="GY",
        programme="EK25",
        year=2,
        school_class=school_class,
        starts_on=TERM_START,
    )
    if mentor:
        group, _new = Group.objects.get_or_create(
            unit=unit, kind=Group.Kind.MENTOR, name=f"{school_class} {mentor.given_name}", school_year=2026
        )
        GroupStaff.objects.get_or_create(group=group, user=mentor, starts_on=TERM_START)
        GroupMember.objects.create(group=group, student=made, starts_on=TERM_START)
    world.students[name] = made
    return made


def attendance(student, unit, until=TODAY, days=20, scheduled=300, excused=0, unexcused=0, unreported=0):
    """The last `days` weekdays up to and including `until`, all alike."""
    found, day = [], until
    while len(found) < days:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return AttendanceDay.objects.bulk_create(
        AttendanceDay(
            student=student,
            organiser_id=unit.organiser_id,
            unit=unit,
            date=day,
            scheduled=scheduled,
            excused=excused,
            unexcused=unexcused,
            unreported=unreported,
        )
        for day in found
    )


def warning(student, unit, subject="Matematik nivå 2b", code="MATE2B00X", on=TODAY, value="", kind="warning"):
    return Grade.objects.create(
        student=student, unit=unit, scheme="GY25", code=code, subject=subject, value=value, kind=kind, on=on
    )


def coach(student, unit, responsible, made_by=None):
    return SupportMeasure.objects.create(
        student=student,
        unit=unit,
        kind=SupportMeasure.Kind.COACH,
        responsible=responsible,
        starts_on=date(2026, 9, 1),
        made_by=made_by,
    )


def flag(student, unit, indicator="A1", level="red", value="17.00", opened_on=TODAY, **fields) -> Flag:
    """An open flag as the scan leaves it: with its first step, and the unit's student health involved."""
    made = Flag.objects.create(
        student=student,
        unit=unit,
        indicator=indicator,
        level=level,
        value=value,
        threshold=fields.pop("threshold", None),
        opened_on=opened_on,
        changed_on=opened_on,
        measured_on=TODAY,
        **fields,
    )
    FlagEvent.objects.create(flag=made, on=opened_on, what=FlagEvent.What.OPENED, level=level, value=value)
    Involvement.objects.get_or_create(
        student=student,
        unit=unit,
        user=None,
        why=Involvement.Why.FLAG,
        ref=made.pk,
        defaults={"since": opened_on},
    )
    return made


def build() -> World:
    world = World()
    kommun = Organiser.objects.create(name="Ekköpings kommun", organisation_number="2120009990")
    aktie = Organiser.objects.create(
        name="Björkskolan AB", organisation_number="5560009998", kind=Organiser.Kind.INDEPENDENT
    )
    world.organisers = {"kommun": kommun, "aktie": aktie}
    norra, sodra, bjork = (
        SchoolUnit.objects.create(organiser=organiser, code=code, name=name, school_form="GY")
        for organiser, code, name in [
            (kommun, "99900011", "Norra gymnasiet"),
            (kommun, "99900012", "Södra gymnasiet"),
            (aktie, "99900021", "Fria Björkskolan"),
        ]
    )
    world.units = {"norra": norra, "sodra": sodra, "bjork": bjork}

    karin = user(world, "karin", "Ahl", "mentor", unit=norra)
    per = user(world, "per", "Ost", "mentor", unit=sodra)
    eva = user(world, "eva", "Rask", "mentor", unit=bjork)
    user(world, "jonas", "Rydh", "coach", unit=norra)
    user(world, "tore", "Lind", "teacher", unit=norra)
    user(world, "siv", "Berg", "support_staff", unit=norra, profession="specialpedagog")
    user(world, "mette", "Lund", "student_health", unit=norra, profession="kurator")
    user(world, "anna", "Falk", "school_leader", unit=norra)
    user(world, "ulla", "Brandt", "registrar", unit=norra)
    user(world, "olle", "Fors", "student_health", unit=sodra, profession="kurator")
    user(world, "bo", "Ek", "student_health", unit=bjork, profession="kurator")
    user(world, "lena", "Holm", "organiser_leader", organiser=kommun)
    user(world, "pia", "Lood", "privacy_officer", organiser=kommun)
    user(world, "sten", "Sand", "system_admin")

    student(world, "ella", "Lindqvist", "200901102392", norra, karin)
    student(world, "omar", "Haddad", "200809062383", norra, karin)
    student(world, "vera", "Skog", "201004092381", norra, karin, protection=Protection.MARKED)
    student(world, "saga", "Wiklund", "200810252395", sodra, per, school_class="BF1a")
    student(world, "tove", "Ask", "201011052386", bjork, eva, school_class="EK1a")
    return world
