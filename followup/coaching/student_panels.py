"""On a pupil's page: "Skriv avstämning" within reach, what is booked, and her own ratings over time."""

from dataclasses import dataclass
from datetime import time

from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.charts import Chart, Point, strip
from followup.coaching import access, queries
from followup.coaching.models import CheckIn
from followup.coaching.taking_over import left_about
from followup.offers import StudentPanel
from followup.risk.sentences import Words
from followup.words import clock_time, day

RATINGS = 12


@dataclass(frozen=True)
class RatingCard:
    value: str
    note: str
    chart: Chart | None = None


def panels(student, scope) -> list[StudentPanel]:
    found = []
    if scope.can(Permission.WRITE_CHECK_IN):  # the page gives the scope by which she is seen
        found.append(
            StudentPanel(
                "action", "coaching/_write_action.html", reverse("coaching:check_in", args=[student.pk])
            )
        )
    if access.can_read(scope):
        ratings = _ratings(queries.check_ins_about(student, scope))
        found.append(StudentPanel("strip", "coaching/_rating_card.html", ratings, order=20))
        found += [
            StudentPanel("waiting", "coaching/_waits.html", sentence, order=50)
            for sentence in _what_waits(student, scope)
        ]
    return found


def waits(student_ids, scope) -> dict[int, list[str]]:
    """Around each pupil of a class: the attempts that came to nothing."""
    tried = CheckIn.objects.visible_to(scope).twice_in_vain().filter(student__in=student_ids)
    return {student_id: [_in_vain()] for student_id in tried.values_list("student", flat=True)}


def _what_waits(student, scope):
    under_way = queries.under_way(queries.check_ins_about(student, scope))
    booked = [last for last, _before in under_way if last.next_on and last.next_on >= clock.today()]
    of_others = any(one.by_id != scope.user.pk for one in booked)
    left = {one.pk for one in left_about(student, scope)} if of_others else set()
    for one in sorted(booked, key=lambda one: (one.next_on, one.next_time or time.max)):
        who = _("bokat av %(name)s") if one.pk in left else _("med %(name)s")
        yield Words(
            _("Nästa avstämning"),
            " ".join(filter(None, [day(one.next_on), clock_time(one.next_time)])),
            ", ".join(["", *filter(None, [one.next_place, who % {"name": one.by.name}])]),
        )
    in_vain = [
        last for last, before in under_way if before and not (last.made or before.made or last.next_on)
    ]
    for one in in_vain[-1:]:
        yield Words("", _in_vain(), _(", senast %(day)s") % {"day": day(one.at)})


def _in_vain() -> str:
    return _("Två avstämningar i rad blev inte av")


def _ratings(check_ins) -> RatingCard:
    """Her own ratings, as she gave them: never an average of anybody else's, never a judgement."""
    since = clock.school_year_start(clock.today())
    rated = [one for one in check_ins if one.rating is not None and clock.day_of(one.at) >= since]
    rows = [(one.at, one.rating) for one in rated[:RATINGS]]
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
