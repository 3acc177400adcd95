"""In the strip on a pupil's page: the grades."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from followup.offers import StudentPanel
from followup.scoping import Scope
from followup.words import listed
from students.access import can_see_facts
from students.models import Grade, Student

MARKS = 12


@dataclass(frozen=True)
class GradesCard:
    value: str
    note: str
    marks: list[str]
    warned: int
    more: int


def panels(student: Student, scope: Scope) -> list[StudentPanel]:
    if not can_see_facts(scope):
        return []
    return [StudentPanel("strip", "students/_grades_card.html", _grades(student), order=40)]


def _grades(student: Student) -> GradesCard:
    """Of each course the latest entry: what is passed, and what has a warning."""
    latest: dict[str, Grade] = {}
    order = sorted(student.grades.all(), key=lambda each: (each.on, each.kind != Grade.Kind.WARNING, each.pk))
    for grade in order:
        latest[grade.code] = grade
    graded = [each for each in latest.values() if each.kind != Grade.Kind.WARNING]
    warned = [each for each in latest.values() if each.kind == Grade.Kind.WARNING]
    passed = [each for each in graded if each.value in tuple("ABCDE")]
    value = _("%(passed)s av %(all)s") % {"passed": len(passed), "all": len(graded)} if graded else "–"
    words = [_("godkända") if graded else _("inga betyg ännu")]
    if warned:
        names = [each.subject[:1].lower() + each.subject[1:] for each in warned[:2]]
        if len(warned) > 2:
            names.append(_("%(count)s till") % {"count": len(warned) - 2})
        words.append(_("varning i %(subjects)s") % {"subjects": listed(names)})
    marks = ["–" if each.value == "-" else each.value for each in graded]
    return GradesCard(value, ", ".join(words), marks[-MARKS:], len(warned), max(0, len(marks) - MARKS))
