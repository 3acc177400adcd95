"""Single lessons, grades and guardians: facts by their key."""

from students.models.attendance import Absence
from students.models.grade import Grade
from students.models.student import Guardian

from ..facts import Changes, Facts, merge_facts
from ..run import Run
from ..staging import WHERE_SHE_GOES, Stage


def merge_absences(stage: Stage, run: Run) -> Changes:
    stage.fill()
    stage.stop_unknown_students()
    stage.stop_conflicts(
        ("student_id", "unit_id", "date", "time"), _values(stage, "subject", "minutes", "kind")
    )
    facts = Facts(
        table=Absence._meta.db_table,
        kind=stage.kind.code,
        key={"student_id": "student_id", "unit_id": "unit_id", "date": "date", "starts_at": "time"},
        values={"subject": "subject", "minutes": "minutes", "kind": "kind"},
        day="date",
        part=("unit_id", "date"),
    )
    changes = merge_facts(stage, facts, run.whole, run.batch_id, run.apply)
    if run.apply and (differing := _differing_days(stage)):
        stage.warnings["lessons_differ_from_days"] = differing
    return changes


def _differing_days(stage: Stage) -> int:
    """Days whose lessons do not add up to the day's own minutes: reported, never added up."""
    return stage.scalar("""
        SELECT count(*) FROM (
            SELECT s.student_id, s.unit_id, s.date,
                   coalesce(sum(s.minutes) FILTER (WHERE s.kind = 'excused'), 0) AS excused,
                   coalesce(sum(s.minutes) FILTER (WHERE s.kind = 'unexcused'), 0) AS unexcused
              FROM staged s GROUP BY 1, 2, 3) l
          JOIN students_attendanceday a USING (student_id, unit_id, date)
         WHERE (a.excused, a.unexcused) IS DISTINCT FROM (l.excused, l.unexcused)
    """)


def merge_grades(stage: Stage, run: Run) -> Changes:
    stage.fill()
    stage.stop_unknown_students()
    stage.stop_conflicts(
        ("student_id", "code", "date", "kind"),
        _values(stage, "unit_id", "subject", "points", "grade", "scheme", "level"),
    )
    _infer_scheme(stage)
    values = {
        "unit_id": "unit_id",
        "subject": "subject",
        "points": "points",
        "value": "grade",
        "level": "level",
    }
    extra = {}
    if "scheme" in stage.present:
        values["scheme"] = "scheme"
    else:
        extra["scheme"] = "n.scheme"
    facts = Facts(
        table=Grade._meta.db_table,
        kind=stage.kind.code,
        key={"student_id": "student_id", "code": "code", "on": "date", "kind": "kind"},
        values=values,
        extra=extra,
        day="on",
    )
    return merge_facts(stage, facts, run.whole, run.batch_id, run.apply)


def _infer_scheme(stage: Stage) -> None:
    """Where the file does not say: the shape of the code tells which grading scheme it belongs to."""
    stage.cursor.execute("""
        UPDATE staged s SET scheme = CASE
            WHEN s.code ~ '^[A-ZÅÄÖ]{3,4}[0-9][A-Z0-9]00X$' THEN 'GY25'
            WHEN s.code ~ '^[A-ZÅÄÖ]{6}[0-9]' THEN CASE WHEN s.code LIKE 'GRGR%' THEN 'GR' ELSE 'GY11' END
            WHEN u.school_form IN ('GR', 'GRAN') THEN 'GR' ELSE '' END
          FROM accounts_schoolunit u WHERE u.id = s.unit_id AND coalesce(s.scheme, '') = ''
    """)


def merge_guardians(stage: Stage, run: Run) -> Changes:
    stage.fill()
    _organiser_of_pupil(stage)
    stage.stop_unknown_students()
    stage.stop_conflicts(
        ("student_id", "given_name", "family_name"), _values(stage, "relation", "email", "phone")
    )
    facts = Facts(
        table=Guardian._meta.db_table,
        kind=stage.kind.code,
        key={"student_id": "student_id", "given_name": "given_name", "family_name": "family_name"},
        values={"relation": "relation", "email": "email", "phone": "phone"},
        has_unit=False,
    )
    changes = merge_facts(stage, facts, run.whole, run.batch_id, run.apply)
    _find_schools(stage, changes, run)
    return changes


def _find_schools(stage: Stage, changes: Changes, run: Run) -> None:
    """A row without school unit is about the schools where its pupil goes."""
    stage.cursor.execute(
        f"""
        SELECT DISTINCT e.unit_id
          FROM staged s LEFT JOIN students_enrolment e ON e.student_id = s.student_id AND {WHERE_SHE_GOES}
         WHERE s.unit_id IS NULL
        """,
        {"day": run.day},
    )
    found = {row[0] for row in stage.cursor.fetchall()}
    changes.units |= found - {None}
    changes.elsewhere = int(None in found)


def _organiser_of_pupil(stage: Stage) -> None:
    """A guardian's row without school unit belongs to the pupil's organiser, when she has one only."""
    stage.cursor.execute(
        """
        WITH belongs AS (
            SELECT p.national_number AS number, min(t.organiser_id) AS organiser_id
              FROM students_person p JOIN students_student t ON t.person_id = p.id
             WHERE p.number_unit_id IS NULL AND t.organiser_id = ANY(%s)
             GROUP BY 1 HAVING count(*) = 1
        )
        UPDATE staged s SET organiser_id = b.organiser_id FROM belongs b
         WHERE s.organiser_id IS NULL AND b.number = s.number
        """,
        [list(stage.places.organiser_ids)],
    )


def _values(stage: Stage, *names: str) -> list[str]:
    return [name for name in names if name in stage.present]
