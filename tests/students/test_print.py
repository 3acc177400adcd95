"""On paper: the whole of it, where it came from, who printed it; and nothing more of a protected pupil than on screen."""

import pytest
from django.urls import reverse

from followup.audit.models import Reading
from students.models import AttendanceDay, Batch
from tests import world as worlds

pytestmark = pytest.mark.django_db


def printed(client, user, student):
    client.force_login(user)
    return client.get(reverse("students:detail", args=[student.pk]) + "?utskrift")


def words(answer):
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_the_paper_says_who_printed_it_when_and_where_the_facts_came_from(client, world):
    worlds.attendance(world.ella, world.norra, excused=30)
    batch = Batch.objects.create(kind="narvaro", source="Skola24", state="done")
    AttendanceDay.objects.filter(student=world.ella).update(batch_id=batch.pk)
    page = words(printed(client, world.karin, world.ella))
    assert "Utskrivet 2026-11-24 kl. " in page
    assert " av Karin Ahl</p>" in page
    assert "Frånvaro: Skola24 " in page
    assert '<p class="only-print print-foot">Ella Lindqvist · EK2b, Norra gymnasiet</p>' in page


def test_the_whole_timeline_is_on_it(client, world):
    for number in range(25):
        worlds.warning(
            world.ella,
            world.norra,
            f"Ämne {number}",
            f"A{number}",
            worlds.TODAY - number * worlds.timedelta(days=2),
        )
    client.force_login(world.karin)
    on_screen = words(client.get(reverse("students:detail", args=[world.ella.pk])))
    assert "Betygsvarning i ämne 24" not in on_screen
    assert "Skriv ut" in on_screen
    assert "Betygsvarning i ämne 24" in words(printed(client, world.karin, world.ella))


def test_that_somebody_printed_is_in_the_trace(client, world):
    printed(client, world.karin, world.ella)
    reading = Reading.objects.latest("pk")
    assert (reading.page, reading.student_ids) == ("students:print", [world.ella.pk])


@pytest.mark.parametrize("user", ["mette", "ulla", "siv"])
def test_a_protected_pupil_is_printed_by_nobody_who_does_not_see_her(client, world, user):
    assert printed(client, world.users[user], world.vera).status_code == 404


def test_the_paper_of_a_protected_pupil_is_marked_and_has_no_contact(client, world):
    worlds.Student.objects.filter(pk=world.vera.pk).update(
        email="vera@example.org", phone="070-1740605", home_municipality_code="0180"
    )
    page = words(printed(client, world.karin, world.vera))
    assert "Skyddade uppgifter" in page
    for secret in ("vera@example.org", "070-1740605", "0180", "20100409"):
        assert secret not in page, secret


def test_a_leader_prints_her_figures_with_the_day_and_no_name(client, world):
    worlds.flag(world.ella, world.norra)
    client.force_login(world.anna)
    page = words(client.get(reverse("boards:school")))
    assert "Utskrivet 2026-11-24 kl. " in page
    assert " av Anna Falk</p>" in page
    assert "data-prints" in page
    assert "Lindqvist" not in page
