"""Student health in the browser: the waiting list, a decision in few taps, on a desk and on a phone."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from followup.audit.models import Event
from followup.risk.models import Decision, Flag, Scan
from students.models import Draft, SupportMeasure
from tests.browser.conftest import PHONE
from tests.browser.test_check_in import PASSWORD, sign_out
from tests.risk.test_decisions import IN_THREE_WEEKS, decide
from tests.risk.test_waiting_page import scanned
from tests.world import TODAY, attendance, flag

LIST = reverse("risk:waiting_list")


class Taps:
    """Counts what a hand does: every press of a pointer, and choosing in a list counts as two."""

    def __init__(self):
        self.count = 0

    def on(self, locator):
        self.count += 1
        locator.click()

    def choose(self, locator, label):
        self.count += 2
        locator.select_option(label=label)


@pytest.fixture
def two_wait(world):
    scanned(world)
    attendance(world.ella, world.norra, unexcused=51, until=TODAY - timedelta(days=1))
    flag(
        world.ella,
        world.norra,
        opened_on=TODAY - timedelta(days=9),
        threshold="15",
        evidence={"days": 20, "from": "2026-10-27", "until": "2026-11-23", "absent": 1020, "reported": 6000},
    )
    flag(world.ella, world.norra, "A3", "yellow", "3", opened_on=TODAY - timedelta(days=4))
    flag(world.omar, world.norra, "A2", "red", "320", opened_on=TODAY - timedelta(days=2))
    return world


def test_the_scan_is_ordered_by_its_button_beside_the_filters(open_page, two_wait):
    page = open_page(signed_in=two_wait.mette)
    page.goto(LIST)
    page.get_by_role("button", name="Kör skanningen nu").click()
    expect(page.get_by_text(re.compile("^Skanningen är beställd"))).to_be_visible()
    assert Scan.objects.filter(kind="button", ordered_by=two_wait.mette).count() == 1


def test_a_decision_takes_at_most_five_taps_and_the_next_one_stands_ready(open_page, two_wait, accessible):
    page, tap = open_page(signed_in=two_wait.mette), Taps()
    page.goto(LIST)
    expect(page.get_by_text("2 elever med 3 flaggor väntar. Äldst utan beslut: 9 dagar.")).to_be_visible()
    accessible(page)
    tap.on(page.get_by_role("link", name="Ella Lindqvist"))
    expect(page.get_by_role("heading", name="Beslut om Ella Lindqvist")).to_be_visible()
    tap.on(page.get_by_label("Mentor följer"))
    tap.on(page.get_by_role("button", name=re.compile("Om tre veckor")))
    tap.on(page.get_by_role("button", name="Jag beslutar"))
    tap.on(page.get_by_role("button", name="Spara och nästa"))
    assert tap.count <= 5
    expect(page.get_by_role("heading", name="Beslut om Omar Haddad")).to_be_visible()
    made = Decision.objects.get()
    assert (made.student, made.choice, made.follow_up_on) == (two_wait.ella, "mentor", IN_THREE_WEEKS)
    assert SupportMeasure.objects.get().responsible == two_wait.karin
    accessible(page)
    page.get_by_role("button", name="Ångra").click()
    expect(page.get_by_text("Beslutet är ångrat")).to_be_visible()
    assert not Decision.objects.in_force().exists()


def test_a_support_measure_takes_at_most_eight(open_page, two_wait, accessible):
    page, tap = open_page(signed_in=two_wait.mette), Taps()
    page.goto(LIST)
    tap.on(page.get_by_label("Stödinsats"))
    tap.on(page.get_by_label("Vad ska göras?"))
    page.keyboard.type("läxhjälp på tisdagar")
    tap.choose(page.get_by_label("Ansvarig"), "Siv Berg, specialpedagog")
    tap.on(page.get_by_role("button", name=re.compile("Om tre veckor")))
    tap.on(page.get_by_role("button", name="Jag beslutar"))
    accessible(page)
    tap.on(page.get_by_role("button", name="Spara och nästa"))
    assert tap.count <= 8
    expect(page.get_by_role("heading", name="Beslut om Omar Haddad")).to_be_visible()
    assert SupportMeasure.objects.get().what == "läxhjälp på tisdagar"


def test_rows_open_beside_the_list_by_mouse_and_by_keys_and_what_is_begun_is_kept(open_page, two_wait):
    page = open_page(signed_in=two_wait.mette)
    page.goto(LIST)
    page.get_by_label("Varför").fill("Ella behöver mer tid")
    page.get_by_text(re.compile("sparat .* på servern")).wait_for()
    page.get_by_role("link", name="Omar Haddad").click()
    expect(page.get_by_role("heading", name="Beslut om Omar Haddad")).to_be_visible()
    expect(page.get_by_label("Varför")).to_have_value("")
    expect(page).to_have_url(re.compile(f"elev={two_wait.omar.pk}"))
    page.get_by_label("Varför").fill("Omar har bytt buss")
    page.get_by_role("heading", name="Väntelista").click()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Beslut om Ella Lindqvist")).to_be_visible()
    expect(page.get_by_label("Varför")).to_have_value("Ella behöver mer tid")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Beslut om Omar Haddad")).to_be_visible()
    expect(page.get_by_label("Varför")).to_have_value("Omar har bytt buss")
    assert Draft.objects.filter(user=two_wait.mette).count() == 2


def test_on_a_phone_each_pupil_has_a_page_and_nothing_goes_sideways(open_page, two_wait, accessible):
    page = open_page(PHONE, signed_in=two_wait.mette)
    page.goto(LIST)
    page.get_by_role("link", name="Ella Lindqvist").click()
    page.wait_for_url(re.compile(rf"/elever/{two_wait.ella.pk}/beslut/"))
    accessible(page)
    page.get_by_label("Ingen åtgärd, därför att").check()
    page.get_by_label("Varför").fill("Sjuk i influensa, tillbaka på måndag.")
    page.get_by_role("button", name="Jag beslutar").click()
    page.get_by_role("button", name="Spara och nästa").click()
    page.wait_for_url(re.compile(rf"/elever/{two_wait.omar.pk}/beslut/"))
    expect(page.get_by_role("button", name="Ångra")).to_be_visible()
    assert Decision.objects.get().reason == "Sjuk i influensa, tillbaka på måndag."
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        for address in (
            LIST,
            reverse("risk:decide", args=[two_wait.omar.pk]),
            reverse("risk:decisions"),
            reverse("risk:decision", args=[Decision.objects.get().pk]),
            reverse("risk:flag", args=[two_wait.ella.flags.first().pk]),
        ):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_two_at_once_the_second_chooses(open_page, two_wait, accessible):
    page = open_page(signed_in=two_wait.mette)
    page.goto(LIST)
    page.get_by_label("Mentor följer").check()
    page.get_by_role("button", name=re.compile("Om tre veckor")).click()
    page.get_by_label("Varför").fill("Karin har redan ringt hem")
    page.get_by_role("button", name="Jag beslutar").click()
    decide(two_wait, two_wait.ella, "anna", "inquiry")
    page.get_by_role("button", name="Spara och nästa").click()
    expect(page.get_by_text("Anna Falk hann före")).to_be_visible()
    expect(page.get_by_label("Varför")).to_have_value("Karin har redan ringt hem")
    accessible(page)
    page.get_by_role("button", name="Spara mitt också").click()
    expect(page.get_by_role("heading", name="Beslut om Omar Haddad")).to_be_visible()
    assert Decision.objects.in_force().count() == 2


def test_the_head_confirms_follows_up_and_sees_the_whole(open_page, two_wait, settings, accessible):
    made = decide(two_wait, two_wait.ella, decided_by=two_wait.anna)
    page = open_page(signed_in=two_wait.anna)
    page.goto(reverse("today"))
    accessible(page)
    page.get_by_role("button", name="Bekräfta").click()
    expect(page.get_by_text("Beslutet är bekräftat.")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Ella Lindqvist").click()
    expect(page.get_by_label("Vad blev det?")).to_be_visible()
    accessible(page)
    page.get_by_label("Vad blev det?").fill("Närvaron är god igen.")
    page.get_by_label("Avslutas").check()
    page.get_by_role("button", name="Spara uppföljningen").click()
    expect(page.get_by_text("Uppföljningen är sparad.")).to_be_visible()
    made.refresh_from_db()
    assert made.outcome == "Närvaron är god igen."
    page.goto(reverse("boards:school"))
    accessible(page)
    page.goto(reverse("risk:flag", args=[two_wait.ella.flags.first().pk]))
    expect(page.get_by_text("gräns 15 %")).to_be_visible()
    accessible(page)


def test_a_reason_survives_an_ended_session_and_the_decision_is_withdrawn_once(
    open_page, two_wait, accessible
):
    made = decide(two_wait, two_wait.ella)
    page = open_page(PHONE, signed_in=two_wait.mette)
    page.goto(reverse("risk:decision", args=[made.pk]))
    page.locator("summary", has_text="Dra tillbaka beslutet").tap()
    sign_out(page)
    with page.expect_response("**/utkast/"):
        page.fill("[name=why]", "Beslutet gällde Omar.")
    page.locator("#sign-in [name=login]").wait_for()
    page.fill("#sign-in [name=login]", two_wait.mette.email)
    page.fill("#sign-in [name=password]", PASSWORD)
    page.locator("#sign-in [name=password]").press("Enter")
    page.locator("#sign-in").wait_for(state="hidden")
    page.reload()
    expect(page.locator("[name=why]")).to_have_value("Beslutet gällde Omar.")
    accessible(page)
    page.get_by_role("button", name="Dra tillbaka beslutet").dblclick()
    expect(page.get_by_text("Beslutet är tillbakadraget.")).to_be_visible()
    made.refresh_from_db()
    assert made.withdrawn_why == "Beslutet gällde Omar."
    assert Event.objects.filter(verb="risk.withdraw_decision").count() == 1


@pytest.mark.parametrize("width", [320, 1440])
def test_what_goes_on_is_given_its_next_day_by_one_press(open_page, two_wait, accessible, width):
    made = decide(two_wait, two_wait.ella)
    page = open_page({"width": width, "height": 844}, signed_in=two_wait.mette)
    page.goto(reverse("risk:decision", args=[made.pk]))
    page.get_by_label("Vad blev det?").fill("Bättre, men inte bra än.")
    expect(page.get_by_role("textbox", name="Följs upp igen")).to_be_hidden()
    page.get_by_label("Fortsätter, följs upp igen").check()
    expect(page.get_by_role("textbox", name="Följs upp igen")).to_have_value("")
    page.get_by_role("button", name="Om tre veckor: tis 15 dec").click()
    expect(page.get_by_role("textbox", name="Följs upp igen")).to_have_value(IN_THREE_WEEKS.isoformat())
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Spara uppföljningen").click()
    expect(page.get_by_text("Uppföljningen är sparad.")).to_be_visible()
    assert Decision.objects.in_force().latest("pk").follow_up_on == IN_THREE_WEEKS


def test_without_script_the_day_is_written_by_hand_and_no_dead_button_stands_there(open_page, two_wait):
    made = decide(two_wait, two_wait.ella)
    page = open_page(PHONE, signed_in=two_wait.mette, java_script_enabled=False)
    page.goto(reverse("risk:decision", args=[made.pk]))
    page.get_by_label("Vad blev det?").fill("Bättre, men inte bra än.")
    page.get_by_label("Fortsätter, följs upp igen").check()
    expect(page.get_by_role("button", name=re.compile("Om tre veckor"))).to_be_hidden()
    page.get_by_role("textbox", name="Följs upp igen").fill("15 december 2026")
    page.get_by_role("button", name="Spara uppföljningen").tap()
    expect(page.get_by_text("Uppföljningen är sparad.")).to_be_visible()
    assert Decision.objects.in_force().latest("pk").follow_up_on == IN_THREE_WEEKS


def test_a_mentor_takes_it_from_her_start_page(open_page, two_wait, accessible):
    page = open_page(PHONE, signed_in=two_wait.karin)
    page.goto(reverse("today"))
    accessible(page)
    page.get_by_role("button", name=re.compile("Jag tar den.*Ella Lindqvist")).click()
    expect(page.get_by_text("Du har tagit den.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Skriv avstämning.*Ella Lindqvist"))).to_be_visible()


def test_a_day_of_a_flag_is_said_to_be_wrong_on_a_phone_though_the_sign_in_has_run_out(
    open_page, two_wait, accessible
):
    small = {"width": 320, "height": 640}
    page = open_page(viewport=small, signed_in=two_wait.mette)
    page.goto(reverse("risk:flag", args=[Flag.objects.get(indicator="A1").pk]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in _places(page))
    accessible(page)
    page.get_by_role("link", name=re.compile("närvaro mån.23.nov")).tap()
    page.fill("#id_text", "Klassen var på studiebesök.")
    expect(page.get_by_text(re.compile("sparat .* på servern"))).to_be_visible()
    accessible(page)
    page.context.clear_cookies()
    page.goto("/")  # the page is closed, the session over
    again = open_page(viewport=small, signed_in=two_wait.mette)
    again.goto(reverse("risk:flag", args=[Flag.objects.get(indicator="A1").pk]))
    again.get_by_role("link", name=re.compile("närvaro mån.23.nov")).tap()
    expect(again.get_by_label("Vad är det som inte stämmer?")).to_have_value("Klassen var på studiebesök.")
    again.get_by_role("button", name="Skicka").tap()
    expect(again.get_by_role("heading", name="Underlag")).to_be_visible()
    expect(again.get_by_text("väntar på svar")).to_be_visible()
    registrar = open_page(signed_in=two_wait.ulla)
    registrar.goto("/")
    expect(registrar.get_by_text("Klassen var på studiebesök.")).to_be_visible()


def _places(page):
    """Where the places of the bottom bar lie."""
    return [each.bounding_box() for each in page.locator(".rail-item").all() if each.is_visible()]
