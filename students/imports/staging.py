"""A file's rows in temporary tables: `staged` holds those that could be read, `stopped` the others.

Set-based from here on. The tables end with the transaction, so a killed run leaves nothing behind.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from .headings import Recognised
from .kinds import Row
from .numbers import TEMPORARY, NationalNumber
from .places import Places
from .progress import Progress
from .reading import Cell, Layout, rows
from .reasons import Problem, Refused
from .records import Record, RecordReader

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IN_MEMORY = 8 * 1024 * 1024
# SQL, with the file's day: an enrolment that goes on or comes; of a pupil who has none, every one she had.
WHERE_SHE_GOES = """(e.ends_on IS NULL OR e.ends_on >= %(day)s OR NOT EXISTS (
    SELECT 1 FROM students_enrolment n
     WHERE n.student_id = e.student_id AND (n.ends_on IS NULL OR n.ends_on >= %(day)s)))"""
_RESOLVED = {"unit_id": "integer", "organiser_id": "integer", "person_id": "bigint", "student_id": "bigint"}


def copy_line(values: Iterable[object]) -> bytes:
    """One line of COPY's text format."""
    return ("\t".join(map(_copied, values)) + "\n").encode()


def _copied(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).translate(_ESCAPES)


class _Stream:
    """Lines as the file that COPY reads from."""

    def __init__(self, lines: Iterator[bytes]):
        self.lines = lines

    def read(self, size: int = -1) -> bytes:
        return b"".join(islice(self.lines, 10_000))


class Stage:
    """One file on its way in: its reader, its temporary tables, and what has been stopped."""

    def __init__(
        self,
        cursor,
        file: BinaryIO,
        layout: Layout,
        recognised: Recognised,
        places: Places,
        progress: Progress | None = None,
    ):
        self.cursor, self.file, self.layout = cursor, file, layout
        self.recognised, self.kind, self.places = recognised, recognised.kind, places
        self.reader = RecordReader(layout, recognised)
        self.present = {*recognised.positions, "student_id"}
        if "school_unit_code" in recognised.positions:
            self.present.add("unit_id")
        self.rows = 0
        self.repeated = 0
        self.warnings: dict[str, int] = {}
        self.assumed: dict[
            str, tuple[int, int]
        ] = {}  # numbers whose century was worked out: line, year of birth
        self.progress = progress or Progress()
        self._stopped = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._suspended = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._suspensions: set[tuple] = set()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *error) -> None:
        self._stopped.close()
        self._suspended.close()

    # Filling -------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Read the whole file into `staged` and `stopped`."""
        columns = self._columns()
        self.create(columns)
        self.copy("staged", columns, (self._line(record, columns) for record in self._readable()))
        self.load_stopped()

    def _columns(self) -> dict[str, str]:
        columns = {"line": "integer"}
        for column in self.kind.columns:
            if column.name == "national_number":
                columns |= {"number": "text", "number_kind": "text", "born": "date"}
            elif column.name == "school_unit_code":
                columns |= {"unit_code": "text"}
            else:
                columns[column.name] = column.sql
        return columns | _RESOLVED

    def create(self, columns: dict[str, str]) -> None:
        described = ", ".join(f'"{name}" {sql}' for name, sql in columns.items())
        self.cursor.execute(f"""
            DROP TABLE IF EXISTS staged, stopped, suspended, diff, gone;
            CREATE TEMP TABLE staged ({described}) ON COMMIT DROP;
            CREATE TEMP TABLE stopped (line integer, "column" text, code text, params jsonb) ON COMMIT DROP;
            CREATE TEMP TABLE suspended
                (number text, number_kind text, unit_id integer, date date, student_id bigint) ON COMMIT DROP;
        """)

    def copy(self, table: str, columns: Iterable[str], lines: Iterator[bytes]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        self.cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", _Stream(lines), 1 << 20)

    def load_stopped(self) -> None:
        for table, columns, spool in (
            ("stopped", ("line", "column", "code", "params"), self._stopped),
            ("suspended", ("number", "number_kind", "unit_id", "date"), self._suspended),
        ):
            spool.seek(0)
            self.copy(table, columns, iter(spool))
        self.cursor.execute("ANALYZE staged")

    def every_row(self) -> Iterator[tuple[int, list[Cell]]]:
        """The rows of the file, counted, with the bar on the page moved along."""
        size = self._size()
        for line, cells in rows(self.file, self.layout):
            self.rows += 1
            if not self.rows % 5000:
                self.progress.tell(70 * self.file.tell() / size if size else 0)
            yield line, cells
        self.progress.tell(70)

    def _size(self) -> int:
        """Of a CSV file; how far a spreadsheet has been read cannot be seen from outside."""
        if self.layout.format != "csv":
            return 0
        self.file.seek(0, 2)
        return self.file.tell()

    def note_century(self, line: int, number: NationalNumber | None) -> None:
        if number and number.century_assumed and len(self.assumed) < 10_000:
            self.assumed.setdefault(number.number, (line, number.born.year))

    def _readable(self) -> Iterator[Record]:
        for line, cells in self.every_row():
            record = self.reader.record(line, cells)
            self.note_century(line, record.row.get("national_number"))
            if not record.problems:
                self.resolve_unit(record)
            if record.problems:
                self.stop_record(record)
            else:
                yield record

    def resolve_unit(self, record: Record) -> None:
        """The row's school unit, or why it is none that this run may touch."""
        code = record.row.get("school_unit_code")
        if not code or self.kind.code == "skolenheter":
            return
        try:
            place = self.places.find(code)
        except Refused as refused:
            shown = self.reader.shown(record.cells, "school_unit_code")
            heading = self.kind.column("school_unit_code").heading
            record.problems.append(Problem(record.line, heading, shown, refused.code))
            return
        record.row["unit_id"], record.row["organiser_id"] = place.unit_id, place.organiser_id

    def stop_record(self, record: Record) -> None:
        """Set a row aside; what it may have said of somebody is not gone."""
        for problem in record.problems:
            self._stopped.write(
                copy_line([problem.line, problem.column, problem.code, json.dumps(problem.params)])
            )
        row = record.row
        number, code = row.get("national_number"), row.get("school_unit_code")
        if code in self.places.by_code:
            unit_id = self.places.by_code[code].unit_id
        else:
            unit_id = row.get("unit_id")
        key = (number and number.number, number and number.kind, unit_id, row.get("date"))
        if key not in self._suspensions:
            if len(self._suspensions) > 200_000:
                self._suspensions.clear()
            self._suspensions.add(key)
            self._suspended.write(copy_line(key))

    def _line(self, record: Record, columns: dict[str, str]) -> bytes:
        return copy_line(chain([record.line], self._values(record.row, list(columns)[1:])))

    def _values(self, row: Row, names: list[str]) -> Iterator[object]:
        number = row.get("national_number")
        for name in names:
            if name == "number":
                yield number.number if number else None
            elif name == "number_kind":
                yield number.kind if number else None
            elif name == "born":
                yield number.born if number else None
            elif name == "unit_code":
                yield row.get("school_unit_code")
            elif name in _RESOLVED:
                yield row.get(name)
            else:
                value = row.get(name)
                if value is None and name in self.present:
                    value = self.kind.column(name).empty
                yield value

    # Resolving ------------------------------------------------------------------------------------

    def resolve_students(self) -> None:
        """Person by number (a temporary number only within its unit), student by person and organiser."""
        self.cursor.execute(
            """
            UPDATE staged s SET person_id = p.id FROM students_person p
             WHERE p.national_number = s.number
               AND p.number_unit_id IS NOT DISTINCT FROM CASE WHEN s.number_kind = %s THEN s.unit_id END;
            UPDATE staged s SET student_id = t.id FROM students_student t
             WHERE t.person_id = s.person_id AND t.organiser_id = s.organiser_id;
            """,
            [TEMPORARY],
        )

    def stop_unknown_students(self) -> None:
        self.resolve_students()
        self.stop("s.student_id IS NULL", "national_number", "student_unknown")

    def stop(self, where: str, column: str, code: str, params: str = "'{}'::jsonb", args=()) -> int:
        """Move the rows `s` of `staged` for which `where` holds to `stopped`."""
        heading = self.kind.column(column).heading if column else ""
        self.cursor.execute(
            f"""
            WITH moved AS (DELETE FROM staged s WHERE {where} RETURNING s.line, {params} AS params)
            INSERT INTO stopped SELECT line, %s, %s, params FROM moved
            """,
            [*args, heading, code],
        )
        return self.cursor.rowcount

    def stop_conflicts(self, key: Iterable[str], values: Iterable[str], where: str = "true", args=()) -> None:
        """Rows with the same key: alike, one goes in; unlike, none, and each names the others."""
        keys = ", ".join(f'"{name}"' for name in key)
        row = ", ".join(f'"{name}"' for name in values) or "1"
        self.cursor.execute(
            f"""
            DROP TABLE IF EXISTS twice;
            CREATE TEMP TABLE twice ON COMMIT DROP AS
            SELECT array_agg(line ORDER BY line) AS lines, count(DISTINCT ROW({row})) > 1 AS differ
              FROM staged WHERE {where} GROUP BY {keys} HAVING count(*) > 1
            """,
            args,
        )
        if not self.scalar("SELECT count(*) FROM twice"):
            return
        self.cursor.execute("""
            DROP TABLE IF EXISTS twice_lines;
            CREATE TEMP TABLE twice_lines ON COMMIT DROP AS
            SELECT differ, line, place, array_to_string(array_remove(lines, line), ', ') AS others
              FROM twice, unnest(lines) WITH ORDINALITY AS l (line, place);
            ANALYZE twice_lines;
            DELETE FROM staged s USING twice_lines t WHERE NOT t.differ AND t.place > 1 AND s.line = t.line;
        """)
        self.repeated += self.scalar("SELECT count(*) FROM twice_lines WHERE NOT differ AND place > 1")
        self.suspend("s.line IN (SELECT line FROM twice_lines WHERE differ)")
        self.cursor.execute("""
            WITH moved AS (
                DELETE FROM staged s USING twice_lines t WHERE t.differ AND s.line = t.line
                RETURNING s.line, t.others
            )
            INSERT INTO stopped
            SELECT line, '', 'conflict', jsonb_build_object('lines', others) FROM moved
        """)

    def suspend(self, where: str, args=()) -> None:
        """What these rows are about is not gone, though they are not read in."""
        day = "s.date" if any(column.name == "date" for column in self.kind.columns) else "NULL::date"
        self.cursor.execute(
            f"""
            INSERT INTO suspended (unit_id, date, student_id)
            SELECT DISTINCT s.unit_id, {day}, s.student_id FROM staged s WHERE {where}
            """,
            args,
        )

    def not_suspended(self, unit: str, student: str, day: str | None = None) -> str:
        """SQL: no refused row may have been about this one."""
        day_matches = f"(x.date IS NULL OR x.date = {day})" if day else "true"
        return f"""NOT EXISTS (
            SELECT 1 FROM suspended x
              LEFT JOIN students_person p ON p.national_number = x.number
               AND p.number_unit_id IS NOT DISTINCT FROM CASE WHEN x.number_kind = 'temporary' THEN x.unit_id END
              LEFT JOIN students_student t ON t.person_id = p.id
             WHERE (x.unit_id IS NULL OR x.unit_id = {unit}) AND {day_matches}
               AND CASE WHEN x.number IS NULL AND x.student_id IS NULL THEN true
                        ELSE coalesce(x.student_id, t.id) = {student} END)"""

    # Afterwards -----------------------------------------------------------------------------------

    def scalar(self, sql: str, args=()) -> object:
        self.cursor.execute(sql, args)
        return self.cursor.fetchone()[0]

    def organiser_ids(self) -> list[int]:
        self.cursor.execute(
            "SELECT DISTINCT organiser_id FROM staged WHERE organiser_id IS NOT NULL ORDER BY 1"
        )
        return [row[0] for row in self.cursor.fetchall()]

    def refusals(self) -> Iterator[tuple]:
        """(line, column, value, code, params, row) of everything stopped, in the order of the file."""
        self.cursor.execute('SELECT line, "column", code, params::text FROM stopped ORDER BY line, "column"')
        waiting: dict[int, list[tuple]] = {}
        for line, column, code, params in self.cursor.fetchall():
            waiting.setdefault(line, []).append((column, code, params))
        if not waiting:
            return
        by_heading = {column.heading: column.name for column in self.kind.columns}
        last = max(waiting)
        for line, cells in rows(self.file, self.layout):
            for column, code, params in waiting.get(line, ()):
                value = self.reader.shown(cells, by_heading[column]) if column else ""
                shown = [self.layout.text(cell) for cell in cells]
                yield line, column, value[:200], code, params, json.dumps(shown, ensure_ascii=False)
            if line >= last:
                return
