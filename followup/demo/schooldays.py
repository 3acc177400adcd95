"""School days of an invented municipality: weekdays without holidays and breaks."""

from datetime import date
from functools import cache

from followup.calendar import DAY, easter, is_day_off


def monday_of_week(year: int, week: int) -> date:
    return date.fromisocalendar(year, week, 1)


@cache
def breaks(year: int) -> frozenset[date]:
    """Breaks of a calendar year: sports week 9, Easter week, autumn week 44, and the day after Ascension."""
    sunday = easter(year)
    days = {sunday + n * DAY for n in range(-6, 2)} | {sunday + 40 * DAY}
    for week in (9, 44):
        days |= {monday_of_week(year, week) + n * DAY for n in range(5)}
    return frozenset(days)


def term_starts(year: int) -> date:
    """The autumn term begins on the Monday of week 34."""
    return monday_of_week(year, 34)


def is_school_day(day: date) -> bool:
    if is_day_off(day) or day in breaks(day.year):
        return False
    if day.month >= 7:
        return term_starts(day.year) <= day <= date(day.year, 12, 21)
    return date(day.year, 1, 8) <= day <= date(day.year, 6, 12)


def school_days(first: date, last: date) -> list[date]:
    """Every school day from `first` to `last`, both included."""
    days = []
    while first <= last:
        if is_school_day(first):
            days.append(first)
        first += DAY
    return days


def last_school_day_before(day: date) -> date:
    day -= DAY
    while not is_school_day(day):
        day -= DAY
    return day


def year_of_school_days(until: date) -> list[date]:
    """The 178 school days that end on a day: one school year, also when it began in the one before."""
    return school_days(until - 420 * DAY, until)[-178:]
