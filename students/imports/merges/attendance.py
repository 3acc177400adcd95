"""Attendance: millions of rows, so each distinct pupil, day and set of minutes is read once.

The rows go straight into a typed staging table with ids in them, while PostgreSQL takes them in beside
us. Duplicates are found on the way with one bit per pupil and day. What is kept per pupil is small: a
file may be about 400,000 of them.
"""

from array import array
from collections.abc import Iterator
from operator import itemgetter

from django.db import connection

from followup import clock
from students.models.attendance import AttendanceDay

from ..facts import Changes, Facts, merge_facts
from ..numbers import TEMPORARY, NationalNumber
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
    if feed.again:
        minutes = [name for name in _MINUTES if name in stage.present]
        pupils = [feed.pupils.ids[index] for index in feed.again]
        stage.stop_conflicts(
            ("student_id", "unit_id", "date"), minutes, where="student_id = ANY(%s)", args=[pupils]
        )
    stage.warnings |= {code: n for code, n in feed.warnings.items() if n}
    facts = Facts(
        table=AttendanceDay._meta.db_table,
        kind=stage.kind.code,
        key={name: name for name in ("organiser_id", "date", "student_id", "unit_id")},
        values={name: name for name in _MINUTES},
        day="date",
        part=("organiser_id", "date"),
        only_reports=_ONLY_REPORTS if "unreported" in stage.present else "false",
    )
    return merge_facts(stage, facts, run.whole, run.batch_id, run.apply)


class _Unit:
    """A school unit as its cell stands in the file: what COPY gets for it, and its pupils by their cells."""

    __slots__ = ("organiser", "pupils", "unit")

    def __init__(self, organiser_id: int, unit_id: int):
        self.organiser, self.unit = b"\t%d\t" % organiser_id, b"\t%d\t" % unit_id
        self.pupils: dict = {}


class _Feed:
    """The file's rows as lines for COPY; what cannot be read is set aside."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.pupils = _Pupils(stage)
        self.again: set[int] = set()  # pupils with two rows for one day: at two schools, or a row twice
        self.warnings = {"before_enrolment": 0, "after_today": 0}

    def lines(self) -> Iterator[bytes]:
        stage, warnings, pupils = self.stage, self.warnings, self.pupils
        ids, first, seen = pupils.ids, pupils.first, pupils.seen
        positions = stage.recognised.positions
        width = len(stage.layout.headings)
        number_at, unit_at, day_at = (
            positions[name] for name in ("national_number", "school_unit_code", "date")
        )
        minutes_of = itemgetter(*(positions[name] for name in _MINUTES if name in positions))
        units: dict = {}
        days: dict = {}
        minutes_read: dict = {}
        for line, cells in stage.every_row():
            try:
                if len(cells) != width:
                    raise KeyError
                unit = units[cells[unit_at]]
                index = unit.pupils[cells[number_at]]
                day_text, bit, ordinal, coming = days[cells[day_at]]
                minutes = minutes_read[minutes_of(cells)]
            except KeyError:
                record = self._record(line, cells)
                if record is None:
                    continue
                cells, place, index, day, minutes = record
                unit = units.get(cells[unit_at]) or _Unit(*place)
                if day not in days:
                    days[day] = (
                        day.isoformat().encode() + b"\t",
                        1 << len(days),
                        day.toordinal(),
                        day > clock.today(),
                    )
                day_text, bit, ordinal, coming = days[day]
                if len(cells) == width:
                    units[cells[unit_at]] = unit
                    unit.pupils[cells[number_at]] = index
                    days[cells[day_at]] = days[day]
                    if len(minutes_read) > _CACHED_MINUTES:
                        minutes_read.clear()
                    minutes_read[minutes_of(cells)] = minutes
            known = seen[index]
            if known & bit:
                self.again.add(index)
            seen[index] = known | bit
            if ordinal < first[index]:
                warnings["before_enrolment"] += 1
            if coming:
                warnings["after_today"] += 1
            yield b"%d%s%s%d%s%s" % (line, unit.organiser, day_text, ids[index], unit.unit, minutes)

    def _record(self, line: int, cells: list):
        """A row read in full: where, who, which day, the minutes; None when it is stopped."""
        stage = self.stage
        record = stage.reader.record(line, cells)
        stage.note_century(line, record.row.get("national_number"))
        if not record.problems:
            stage.resolve_unit(record)
        row, index = record.row, None
        if not record.problems:
            index = self.pupils.find(row["national_number"], row["organiser_id"], row["unit_id"])
            if index is None:
                shown = stage.reader.shown(cells, "national_number")
                heading = stage.kind.column("national_number").heading
                record.problems.append(Problem(line, heading, shown, "student_unknown"))
        if record.problems:
            stage.stop_record(record)
            return None
        minutes = copy_line([row.get(name) or 0 for name in _MINUTES])
        return record.cells, (row["organiser_id"], row["unit_id"]), index, row["date"], minutes


class _Pupils:
    """The pupils of the organisers that this run may touch, each under a small number of its own."""

    def __init__(self, stage: Stage):
        self.ids = array("q")
        self.first = array("i")  # the day of her first enrolment
        self.seen: list[int] = []  # one bit per day
        self._by_number: dict[int, int] = {}
        self._temporary: dict[tuple[str, int], int] = {}
        with connection.connection.cursor(
            name="pupils_of_import"
        ) as cursor:  # kept on the server, read by parts
            cursor.itersize = 10_000
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
            for number, organiser_id, unit_id, pk, first in cursor:
                if unit_id is None:
                    self._by_number[_key(number, organiser_id)] = len(self.ids)
                else:
                    self._temporary[number, unit_id] = len(self.ids)
                self.ids.append(pk)
                self.first.append(first.toordinal() if first else 0)
                self.seen.append(0)

    def find(self, number: NationalNumber, organiser_id: int, unit_id: int) -> int | None:
        if number.kind == TEMPORARY:
            return self._temporary.get((number.number, unit_id))
        return self._by_number.get(_key(number.number, organiser_id))


def _key(number: str, organiser_id: int) -> int:
    return int(number) * 1_000_000_000 + organiser_id
