"""The report agrees with the golden answer to the row; a wrong row is a pupil wrongly accused or missed."""

import csv
from io import StringIO

from django.core.management import call_command

from followup.audit.models import Event
from tests.risk import golden


def report(day="2026-11-24") -> list[tuple]:
    out = StringIO()
    call_command("risk_report", day=day, stdout=out)
    return [tuple(row) for row in csv.reader(StringIO(out.getvalue()))]


def test_the_report_is_the_golden_answer(db):
    golden.load()
    with (golden.FILES / "expected.csv").open() as file:
        right = [
            (row["national_number"], row["indicator"], row["level"], row["value"])
            for row in csv.DictReader(file)
        ]
    heading, *rows = report()
    assert heading == ("national_number", "indicator", "level", "value")
    assert sorted(rows) == sorted(right)


def test_the_report_leaves_nothing_but_the_trace_of_whom_it_covered(world, django_assert_num_queries):
    report()
    events = Event.objects.filter(verb="risk.report")
    covered = {pk for event in events for pk in event.detail["student_ids"]}
    assert covered == {student.pk for student in world.students.values()}
    assert {event.detail["day"] for event in events} == {"2026-11-24"}
