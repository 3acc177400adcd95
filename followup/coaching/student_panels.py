"""On a pupil's page: "Skriv avstämning" within reach, what is booked, and her own ratings over time."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.charts import Chart, Point, strip
from followup.coaching import access
from followup.coaching.models import CheckIn
from followup.offers import StudentPanel
from followup.templatetags.koll import day

RATINGS = 12


@dataclass(frozen=True)
class RatingCard:
    value: str
    note: str
    chart: Chart | None = None


def panels(student, scope) -> list[StudentPanel]:
    found = []
    if access.can_write(scope, student):
        found.append(
            StudentPanel(
                "action", "coaching/_write_action.html", reverse("coaching:check_in", args=[student.pk])
            )
        )
    check_ins = CheckIn.objects.visible_to(scope).standing().made().filter(student=student)
    if access.can_read(scope):
        found.append(StudentPanel("strip", "coaching/_rating_card.html", _ratings(check_ins), order=20))
    return found


def _ratings(check_ins) -> RatingCard:
    """Her own ratings, as she gave them: never an average of anybody else's, never a judgement."""
    rated = check_ins.exclude(rating=None).filter(at__date__gte=clock.school_year_start(clock.today()))
    rows = list(rated.latest_first().values_list("at", "rating")[:RATINGS])
    if not rows:
        return RatingCard(value="–", note=_("inte frågad ännu i år"))
    points = [Point(day(at), rating, _of_ten(rating)) for at, rating in reversed(rows)]
    return RatingCard(
        value=_of_ten(rows[0][1]),
        note=_note(rows),
        chart=strip(_("Trivsel, egen skattning"), points, high=10) if len(points) > 1 else None,
    )


def _note(rows) -> str:
    """tis 24 nov; and what it was the first time here."""
    latest, first = rows[0], rows[-1]
    if len(rows) == 1:
        return day(latest[0])
    return _("%(day)s, var %(first)s %(first_day)s") % {
        "day": day(latest[0]),
        "first": first[1],
        "first_day": day(first[0]),
    }


def _of_ten(rating: int) -> str:
    return _("%(rating)s av 10") % {"rating": rating}
