"""Protected pupils and who is named for them; for those few who may set protection."""

from dataclasses import dataclass

from followup.accounts.models import Grant, User
from followup.scoping import Scope
from students.access import REACHING
from students.models import NamedAccess, Protection, Student
from students.queries.lists import StudentRow, pupils, rows_of


@dataclass(frozen=True)
class ProtectedRow:
    row: StudentRow
    named: list[str]


def protected(scope: Scope) -> list[ProtectedRow]:
    """The protected pupils that a scope sees, with those who are named for each."""
    students = Student.objects.visible_to(scope).exclude(person__protection=Protection.NONE)
    rows = rows_of(scope, pupils(students.in_name_order()))
    named: dict[int, list[str]] = {row.student.pk: [] for row in rows}
    for each in NamedAccess.objects.current().filter(student__in=named).select_related("user"):
        named[each.student_id].append(each.user.name)
    return [ProtectedRow(row, named[row.student.pk]) for row in rows]


def staff_to_name(student: Student):
    """Those at the pupil's schools whose role sees pupils: they may be named for her."""
    units = student.enrolments.lately().values("unit")
    grants = Grant.objects.current().filter(role__in=REACHING, unit__in=units)
    return User.objects.filter(is_active=True, pk__in=grants.values("user"))
