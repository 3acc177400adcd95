"""A school year of attendance and grades, drawn inside the database, one statement per day.

Chance comes from a hash of pupil, day and seed: the same seed gives the same year on any machine, and
72 million rows need no more memory than one day's.
"""

import io
from dataclasses import astuple, fields
from datetime import date

from django.db import connection

from followup.demo.pupils import Tendency

TENDENCIES = """
    CREATE TEMPORARY TABLE IF NOT EXISTS demo_tendency (
        student_id bigint, organiser_id int, unit_id int, starts_on date, mean float8,
        unexcused_share float8, drift_from int, mondays boolean, silent_from int
    )
"""

# chance(n): a number in [0, 1) for this pupil, this day and the n-th question about them
CHANCE = "((hashint8extended(t.student_id, %(seed)s + {what}) & 1048575)::float8 / 1048576)"
DAY = CHANCE.format(what="%(number)s::bigint * 16 + {n}")
SPELL = CHANCE.format(what="90000000 + (%(number)s / 8)::bigint * 4 + {n}")

ATTENDANCE = f"""
    INSERT INTO students_attendanceday
        (organiser_id, date, student_id, unit_id, scheduled, excused, unexcused, late, unreported, batch_id)
    SELECT organiser_id, %(day)s, student_id, unit_id, scheduled,
           CASE WHEN truant THEN 0 ELSE absent END,
           CASE WHEN truant THEN absent ELSE 0 END,
           CASE WHEN absent < scheduled AND {DAY.format(n=5)} < 0.04 THEN 5 + ({DAY.format(n=6)} * 15)::int ELSE 0 END,
           CASE WHEN absent = 0 AND {DAY.format(n=7)} < 0.02 THEN 60 ELSE 0 END,
           %(batch)s
    FROM (
        SELECT t.*,
               CASE WHEN ill OR {DAY.format(n=1)} < 0.45 * p THEN scheduled
                    WHEN {DAY.format(n=2)} < 0.95 * p
                    THEN least(scheduled, 60 + 60 * ({DAY.format(n=3)} * 3)::int) ELSE 0 END AS absent,
               CASE WHEN ill THEN {SPELL.format(n=3)} ELSE {DAY.format(n=4)} END < unexcused_share AS truant
        FROM (
            SELECT t.*,
                   240 + 20 * ((%(weekday)s * 3 + unit_id) %% 7) AS scheduled,
                   least(0.95, mean * %(season)s
                         * CASE WHEN %(number)s >= drift_from THEN 2.4 ELSE 1 END
                         * CASE WHEN mondays AND %(weekday)s = 1 THEN 4 ELSE 1 END) AS p,
                   {SPELL.format(n=0)} < mean * 0.3 * %(season)s
                   AND %(number)s %% 8 BETWEEN ({SPELL.format(n=1)} * 4)::int
                       AND ({SPELL.format(n=1)} * 4)::int + 1 + ({SPELL.format(n=2)} * 2)::int AS ill
            FROM demo_tendency t
            WHERE starts_on <= %(day)s AND %(number)s < silent_from
        ) t
    ) t
    ORDER BY organiser_id, student_id, unit_id
"""


def note_tendencies(tendencies: list[Tendency]) -> None:
    """Puts the tendencies where the statements below find them, for this connection only."""
    rows = io.StringIO("".join("\t".join(map(str, astuple(row))) + "\n" for row in tendencies))
    with connection.cursor() as cursor:
        cursor.execute(TENDENCIES)
        cursor.copy_expert(
            f"COPY demo_tendency ({', '.join(field.name for field in fields(Tendency))}) FROM STDIN", rows
        )


def note_tendencies_from_facts(since: date, last_number: int) -> None:
    """The same, read back from what the pupils have done lately; for one more day of the demo."""
    with connection.cursor() as cursor:
        cursor.execute(TENDENCIES)
        cursor.execute("TRUNCATE demo_tendency")
        cursor.execute(
            """
            INSERT INTO demo_tendency
            SELECT d.student_id, d.organiser_id, d.unit_id, min(d.date),
                   least(0.9, sum(d.excused + d.unexcused)::float8 / greatest(sum(d.scheduled), 1)),
                   sum(d.unexcused)::float8 / greatest(sum(d.excused + d.unexcused), 1), 2000000000, false, 2000000000
            FROM students_attendanceday d
            JOIN students_enrolment e ON e.student_id = d.student_id AND e.unit_id = d.unit_id
                 AND e.ends_on IS NULL
            WHERE d.date >= %s
            GROUP BY 1, 2, 3
            HAVING max(d.date) >= (SELECT max(date) FROM students_attendanceday)
            """,
            [since],
        )


def season(day: date) -> float:
    """Absence grows from the start of the autumn to week 40, peaks after the autumn break and in winter."""
    week = day.isocalendar().week
    if week >= 34:
        return min(1.15, 0.8 + 0.05 * (week - 34))
    return 1.1 if week <= 12 else 0.95


def live_day(day: date, *, number: int, seed: int, batch_id: int | None) -> int:
    """One school day of all pupils; `number` is its ordinal in the demo's year. Returns rows written."""
    with connection.cursor() as cursor:
        cursor.execute(
            ATTENDANCE,
            {
                "day": day,
                "number": number,
                "weekday": day.isoweekday(),
                "season": season(day),
                "seed": seed * 1_000_003,
                "batch": batch_id,
            },
        )
        return cursor.rowcount
