"""Attendance: millions of rows, so each distinct pupil, day and set of minutes is read once.

The rows go straight into a typed staging table with ids in them, while PostgreSQL takes them in beside
us. Duplicates are found on the way with one bit per pupil, unit and day.
"""

from collections.abc import Iterator
from operator import itemgetter

from django.db import connection

from followup import clock
from students.models.attendance import AttendanceDay

from ..facts import Changes, Facts, merge_facts
from ..numbers import TEMPORARY
from ..reasons import Problem
from ..run import Run
from ..staging import Stage, copy_line

_MINUTES = ("scheduled", "excused", "unexcused", "late", "unreported")
_STAGED = {
    "line": "integer",
    "organiser_id": "integer",
    "date": "date",
    "student_id": "bigint",
    "unit_id": "integer",
    **dict.fromkeys(_MINUTES, "smallint"),
}
_CACHED_MINUTES = 200_000
_ONLY_REPORTS = """(
    n.scheduled = n.old_scheduled AND n.excused >= n.old_excused AND n.unexcused >= n.old_unexcused
    AND n.unreported < n.old_unreported
    AND n.excused + n.unexcused - n.old_excused - n.old_unexcused <= n.old_unreported - n.unreported)"""


def merge_attendance(stage: Stage, run: Run) -> Changes:
    feed = _Feed(stage)
    stage.create(_STAGED)
    stage.copy("staged", _STAGED, feed.lines())
    stage.load_stopped()
    if feed.repeated:
        stage.stop_conflicts(
            ("student_id", "unit_id", "date"), [name for name in _MINUTES if name in stage.present]
        )
    stage.warnings |= {code: n for code, n in feed.warnings.items() if n}
    every = {name: name for name in _MINUTES}
    facts = Facts(
        table=AttendanceDay._meta.db_table,
        kind=stage.kind.code,
        key={name: name for name in ("organiser_id", "date", "student_id", "unit_id")},
        values=every,
        day="date",
        part=("organiser_id", "date"),
        only_reports=_ONLY_REPORTS if "unreported" in stage.present else "false",
    )
    return merge_facts(stage, facts, run.whole, run.batch_id, run.apply)


class _Feed:
    """The file's rows as lines for COPY; what cannot be read is set aside."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.known = _students(stage)
        self.repeated = False
        self.warnings = {"before_enrolment": 0, "after_today": 0}

    def lines(self) -> Iterator[bytes]:
        stage, warnings = self.stage, self.warnings
        positions = stage.recognised.positions
        width = len(stage.layout.headings)
        whom_cells = itemgetter(positions["national_number"], positions["school_unit_code"])
        day_position = positions["date"]
        minutes_cells = itemgetter(*(positions[name] for name in _MINUTES if name in positions))
        whom_read: dict = {}
        day_read: dict = {}
        minutes_read: dict = {}
        for line, cells in stage.every_row():
            try:
                if len(cells) != width:
                    raise KeyError
                whom = whom_read[whom_cells(cells)]
                day_text, bit, ordinal, coming = day_read[cells[day_position]]
                minutes = minutes_read[minutes_cells(cells)]
            except KeyError:
                record = self._record(line, cells)
                if record is None:
                    continue
                cells, whom, day, minutes = record
                if day not in day_read:
                    day_read[day] = (
                        b"\t%s\t" % day.isoformat().encode(),
                        1 << len(day_read),
                        day.toordinal(),
                        day > clock.today(),
                    )
                day_text, bit, ordinal, coming = day_read[day]
                if len(cells) == width:
                    whom_read[whom_cells(cells)] = whom
                    day_read[cells[day_position]] = day_read[day]
                    if len(minutes_read) > _CACHED_MINUTES:
                        minutes_read.clear()
                    minutes_read[minutes_cells(cells)] = minutes
            if whom.days & bit:
                self.repeated = True
            whom.days |= bit
            if ordinal < whom.first:
                warnings["before_enrolment"] += 1
            if coming:
                warnings["after_today"] += 1
            yield b"%d%s%s%s%s" % (line, whom.organiser, day_text, whom.ids, minutes)

    def _record(self, line: int, cells: list):
        """A row read in full: who, which day, the minutes; None when it is stopped."""
        stage = self.stage
        record = stage.reader.record(line, cells)
        stage.note_century(line, record.row.get("national_number"))
        if not record.problems:
            stage.resolve_unit(record)
        row = record.row
        if not record.problems:
            number = row["national_number"]
            unit = row["unit_id"] if number.kind == TEMPORARY else None
            whom = self.known.get((number.number, row["organiser_id"], unit))
            if whom is None:
                shown = stage.reader.shown(cells, "national_number")
                heading = stage.kind.column("national_number").heading
                record.problems.append(Problem(line, heading, shown, "student_unknown"))
        if record.problems:
            stage.stop_record(record)
            return None
        minutes = copy_line([row.get(name) or 0 for name in _MINUTES])
        return record.cells, whom.at(row["organiser_id"], row["unit_id"]), row["date"], minutes


class _Student:
    """A pupil of one organiser; her school units share the day of her first enrolment."""

    __slots__ = ("first", "pk", "units")

    def __init__(self, pk: int, first: int):
        self.pk, self.first, self.units = pk, first, None

    def at(self, organiser_id: int, unit_id: int) -> "_Whom":
        if self.units is None:
            self.units = {}
        if unit_id not in self.units:
            self.units[unit_id] = _Whom(organiser_id, self.pk, unit_id, self.first)
        return self.units[unit_id]


class _Whom:
    """A pupil at a unit as she is written to COPY, and the days seen of her."""

    __slots__ = ("days", "first", "ids", "organiser")

    def __init__(self, organiser_id: int, student_id: int, unit_id: int, first: int):
        self.organiser = b"\t%d" % organiser_id
        self.ids = b"%d\t%d\t" % (student_id, unit_id)
        self.first, self.days = first, 0


def _students(stage: Stage) -> dict[tuple[str, int, int | None], _Student]:
    """The pupils of the organisers that this run may touch, by number."""
    known = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.national_number, t.organiser_id, p.number_unit_id, t.id, min(e.starts_on)
              FROM students_student t
              JOIN students_person p ON p.id = t.person_id
              LEFT JOIN students_enrolment e ON e.student_id = t.id
             WHERE t.organiser_id = ANY(%s) AND p.national_number <> ''
             GROUP BY 1, 2, 3, 4
            """,
            [list(stage.places.organiser_ids)],
        )
        while batch := cursor.fetchmany(10_000):
            for number, organiser_id, unit_id, pk, first in batch:
                known[number, organiser_id, unit_id] = _Student(pk, first.toordinal() if first else 0)
    return known
