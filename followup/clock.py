"""One clock for the whole house.

"Today" is the Swedish calendar day, also at 00.20. `KOLL_TODAY=2026-11-24` moves it in tests and
demo; the time of day stays real.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

DAY = timedelta(days=1)

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


@contextmanager
def standing_at(moment: datetime):
    """The clock stands still at a moment inside the block: so the demo lives through a term in a minute."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def now() -> datetime:
    """This moment, aware, in UTC; on the day that `KOLL_TODAY` names where it is set."""
    if standing := _standing.get():
        return standing
    moment = timezone.now()
    if settings.KOLL_TODAY:
        on_the_clock = timezone.localtime(moment).time()  # summer or winter: it stays the day that is named
        moment = timezone.make_aware(datetime.combine(settings.KOLL_TODAY, on_the_clock)).astimezone(UTC)
    return moment


def today() -> date:
    if standing := _standing.get():
        return day_of(standing)
    return settings.KOLL_TODAY or timezone.localdate()


def day_of(moment: datetime) -> date:
    """The Swedish calendar day of a stored moment."""
    return timezone.localtime(moment).date()


def at_noon(day: date) -> datetime:
    """A moment that is safely inside a Swedish calendar day, also through a clock change."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def midnight(day: date, *, after: bool = False) -> datetime:
    """The moment a Swedish calendar day begins, or the one it ends."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=after), time()))


def school_year(day: date) -> int:
    """The year in which the school year of a day began: it turns on 1 July (skolförordningen 3 kap. 3 §)."""
    return day.year if day.month >= 7 else day.year - 1


def school_year_start(day: date) -> date:
    return date(school_year(day), 7, 1)
