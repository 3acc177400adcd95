"""A registrar's morning: drop the files, see what would change, read them in, mend what was stopped."""

import os

from django.urls import reverse

from students.imports import tasks
from students.imports.models import Batch, Upload
from students.models import AttendanceDay
from tests.browser.conftest import DESK, PHONE
from tests.imports.reading_in import read_in

HEAD = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat;Kommentar\n"
NARVARO = HEAD + (
    "20090110-2392;99900011;2026-11-23;300;0;60;0;0;\n"
    "080906-2383;99900011;2026-11-23;300;0;0;0;0;\n"
    "2,00901E+11;99900011;2026-11-23;300;0;0;0;0;\n"
    "200809062383;99900011;03/04/2026;300;0;0;0;0;\n"
    "200809062383;99900011;2026-11-20;300;200;160;0;0;\n"
)
ELEVER = "personnummer;skolenhetskod;förnamn;efternamn\n200901102392;99900011;Karim;Haddad\n"
OKANDA = "Pnr;Enhet;Dag;Tid;A;B\n200901102392;99900011;2026-11-23;300;0;60\n"


def looked_at(page, name):
    """KOLL_LOOK=folder keeps pictures of the pages, to be looked at."""
    if folder := os.environ.get("KOLL_LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def drop(page, *files):
    page.set_input_files(
        "input[type=file]",
        [{"name": name, "mimeType": "text/csv", "buffer": text.encode()} for name, text in files],
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Granska filerna").click()


def test_from_dropped_file_to_report(open_page, accessible, world):
    page = open_page(viewport=DESK, signed_in=world.ulla)
    page.goto("/")
    page.get_by_role("navigation").get_by_text("Inläsning").click()
    page.wait_for_url(f"**{reverse('imports:list')}")
    accessible(page)
    looked_at(page, "list")
    drop(page, ("narvaro_v47.csv", NARVARO))
    page.get_by_text("Filen granskas").wait_for()
    looked_at(page, "waiting")
    accessible(page)
    tasks.plan_upload(Upload.objects.get().pk)
    page.get_by_role("button", name="Läs in 2 ändringar").wait_for()  # it asked again by itself
    accessible(page)
    looked_at(page, "preview")
    assert not AttendanceDay.objects.exists()
    page.get_by_role("button", name="Läs in 2 ändringar").click()
    page.get_by_text("Väntar på att läsas in").wait_for()
    tasks.run_upload(Upload.objects.get().pk)
    page.get_by_text("2 av 5 rader lästes in, 3 stoppades").wait_for()
    accessible(page)
    looked_at(page, "report")
    page.get_by_role("link", name="Mer om filen").click()
    page.get_by_role("link", name="Hämta raderna som fil").wait_for()
    accessible(page)
    looked_at(page, "batch")
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta raderna som fil").click()
    assert download.value.suggested_filename == f"stoppade-narvaro-{Batch.objects.get().pk}.xlsx"


def test_what_waits_for_a_person_can_be_done_on_a_phone(open_page, accessible, world):
    page = open_page(viewport=PHONE, signed_in=world.ulla)
    page.goto(reverse("imports:list"))
    drop(page, ("elever.csv", ELEVER), ("lista.csv", OKANDA), ("schema.pdf", "%PDF-1.7"))
    tasks.plan_upload(Upload.objects.get().pk)
    page.get_by_text("Det här är en PDF").wait_for()
    page.get_by_role("button", name="Samma elev, byt namn").wait_for()
    accessible(page)
    looked_at(page, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Välj kolumner").click()
    page.select_option("[name=slag]", "narvaro")
    page.get_by_text("Vilken rubrik är vilken kolumn?").wait_for()
    accessible(page)
    for name, heading in [
        ("national_number", "Pnr"),
        ("school_unit_code", "Enhet"),
        ("date", "Dag"),
        ("scheduled", "Tid"),
        ("excused", "A"),
        ("unexcused", "B"),
    ]:
        page.select_option(f"[name={name}]", label=heading)
    looked_at(page, "columns")
    page.get_by_role("button", name="Spara och granska filen").click()
    page.get_by_text("Valet är sparat").wait_for()
    batch = Batch.objects.get(kind="narvaro")
    tasks.plan_upload(Upload.objects.get().pk)
    page.get_by_role("button", name="Läs in").wait_for()
    with page.expect_navigation():
        page.get_by_role("link", name="Ändra").click()
    accessible(page)
    looked_at(page, "whole")
    page.goto("/")
    looked_at(page, "today")
    accessible(page)
    batch.refresh_from_db()
    assert batch.counts["added"] == 1


INSKRIVNINGAR = "personnummer;skolenhetskod;klass;startdatum;slutdatum\n"
PERSONAL = "e-post;förnamn;efternamn;roll;skolenhetskod\n"


def test_what_changes_and_disappears_can_be_read_before_it_does(open_page, accessible, world):
    """Three hundred changes are a number; which class becomes which can be judged."""
    staff = "".join(f"n{n}@example.org;Nina;Nyström-Andersson {n};mentor;99900011\n" for n in range(7))
    read_in(PERSONAL + staff)
    read_in(HEAD + "".join(f"200901102392;99900011;2026-11-{d};300;0;60;0;0;\n" for d in (17, 18, 19, 20)))
    page = open_page(viewport=DESK, signed_in=world.ulla)
    page.goto(reverse("imports:list"))
    drop(
        page,
        ("inskrivningar.csv", INSKRIVNINGAR + "200901102392;99900011;EK2a;2026-08-17;2026-12-18\n"),
        ("personal.csv", PERSONAL + staff.splitlines(keepends=True)[0]),
        ("narvaro.csv", HEAD + "200901102392;99900011;2026-11-19;300;60;0;0;0;\n" * 2),
    )
    for batch in Batch.objects.filter(kind__in=("inskrivningar", "personal"), file__isnull=False):
        batch.whole_for_units = [world.norra.pk]
        batch.save()
    upload = Upload.objects.latest("pk")
    tasks.plan_upload(upload.pk)
    page.get_by_text("De här förlorar en roll").wait_for()
    accessible(page)
    looked_at(page, "samples")
    row = page.get_by_role("row", name="Ella Lindqvist").first
    assert "EK2b" in row.inner_text()
    assert "EK2a" in row.inner_text()
    assert page.get_by_role("row", name="Nina Nyström-Andersson").count() == 6
    phone = open_page(viewport=PHONE, signed_in=world.ulla, color_scheme="dark")
    phone.goto(reverse("imports:upload", args=[upload.pk]))
    phone.get_by_text("De här förlorar en roll").wait_for()
    accessible(phone)
    looked_at(phone, "samples-phone-dark")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    looked_at(page, "samples")
    page.goto(reverse("imports:batch", args=[Batch.objects.filter(file__upload=upload).first().pk]))
    looked_at(page, "samples-batch")
    page.goto("/")
    looked_at(page, "samples-today")
    page.goto(reverse("imports:list"))
    looked_at(page, "samples-list")
