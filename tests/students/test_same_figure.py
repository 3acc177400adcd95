"""The pupil's page and the indicator say the same figure: else staff argue about which is right."""

import csv
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from followup.figures import cut
from students.models import Student
from students.queries.attendance import days_of, figure_of

GOLDEN = Path(__file__).parent.parent / "data" / "golden"


def test_the_page_says_what_the_indicator_says_of_every_golden_pupil(db):
    call_command("import_csv", str(GOLDEN), "--no-scan", stdout=StringIO())
    with (GOLDEN / "expected.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["indicator"] == "A1"]
    right = sorted(
        (row["national_number"], "" if row["level"] == "unknown" else str(cut(row["value"]))) for row in rows
    )
    students = Student.objects.enrolled().select_related("person").prefetch_related("enrolments")
    shown = []  # a pupil of two organisers is there once for each
    for student in students:
        percent = figure_of(student, days_of(student)).percent
        shown.append((student.person.national_number, "" if percent is None else str(percent)))
    assert sorted(shown) == right
    assert len(right) > 300
