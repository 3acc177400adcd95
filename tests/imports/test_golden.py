"""The golden files go in whole: nobody of some 350 pupils is lost on the way."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from followup.accounts.models import Grant, Organiser, SchoolUnit, User
from students.models import (
    AttendanceDay,
    Batch,
    EarlierFact,
    Enrolment,
    Grade,
    GroupMember,
    GroupStaff,
    Person,
    Refusal,
    Student,
)

GOLDEN = Path(__file__).parent.parent / "data" / "golden"
FACTS = (
    Organiser,
    SchoolUnit,
    User,
    Grant,
    Person,
    Student,
    Enrolment,
    GroupMember,
    GroupStaff,
    AttendanceDay,
    Grade,
)


def read_in(*options: str) -> str:
    out = StringIO()
    call_command("import_csv", str(GOLDEN), "--no-scan", *options, stdout=out)
    return out.getvalue()


def counted() -> dict:
    return {model.__name__: model.objects.count() for model in FACTS}


@pytest.mark.django_db
def test_golden_files_go_in_whole_on_an_empty_installation():
    read_in()
    assert counted() == {
        "Organiser": 2,
        "SchoolUnit": 3,
        "User": 114,
        "Grant": 114,
        "Person": 356,
        "Student": 357,
        "Enrolment": 359,
        "GroupMember": 359,
        "GroupStaff": 105,
        "AttendanceDay": 25_300,
        "Grade": 808,
    }
    assert not Refusal.objects.exists()
    assert set(Batch.objects.values_list("state", flat=True)) == {Batch.State.DONE}
    assert Person.objects.filter(protection="marked").count() == 1


@pytest.mark.django_db
def test_the_same_files_twice_change_nothing():
    read_in()
    facts = list(AttendanceDay.objects.order_by("pk").values_list()) + list(
        Enrolment.objects.order_by("pk").values_list()
    )
    read_in()
    assert facts == list(AttendanceDay.objects.order_by("pk").values_list()) + list(
        Enrolment.objects.order_by("pk").values_list()
    )
    assert not EarlierFact.objects.exists()
    for batch in Batch.objects.order_by("-pk")[:7]:
        assert (batch.counts["added"], batch.counts["changed"], batch.counts["gone"]) == (0, 0, 0)


@pytest.mark.django_db
def test_a_dry_run_says_the_same_as_the_run_and_changes_nothing():
    preview = read_in("--dry-run")
    assert sum(counted().values()) == 0
    assert not Batch.objects.exists()
    result = read_in()

    def figures(text):
        return sorted(line.rpartition(". ")[0] for line in text.splitlines() if "rader" in line)

    assert figures(preview) == figures(result)
