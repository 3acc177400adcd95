"""When the next check-in is proposed: the same weekday and time, on a day that has school."""

from dataclasses import dataclass
from datetime import date, time, timedelta

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class NextTime:
    on: date
    at: time | None = None
    place: str = ""


def propose(today: date, booked: NextTime | None = None) -> NextTime:
    """The booked weekday and time in the first week that lies ahead, else this weekday next week.

    A booking that still lies ahead is proposed as it stands: the talk came before its time. A day off is
    followed by the next weekday.
    """
    on = booked.on if booked else today + WEEK
    if on <= today:
        on += WEEK * ((today - on).days // 7 + 1)
    while is_day_off(on):
        on += DAY
    return NextTime(on, booked.at if booked else None, booked.place if booked else "")


def is_day_off(day: date) -> bool:
    """Weekends, public holidays (lagen 1989:253) and the three eves that nobody works."""
    return day.weekday() >= 5 or day in _holidays(day.year)


def _holidays(year: int) -> set[date]:
    easter = _easter(year)
    midsummer = next(day for day in _days(date(year, 6, 20)) if day.weekday() == 5)
    return {
        date(year, 1, 1),
        date(year, 1, 6),
        easter - 2 * DAY,
        easter + DAY,
        date(year, 5, 1),
        easter + 39 * DAY,
        date(year, 6, 6),
        midsummer - DAY,
        date(year, 12, 24),
        date(year, 12, 25),
        date(year, 12, 26),
        date(year, 12, 31),
    }


def _days(first: date):
    while True:
        yield first
        first += DAY


def _easter(year: int) -> date:
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
