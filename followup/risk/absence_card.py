"""The absence of one pupil on her page: the figure of the nightly indicator, week by week, with the limits."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup import clock
from followup.charts import Chart, Point, strip
from followup.risk.thresholds import Limit, limits_at
from followup.words import day, percent, week
from students.models import Student
from students.queries.attendance import Week, figure_of, this_year, weeks_of

INDICATOR = "A1"
WEEKS = 12


@dataclass(frozen=True)
class AbsenceCard:
    value: str
    note: str
    chart: Chart | None


def absence_card(student: Student, *, with_limits: bool) -> AbsenceCard:
    """Unknown is said, never drawn as nought. The limits are for those who follow up."""
    days = this_year(student)
    figure = figure_of(student, days)
    weeks = list(reversed(weeks_of(days)[:WEEKS]))
    if not days:
        value, note = _("okänd"), _("ingen närvaro har kommit i år")
    elif figure.percent is None:
        value, note = _("okänd"), _("för få skoldagar är rapporterade")
    else:
        value = percent(figure.percent)
        note = ngettext(
            "%(count)s skoldag, från %(since)s", "%(count)s skoldagar, från %(since)s", figure.days
        ) % {"count": figure.days, "since": day(figure.since)}
    return AbsenceCard(
        value, note, _chart(weeks, _limit(student) if with_limits else None) if len(weeks) > 1 else None
    )


def _chart(weeks: list[Week], limit: Limit | None) -> Chart:
    values = sorted({limit.yellow, limit.red}) if limit else []
    return strip(
        _("Frånvaro vecka för vecka"),
        [_point(each) for each in weeks],
        limits=[float(value) for value in values],
        note=_words(values),
        ink=True,
    )


def _point(each: Week) -> Point:
    absent = each.minutes.percent
    if absent is None:
        return Point(week(each.monday), None, _("okänd"))
    return Point(week(each.monday), float(absent), percent(absent))


def _limit(student: Student) -> Limit | None:
    """What holds today at her school; of two schools, at the one where she began last."""
    enrolments = student.enrolments.all()
    latest = next((each for each in enrolments if each.is_current), None) or next(iter(enrolments), None)
    if latest is None:
        return None
    today = clock.today()
    found = limits_at({latest.unit_id: latest.unit.organiser_id}, [today])
    return next(limit for limit in found if limit.indicator == INDICATOR)


def _words(values) -> str:
    """Streckat: skolans gränser 10 % och 15 %"""
    if not values:
        return ""
    if len(values) == 1:
        return _("Streckat: skolans gräns %(limit)s") % {"limit": percent(values[0])}
    low, high = (percent(value) for value in values)
    return _("Streckat: skolans gränser %(low)s och %(high)s") % {"low": low, "high": high}
