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

KNOWN_DAYS = """
SELECT a.student_id, {day} AS day, {day} - a.date AS ago, a.scheduled - a.unreported AS reported,
       a.excused + a.unexcused AS absent, a.unexcused
FROM students_attendanceday a {join}
WHERE a.organiser_id = %(organiser)s AND a.date BETWEEN %(since)s AND %(until)s
    AND a.scheduled > a.unreported AND a.student_id = ANY(ARRAY(SELECT student_id FROM {pupils}))"""
INSIDE = "a.date BETWEEN p.since AND p.day AND p.inside @> a.date"
# Most pupils are asked about on day D and have been enrolled all the time (`whole`): their days are summed
# as they come from the table, without a join.
DAYS_THROUGHOUT = (
    KNOWN_DAYS.format(day="%(day)s::date", join="", pupils="asked WHERE whole") + " AND a.date <= %(day)s"
)
DAYS_INSIDE = KNOWN_DAYS.format(
    day="p.day",
    join=f"JOIN asked p ON p.student_id = a.student_id AND NOT p.whole AND {INSIDE}",
    pupils="asked WHERE NOT whole",
)
DAYS_OF_UNCOMMON = KNOWN_DAYS.format(
    day="p.day",
    join="JOIN uncommon p ON p.student_id = a.student_id AND a.date >= p.day - p.reach"
    f" AND (p.whole OR {INSIDE})",
    pupils="uncommon",
)

# `days` has a bit for each known day, the latest lowest: two units that report the same date make one day,
# and a day's number, counted backwards, is the number of bits up to it.
SUMMED = f"""
SELECT student_id, day, bit_or(1::bigint << ago) AS days, min(ago) AS latest,
       min(ago) FILTER (WHERE absent < reported) AS there,
       sum(unexcused) FILTER (WHERE ago <= {MONTH_BACK}) AS unexcused,
       min(ago) FILTER (WHERE unexcused > 0 AND ago <= {MONTH_BACK}) AS last_unexcused,
       max(ago) FILTER (WHERE unexcused > 0 AND ago <= {MONTH_BACK}) AS first_unexcused,
       sum(reported) FILTER (WHERE ago <= (SELECT reach FROM common)) AS reported,
       sum(absent) FILTER (WHERE ago <= (SELECT reach FROM common)) AS absent
FROM ({{known_days}}) known_days
GROUP BY student_id, day"""

READ = Read(
    "attendance",
    f"""
common AS (  -- how far back the organiser's last {LAST_DAYS} school days reach
    SELECT coalesce((array_agg(ago ORDER BY ago))[{LAST_DAYS}], {KNOWN_BACK}) AS reach
    FROM generate_series(0, {KNOWN_BACK}) ago
    WHERE (
        SELECT true FROM students_attendanceday a
        WHERE a.organiser_id = %(organiser)s AND a.date = %(day)s::date - ago AND a.scheduled > a.unreported
        LIMIT 1
    )
),
summed AS ({SUMMED.format(known_days=DAYS_THROUGHOUT)} UNION ALL {SUMMED.format(known_days=DAYS_INSIDE)}),
patterns AS (  -- of known days; the pupils of a school share a few
    SELECT days, count(*) FILTER (WHERE ago <= {MONTH_BACK}) AS known, least(count(*), {LAST_DAYS}) AS counted,
           coalesce((array_agg(ago ORDER BY ago))[{LAST_DAYS}], max(ago)) AS reach,
           count(*) FILTER (WHERE ago <= (SELECT reach FROM common)) = least(count(*), {LAST_DAYS}) AS is_common
    FROM (SELECT DISTINCT days FROM summed) patterns
    JOIN generate_series(0, {KNOWN_BACK}) ago ON (days >> ago) & 1 = 1
    GROUP BY days
),
uncommon AS (  -- pupils whose last {LAST_DAYS} known days reach further, or less far, and are summed again
    SELECT asked.*, reach FROM asked JOIN summed USING (student_id, day) JOIN patterns USING (days)
    WHERE NOT is_common
),
own AS (
    SELECT student_id, day, sum(reported) AS reported, sum(absent) AS absent FROM ({DAYS_OF_UNCOMMON}) known_days
    GROUP BY student_id, day
),
attendance AS (
    SELECT student_id, day, day - latest AS last_known, known, counted AS days, day - reach AS first_known,
           coalesce(own.reported, summed.reported) AS reported, coalesce(own.absent, summed.absent) AS absent,
           unexcused, last_unexcused, first_unexcused, day - there AS last_there,
           bit_count((days & (1::bigint << coalesce(there, {KNOWN_BACK + 1})) - 1)::bit(64)) AS run
    FROM summed JOIN patterns USING (days) LEFT JOIN own USING (student_id, day)
)""",
    columns=f"""
        coalesce(known, 0) AS known, last_known, first_known, attendance.days, reported, absent,
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
