"""The day that is named is the day it is, whatever the hour and the season in which somebody looks."""

from datetime import date

import pytest
import time_machine

from followup import clock


@pytest.mark.parametrize("named", [date(2026, 11, 24), date(2027, 3, 28), date(2027, 6, 13)])
@pytest.mark.parametrize(
    "really", ["2026-11-28T22:30:00Z", "2026-11-28T01:30:00Z", "2026-07-01T21:30:00Z", "2026-07-01T22:30:00Z"]
)
def test_a_named_day_does_not_slip_between_summer_and_winter(settings, named, really):
    settings.KOLL_TODAY = named
    with time_machine.travel(really, tick=False):
        assert clock.today() == named
