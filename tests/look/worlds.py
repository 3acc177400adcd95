"""The three worlds of the contact sheet: nothing yet, a usual day, and everything at its longest."""

from datetime import date, timedelta

from django.core.management import call_command, get_commands
from django.db import connection

from followup.accounts.models import Grant, Installation, User

LONG = [
    ("Alexandra-Josefina Wilhelmina", "Wennergren-Ståhlhammar af Ugglas"),
    ("Maximilian-Alexander Benjamin", "von Bahr-Lindencrona Östergren"),
]


def fill(world: str, *, students: int) -> dict[str, User]:
    """An empty database, filled; the people to look as, by role."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0)
    {"empty": _empty, "usual": _usual, "full": _full}[world](students)
    if "scan" in get_commands() and world != "empty":
        call_command("scan", verbosity=0)
    return _by_role()


def _by_role() -> dict[str, User]:
    """The first person of each role, those with a card in the demo before others."""
    grants = Grant.objects.current().select_related("user").order_by("-user__demo_card", "pk")
    found: dict[str, User] = {}
    for grant in grants:
        found.setdefault(grant.role, grant.user)
    return found


def _empty(students: int) -> None:
    """Right after `manage.py setup`: one administrator, one registrar of a school without a pupil."""
    from tests import world

    Installation.objects.get_or_create(defaults={"is_demo": False})
    built = world.World()
    organiser = world.Organiser.objects.create(name="Ekköpings kommun", organisation_number="2120009990")
    unit = world.SchoolUnit.objects.create(
        organiser=organiser, code="99900011", name="Norra gymnasiet", school_form="GY"
    )
    world.user(built, "sten", "Sand", "system_admin")
    world.user(built, "ulla", "Brandt", "registrar", unit=unit)
    world.user(built, "karin", "Ahl", "mentor", unit=unit)
    world.user(built, "mette", "Lund", "student_health", unit=unit, profession="kurator")
    world.user(built, "anna", "Falk", "school_leader", unit=unit)


def _usual(students: int) -> None:
    call_command("demo", students=students, seed=1, verbosity=0)


def _full(students: int) -> None:
    """Sixty pupils of one mentor, names of forty letters and more, every reason there is."""
    from students.models import Person, Student
    from tests import world

    Installation.objects.get_or_create(defaults={"is_demo": False})
    built = world.build()
    norra = built.norra
    norra.name = "Norra gymnasiet för konst, teknik och naturvetenskap i Ekköping"
    norra.save()
    group = world.Group.objects.filter(unit=norra, kind=world.Group.Kind.MENTOR).get()
    for number in range(60):
        given, family = LONG[number % 2]
        person = Person.objects.create(number_kind=Person.NumberKind.MISSING, birth_date=date(2009, 3, 1))
        student = Student.objects.create(
            person=person, organiser=norra.organiser, given_name=f"{given} {number}", family_name=family
        )
        world.Enrolment.objects.create(
            student=student,
            unit=norra,
            school_form="GY",
            programme="EK25",
            year=2,
            school_class="EK2b",
            starts_on=world.TERM_START,
        )
        world.GroupMember.objects.create(group=group, student=student, starts_on=world.TERM_START)
        world.attendance(
            student, norra, until=world.TODAY - timedelta(days=1), days=30, unexcused=30 + number * 3
        )
        for course in range(number % 10):
            world.warning(
                student,
                norra,
                subject=f"Entreprenörskap och företagande, nivå {course}",
                code=f"ENTR{course}X",
                value="F" if course % 2 else "",
                kind="final" if course % 2 else "warning",
            )
