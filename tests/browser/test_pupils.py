"""Idag, lists, search and the pupil's page in a real browser: keys, a phone, and everybody."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from followup.audit.models import Reading
from students.models import FactDispute, Person, Student
from tests import world as worlds
from tests.browser.conftest import PHONE

LONG = ("Alexandra-Josefina Wilhelmina", "Wennergren-Ståhlhammar af Ugglas")


@pytest.fixture
def lived(world):
    worlds.attendance(world.ella, world.norra, days=60, excused=30, unexcused=15)
    for number in range(9):
        worlds.warning(world.ella, world.norra, f"Samhällskunskap nivå {number}b", f"SAMH{number}")
    worlds.warning(world.ella, world.norra, "Historia 1b", "HISHIS01b", value="C", kind="final")
    Student.objects.filter(pk=world.omar.pk).update(given_name=LONG[0], family_name=LONG[1])
    return world


def pages(world):
    pk = world.ella.pk
    return [
        reverse("today"),
        reverse("students:list"),
        reverse("student_search"),
        reverse("students:class", args=[world.norra.pk, "EK2b"]),
        reverse("students:detail", args=[pk]),
        reverse("students:detail", args=[pk]) + "?visa=betyg",
        reverse("students:facts", args=[pk]),
        reverse("students:who_sees", args=[pk]),
        reverse("students:dispute", args=[pk, "person", 0]),
        reverse("students:detail", args=[world.omar.pk]),
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_the_pages_of_a_mentor(open_page, accessible, lived, colours):
    page = open_page(viewport=PHONE, signed_in=lived.karin, color_scheme=colours)
    for path in pages(lived):
        page.goto(path)
        for opened in page.locator("details:not(.menu)").all()[:3]:
            opened.locator("summary").click()
        accessible(page)


def test_everybody_can_use_the_pages_of_a_head(open_page, accessible, lived):
    page = open_page(signed_in=lived.anna)
    for path in [
        reverse("students:list"),
        reverse("students:protected"),
        reverse("students:protection", args=[lived.vera.pk]),
        reverse("students:detail", args=[lived.vera.pk]),
        reverse("students:facts", args=[lived.vera.pk]),
    ]:
        page.goto(path)
        accessible(page)


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways(open_page, lived, width):
    page = open_page(viewport={"width": width, "height": 640}, signed_in=lived.karin)
    for path in pages(lived):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_cell_with_nothing_to_tell_leaves_no_mark_on_a_phone(open_page, lived):
    """A dot that parts a grade from no source reads as if something were missing."""
    page = open_page(viewport=PHONE, signed_in=lived.karin)
    page.goto(reverse("students:facts", args=[lived.ella.pk]))
    silent = page.locator("td.no-words").all()
    assert silent
    assert not any(cell.is_visible() for cell in silent)


def test_what_waits_and_the_first_verb_are_on_the_first_screen_of_a_phone(open_page, lived):
    page = open_page(viewport=PHONE, signed_in=lived.karin)
    page.goto(reverse("students:detail", args=[lived.ella.pk]))
    assert page.get_by_role("heading", name="Det som väntar").bounding_box()["y"] < 500
    write = page.get_by_role("link", name="Skriv avstämning").first
    assert write.bounding_box()["y"] < PHONE["height"]
    assert write.bounding_box()["height"] >= 44


def test_a_pupil_is_found_by_keys_alone(open_page, lived):
    """ "/" to the search, a word, Enter, on to the pupil, and Back to what was found."""
    page = open_page(signed_in=lived.karin)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("lindq")
    page.keyboard.press("Enter")
    page.wait_for_url("**/elever/sok/")
    assert "lindq" not in page.url
    link = page.locator("main").get_by_role("link", name="Ella Lindqvist")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/elever/{lived.ella.pk}/")
    assert page.get_by_role("heading", level=1).inner_text() == "Ella Lindqvist"
    assert "Ella" not in page.title()
    page.go_back()
    assert link.is_visible()
    assert page.input_value("#search") == "lindq"
    assert Reading.objects.filter(page="students:detail", student_ids=[lived.ella.pk]).exists()


def test_a_pupil_is_found_on_a_phone(open_page, lived):
    page = open_page(viewport=PHONE, signed_in=lived.karin)
    page.goto("/")
    page.locator("#search").tap()
    page.keyboard.type("20090110-2392")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="Ella Lindqvist").tap()
    page.wait_for_url(f"**/elever/{lived.ella.pk}/")


def test_nobody_found_is_said_and_can_be_tried_again(open_page, lived):
    page = open_page(signed_in=lived.karin)
    page.goto(reverse("student_search"))
    page.fill("#search-again", "wiklund")
    page.keyboard.press("Enter")
    page.get_by_text("Ingen elev hittades").wait_for()
    page.fill("#search-again", "ellA")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="Ella Lindqvist").wait_for()


def test_the_whole_row_of_a_card_opens_the_pupil(open_page, lived):
    page = open_page(viewport=PHONE, signed_in=lived.karin)
    page.goto(reverse("students:list"))
    box = page.locator("tr", has_text="Lindqvist").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    page.wait_for_url(f"**/elever/{lived.ella.pk}/")


def test_a_choice_sends_itself(open_page, lived):
    worlds.Enrolment.objects.filter(student=lived.omar).update(school_class="NA2a")
    page = open_page(signed_in=lived.anna)
    page.goto(reverse("students:list"))
    page.select_option("#urval_klass", "NA2a")
    page.wait_for_url("**klass=NA2a**")
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="Rensa urvalet").click()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_fact_is_disputed_with_one_tap_and_a_sentence(open_page, lived):
    page = open_page(viewport=PHONE, signed_in=lived.karin)
    page.goto(reverse("students:facts", args=[lived.ella.pk]))
    page.locator("#betyg .dispute").first.tap()
    page.fill("#id_text", "Kursen är inte hennes.")
    page.get_by_role("button", name="Skicka").tap()
    page.get_by_text("väntar på svar").wait_for()
    assert FactDispute.objects.get().text == "Kursen är inte hennes."
    registrar = open_page(signed_in=lived.ulla)
    registrar.goto("/")
    registrar.get_by_role("link", name="Svara").click()
    registrar.fill("#id_answer", "Rättat.")
    registrar.get_by_role("button", name="Svara").click()
    registrar.get_by_text("Svaret är skickat till Karin Ahl.").wait_for()


def test_a_registrar_protects_by_number(open_page, accessible, lived):
    page = open_page(signed_in=lived.ulla)
    page.goto(reverse("students:list"))
    page.get_by_role("link", name="Skyddad identitet").click()
    page.get_by_role("button", name="Sätt skyddet").click()
    page.locator(".error-summary").wait_for()
    accessible(page)  # with its faults
    page.fill("#id_number", "20090110-2392")
    page.get_by_label("sekretessmarkering").check()
    page.get_by_role("button", name="Sätt skyddet").click()
    page.get_by_text("Du ser inte längre eleven").wait_for()
    assert Person.objects.get(pk=lived.ella.person_id).is_protected
    page.goto(reverse("students:detail", args=[lived.ella.pk]))
    assert "Sidan finns inte" in page.locator("main").inner_text()


def test_on_paper_there_is_no_frame_and_rows_stay_whole(open_page, lived):
    page = open_page(viewport=PHONE, signed_in=lived.karin)
    page.add_init_script("window.print = () => { window.printed = true }")
    page.goto(reverse("students:detail", args=[lived.ella.pk]))
    page.get_by_role("link", name="Skriv ut").tap()
    page.wait_for_function("window.printed")
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".rail", ".topbar", ".action-bar", ".tabs", "main .btn", ".chips"):
        assert not any(each.is_visible() for each in page.locator(gone).all()), gone
    for there in (".print-head", ".print-foot", "h1", ".timeline"):
        assert page.locator(there).first.is_visible(), there
    style = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    assert page.locator("body").evaluate(style) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert page.locator(".timeline > li").first.evaluate("e => getComputedStyle(e).breakInside") == "avoid"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
