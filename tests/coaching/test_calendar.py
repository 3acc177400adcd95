"""The proposed next time: the same weekday and time, never on a day off."""

from datetime import date, time

import pytest

from followup.coaching.calendar import NextTime, propose

TEN = time(10, 20)


@pytest.mark.parametrize(
    ("today", "booked", "proposed"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), date(2026, 12, 1)),  # as booked: a week later
        (date(2026, 11, 25), date(2026, 11, 24), date(2026, 12, 1)),  # a day late: the weekday stays
        (date(2026, 11, 24), date(2026, 11, 3), date(2026, 12, 1)),  # several weeks missed
        (date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 24)),  # before its time: it still stands
        (date(2026, 12, 17), date(2026, 12, 17), date(2026, 12, 28)),  # Christmas Eve, then the weekend
        (date(2027, 3, 26), date(2027, 3, 22), date(2027, 3, 30)),  # Easter Monday
        (date(2026, 12, 25), date(2026, 12, 25), date(2027, 1, 4)),  # New Year's Day is a Friday
    ],
)
def test_the_weekday_and_the_time_stay_and_days_off_are_passed(today, booked, proposed):
    assert propose(today, NextTime(booked, TEN, "rum 214")) == NextTime(proposed, TEN, "rum 214")


def test_without_a_booking_it_is_this_weekday_next_week_without_a_time():
    assert propose(date(2026, 11, 24)) == NextTime(date(2026, 12, 1))


def test_a_saturday_proposes_a_monday():
    assert propose(date(2026, 11, 28)) == NextTime(date(2026, 12, 7))
