"""RGT-03: a member of staff leaves. Her way in is shut; what she wrote and whom she cared for stay in sight."""

import re
from datetime import date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db.models import ProtectedError
from django.urls import reverse

from followup.accounts import actions
from followup.accounts.models import Grant, User
from followup.accounts.permissions import Permission
from followup.audit.models import Event
from followup.coaching.models import CheckIn
from followup.risk import scanning
from followup.risk.actions.flags import give_back_unseen
from followup.risk.actions.scans import order_scan
from followup.risk.models import Flag, FlagEvent
from followup.risk.queries.taken import out_of_reach, out_of_reach_of
from followup.scoping import scope_for
from students.models import GroupStaff, NamedAccess, Student
from tests import world as worlds
from tests.imports.reading_in import read_in

LIST = reverse("students:list")
PERSONAL = "e-post;förnamn;efternamn;roll;skolenhetskod\n"
YESTERDAY = worlds.TODAY - timedelta(days=1)


def words(client, user, url) -> str:
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def leaves(world, name="karin"):
    for grant in Grant.objects.filter(user=world.users[name]):
        actions.end_grant(grant, by=world.ulla)


def met(world, student, by, at="2026-11-10T10:00+01:00", **fields):
    return CheckIn.objects.create(
        student=student,
        unit=world.norra,
        by=by,
        at=datetime.fromisoformat(at),
        made=True,
        channel="meeting",
        form_uuid=uuid4(),
        **fields,
    )


def taken(world, student, by, unit=None):
    return worlds.flag(student, unit or world.norra, taken_by=by, taken_at=datetime.now().astimezone())


def test_rgt_03_gone_from_the_staff_file(client, world):
    """The whole case: her right goes the same night, her pupils and what she had begun do not."""
    read_in(
        PERSONAL + "karin@example.org;Karin;Ahl;mentor;99900011\nkvar@example.org;Kim;Kvar;kurator;99900011\n"
    )
    Grant.objects.filter(user=world.karin).update(from_file=True)
    written = met(world, world.ella, world.karin, next_on=date(2026, 11, 26), note="Ella vill byta grupp.")
    flag = taken(world, world.ella, world.karin)
    client.force_login(world.karin)
    assert client.get(reverse("today")).status_code == 200

    batch = read_in(
        PERSONAL + "kvar@example.org;Kim;Kvar;kurator;99900011\n", whole=([world.norra],), by=world.ulla
    )
    assert batch.samples["gone"][0]["pupils"] == 3
    assert "Karin Ahl mentor, mentor för 3 elever sista dag mån 23 nov" in words(
        client, world.ulla, reverse("imports:batch", args=[batch.pk])
    )

    # Her way in is shut the same day.
    assert not scope_for(world.karin).grants
    client.force_login(world.karin)
    assert client.get(reverse("today")).status_code == 302

    # What she wrote stays, under her name; the account cannot be deleted from under it.
    with pytest.raises(ProtectedError):
        User.objects.get(pk=world.karin.pk).delete()
    assert CheckIn.objects.get(pk=written.pk).by == world.karin
    assert "Karin Ahl" in words(client, world.anna, reverse("students:detail", args=[world.ella.pk]))

    # Her pupils are listed as without mentor, and what she had begun waits for others.
    assert "2 elever har ingen mentor just nu" in words(client, world.ulla, reverse("today"))
    assert "3 elever har ingen mentor just nu" in words(client, world.anna, reverse("today"))  # Vera too
    give_back_unseen([world.norra.pk])  # by a file her role ended, so the scan that follows it does this
    flag.refresh_from_db()
    assert flag.taken_by is None
    noted = Event.objects.get(verb="risk.give_back")
    assert noted.organiser_id == world.norra.organiser_id, "else the officer of another organiser reads it"
    shown = words(client, world.anna, reverse("today"))
    assert "Karin Ahl bokade en avstämning tor 26 nov men har inte kvar sin roll här" in shown


def test_student_health_finds_those_without_a_mentor_and_is_not_asked_to_see_to_it(client, world):
    worlds.flag(world.ella, world.norra)  # so that she concerns student health
    leaves(world)
    assert "Elever utan mentor" not in words(client, world.mette, reverse("today"))
    assert "Ella Lindqvist" in words(client, world.mette, f"{LIST}?mentor=saknas")


@pytest.mark.parametrize("name", ["ulla", "anna"])
def test_those_who_look_after_the_school_see_who_lacks_a_mentor(client, world, name):
    assert "har ingen mentor" not in words(client, world.users[name], reverse("today"))
    leaves(world)
    shown = words(client, world.users[name], reverse("today"))
    assert "Elever utan mentor" in shown
    assert f'href="{LIST}?mentor=saknas"' in client.get(reverse("today")).content.decode()
    listed = words(client, world.users[name], f"{LIST}?mentor=saknas")
    assert "Ella Lindqvist" in listed
    assert "ingen mentor" in listed
    assert "Karin Ahl" not in listed


def test_the_count_and_the_list_are_the_same(client, world):
    leaves(world)
    worlds.student(world, "lia", "Mo", "200805122387", world.norra, world.karin)
    GroupStaff.objects.create(
        group=GroupStaff.objects.get(user=world.karin).group,
        user=worlds.user(world, "nils", "Ny", "mentor", unit=world.norra),
        starts_on=worlds.TODAY,
    )
    assert "har ingen mentor" not in words(client, world.anna, reverse("today"))
    leaves(world, "nils")
    assert "4 elever har ingen mentor" in words(client, world.anna, reverse("today"))
    assert "4 elever" in words(client, world.anna, f"{LIST}?mentor=saknas")


def test_a_mentor_asks_nothing_about_those_without(client, world):
    leaves(world, "per")
    assert "utan mentor" not in words(client, world.karin, reverse("today"))
    assert "Ella Lindqvist" in words(client, world.karin, f"{LIST}?mentor=saknas")  # no such choice: her own


def test_a_school_that_keeps_no_mentor_groups_is_not_nagged(client, world):
    GroupStaff.objects.get(user=world.karin).group.delete()
    assert "har ingen mentor" not in words(client, world.anna, reverse("today"))


def test_a_role_that_ends_on_a_day_holds_through_it(world, settings):
    actions.end_grant(Grant.objects.get(user=world.karin), by=world.ulla, last_day=worlds.TODAY)
    scope = world.scope("anna")
    without = Student.objects.visible_to(scope).without_mentor(scope.unit_ids)
    assert not without.exists()
    settings.KOLL_TODAY = worlds.TODAY + timedelta(days=1)
    scope = world.scope("anna")
    assert Student.objects.visible_to(scope).without_mentor(scope.unit_ids).count() == 3


def test_a_scan_gives_back_what_she_had_taken(world, django_capture_on_commit_callbacks):
    """Taken by somebody who is not there, it would wait for nobody."""
    hers, other = taken(world, world.ella, world.karin), taken(world, world.omar, world.mette)
    Grant.objects.filter(user=world.karin).update(
        ends_on=YESTERDAY
    )  # a role that ran out ends by nobody's hand
    with django_capture_on_commit_callbacks(execute=True):
        scan = order_scan(by=None, kind="import", unit_ids=[world.norra.pk])
    while scanning.work_on(scan):
        pass
    hers.refresh_from_db()
    other.refresh_from_db()
    assert hers.taken_by is None
    assert other.taken_by == world.mette
    assert hers.events.filter(what=FlagEvent.What.RELEASED, by=None).exists()


def test_given_back_is_said_on_the_page_of_the_flag(client, world):
    flag = taken(world, world.ella, world.karin)
    leaves(world)
    shown = words(client, world.anna, reverse("risk:flag", args=[flag.pk]))
    assert "Lämnades tillbaka Den som hade tagit den ser inte eleven längre." in shown


@pytest.mark.parametrize("end", ["role", "account"])
def test_what_she_had_taken_waits_for_others_the_moment_her_role_ends(world, end):
    """Until the night nobody took it, since a colleague seemed to have it."""
    hers, other = taken(world, world.ella, world.karin), taken(world, world.omar, world.mette)
    if end == "account":
        actions.close_user(world.karin, by=world.sten)
    else:
        leaves(world)
    for flag in (hers, other):
        flag.refresh_from_db()
    assert (hers.taken_by, other.taken_by) == (None, world.mette)
    assert hers.events.filter(what=FlagEvent.What.RELEASED, by=None).exists()


def test_she_keeps_what_she_has_taken_while_she_still_sees_the_pupil(world):
    """Her role ends on Friday, or another of hers does."""
    actions.give_role(world.karin, role="teacher", unit=world.norra, by=world.ulla)
    flag = taken(world, world.ella, world.karin)
    actions.end_grant(Grant.objects.get(user=world.karin, role="teacher"), by=world.ulla)
    actions.end_grant(
        Grant.objects.get(user=world.karin, role="mentor"), by=world.ulla, last_day=worlds.TODAY
    )
    flag.refresh_from_db()
    assert flag.taken_by == world.karin


def test_a_pupil_for_whom_she_was_named_waits_for_others_too(world):
    """A named person's way to a pupil at another school was her role at this one."""
    NamedAccess.objects.create(student=world.saga, user=world.mette, since=worlds.TERM_START)
    flag = taken(world, world.saga, world.mette, world.sodra)
    leaves(world, "mette")
    flag.refresh_from_db()
    assert flag.taken_by is None


@pytest.mark.parametrize("left", ["", "karin", "jonas", "mette"])
def test_out_of_reach_is_what_the_taker_cannot_see(world, left):
    """The same answer as asking for each of them whether she sees the pupil by a role that takes flags."""
    worlds.coach(world.omar, world.norra, world.jonas)
    NamedAccess.objects.create(student=world.vera, user=world.olle, since=worlds.TERM_START)
    takers = [world.karin, world.per, world.jonas, world.mette, world.olle, world.tore, world.eva]
    pupils = [world.ella, world.omar, world.vera, world.saga, world.tove]
    units = {world.saga.pk: world.sodra, world.tove.pk: world.bjork}
    flags = {}
    for number, (taker, pupil) in enumerate(product(takers, pupils)):
        flag = taken(world, pupil, taker, units.get(pupil.pk))
        Flag.objects.filter(pk=flag.pk).update(indicator=f"X{number}")  # one open flag of each
        flags[flag.pk] = (taker, pupil)
    Grant.objects.filter(user=world.users.get(left)).update(ends_on=YESTERDAY)
    unseen = set(out_of_reach([unit.pk for unit in world.units.values()]).values_list("pk", flat=True))
    expected = {
        pk
        for pk, (taker, pupil) in flags.items()
        if not Student.objects.visible_to(scope_for(taker).only(Permission.TAKE_FLAG))
        .filter(pk=pupil.pk)
        .exists()
    }
    assert unseen == expected
    assert {flag.pk for taker in takers for flag in out_of_reach_of(taker)} == expected


def test_what_she_booked_is_seen_until_somebody_has_met_the_pupil(client, world):
    met(world, world.ella, world.karin, next_on=date(2026, 11, 26))
    assert "men har inte kvar sin roll" not in words(client, world.anna, reverse("today"))
    leaves(world)
    assert "men har inte kvar sin roll" in words(client, world.anna, reverse("today"))
    met(world, world.ella, world.anna, at="2026-11-23T10:00+01:00")
    assert "men har inte kvar sin roll" not in words(client, world.anna, reverse("today"))


def test_what_she_booked_is_the_new_mentors_as_soon_as_there_is_one(client, world):
    met(world, world.ella, world.karin, next_on=date(2026, 11, 26))
    group = GroupStaff.objects.get(user=world.karin).group
    leaves(world)
    new = worlds.user(world, "nils", "Ny", "mentor", unit=world.norra)
    GroupStaff.objects.create(group=group, user=new, starts_on=worlds.TODAY)
    assert "Nästa avstämning är tor 26 nov med Ella" in words(client, new, reverse("today"))
    assert "Karin Ahl bokade" not in words(client, world.anna, reverse("today"))


def test_her_name_is_no_longer_said_as_mentor(client, world):
    """Whoever looks for the mentor must not be sent to somebody who has left."""
    page = reverse("students:detail", args=[world.ella.pk])
    assert "mentor Karin Ahl" in words(client, world.anna, page)
    leaves(world)
    assert "mentor Karin Ahl" not in words(client, world.anna, page)
    worlds.flag(world.ella, world.norra)
    assert "mentor saknas" in words(client, world.mette, reverse("risk:waiting_list"))
