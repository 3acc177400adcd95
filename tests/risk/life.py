"""Days and nights for the tests of flags: facts come in, the clock moves, a scan runs."""

from datetime import date, timedelta

from followup.risk.actions import scan_now
from followup.risk.models import Flag
from students.models import AttendanceDay


def days_before(until: date, n: int) -> list[date]:
    """The last n weekdays up to and including a day, earliest first."""
    found, day = [], until
    while len(found) < n:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def went(student, unit, days, scheduled=300, excused=0, unexcused=0, unreported=0) -> None:
    """What stands for some days: replaces what stood there."""
    days = [days] if isinstance(days, date) else list(days)
    AttendanceDay.objects.filter(student=student, unit=unit, date__in=days).delete()
    AttendanceDay.objects.bulk_create(
        AttendanceDay(
            student=student,
            organiser_id=unit.organiser_id,
            unit=unit,
            date=day,
            scheduled=scheduled,
            excused=excused,
            unexcused=unexcused,
            unreported=unreported,
        )
        for day in days
    )


class Clock:
    """Moves today, and scans. `night(D)` is the morning after D; `scan(D)` is during D."""

    def __init__(self, settings):
        self.settings = settings

    def night(self, day: date, **kwargs):
        self.settings.KOLL_TODAY = day + timedelta(days=1)
        return scan_now(day=day, kind="night", **kwargs)

    def scan(self, day: date, **kwargs):
        self.settings.KOLL_TODAY = day
        return scan_now(day=day, **kwargs)


def flag(student, indicator="A1") -> Flag:
    return Flag.objects.open().get(student=student, indicator=indicator)


def story(flag: Flag) -> list[str]:
    return [event.what for event in flag.events.all()]
