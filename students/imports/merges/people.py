"""Pupils: who they are (Person) and what one organiser knows of them (Student)."""

from followup.audit.actions import record_rows
from students.models.student import Student

from ..facts import Changes
from ..numbers import TEMPORARY
from ..run import Run
from ..samples import Sample, few
from ..staging import WHERE_SHE_GOES, Stage, copy_line

_CONTACT = {"email": "email", "phone": "phone", "municipality_code": "home_municipality_code"}


def merge_students(stage: Stage, run: Run) -> Changes:
    stage.fill()
    _place_waiting(stage, run)
    stage.resolve_students()
    values = [
        name for name in ("given_name", "family_name", *_CONTACT, "protection") if name in stage.present
    ]
    stage.cursor.execute(
        """
        ALTER TABLE staged ADD number_unit integer;
        UPDATE staged SET number_unit = unit_id WHERE number_kind = %s;
        """,
        [TEMPORARY],
    )
    stage.stop_conflicts(("number", "number_unit", "organiser_id"), values)
    _hold_changed_names(stage)
    changes = _compare(stage)
    if run.apply:
        _apply(stage, run)
    return changes


def _place_waiting(stage: Stage, run: Run) -> None:
    """Rows without school unit: an enrolment in this upload, or one already there, says which organiser."""
    stage.cursor.execute("""
        DROP TABLE IF EXISTS enrolled;
        CREATE TEMP TABLE enrolled (number text, organiser_id integer, unit_id integer) ON COMMIT DROP;
    """)
    stage.copy(
        "enrolled",
        ("number", "organiser_id", "unit_id"),
        map(copy_line, run.enrolled),
    )
    stage.cursor.execute(
        f"""
        INSERT INTO enrolled
        SELECT p.national_number, t.organiser_id, e.unit_id
          FROM students_person p
          JOIN students_student t ON t.person_id = p.id
          JOIN students_enrolment e ON e.student_id = t.id AND {WHERE_SHE_GOES}
         WHERE t.organiser_id = ANY(%(organisers)s)
           AND p.national_number IN (SELECT number FROM staged WHERE organiser_id IS NULL)
        """,
        {"organisers": list(stage.places.organiser_ids), "day": run.day},
    )
    stage.cursor.execute("""
        UPDATE staged s SET organiser_id = e.organiser_id
          FROM (SELECT number, min(organiser_id) AS organiser_id FROM enrolled
                 GROUP BY number HAVING count(DISTINCT organiser_id) = 1) e
         WHERE s.organiser_id IS NULL AND e.number = s.number
    """)
    stage.stop(
        "s.organiser_id IS NULL AND EXISTS (SELECT 1 FROM enrolled e WHERE e.number = s.number)",
        "school_unit_code",
        "several_organisers",
    )
    stage.stop("s.organiser_id IS NULL", "school_unit_code", "waits_for_enrolment")


def _hold_changed_names(stage: Stage) -> None:
    """A known number with both names new may be somebody else: a person decides (case IMP-11)."""
    stage.cursor.execute(
        """
        WITH moved AS (
            DELETE FROM staged s USING students_student t
             WHERE t.id = s.student_id
               AND lower(t.given_name) <> lower(s.given_name) AND lower(t.family_name) <> lower(s.family_name)
            RETURNING s.line, t.id AS student_id
        )
        INSERT INTO stopped
        SELECT line, %s, 'names_changed', jsonb_build_object('student', student_id) FROM moved
        """,
        [stage.kind.column("given_name").heading],
    )


def _compare(stage: Stage) -> Changes:
    columns = {"given_name": "given_name", "family_name": "family_name"}
    columns |= {source: target for source, target in _CONTACT.items() if source in stage.present}
    fields = ", ".join(
        f"CASE WHEN t.{target} IS DISTINCT FROM s.{source} THEN '{target}' END"
        for source, target in columns.items()
    )
    lost = " OR ".join(
        f"(t.{target} IS DISTINCT FROM s.{source} AND t.{target} <> '')" for source, target in columns.items()
    )
    cursor = stage.cursor
    cursor.execute(f"""
        DROP TABLE IF EXISTS diff;
        CREATE TEMP TABLE diff ON COMMIT DROP AS
        SELECT s.*, t.id IS NULL AS is_new, array_remove(ARRAY[{fields}], NULL) AS fields, ({lost}) AS loses,
               md5(t::text) AS old
          FROM staged s LEFT JOIN students_student t ON t.id = s.student_id;
        DELETE FROM diff WHERE NOT is_new AND cardinality(fields) = 0;
    """)
    cursor.execute("SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM diff")
    changes = Changes()
    changes.added, changes.changed = cursor.fetchone()
    changes.students = stage.scalar("SELECT count(*) FROM staged")
    changes.unchanged = changes.students - changes.added - changes.changed
    cursor.execute("""
        SELECT unit_id, count(*) FILTER (WHERE loses), (
                   SELECT count(DISTINCT e.student_id) FROM students_enrolment e WHERE e.unit_id = d.unit_id)
          FROM diff d WHERE NOT is_new AND unit_id IS NOT NULL GROUP BY 1 HAVING count(*) FILTER (WHERE loses) >= 20
    """)
    changes.held = [
        {"unit": unit, "rows": n, "of": of, "what": "rows"}
        for unit, n, of in cursor.fetchall()
        if n * 10 > of
    ]
    changes.samples = {"changed": _samples(stage, columns)}
    cursor.execute("""
        SELECT unit_id FROM staged WHERE unit_id IS NOT NULL
        UNION SELECT e.unit_id FROM staged s JOIN enrolled e USING (number, organiser_id) WHERE s.unit_id IS NULL
    """)
    changes.units = {row[0] for row in cursor.fetchall()}
    moved = stage.scalar("SELECT coalesce(sum(hashtextextended(old || fields::text, 0)), 0) FROM diff")
    changes.digest = f"{changes.added}:{changes.changed}:{changes.unchanged}:{moved}"
    return changes


def _samples(stage: Stage, columns: dict[str, str]) -> list[Sample]:
    rows = few(stage, "SELECT * FROM diff WHERE NOT is_new", "line")
    names = list(dict.fromkeys(columns.values()))
    before = {
        values["pk"]: values
        for values in Student.objects.filter(pk__in=[row["student_id"] for row in rows]).values("pk", *names)
    }
    return [
        Sample(
            line=row["line"],
            student=row["student_id"],
            unit=row["unit_id"],
            fields=[
                [source, before[row["student_id"]][target], row[source]]
                for source, target in columns.items()
                if target in row["fields"]
            ],
        )
        for row in rows
    ]


def _apply(stage: Stage, run: Run) -> None:
    cursor = stage.cursor
    cursor.execute(
        """
        INSERT INTO students_person (national_number, number_kind, number_unit_id, birth_date, protection)
        SELECT DISTINCT ON (number, CASE WHEN number_kind = 'temporary' THEN unit_id END)
               number, number_kind, CASE WHEN number_kind = 'temporary' THEN unit_id END, born, 'none'
          FROM diff WHERE person_id IS NULL;
        UPDATE diff s SET person_id = p.id FROM students_person p
         WHERE s.person_id IS NULL AND p.national_number = s.number
           AND p.number_unit_id IS NOT DISTINCT FROM CASE WHEN s.number_kind = 'temporary' THEN s.unit_id END;
        """
    )
    column = {source: source in stage.present for source in _CONTACT}
    contact = {target: f"d.{source}" if column[source] else "''" for source, target in _CONTACT.items()}
    cursor.execute(
        f"""
        INSERT INTO students_student
               (person_id, organiser_id, given_name, family_name, {", ".join(contact)}, batch_id)
        SELECT d.person_id, d.organiser_id, d.given_name, d.family_name, {", ".join(contact.values())}, %s
          FROM diff d WHERE d.is_new ORDER BY d.line;
        UPDATE diff d SET student_id = t.id FROM students_student t
         WHERE d.is_new AND t.person_id = d.person_id AND t.organiser_id = d.organiser_id
        """,
        [run.batch_id],
    )
    sets = ["given_name = d.given_name", "family_name = d.family_name"]
    sets += [f"{target} = d.{source}" for source, target in _CONTACT.items() if column[source]]
    cursor.execute(
        f"""
        INSERT INTO students_earlierfact
               (kind, student_id, unit_id, why, "values", earlier_batch_id, batch_id, replaced_at)
        SELECT 'elever', t.id, d.unit_id, 'changed',
               to_jsonb(t) - ARRAY['batch_id', 'sort_key', 'words', 'id', 'person_id', 'organiser_id'],
               t.batch_id, %s, now()
          FROM diff d JOIN students_student t ON t.id = d.student_id WHERE NOT d.is_new;
        UPDATE students_student t SET {", ".join(sets)}, batch_id = %s
          FROM diff d WHERE NOT d.is_new AND t.id = d.student_id
        """,
        [run.batch_id, run.batch_id],
    )
    record_rows(
        "import_student",
        by=run.by,
        about="students.student",
        rows="""SELECT student_id, organiser_id, student_id AS object_id, jsonb_build_object(
                   'batch', %s, 'new', is_new, 'fields', CASE WHEN is_new THEN NULL ELSE to_jsonb(fields) END)
                 FROM diff""",
        params=[run.batch_id],
    )
