"""The strip on a pupil's page: attendance by week, and the grades."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.charts import Point, strip
from followup.offers import StudentPanel
from followup.scoping import Scope
from followup.templatetags.koll import day, listed, percent, week
from students.access import can_see_facts
from students.models import Grade, Student
from students.queries.attendance import Figure, figure_of, this_year, weeks_of

WEEKS = 12
MARKS = 12


@dataclass(frozen=True)
class AbsenceCard:
    figure: Figure
    value: str
    note: str
    chart: object


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
    return [
        StudentPanel("strip", "students/_absence_card.html", _absence(student), order=10),
        StudentPanel("strip", "students/_grades_card.html", _grades(student), order=40),
    ]


def _absence(student: Student) -> AbsenceCard:
    """The figure is that of the nightly indicator; unknown is said, never drawn as nought."""
    days = this_year(student)
    figure = figure_of(student, days)
    weeks = list(reversed(weeks_of(days)[:WEEKS]))
    points = [
        Point(
            week(each.monday),
            None if each.minutes.percent is None else float(each.minutes.percent),
            _("okänd") if each.minutes.percent is None else percent(each.minutes.percent),
        )
        for each in weeks
    ]
    if not days:
        value, note = _("okänd"), _("ingen närvaro har kommit i år")
    elif figure.percent is None:
        value, note = _("okänd"), _("för få skoldagar är rapporterade")
    else:
        value = percent(figure.percent)
        note = ngettext(
            "%(count)s skoldag, från %(since)s", "%(count)s skoldagar, från %(since)s", figure.days
        ) % {"count": figure.days, "since": day(figure.since)}
    chart = strip(_("Frånvaro vecka för vecka"), points, ink=True) if len(points) > 1 else None
    return AbsenceCard(figure, value, note, chart)


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
