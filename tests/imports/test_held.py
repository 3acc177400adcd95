"""A file that would change unusually much: it goes in when a person has released it, and by nothing else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from students.imports import progress, running, tasks
from students.imports.models import Batch, Upload
from students.imports.progress import Progress
from students.models import AttendanceDay
from tests.imports.reading_in import read_in, read_in_school
from tests.imports.test_pages import drop, words

INSKRIVNINGAR = "personnummer;skolenhetskod;klass;startdatum\n"
NARVARO = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat\n"


@pytest.fixture
def numbers(world, golden_numbers):
    """Sixty pupils of Norra gymnasiet with a whole day of presence each."""
    found = golden_numbers(60)
    read_in_school(found, "99900011", "EK1a")
    read_in(NARVARO + days(found, "300;0;0;0;0"))
    return found


def days(numbers, minutes, day="2026-11-20") -> str:
    return "".join(f"{n};99900011;{day};{minutes}\n" for n in numbers)


def sent(name, text):
    return SimpleUploadedFile(name, text.encode())


def page_of(client) -> str:
    return client.get(reverse("imports:upload", args=[Upload.objects.get().pk]))


def test_a_held_file_has_no_green_button_and_goes_in_by_its_own(registrar, numbers, worker):
    """A button that says 'Läs in' and reads nothing in lets her leave, sure that the day is in Koll."""
    with worker():
        drop(registrar, sent("narvaro.csv", NARVARO + days(numbers, "300;0;120;0;0")))
    page = page_of(registrar)
    said = words(page)
    assert reverse("imports:run", args=[Upload.objects.get().pk]) not in page.content.decode()
    assert (
        "60 av 60 uppgifter på Norra gymnasiet skulle ändras eller försvinna, så filen läses inte in" in said
    )
    assert "Inget har ändrats ännu" in said
    with worker():
        registrar.post(reverse("imports:run", args=[Upload.objects.get().pk]))
    assert Batch.objects.get(file__isnull=False).state == Batch.State.PREVIEW
    assert "Inget har ändrats ännu" in words(page_of(registrar))
    assert "Väntar på godkännande" in words(registrar.get(reverse("imports:list")))
    assert "Ovanligt mycket skulle ändras, så filen väntar" in words(registrar.get(reverse("today")))
    with worker():
        registrar.post(reverse("imports:release", args=[Batch.objects.get(file__isnull=False).pk]))
    assert AttendanceDay.objects.filter(unexcused=120).count() == 60
    said = words(page_of(registrar))
    assert "Inget har ändrats ännu" not in said
    assert "så filen läses inte in" not in said


def test_the_green_button_counts_and_reads_only_what_may_go_in(registrar, numbers, worker):
    with worker():
        drop(
            registrar,
            sent("narvaro.csv", NARVARO + days(numbers, "300;0;120;0;0")),
            sent("idag.csv", NARVARO + days(numbers[:2], "300;0;0;0;0", "2026-11-23")),
        )
    said = words(page_of(registrar))
    assert "Läs in 2 ändringar" in said
    assert "1 fil läses inte in förrän du har godkänt" in said
    with worker():
        registrar.post(reverse("imports:run", args=[Upload.objects.get().pk]))
    assert AttendanceDay.objects.count() == 62
    assert not AttendanceDay.objects.filter(unexcused=120).exists()
    assert "En del är inläst. Resten väntar på dig." in words(page_of(registrar))


def test_while_a_file_waits_its_bar_does_not_stand_where_the_preview_ended(registrar, numbers, worker):
    """At 70 per cent under 'Väntar på att läsas in' she believes that it has stuck, and sends it again."""
    with worker():
        drop(registrar, sent("narvaro.csv", NARVARO + days(numbers, "300;0;0;0;0", "2026-11-23")))
    batch = Batch.objects.get(file__isnull=False)
    Progress(batch.pk).tell(99)
    registrar.post(reverse("imports:run", args=[batch.file.upload_id]))
    page = page_of(registrar).content.decode()
    assert "Väntar på att läsas in." in page
    assert "<progress" not in page
    tasks.run_upload(batch.file.upload_id)
    assert progress.of([batch.pk]).get(batch.pk) != 99


def test_numbers_are_written_alike_on_the_page_of_a_file(world):
    """1430 in one sentence and 1 430 in the next look like two numbers."""
    held = {"unit": world.norra.pk, "rows": 1430, "of": 2860, "what": "rows"}
    assert running.held_sentence(held).replace("\xa0", " ").startswith("1 430 av 2 860 uppgifter")


def test_a_file_that_takes_nothing_away_says_so(registrar, world, worker):
    """'Rörs inte.' told her neither what is left alone nor what she may change."""
    text = INSKRIVNINGAR + "200901102392;99900011;EK2b;2026-08-17\n"
    with worker():
        drop(registrar, sent("inskrivningar.csv", text))
    said = words(page_of(registrar))
    assert "Inget tas bort: det som finns i Koll men inte i filen står kvar. Ändra vad som tas bort" in said
