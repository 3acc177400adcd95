import itertools
from contextlib import contextmanager
from pathlib import Path

import pytest

from students.imports import tasks
from students.imports.models import Upload

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="session")
def golden_numbers():
    """So many personal numbers of the golden pupils, none of them of the test world."""

    def numbers(count: int) -> list[str]:
        lines = (DATA / "golden" / "elever.csv").read_text(encoding="utf-8").splitlines()[1:]
        found = dict.fromkeys(line.split(";")[0] for line in lines)
        taken = {"200901102392", "200809062383", "201004092381", "200810252395", "201011052386"}
        usable = (n for n in found if n.isdecimal() and len(n) == 12 and n not in taken)
        return list(itertools.islice(usable, count))

    return numbers


@pytest.fixture
def registrar(client, world):
    client.force_login(world.ulla)
    return client


@pytest.fixture
def worker(django_capture_on_commit_callbacks):
    """What is ordered inside is sent to the queue, and the worker does its part."""

    @contextmanager
    def works():
        with django_capture_on_commit_callbacks(execute=True):
            yield
        for upload in Upload.objects.order_by("pk"):
            tasks.plan_upload(upload.pk)
            tasks.run_upload(upload.pk)

    return works
