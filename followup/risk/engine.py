"""From measures to flags: what one part of a scan does, in a handful of statements whatever its size.

The life of a flag is written in the statements below, in the order in which they run. They all work on
the open flags of the part's units and on the pupils who are enrolled there on day D, and each of them
writes the steps of the life (`FlagEvent`) together with the change. Only rows that change are written:
the same day once more writes nothing.

    END_YEAR    last school year's absence does not follow into August
    LEAVE       no enrolment covers D any more: waits 14 days for a new one
    REFRESH     measures; opens, refreshes, meets again, says that it is unknown
    TURN        what is no longer met, and why: the rule, a correction, or better
    CLOSE       no longer met for 14 days
    WAKE        handled, but worse than then, or its time is out: returns
    INVOLVE     whom the flags concern, for the rule of who sees whom

People act on flags while a scan runs. What they write (taken, quiet, handled, decision) is written by
the machine only in WAKE, which compares with what stands there when it writes.
"""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from followup import clock
from followup.risk.indicators import declared
from followup.risk.indicators.attendance import KNOWN_AT_LEAST, KNOWN_BACK, READ
from followup.risk.measuring import (
    SPANS,
    Part,
    as_json,
    evidence_of,
    parameters,
    plan_for_many,
    window_start,
    with_measured,
)
from followup.risk.models import Flag
from followup.risk.thresholds import limits

WAIT_DAYS = 14  # a flag that is no longer met, or whose pupil has left, closes after so many
SEEN_DAYS = 30  # so long after the flag has closed it is still a reason to see the pupil

STEP = """
INSERT INTO risk_flagevent
    (flag_id, at, "on", what, level, value, threshold, evidence, why)
SELECT id, %(now)s, %(day)s, {what}, level, value, threshold, evidence, {why}
FROM changed"""
STATE = "id, level, value, threshold, evidence"

COVERING = "e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on >= %(day)s)"
THESE = "f.closed_on IS NULL AND f.indicator = ANY(%(codes)s) AND f.unit_id = ANY(%(units)s)"

END_YEAR = f"""
WITH changed AS (
    UPDATE risk_flag f SET closed_on = %(day)s, closed_why = 'year_end'
    WHERE {THESE} AND f.indicator = ANY(%(starting_over)s) AND f.measured_on < %(year_start)s
    RETURNING {STATE}
)
{STEP.format(what="'closed'", why="'year_end'")}"""

LEAVE = f"""
WITH changed AS (
    UPDATE risk_flag f SET no_longer_met_on = %(day)s, no_longer_met_why = CASE WHEN EXISTS (
            SELECT FROM students_student here
            JOIN students_student there ON there.person_id = here.person_id AND there.id <> here.id
            JOIN students_enrolment e ON e.student_id = there.id AND {COVERING}
            WHERE here.id = f.student_id
        ) THEN 'moved' ELSE 'left' END
    WHERE {THESE} AND f.no_longer_met_on IS NULL
        AND NOT EXISTS (
            SELECT FROM students_enrolment e WHERE e.student_id = f.student_id AND {COVERING}
                AND e.student_id = ANY(ARRAY(SELECT student_id FROM risk_flag f WHERE {THESE}))
        )
    RETURNING {STATE}, no_longer_met_why
)
{STEP.format(what="'no_longer_met'", why="no_longer_met_why")}"""

# `next` says for each open flag what it is to be; `fresh` when today's figures are to stand on it.
# A flag that is not met any more for the first time keeps everything until TURN has found out why.
REFRESH = """
WITH {measured},
seen AS (
    SELECT *, {evidence} AS evidence
    FROM (
        SELECT m.*, f.id AS flag_id, f.unit_id AS old_unit, f.level AS old_level, f.value AS old_value,
               f.threshold AS old_threshold, f.evidence AS old_evidence, f.measured_on, f.unknown_since,
               f.no_longer_met_on, f.no_longer_met_why AS gone_why,
               CASE WHEN f.no_longer_met_why NOT IN ('left', 'moved') THEN f.no_longer_met_on END AS gone_on
        FROM measured m
        LEFT JOIN risk_flag f ON f.student_id = m.student_id AND f.indicator = m.indicator
            AND f.about = '' AND f.closed_on IS NULL
            AND f.student_id = ANY(ARRAY(SELECT student_id FROM asked))
        WHERE m.outcome = 'met' OR f.id IS NOT NULL
    ) kept
),
opened AS (
    INSERT INTO risk_flag (student_id, unit_id, indicator, about, level, value, threshold, evidence,
        opened_on, changed_on, measured_on, handled_level, no_longer_met_why, closed_why)
    SELECT student_id, unit_id, indicator, '', level, value, threshold, evidence,
        day, day, day, '', '', ''
    FROM seen s
    WHERE flag_id IS NULL AND (s.level <> 'unknown' OR NOT EXISTS (
        -- a flag over the absence that was known says "okänd sedan" itself
        SELECT FROM risk_flag f WHERE f.student_id = s.student_id AND f.indicator = ANY(%(starting_over)s)
            AND f.closed_on IS NULL AND f.no_longer_met_on IS NULL
    ))
    ON CONFLICT (student_id, indicator, about) WHERE closed_on IS NULL DO NOTHING
    RETURNING id, level, value, threshold, evidence, unit_id
),
next AS (
    SELECT *,
        CASE WHEN fresh THEN s.level ELSE old_level END AS new_level,
        CASE WHEN fresh THEN s.value ELSE old_value END AS new_value,
        CASE WHEN fresh THEN s.threshold ELSE old_threshold END AS new_threshold,
        CASE WHEN fresh THEN s.evidence ELSE old_evidence END AS new_evidence,
        CASE WHEN fresh THEN s.day ELSE measured_on END AS new_measured_on,
        CASE WHEN outcome = 'unknown' AND indicator <> 'A0' THEN coalesce(unknown_since, s.day) END
            AS new_unknown_since,
        CASE WHEN outcome <> 'met' THEN gone_on END AS new_gone_on,
        CASE WHEN outcome <> 'met' AND gone_on IS NOT NULL THEN gone_why ELSE '' END AS new_gone_why
    FROM (
        SELECT *, outcome = 'met' OR (outcome = 'not_met' AND gone_on IS NOT NULL) AS fresh
        FROM seen WHERE flag_id IS NOT NULL
    ) s
),
changed AS (
    UPDATE risk_flag f
    SET unit_id = n.unit_id, level = n.new_level, value = n.new_value, threshold = n.new_threshold,
        evidence = n.new_evidence, measured_on = n.new_measured_on, unknown_since = n.new_unknown_since,
        no_longer_met_on = n.new_gone_on, no_longer_met_why = n.new_gone_why,
        changed_on = CASE WHEN (f.level, f.value) IS DISTINCT FROM (n.new_level, n.new_value)
            THEN n.day ELSE f.changed_on END
    FROM next n
    WHERE f.id = n.flag_id AND f.id = ANY(ARRAY(SELECT flag_id FROM seen)) AND f.closed_on IS NULL
        AND (f.unit_id, f.level, f.value, f.threshold, f.evidence, f.measured_on, f.unknown_since,
                f.no_longer_met_on)
            IS DISTINCT FROM (n.unit_id, n.new_level, n.new_value, n.new_threshold, n.new_evidence,
                n.new_measured_on, n.new_unknown_since, n.new_gone_on)
    RETURNING f.id, f.level, f.value, f.threshold, f.evidence,
        f.unit_id <> n.old_unit AS moved,
        n.unknown_since IS NULL AND f.unknown_since IS NOT NULL AS lost,
        n.unknown_since IS NOT NULL AND f.unknown_since IS NULL AS found,
        n.no_longer_met_on IS NOT NULL AND f.no_longer_met_on IS NULL AS again,
        f.no_longer_met_on IS NULL
            AND (f.level, f.value) IS DISTINCT FROM (n.old_level, n.old_value) AS altered
),
steps AS (
    INSERT INTO risk_flagevent (flag_id, at, "on", what, level, value, threshold, evidence, why)
    SELECT id, %(now)s, %(day)s, 'opened', level, value, threshold, evidence, '' FROM opened
    UNION ALL
    SELECT id, %(now)s, %(day)s, what, level, value, threshold, evidence, ''
    FROM changed CROSS JOIN LATERAL (VALUES
        ('moved', moved), ('unknown', lost), ('known', found), ('met_again', again),
        ('changed', altered AND NOT again)
    ) step (what, happened)
    WHERE happened
    RETURNING what
)
SELECT
    (SELECT coalesce(jsonb_object_agg(what, n), '{{}}')
     FROM (SELECT what, count(*) AS n FROM steps GROUP BY what) counted),
    (SELECT count(*) FROM changed) + (SELECT count(*) FROM opened),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('flag', flag_id, 'value', value, 'threshold', threshold,
        'counts', counts, 'last_day', last_day, 'evidence', evidence)), '[]')
     FROM seen WHERE flag_id IS NOT NULL AND outcome = 'not_met' AND gone_on IS NULL),
    (SELECT coalesce(jsonb_object_agg(unit_id, said), '{{}}')
     FROM (SELECT unit_id, jsonb_build_object('pupils', count(*), {facts}) AS said
           FROM summary GROUP BY unit_id) units)"""

FACTS = f"'known', count(*) FILTER (WHERE known >= {KNOWN_AT_LEAST}), 'narvaro', max(last_known)"

# The flags that REFRESH found not met: measured again for the day of their last scan, on today's facts.
# With the limits of then still met: the rule was changed. Not met then either: the facts were corrected.
# Else better, but only when a new known day has come in: a window that slides is not a recovery.
LAST_SCAN = """
turning AS (
    SELECT f.id, f.student_id, f.unit_id, f.indicator, f.measured_on, f.evidence AS old_evidence,
           t.value, t.threshold, t.counts, t.last_day, t.evidence
    FROM jsonb_to_recordset(%(turning)s::jsonb) AS t (flag bigint, value numeric(8, 2),
        threshold numeric(8, 2), counts boolean, last_day date, evidence jsonb)
    JOIN risk_flag f ON f.id = t.flag AND f.closed_on IS NULL
),
asked AS (
    SELECT last.*, spans.inside, false AS whole
    FROM (
        SELECT DISTINCT student_id, unit_id, measured_on AS day, greatest(measured_on - {back},
            (date_trunc('year', measured_on + interval '6 months') - interval '6 months')::date) AS since
        FROM turning
    ) last
    CROSS JOIN LATERAL ({spans}) spans
)"""

TURN = """
WITH {measured},
found AS (
    SELECT t.*, CASE
        WHEN t.counts AND t.value >= l.yellow AND t.indicator <> 'A0' THEN 'rule'
        WHEN m.outcome <> 'met' AND t.indicator <> 'A0' THEN 'corrected'
        WHEN t.last_day IS NULL OR t.last_day > coalesce((t.old_evidence->>'last')::date, '-infinity')
            THEN 'better'
        END AS why
    FROM turning t
    JOIN measured m ON m.student_id = t.student_id AND m.day = t.measured_on AND m.indicator = t.indicator
    JOIN limits l ON l.unit_id = t.unit_id AND l.day = t.measured_on AND l.indicator = t.indicator
),
changed AS (
    UPDATE risk_flag f
    SET level = 'none', value = n.value, threshold = n.threshold, evidence = n.evidence,
        measured_on = %(day)s, changed_on = %(day)s, no_longer_met_on = %(day)s, no_longer_met_why = n.why
    FROM found n
    WHERE f.id = n.id AND n.why IS NOT NULL AND f.closed_on IS NULL
    RETURNING f.id, f.level, f.value, f.threshold, f.evidence, n.why
)
{step}"""

CLOSE = f"""
WITH changed AS (
    UPDATE risk_flag f SET closed_on = %(day)s, closed_why = f.no_longer_met_why
    WHERE {THESE} AND f.no_longer_met_on <= %(waited_since)s
        AND (f.unknown_since IS NULL OR f.no_longer_met_why IN ('left', 'moved'))
    RETURNING {STATE}, closed_why
)
{STEP.format(what="'closed'", why="closed_why")}"""

WAKE = f"""
WITH worse AS (
    SELECT f.id, f.quiet_until, CASE
        WHEN array_position(%(levels)s, f.level::text) > array_position(%(levels)s, f.handled_level::text)
            THEN 'level'
        WHEN f.value - f.handled_value >= w.by THEN 'worse'
        WHEN f.quiet_until < %(today)s THEN 'date'
        END AS why
    FROM risk_flag f
    JOIN jsonb_to_recordset(%(worse_by)s::jsonb) AS w (indicator text, by numeric) USING (indicator)
    WHERE {THESE} AND f.quiet_until IS NOT NULL AND f.no_longer_met_on IS NULL
),
changed AS (
    UPDATE risk_flag f SET quiet_until = NULL, handled_level = '', handled_value = NULL
    FROM worse w
    WHERE f.id = w.id AND w.why IS NOT NULL AND f.quiet_until = w.quiet_until
    RETURNING f.id, f.level, f.value, f.threshold, f.evidence, w.why
)
{STEP.format(what="'returned'", why="why").replace("%(day)s", "%(today)s")}"""

INVOLVE = [
    f"""
INSERT INTO students_involvement (student_id, unit_id, why, ref, since)
SELECT f.student_id, w.unit_id, 'flag', f.id, f.opened_on
FROM risk_flag f
CROSS JOIN LATERAL (
    SELECT f.unit_id
    UNION
    SELECT e.unit_id FROM students_enrolment e WHERE e.student_id = f.student_id AND {COVERING}
) w
WHERE f.closed_on IS NULL AND f.unit_id = ANY(%(units)s) AND NOT EXISTS (
    SELECT FROM students_involvement i
    WHERE i.student_id = f.student_id AND i.unit_id = w.unit_id AND i.user_id IS NULL
        AND i.why = 'flag' AND i.ref = f.id AND i.until IS NULL
        AND i.student_id = ANY(ARRAY(
            SELECT student_id FROM risk_flag WHERE closed_on IS NULL AND unit_id = ANY(%(units)s)
        ))
)
ON CONFLICT (student_id, unit_id, user_id, why, ref) DO UPDATE SET until = NULL""",
    f"""
UPDATE students_involvement i SET until = coalesce(f.closed_on, %(day)s) + {SEEN_DAYS}
FROM risk_flag f
WHERE i.unit_id = ANY(%(units)s) AND i.until IS NULL AND i.why = 'flag' AND f.id = i.ref
    AND f.id = ANY(ARRAY(
        SELECT ref FROM students_involvement
        WHERE unit_id = ANY(%(units)s) AND until IS NULL AND why = 'flag'
    ))
    AND (f.closed_on IS NOT NULL OR (f.unit_id <> i.unit_id AND NOT EXISTS (
        SELECT FROM students_enrolment e
        WHERE e.unit_id = ANY(%(units)s) AND e.unit_id = i.unit_id AND e.student_id = i.student_id
            AND {COVERING}
    )))""",
]


@dataclass
class Outcome:
    """What one part did: steps by name, rows written, and what each unit's facts were."""

    steps: dict[str, int] = field(default_factory=dict)
    written: int = 0
    units: dict[int, dict] = field(default_factory=dict)

    def add(self, what: str, n: int) -> None:
        if n:
            self.steps[what] = self.steps.get(what, 0) + n


def scan(part: Part, day: date, codes: list[str] | None = None) -> Outcome:
    """Measures a part on day D and lets its flags live on; inside the caller's transaction."""
    chosen = [one for one in declared().values() if not codes or one.code in codes]
    common = _parameters(part, day, chosen)
    outcome = Outcome()
    with connection.cursor() as cursor:

        def run(what: str, sql: str, params: dict = common) -> None:
            cursor.execute(sql, params)
            outcome.add(what, cursor.rowcount)
            outcome.written += cursor.rowcount

        plan_for_many(cursor)
        run("closed", END_YEAR)
        run("no_longer_met", LEAVE)
        facts = FACTS if READ in [one.read for one in chosen] else "'partly', true"
        measured, evidence = with_measured(chosen), evidence_of(chosen)
        cursor.execute(REFRESH.format(measured=measured, evidence=evidence, facts=facts), common)
        steps, written, turning, units = map(json.loads, map(str, cursor.fetchone()))
        for what, n in steps.items():
            outcome.add(what, n)
        outcome.written += written
        outcome.units = {int(unit): said for unit, said in units.items()}
        if turning:
            run("no_longer_met", *_turn(part, common, chosen, turning))
        run("closed", CLOSE)
        run("returned", WAKE)
        for statement in INVOLVE:
            run("involved", statement)
    return outcome


def _parameters(part: Part, day: date, chosen: list) -> dict:
    return parameters(part, day) | {
        "codes": [one.code for one in chosen],
        "starting_over": [one.code for one in declared().values() if one.starts_over],
        "year_start": clock.school_year_start(day),
        "waited_since": day - timedelta(days=WAIT_DAYS),
        "today": clock.today(),
        "now": clock.now(),
        "levels": ["none", "unknown", "yellow", "red"],
        "worse_by": json.dumps([{"indicator": one.code, "by": str(one.worse_by)} for one in chosen]),
    }


def _turn(part: Part, common: dict, chosen: list, turning: list[dict]) -> tuple[str, dict]:
    """The statement that measures flags again for the day of their last scan, and its parameters."""
    flags = Flag.objects.filter(pk__in=[flag["flag"] for flag in turning])
    found = set(flags.values_list("unit_id", "measured_on"))
    days = {day for _unit, day in found}
    sql = TURN.format(
        measured=with_measured(
            chosen, LAST_SCAN.format(back=KNOWN_BACK, spans=SPANS.format(student="last.student_id"))
        ),
        step=STEP.format(what="'no_longer_met'", why="why"),
    )
    return sql, common | {
        "turning": json.dumps(turning),
        "since": min(window_start(day) for day in days),
        "until": max(days),
        "limits": as_json(limits({unit for unit, _day in found}, days)),
    }
