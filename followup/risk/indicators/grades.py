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
latest AS (  -- on the same day a grade beats a warning
    SELECT DISTINCT ON (p.student_id, p.day, g.code)
           p.student_id, p.day, g.code, g.subject, g.level, g.value, g.kind, g."on",
           g.subject ~* '{CORE_SUBJECT}' AS core,
           g.kind = 'warning' OR g.value = 'F' AS failing
    FROM asked p
    JOIN students_grade g ON g.student_id = p.student_id AND g."on" <= p.day
    ORDER BY p.student_id, p.day, g.code, g."on" DESC, g.kind = 'warning', g.id DESC
),
grades AS (
    SELECT student_id, day, max("on") AS last_graded, count(*) FILTER (WHERE failing) AS courses,
           bool_or(core AND failing) AS core,
           jsonb_agg(
               jsonb_build_object('code', code, 'subject', subject, 'level', level, 'value', value,
                   'kind', kind, 'on', "on")
               ORDER BY "on", code
           ) FILTER (WHERE failing) AS entries
    FROM latest
    GROUP BY student_id, day
)""",
    columns="coalesce(courses, 0) AS courses, coalesce(core, false) AS core, entries, last_graded",
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
            false AS raises_unknown, last_graded AS last_day""",
        evidence="jsonb_build_object('courses', coalesce(entries, '[]'))",
    ),
]
