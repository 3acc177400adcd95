"""A pupil whose mentor is away, has changed or has left: what was booked stands with the one who is there."""

from datetime import date

import pytest

from followup.accounts.models import Grant, User
from followup.coaching import queries, student_panels, today
from followup.coaching.models import CheckIn
from students.models import Group, GroupStaff
from tests import world as worlds

pytestmark = pytest.mark.django_db
BEFORE, LAST_DAY, FIRST_DAY, TODAY = (date(2026, 11, day) for day in (17, 20, 21, 24))


@pytest.fixture
def vik(world):
    """A substitute; a mentor without a group until one is given."""
    return worlds.user(world, "vik", "Arius", "mentor", unit=world.norra)


@pytest.fixture
def group(world):
    return Group.objects.get(unit=world.norra, kind=Group.Kind.MENTOR)


@pytest.fixture
def booked(world, phone, settings):
    """Karin has booked Ella for Tuesday the 24th, at 10.20."""
    settings.KOLL_TODAY = BEFORE
    phone(world.karin).save(world.ella, agreed="lämna in labben", next="2026-11-24 10.20, rum 214")
    settings.KOLL_TODAY = TODAY
    return CheckIn.objects.get()


def away(group, until=None):
    """Karin's period ends; Vik leads the group from the day after."""
    karin = GroupStaff.objects.get(group=group, user__given_name="Karin")
    karin.ends_on = LAST_DAY
    karin.save()
    substitute = User.objects.get(given_name="Vik")
    return GroupStaff.objects.create(group=group, user=substitute, starts_on=FIRST_DAY, ends_on=until)


def rows(world, user):
    """What stands about check-ins on somebody's Idag: pupil and what is said about where it comes from."""
    found = today.sections(world.scope(user))
    return [(row.student_id, row.where) for section in found for row in section.rows]


def test_rgt_05_what_was_booked_goes_to_the_substitute_and_not_to_the_absent(world, vik, group, booked):
    away(group)
    assert rows(world, "vik") == [(world.ella.pk, "EK2b · bokat av Karin Ahl")]
    (row,) = today.sections(world.scope("vik"))[0].rows
    assert (row.sentence, row.strong) == ("rum 214. Förra gången:", "lämna in labben")
    assert rows(world, "karin") == []
    assert today.waiting(world.scope("vik"))["coaching:list"].count() == 1
    assert [each.student for each in queries.list_page(world.scope("vik")).booked] == [world.ella]


def test_while_both_lead_the_group_it_is_hers_who_booked_it(world, vik, group, booked):
    GroupStaff.objects.create(group=group, user=vik, starts_on=FIRST_DAY)
    assert rows(world, "vik") == []
    assert rows(world, "karin") == [(world.ella.pk, "EK2b")]


@pytest.mark.parametrize("how", ["role", "account"])
def test_rgt_03_a_booker_who_has_left_leaves_it_to_the_mentor(world, vik, group, booked, how):
    GroupStaff.objects.create(group=group, user=vik, starts_on=FIRST_DAY)
    if how == "role":
        Grant.objects.filter(user=world.karin).update(ends_on=LAST_DAY)
    else:
        User.objects.filter(pk=world.karin.pk).update(is_active=False)
    assert rows(world, "vik") == [(world.ella.pk, "EK2b · bokat av Karin Ahl")]


def test_a_coach_who_still_meets_her_keeps_his(world, vik, group, phone, settings):
    worlds.coach(world.ella, world.norra, world.jonas)
    settings.KOLL_TODAY = BEFORE
    phone(world.jonas).save(world.ella, next="2026-11-24 14.00")
    settings.KOLL_TODAY = TODAY
    away(group)
    assert rows(world, "vik") == []
    assert len(rows(world, "jonas")) == 1


def test_the_form_knows_the_time_that_was_booked(world, vik, group, booked, phone, settings):
    away(group)
    settings.KOLL_TODAY = date(2026, 11, 23)
    html = phone(vik).page(world.ella).content.decode()
    assert "2026-11-24 10.20, rum 214" in html
    assert "lämna in labben" in html


def test_once_the_substitute_has_written_it_is_followed_for_good(world, vik, group, booked, phone, settings):
    away(group, until=date(2026, 11, 30))
    phone(vik).save(world.ella, next="2026-12-01 10.20")
    assert rows(world, "vik") == []
    settings.KOLL_TODAY = date(2026, 12, 1)
    GroupStaff.objects.create(group=group, user=world.karin, starts_on=settings.KOLL_TODAY)
    assert rows(world, "karin") == [(world.ella.pk, "EK2b · bokat av Vik Arius")]  # not her own old one too
    assert rows(world, "vik") == []
    phone(world.karin).save(world.ella)
    assert rows(world, "karin") == []
    standing = list(CheckIn.objects.standing().latest_first())
    on_her_page = {last.pk for last, _before in queries.under_way(standing)}
    assert on_her_page == set(CheckIn.objects.last_of_each().values_list("pk", flat=True))


def test_undone_it_stands_again(world, vik, group, booked, phone):
    away(group)
    his = phone(vik)
    answer = his.save(world.ella)
    his.client.post(answer.url.replace("sparad", "angra"))
    assert rows(world, "vik") == [(world.ella.pk, "EK2b · bokat av Karin Ahl")]


def test_back_from_leave_what_nobody_met_is_hers_again(world, vik, group, booked, settings):
    away(group, until=date(2026, 11, 30))
    settings.KOLL_TODAY = date(2026, 12, 1)
    GroupStaff.objects.create(group=group, user=world.karin, starts_on=settings.KOLL_TODAY)
    assert rows(world, "karin") == [(world.ella.pk, "EK2b")]
    assert rows(world, "vik") == []


def test_two_attempts_in_vain_are_left_too(world, vik, group, phone, settings):
    for on in (date(2026, 11, 10), BEFORE):
        settings.KOLL_TODAY = on
        phone(world.karin).save(world.ella, met="no")
    settings.KOLL_TODAY = TODAY
    away(group)
    assert [student for student, _where in rows(world, "vik")] == [world.ella.pk]


def test_the_pupils_page_says_who_booked(world, vik, group, booked):
    away(group)
    (waits,) = [
        panel.data
        for panel in student_panels.panels(world.ella, world.scope("vik"))
        if panel.slot == "waiting"
    ]
    assert waits.after == ", rum 214, bokat av Karin Ahl"


def test_another_schools_mentor_inherits_nothing(world, group, booked):
    GroupStaff.objects.create(group=group, user=world.per, starts_on=FIRST_DAY)
    GroupStaff.objects.filter(user=world.karin).update(ends_on=LAST_DAY)
    assert rows(world, "per") == []


def test_idag_asks_the_same_number_of_questions_for_many_colleagues(world, vik, group, phone, settings):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def questions():
        with CaptureQueriesContext(connection) as asked:
            today.sections(world.scope("vik"))
        return len(asked)

    settings.KOLL_TODAY = BEFORE
    phone(world.karin).save(world.ella, next="2026-11-24 10.20")
    settings.KOLL_TODAY = TODAY
    away(group)
    few = questions()
    settings.KOLL_TODAY = BEFORE
    for name in ("anna", "mette"):
        CheckIn.objects.create(
            student=world.omar,
            unit=world.norra,
            by=world.users[name],
            made=True,
            channel="meeting",
            form_uuid=f"00000000-0000-0000-0000-00000000000{len(name)}",
            next_on=TODAY,
        )
    settings.KOLL_TODAY = TODAY
    assert questions() == few
