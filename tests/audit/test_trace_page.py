"""The privacy officer asks: who read or did what about a pupil, by whom, when."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup.accounts import actions
from followup.accounts.permissions import ROLES
from followup.audit import actions as audit
from followup.audit.models import Event, Reading
from tests.imports.reading_in import read_in

TRACE = "/granskning/"


@pytest.fixture
def pia(client, world):
    client.force_login(world.pia)
    return client


def read(world, who, *students, page="waiting_list", at=None, organiser=None):
    return Reading.objects.create(
        by_id=world.users[who].pk,
        organiser_id=(organiser or world.kommun).pk,
        duty="school",
        page=page,
        student_ids=[student.pk for student in students],
        **({"at": at} if at else {}),
    )


def lines(response):
    return re.findall(r"<tr><th scope=\"row\".*?</tr>", response.content.decode(), re.DOTALL)


def test_who_read_and_who_did_is_said_in_sentences(pia, world):
    read(world, "mette", world.ella)
    audit.record("risk.take", by=world.karin, student_id=world.ella.pk, organiser_id=world.kommun.pk)
    page = pia.get(TRACE).content.decode()
    assert "Mette Lund" in page
    assert "läste väntelistan" in page
    assert "Karin Ahl" in page
    assert "tog en flagga" in page
    assert f"elev {world.ella.pk}" in page


def test_a_pupil_is_found_by_number_which_never_stands_in_the_address(pia, world):
    read(world, "mette", world.ella)
    read(world, "karin", world.omar)
    response = pia.post(TRACE, {"pupil": "20090110-2392"})
    assert response.url == f"{TRACE}?elev={world.ella.pk}"
    found = lines(pia.get(response.url))
    assert len(found) == 1
    assert "Mette Lund" in found[0]


def test_a_protected_pupil_is_traced_too(pia, world):
    read(world, "karin", world.vera)
    response = pia.post(TRACE, {"pupil": "1004092381"}, follow=True)
    assert len(lines(response)) == 1


def test_she_sees_no_name_and_no_number_of_a_pupil(pia, world):
    read(world, "mette", world.ella, world.vera)
    page = (
        pia.get(TRACE).content.decode()
        + pia.post(TRACE, {"pupil": "200901102392"}, follow=True).content.decode()
    )
    for student in world.students.values():
        assert student.family_name not in page
        assert student.person.national_number not in page


def test_a_list_of_thirty_is_one_line_that_says_whom_one_asked_about(pia, world):
    Reading.objects.create(
        by_id=world.mette.pk,
        organiser_id=world.kommun.pk,
        page="waiting_list",
        student_ids=[world.ella.pk, *range(10_000, 10_029)],
    )
    found = lines(pia.get(TRACE, {"elev": world.ella.pk}))
    assert f"30 elever, bland dem elev {world.ella.pk}" in found[0]


def test_another_organisers_pupils_and_readings_are_not_hers(pia, world):
    read(world, "eva", world.tove, organiser=world.aktie)
    audit.record("accounts.sign_in", by=world.eva)
    assert lines(pia.get(TRACE)) == []
    assert "Ingen elev hos er har det numret." in pia.post(TRACE, {"pupil": "201011052386"}).content.decode()
    assert pia.get(TRACE, {"elev": world.tove.pk}).status_code == 404
    assert pia.get(TRACE, {"person": world.eva.pk}).status_code == 404


def test_by_colleague_and_period(pia, world):
    read(world, "mette", world.ella, at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))
    read(world, "mette", world.ella, at=datetime(2026, 11, 10, 8, tzinfo=UTC))
    read(world, "karin", world.ella, at=datetime(2026, 11, 10, 8, tzinfo=UTC))
    response = pia.post(TRACE, {"person": "mette", "first": "2026-11-03", "last": "20261103"})
    assert response.url == f"{TRACE}?person={world.mette.pk}&fran=2026-11-03&till=2026-11-03"
    assert len(lines(pia.get(response.url))) == 1


def test_several_of_one_name_are_offered(pia, world):
    page = pia.post(TRACE, {"person": "example.org"}).content.decode()
    assert "Flera heter så." in page
    assert f"?person={world.mette.pk}" in page


def test_the_look_itself_is_in_the_log(pia, world):
    read(world, "mette", world.ella)
    pia.get(TRACE)
    looked = Reading.objects.get(page="trace")
    assert (looked.by_id, looked.student_ids) == (world.pia.pk, [world.ella.pk])
    assert "läste granskningsloggen" in pia.get(TRACE).content.decode()


def test_twenty_lines_a_page_and_no_more_queries_for_many(pia, world):
    def count():
        with CaptureQueriesContext(connection) as made:
            response = pia.get(TRACE)
        return len(made), len(lines(response))

    read(world, "mette", world.ella)
    audit.record("risk.take", by=world.karin, student_id=world.ella.pk, organiser_id=world.kommun.pk)
    count()
    few, _ = count()
    for name in ("mette", "karin", "anna", "jonas", "siv") * 6:
        read(world, name, world.ella, world.omar)
    many, shown = count()
    assert (many, shown) == (few, 20)
    assert len(lines(pia.get(TRACE, {"sida": 2}))) > 5


def test_a_role_given_says_to_whom_and_where(pia, world):
    actions.give_role(world.per, role="mentor", unit=world.norra, by=world.ulla)
    found = lines(pia.get(TRACE))[0]
    for word in ("Ulla Brandt", "gav en roll", "Per Ost", "mentor", "Norra gymnasiet"):
        assert word in found


@pytest.mark.parametrize(
    ("role", "place"),
    [("organiser_leader", "Ekköpings kommun"), ("system_admin", "hela installationen")],
)
def test_a_role_for_more_than_a_school_says_for_what(pia, world, role, place):
    """Who sees the figures of which organiser, and who manages everything, was not to be read."""
    organiser = world.kommun if role == "organiser_leader" else None
    grant = actions.give_role(world.karin, role=role, organiser=organiser, by=world.sten)
    actions.end_grant(grant, by=world.sten)
    ended, given = lines(pia.get(TRACE))
    assert "avslutade en roll" in ended
    assert "gav en roll" in given
    for line in (ended, given):
        assert f"Karin Ahl · {ROLES[role].name} · {place}" in line


def test_an_entry_that_does_not_name_the_organiser_is_about_the_one_it_stands_under(pia, world):
    audit.record(
        "accounts.give_role", by=world.sten, organiser_id=world.kommun.pk, role="organiser_leader", user=7
    )
    assert "huvudmannens ledning · Ekköpings kommun" in lines(pia.get(TRACE))[0]


def test_what_the_administrator_does_to_an_account_is_seen_where_its_owner_works(pia, world):
    """With another e-mail comes a way into the account; in no log could it be read who had given it."""
    actions.change_user(world.anna, by=world.sten, email="annan@example.org")
    actions.change_user(world.eva, by=world.sten, email="evas@example.org")
    (line,) = lines(pia.get(TRACE))
    assert "Sten Sand" in line
    assert "Anna Falk" in line


def test_a_role_that_came_by_the_administrators_file_is_in_the_trace_of_its_organiser(pia, world):
    """It stood under no organiser, and its sender works at none: nobody could read it."""
    text = "e-post;förnamn;efternamn;roll;skolenhetskod;organisationsnummer\n"
    read_in(
        text
        + "nia@example.org;Nia;Ny;mentor;99900011;\nlova@example.org;Lova;Ny;huvudmannens ledning;;2120009990\n"
        + "bea@example.org;Bea;Ny;mentor;99900021;\n",
        by=world.sten,
    )
    found = " ".join(lines(pia.get(TRACE)))
    for words in ("Nia Ny · mentor · Norra gymnasiet", "Lova Ny · huvudmannens ledning · Ekköpings kommun"):
        assert words in found
    assert "Bea" not in found, "of another organiser's school"


def test_nonsense_in_the_address_is_no_fault(pia, world):
    for address in (
        "?elev=x",
        "?elev=99999999999999999999",
        "?elev=",
        "?fran=igår",
        "?sida=-1",
        "?sida=x",
        "?slag=y",
    ):
        assert pia.get(TRACE + address).status_code == 200


def test_others_do_not_read_the_log(client, world):
    for name in ("karin", "mette", "anna", "ulla", "sten", "lena"):
        client.force_login(world.users[name])
        assert client.get(TRACE).status_code == 403
    assert Event.objects.filter(verb="trace").count() == 0
