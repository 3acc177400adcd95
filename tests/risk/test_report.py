"""The report agrees with the golden answer to the row; a wrong row is a pupil wrongly accused or missed."""

import csv
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from followup.audit.models import Event
from students.models import Enrolment

GOLDEN = Path(__file__).parent.parent / "data" / "golden"


def report(day="2026-11-24") -> list[tuple]:
    out = StringIO()
    call_command("risk_report", day=day, stdout=out)
    return [tuple(row) for row in csv.reader(StringIO(out.getvalue()))]


def test_the_golden_files_read_in_give_the_golden_report(db):
    call_command("import_csv", str(GOLDEN), "--no-scan", stdout=StringIO())
    with (GOLDEN / "expected.csv").open() as file:
        right = [
            (row["national_number"], row["indicator"], row["level"], row["value"])
            for row in csv.DictReader(file)
        ]
    heading, *rows = report()
    assert heading == ("national_number", "indicator", "level", "value")
    assert sorted(rows) == sorted(right)


def test_the_report_leaves_nothing_but_the_trace_of_whom_it_covered(world):
    Enrolment.objects.filter(student=world.omar).update(ends_on="2026-11-20")
    numbers = {row[0] for row in report()[1:]}
    assert numbers == {
        student.person.national_number for name, student in world.students.items() if name != "omar"
    }
    events = Event.objects.filter(verb="risk.report")
    covered = {pk for event in events for pk in event.detail["student_ids"]}
    assert covered == {student.pk for name, student in world.students.items() if name != "omar"}
    assert {event.detail["day"] for event in events} == {"2026-11-24"}
