"""Warnings and failed grades: courses or levels whose latest entry says that they may not be passed."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from followup.risk.indicators import Indicator, Read, Unit

CORE = ["Svenska", "Svenska som andraspråk", "Engelska", "Matematik"]
# That name, or that name, a space and a level: "Matematik 1b", "Matematik nivå 2b"; not "Matematiknära
# teknik", nor "Matematik specialisering".
CORE_SUBJECT = rf"^({'|'.join(CORE)})( (nivå )?[0-9]+[a-z]?)?$"

READ = Read(
    "grades",
    f"""
failing AS (
    SELECT p.student_id, p.day, g.id, g.code, g.subject, g.level, g.value, g.kind, g."on"
    FROM students_grade g
    JOIN asked p ON p.student_id = g.student_id AND g."on" <= p.day
    WHERE g.student_id = ANY(ARRAY(SELECT student_id FROM asked)) AND (g.kind = 'warning' OR g.value = 'F')
),
grades AS (  -- those that are the latest of their course; on the same day a grade beats a warning
    SELECT student_id, day, count(*) AS courses, bool_or(subject ~* '{CORE_SUBJECT}') AS core,
           jsonb_agg(
               jsonb_build_object('code', code, 'subject', subject, 'level', level, 'value', value,
                   'kind', kind, 'on', "on")
               ORDER BY "on", code
           ) AS entries
    FROM failing f
    WHERE NOT EXISTS (
        SELECT FROM students_grade later
        WHERE later.student_id = ANY(ARRAY(SELECT student_id FROM failing))
            AND later.student_id = f.student_id AND later.code = f.code AND later."on" <= f.day
            AND (later."on", later.kind <> 'warning', later.id) > (f."on", f.kind <> 'warning', f.id)
    )
    GROUP BY student_id, day
)""",
    columns="coalesce(courses, 0) AS courses, coalesce(core, false) AS core, entries",
)

INDICATORS = [
    Indicator(
        code="B1",
        name=_("Varningar och F"),
        sentence=_("Kurser eller nivåer där du riskerar att inte bli godkänd, eller har fått F."),
        unit=Unit.COURSES,
        yellow=Decimal(1),
        red=Decimal(2),
        worse_by=Decimal(1),
        window=_("det senaste som står om varje kurs eller nivå"),
        source="betyg",
        read=READ,
        starts_over=False,
        select="""
            true AS is_known, courses AS amount, 1 AS per, true AS counts, core AS red_anyway,
            false AS raises_unknown, NULL::date AS last_day""",
        evidence="jsonb_build_object('courses', coalesce(entries, '[]'))",
    ),
]
