"""A name that came with a file is a word on every page, never markup: htmx would act on what it finds there."""

from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse

from followup.accounts.models import Grant, SchoolUnit, User
from students.models import Batch, Enrolment, FactDispute, Guardian, Refusal, Student
from tests.test_access_matrix import OWN, _quiet, client_of, rows, street  # noqa: F401

TEMPLATES = Path(__file__).parents[2] / "templates"
EVIL = '<i hx-post="/">x</i>"\'&amp;{{ 7 }}'


def test_no_page_trusts_what_it_is_given():
    trusting = ("|safe", "autoescape off")
    found = [
        path.name
        for path in TEMPLATES.rglob("*.html")
        if any(words in path.read_text(encoding="utf-8") for words in trusting)
    ]
    assert not found


@pytest.mark.parametrize("role", ["mentor", "health", "registrar"])
def test_a_name_is_no_markup(street, role):  # noqa: F811
    """The check-in form said "<name> väljer själv." as the file had it: a name could press buttons for a mentor."""
    world, things = street
    Student.objects.update(given_name=EVIL, family_name=EVIL)
    User.objects.update(given_name=EVIL, family_name=EVIL)
    Guardian.objects.create(student=world.ella, given_name=EVIL, family_name=EVIL, relation=EVIL)
    Enrolment.objects.update(school_class=EVIL, end_reason=EVIL)
    SchoolUnit.objects.update(name=EVIL)
    Grant.objects.update(profession=EVIL)
    Batch.objects.update(file_name=EVIL, source=EVIL)
    Refusal.objects.update(value=EVIL)
    FactDispute.objects.update(text=EVIL, detail=EVIL)
    client, wrong = client_of(world, OWN[role]), []
    for row in rows():
        with transaction.atomic():
            address = reverse(row.address, args=things[row.about])
            page = getattr(client, row.method.lower())(address, follow=True).content
            transaction.set_rollback(True)
        if b"<i hx-post" in page:
            wrong.append(f"{row.address} {row.about}")
    assert not wrong, wrong
