"""Absence: total, unauthorised, days in a row; and absence that nobody knows.

All four look at the same summary of *known days*: dates, inside any enrolment at this organiser, on which
somebody has reported something, at most 60 days back and never before 1 July of the school year. When two
of the organiser's schools report the same date their minutes are added. Unreported minutes are neither
presence nor absence; late minutes are never absence.
"""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from followup.risk.indicators import Indicator, Read, Unit

KNOWN_BACK = 59  # days before D: a known day is no older
MONTH_BACK = 29  # D-29 .. D: the 30 calendar days of A2, and of what "unknown" asks
KNOWN_AT_LEAST = 5  # fewer known days in the month is unknown
LAST_DAYS = 20

READ = Read(
    "attendance",
    f"""
inside AS (  -- the days of her enrolments; most pupils have one that covers the whole window
    SELECT p.student_id, p.unit_id, p.day, p.since, span.days,
           span.days @> daterange(p.since, p.day, '[]') AS whole
    FROM asked p
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(e.starts_on, e.ends_on, '[]')) AS days
        FROM students_enrolment e
        WHERE e.student_id = p.student_id AND (e.ends_on IS NULL OR e.ends_on >= e.starts_on)
    ) span
),
known_days AS (  -- counted backwards from D, so that one sorting serves group and window alike
    SELECT i.student_id, i.day, i.day - a.date AS ago,
           sum(a.scheduled - a.unreported) AS reported,
           sum(a.excused + a.unexcused) AS absent,
           sum(a.unexcused) AS unexcused
    FROM inside i
    JOIN students_attendanceday a ON a.student_id = i.student_id
        AND a.date BETWEEN i.since AND i.day AND (i.whole OR i.days @> a.date)
    WHERE a.organiser_id = %(organiser)s AND a.date BETWEEN %(since)s AND %(until)s
    GROUP BY i.student_id, i.day, i.day - a.date
    HAVING sum(a.scheduled - a.unreported) > 0
),
attendance AS (
    SELECT student_id, day,
           count(*) FILTER (WHERE ago <= {MONTH_BACK}) AS known,
           day - min(ago) AS last_day,
           count(*) FILTER (WHERE nth <= {LAST_DAYS}) AS days,
           day - max(ago) FILTER (WHERE nth <= {LAST_DAYS}) AS first_day,
           sum(reported) FILTER (WHERE nth <= {LAST_DAYS}) AS reported,
           sum(absent) FILTER (WHERE nth <= {LAST_DAYS}) AS absent,
           coalesce(sum(unexcused) FILTER (WHERE ago <= {MONTH_BACK}), 0) AS unexcused,
           count(*) FILTER (WHERE ago <= {MONTH_BACK} AND unexcused > 0) AS unexcused_days,
           count(*) FILTER (WHERE attended = 0) AS run,
           day - max(ago) FILTER (WHERE attended = 0) AS run_from
    FROM (
        SELECT *, row_number() OVER back AS nth,
               count(*) FILTER (WHERE absent < reported) OVER back AS attended
        FROM known_days
        WINDOW back AS (PARTITION BY student_id, day ORDER BY ago ROWS UNBOUNDED PRECEDING)
    ) counted
    GROUP BY student_id, day
)""",
)

KNOWN = f"coalesce(s.known, 0) >= {KNOWN_AT_LEAST}"
FROM = "FROM asked p LEFT JOIN attendance s ON s.student_id = p.student_id AND s.day = p.day"

INDICATORS = [
    Indicator(
        code="A0",
        name=_("Okänd frånvaro"),
        sentence=_("Skolan vet inte om du har varit där: för få dagar är rapporterade den senaste månaden."),
        unit=Unit.DAYS,
        yellow=Decimal(0),
        red=Decimal(0),
        worse_by=Decimal(1),
        window=_("de senaste 30 dagarna"),
        source="narvaro",
        read=READ,
        in_report=False,
        # Where fewer than half of a unit's pupils are known it is the unit's feed that is missing.
        select=f"""
            SELECT p.*, {KNOWN} AS known, 0 AS amount, 1 AS per, false AS counts, false AS red_anyway,
                   2 * count(*) FILTER (WHERE {KNOWN}) OVER unit >= count(*) OVER unit AS raises_unknown,
                   s.last_day,
                   jsonb_build_object('known', coalesce(s.known, 0),
                       'from', greatest(p.day - {MONTH_BACK}, p.since), 'until', p.day) AS evidence
            {FROM}
            WINDOW unit AS (PARTITION BY p.unit_id)""",
    ),
    Indicator(
        code="A1",
        name=_("Frånvaro"),
        sentence=_("Så stor del av lektionstiden du har varit borta de senaste 20 skoldagarna."),
        unit=Unit.PERCENT,
        yellow=Decimal(10),
        red=Decimal(15),
        worse_by=Decimal(2),
        window=_("de senaste 20 kända skoldagarna, högst 60 dagar bakåt"),
        source="narvaro",
        read=READ,
        select=f"""
            SELECT p.*, {KNOWN} AS known, 100 * s.absent AS amount, s.reported AS per, true AS counts,
                   false AS red_anyway, false AS raises_unknown, s.last_day,
                   jsonb_build_object('from', s.first_day, 'until', s.last_day, 'days', s.days,
                       'absent', s.absent, 'reported', s.reported) AS evidence
            {FROM}""",
    ),
    Indicator(
        code="A2",
        name=_("Ogiltig frånvaro"),
        sentence=_("Så mycket lektionstid du har varit borta utan giltigt skäl de senaste 30 dagarna."),
        unit=Unit.MINUTES,
        yellow=Decimal(120),
        red=Decimal(240),
        worse_by=Decimal(60),
        window=_("de senaste 30 dagarna, minst två olika dagar"),
        source="narvaro",
        read=READ,
        select=f"""
            SELECT p.*, {KNOWN} AS known, s.unexcused AS amount, 1 AS per, s.unexcused_days >= 2 AS counts,
                   false AS red_anyway, false AS raises_unknown, s.last_day,
                   jsonb_build_object('from', greatest(p.day - {MONTH_BACK}, p.since), 'until', p.day,
                       'days', s.unexcused_days) AS evidence
            {FROM}""",
    ),
    Indicator(
        code="A3",
        name=_("Dagar i rad"),
        sentence=_("Så många skoldagar i rad du har varit borta hela dagen, fram till den senaste."),
        unit=Unit.DAYS,
        yellow=Decimal(3),
        red=Decimal(5),
        worse_by=Decimal(1),
        window=_("kända skoldagar i följd, räknat bakåt från den senaste"),
        source="narvaro",
        read=READ,
        select=f"""
            SELECT p.*, {KNOWN} AS known, s.run AS amount, 1 AS per, true AS counts,
                   false AS red_anyway, false AS raises_unknown, s.last_day,
                   jsonb_build_object('from', s.run_from, 'until', s.last_day) AS evidence
            {FROM}""",
    ),
]
