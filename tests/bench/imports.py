"""import.attendance: a large attendance file, against COPY and one INSERT ... SELECT in key order.

The floor copies the same file into typed columns and inserts it into the same table, with the same
keys, joined to the pupils by number; nothing is checked, compared or withdrawn. The import is the
command that a school's own machine would run, as a process of its own, with its peak of memory.
"""

import os
import sys
import tempfile
from pathlib import Path

from django.db import connection

from students.models import AttendanceDay, Batch
from tests.bench.lines import say, timed

MOST = 2.0
MOST_MEGABYTES = 300
FIRST_DAY = "2026-06-15"  # after everything that the demo has
HEADINGS = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat\n"

FILE = """
    COPY (
        SELECT p.national_number, u.code, day::date, 300 + 20 * (s.id %% 4), CASE WHEN s.id %% 9 = 0 THEN 60 ELSE 0 END,
               CASE WHEN s.id %% 13 = 0 THEN 120 ELSE 0 END, s.id %% 11, 0
        FROM generate_series(DATE '{first}', DATE '{first}' + {days} - 1, INTERVAL '1 day') day
        CROSS JOIN students_student s
        JOIN students_person p ON p.id = s.person_id
        JOIN students_enrolment e ON e.student_id = s.id AND e.ends_on IS NULL
        JOIN accounts_schoolunit u ON u.id = e.unit_id
        ORDER BY u.code, day, s.id
    ) TO STDOUT (FORMAT csv, DELIMITER ';')
"""
STAGE = """
    CREATE TEMP TABLE floor_stage (
        number text, code text, date date, scheduled smallint, excused smallint, unexcused smallint,
        late smallint, unreported smallint
    ) ON COMMIT DROP
"""
INSERT = """
    INSERT INTO students_attendanceday
        (organiser_id, date, student_id, unit_id, scheduled, excused, unexcused, late, unreported)
    SELECT u.organiser_id, f.date, s.id, u.id, f.scheduled, f.excused, f.unexcused, f.late, f.unreported
    FROM floor_stage f
    JOIN accounts_schoolunit u ON u.code = f.code
    JOIN students_person p ON p.national_number = f.number
        AND p.number_unit_id IS NOT DISTINCT FROM CASE WHEN p.number_kind = 'temporary' THEN u.id END
    JOIN students_student s ON s.person_id = p.id AND s.organiser_id = u.organiser_id
    ORDER BY u.organiser_id, f.date, s.id, u.id
"""


def measure(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "narvaro.csv"
        lines = _write(file, rows)
        floor = _floor(file)
        _sweep()
        try:
            first, peak, written = _import(file)
            say(
                "import.attendance",
                first,
                "s",
                floor=floor,
                most=MOST,
                rows=lines,
                rows_written=written,
                megabytes=peak,
                megabytes_hold=peak < MOST_MEGABYTES,
            )
            again, peak, written = _import(file)
            say("import.again", again, "s", floor=floor, most=MOST, rows=lines, rows_written=written)
            _change_one_row(file)
            changed, peak, written = _import(file)
            say("import.one_row", changed, "s", floor=floor, most=MOST, rows=lines, rows_written=written)
        finally:
            _sweep()


def _write(file: Path, rows: int) -> int:
    with connection.cursor() as cursor, file.open("wb") as out:
        cursor.execute("SELECT count(*) FROM students_enrolment WHERE ends_on IS NULL")
        pupils = cursor.fetchone()[0]
        out.write(HEADINGS.encode())
        days = max(1, round(rows / pupils))
        cursor.copy_expert(FILE.format(first=FIRST_DAY, days=days).replace("%%", "%"), out)
    return days * pupils


def _floor(file: Path) -> float:
    """Seconds; taken back afterwards."""
    with connection.cursor() as cursor, file.open("rb") as rows, timed() as watch:
        rows.readline()
        cursor.execute("BEGIN")
        cursor.execute(STAGE)
        cursor.copy_expert("COPY floor_stage FROM STDIN (FORMAT csv, DELIMITER ';')", rows, 1 << 20)
        cursor.execute("ANALYZE floor_stage")
        cursor.execute(INSERT)
        watch_here = watch  # the rollback below is not part of it
    seconds = watch_here.seconds
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
    return seconds


def _sweep() -> None:
    """As before: without the file's days, and without the dead rows of the last attempt."""
    AttendanceDay.objects.filter(date__gte=FIRST_DAY).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE students_attendanceday")


def _import(file: Path) -> tuple[float, int, int]:
    """Seconds, peak in megabytes, rows added or changed."""
    with timed() as watch:
        child = os.spawnve(
            os.P_NOWAIT,
            sys.executable,
            [
                sys.executable,
                "manage.py",
                "import_csv",
                str(file),
                "--source=bench",
                "--release",
                "--no-scan",
            ],
            dict(os.environ),
        )
        _pid, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit("The import failed.")
    counts = Batch.objects.latest("pk").counts
    return watch.seconds, usage.ru_maxrss // 1024, counts["added"] + counts["changed"] + counts["gone"]


def _change_one_row(file: Path) -> None:
    with file.open("r+b") as lines:
        lines.readline()
        start = lines.tell()
        row = lines.readline()
        lines.seek(start)
        lines.write(row.replace(b";3", b";2", 1) if b";3" in row else row)
