"""Who stands on the waiting list, in which order, and what it costs."""

from datetime import date, timedelta

import pytest

from followup.risk.actions import mark_handled
from followup.risk.models import Flag
from followup.risk.queries import waiting
from followup.risk.queries.waiting import Filters
from followup.words import day
from tests.risk.test_decisions import decide
from tests.world import TODAY, flag

pytestmark = pytest.mark.django_db


def days_ago(days):
    return TODAY - timedelta(days=days)


def names(scope, **filters):
    return [row.student.given_name for row in waiting.waiting_list(scope, Filters(**filters)).rows]


def test_the_one_who_has_waited_longest_stands_first(world):
    flag(world.omar, world.norra, opened_on=days_ago(2))
    flag(world.ella, world.norra, "A3", "yellow", "3", opened_on=days_ago(9))
    flag(world.ella, world.norra, opened_on=days_ago(1))
    found = waiting.waiting_list(world.scope("mette"), Filters())
    assert [row.student.given_name for row in found.rows] == ["Ella", "Omar"]
    assert [row.days for row in found.rows] == [9, 2]
    assert (found.counts.students, found.counts.flags, found.counts.oldest_days) == (2, 3, 9)
    assert found.rows[0].belonging.school_class == "EK2b"
    assert [mentor.name for mentor in found.rows[0].belonging.mentors] == ["Karin Ahl"]


def test_flg_03_contact_leaves_no_contact_but_is_no_decision(world):
    ella = flag(world.ella, world.norra, opened_on=days_ago(9))
    flag(world.omar, world.norra, opened_on=days_ago(2))
    mark_handled([ella], by=world.karin, ref=1)
    found = waiting.waiting_list(world.scope("mette"), Filters())
    assert [(row.student.given_name, row.group) for row in found.rows] == [
        ("Omar", waiting.WAITS),
        ("Ella", waiting.CONTACTED),
    ]
    assert found.rows[1].contacted_on == TODAY
    assert found.counts.students == 2, "contact is not a decision: she still waits"
    assert Flag.objects.get(pk=ella.pk).decision is None


def test_a_quiet_flag_is_loud_again_when_its_day_has_passed(world, settings):
    ella = flag(world.ella, world.norra, opened_on=days_ago(9))
    mark_handled([ella], by=world.karin, ref=1)
    settings.KOLL_TODAY = TODAY + timedelta(days=14)
    assert waiting.waiting_list(world.scope("mette"), Filters()).rows[0].group == waiting.CONTACTED
    settings.KOLL_TODAY = TODAY + timedelta(days=15)
    assert waiting.waiting_list(world.scope("mette"), Filters()).rows[0].group == waiting.WAITS


def test_no_longer_met_stands_below_and_is_not_counted(world):
    flag(world.ella, world.norra, opened_on=days_ago(9), no_longer_met_on=TODAY, no_longer_met_why="better")
    flag(world.omar, world.norra, opened_on=days_ago(2))
    found = waiting.waiting_list(world.scope("mette"), Filters())
    assert [row.group for row in found.rows] == [waiting.WAITS, waiting.NO_LONGER_MET]
    assert found.counts.students == 1


def test_rgt_01_other_schools_pupils_are_not_on_the_list(world):
    flag(world.saga, world.sodra)
    flag(world.tove, world.bjork)
    flag(world.ella, world.norra)
    assert names(world.scope("mette")) == ["Ella"]
    assert names(world.scope("olle")) == ["Saga"]
    assert names(world.scope("bo")) == ["Tove"]
    assert names(world.scope("mette"), unit=world.sodra.pk) == []


def test_a_protected_pupil_is_on_the_list_of_her_head_only(world):
    flag(world.vera, world.norra)
    assert names(world.scope("mette")) == []
    assert names(world.scope("anna")) == ["Vera"]


def test_filters(world):
    flag(world.ella, world.norra, opened_on=days_ago(9))
    flag(world.omar, world.norra, opened_on=days_ago(2))
    scope = world.scope("mette")
    assert names(scope, school_class="EK2b", year=2, programme="EK") == ["Ella", "Omar"]
    assert names(scope, school_class="EK2a") == []
    assert names(scope, mentor=world.karin.pk) == ["Ella", "Omar"]
    assert names(scope, mentor=world.per.pk) == []
    assert names(scope, older_than=7) == ["Ella"]
    options = waiting.options(waiting.belongings_of(waiting.listed(scope)).values())
    assert options.units == [(world.norra.pk, "Norra gymnasiet")]
    assert options.classes == ["EK2b"]
    assert options.mentors == [(world.karin.pk, "Karin Ahl")]


def test_a_mentor_has_no_waiting_list(world):
    flag(world.ella, world.norra)
    assert names(world.scope("karin")) == []


def test_waiting_since_of_one_who_came_back_is_the_day_she_came_back(world, settings):
    ella = flag(world.ella, world.norra, opened_on=date(2026, 10, 1))
    from uuid import uuid4

    from followup.risk.actions.decisions import decide, seen_now

    settings.KOLL_TODAY = date(2026, 10, 5)
    decide(
        world.ella,
        by=world.mette,
        unit=world.norra,
        choice="mentor",
        decided_by=world.mette,
        form_uuid=uuid4(),
        seen=seen_now(world.ella),
        follow_up_on=date(2026, 11, 20),
    )
    settings.KOLL_TODAY = TODAY
    row = waiting.waiting_list(world.scope("mette"), Filters()).rows[0]
    assert row.since == date(2026, 11, 21)
    assert row.flags[0].pk == ella.pk


def test_what_is_decided_already_is_said_beside_a_new_reason(world):
    """Else two reasons look alike, and the team decides once more about the one that rests."""
    old = flag(world.ella, world.norra)
    decide(world, world.ella)
    flag(world.ella, world.norra, "B1", "yellow", "1")
    (row,) = waiting.waiting_list(world.scope("mette"), waiting.Filters()).rows
    standing = {reason.flag.indicator: reason.standing for reason in row.reasons}
    assert standing == {
        old.indicator: f"beslutat, vilar till och med {day(TODAY + timedelta(weeks=3))}",
        "B1": "",
    }
