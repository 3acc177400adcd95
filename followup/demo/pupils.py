"""The pupils of the demo: who they are, where they go, and how their year tends to go.

The tendencies follow the marginals of Swedish reports (docs/demo.md): mean absence about 9 per cent on
academic, 13 on vocational and 22 on introductory programmes, most pupils well below and 5 to 8 per
cent of all above 30; 20 to 35 per cent of it unauthorised, none at all for half of the pupils; some
who drift away from a certain week on.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from followup.demo.names import GIVEN, family_name, given_name
from followup.demo.numbers import Numbers
from followup.demo.schooldays import term_starts
from followup.demo.schools import School
from students.models import Enrolment, Group, GroupMember, GroupStaff, Guardian, Person, Protection, Student

CLASS_SIZE = 28
GROUP_SIZE = 15  # pupils per mentor
# Most pupils are absent now and then (mean); some are away a lot (their share among all, by programme).
USUALLY = {"academic": 0.035, "vocational": 0.045, "introductory": 0.07, "compulsory": 0.04}
OFTEN_AWAY = {"academic": 0.085, "vocational": 0.15, "introductory": 0.4, "compulsory": 0.09}
OFTEN = 0.4


@dataclass
class Place:
    """A seat in a class, before there is anybody on it."""

    school_class: str
    programme: str
    year: int
    born: int
    starts_on: date
    kind: str


@dataclass
class Tendency:
    """How a pupil's year tends to go; the attendance is drawn from it, inside the database."""

    student_id: int
    organiser_id: int
    unit_id: int
    starts_on: date
    mean: float
    unexcused_share: float
    drift_from: int  # ordinal of the school day from which she drifts away; 9999 is never
    mondays: bool
    silent_from: int  # ordinal of the school day from which her timetable is missing


def places(school: School, school_year: int) -> list[Place]:
    """Seats by year and class; programme codes end in 25 for those who began under the reform of 2025."""
    found = []
    years = (7, 8, 9) if school.compulsory else (1, 2, 3)
    for index, year in enumerate(years):
        began = term_starts(school_year - index)
        born = school_year - (year + 6 if school.compulsory else 15 + year)
        here = school.pupils // 3 + (1 if index < school.pupils % 3 else 0)
        if school.compulsory:
            for number in range(here):
                letter = "ABCDEFGHIJKLMNOP"[number // CLASS_SIZE]
                found.append(Place(f"{year}{letter}", "", year, born, began, "compulsory"))
            continue
        weight = sum(part for _code, part, _kind in school.programmes)
        for code, part, kind in school.programmes:
            suffix = "25" if school_year - index >= 2025 and kind != "introductory" else ""
            for number in range(round(here * part / weight)):
                letter = "abcdefghijklmnop"[number // CLASS_SIZE]
                found.append(Place(f"{code}{year}{letter}", code + suffix, year, born, began, kind))
    return found


def mentors_needed(seats: list[Place]) -> int:
    classes = {}
    for seat in seats:
        classes[seat.school_class] = classes.get(seat.school_class, 0) + 1
    return sum(-(-size // GROUP_SIZE) for size in classes.values())


def enrol(
    school: School,
    seats: list[Place],
    *,
    school_year: int,
    days: int,
    numbers: Numbers,
    chance: Random,
    protected: int,
    batch_ids: dict[str, int],
) -> list[Tendency]:
    """Seats people: persons, pupils, enrolments, mentor's groups; returns how each one's year tends to go."""
    persons = []
    for seat in seats:
        number, kind, born = numbers.of_year(seat.born, school.unit.pk)
        persons.append(
            Person(
                national_number=number,
                number_kind=kind,
                birth_date=born,
                number_unit=school.unit if kind == "temporary" else None,
            )
        )
    for person in persons[5 : 5 + protected * 40 : 40]:
        person.protection = Protection.MARKED
    Person.objects.bulk_create(persons)
    organiser = school.unit.organiser
    students = Student.objects.bulk_create(
        Student(
            person=person,
            organiser=organiser,
            given_name=given_name(chance),
            family_name=family_name(chance),
            email=f"elev{person.pk}@example.org",
            phone=f"070-17406{chance.randrange(5, 100):02d}",  # numbers set aside for fiction
            home_municipality_code="9901",
            batch_id=batch_ids["elever"],
        )
        for person in persons
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            student=student,
            unit=school.unit,
            school_form=school.unit.school_form,
            programme=seat.programme,
            year=seat.year,
            school_class=seat.school_class,
            starts_on=seat.starts_on,
            batch_id=batch_ids["inskrivningar"],
        )
        for student, seat in zip(students, seats, strict=True)
    )
    _give_guardians(students, chance, batch_ids["vardnadshavare"])
    _give_mentors(school, students, seats, school_year, batch_ids["mentorsgrupper"])
    return [
        _tendency(student, seat, school, days, chance) for student, seat in zip(students, seats, strict=True)
    ]


def _give_guardians(students: list[Student], chance: Random, batch_id: int) -> None:
    Guardian.objects.bulk_create(
        Guardian(
            student=student,
            given_name=given,
            family_name=student.family_name,
            relation=relation,
            email=f"vardnadshavare{student.pk}.{number}@example.org",
            phone=f"070-17406{chance.randrange(5, 100):02d}",
            batch_id=batch_id,
        )
        for student in students
        for number, (relation, given) in enumerate(
            zip(["mamma", "pappa"][: chance.choice([1, 2, 2])], chance.sample(GIVEN, 2), strict=False)
        )
    )


def _give_mentors(school: School, students, seats, school_year: int, batch_id: int) -> None:
    """Each class in groups of at most GROUP_SIZE; the mentor with a card takes a class in year 2."""
    by_class: dict[str, list[Student]] = {}
    for student, seat in zip(students, seats, strict=True):
        by_class.setdefault(seat.school_class, []).append(student)
    mentors = iter(school.staff["mentor"])
    ordered = sorted(
        by_class, key=lambda name: (not name.startswith("EK2b"), not name.startswith("EK2"), name)
    )
    begins = term_starts(school_year)
    groups, staff, members = [], [], []
    for school_class in ordered:
        here = by_class[school_class]
        for number in range(-(-len(here) // GROUP_SIZE)):
            group = Group(
                unit=school.unit,
                kind=Group.Kind.MENTOR,
                name=f"{school_class}:{number + 1}",
                school_year=school_year,
            )
            groups.append(group)
            staff.append(GroupStaff(group=group, user=next(mentors), starts_on=begins, batch_id=batch_id))
            members += [
                GroupMember(group=group, student=student, starts_on=begins, batch_id=batch_id)
                for student in here[number * GROUP_SIZE : (number + 1) * GROUP_SIZE]
            ]
    Group.objects.bulk_create(groups)
    GroupStaff.objects.bulk_create(staff)
    GroupMember.objects.bulk_create(members)


def _tendency(student: Student, seat: Place, school: School, days: int, chance: Random) -> Tendency:
    mean, spread = (OFTEN, 8) if chance.random() < OFTEN_AWAY[seat.kind] else (USUALLY[seat.kind], 60)
    return Tendency(
        student_id=student.pk,
        organiser_id=school.unit.organiser_id,
        unit_id=school.unit.pk,
        starts_on=seat.starts_on,
        mean=chance.betavariate(mean * spread, (1 - mean) * spread),
        unexcused_share=chance.uniform(0.25, 0.75) if chance.random() < 0.5 else 0.0,
        drift_from=days - chance.randrange(10, 60) if chance.random() < 0.05 else 9999,
        mondays=chance.random() < 0.03,
        silent_from=days - 24 if chance.random() < 0.012 else 9999,
    )
