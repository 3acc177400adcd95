"""A registrar finds what others have read in for her school, and of other schools' pupils not a row."""

from datetime import timedelta

import pytest
from django.urls import reverse

from followup.risk.models import Scan
from students.imports.models import Batch
from students.models import Enrolment, Person, Student
from tests.imports.reading_in import read_in
from tests.imports.test_merge import (
    ELEVER,
    ELLA,
    GRUPPER,
    INSKRIVNINGAR,
    NARVARO,
    OMAR,
    PERSONAL,
    SAGA,
    VERA,
)
from tests.imports.test_pages import drop, sent
from tests.imports.test_unseen import said
from tests.world import TERM_START, TODAY, user

NAMES = "personnummer;förnamn;efternamn\n"
GUARDIANS = "personnummer;förnamn;efternamn;relation\n"
NEW = "201107012393"  # nobody that Koll knows
OF_NORRA = {
    "elever": NAMES + f"{OMAR};Omar;Hadad\n{ELLA};Ella;Lindkvist\n",
    "vardnadshavare": GUARDIANS + f"{OMAR};Rima;Haddad;mor\n",
    "inskrivningar": INSKRIVNINGAR + f"{OMAR};99900011;EK2z;2026-12-01;\n",
    "personal": PERSONAL + "nia@example.org;Nia;Ny;mentor;99900011\n",
    "mentorsgrupper": GRUPPER + f"EK2b;99900011;karin@example.org;{OMAR};2026-11-24;\n",
    "narvaro": NARVARO + f"{OMAR};99900011;2026-11-20;300;0;60;0;0\n",
}


@pytest.fixture
def seen_by(world, client):
    """Whether somebody finds a file in her list, and may open it."""
    user(world, "sara", "Ström", "registrar", unit=world.sodra)
    user(world, "bea", "Ek", "registrar", unit=world.bjork)

    def seen(batch, name="ulla") -> bool:
        client.force_login(world.users[name])
        page = reverse("imports:batch", args=[batch.pk])
        found = client.get(page).status_code == 200
        assert (f'href="{page}"' in client.get(reverse("imports:list")).content.decode()) is found
        return found

    return seen


@pytest.mark.parametrize("kind", OF_NORRA)
def test_what_the_administrator_read_in_for_a_school_its_registrar_sees_and_no_other(world, seen_by, kind):
    batch = read_in(OF_NORRA[kind], by=world.sten)
    assert (batch.kind, batch.counts["refused"]) == (kind, 0)
    assert [name for name in ("ulla", "sara", "bea") if seen_by(batch, name)] == ["ulla"]


@pytest.mark.parametrize(
    "text",
    [
        NAMES + f"{OMAR};Omar;Hadad\n{SAGA};Saga;Viklund\n",
        GUARDIANS + f"{OMAR};Rima;Haddad;mor\n{SAGA};Siv;Wiklund;mor\n",
        NARVARO + f"{OMAR};99900011;2026-11-20;300;0;60;0;0\n{SAGA};99900012;2026-11-20;300;0;60;0;0\n",
        "e-post;förnamn;efternamn;roll;skolenhetskod;organisationsnummer\n"
        "nia@example.org;Nia;Ny;mentor;99900011;\nlova@example.org;Lova;Ny;huvudmannens ledning;;2120009990\n",
    ],
    ids=["pupils", "guardians", "attendance", "staff"],
)
def test_a_file_about_more_than_her_school_stays_the_administrators(world, seen_by, text):
    batch = read_in(text, by=world.sten)
    assert batch.counts["refused"] == 0
    assert not seen_by(batch)
    assert not seen_by(batch, "sara")


@pytest.mark.parametrize(("code", "names"), [("99900011", ["ulla"]), ("99900012", ["sara"])])
def test_pupils_who_come_with_their_first_enrolment_are_of_its_school(world, seen_by, code, names):
    pupils, _enrolments = read_in(
        NAMES + f"{NEW};Disa;Norén\n",
        INSKRIVNINGAR + f"{NEW};{code};EK1a;2026-08-17;\n",
        by=world.sten,
    )
    assert Student.objects.filter(family_name="Norén").exists()
    assert [name for name in ("ulla", "sara") if seen_by(pupils, name)] == names


def test_a_pupil_is_of_the_school_where_she_goes_not_of_one_that_she_has_left(world, seen_by):
    Enrolment.objects.create(
        student=world.omar,
        unit=world.sodra,
        starts_on=TERM_START - timedelta(days=400),
        ends_on=TODAY - timedelta(days=200),
    )
    for text in (OF_NORRA["elever"], OF_NORRA["vardnadshavare"]):
        batch = read_in(text, by=world.sten)
        assert seen_by(batch)
        assert not seen_by(batch, "sara")


def test_the_guardian_of_a_pupil_who_goes_nowhere_is_shown_to_nobody_else(world, seen_by):
    person = Person.objects.create(national_number=NEW, birth_date="2011-07-01")
    Student.objects.create(person=person, organiser=world.kommun, given_name="Disa", family_name="Norén")
    batch = read_in(OF_NORRA["vardnadshavare"] + f"{NEW};Moa;Norén;mor\n", by=world.sten)
    assert batch.counts["refused"] == 0
    assert not seen_by(batch)


def test_of_stopped_rows_she_sees_those_of_her_own_school_and_pupils(world, client):
    """All that went in was of her school; the stopped row of another's pupil stood there with name and number."""
    client.force_login(world.ulla)
    wrong = "EK2z;2026-12-01;2026-11-01"
    places = read_in(
        INSKRIVNINGAR
        + f"{ELLA};99900011;EK2z;2026-12-01;\n{OMAR};99900011;{wrong}\n"
        + f"{SAGA};99900012;{wrong}\n{VERA};99900011;{wrong}\n",
        by=world.sten,
    )
    names = read_in(
        NAMES + f"{ELLA};Ella;Lind\n{OMAR};Adam;Berg\n{SAGA};Siri;Berg\n{NEW};Disa;Norén\n", by=world.sten
    )
    for batch in (places, names):
        assert batch.counts["refused"] == 3
        told = said(client, batch, "imports:batch", "imports:refused")
        assert OMAR in told
        for secret in (SAGA, VERA, NEW, "Siri", "Disa"):
            assert secret not in told


def test_nor_are_other_schools_rows_among_the_first_ten(world, client, worker):
    client.force_login(world.sten)
    with worker():
        drop(
            client,
            sent(
                "inskrivningar.csv",
                INSKRIVNINGAR
                + f"{ELLA};99900011;EK2z;2026-12-01;\n{SAGA};99900012;EK2z;2026-12-01;2026-11-01\n",
            ),
        )
    batch = Batch.objects.get()
    assert SAGA in said(client, batch, "imports:columns")
    client.force_login(world.ulla)
    told = said(client, batch, "imports:columns")
    assert ELLA in told
    assert SAGA not in told


def test_guardians_set_no_scan_going(world, client, worker):
    """Who looks after a pupil at home measures nothing anew, however many schools the file is about."""
    client.force_login(world.sten)
    with worker():
        drop(client, sent("vh.csv", OF_NORRA["vardnadshavare"]), sent("elever.csv", ELEVER))
    batch = Batch.objects.get(kind="vardnadshavare")
    with worker():
        client.post(reverse("imports:run", args=[batch.file.upload_id]))
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    assert not Scan.objects.exists()
