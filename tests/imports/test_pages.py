"""The registrar's pages: drop the files, see what would change, read them in, keep the report."""

import re
from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from followup.accounts.models import SchoolUnit
from students.imports import actions
from students.imports.forms import WholeForm
from students.imports.models import Batch, Upload
from students.models import AttendanceDay, Student
from tests.world import user

CLASSES = ["1-2", "9-1", "5/6", "Åsa", "12,5", "=1+2"]
DAYS = """personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat
20090110-2392;99900011;2026-11-23;300;0;60;0;0
200809062383;99900011;2026-11-23;300;0;0;0;0
2,00901E+11;99900011;2026-11-23;300;0;0;0;0
200809062383;99900011;03/04/2026;300;0;0;0;0
200809062383;99900011;2026-11-20;300;200;160;0;0
"""
COLUMNS = {  # which heading of such a file is which column, as a person chooses them
    "slag": "narvaro",
    "national_number": "0",
    "school_unit_code": "1",
    "date": "2",
    "scheduled": "3",
    "excused": "4",
    "unexcused": "5",
}


def sent(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def drop(client, *files, follow=True):
    return client.post(reverse("imports:list"), {"files": list(files), "source": "Skola24"}, follow=follow)


def words(response) -> str:
    """What the page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ").split())


def test_a_file_is_shown_before_it_is_read_in(registrar, world, worker):
    with worker():
        drop(registrar, sent("narvaro_v47.csv", DAYS))
    page = registrar.get(reverse("imports:upload", args=[Upload.objects.get().pk]))
    said = words(page)
    assert "Inläsning: narvaro_v47.csv" in said
    assert "Nya 2" in said
    assert "Stoppade 3" in said
    assert "Norra gymnasiet, fre 20 nov till mån 23 nov" in said
    assert "Excel har gjort om numret så att siffror saknas" in said
    assert "Kan vara 3 april eller 4 mars" in said
    assert "Mer frånvaro och orapporterat (360 min) än lektionstid (300 min)" in said
    assert "Läs in 2 ändringar" in said
    assert not AttendanceDay.objects.exists()

    with worker():
        page = registrar.post(reverse("imports:run", args=[Upload.objects.get().pk]), follow=True)
    said = words(registrar.get(page.redirect_chain[-1][0]))
    assert AttendanceDay.objects.count() == 2
    assert "2 av 5 rader lästes in, 3 stoppades" in said


def test_the_refused_rows_come_back_as_text_with_the_reason_last(registrar, world, worker):
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    answer = registrar.get(reverse("imports:refused", args=[Batch.objects.get().pk]))
    sheet = load_workbook(BytesIO(answer.content)).active
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0][-1] == "Vad som är fel, och vad du kan göra"
    assert table[1][0] == "2,00901E+11"
    assert "Excel har gjort om numret" in table[1][-1]
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value)


def test_ui_03_what_comes_back_is_not_made_over_by_excel(registrar, world, worker):
    """A class 1-2 that became the first of February is corrected by hand, and read in wrong."""
    head = "personnummer;skolenhetskod;årskurs;klass;startdatum\n"
    rows = [f"201204092389;99900011;x{number};{name};2026-08-17\n" for number, name in enumerate(CLASSES)]
    with worker():
        drop(registrar, sent("inskrivningar.csv", head + "".join(rows)))
    answer = registrar.get(reverse("imports:refused", args=[Batch.objects.get().pk]))
    sheet = load_workbook(BytesIO(answer.content)).active
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0][:5] == head.strip().split(";")
    assert [row[3] for row in table[1:]] == CLASSES
    assert {row[0] for row in table[1:]} == {"201204092389"}
    assert {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value} == {"@"}


def test_another_schools_registrar_sees_nothing_of_it(registrar, world, client, worker):
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    batch = Batch.objects.get()
    stranger = user(world, "sara", "Ström", "registrar", unit=world.bjork)
    client.force_login(stranger)
    for name in ("imports:batch", "imports:refused", "imports:columns"):
        assert client.get(reverse(name, args=[batch.pk])).status_code == 404
    client.force_login(world.karin)
    assert client.get(reverse("imports:batch", args=[batch.pk])).status_code == 403


def test_a_colleague_is_led_to_the_page_that_she_may_open(registrar, world, client, worker):
    """A file that waits is on her start page too; its link must not end in "the page does not exist"."""
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    batch = Batch.objects.get()
    colleague = user(world, "nora", "Ny", "registrar", unit=world.norra)
    client.force_login(colleague)
    own, upload = (reverse(f"imports:{name}", args=[pk]) for name, pk in [("batch", batch.pk), ("upload", 1)])
    assert f'href="{own}"' in client.get(reverse("today")).content.decode()
    assert f'href="{own}"' in client.get(reverse("imports:list")).content.decode()
    page = client.get(own).content.decode()
    assert upload.rsplit("/", 2)[0] + f"/{batch.file.upload_id}/" not in page
    assert client.post(reverse("imports:discard", args=[batch.pk]), follow=True).status_code == 200


def test_a_file_that_was_struck_asks_for_nothing_more(registrar, world, worker):
    with worker():
        drop(registrar, sent("skrap.csv", "a;b\n1;2\n"))
    batch = Batch.objects.get()
    page = registrar.post(reverse("imports:discard", args=[batch.pk]), follow=True).content.decode()
    assert "Rubrikerna känns inte igen" not in page
    assert "Filen är struken" in registrar.get(reverse("imports:batch", args=[batch.pk])).content.decode()


def test_without_a_school_the_page_of_what_is_missing_says_why_none_can_be_chosen(registrar, world, worker):
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    page = registrar.get(reverse("imports:whole", args=[Batch.objects.get().pk])).content.decode()
    assert "Norra gymnasiet" in page
    assert "Läs in filen skolenheter först" not in page
    form = WholeForm(Batch.objects.get(), SchoolUnit.objects.none())
    assert "Läs in filen skolenheter först" in str(form["units"].help_text)


def test_a_checked_file_leads_from_the_list_to_where_it_is_read_in(registrar, world, worker):
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    upload = reverse("imports:upload", args=[Upload.objects.get().pk])
    answer = registrar.get(reverse("imports:list"))
    assert f'href="{upload}"' in answer.content.decode()
    assert "Granskad, inte inläst" in words(answer)
    assert "närvaro · Ulla Brandt" in words(answer)


def test_files_that_came_together_wait_as_one(registrar, world, worker):
    """Eight rows on her start page for one bundle hide the pupil who waits below them."""
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS), sent("narvaro2.csv", DAYS))
    said = words(registrar.get(reverse("today")))
    assert said.count("Se först vad som ändras") == 1
    assert "Inläsning: 2 filer" in said
    assert "en sak väntar på dig" in said.lower()


def test_stopped_rows_are_on_her_start_page_until_the_next_file(registrar, world, worker, settings):
    """Read in at night by nobody, three pupils' days are missing, and the registrar never hears of it."""
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    with worker():
        registrar.post(reverse("imports:run", args=[Upload.objects.get().pk]))
    today = words(registrar.get(reverse("today")))
    assert "3 rader stoppades och lästes inte in" in today
    assert "narvaro.csv" in today
    corrected = "".join(line + "\n" for line in DAYS.splitlines()[:3])
    with worker():
        drop(registrar, sent("rattad.csv", corrected.replace("300;0;60", "300;0;50")))
    with worker():
        registrar.post(reverse("imports:run", args=[Upload.objects.order_by("-pk")[0].pk]))
    assert Batch.objects.filter(state=Batch.State.DONE).count() == 2
    assert "stoppades" not in words(registrar.get(reverse("today")))


def test_rows_about_other_schools_are_stopped(registrar, world, worker):
    row = "201011052386;99900021;2026-11-23;300;0;60;0;0\n"
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS.splitlines()[0] + "\n" + row))
    assert Batch.objects.get().counts["refused"] == 1
    assert Batch.objects.get().refusals.get().code == "unit_outside"


def test_unknown_headings_are_chosen_once_and_remembered(registrar, world, worker):
    text = "Pnr;Enhet;Dag;Tid;A;B\n200901102392;99900011;2026-11-23;300;0;60\n"
    with worker():
        drop(registrar, sent("lista.csv", text))
    batch = Batch.objects.get()
    assert batch.state == Batch.State.MAPPING
    assert "Välj kolumner" in words(registrar.get(reverse("imports:upload", args=[batch.file.upload_id])))
    url = reverse("imports:columns", args=[batch.pk])
    assert "200901102392" in words(registrar.get(url, {"slag": "narvaro"}))
    with worker():
        registrar.post(url, COLUMNS)
    batch.refresh_from_db()
    assert batch.counts["added"] == 1
    with worker():
        drop(registrar, sent("lista2.csv", text.replace("60", "120")))
    assert Batch.objects.order_by("-pk").first().kind == "narvaro"


def test_a_file_that_lacks_one_column_opens_as_what_it_is(registrar, world, worker):
    """All but one heading are those of attendance: nobody has to say that first, or look at another kind."""
    text = DAYS.replace("ogiltig", "frånvaro B")
    with worker():
        drop(registrar, sent("lista.csv", text))
    batch = Batch.objects.get()
    assert batch.state == Batch.State.MAPPING
    answer = registrar.get(reverse("imports:columns", args=[batch.pk]))
    assert '<option value="narvaro" selected>' in answer.content.decode()
    assert answer.context["form"].fields["scheduled"].initial == "3"
    assert answer.context["form"].fields["unexcused"].initial == ""


def test_the_start_page_says_of_a_file_what_its_own_page_says(registrar, world, worker):
    """'Rubrikerna känns inte igen' sent her to choose among nine columns, where one alone is missing."""
    with worker():
        drop(registrar, sent("lista.csv", DAYS.replace("giltig;", "", 1).replace("300;0;", "300;")))
    said = Batch.objects.get().said
    assert said == "Kolumnen giltig saknas."
    for page in (reverse("today"), reverse("imports:upload", args=[Upload.objects.get().pk])):
        assert said in words(registrar.get(page))
    assert "Rubrikerna känns inte igen" not in words(registrar.get(reverse("today")))


def test_a_known_number_with_both_names_new_waits_for_a_person(registrar, world, worker):
    """Case IMP-11: the right number on the wrong child."""
    text = "personnummer;skolenhetskod;förnamn;efternamn\n200901102392;99900011;Karim;Haddad\n"
    with worker():
        drop(registrar, sent("elever.csv", text))
    batch = Batch.objects.get()
    said = words(registrar.get(reverse("imports:batch", args=[batch.pk])))
    assert "Samma elev, byt namn" in said
    assert "Ella Lindqvist" in said
    refusal = batch.refusals.get()
    registrar.post(reverse("imports:settle", args=[refusal.pk]), {"same": "no"})
    assert Student.objects.get(pk=world.ella.pk).name == "Ella Lindqvist"
    refusal.refresh_from_db()
    assert refusal.settled_by == world.ulla


def test_files_are_erased_thirty_days_after_their_run(registrar, world, settings, worker):
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    settings.KOLL_TODAY = date(2026, 12, 20)
    assert actions.erase_old() == 0
    settings.KOLL_TODAY = date(2026, 12, 26)
    assert actions.erase_old() == 1
    batch = Batch.objects.get()
    assert not batch.refusals.exists()
    assert not batch.file.parts.exists()
    assert registrar.get(reverse("imports:batch", args=[batch.pk])).status_code == 200
