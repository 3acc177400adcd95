"""A registrar can make up a colleague who sees pupils; the head of the school is told, and by whom it was done."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup.accounts import actions
from followup.accounts.models import Grant, User
from tests import world as worlds
from tests.imports.reading_in import read_in

TITLE = "Nya som ser elever"
PERSONAL = "e-post;förnamn;efternamn;roll;skolenhetskod\n"
DATED = "e-post;förnamn;efternamn;roll;skolenhetskod;startdatum;slutdatum\n"


@pytest.fixture
def idag(client, world):
    def words(name="anna") -> str:
        client.force_login(world.users[name])
        page = re.sub(r"<[^>]+>", " ", client.get(reverse("today")).content.decode())
        return " ".join(page.replace("\xa0", " ").split())

    return words


def comes(world, name="nia", role="school_leader", unit=None, by="ulla", **fields) -> Grant:
    email = f"{name}@example.org"
    person = User.objects.filter(email=email).first() or actions.add_user(
        email=email, given_name=name.title(), family_name="Ny", by=world.users[by]
    )
    return actions.give_role(person, role=role, unit=unit or world.norra, by=world.users[by], **fields)


def test_the_head_reads_who_came_with_which_role_and_by_whom(world, idag):
    assert TITLE not in idag()
    comes(world)
    comes(world, "ola", "student_health", profession="kurator")
    comes(world, "ola", "mentor", starts_on=worlds.TODAY + timedelta(days=13))
    told = idag()
    assert TITLE in told
    assert "Nia Ny (rektor) och Ola Ny (kurator, mentor från mån 7 dec) fick sin roll av Ulla Brandt." in told
    assert "Inget väntar på dig idag." in told  # it is told, and asks for nothing


def test_a_role_that_was_ended_again_at_once_is_told_all_the_same(world, idag):
    """One look at every pupil takes a minute."""
    actions.end_grant(comes(world), by=world.ulla)
    assert "Nia Ny (rektor, avslutad) fick sin roll av Ulla Brandt." in idag()


def test_nobody_else_is_told_and_of_no_other_school(world, idag):
    comes(world)
    comes(world, "sara", unit=world.sodra, by="sten")
    assert "Sara" not in idag()
    for name in ("karin", "mette", "ulla", "per", "lena"):
        assert TITLE not in idag(name)


def test_it_is_told_for_fourteen_days(world, idag, settings):
    comes(world)
    settings.KOLL_TODAY = worlds.TODAY + timedelta(days=14)
    assert TITLE in idag()
    settings.KOLL_TODAY += timedelta(days=1)
    assert TITLE not in idag()


def test_a_link_leads_to_the_roles_where_she_may_open_them(client, world, idag):
    comes(world)
    link = f'href="{reverse("accounts:users")}"'
    client.force_login(world.anna)
    assert link not in client.get(reverse("today")).content.decode()
    Grant.objects.create(user=world.anna, role="registrar", unit=world.norra, starts_on=worlds.TERM_START)
    assert link in client.get(reverse("today")).content.decode()


def test_a_first_file_is_one_row_and_costs_no_more(client, world, idag):
    text = PERSONAL + "".join(f"ny{n}@example.org;Ny{n};Ek;mentor;99900011\n" for n in range(50))
    read_in(text, by=world.ulla, allowed=[world.norra.pk])
    comes(world)  # who came by hand does not drown among them
    told = idag()
    assert "Nia Ny (rektor) fick sin roll av Ulla Brandt." in told
    assert "50 nya kollegor ser elever, ur en fil från Ulla Brandt." in told
    assert "Ny7" not in told
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("today"))
    assert len(asked) <= 20  # on a quiet day too, when one asks what comes next


def test_a_file_at_the_command_line_is_told_and_the_demo_is_not(world, idag):
    worlds.user(world, "disa", "Demo", "mentor", unit=world.norra)
    assert TITLE not in idag()
    read_in(PERSONAL + "nia@example.org;Nia;Ny;mentor;99900011\n")
    assert "Nia Ny (mentor) ser elever, ur en fil." in idag()


def test_a_file_that_opens_an_old_role_again_gives_it_anew(world, idag):
    """Somebody who left years ago, with her e-mail in the hands of another, is as new as anybody."""
    grant = Grant.objects.get(user=world.karin)
    Grant.objects.filter(pk=grant.pk).update(granted_at="2024-08-01T12:00Z", ends_on="2026-10-01")
    row = f"karin@example.org;Karin;Ahl;mentor;99900011;{grant.starts_on};"
    read_in(DATED + row + "2026-10-15\n", by=world.ulla, allowed=[world.norra.pk])
    assert TITLE not in idag()
    read_in(DATED + row + "\n", by=world.ulla, allowed=[world.norra.pk])
    assert "Karin Ahl (mentor) ser elever, ur en fil från Ulla Brandt." in idag()


def test_a_role_that_goes_on_is_nothing_new(world, idag):
    """Each August the file gives the staff of the school their roles from another day."""
    Grant.objects.filter(user=world.karin).update(granted_at="2026-08-01T12:00Z", from_file=True)
    read_in(
        DATED + "karin@example.org;Karin;Ahl;mentor;99900011;2026-11-24;\n",
        by=world.ulla,
        allowed=[world.norra.pk],
    )
    assert Grant.objects.filter(user=world.karin).count() == 2
    assert TITLE not in idag()
