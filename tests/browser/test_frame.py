"""The frame in a real browser: keys, menus, forms, charts, and going on after a session has ended."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE

PAGES = ["accessibility", "cookies", "account_login", "account_reset_password", "components"]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("page_name", PAGES)
def test_everybody_can_use_the_pages_about_the_service(open_page, accessible, page_name, colours):
    page = open_page(viewport=PHONE, color_scheme=colours)
    page.goto(reverse(page_name))
    accessible(page)


def test_the_frame_of_somebody_signed_in_can_be_used_by_everybody(open_page, accessible, world):
    page = open_page(signed_in=world.mette)
    page.goto("/")
    page.locator(".menu summary").click()
    accessible(page)


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways_on_a_phone(open_page, world, width):
    page = open_page(viewport={"width": width, "height": 640}, signed_in=world.mette)
    for path in ["/", reverse("components"), reverse("usersessions_list"), reverse("cookies")]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_menu_closes_by_escape_and_gives_the_focus_back(open_page, world):
    page = open_page(signed_in=world.karin)
    page.goto("/")
    page.locator(".menu summary").press("Enter")
    assert page.locator(".menu-body").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".menu-body").is_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_form_with_faults_puts_the_focus_on_what_is_wrong(open_page, accessible):
    page = open_page(viewport=PHONE)
    page.goto(reverse("components"))
    page.fill("[name=on]", "03/04/2026")
    page.locator("form.form-column .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert (
        page.locator("#id_on_error").inner_text().strip()
        == "Kan vara 3 april eller 4 mars. Skriv 2026-04-03."
    )
    assert page.input_value("[name=on]") == "03/04/2026"
    accessible(page)


def test_the_scale_is_moved_by_arrow_keys_and_holds_under_a_thumb(open_page):
    page = open_page(viewport=PHONE)
    page.goto(reverse("components"))
    box = page.locator(".scale label").first.bounding_box()
    assert box["height"] >= 44
    assert box["width"] >= 44
    page.locator("#id_rating_3").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#id_rating_4").is_checked()


def test_the_figures_of_a_chart_are_read_by_arrow_keys(open_page):
    page = open_page(viewport=DESK)
    page.goto(reverse("components"))
    chart = page.locator(".chart-lines").first
    chart.locator(".point[tabindex='0']").last.focus()
    page.keyboard.press("ArrowLeft")
    assert "v. 45" in page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_letters_do_nothing_while_one_writes(open_page):
    page = open_page()
    page.goto(reverse("components"))
    page.fill("[name=note]", "")
    page.locator("[name=note]").press_sequentially("jk/")
    assert page.input_value("[name=note]") == "jk/"


def test_one_goes_on_after_a_session_has_ended_and_nothing_shows_meanwhile(open_page, world):
    page = open_page(signed_in=world.karin)
    page.goto(reverse("components"))
    page.fill("[name=note]", "Pratade om måndagarna.")
    page.context.clear_cookies(name="sessionid")
    page.evaluate("htmx.ajax('GET', '/', {target: '#says'})")
    dialog = page.locator("#sign-in")
    dialog.locator("[name=login]").wait_for()
    backdrop = page.evaluate(
        "getComputedStyle(document.getElementById('sign-in'), '::backdrop').backgroundColor"
    )
    assert backdrop.startswith("rgb(")  # opaque
    dialog.locator("[name=login]").fill("karin@example.org")
    dialog.locator("[name=password]").fill("lösenord-för-tester")
    dialog.locator("[data-sign-in] button").click()
    dialog.wait_for(state="hidden")
    assert page.input_value("[name=note]") == "Pratade om måndagarna."
    page.locator("form.form-column .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_visible()  # the form arrived, with a token that holds


def test_a_colleague_who_signs_in_instead_sees_nothing_of_the_page(open_page, world):
    page = open_page(signed_in=world.karin)
    page.goto(reverse("components"))
    page.fill("[name=note]", "Karins text")
    page.context.clear_cookies(name="sessionid")
    page.evaluate("htmx.ajax('GET', '/', {target: '#says'})")
    dialog = page.locator("#sign-in")
    dialog.locator("[name=login]").fill("per@example.org")
    dialog.locator("[name=password]").fill("lösenord-för-tester")
    dialog.locator("[data-sign-in] button").click()
    expect(page.get_by_role("heading", name="Idag")).to_be_visible()
    expect(page.locator("[name=note]")).to_have_count(0)


def test_an_old_tab_after_a_new_sign_in_keeps_what_was_written(open_page, world):
    """UI-05, in two real tabs."""
    first = open_page(signed_in=world.karin)
    first.goto(reverse("components"))
    first.fill("[name=note]", "Å" * 500)
    first.context.clear_cookies()
    second = first.context.new_page()
    second.goto(reverse("account_login"))
    second.fill("[name=login]", "karin@example.org")
    second.fill("[name=password]", "lösenord-för-tester")
    second.locator("[data-sign-in] button").click()
    expect(second.get_by_role("heading", name="Idag")).to_be_visible()
    first.locator("form.form-column .btn-primary").click()
    first.locator("h1", has_text="Inget har sparats ännu").wait_for()
    assert first.locator("textarea[name=note]").input_value() == "Å" * 500
    first.locator("main .btn-primary").click()
    expect(first.locator("h1", has_text="Inget har sparats ännu")).to_be_hidden()
    expect(first.locator("[name=note]")).to_have_value("Å" * 500)
