"""School days of an invented municipality: weekdays without holidays and breaks."""

from datetime import date, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian computation (Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def monday_of_week(year: int, week: int) -> date:
    return date.fromisocalendar(year, week, 1)


@cache
def free_days(year: int) -> frozenset[date]:
    """Holidays and breaks of a calendar year: sports week 9, Easter week, autumn week 44, and bank holidays."""
    sunday = easter(year)
    days = {date(year, 5, 1), date(year, 6, 6), sunday + 39 * ONE_DAY, sunday + 40 * ONE_DAY}
    days |= {sunday + n * ONE_DAY for n in range(-6, 2)}
    for week in (9, 44):
        days |= {monday_of_week(year, week) + n * ONE_DAY for n in range(5)}
    return frozenset(days)


def term_starts(year: int) -> date:
    """The autumn term begins on the Monday of week 34."""
    return monday_of_week(year, 34)


def is_school_day(day: date) -> bool:
    if day.weekday() > 4 or day in free_days(day.year):
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
        first += ONE_DAY
    return days


def last_school_day_before(day: date) -> date:
    day -= ONE_DAY
    while not is_school_day(day):
        day -= ONE_DAY
    return day


def year_of_school_days(until: date) -> list[date]:
    """The 178 school days that end on a day: one school year, also when it began in the one before."""
    return school_days(until - 420 * ONE_DAY, until)[-178:]
