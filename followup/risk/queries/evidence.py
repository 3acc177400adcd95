"""A flag opened into its rows: the dated days or courses that its figure rests on, and their source."""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from followup.accounts.models import SchoolUnit
from followup.risk import sentences
from followup.risk.indicators import declared
from followup.risk.indicators.attendance import DAYS_INSIDE, MONTH_BACK, READ
from followup.risk.measuring import SPANS, window_start
from followup.risk.models import Flag
from students.models import AttendanceDay, Batch, Grade
from students.queries.disputes import Waiting, of_grade, ref_of_day, waiting_about


@dataclass(frozen=True)
class DayRow:
    """One known day at one unit. Where two units report the same date there are two rows."""

    on: date
    unit: SchoolUnit
    scheduled: int
    excused: int
    unexcused: int
    late: int
    unreported: int
    source: Batch | None
    disputed: bool = False

    @property
    def ref(self) -> str:
        return ref_of_day(self.on, self.unit.pk)

    @property
    def reported(self) -> int:
        return self.scheduled - self.unreported

    @property
    def absent(self) -> int:
        return self.excused + self.unexcused


@dataclass(frozen=True)
class CourseRow:
    """One course or level, with the entry that counts."""

    on: date
    code: str
    subject: str
    level: str
    value: str
    is_warning: bool
    source: Batch | None
    grade_id: int | None = None  # None where a later file has taken it away
    disputed: bool = False


@dataclass(frozen=True)
class Evidence:
    """What stands on the flag's page beside the figure."""

    sentence: str  # Frånvaro 17 % de senaste 20 skoldagarna
    rule: str  # what the indicator asks, as it could be said to the pupil
    window: str
    figure: str  # 17 %
    limit: str  # gräns 15 %
    period: str
    measured_on: date
    days: list[DayRow] = field(default_factory=list)
    courses: list[CourseRow] = field(default_factory=list)

    @property
    def reported(self) -> int:
        return sum(row.reported for row in self.days)

    @property
    def absent(self) -> int:
        return sum(row.absent for row in self.days)

    @property
    def unexcused(self) -> int:
        return sum(row.unexcused for row in self.days)

    @property
    def unreported(self) -> int:
        return sum(row.unreported for row in self.days)


def evidence_of(flag: Flag) -> Evidence:
    indicator = declared()[flag.indicator]
    disputed = waiting_about(flag.student_id)
    days = _days(flag, disputed) if indicator.source == "narvaro" else []
    return Evidence(
        sentence=str(sentences.sentence(flag)),
        rule=str(indicator.sentence),
        window=str(indicator.window),
        figure=sentences.figure(flag.indicator, flag.value),
        limit=sentences.limit(flag),
        period=sentences.period(flag) or (sentences.between(days[-1].on, days[0].on) if days else ""),
        measured_on=flag.measured_on,
        days=days,
        courses=_courses(flag, disputed) if indicator.source == "betyg" else [],
    )


# The same known days as the measure, for one pupil; by the same text.
COUNTED = {
    "A0": f"ago <= {MONTH_BACK}",
    "A1": "day - ago >= first_known",
    "A2": f"ago <= {MONTH_BACK} AND known_days.unexcused > 0",
    "A3": "day - ago > coalesce(last_there, '-infinity')",
}


def _days(flag: Flag, disputed: Waiting) -> list[DayRow]:
    """The days that the flag counts, latest first."""
    day = flag.measured_on
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH asked AS (
                SELECT %(student)s::bigint AS student_id, %(unit)s AS unit_id, %(day)s::date AS day,
                       %(since)s::date AS since, false AS whole, spans.inside
                FROM ({SPANS.format(student="%(student)s")}) spans
            ), {READ.sql}
            SELECT DISTINCT day - ago
            FROM ({DAYS_INSIDE}) known_days JOIN attendance USING (student_id, day)
            WHERE {COUNTED[flag.indicator]}""",
            {
                "student": flag.student_id,
                "unit": flag.unit_id,
                "organiser": flag.unit.organiser_id,
                "day": day,
                "since": window_start(day),
                "until": day,
            },
        )
        dates = [row[0] for row in cursor]
    rows = (
        AttendanceDay.objects.filter(
            organiser=flag.unit.organiser_id, student=flag.student_id, date__in=dates
        )
        .select_related("unit")
        .order_by("-date", "unit__name")
    )
    sources = _sources(rows)
    return [
        DayRow(
            on=row.date,
            unit=row.unit,
            scheduled=row.scheduled,
            excused=row.excused,
            unexcused=row.unexcused,
            late=row.late,
            unreported=row.unreported,
            source=sources.get(row.batch_id),
            disputed=(row.date, row.unit_id) in disputed.days,
        )
        for row in rows
    ]


def _courses(flag: Flag, disputed: Waiting) -> list[CourseRow]:
    """The entries that the flag counts, as they stood when it was measured."""
    courses = flag.evidence.get("courses", [])
    entries = {
        (grade.code, grade.on.isoformat(), grade.kind): grade
        for grade in Grade.objects.filter(
            student=flag.student_id, code__in=[course["code"] for course in courses]
        )
    }
    sources = _sources(entries.values())
    found = []
    for course in courses:
        grade = entries.get((course["code"], course["on"], course["kind"]))
        found.append(
            CourseRow(
                on=date.fromisoformat(course["on"]),
                code=course["code"],
                subject=course["subject"],
                level=course["level"],
                value=course["value"],
                is_warning=course["kind"] == Grade.Kind.WARNING,
                source=sources.get(grade.batch_id) if grade else None,
                grade_id=grade.pk if grade else None,
                disputed=bool(grade) and of_grade(grade) in disputed.grades,
            )
        )
    return found


def _sources(rows) -> dict[int, Batch]:
    return Batch.objects.only("file_name", "source", "at").in_bulk({row.batch_id for row in rows} - {None})
