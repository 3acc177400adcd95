"""A registrar who reads "310 ändras" sees a few of them: which row, what, from what to what."""

import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from students.imports import actions
from students.imports.models import Batch
from students.models import Person, Protection
from tests.imports.reading_in import read_in
from tests.imports.test_merge import (
    ELEVER,
    ELLA,
    GRUPPER,
    INSKRIVNINGAR,
    NARVARO,
    OMAR,
    PERSONAL,
    VERA,
)


def words(client, batch) -> str:
    answer = client.get(reverse("imports:batch", args=[batch.pk]))
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def test_a_changed_row_says_which_pupil_and_from_what_to_what(world, registrar):
    text = INSKRIVNINGAR + f"{OMAR};99900011;EK2b;2026-08-17;\n{ELLA};99900011;EK2a;2026-08-17;2026-12-18\n"
    batch = read_in(text, by=world.ulla, plan=True)
    said = words(registrar, batch)
    assert "Det här ändras" in said
    assert "3 Ella Lindqvist EK2b klass EK2b → blir EK2a slutdatum tomt → blir fre 18 dec" in said
    assert "Omar" not in said  # his row says nothing new
    read_in(text, by=world.ulla)
    assert "Det här ändrades" in words(registrar, Batch.objects.latest("pk"))


def test_who_is_gone_is_named_with_her_last_day(world, registrar):
    batch = read_in(
        INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;\n",
        by=world.ulla,
        plan=True,
        whole=([world.norra],),
    )
    said = words(registrar, batch)
    assert "Det här avslutas" in said
    assert "Omar Haddad EK2b sista dag mån 23 nov" in said


def test_a_protected_pupil_is_not_among_the_samples(world, registrar):
    """Vera's class must not reach a page that she herself is kept off."""
    text = INSKRIVNINGAR + f"{VERA};99900011;EK2z;2026-08-17;\n{ELLA};99900011;EK2a;2026-08-17;\n"
    batch = read_in(text, by=world.ulla, plan=True)
    assert [each["student"] for each in batch.samples["changed"]] == [world.ella.pk]
    said = words(registrar, batch)
    assert "1 av 2" in said
    assert "Uppgifter om elever som du inte ser visas inte" in said
    assert "Vera" not in said
    assert "EK2z" not in said
    Person.objects.filter(pk=world.ella.person_id).update(protection=Protection.MARKED)
    assert "EK2a" not in words(registrar, batch)  # marked after the preview


def test_a_day_shows_its_minutes_and_a_withdrawn_one_what_it_was(world, registrar):
    read_in(NARVARO + f"{ELLA};99900011;2026-11-20;300;60;0;0;0\n{OMAR};99900011;2026-11-20;300;0;30;0;0\n")
    batch = read_in(NARVARO + f"{ELLA};99900011;2026-11-20;300;0;60;0;0\n", by=world.ulla, plan=True)
    said = words(registrar, batch)
    assert "2 Ella Lindqvist fre 20 nov giltig 60 → blir 0 ogiltig 0 → blir 60" in said
    assert "Det här dras tillbaka" in said
    assert "Omar Haddad fre 20 nov planerat 300 ogiltig 30" in said


def test_five_of_many_are_shown(world, registrar):
    days = [date(2026, 11, day) for day in (9, 10, 11, 12, 13, 16, 17)]
    rows = NARVARO + "".join(f"{ELLA};99900011;{day};300;0;0;0;0\n" for day in days)
    read_in(rows)
    batch = read_in(rows.replace(";0;0;0;0", ";5;0;0;0"), by=world.ulla, plan=True)
    assert [each["line"] for each in batch.samples["changed"]] == [2, 3, 4, 5, 6]
    assert "5 av 7" in words(registrar, batch)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            ELEVER + f"{ELLA};99900011;Ella;Lindqvist\n",
            ("Lindqvist", "Strand"),
            "efternamn Lindqvist → blir Strand",
        ),
        (
            "personnummer;skolenhetskod;förnamn;efternamn;relation;telefon\n"
            f"{ELLA};99900011;Maria;Lindqvist;mor;0701\n",
            ("0701", "0702"),
            "Maria Lindqvist telefon 0701 → blir 0702",
        ),
        (
            "personnummer;skolenhetskod;kod;ämne;poäng;betyg;datum;slag\n"
            f"{ELLA};99900011;MATE2B00X;Matematik;100;F;2026-06-10;betyg\n",
            (";F;", ";E;"),
            "MATE2B00X, ons 10 jun, betyg betyg F → blir E",
        ),
        (
            "personnummer;skolenhetskod;datum;tid;minuter;slag\n"
            + f"{ELLA};99900011;2026-11-20;08:10;90;ogiltig\n",
            ("ogiltig", "giltig"),
            "fre 20 nov, 08.10 slag ogiltig → blir giltig",
        ),
        (
            GRUPPER + f"M1;99900011;karin@example.org;{ELLA};2026-08-17;\n",
            ("17;\n", "17;2026-10-30\n"),
            "Karin Ahl M1 slutdatum tomt → blir fre 30 okt",
        ),
        (
            PERSONAL + "ny@example.org;Ny;Mentor;mentor;99900011\n",
            ("Ny;Mentor", "Ny;Lärarsson"),
            "Ny Lärarsson mentor efternamn Mentor → blir Lärarsson",
        ),
    ],
)
def test_every_kind_of_file_shows_its_changes(world, registrar, before, after, expected):
    read_in(before)
    batch = read_in(before.replace(*after), by=world.ulla, plan=True)
    assert expected in words(registrar, batch)


def test_a_school_that_changes_its_name(world):
    head = "skolenhetskod;skolenhet;huvudman;organisationsnummer;skolform\n"
    batch = read_in(head + "99900011;Norra gymnasieskolan;Ekköpings kommun;2120009990;GY\n")
    assert batch.samples["changed"][0]["fields"] == [
        ["school_unit_name", "Norra gymnasiet", "Norra gymnasieskolan"]
    ]


def test_all_who_lose_a_role_are_listed_by_name(world, registrar):
    many = "".join(f"n{n}@example.org;Nina{n};Ny;mentor;99900011\n" for n in range(8))
    read_in(PERSONAL + many + "kvar@example.org;Kim;Kvar;kurator;99900011\n")
    batch = read_in(
        PERSONAL + "kvar@example.org;Kim;Kvar;kurator;99900011\n",
        by=world.ulla,
        plan=True,
        whole=([world.norra],),
    )
    said = words(registrar, batch)
    assert "De här förlorar en roll" in said
    assert all(f"Nina{n} Ny mentor sista dag mån 23 nov" in said for n in range(8))
    assert "Kim" not in said


def test_the_page_asks_as_often_whatever_the_number_of_samples(world, registrar):
    text = NARVARO + f"{ELLA};99900011;2026-11-20;300;60;0;0;0\n"
    more = (
        text
        + f"{OMAR};99900011;2026-11-20;300;60;0;0;0\n" * 1
        + "".join(
            f"{number};99900011;2026-11-{day};300;60;0;0;0\n"
            for number in (ELLA, OMAR)
            for day in (17, 18, 19)
        )
    )
    counts = []
    for rows in (text, more):
        read_in(rows, whole=([],))
        batch = read_in(rows.replace(";60;0;0;0", ";0;60;0;0"), by=world.ulla, plan=True, whole=([],))
        with CaptureQueriesContext(connection) as made:
            assert "Det här ändras" in words(registrar, batch)
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_reading_the_samples_is_logged(world, registrar):
    from followup.audit.models import Reading

    batch = read_in(INSKRIVNINGAR + f"{ELLA};99900011;EK2a;2026-08-17;\n", by=world.ulla, plan=True)
    words(registrar, batch)
    assert Reading.objects.filter(student_ids__contains=[world.ella.pk], by_id=world.ulla.pk).exists()


def test_the_samples_go_with_the_file(world, settings):
    batch = read_in(INSKRIVNINGAR + f"{ELLA};99900011;EK2a;2026-08-17;\n")
    assert batch.samples["changed"]
    settings.KOLL_TODAY = date(2026, 12, 26)
    actions.erase_old()
    batch.refresh_from_db()
    assert batch.samples == {}


def test_a_dry_run_says_line_and_column_and_never_a_value(world, tmp_path):
    path = tmp_path / "inskrivningar.csv"
    path.write_text(INSKRIVNINGAR + f"{ELLA};99900011;EK2a;2026-08-17;2026-12-18\n", encoding="utf-8")
    out = StringIO()
    call_command("import_csv", str(path), "--dry-run", stdout=out)
    assert "rad 2 ändras: klass, slutdatum" in out.getvalue()
    assert "EK2a" not in out.getvalue()


def test_one_day_is_said_as_one_day(world, registrar):
    batch = read_in(NARVARO + f"{ELLA};99900011;2026-11-20;300;60;0;0;0\n", by=world.ulla, plan=True)
    assert (
        "inte i filen tas bort för Norra gymnasiet, fre 20 nov. Andra skolor och dagar rörs inte."
        in words(registrar, batch)
    )
