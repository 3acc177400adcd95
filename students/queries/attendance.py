"""One pupil's attendance, as it is shown: by week, by day, and over the last school days.

The figure over the last school days is reckoned by the same rule as the indicator of total absence
(domain: known days, whole minutes, cut and never rounded up), so that page and list say the same.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from followup import clock
from followup.figures import cut_percent
from followup.words import minutes, percent
from students.models import AttendanceDay, Student

LAST_DAYS = 20
LOOKED_BACK = 59
ENOUGH_DAYS, ENOUGH_WITHIN = 5, 29  # fewer known days than this so lately, and the figure is unknown


class Minutes(NamedTuple):
    """Minutes of lessons; `known` are those that somebody has reported."""

    scheduled: int = 0
    excused: int = 0
    unexcused: int = 0
    late: int = 0
    unreported: int = 0

    @classmethod
    def of(cls, parts: list["Minutes"]) -> "Minutes":
        """All of them together; most days have one part."""
        return parts[0] if len(parts) == 1 else cls(*map(sum, zip(*parts, strict=True)))

    @property
    def known(self) -> int:
        return self.scheduled - self.unreported

    @property
    def absent(self) -> int:
        return self.excused + self.unexcused

    @property
    def percent(self) -> Decimal | None:
        """Absence in per cent of what is known; None where nothing is."""
        return cut_percent(self.absent, self.known) if self.known > 0 else None

    @property
    def whole(self) -> bool:
        """Absent from everything that was reported."""
        return self.known > 0 and self.absent >= self.known


class Part(NamedTuple):
    """A day as one school has reported it."""

    unit_id: int
    batch_id: int | None
    minutes: Minutes


class Day(NamedTuple):
    on: date
    minutes: Minutes
    parts: list[Part]


@dataclass(frozen=True)
class Week:
    """A week by ISO 8601: the days of v. 53 stay together over New Year."""

    monday: date
    days: list[Day]

    @cached_property
    def minutes(self) -> Minutes:
        return Minutes.of([day.minutes for day in self.days])

    @property
    def last_day(self) -> date:
        return self.days[-1].on

    @property
    def whole_days(self) -> int:
        return sum(day.minutes.whole for day in self.days)

    @property
    def words(self) -> str:
        """frånvarande 3 h 20 min av 25 h, 13,3 %"""
        total = self.minutes
        if total.known <= 0:
            return _("okänd: inget är rapporterat") if total.scheduled else _("inga lektioner")
        if not total.absent:
            words = _("ingen frånvaro")
        else:
            words = _("frånvarande %(absent)s av %(known)s, %(percent)s") % {
                "absent": minutes(total.absent),
                "known": minutes(total.known),
                "percent": percent(total.percent),
            }
        if total.unreported:
            words += ", " + _("%(time)s är inte rapporterat") % {"time": minutes(total.unreported)}
        return words


@dataclass(frozen=True)
class Figure:
    """Absence over the last school days; `percent` is None when too little is known."""

    percent: Decimal | None
    days: int
    since: date | None
    until: date | None


def days_of(student: Student, year: int | None = None) -> list[Day]:
    """The school days of one school year, the latest last; minutes of two schools are added."""
    year = clock.school_year(clock.today()) if year is None else year
    found = defaultdict(list)
    rows = (
        AttendanceDay.objects.filter(
            organiser=student.organiser_id,
            student=student,
            date__range=(date(year, 7, 1), min(date(year + 1, 6, 30), clock.today())),
        )
        .order_by("date", "unit")
        .values_list("date", "unit", "batch_id", "scheduled", "excused", "unexcused", "late", "unreported")
    )
    for on, unit_id, batch_id, *counted in rows:
        found[on].append(Part(unit_id, batch_id, Minutes(*counted)))
    return [Day(on, Minutes.of([part.minutes for part in parts]), parts) for on, parts in found.items()]


def this_year(student: Student) -> list[Day]:
    """This school year's days; asked once for a page, whichever parts of it want them."""
    if not hasattr(student, "_this_year"):
        student._this_year = days_of(student)
    return student._this_year


def weeks_of(days: list[Day]) -> list[Week]:
    """The same days by week, the latest first."""
    found = defaultdict(list)
    for day in days:
        found[day.on - timedelta(days=day.on.weekday())].append(day)
    return [Week(monday, found[monday]) for monday in sorted(found, reverse=True)]


def figure_of(student: Student, days: list[Day], today: date | None = None) -> Figure:
    """The absence over the last 20 known days, as the nightly indicator reckons it."""
    today = today or clock.today()
    enrolments = student.enrolments.all()
    known = [
        day
        for day in days
        if day.minutes.known > 0
        and today - timedelta(days=LOOKED_BACK) <= day.on <= today
        and any(each.covers(day.on) for each in enrolments)
    ]
    until = days[-1].on if days else None
    lately = [day for day in known if day.on >= today - timedelta(days=ENOUGH_WITHIN)]
    if len(lately) < ENOUGH_DAYS:
        return Figure(None, len(known), None, until)
    window = known[-LAST_DAYS:]
    total = Minutes.of([day.minutes for day in window])
    return Figure(total.percent, len(window), window[0].on, until)
