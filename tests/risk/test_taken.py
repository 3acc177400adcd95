"""Who has taken what waits; and what is told of a pupil for whom something else still asks."""

from datetime import timedelta

import pytest

from followup.risk.actions import take
from followup.risk.queries import mine, waiting
from tests.risk.test_decisions import decide
from tests.world import TODAY, flag

pytestmark = pytest.mark.django_db


def on_the_list(world):
    (row,) = waiting.waiting_list(world.scope("mette"), waiting.Filters()).rows
    return row


def test_a_new_reason_is_not_taken_by_the_one_who_took_what_is_decided(world):
    """Else everybody believes that Karin sees to it, and she has not even been told."""
    take(flag(world.ella, world.norra), by=world.karin)
    assert on_the_list(world).done == "Karin Ahl har tagit den"
    decide(world, world.ella)
    grade = flag(world.ella, world.norra, "B1", value="1.00")
    assert on_the_list(world).done == ""
    take(grade, by=world.mette)
    assert on_the_list(world).done == "Mette Lund har tagit den"


def test_there_is_no_good_news_of_a_pupil_for_whom_something_else_asks(world):
    better = {"no_longer_met_on": TODAY - timedelta(days=1), "no_longer_met_why": "better"}
    flag(world.ella, world.norra, "A3", value="0.00", **better)
    flag(world.omar, world.norra, "A3", value="0.00", **better)
    flag(world.ella, world.norra, value="74.00")
    assert [each.student for each in mine.recovered(world.scope("karin"))] == [world.omar]
