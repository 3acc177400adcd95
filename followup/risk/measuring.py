"""Measures indicators on a day D for a part of an organiser: one statement, whatever the number of pupils.

The statement is put together from common table expressions: `asked` (which pupils, on which day), the
reads that the indicators need (each once), the limits, and `measured`, a row per pupil and indicator:

    student_id, unit_id, day, since, indicator, outcome (met, not_met, unknown), level, value,
    threshold, counts, last_day

and the columns of the pupil's summary, from which `evidence_of` makes the evidence of those rows that
need it. The report reads `measured`; the engine goes on from it to the flags.

`= ANY(ARRAY(SELECT ...))` makes one index scan find the rows of just these pupils, where a join would
scan the table of the whole country or look up row by row.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from followup import clock
from followup.risk.indicators import Indicator, declared
from followup.risk.indicators.attendance import KNOWN_BACK
from followup.risk.thresholds import Limit, limits


@dataclass(frozen=True)
class Part:
    """Units of one organiser that are measured together."""

    organiser_id: int
    unit_ids: tuple[int, ...]


# `asked` is (student_id, unit_id, day, since, inside, whole): who, on which D, the earliest day that may
# be known, the days of her enrolments, and whether these cover all the days from there to D.
#
# Here: pupils with an enrolment that covers D. In two units she belongs to the unit of the latest start,
# then of the lowest code, so that every pupil is in exactly one part. (`array_position`, because of `= ANY` the
# planner believes that it leaves one pupil, and then puts everybody's figures into a hash to look up limits.)
ENROLLED = """
asked AS (
    SELECT student_id, unit_id, %(day)s::date AS day, %(since)s::date AS since, inside,
           inside @> daterange(%(since)s, %(day)s, '[]') AS whole
    FROM (
        SELECT e.student_id,
               (array_agg(e.unit_id ORDER BY e.starts_on DESC, u.code) FILTER (
                   WHERE e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on >= %(day)s)
               ))[1] AS unit_id,
               range_agg(daterange(e.starts_on, e.ends_on, '[]')) FILTER (
                   WHERE e.ends_on IS NULL OR e.ends_on >= e.starts_on
               ) AS inside
        FROM students_enrolment e
        JOIN accounts_schoolunit u ON u.id = e.unit_id
        WHERE e.student_id = ANY(ARRAY(
            SELECT student_id FROM students_enrolment
            WHERE unit_id = ANY(%(units)s) AND starts_on <= %(day)s
                AND (ends_on IS NULL OR ends_on >= %(day)s)
        ))
        GROUP BY e.student_id
    ) enrolled
    WHERE array_position(%(units)s, unit_id) IS NOT NULL
)"""

# The days of one pupil's enrolments.
SPANS = """
SELECT range_agg(daterange(e.starts_on, e.ends_on, '[]')) AS inside FROM students_enrolment e
WHERE e.student_id = {student} AND (e.ends_on IS NULL OR e.ends_on >= e.starts_on)"""

LIMITS = """
limits AS (
    SELECT * FROM jsonb_to_recordset(%(limits)s::jsonb)
        AS l (unit_id int, day date, indicator text, yellow numeric(8, 2), red numeric(8, 2))
)"""

# The value is cut by whole numbers, as followup.figures cuts it on pages: what is shown as a limit has
# reached it. The limit itself counts.
MEASURED = """
measured AS (
    SELECT levelled.*,
           CASE WHEN is_known THEN CASE WHEN under = 'none' THEN 'not_met' ELSE 'met' END
                WHEN raises_unknown THEN 'met' ELSE 'unknown' END AS outcome,
           CASE WHEN is_known THEN under ELSE 'unknown' END AS level,
           CASE WHEN is_known THEN (div(amount::numeric * 100, per) / 100)::numeric(8, 2) END AS value,
           CASE WHEN is_known THEN CASE WHEN amount >= red * per THEN red ELSE yellow END END AS threshold
    FROM (
        SELECT r.*, l.yellow, l.red,
               CASE WHEN NOT r.counts THEN 'none'
                    WHEN r.amount >= l.red * r.per OR r.red_anyway THEN 'red'
                    WHEN r.amount >= l.yellow * r.per THEN 'yellow'
                    ELSE 'none' END AS under
        FROM ({selects}) r
        LEFT JOIN limits l ON l.unit_id = r.unit_id AND l.day = r.day AND l.indicator = r.indicator
    ) levelled
)"""


def with_measured(indicators: Iterable[Indicator], asked: str = ENROLLED) -> str:
    """The common table expressions up to and with `measured`, without the word WITH."""
    indicators = list(indicators)
    reads = list(dict.fromkeys(indicator.read for indicator in indicators))
    columns = ", ".join(read.columns for read in reads)
    joins = " ".join(f"LEFT JOIN {read.name} USING (student_id, day)" for read in reads)
    summary = f" summary AS (SELECT asked.*, {columns} FROM asked {joins})"
    selects = " UNION ALL ".join(
        f"SELECT *, '{one.code}'::text AS indicator, {one.select} FROM summary" for one in indicators
    )
    return ",".join([asked, *(read.sql for read in reads), summary, LIMITS, MEASURED.format(selects=selects)])


def evidence_of(indicators: Iterable[Indicator]) -> str:
    """An expression for the evidence of a row of `measured`, with the last known day."""
    cases = " ".join(f"WHEN '{one.code}' THEN {one.evidence}" for one in indicators)
    return f"CASE indicator {cases} END || jsonb_build_object('last', last_day)"


def parameters(part: Part, day: date) -> dict:
    """What the statement asks for, on one day D for a part."""
    since = window_start(day)
    return {
        "organiser": part.organiser_id,
        "units": list(part.unit_ids),
        "day": day,
        "since": since,
        "until": day,
        "limits": as_json(limits(part.unit_ids, [day])),
    }


def window_start(day: date) -> date:
    """The earliest day that may be known on D: 60 days with D itself, and never last school year's."""
    return max(date.fromordinal(day.toordinal() - KNOWN_BACK), clock.school_year_start(day))


def as_json(found: list[Limit]) -> str:
    return json.dumps([vars(limit) for limit in found], default=str)


@dataclass(frozen=True)
class Measured:
    student_id: int
    indicator: str
    level: str
    value: Decimal | None
    evidence: dict


def measure(part: Part, day: date, indicators: Iterable[Indicator] | None = None) -> list[Measured]:
    """Every enrolled pupil of the part and every indicator, on day D; writes nothing."""
    indicators = list(declared().values()) if indicators is None else list(indicators)
    with transaction.atomic(), connection.cursor() as cursor:
        plan_for_many(cursor)
        cursor.execute(
            f"WITH {with_measured(indicators)}"
            f" SELECT student_id, indicator, level, value, {evidence_of(indicators)} FROM measured",
            parameters(part, day),
        )
        rows = cursor.fetchall()
    return [Measured(*row, json.loads(evidence)) for *row, evidence in rows]


def plan_for_many(cursor) -> None:
    """For the rest of this transaction.

    How many rows a common table expression gives, the planner can only guess; it guesses far too few.
    A nested loop over them is the one plan that turns a second into an hour, and a sort where hashing
    would do takes a third of the night.
    """
    cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off")
