"""A mentor writes a check-in on her phone, between two lessons."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from followup.coaching.models import CheckIn
from tests.browser.conftest import DESK, PHONE
from tests.coaching.conftest import PASSWORD, Phone
from tests.coaching.conftest import flag as flag

TEXT = "Lämnade in labben i går. Ska fråga om extra tid på tisdagar."
TUESDAY = date(2026, 11, 24)


class Thumb:
    """Counts the taps."""

    def __init__(self, page):
        self.page = page
        self.taps = 0

    def tap(self, locator):
        self.taps += 1
        locator.tap()


@pytest.fixture
def booked(world, flag, settings):
    """Last week Karin met Ella and Omar, and booked both for today."""
    settings.KOLL_TODAY = date(2026, 11, 17)
    mine = Phone(Client(), world.karin)
    mine.save(world.omar, next="2026-11-24 14.00")
    mine.save(world.ella, agreed="Lämna in labbrapporten", next="2026-11-24 10.20, rum 214", note="Förra.")
    settings.KOLL_TODAY = TUESDAY
    return world


def form_of(student):
    return reverse("coaching:check_in", args=[student.pk])


def save(page):
    return page.get_by_role("button", name="Spara avstämning")


def todays():
    return CheckIn.objects.standing().filter(at__date=TUESDAY)


def sign_out(page):
    """The session ends on the server, under the open page."""
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


def written_draft(page, text=TEXT):
    with page.expect_response("**/utkast/"):
        page.fill("[name=note]", text)


def test_an_ordinary_check_in_takes_at_most_seven_taps_and_a_sentence(open_page, booked, flag, accessible):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto("/")
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name=re.compile("Skriv avstämning.*Ella")))
    thumb.tap(page.get_by_label("6", exact=True))
    thumb.tap(page.locator("[name=note]"))
    page.keyboard.type(TEXT)
    thumb.tap(page.get_by_label("Frånvaro 17,2 %"))
    thumb.tap(page.get_by_label("tis 1 dec 10.20"))
    accessible(page)
    thumb.tap(save(page))
    page.wait_for_url("**/sparad/")
    assert page.get_by_text("Nästa: Omar Haddad 14.00").is_visible()
    accessible(page)
    assert thumb.taps <= 7
    check_in = todays().get()
    assert (check_in.note, check_in.rating, check_in.channel) == (TEXT, 6, "meeting")
    assert (check_in.next_on, list(check_in.flags.all())) == (date(2026, 12, 1), [flag])


def test_an_attempt_takes_at_most_four(open_page, booked, accessible):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto("/")
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name=re.compile("Skriv avstämning.*Ella")))
    thumb.tap(page.get_by_label("Nej, försökte"))
    assert page.locator("[name=note]").is_hidden()
    assert page.get_by_label("6", exact=True).is_hidden()
    accessible(page)
    thumb.tap(page.get_by_label("tis 1 dec 10.20"))
    thumb.tap(save(page))
    page.wait_for_url("**/sparad/")
    assert thumb.taps <= 4
    assert todays().get().made is False


def test_what_was_written_before_it_became_an_attempt_stays_in_sight(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.fill("[name=note]", TEXT)
    page.get_by_label("Nej, försökte").tap()
    assert page.locator("[name=note]").is_visible()


def test_chk_04_a_double_tap_and_back_and_save_give_one(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto("/")
    page.goto(form_of(booked.ella))
    page.fill("[name=note]", TEXT)
    save(page).dblclick()
    page.wait_for_url("**/sparad/")
    page.go_back()
    save(page).tap()
    page.wait_for_load_state("networkidle")
    assert todays().count() == 1


def test_undo_gives_the_text_back(open_page, booked, flag):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.fill("[name=note]", TEXT)
    page.get_by_label("Frånvaro 17,2 %").tap()
    save(page).tap()
    page.get_by_role("button", name="Ångra").tap()
    page.wait_for_url("**/avstamning/")
    assert page.input_value("[name=note]") == TEXT
    assert page.get_by_label("Frånvaro 17,2 %").is_checked()
    assert not todays().exists()


def test_the_draft_is_on_the_server_and_not_in_the_browser(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    written_draft(page)
    page.get_by_text("på servern").wait_for()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "labben" not in stored
    page.close()
    other = open_page(viewport=DESK, signed_in=booked.karin)
    other.goto(form_of(booked.ella))
    assert other.input_value("[name=note]") == TEXT


def test_what_is_written_while_the_page_still_loads_is_kept_too(open_page, booked):
    """On a slow net the first word stands there before the script that keeps it."""
    page, slow = open_page(viewport=PHONE, signed_in=booked.karin), []
    page.route("**/drafts*.js", lambda route: slow.append(route))
    page.goto(form_of(booked.ella), wait_until="commit")
    page.fill("[name=note]", TEXT)
    with page.expect_response("**/utkast/"):
        slow[0].continue_()
    page.get_by_text("på servern").wait_for()
    page.unroute_all()
    page.reload()
    expect(page.locator("[name=note]")).to_have_value(TEXT)


def test_a_session_that_ends_covers_the_page_and_lets_her_go_on(open_page, booked, accessible):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.get_by_label("6", exact=True).tap()
    sign_out(page)
    written_draft(page)
    page.locator("#sign-in [name=login]").wait_for()
    accessible(page)
    page.fill("#sign-in [name=login]", booked.karin.email)
    page.fill("#sign-in [name=password]", PASSWORD)
    page.locator("#sign-in [name=password]").press("Enter")
    page.locator("#sign-in").wait_for(state="hidden")
    assert page.input_value("[name=note]") == TEXT
    save(page).tap()
    page.wait_for_url("**/sparad/")
    check_in = todays().get()
    assert (check_in.note, check_in.rating, check_in.by) == (TEXT, 6, booked.karin)


def test_pressing_save_in_an_ended_session_signs_in_and_saves_by_itself(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.clock.install()
    page.goto(form_of(booked.ella))
    written_draft(page)
    sign_out(page)
    page.clock.fast_forward("10:00")
    save(page).tap()
    page.locator("#sign-in [name=login]").wait_for()
    page.fill("#sign-in [name=login]", booked.karin.email)
    page.fill("#sign-in [name=password]", PASSWORD)
    page.locator("#sign-in [name=password]").press("Enter")
    page.wait_for_url("**/sparad/")
    assert todays().get().note == TEXT


def test_a_colleague_who_signs_in_over_the_page_sees_nothing_of_it(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    sign_out(page)
    written_draft(page)
    page.locator("#sign-in [name=login]").wait_for()
    page.fill("#sign-in [name=login]", booked.anna.email)
    page.fill("#sign-in [name=password]", PASSWORD)
    page.locator("#sign-in [name=password]").press("Enter")
    page.get_by_role("heading", name="Idag").wait_for()
    assert "labben" not in page.content()
    page.go_back()
    page.wait_for_load_state()
    assert "labben" not in page.content()
    page.goto(form_of(booked.ella))
    assert page.input_value("[name=note]") == ""
    assert not todays().exists()
    hers = open_page(viewport=PHONE, signed_in=booked.karin)
    hers.goto(form_of(booked.ella))
    assert hers.input_value("[name=note]") == TEXT


def test_a_colleague_who_signs_in_in_another_tab_empties_the_page(open_page, booked, live_server):
    from tests.browser.conftest import _session

    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    written_draft(page)
    page.context.add_cookies([_session(booked.anna, live_server.url)])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("heading", name="Idag").wait_for()
    assert "labben" not in page.content()


def test_without_a_net_the_text_stays_and_is_saved_when_it_is_back(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.context.set_offline(True)
    page.fill("[name=note]", TEXT)
    save(page).tap()
    page.get_by_text("Ingen kontakt med servern. Texten finns kvar här.").wait_for()
    page.context.set_offline(False)
    save(page).tap()
    page.wait_for_url("**/sparad/")
    assert todays().get().note == TEXT


def test_it_works_without_script(open_page, booked, flag):
    page = open_page(viewport=PHONE, signed_in=booked.karin, java_script_enabled=False)
    page.goto(form_of(booked.ella))
    page.get_by_label("6", exact=True).tap()
    page.fill("[name=note]", TEXT)
    sign_out(page)
    save(page).tap()
    page.fill("[name=login]", booked.karin.email)
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{form_of(booked.ella)}")
    assert page.input_value("[name=note]") == TEXT
    save(page).tap()
    page.wait_for_url("**/sparad/")
    assert todays().get().rating == 6


def test_a_reason_to_take_it_back_survives_an_ended_session_without_script(open_page, booked):
    page = open_page(viewport=PHONE, signed_in=booked.karin, java_script_enabled=False)
    address = reverse("coaching:withdraw", args=[CheckIn.objects.get(student=booked.ella).pk])
    page.goto(address)
    page.fill("[name=why]", "Det var om Omar.")
    sign_out(page)
    page.get_by_role("button", name="Dra tillbaka").tap()
    page.fill("[name=login]", booked.karin.email)
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{address}")
    expect(page.locator("[name=why]")).to_have_value("Det var om Omar.")
    page.get_by_role("button", name="Dra tillbaka").dblclick()
    expect(page.get_by_text("Det var om Omar.")).to_be_visible()
    assert CheckIn.objects.get(student=booked.ella).withdrawn_why == "Det var om Omar."


def test_arrow_keys_move_on_the_scale(open_page, booked):
    page = open_page(signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.get_by_label("5", exact=True).check()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("6", exact=True).is_checked()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.get_by_label("4", exact=True).is_checked()


def test_faults_are_said_on_top_and_beside_and_keep_the_text(open_page, booked, accessible):
    page = open_page(viewport=PHONE, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.fill("[name=note]", TEXT)
    page.get_by_label("Annan tid").tap()
    page.fill("[name=next_on]", "03/04/2027")
    save(page).tap()
    page.locator(".error-summary").wait_for()
    assert page.input_value("[name=note]") == TEXT
    assert "Kan vara 3 april eller 4 mars" in page.locator("#div_id_next_on").inner_text()
    accessible(page)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_the_pages(open_page, booked, accessible, colours):
    page = open_page(viewport=PHONE, signed_in=booked.karin, color_scheme=colours)
    last = CheckIn.objects.get(student=booked.ella)
    for address in (
        form_of(booked.ella),
        reverse("coaching:list"),
        reverse("coaching:detail", args=[last.pk]),
        reverse("coaching:correct", args=[last.pk]),
        reverse("coaching:withdraw", args=[last.pk]),
    ):
        page.goto(address)
        accessible(page)


@pytest.mark.parametrize("width", [320, 390])
def test_under_the_thumb(open_page, booked, width):
    page = open_page(viewport={"width": width, "height": 844}, signed_in=booked.karin)
    page.goto(form_of(booked.ella))
    page.get_by_label("Annan tid").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cells = page.locator(".scale label, .segments label, .save-bar .btn")
    assert min(cells.evaluate_all("each => each.map(one => one.getBoundingClientRect().height)")) >= 44
    assert page.locator(".scale label").count() == 12
    bar = page.locator(".save-bar").bounding_box()
    assert bar["y"] + bar["height"] == 844
    assert page.locator(".rail").is_hidden()
    assert page.locator("[name=note]").evaluate("each => parseFloat(getComputedStyle(each).fontSize)") >= 16
