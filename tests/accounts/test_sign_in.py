"""Getting in: who may, who may not any more, and what is said to her."""

import re
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from followup.accounts.models import Grant, Installation, User
from followup.audit.models import Event
from tests import world as worlds

PASSWORD = "lösenord-för-tester"


def sign_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password}, follow=True)


def test_she_signs_in_with_her_e_mail_and_the_trace_says_so(client, world):
    response = sign_in(client, world.karin)
    assert response.wsgi_request.user == world.karin
    assert Event.objects.filter(verb="accounts.sign_in", by_id=world.karin.pk).count() == 1


def test_capital_letters_in_the_e_mail_do_not_keep_her_out(client, world):
    client.post(reverse("account_login"), {"login": "Karin@Example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(world.karin.pk)


def test_a_wrong_password_says_nothing_about_whether_the_account_exists(client, world):
    wrong = sign_in(client, world.karin, "fel")
    client.cookies.clear()
    nobody = client.post(reverse("account_login"), {"login": "ingen@example.org", "password": "fel"})
    assert "E-posten eller lösenordet stämmer inte." in wrong.content.decode()
    assert "E-posten eller lösenordet stämmer inte." in nobody.content.decode()


def test_five_wrong_passwords_close_the_door_for_a_while(client, world):
    for _ in range(5):
        sign_in(client, world.karin, "fel")
    response = sign_in(client, world.karin)
    assert not response.wsgi_request.user.is_authenticated
    assert "För många försök" in response.content.decode()


def test_rgt_03_a_closed_account_is_refused_the_same_day_with_a_plain_sentence(client, world):
    User.objects.filter(pk=world.karin.pk).update(is_active=False)
    response = sign_in(client, world.karin)
    assert not response.wsgi_request.user.is_authenticated
    assert "Kontot är stängt." in response.content.decode()


def test_rgt_03_whose_roles_have_all_ended_is_refused_the_same_day(client, world):
    Grant.objects.filter(user=world.karin).update(ends_on=date(2026, 11, 23))
    response = sign_in(client, world.karin)
    assert not response.wsgi_request.user.is_authenticated
    assert "Du har ingen roll som gäller idag." in response.content.decode()


def test_rgt_03_who_is_signed_in_when_her_role_ends_is_out_at_her_next_click(client, world):
    client.force_login(world.karin)
    Grant.objects.filter(user=world.karin).update(ends_on=date(2026, 11, 23))
    response = client.get(reverse("usersessions_list"), follow=True)
    assert not response.wsgi_request.user.is_authenticated
    assert "Du har ingen roll som gäller idag." in response.content.decode()


def test_who_begins_next_week_is_told_the_day(client, world):
    Grant.objects.filter(user=world.karin).update(starts_on=date(2026, 12, 1))
    response = sign_in(client, world.karin)
    assert re.search(r"Din roll börjar gälla tis\s1\sdec\.", response.content.decode())


def test_an_empty_installation_says_how_to_begin(client, db, django_user_model):
    """Whoever has followed the README half-way stands before a form that nobody can fill in."""
    django_user_model.objects.all().delete()
    assert "manage.py setup" in client.get(reverse("account_login")).content.decode()
    worlds.build()
    assert "manage.py setup" not in client.get(reverse("account_login")).content.decode()


def test_nobody_signs_up_by_herself(client, db):
    assert client.get("/konto/signup/").status_code == 404
    assert client.get("/konto/email/").status_code == 404


def test_a_forgotten_password_is_mended_by_mail_in_swedish(client, world):
    client.post(reverse("account_reset_password"), {"email": world.karin.email})
    (sent,) = mail.outbox
    assert sent.subject == "Koll: välj ett nytt lösenord"
    link = re.search(r"https?://testserver(\S+)", sent.body)[1]
    form = client.get(link, follow=True)
    new = "ett helt nytt lösenord"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(client, world.karin, new).wsgi_request.user == world.karin
    assert mail.outbox[-1].subject == "Koll: ditt lösenord är bytt"
    assert Event.objects.get(verb="accounts.choose_password").by_id == world.karin.pk, (
        "whose account was it then?"
    )


def test_a_reset_for_an_unknown_address_looks_the_same_and_sends_nothing(client, db):
    response = client.post(reverse("account_reset_password"), {"email": "ingen@example.org"})
    assert response.status_code == 302
    assert mail.outbox == []


def test_a_changed_password_ends_her_other_sessions(client, world):
    sign_in(client, world.karin)
    elsewhere = type(client)()
    sign_in(elsewhere, world.karin)
    new = "ett helt nytt lösenord"
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert Event.objects.get(verb="accounts.choose_password").object_id == world.karin.pk
    assert client.get(reverse("usersessions_list")).status_code == 200
    assert elsewhere.get(reverse("usersessions_list")).status_code == 302


def test_she_sees_and_ends_her_own_sessions(client, world):
    sign_in(client, world.karin)
    elsewhere = type(client)()
    sign_in(elsewhere, world.karin)
    assert client.get(reverse("usersessions_list")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert elsewhere.get(reverse("usersessions_list")).status_code == 302


def test_signing_in_as_another_on_the_same_phone_leaves_nothing_of_the_first(client, world):
    sign_in(client, world.karin)
    session = client.session
    session["working_as"] = ("school", 1)
    session.save()
    client.post(reverse("account_logout"))
    sign_in(client, world.per)
    assert "working_as" not in client.session


# Duties ------------------------------------------------------------------------------


@pytest.fixture
def two_duties(world):
    Grant.objects.create(
        user=world.anna, role="privacy_officer", organiser=world.kommun, starts_on=date(2026, 8, 1)
    )
    return world


def test_she_switches_duty_and_her_scope_follows(client, two_duties):
    world = two_duties
    client.force_login(world.anna)
    client.post(reverse("accounts:work_as"), {"working_as": f"administration:{world.kommun.pk}"})
    scope = client.get(reverse("usersessions_list")).wsgi_request.scope
    assert (scope.duty, scope.roles) == ("administration", {"privacy_officer"})


def test_a_duty_that_is_not_hers_does_not_exist(client, world):
    client.force_login(world.karin)
    response = client.post(reverse("accounts:work_as"), {"working_as": f"administration:{world.kommun.pk}"})
    assert response.status_code == 404
    assert client.post(reverse("accounts:work_as"), {"working_as": "skräp"}).status_code == 404


def test_the_keys_are_switched_off_for_her_alone(client, world):
    client.force_login(world.karin)
    client.post(reverse("accounts:keyboard_moves"), {"moves": "off", "next": "/kakor/"})
    world.karin.refresh_from_db()
    world.per.refresh_from_db()
    assert (world.karin.keyboard_moves, world.per.keyboard_moves) == (False, True)


def test_the_way_back_never_leads_to_another_site(client, world):
    client.force_login(world.karin)
    response = client.post(
        reverse("accounts:keyboard_moves"), {"moves": "off", "next": "https://example.com/"}
    )
    assert response.url == reverse("today")


# The demo ------------------------------------------------------------------------------


@pytest.fixture
def demo(world, settings):
    settings.DEMO = True
    Installation.objects.create(is_demo=True)
    User.objects.filter(pk__in=[world.karin.pk, world.ulla.pk]).update(
        is_invented=True, demo_card="Skriver avstämningar mellan två lektioner"
    )
    return world


def test_the_cards_of_the_demo_say_who_and_what(client, demo):
    page = client.get(reverse("accounts:demo")).content.decode()
    assert page.index("Karin Ahl") < page.index("Ulla Brandt")
    assert "mentor, Norra gymnasiet" in page
    assert "Skriver avstämningar mellan två lektioner" in page
    assert "Per Ost" not in page


def test_one_click_on_a_card_signs_in(client, demo):
    client.post(reverse("accounts:demo"), {"person": demo.karin.pk})
    assert client.session["_auth_user_id"] == str(demo.karin.pk)
    client.post(reverse("accounts:demo"), {"person": demo.ulla.pk})
    assert client.session["_auth_user_id"] == str(demo.ulla.pk)


def test_no_card_lets_anybody_in_as_a_real_person(client, demo):
    assert client.post(reverse("accounts:demo"), {"person": demo.per.pk}).status_code == 404
    assert client.post(reverse("accounts:demo"), {"person": "x"}).status_code == 404


@pytest.mark.parametrize(("asked", "made"), [(True, False), (False, True)])
def test_cards_exist_only_where_demo_is_asked_for_in_a_database_made_as_one(
    client, world, settings, asked, made
):
    settings.DEMO = asked
    Installation.objects.create(is_demo=made)
    User.objects.filter(pk=world.karin.pk).update(is_invented=True, demo_card="Mentor")
    assert client.get(reverse("accounts:demo")).status_code == 404
    assert client.post(reverse("accounts:demo"), {"person": world.karin.pk}).status_code == 404
    assert "_auth_user_id" not in client.session


# UI-05 ----------------------------------------------------------------------------------


def test_ui_05_an_old_tab_after_a_new_sign_in_keeps_the_text(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    login_page = client.get(reverse("account_login"))
    token = login_page.context["csrf_token"]
    client.post(
        reverse("account_login"),
        {"login": world.karin.email, "password": PASSWORD, "csrfmiddlewaretoken": str(token)},
    )
    response = client.post(
        reverse("accounts:keyboard_moves"),
        {"moves": "off", "text": "ö" * 500, "csrfmiddlewaretoken": str(token)},
        HTTP_REFERER="http://testserver/",
        HTTP_ORIGIN="http://testserver",
    )
    page = response.content.decode()
    assert "ö" * 500 in page
    assert "Inget har sparats ännu" in page
