"""Grades and warnings of the demo: courses by scheme and year, values coupled to absence."""

from datetime import date

from django.db import connection

# code, subject, level, points, year of study; a course of an earlier year has a grade, one of this year may have a warning
GY25 = [
    ("SVEN1000X", "Svenska nivå 1", "1", 100, 1),
    ("ENGE1000X", "Engelska nivå 1", "1", 100, 1),
    ("MATE1B00X", "Matematik nivå 1b", "1b", 100, 1),
    ("HIST1000X", "Historia nivå 1", "1", 100, 1),
    ("IDRO1000X", "Idrott och hälsa nivå 1", "1", 100, 1),
    ("NATU1000X", "Naturkunskap nivå 1", "1", 50, 1),
    ("SAMH1000X", "Samhällskunskap nivå 1", "1", 100, 1),
    ("SVEN2000X", "Svenska nivå 2", "2", 100, 2),
    ("ENGE2000X", "Engelska nivå 2", "2", 100, 2),
    ("MATE2B00X", "Matematik nivå 2b", "2b", 100, 2),
    ("RELI1000X", "Religionskunskap nivå 1", "1", 50, 2),
    ("FORE1000X", "Företagsekonomi nivå 1", "1", 100, 2),
]
GY11 = [
    ("SVESVE01", "Svenska 1", "1", 100, 1),
    ("ENGENG05", "Engelska 5", "5", 100, 1),
    ("MATMAT01b", "Matematik 1b", "1b", 100, 1),
    ("HISHIS01a1", "Historia 1a1", "1a1", 50, 1),
    ("IDRIDR01", "Idrott och hälsa 1", "1", 100, 1),
    ("NAKNAK01a1", "Naturkunskap 1a1", "1a1", 50, 1),
    ("SVESVE02", "Svenska 2", "2", 100, 2),
    ("ENGENG06", "Engelska 6", "6", 100, 2),
    ("MATMAT02b", "Matematik 2b", "2b", 100, 2),
    ("RELREL01", "Religionskunskap 1", "1", 50, 2),
    ("SAMSAM01b", "Samhällskunskap 1b", "1b", 100, 2),
    ("SVESVE03", "Svenska 3", "3", 100, 3),
    ("PSKPSY01", "Psykologi 1", "1", 50, 3),
    ("ENTENR0", "Entreprenörskap", "", 100, 3),
]
COMPULSORY = [
    (f"GRGR{code}01", subject, "", None, 7)
    for code, subject in [
        ("SVE", "Svenska"),
        ("ENG", "Engelska"),
        ("MAT", "Matematik"),
        ("IDR", "Idrott och hälsa"),
        ("BIL", "Bild"),
        ("MUS", "Musik"),
        ("SLJ", "Slöjd"),
        ("HKK", "Hem- och konsumentkunskap"),
        ("HIS", "Historia"),
        ("GEO", "Geografi"),
        ("BIO", "Biologi"),
        ("FYS", "Fysik"),
        ("KEM", "Kemi"),
    ]
]

GRADES = """
    WITH course (code, subject, level, points, year) AS (VALUES {courses}),
    sat AS (
        SELECT t.student_id, t.unit_id, c.*, t.mean, e.year AS now,
               (hashint8extended(t.student_id, %(seed)s + hashtext(c.code)) & 1048575)::float8 / 1048576 AS u,
               (hashint8extended(t.student_id, %(seed)s + 1) & 1048575)::float8 / 1048576 AS able
        FROM demo_tendency t
        JOIN students_enrolment e ON e.student_id = t.student_id AND e.unit_id = t.unit_id
        CROSS JOIN course c
        WHERE {who}
    )
    INSERT INTO students_grade
        (student_id, unit_id, scheme, code, subject, level, points, value, kind, "on", batch_id)
    SELECT student_id, unit_id, %(scheme)s, code, subject, level, points::smallint,
           {value}, %(kind)s, {on}, %(batch)s
    FROM sat WHERE {which}
"""
GRADE = """
    CASE WHEN u < 0.002 + 0.14 * mean THEN 'F'
         ELSE (ARRAY['E','E','D','D','C','C','B','B','A','A'])[1 + (least(0.999, able * 0.7 + u * 0.3) * 10)::int %% 10]
    END
"""


def give_grades(school_year: int, until: date, *, seed: int, batch_id: int | None) -> None:
    """Grades of finished years in June, term grades in year 7 to 9, and this autumn's warnings in week 43."""
    june = {year: date(school_year - year, 6, 10) for year in range(3)}
    warned = min(until, date.fromisocalendar(school_year, 43, 3))
    with connection.cursor() as cursor:

        def write(courses, who, which, *, scheme, kind, value, on):
            rows = ", ".join(cursor.mogrify("(%s,%s,%s,%s,%s)", course).decode() for course in courses)
            cursor.execute(
                GRADES.format(courses=rows.replace("%", "%%"), who=who, which=which, value=value, on=on),
                {"seed": seed * 7919, "scheme": scheme, "kind": kind, "batch": batch_id},
            )

        last_june = f"DATE '{june[0]}' - 365 * (now - 1 - year)"
        for scheme, courses, who in [
            ("GY25", GY25, "e.programme LIKE '%%25'"),
            (
                "GY11",
                GY11,
                "e.school_form = 'GY' AND e.programme NOT LIKE '%%25' AND e.programme NOT LIKE 'IM%%'",
            ),
        ]:
            write(courses, who, "year < now", scheme=scheme, kind="final", value=GRADE, on=last_june)
            write(
                courses,
                who,
                "year = now AND u < 0.004 + 0.16 * mean",
                scheme=scheme,
                kind="warning",
                value="''",
                on=f"DATE '{warned}'",
            )
        write(
            COMPULSORY,
            "e.school_form = 'GR'",
            "now > 7",
            scheme="GR",
            kind="term",
            value=GRADE,
            on=f"DATE '{june[0]}'",
        )
