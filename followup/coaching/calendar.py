"""When the next check-in is proposed: the same weekday and time, on a day that has school."""

from dataclasses import dataclass
from datetime import date, time

from followup.calendar import DAY, WEEK, is_day_off


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
