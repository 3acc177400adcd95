"""Whoever is shown a pupil's name has read of her, on whatever page it was; else nobody can ask who knew."""

import re

import pytest
from django.db import transaction
from django.urls import reverse

from followup.audit.models import Reading
from followup.coaching.models import CheckIn
from students.models import Student
from tests.test_access_matrix import OWN, _quiet, client_of, rows, street  # noqa: F401
from tests.world import TODAY


def unread(client, method: str, path: str) -> set[str]:
    """The pupils whose name a page shows without saying so in the log."""
    named = {student.given_name: student.pk for student in Student.objects.all()}
    with transaction.atomic():
        before = Reading.objects.count()
        response = getattr(client, method.lower())(path)
        said = response.content.decode(errors="ignore")
        noted = {pk for reading in Reading.objects.order_by("pk")[before:] for pk in reading.student_ids}
        transaction.set_rollback(True)
    return {name for name, pk in named.items() if re.search(rf"\b{name}\b", said) and pk not in noted}


@pytest.mark.parametrize("role", ["mentor", "teacher", "health", "registrar"])
def test_no_page_names_a_pupil_without_noting_it(street, role):  # noqa: F811
    world, things = street
    client = client_of(world, OWN[role])
    wrong = [
        f"{row.address} {row.about}: {sorted(names)}"
        for row in rows()
        if (names := unread(client, row.method, reverse(row.address, args=things[row.about])))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_pupil_who_comes_next_is_read_of(client, world):
    """ "Nästa avstämning är tor 26 nov med Omar", on the page of somebody who has nothing to do today."""
    CheckIn.objects.create(
        student=world.omar,
        unit=world.norra,
        by=world.karin,
        made=True,
        channel="meeting",
        next_on=TODAY.replace(day=26),
        form_uuid="00000000-0000-0000-0000-000000000001",
    )
    client.force_login(world.karin)
    assert "Omar" in client.get(reverse("today")).content.decode()
    assert Reading.objects.latest("pk").student_ids == [world.omar.pk]
