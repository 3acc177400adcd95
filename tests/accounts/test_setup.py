"""An empty installation gets its first organiser and administrator, and she sees what to do next."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from followup.accounts.models import Installation, Organiser, SchoolUnit, User
from followup.risk.models import Scan
from students.models import Batch

ADMIN = {"email": "Admin@example.org", "given_name": "Ada", "family_name": "Min"}


def set_up(**more):
    out = io.StringIO()
    call_command("setup", **{**ADMIN, **more}, address="http://testserver", stdout=out)
    return re.search(r"http://testserver(\S+)", out.getvalue())[1]


def signed_in(client, path):
    client.post(path, {"password": "fyra ord på rad"})
    assert "_auth_user_id" in client.session
    return client


def test_setup_makes_the_organiser_and_an_administrator_who_gets_in(client, db):
    path = set_up(organiser="Ekköpings kommun", organisation_number="212000-9990")
    organiser = Organiser.objects.get()
    assert (organiser.name, organiser.organisation_number, organiser.kind) == (
        "Ekköpings kommun",
        "2120009990",
        "municipal",
    )
    assert Installation.objects.get().is_demo is False
    page = signed_in(client, path).get(reverse("today")).content.decode()
    assert "Tre steg återstår." in page
    for step in ("Lägg till en skola", "Läs in filer", "Bjud in kollegor"):
        assert step in page


def test_asked_again_before_she_has_come_it_gives_a_new_link(client, db):
    first, second = set_up(), set_up()
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    assert User.objects.count() == 1


def test_the_link_leads_to_the_koll_that_runs(db, settings, tmp_path):
    """`make run PORT=8001`, then setup as the README says: a link to another port opens nothing."""
    settings.KOLL_DATA = tmp_path
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "children.json").write_text('{"address": "http://127.0.0.1:8001"}')
    out = io.StringIO()
    call_command("setup", **ADMIN, stdout=out)
    assert "http://127.0.0.1:8001/" in out.getvalue()


def test_behind_a_proxy_the_link_leads_to_its_name(db, settings, tmp_path):
    settings.KOLL_DATA, settings.HTTPS, settings.ALLOWED_HOSTS = tmp_path, True, ["koll.kommun.se"]
    out = io.StringIO()
    call_command("setup", **ADMIN, stdout=out)
    assert "https://koll.kommun.se/konto/" in out.getvalue()


def test_once_there_is_an_administrator_it_makes_no_other(client, db):
    client.post(set_up(), {"password": "fyra ord på rad"})
    with pytest.raises(CommandError, match="finns redan"):
        set_up(email="annan@example.org")


def test_a_demo_is_not_set_up(db):
    Installation.objects.create(is_demo=True)
    with pytest.raises(CommandError, match="demo"):
        set_up()


def test_what_is_missing_is_said_in_a_sentence(db):
    with pytest.raises(CommandError, match="Administratörens e-post"):
        call_command("setup")
    with pytest.raises(CommandError, match="tio siffror"):
        set_up(organiser="Kommunen", organisation_number="12")


def test_done_steps_are_marked_and_go_when_all_are_done(client, world):
    client.force_login(world.sten)
    User.objects.update(last_login=None)
    page = client.get(reverse("today")).content.decode()
    assert page.count("Klart") == 2
    assert "Ett steg återstår." in page
    User.objects.filter(pk=world.karin.pk).update(last_login=timezone.now())
    assert "återstår" not in client.get(reverse("today")).content.decode()


# Drift ----------------------------------------------------------------------------------


def test_the_system_page_shows_imports_scans_and_failures_and_no_pupil(client, world):
    Batch.objects.create(
        kind="elever", state="failed", error="Ella Lindqvist 200901102392", file_name="ella.csv"
    )
    Scan.objects.create(kind="night", day="2026-11-23", state="failed")
    client.force_login(world.sten)
    page = client.get(reverse("boards:system")).content.decode()
    assert "gick inte att läsa in" in page
    assert "Nattens skanning blev inte klar." in page
    for word in ("Ella", "Lindqvist", "200901102392", "ella.csv"):
        assert word not in page
    assert "Se drift" in client.get(reverse("today")).content.decode()


def test_a_file_refused_for_what_it_holds_is_no_failure_of_the_system(client, world):
    """A colleague's empty file had him look for a fault that is not there, and that he cannot mend."""
    client.force_login(world.sten)
    said = "inläsning har misslyckats den senaste veckan."
    pages = (reverse("boards:system"), reverse("today"))
    for state, error in (("failed", "file_empty"), ("held", ""), ("failed", "file_broken")):
        Batch.objects.create(kind="elever", state=state, error=error)
    for page in pages:
        assert said not in client.get(page).content.decode()
    Batch.objects.create(kind="elever", state="failed", error="unexpected")
    for page in pages:
        assert "En " + said in client.get(page).content.decode()
    Batch.objects.create(kind="elever", state="interrupted", error="interrupted")
    for page in pages:
        assert "2 inläsningar har misslyckats den senaste veckan." in client.get(page).content.decode()


def test_only_the_system_administrator_sees_the_system_page(client, world):
    for name in ("karin", "mette", "anna", "ulla", "pia", "lena"):
        client.force_login(world.users[name])
        assert client.get(reverse("boards:system")).status_code == 403


def test_the_system_page_works_when_redis_is_down(client, world, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client.force_login(world.sten)
    page = client.get(reverse("boards:system")).content.decode()
    assert "Redis svarar inte" in page
    assert "okänd" in page


def test_a_school_unit_can_be_added_before_anything_else(client, db):
    path = set_up(organiser="Ekköpings kommun", organisation_number="2120009990")
    signed_in(client, path)
    organiser = Organiser.objects.get()
    client.post(
        reverse("accounts:add_unit"),
        {"organiser": organiser.pk, "code": "99900011", "name": "Norra gymnasiet"},
    )
    assert SchoolUnit.objects.get().name == "Norra gymnasiet"
