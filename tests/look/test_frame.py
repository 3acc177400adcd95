"""The frame of every page: places, numbers, errors, and what a page may not contain."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse

from followup import errors, navigation
from followup.offers import offered
from followup.templatetags import koll

PAGES = ["accessibility", "cookies", "account_login", "account_reset_password", "components"]


def frame_of(world, name, path="/"):
    request = RequestFactory().get(path)
    request.user = world.users[name]
    request.scope = world.scope(name)
    return navigation.Frame(request)


@pytest.fixture
def two_places(monkeypatch):
    """Idag and the waiting list alone. The rooms are loaded first, or they would keep the short `address`."""
    list(offered("TODAY", "sections"))
    places = {"today": "/", "risk:waiting_list": "/vantelista/"}
    monkeypatch.setattr(navigation, "address", lambda name: places.get(name, ""))


@pytest.mark.parametrize("page", PAGES)
def test_pages_about_the_service_open_without_a_sign_in(client, db, page):
    response = client.get(reverse(page))
    assert response.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_inline_style_or_script(client, db, page):
    html = client.get(reverse(page)).content.decode()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", html))


def test_no_colour_or_place_stands_in_a_template_as_style():
    for folder in ("templates",):
        from pathlib import Path

        for path in Path(folder).rglob("*.html"):
            assert not re.search(r"\sstyle=|<style|\sonclick=", path.read_text()), path


def test_a_place_shows_only_to_those_who_may_go_there_and_when_it_exists(world, two_places):
    assert [item.label for item in frame_of(world, "mette").items] == ["Idag", "Väntelista"]
    assert [item.label for item in frame_of(world, "karin").items] == ["Idag"]


def test_the_place_one_is_in_is_marked_also_on_pages_below_it(world, two_places):
    here = {item.label: item.current for item in frame_of(world, "mette", "/vantelista/12/").items}
    assert here == {"Idag": "", "Väntelista": "true"}
    here = {item.label: item.current for item in frame_of(world, "mette", "/").items}
    assert here == {"Idag": "page", "Väntelista": ""}


def test_numbers_of_the_rail_are_counted_in_one_query(world, django_assert_max_num_queries):
    frame = frame_of(world, "karin")
    _ = frame.scope.unit_ids
    with django_assert_max_num_queries(2):
        assert frame.items


def test_somebody_without_any_role_still_gets_a_page(client, world):
    world.karin.grants.all().delete()
    client.force_login(world.karin)
    assert client.get(reverse("accessibility")).status_code == 200


def test_the_other_language_is_one_press_away(client, db):
    client.post(reverse("set_language"), {"language": "en", "next": "/kakor/"})
    assert 'lang="en"' in client.get("/kakor/").content.decode()


def test_the_typeface_is_made_from_the_wheel_and_stays_small():
    path = finders.find("typeface/inter-latin.woff2")
    with open(path, "rb") as file:
        content = file.read()
    assert content[:4] == b"wOF2"
    assert len(content) < 110_000


# When something is wrong ------------------------------------------------------------


def test_a_page_that_is_not_there_says_so_plainly(client, world):
    client.force_login(world.karin)
    response = client.get("/finns-inte/")
    assert response.status_code == 404
    assert "Sidan finns inte, eller så hör den till någon annan." in response.content.decode()


def test_a_refusal_says_who_may(rf, world):
    request = rf.get("/")
    request.user, request.scope = world.karin, world.scope("karin")
    response = errors.permission_denied(request, PermissionDenied("Det får: kurator, rektor."))
    assert response.status_code == 403
    assert "Det får: kurator, rektor." in response.content.decode()


def test_the_page_for_our_own_faults_needs_neither_database_nor_session(rf):
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Något gick fel hos oss" in response.content.decode()


def strict_client(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    client.force_login(world.karin)
    return client


def test_ui_05_a_form_in_an_old_tab_keeps_its_text_after_a_new_sign_in(world):
    """UI-05: 500 characters written in the first tab; signed in again in the second; save."""
    client = strict_client(world)
    client.get(reverse("components"))
    text = "Å" * 500
    old = "a" * 64
    response = client.post(reverse("components"), {"note": text, "csrfmiddlewaretoken": old})
    page = response.content.decode()
    assert response.status_code == 403
    assert text in page
    assert "Är det du som har skrivit detta?" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    again = client.post(reverse("components"), {"note": text, "csrfmiddlewaretoken": token})
    assert again.status_code == 200
    assert text in again.content.decode()


def test_a_form_that_another_site_sends_is_neither_shown_nor_offered_again(world):
    client = strict_client(world)
    client.get(reverse("components"))
    response = client.post(
        reverse("components"), {"note": "skriv detta"}, headers={"origin": "https://annan.example"}
    )
    assert response.status_code == 403
    assert "skriv detta" not in response.content.decode()


def test_a_form_sent_after_the_session_has_ended_keeps_its_text(client, db):
    response = client.post(
        reverse("today"), {"note": "Vi pratade om måndagarna." * 3, "csrfmiddlewaretoken": "x"}
    )
    page = response.content.decode()
    assert response.status_code == 401
    assert "Vi pratade om måndagarna." in page
    assert "no-store" in response.headers["Cache-Control"]


def test_a_password_is_never_shown_again(client, db):
    response = client.post(reverse("today"), {"oldpassword": "hemligt-lösenord", "note": "text"})
    assert "hemligt-lösenord" not in response.content.decode()


def test_a_part_of_a_page_is_told_that_nobody_is_signed_in(client, db):
    response = client.get(reverse("today"), headers={"hx-request": "true"})
    assert response.status_code == 401
    assert response.headers["X-Sign-In"] == reverse("account_login")


# Forms ---------------------------------------------------------------------------------


def test_a_form_with_faults_sums_them_up_and_keeps_what_was_typed(client, db):
    page = client.post(reverse("components"), {"on": "03/04/2026", "note": "<b>hej</b>"}).content.decode()
    assert "Rätta det här och spara igen" in page
    assert page.count("Kan vara 3 april eller 4 mars. Skriv 2026-04-03.") == 2
    assert "&lt;b&gt;hej&lt;/b&gt;" in page
    assert 'aria-invalid="true"' in page


def test_a_browser_is_named_by_what_one_recognises():
    assert (
        koll.device("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130")
        == "Edge, Windows"
    )
    assert koll.device("curl/8") == "okänd webbläsare"


def test_a_phone_holds_five_places_and_the_rest_under_more(world, monkeypatch):
    monkeypatch.setattr(navigation, "address", lambda name: f"/{name}/")
    leader = frame_of(world, "anna")
    assert len(leader.items) > navigation.AT_THE_THUMB
    assert len([item for item in leader.items if not item.beyond]) == navigation.AT_THE_THUMB - 1
    assert not frame_of(world, "karin").beyond
