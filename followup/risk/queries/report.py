"""Every enrolled pupil's indicators on one day, as they are exported."""

from collections.abc import Iterator
from datetime import date

from followup.accounts.models import SchoolUnit
from followup.audit import actions as audit
from followup.risk.indicators import Unit, declared
from followup.risk.measuring import Measured, Part, measure
from students.models import Student


def report_rows(day: date, by=None) -> Iterator[tuple[str, str, str, str]]:
    """National number, indicator, level and value of every pupil enrolled on the day.

    A whole-day measure that changes nothing; it leaves the trace of who was exported, organiser by
    organiser, before the first row of that organiser leaves the house.
    """
    indicators = [indicator for indicator in declared().values() if indicator.in_report]
    for part in whole_organisers():
        rows = sorted(measure(part, day, indicators), key=lambda row: (row.student_id, row.indicator))
        ids = list(dict.fromkeys(row.student_id for row in rows))
        if not ids:
            continue
        audit.record(
            "risk.report", by=by, organiser_id=part.organiser_id, day=day.isoformat(), student_ids=ids
        )
        numbers = dict(
            Student.objects.filter(  # scope: the machine's report, by command only
                organiser=part.organiser_id, enrolments__starts_on__lte=day
            )
            .values_list("pk", "person__national_number")
            .distinct()
        )
        for row in rows:
            yield numbers[row.student_id], row.indicator, row.level, value_of(row)


def whole_organisers() -> list[Part]:
    units: dict[int, list[int]] = {}
    for organiser_id, unit_id in SchoolUnit.objects.order_by("organiser", "code").values_list(
        "organiser_id", "pk"
    ):
        units.setdefault(organiser_id, []).append(unit_id)
    return [Part(organiser_id, tuple(ids)) for organiser_id, ids in units.items()]


def value_of(row: Measured) -> str:
    if row.value is None:
        return ""
    percent = declared()[row.indicator].unit == Unit.PERCENT
    return f"{row.value:.2f}" if percent else f"{row.value:.0f}"
