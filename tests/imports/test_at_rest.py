"""What has gone in keeps its report, and what somebody has let in is what goes in."""

import pytest
from django.urls import reverse

from followup.accounts.models import Grant
from students.imports import actions
from students.imports.models import Batch
from students.models import Enrolment
from tests.imports.reading_in import read_in
from tests.imports.test_merge import ELLA, INSKRIVNINGAR
from tests.imports.test_pages import COLUMNS, DAYS, drop, sent
from tests.world import TODAY


@pytest.fixture
def read(registrar, worker):
    """A file that has been sent, looked at and read in, in one tab."""
    with worker():
        drop(registrar, sent("narvaro.csv", DAYS))
    with worker():
        registrar.post(reverse("imports:run", args=[Batch.objects.get().file.upload_id]))
    return Batch.objects.get()


@pytest.mark.parametrize("press", ["discard", "again", "release", "whole", "columns"])
def test_a_press_in_another_tab_does_not_undo_the_report(registrar, world, read, press):
    """The figures and the stopped rows of a file that is in were thrown away, or it was read in once more."""
    assert (read.state, read.counts["added"]) == (Batch.State.DONE, 2)
    chosen = COLUMNS | {"late": "6", "unreported": "7"}
    whole = {"units": world.norra.pk, "first": "2026-11-20", "last": "2026-11-23"}
    answer = registrar.post(
        reverse(f"imports:{press}", args=[read.pk]), {"whole": whole, "columns": chosen}.get(press, {})
    )
    assert answer.status_code == 302
    after = Batch.objects.get()
    assert (after.state, after.counts, after.finished_at) == (read.state, read.counts, read.finished_at)


def test_what_was_read_in_at_the_command_line_has_no_file_to_choose_columns_of(registrar, world):
    batch = read_in(INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;\n")
    for press in ("columns", "whole"):
        assert registrar.get(reverse(f"imports:{press}", args=[batch.pk])).status_code == 404
    for press in ("discard", "again", "release", "whole", "columns"):
        assert registrar.post(reverse(f"imports:{press}", args=[batch.pk])).status_code == 404


def test_whoever_let_in_a_part_has_not_let_in_the_whole(registrar, world, worker):
    """Pupils were ended by a file that nobody had checked since it was said to be whole."""
    with worker():
        drop(registrar, sent("inskrivningar.csv", INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;\n"))
    batch = Batch.objects.get()
    Batch.objects.update(released_by=world.ulla, released_at=batch.at)
    actions.choose_whole(batch=batch, unit_ids=[world.norra.pk], first=None, last=None, by=world.ulla)
    assert Batch.objects.get().released_by is None


def test_a_file_ends_nobody_where_its_sender_has_no_role_any_longer(registrar, world, worker):
    Grant.objects.create(user=world.ulla, role="registrar", unit=world.sodra, starts_on=TODAY)
    with worker():
        drop(registrar, sent("inskrivningar.csv", INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;\n"))
    batch = Batch.objects.get()
    actions.choose_whole(batch=batch, unit_ids=[world.sodra.pk], first=None, last=None, by=world.ulla)
    Grant.objects.filter(user=world.ulla, unit=world.sodra).delete()
    with worker():
        pass
    with worker():
        registrar.post(reverse("imports:run", args=[batch.file.upload_id]))
    assert Enrolment.objects.get(student=world.saga).ends_on is None
