"""From an empty installation to the first flag, in the browser, with the golden files."""

import os
import re
from io import StringIO
from pathlib import Path

from django.core import mail
from django.core.management import call_command

from followup.risk import scanning
from followup.risk.models import Flag, Scan
from students.imports import tasks
from students.models import Batch, Student, Upload
from tests.browser.conftest import DESK

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
FILES = ["skolenheter", "personal", "elever", "inskrivningar", "mentorsgrupper", "narvaro", "betyg"]
PASSWORD = "fyra ord på rad"


def looked_at(page, name):
    """KOLL_LOOK=folder keeps pictures of the pages, to be looked at."""
    if folder := os.environ.get("KOLL_LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def path_in(text):
    return re.search(r"/konto/valkommen/\S+", text)[0]


def work():
    """What the worker would do with everything that waits for it."""
    for scan in Scan.objects.running():
        while scanning.work_on(scan):
            pass


def test_from_setup_to_the_first_flag(open_page, accessible, transactional_db):
    out = StringIO()
    call_command("setup", email="ada@example.org", given_name="Ada", family_name="Min", stdout=out)

    page = open_page(viewport=DESK)
    page.goto(path_in(out.getvalue()))
    accessible(page)
    looked_at(page, "first-1-password")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Spara och logga in").click()
    page.get_by_text("Tre steg återstår.").wait_for()
    accessible(page)
    looked_at(page, "first-2-steps")

    page.get_by_role("link", name="Läs in", exact=False).first.click()
    page.set_input_files("input[type=file]", [GOLDEN / f"{name}.csv" for name in FILES])
    page.get_by_role("button", name="Granska filerna").click()
    page.get_by_text("granskas").first.wait_for()
    tasks.plan_upload(Upload.objects.get().pk)
    page.get_by_role("button", name=re.compile("^Läs in .* ändringar")).first.wait_for()
    accessible(page)
    looked_at(page, "first-3-preview")
    page.get_by_role("button", name=re.compile("^Läs in .* ändringar")).first.click()
    page.get_by_text("Väntar på att läsas in").first.wait_for()
    tasks.run_upload(Upload.objects.get().pk)
    page.get_by_text("rader lästes in").first.wait_for()
    looked_at(page, "first-4-report")
    assert not Batch.objects.exclude(state="done").exists()
    assert Student.objects.count() > 300
    work()
    assert Flag.objects.open().count() > 100

    page.goto("/")
    page.get_by_text("Ett steg återstår.").wait_for()
    looked_at(page, "first-5-one-step")
    page.get_by_role("link", name="Bjud in").click()
    page.get_by_role("button", name="Bjud in alla").wait_for()
    accessible(page)
    looked_at(page, "first-6-users")
    page.get_by_role("button", name="Bjud in alla").click()
    page.get_by_text("inbjudningar är skickade.").wait_for()
    page.goto("/")
    page.get_by_role("heading", name="Idag").wait_for()
    assert "återstår" not in page.content()

    (letter,) = (letter for letter in mail.outbox if letter.to == ["elev.99900011@example.org"])
    hers = open_page(viewport=DESK)
    hers.goto(path_in(letter.body))
    hers.get_by_label("Lösenord").fill(PASSWORD)
    hers.get_by_role("button", name="Spara och logga in").click()
    hers.get_by_role("navigation").get_by_text("Väntelista").click()
    hers.get_by_text(re.compile("Frånvaro")).first.wait_for()
    accessible(hers)
    looked_at(hers, "first-7-waiting-list")
