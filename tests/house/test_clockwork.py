"""The night starts once every night, in Swedish time, also when the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab

from followup.celery import app

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def starts(schedule, first_day: datetime, days: int) -> list[str]:
    """When beat would start something, asked every half minute."""
    moment = last = first_day.replace(tzinfo=STOCKHOLM).astimezone(UTC)
    until, found = moment + timedelta(days=days), []
    schedule = crontab(
        minute=schedule._orig_minute,
        hour=schedule._orig_hour,
        app=app,
        nowfun=lambda: moment.astimezone(STOCKHOLM),
    )
    while moment < until:
        if schedule.is_due(last.astimezone(STOCKHOLM)).is_due:
            last = moment
            found.append(moment.astimezone(STOCKHOLM).strftime("%d %H.%M %z"))
        moment += timedelta(seconds=30)
    return found


@pytest.mark.parametrize(
    ("first_day", "expected"),
    [
        (datetime(2027, 3, 27), ["27 03.00 +0100", "28 03.00 +0200", "29 03.00 +0200"]),
        (datetime(2026, 10, 24), ["24 03.00 +0200", "25 03.00 +0100", "26 03.00 +0100"]),
    ],
)
def test_the_scan_starts_once_at_three_through_both_clock_changes(first_day, expected):
    assert starts(app.conf.beat_schedule["night"]["schedule"], first_day, days=3) == expected


def test_everything_in_the_timetable_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
