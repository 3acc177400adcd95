"""Users and roles: who gives what to whom, for a place and a period, and that nothing written is lost."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from followup.accounts import actions, queries
from followup.accounts.models import Grant, Invitation, User
from followup.audit.models import Event
from tests import world as worlds


@pytest.fixture
def as_registrar(client, world):
    client.force_login(world.ulla)
    return client


@pytest.fixture
def as_admin(client, world):
    client.force_login(world.sten)
    return client


def new_colleague(client, world, **changes):
    data = {
        "email": "Ny.Kollega@example.org",
        "given_name": "Nya",
        "family_name": "Kollegan",
        "role": "mentor",
        "place": f"unit:{world.norra.pk}",
    }
    return client.post(reverse("accounts:add_user"), {**data, **changes})


# By hand ---------------------------------------------------------------------------------


def test_a_registrar_adds_a_colleague_who_gets_a_letter_and_gets_in(as_registrar, world):
    new_colleague(as_registrar, world, ends_on="2026-12-18")
    person = User.objects.get(email="ny.kollega@example.org")
    grant = person.grants.get()
    assert (grant.role, grant.unit, grant.starts_on, grant.ends_on) == (
        "mentor",
        world.norra,
        date(2026, 11, 24),
        date(2026, 12, 18),
    )
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    her = type(as_registrar)()
    assert "Välkommen, Nya" in her.get(link).content.decode()
    response = her.post(link, {"password": "fyra ord på rad"}, follow=True)
    assert response.wsgi_request.user == person
    assert [event.verb for event in Event.objects.filter(by_id=world.ulla.pk).order_by("pk")] == [
        "accounts.add_user",
        "accounts.give_role",
        "accounts.invite",
    ]


def test_prv_04_the_letter_says_nothing_of_any_pupil(as_registrar, world):
    new_colleague(as_registrar, world)
    (letter,) = mail.outbox
    for student in world.students.values():
        for word in (student.given_name, student.family_name, student.person.national_number):
            assert word not in letter.subject + letter.body
    assert letter.subject == "Koll: välj ett lösenord"


def test_a_link_is_used_once_and_dies_with_the_next_one(as_registrar, world):
    new_colleague(as_registrar, world)
    person = User.objects.get(email="ny.kollega@example.org")
    as_registrar.post(reverse("accounts:invite", args=[person.pk]))
    first, second = (re.search(r"http://testserver(\S+)", letter.body)[1] for letter in mail.outbox)
    her = type(as_registrar)()
    assert her.get(first).status_code == 410
    her.post(second, {"password": "fyra ord på rad"})
    assert her.get(second).status_code == 410
    assert as_registrar.post(reverse("accounts:invite", args=[person.pk])).status_code == 403


def test_an_old_or_forged_link_opens_nothing(client, world, time_machine):
    user = actions.add_user(email="x@example.org", given_name="X", family_name="Y", by=None)
    link = actions.invite(user, by=None, address="http://testserver")
    path = link.removeprefix("http://testserver")
    assert client.get(path[:-2] + "xx/").status_code == 410
    time_machine.move_to(timezone.now() + timedelta(days=8))
    assert client.get(path).status_code == 410


def test_a_letter_that_cannot_be_sent_saves_nothing_and_says_so(as_registrar, world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    response = new_colleague(as_registrar, world)
    assert "Brevet kunde inte skickas" in response.content.decode()
    assert not User.objects.filter(email="ny.kollega@example.org").exists()


def test_without_mail_the_administrator_hands_the_link_over_herself(as_admin, world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    person = actions.add_user(email="ny@example.org", given_name="Nya", family_name="Y", by=None)
    actions.give_role(person, role="mentor", unit=world.norra, by=None)
    assert "EMAIL_URL" in as_admin.get(reverse("accounts:users")).content.decode()
    page = as_admin.post(reverse("accounts:invite", args=[person.pk]), follow=True).content.decode()
    assert "är skickad" not in page
    her = type(as_admin)()
    assert "Välkommen, Nya" in her.get(re.search(r"/konto/valkommen/[^\s\"<]+", page)[0]).content.decode()


def test_without_mail_a_registrar_is_not_told_that_a_letter_went(as_registrar, world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    response = new_colleague(as_registrar, world)
    assert "systemadministratören bjuder in" in response.content.decode()
    assert not User.objects.filter(email="ny.kollega@example.org").exists()


@pytest.mark.parametrize("path", ["today", "accounts:add_user", "accounts:users"])
def test_without_mail_no_page_promises_a_letter(as_admin, settings, path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "får ett brev" not in as_admin.get(reverse(path)).content.decode()


@pytest.fixture
def new(world):
    person = actions.add_user(email="ny@example.org", given_name="Nya", family_name="Y", by=None)
    actions.give_role(person, role="mentor", unit=world.norra, by=None)
    return reverse("accounts:user", args=[person.pk])


def test_without_mail_the_page_of_a_colleague_speaks_of_a_link(as_admin, new, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = as_admin.get(new).content.decode()
    assert "Bjud in" in page
    assert "Brevet" not in page


def test_without_mail_a_registrar_reads_who_invites(as_registrar, new, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = as_registrar.get(new).content.decode()
    assert "systemadministratören bjuder in" in page
    assert "Bjud in</button>" not in page


def test_who_forgot_her_password_is_not_promised_a_letter_that_never_leaves(client, db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = client.get(reverse("account_reset_password")).content.decode()
    assert "Inga brev skickas härifrån" in page
    assert "Skicka länken" not in page


def test_who_is_here_already_gets_the_role_and_keeps_her_name(as_registrar, world):
    new_colleague(as_registrar, world, email="Per@example.org")
    world.per.refresh_from_db()
    assert world.per.name == "Per Ost"
    assert world.per.grants.filter(unit=world.norra, role="mentor").exists()
    assert mail.outbox == []


# What a registrar may not ---------------------------------------------------------------------


@pytest.mark.parametrize("role", ["system_admin", "privacy_officer", "organiser_leader"])
def test_a_registrar_never_gives_a_role_above_her(as_registrar, world, role):
    response = new_colleague(as_registrar, world, role=role, place=f"organiser:{world.kommun.pk}")
    assert response.status_code == 200
    assert not User.objects.filter(email="ny.kollega@example.org").exists()


def test_a_registrar_gives_roles_at_her_own_schools_only(as_registrar, world):
    response = new_colleague(as_registrar, world, place=f"unit:{world.sodra.pk}")
    assert response.status_code == 200
    assert not User.objects.filter(email="ny.kollega@example.org").exists()


def test_staff_of_another_school_do_not_exist_for_her(as_registrar, world):
    for name in ("user", "change_user", "give_role"):
        assert as_registrar.get(reverse(f"accounts:{name}", args=[world.per.pk])).status_code == 404
    for name in ("close_user", "open_user", "invite"):
        assert as_registrar.post(reverse(f"accounts:{name}", args=[world.per.pk])).status_code == 404
    grant = world.per.grants.get()
    assert as_registrar.get(reverse("accounts:end_role", args=[grant.pk])).status_code == 404


def test_nobody_gives_or_ends_her_own_roles(as_registrar, world):
    data = {"role": "school_leader", "place": f"unit:{world.norra.pk}"}
    assert as_registrar.post(reverse("accounts:give_role", args=[world.ulla.pk]), data).status_code == 403
    own = world.ulla.grants.get()
    assert as_registrar.post(reverse("accounts:end_role", args=[own.pk]), {}).status_code == 403
    assert as_registrar.post(reverse("accounts:close_user", args=[world.ulla.pk])).status_code == 403


def test_she_cannot_take_over_the_account_of_somebody_who_is_more_than_hers(as_registrar, world):
    Grant.objects.create(user=world.sten, role="mentor", unit=world.norra, starts_on=date(2026, 8, 1))
    assert as_registrar.get(reverse("accounts:user", args=[world.sten.pk])).status_code == 200
    data = {"email": "ulla2@example.org", "given_name": "S", "family_name": "S"}
    assert as_registrar.post(reverse("accounts:change_user", args=[world.sten.pk]), data).status_code == 403
    assert as_registrar.post(reverse("accounts:close_user", args=[world.sten.pk])).status_code == 403


def test_mentors_and_heads_do_not_manage_staff(client, world):
    for name in ("karin", "mette", "anna", "pia"):
        client.force_login(world.users[name])
        assert client.get(reverse("accounts:users")).status_code == 403


# Ending -------------------------------------------------------------------------------------------


def test_a_role_ended_now_shows_no_pupil_from_this_moment(as_registrar, world):
    from students.models import Student

    grant = world.karin.grants.get()
    assert Student.objects.visible_to(world.scope("karin")).exists()
    as_registrar.post(reverse("accounts:end_role", args=[grant.pk]), {})
    assert not Student.objects.visible_to(world.scope("karin")).exists()


def test_a_role_may_end_on_a_day_to_come(as_registrar, world):
    grant = world.karin.grants.get()
    as_registrar.post(reverse("accounts:end_role", args=[grant.pk]), {"last_day": "2026-12-18"})
    grant.refresh_from_db()
    assert grant.ends_on == date(2026, 12, 18)
    assert world.scope("karin").roles == {"mentor"}


def test_a_role_given_by_mistake_today_never_was(as_registrar, world):
    grant = actions.give_role(world.per, role="mentor", unit=world.norra, by=world.ulla)
    actions.end_grant(grant, by=world.ulla)
    assert grant.state == "ended"
    again = actions.give_role(world.per, role="mentor", unit=world.norra, by=world.ulla)
    assert (again.pk, again.state) == (grant.pk, "current")


def test_the_same_role_is_not_given_twice_at_once(as_registrar, world):
    data = {"role": "mentor", "place": f"unit:{world.norra.pk}"}
    response = as_registrar.post(reverse("accounts:give_role", args=[world.karin.pk]), data)
    assert "Hen har redan den rollen där." in response.content.decode()


def test_rgt_03_deleting_her_never_deletes_what_she_wrote(world):
    from uuid import uuid4

    from followup.coaching.models import CheckIn

    for _ in range(3):
        CheckIn.objects.create(
            student=world.ella,
            unit=world.norra,
            by=world.karin,
            made=True,
            channel="meeting",
            form_uuid=uuid4(),
        )
    actions.close_user(world.karin, by=world.sten)
    with pytest.raises(ProtectedError):
        world.karin.delete()
    assert CheckIn.objects.filter(by__family_name="Ahl").count() == 3


def test_rgt_05_on_leave_and_back_is_three_periods_and_no_refusal(world):
    Grant.objects.filter(user=world.karin).update(ends_on=date(2026, 9, 30))
    stand_in = worlds.user(world, "vikar", "Sten", unit=world.norra)
    mentor = {"role": "mentor", "unit": world.norra, "by": world.ulla}
    actions.give_role(stand_in, starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31), **mentor)
    actions.give_role(world.karin, starts_on=date(2027, 1, 1), **mentor)
    assert world.scope("karin").roles == set()
    assert world.scope("vikar").roles == {"mentor"}
    actions.end_grant(world.karin.grants.get(starts_on=date(2027, 1, 1)), by=world.ulla)
    actions.give_role(world.karin, starts_on=date(2027, 1, 1), **mentor)
    assert Grant.objects.filter(role="mentor", unit=world.norra).count() == 3


# The list --------------------------------------------------------------------------------------------


def test_the_list_says_who_has_what_and_until_when(as_registrar, world):
    actions.end_grant(world.jonas.grants.get(), by=world.sten, last_day=date(2026, 12, 18))
    page = as_registrar.get(reverse("accounts:users")).content.decode()
    assert "Karin Ahl" in page
    assert "Per Ost" not in page
    assert re.search(r"elevcoach, Norra gymnasiet\s+<span[^>]*>till fre\s18\sdec", page)


def test_a_search_by_name_is_a_post_and_finds(as_admin, world):
    page = as_admin.post(reverse("accounts:users"), {"words": "ahl kar"}).content.decode()
    assert "Karin Ahl" in page
    assert "Per Ost" not in page


def test_filters_narrow_the_list(as_admin, world):
    actions.close_user(world.per, by=world.sten)
    page = as_admin.get(reverse("accounts:users"), {"state": "closed"}).content.decode()
    assert "Per Ost" in page
    assert "Karin Ahl" not in page
    page = as_admin.get(
        reverse("accounts:users"), {"unit": world.norra.pk, "role": "mentor"}
    ).content.decode()
    assert "Karin Ahl" in page
    assert "Mette Lund" not in page


def test_three_and_thirty_colleagues_cost_the_same_number_of_queries(as_registrar, world):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            as_registrar.get(reverse("accounts:users"))
        return len(queries_made)

    count()
    few = count()
    for number in range(25):
        worlds.user(world, f"kollega{number}", "Extra", "mentor", "teacher", unit=world.norra)
    assert count() == few


def test_everybody_who_came_by_file_is_invited_by_one_button(as_registrar, world):
    for name in ("ett", "tva"):
        user = User.objects.create_user(f"{name}@example.org", None, given_name=name, family_name="F")
        Grant.objects.create(user=user, role="teacher", unit=world.norra, starts_on=date(2026, 8, 1))
    elsewhere = User.objects.create_user("tre@example.org", None, given_name="tre", family_name="F")
    Grant.objects.create(user=elsewhere, role="teacher", unit=world.sodra, starts_on=date(2026, 8, 1))
    assert (
        "2 personer har en roll men ingen inbjudan"
        in as_registrar.get(reverse("accounts:users")).content.decode()
    )
    as_registrar.post(reverse("accounts:invite_all"))
    assert {letter.to[0] for letter in mail.outbox} == {"ett@example.org", "tva@example.org"}
    assert Invitation.objects.count() == 2
    assert queries.uninvited(world.scope("ulla")).count() == 0


# Places ------------------------------------------------------------------------------------------------


def test_the_administrator_adds_an_organiser_and_a_school(as_admin, world):
    as_admin.post(
        reverse("accounts:add_organiser"),
        {"name": "Nya huvudmannen", "organisation_number": "556000-1111", "kind": "independent"},
    )
    from followup.accounts.models import Organiser, SchoolUnit

    organiser = Organiser.objects.get(organisation_number="5560001111")
    data = {"organiser": organiser.pk, "code": "99900099", "name": "Nya skolan", "school_form": "GY"}
    as_admin.post(reverse("accounts:add_unit"), data)
    unit = SchoolUnit.objects.get(code="99900099")
    as_admin.post(
        reverse("accounts:change_unit", args=[unit.pk]), {"name": "Nyare skolan", "school_form": "GY"}
    )
    unit.refresh_from_db()
    assert (unit.name, unit.organiser) == ("Nyare skolan", organiser)
    assert Event.objects.filter(verb="accounts.change_place", detail__fields=["name"]).exists()
    page = as_admin.get(reverse("accounts:places"))
    shown = page.content.decode()
    assert "Nyare skolan" in shown
    assert "556000-1111" in shown
    assert [item.url for item in page.context["frame"].items if item.current] == [reverse("accounts:users")]


def test_wrong_codes_are_said_beside_the_field(as_admin, world):
    page = as_admin.post(
        reverse("accounts:add_unit"), {"organiser": world.kommun.pk, "code": "123", "name": "X"}
    ).content.decode()
    assert "En skolenhetskod har åtta siffror." in page


def test_every_municipality_is_there_to_choose(as_admin, world):
    page = as_admin.get(reverse("accounts:add_organiser")).content.decode()
    assert "Upplands Väsby" in page
    assert page.count("<option") > 290


def test_to_close_an_account_is_asked_first(as_registrar, world):
    """One press by mistake, and thirty pupils are without a mentor until somebody gives the role back."""
    page = as_registrar.get(reverse("accounts:user", args=[world.karin.pk])).content.decode()
    url = reverse("accounts:close_user", args=[world.karin.pk])
    assert f'href="{url}"' in page
    assert f'action="{url}"' not in page
    asked = as_registrar.get(url).content.decode()
    assert "Stäng kontot för Karin Ahl?" in asked
    assert "De kommer inte tillbaka om kontot öppnas igen." in asked
    assert "Norra gymnasiet" in asked
    assert User.objects.get(pk=world.karin.pk).is_active
    as_registrar.post(url)
    assert not User.objects.get(pk=world.karin.pk).is_active
    assert (
        "de ges på nytt" in as_registrar.get(reverse("accounts:user", args=[world.karin.pk])).content.decode()
    )
