"""Enrolments: added, changed, moved, ended when gone, opened again when she returns; never deleted."""

from datetime import timedelta

from followup.audit.actions import record_rows

from ..facts import Changes
from ..run import Run
from ..samples import Sample, few
from ..staging import Stage

_DETAILS = ("school_form", "programme", "year", "school_class", "end_reason")


def merge_enrolments(stage: Stage, run: Run) -> Changes:
    stage.fill()
    stage.stop_unknown_students()
    stage.stop_conflicts(
        ("student_id", "unit_id", "starts_on"),
        [name for name in (*_DETAILS, "ends_on") if name in stage.present],
    )
    _match(stage)
    _stop_overlapping(stage, run)
    changes = _compare(stage, run)
    if run.apply:
        _apply(stage, run)
    return changes


def _match(stage: Stage) -> None:
    """Each row's enrolment: by its start date, else the one it overlaps that the file no longer has (moved)."""
    stage.cursor.execute("""
        DROP TABLE IF EXISTS matched;
        CREATE TEMP TABLE matched ON COMMIT DROP AS
        SELECT s.line, e.id AS enrolment_id, false AS moved
          FROM staged s
          JOIN students_enrolment e USING (student_id, unit_id, starts_on);
        WITH left_over AS (
            SELECT s.line, s.student_id, s.unit_id, daterange(s.starts_on, s.ends_on, '[]') AS days
              FROM staged s WHERE NOT EXISTS (SELECT 1 FROM matched m WHERE m.line = s.line)
        ), pairs AS (
            SELECT l.line, e.id, count(*) OVER (PARTITION BY l.line) AS of_line,
                   count(*) OVER (PARTITION BY e.id) AS of_enrolment
              FROM left_over l
              JOIN students_enrolment e USING (student_id, unit_id)
             WHERE NOT EXISTS (SELECT 1 FROM matched m WHERE m.enrolment_id = e.id)
               AND (e.ends_on IS NULL OR e.ends_on >= e.starts_on)
               AND daterange(e.starts_on, e.ends_on, '[]') && l.days
        )
        INSERT INTO matched SELECT line, id, true FROM pairs WHERE of_line = 1 AND of_enrolment = 1
    """)


def _stop_overlapping(stage: Stage, run: Run) -> None:
    """Two periods at one school on the same days cannot both be true."""
    stage.cursor.execute("""
        DROP TABLE IF EXISTS overlapping;
        CREATE TEMP TABLE overlapping ON COMMIT DROP AS
        SELECT s.line, min(o.starts_on) AS starts_on FROM staged s JOIN (
            SELECT student_id, unit_id, starts_on, ends_on, line FROM staged
            UNION ALL
            SELECT e.student_id, e.unit_id, e.starts_on, e.ends_on, NULL FROM students_enrolment e
             WHERE e.student_id IN (SELECT student_id FROM staged)
               AND (e.ends_on IS NULL OR e.ends_on >= e.starts_on)
               AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.enrolment_id = e.id)
        ) o ON o.student_id = s.student_id AND o.unit_id = s.unit_id AND o.line IS DISTINCT FROM s.line
           AND daterange(o.starts_on, o.ends_on, '[]') && daterange(s.starts_on, s.ends_on, '[]')
         WHERE s.ends_on IS NULL OR s.ends_on >= s.starts_on
         GROUP BY s.line
    """)
    stage.suspend("s.line IN (SELECT line FROM overlapping)")
    stage.stop(
        "s.line IN (SELECT line FROM overlapping)",
        "starts_on",
        "overlaps",
        "jsonb_build_object('starts_on', (SELECT o.starts_on FROM overlapping o WHERE o.line = s.line))",
    )
    stage.cursor.execute(
        "DELETE FROM matched m WHERE NOT EXISTS (SELECT 1 FROM staged s WHERE s.line = m.line)"
    )


def _compare(stage: Stage, run: Run) -> Changes:
    """`diff`: one row per enrolment to write, with its whole coming content; `gone`: those to end."""
    present = [name for name in _DETAILS if name in stage.present]
    coming = {name: f"s.{name}" if name in present else f"e.{name}" for name in _DETAILS}
    if "ends_on" in stage.present:
        coming["ends_on"] = "s.ends_on"
    else:  # no such column: only an end that came from being gone is taken back
        coming["ends_on"] = """CASE WHEN EXISTS (
            SELECT 1 FROM students_earlierfact f WHERE f.kind = 'inskrivningar' AND f.why = 'withdrawn'
               AND f.batch_id = e.batch_id AND f.student_id = e.student_id AND f.unit_id = e.unit_id
               AND f."on" = e.starts_on) THEN NULL ELSE e.ends_on END"""
    if "ends_on" in stage.present and "end_reason" not in stage.present:
        coming["end_reason"] = "CASE WHEN s.ends_on IS NULL THEN '' ELSE e.end_reason END"
    new = {**coming, "starts_on": "s.starts_on"}
    changed = ", ".join(
        f"CASE WHEN e.{name} IS DISTINCT FROM {sql} THEN '{name}' END" for name, sql in new.items()
    )
    loses = " OR ".join(
        f"(e.{name} IS DISTINCT FROM {sql} AND coalesce(e.{name}::text, '') <> '')"
        for name, sql in new.items()
        if name in (*present, "starts_on")
    )
    stage.cursor.execute(f"""
        DROP TABLE IF EXISTS diff, gone;
        CREATE TEMP TABLE diff ON COMMIT DROP AS
        SELECT s.line, s.student_id, s.organiser_id, s.unit_id, e.id AS enrolment_id, e.id IS NULL AS is_new,
               array_remove(ARRAY[{changed}], NULL) AS fields, ({loses}) AS loses, to_jsonb(e) AS old,
               {", ".join(f"{sql} AS new_{name}" for name, sql in new.items())}
          FROM staged s
          LEFT JOIN matched m USING (line)
          LEFT JOIN students_enrolment e ON e.id = m.enrolment_id;
        DELETE FROM diff WHERE NOT is_new AND cardinality(fields) = 0;
    """)
    not_suspended = stage.not_suspended("e.unit_id", "e.student_id")
    stage.cursor.execute(
        f"""
        CREATE TEMP TABLE gone ON COMMIT DROP AS
        SELECT e.*, GREATEST(%s::date, e.starts_on - 1) AS last_day FROM students_enrolment e
         WHERE e.unit_id = ANY(%s) AND (e.ends_on IS NULL OR e.ends_on >= %s)
           AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.enrolment_id = e.id) AND {not_suspended}
        """,
        [run.day - timedelta(days=1), list(run.whole.unit_ids), run.day],
    )
    return _counted(stage, run)


def _counted(stage: Stage, run: Run) -> Changes:
    cursor = stage.cursor
    changes = Changes()
    cursor.execute("SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM diff")
    changes.added, changes.changed = cursor.fetchone()
    changes.gone = stage.scalar("SELECT count(*) FROM gone")
    changes.unchanged = stage.scalar("SELECT count(*) FROM staged") - changes.added - changes.changed
    changes.students = stage.scalar("SELECT count(DISTINCT student_id) FROM staged")
    cursor.execute("SELECT DISTINCT unit_id FROM staged")
    changes.units = {row[0] for row in cursor.fetchall()} | set(run.whole.unit_ids)
    cursor.execute(
        """
        WITH ending AS (
            SELECT unit_id, student_id FROM gone
            UNION
            SELECT unit_id, student_id FROM diff WHERE NOT is_new AND old ->> 'ends_on' IS NULL AND new_ends_on IS NOT NULL
        ), pupils AS (
            SELECT unit_id, count(DISTINCT student_id) AS of FROM students_enrolment
             WHERE starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s) GROUP BY 1
        )
        SELECT e.unit_id, count(*), coalesce(p.of, 0), 'pupils' FROM ending e LEFT JOIN pupils p USING (unit_id)
         GROUP BY 1, 3 HAVING count(*) >= 5
        UNION ALL
        SELECT d.unit_id, count(*), coalesce(p.of, 0), 'rows' FROM diff d LEFT JOIN pupils p USING (unit_id)
         WHERE NOT d.is_new AND d.loses GROUP BY 1, 3 HAVING count(*) >= 20
        """,
        [run.day, run.day],
    )
    changes.held = [
        {"unit": unit, "rows": n, "of": of, "what": what}
        for unit, n, of, what in cursor.fetchall()
        if n * 10 > of
    ]
    changes.samples = _samples(stage)
    moved = stage.scalar("SELECT coalesce(sum(hashtextextended(old::text || fields::text, 0)), 0) FROM diff")
    ended = stage.scalar("SELECT coalesce(sum(hashtextextended(g::text, 0)), 0) FROM gone g")
    changes.digest = f"{changes.added}:{changes.changed}:{changes.gone}:{changes.unchanged}:{moved}:{ended}"
    return changes


def _samples(stage: Stage) -> dict[str, list[Sample]]:
    changed = few(stage, "SELECT * FROM diff WHERE NOT is_new", "line")
    gone = few(stage, "SELECT * FROM gone", "unit_id, school_class, student_id")
    return {
        "changed": [
            Sample(
                line=row["line"],
                student=row["student_id"],
                unit=row["unit_id"],
                about=[["school_class", row["old"]["school_class"]]],
                fields=[[name, row["old"][name], row[f"new_{name}"]] for name in row["fields"]],
            )
            for row in changed
        ],
        "gone": [
            Sample(
                student=row["student_id"],
                unit=row["unit_id"],
                about=[["school_class", row["school_class"]]],
                fields=[["ends_on", row["ends_on"], row["last_day"]]],
            )
            for row in gone
        ],
    }


def _apply(stage: Stage, run: Run) -> None:
    cursor = stage.cursor
    cursor.execute(
        """
        INSERT INTO students_earlierfact
               (kind, student_id, unit_id, "on", why, "values", earlier_batch_id, batch_id, replaced_at)
        SELECT 'inskrivningar', student_id, unit_id, (old ->> 'starts_on')::date, 'changed', old - 'batch_id',
               (old ->> 'batch_id')::int, %s, now()
          FROM diff WHERE NOT is_new
        UNION ALL
        SELECT 'inskrivningar', student_id, unit_id, starts_on, 'withdrawn', to_jsonb(g) - 'batch_id' - 'last_day',
               batch_id, %s, now()
          FROM gone g
        """,
        [run.batch_id, run.batch_id],
    )
    # No period may overlap another even for a moment, so those that change are first made empty.
    cursor.execute("""
        UPDATE students_enrolment e SET ends_on = e.starts_on - 1 FROM diff d
         WHERE d.enrolment_id = e.id AND d.fields && ARRAY['starts_on', 'ends_on']
    """)
    cursor.execute(
        "UPDATE students_enrolment e SET ends_on = g.last_day, batch_id = %s FROM gone g WHERE g.id = e.id",
        [run.batch_id],
    )
    names = [*_DETAILS, "ends_on", "starts_on"]
    cursor.execute(
        f"""
        UPDATE students_enrolment e SET {", ".join(f"{name} = d.new_{name}" for name in names)}, batch_id = %s
          FROM diff d WHERE d.enrolment_id = e.id
        """,
        [run.batch_id],
    )
    cursor.execute(
        f"""
        INSERT INTO students_enrolment (student_id, unit_id, {", ".join(names)}, batch_id)
        SELECT student_id, unit_id, coalesce(new_school_form, ''), coalesce(new_programme, ''), new_year,
               coalesce(new_school_class, ''), coalesce(new_end_reason, ''), new_ends_on, new_starts_on, %s
          FROM diff WHERE is_new ORDER BY line
        """,
        [run.batch_id],
    )
    record_rows(
        "import_enrolment",
        by=run.by,
        about="students.enrolment",
        rows="""
            SELECT student_id, organiser_id, enrolment_id AS object_id, jsonb_strip_nulls(jsonb_build_object(
                       'batch', %s, 'new', is_new, 'fields', fields,
                       'old', CASE WHEN NOT is_new THEN (SELECT jsonb_object_agg(f, old -> f) FROM unnest(fields) f) END,
                       'to', CASE WHEN NOT is_new THEN (
                           SELECT jsonb_object_agg(f, to_jsonb(diff) -> ('new_' || f)) FROM unnest(fields) f) END))
              FROM diff
            UNION ALL
            SELECT g.student_id, u.organiser_id, g.id, jsonb_build_object(
                       'batch', %s, 'fields', ARRAY['ends_on'], 'old', jsonb_build_object('ends_on', g.ends_on),
                       'to', jsonb_build_object('ends_on', g.last_day))
              FROM gone g JOIN accounts_schoolunit u ON u.id = g.unit_id""",
        params=[run.batch_id, run.batch_id],
    )
