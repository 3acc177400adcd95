"""Swedish days off: weekends, public holidays (lagen 1989:253) and the three eves that nobody works."""

from datetime import date, timedelta
from functools import cache

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def is_day_off(day: date) -> bool:
    return day.weekday() >= 5 or day in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[date]:
    sunday = easter(year)
    midsummer = next(date(year, 6, day) for day in range(20, 27) if date(year, 6, day).weekday() == 5)
    return frozenset(
        {
            date(year, 1, 1),
            date(year, 1, 6),
            sunday - 2 * DAY,
            sunday + DAY,
            date(year, 5, 1),
            sunday + 39 * DAY,
            date(year, 6, 6),
            midsummer - DAY,
            date(year, 12, 24),
            date(year, 12, 25),
            date(year, 12, 26),
            date(year, 12, 31),
        }
    )


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian calendar (the anonymous computus of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
