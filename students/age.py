"""Ages by the calendar, with one rule for those born on 29 February, on pages, in rights and in reports."""

from datetime import date

from followup import clock

OF_AGE = 18


def day_of_age(born: date, age: int) -> date:
    """The day on which somebody turns an age.

    Born on 29 February she turns it on 28 February in a year without one: the day that corresponds, and
    where there is none the last of the month (lagen 1930:173 om beräkning av lagstadgad tid).
    """
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 2, 28)


def is_of_age(born: date, on: date | None = None) -> bool:
    return day_of_age(born, OF_AGE) <= (on or clock.today())
