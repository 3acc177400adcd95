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
known_days AS (  -- a row per known day and unit; ANY lets one index scan find just these pupils' days
    SELECT p.student_id, p.day, p.day - a.date AS ago,
           a.scheduled - a.unreported AS reported, a.excused + a.unexcused AS absent, a.unexcused
    FROM students_attendanceday a
    JOIN asked p ON p.student_id = a.student_id
        AND (p.whole OR (a.date BETWEEN p.since AND p.day AND p.inside @> a.date))
    WHERE a.organiser_id = %(organiser)s AND a.date BETWEEN %(since)s AND %(until)s
        AND a.student_id = ANY(ARRAY(SELECT student_id FROM asked)) AND a.scheduled > a.unreported
),
counted AS (  -- backwards from D; rows of the same day have the same number, so that two units make one day
    SELECT *, dense_rank() OVER (PARTITION BY student_id, day ORDER BY ago) AS nth FROM known_days
),
attendance AS (
    SELECT student_id, day, day - min(ago) AS last_known,
           max(nth) FILTER (WHERE ago <= {MONTH_BACK}) AS known,
           least(max(nth), {LAST_DAYS}) AS days,
           day - max(ago) FILTER (WHERE nth <= {LAST_DAYS}) AS first_known,
           sum(reported) FILTER (WHERE nth <= {LAST_DAYS}) AS reported,
           sum(absent) FILTER (WHERE nth <= {LAST_DAYS}) AS absent,
           sum(unexcused) FILTER (WHERE unexcused > 0 AND ago <= {MONTH_BACK}) AS unexcused,
           min(ago) FILTER (WHERE unexcused > 0 AND ago <= {MONTH_BACK}) AS last_unexcused,
           max(ago) FILTER (WHERE unexcused > 0 AND ago <= {MONTH_BACK}) AS first_unexcused,
           coalesce(min(nth) FILTER (WHERE absent < reported), max(nth) + 1) - 1 AS run,
           day - min(ago) FILTER (WHERE absent < reported) AS last_there
    FROM counted
    GROUP BY student_id, day
)""",
    columns=f"""
        coalesce(known, 0) AS known, last_known, first_known, days, reported, absent,
        coalesce(unexcused, 0) AS unexcused, first_unexcused, last_unexcused, run, last_there,
        2 * count(*) FILTER (WHERE known >= {KNOWN_AT_LEAST}) OVER (PARTITION BY unit_id)
            >= count(*) OVER (PARTITION BY unit_id) AS feed""",
)

KNOWN = f"known >= {KNOWN_AT_LEAST}"
MONTH = f"'from', greatest(day - {MONTH_BACK}, since), 'until', day"

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
            {KNOWN} AS is_known, 0 AS amount, 1 AS per, false AS counts, false AS red_anyway,
            feed AS raises_unknown, last_known AS last_day""",
        evidence=f"jsonb_build_object('known', known, {MONTH})",
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
            {KNOWN} AS is_known, 100 * absent AS amount, reported AS per, true AS counts,
            false AS red_anyway, false AS raises_unknown, last_known AS last_day""",
        evidence="""jsonb_build_object('from', first_known, 'until', last_known, 'days', days,
            'absent', absent, 'reported', reported)""",
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
            {KNOWN} AS is_known, unexcused AS amount, 1 AS per,
            coalesce(first_unexcused > last_unexcused, false) AS counts,
            false AS red_anyway, false AS raises_unknown, last_known AS last_day""",
        evidence=f"jsonb_build_object({MONTH})",
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
            {KNOWN} AS is_known, run AS amount, 1 AS per, true AS counts,
            false AS red_anyway, false AS raises_unknown, last_known AS last_day""",
        evidence="jsonb_build_object('there', last_there, 'until', last_known)",
    ),
]
