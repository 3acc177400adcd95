"""Lists of pupils: all I see, those a search finds, those of a class."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts import permissions
from followup.accounts.models import SchoolUnit
from followup.navigation import addresses
from followup.offers import offered
from followup.questions import Blank, Question
from followup.scoping import Scope
from students.access import can_see_facts, can_see_follow_up
from students.models import AttendanceDay, Enrolment, GroupStaff, Protection, Student, visible_ids
from students.models.enrolment import since_lately
from students.programmes import programme_name

PER_PAGE = 50
MOST_FOUND = 20
SILENT_DAYS = 60  # longer than this without attendance is said as such, not looked for


@dataclass(frozen=True)
class Placement:
    """Where a pupil goes, as words."""

    unit_id: int
    school: str
    school_class: str
    year: int | None
    programme: str
    ends_on: date | None
    class_url: str = ""

    @property
    def has_left(self) -> bool:
        return self.ends_on is not None and self.ends_on < clock.today()


class Pupil(NamedTuple):
    """Of a pupil what a row says of her."""

    pk: int
    given_name: str
    family_name: str
    protection: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_protected(self) -> bool:
        return self.protection != Protection.NONE

    @property
    def protection_name(self) -> str:
        return str(Protection(self.protection).label)


class Choice(NamedTuple):
    """A class, and where it stands among the choices of a list."""

    unit: int
    school: str
    year: int | None
    programme: str
    school_class: str


@dataclass(frozen=True)
class StudentRow:
    student: Pupil
    url: str
    placements: list[Placement]
    mentors: list[str]
    waits: list[str] = field(default_factory=list)

    @property
    def placement(self) -> Placement | None:
        return self.placements[0] if self.placements else None


@dataclass(frozen=True)
class Reach:
    """How far the attendance of one school reaches; no day where nothing has come lately."""

    school: str
    until: date | None


@dataclass(frozen=True)
class StudentList:
    """`own` says that the user sees her own pupils only, not a whole school; she knows who their mentor is."""

    page: Page
    rows: list[StudentRow]
    own: bool
    shows_mentors: bool
    shows_schools: bool
    reaches: list[Reach] = field(default_factory=list)

    @property
    def nothing(self) -> str:
        if self.own:
            return _("Inga elever ännu. De kommer när du har en grupp eller ett uppdrag.")
        return _("Inga elever ännu. De kommer med första inläsningen.")


@dataclass(frozen=True)
class Found:
    rows: list[StudentRow]
    more: bool


@dataclass(frozen=True)
class ClassList:
    unit: SchoolUnit
    name: str
    rows: list[StudentRow]
    programmes: list[str]
    mentors: list[str]
    reaches: list[Reach]
    shows_waiting: bool

    @property
    def shows_mentors(self) -> bool:
        """Of each pupil only where they differ; else the head of the page says it once."""
        return len({tuple(row.mentors) for row in self.rows}) > 1


def student_list(scope: Scope, choice: dict, number, lacking_mentor: bool = False) -> StudentList:
    """The pupils a scope sees, in Swedish order, fifty at a time; `choice` narrows by place and class."""
    students = without_mentor(scope) if lacking_mentor else Student.objects.visible_to(scope)
    wanted = {name: value for name, value in choice.items() if value not in (None, "")}
    if wanted:
        placed = Enrolment.objects.covering().filter(unit__in=scope.unit_ids, **wanted)
        students = students.filter(Exists(placed.filter(student=OuterRef("pk"))))
    page = Paginator(students.in_name_order(), PER_PAGE).get_page(number)
    rows = rows_of(scope, pupils(page.object_list))
    return StudentList(
        page=page,
        rows=rows,
        shows_mentors=any(row.mentors != [scope.user.name] for row in rows),
        shows_schools=len({place.unit_id for row in rows for place in row.placements}) > 1,
        own=not looked_after(scope),
        reaches=facts_until(scope.unit_ids) if can_see_facts(scope) else [],
    )


def without_mentor(scope: Scope):
    """The pupils whose mentor has left, or who never got one; for those who look after whole schools."""
    return Student.objects.visible_to(scope).without_mentor(looked_after(scope))


@Question
def _lacking_mentor():
    seen = Student.objects.filter(pk__in=Blank("visible"))  # scope: the visible ids are filled in
    return seen.without_mentor(Blank("units"), Blank("day")).values_list("pk")


def how_many_without_mentor(scope: Scope) -> int:
    units = looked_after(scope)
    return len(_lacking_mentor.ask(visible=visible_ids(scope), units=units, day=clock.today()))


def looked_after(scope: Scope) -> set[int]:
    """The units where she sees more than her own pupils."""
    return scope.units_with(permissions.Reach.WHOLE_UNIT, permissions.Reach.CONCERNED)


@Question
def _choices():
    return (
        Enrolment.objects.covering(Blank("day"))
        .filter(unit__in=Blank("units"), student__in=Blank("visible"))
        .values_list("unit", "unit__name", "year", "programme", "school_class")
        .distinct()
        .order_by("unit__name", "year", "programme", "school_class")
    )


def choices_of(scope: Scope) -> list[Choice]:
    """The schools, years, programmes and classes among the pupils a scope sees; nothing of others."""
    found = _choices.ask(day=clock.today(), units=scope.unit_ids, visible=visible_ids(scope))
    return [Choice(*each) for each in found]


def found_by(scope: Scope, text: str) -> Found:
    """The first pupils that a search finds among those a scope sees."""
    students = Student.objects.visible_to(scope).matching(text)
    found = pupils(students.in_name_order()[: MOST_FOUND + 1])
    return Found(rows=rows_of(scope, found[:MOST_FOUND]), more=len(found) > MOST_FOUND)


def class_list(scope: Scope, unit_id: int, name: str) -> ClassList | None:
    """A class as one scope sees it; None where she sees nobody in it."""
    placed = Enrolment.objects.covering().filter(unit=unit_id, school_class=name)
    students = Student.objects.visible_to(scope).filter(Exists(placed.filter(student=OuterRef("pk"))))
    rows = rows_of(scope, pupils(students.in_name_order()), unit_id)
    if not rows:
        return None
    shows_waiting = can_see_follow_up(scope)
    if shows_waiting:
        rows = _with_waits(scope, rows)
    return ClassList(
        unit=SchoolUnit.objects.get(pk=unit_id),
        name=name,
        rows=rows,
        programmes=sorted({row.placement.programme for row in rows if row.placement.programme}),
        mentors=list(dict.fromkeys(mentor for row in rows for mentor in row.mentors)),
        reaches=facts_until([unit_id]) if can_see_facts(scope) else [],
        shows_waiting=shows_waiting,
    )


@Question
def _until():
    latest = (
        AttendanceDay.objects.filter(
            organiser=OuterRef("organiser"),
            unit=OuterRef("pk"),
            date__range=(Blank("since"), Blank("day")),
        )
        .order_by("-date")
        .values("date")[:1]
    )
    units = SchoolUnit.objects.filter(pk__in=Blank("units")).annotate(until=Subquery(latest))
    return units.values_list("name", "until")


def facts_until(unit_ids) -> list[Reach]:
    """Up to which day each school's attendance has come, looked for in the last two months."""
    today = clock.today()
    found = _until.ask(units=unit_ids, day=today, since=today - timedelta(days=SILENT_DAYS))
    return [Reach(name, until) for name, until in found]


def pupils(students) -> list[Pupil]:
    """What a row says of each of some pupils."""
    return [
        Pupil(*each) for each in students.values_list("pk", "given_name", "family_name", "person__protection")
    ]


def rows_of(scope: Scope, students: list[Pupil], unit_id: int | None = None) -> list[StudentRow]:
    """The rows of some pupils: where they go, and their mentors."""
    ids = [student.pk for student in students]
    placements = _placements(scope, ids, unit_id)
    mentors = mentors_of(ids)
    page_of = addresses("students:detail")
    return [
        StudentRow(student, page_of(student.pk), placements[student.pk], mentors[student.pk])
        for student in students
    ]


@Question
def _places():
    return (
        Enrolment.objects.lately(Blank("since"))
        .filter(student__in=Blank("ids"), starts_on__lte=Blank("day"))
        .order_by("-starts_on", "pk")
        .values_list("student", "unit", "unit__name", "school_class", "year", "programme", "ends_on")
    )


def _placements(scope: Scope, ids: list[int], unit_id: int | None) -> dict[int, list[Placement]]:
    """Where each goes: the page's own school first, then mine, then the latest begun."""
    found = defaultdict(list)
    named, page_of = cache(programme_name), cache(_class_url)  # few programmes and classes, many pupils
    enrolments = _places.ask(ids=ids, since=since_lately(), day=clock.today())
    for student_id, unit, school, school_class, year, programme, ends_on in enrolments:
        place = Placement(
            unit, school, school_class, year, named(programme), ends_on, page_of(unit, school_class)
        )
        found[student_id].append(place)
    for places in found.values():
        places.sort(key=lambda place: (place.unit_id != unit_id, place.unit_id not in scope.unit_ids))
    return found


def _class_url(unit_id: int, school_class: str) -> str:
    return reverse("students:class", args=[unit_id, school_class]) if school_class else ""


def placement(enrolment: Enrolment) -> Placement:
    return Placement(
        unit_id=enrolment.unit_id,
        school=enrolment.unit.name,
        school_class=enrolment.school_class,
        year=enrolment.year,
        programme=programme_name(enrolment.programme),
        ends_on=enrolment.ends_on,
    )


@Question
def _mentors():
    day = Blank("day")
    return (
        GroupStaff.objects.mentoring(day)
        .of_students(Blank("ids"), day)
        .order_by("user__family_name", "user__given_name")
        .values_list("group__members__student", "user__given_name", "user__family_name")
        .distinct()
    )


def mentors_of(ids: list[int]) -> dict[int, list[str]]:
    """The names of each pupil's mentors today."""
    found = defaultdict(list)
    for student_id, given_name, family_name in _mentors.ask(ids=ids, day=clock.today()):
        found[student_id].append(f"{given_name} {family_name}")
    return found


def _with_waits(scope: Scope, rows: list[StudentRow]) -> list[StudentRow]:
    """What waits around each, in words, from the rooms that know."""
    ids = [row.student.pk for row in rows]
    waits = defaultdict(list)
    for words_of in offered("STUDENT_PANELS", "waits", optional=True):
        for student_id, words in words_of(ids, scope).items():
            waits[student_id] += words
    return [replace(row, waits=waits[row.student.pk]) for row in rows]
