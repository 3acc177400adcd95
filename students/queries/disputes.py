"""The fact that somebody points at when she says that it is wrong."""

from dataclasses import dataclass
from datetime import date

from followup.accounts.models import SchoolUnit
from followup.words import day
from students.models import AttendanceDay, FactDispute, Grade, Student
from students.queries.facts import MINUTES, grade_words, in_minutes


@dataclass(frozen=True)
class DisputedFact:
    """One fact as somebody would point at it: what it is about, its school and day, in words."""

    about: str
    unit: SchoolUnit
    detail: str
    on: date | None = None

    @property
    def words(self) -> str:
        label = FactDispute.About(self.about).label.capitalize()
        return f"{label}: {self.detail}" if self.detail else label


def disputed_fact(student: Student, about: str, ref: str) -> DisputedFact | None:
    """The fact that an address points at by id or day; None where there is no such fact of hers."""
    kinds = FactDispute.About
    current = next((each for each in student.enrolments.all() if each.is_current), None) or next(
        iter(student.enrolments.all()), None
    )
    match about:
        case kinds.ATTENDANCE:
            return _disputed_day(student, ref)
        case kinds.GRADE:
            grade = student.grades.select_related("unit").filter(pk=_number(ref)).first()
            return grade and DisputedFact(about, grade.unit, of_grade(grade), grade.on)
        case kinds.ENROLMENT:
            each = next((each for each in student.enrolments.all() if each.pk == _number(ref)), None)
            return each and DisputedFact(
                about,
                each.unit,
                f"{each.unit.name}, {each.school_class}, {day(each.starts_on)}",
                each.starts_on,
            )
        case kinds.PERSON | kinds.MENTOR:
            return current and DisputedFact(about, current.unit, "")
    return None


def of_grade(grade: Grade) -> str:
    """Matematik nivå 2b, varning, fre 20 nov"""
    return f"{grade.subject}, {grade_words(grade)}, {day(grade.on)}"


def ref_of_day(on: date, unit_id: int) -> str:
    """How an address points at a day: 2026-11-20.17"""
    return f"{on.isoformat()}.{unit_id}"


@dataclass(frozen=True)
class Waiting:
    """The facts about one pupil that somebody has said are wrong, and that have no answer yet."""

    days: set[tuple[date, int]]
    grades: set[str]


def waiting_about(student_id: int) -> Waiting:
    kinds = FactDispute.About
    rows = FactDispute.objects.open().filter(student=student_id)  # scope: of a pupil whose page is open
    days, grades = set(), set()
    for each in rows:
        if each.about == kinds.ATTENDANCE:
            days.add((each.on, each.unit_id))
        elif each.about == kinds.GRADE:
            grades.add(each.detail)
    return Waiting(days, grades)


def _disputed_day(student: Student, ref: str) -> DisputedFact | None:
    """`ref` as `ref_of_day` writes it."""
    on, _dot, unit = ref.partition(".")
    try:
        on = date.fromisoformat(on)
    except ValueError:
        return None
    row = (
        AttendanceDay.objects.filter(
            organiser=student.organiser_id, date=on, student=student, unit=_number(unit)
        )
        .select_related("unit")
        .first()
    )
    values = row and {column: getattr(row, column) for column, _name in MINUTES}
    return row and DisputedFact("attendance", row.unit, f"{day(on)}, {in_minutes(values)}", on)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
