"""The trace cannot be changed or emptied, and nothing is shown or done without it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from followup.accounts import actions
from followup.accounts.models import Grant
from followup.audit import actions as audit
from followup.audit.models import Event, Reading


@pytest.fixture
def banned(db):
    """As everywhere outside the tests: the setting that lifts the ban is not set."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL koll.allow_erase = 'off'")


@pytest.fixture
def traced(world):
    audit.record("accounts.sign_in", by=world.karin)
    Reading.objects.create(by_id=world.karin.pk, page="today", student_ids=[world.ella.pk])


@pytest.mark.parametrize("table", ["audit_event", "audit_reading"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET by_id = 1", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"]
)
def test_neither_changed_nor_deleted_nor_emptied(traced, banned, table, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert Event.objects.count() == 1
    assert Reading.objects.count() == 1


def test_nor_through_the_models(traced, banned):
    event = Event.objects.get()
    event.verb = "något annat"
    for attempt in (event.save, event.delete, Event.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


def test_the_tests_own_database_is_the_only_one_that_lifts_it(db):
    """The named fixture `allow_erase` lifts the ban; neither settings nor migrations know its name."""
    from pathlib import Path

    root = Path(__file__).parents[2]
    setters = [
        path.relative_to(root).as_posix()
        for folder in ("followup", "students", "tests")
        for path in (root / folder).rglob("*.py")
        if "SET koll.allow_erase" in path.read_text(encoding="utf-8") and path.name != Path(__file__).name
    ]
    assert setters == ["tests/conftest.py"]


def refuse_inserts(table):
    """A table that takes no rows, the way a full disk or a lost partition would have it."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")


def test_no_reading_no_page(client, world):
    client.force_login(world.pia)
    audit.record("risk.take", by=world.karin, student_id=world.ella.pk, organiser_id=world.kommun.pk)
    address = reverse("boards:trace")
    assert f"elev {world.ella.pk}" in client.get(address).content.decode()
    refuse_inserts("audit_reading")
    client.raise_request_exception = False
    response = client.get(address)
    assert response.status_code == 500
    assert f"elev {world.ella.pk}" not in response.content.decode()


def test_no_entry_no_act(world):
    refuse_inserts("audit_event")
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.give_role(world.per, role="mentor", unit=world.norra, by=world.ulla)
    assert not Grant.objects.filter(user=world.per, unit=world.norra).exists()


def test_a_reading_says_who_in_which_duty_and_in_which_request(client, world):
    client.force_login(world.pia)
    response = client.get(reverse("boards:trace"))
    reading = Reading.objects.get()
    assert (reading.by_id, reading.duty, reading.organiser_id, reading.page) == (
        world.pia.pk,
        "administration",
        world.kommun.pk,
        "trace",
    )
    assert len(reading.request_id) == 36
    assert response["Cache-Control"] == "no-store, private"


def test_an_act_in_a_request_carries_duty_organiser_and_request(client, world):
    client.force_login(world.ulla)
    client.post(
        reverse("accounts:give_role", args=[world.karin.pk]),
        {"role": "teacher", "place": f"unit:{world.norra.pk}"},
    )
    event = Event.objects.get(verb="accounts.give_role")
    assert (event.duty, event.organiser_id) == ("school", world.kommun.pk)
    assert len(event.request_id) == 36


def test_prv_08_a_bulk_act_leaves_one_entry_per_pupil(world):
    ids = [student.pk for student in world.students.values()]
    audit.record_many("import_student", by=world.ulla, student_ids=ids, organiser_id=world.kommun.pk, batch=1)
    assert sorted(Event.objects.values_list("student_id", flat=True)) == sorted(ids)
    assert set(Event.objects.values_list("by_id", flat=True)) == {world.ulla.pk}
