"""Mentor groups: who belongs to them and who leads them, each with its own days.

A row says that a pupil has a mentor in a group from a day until a day. The pupil's membership is that
period; the mentor's leadership is all her rows' periods joined, so that a mentor on leave, her
substitute and her return are three periods.
"""

from datetime import timedelta

from followup.audit.actions import record_rows
from students.models.enrolment import Group
from students.models.person import Protection

from ..facts import Changes
from ..run import Run
from ..samples import FEW, Sample, few
from ..staging import Stage


def merge_mentor_groups(stage: Stage, run: Run) -> Changes:
    stage.fill()
    stage.stop_unknown_students()
    stage.cursor.execute("""
        ALTER TABLE staged ADD user_id bigint, ADD school_year smallint, ADD group_id bigint;
        UPDATE staged s SET user_id = u.id FROM accounts_user u WHERE u.email = s.mentor_email;
    """)
    stage.suspend("s.user_id IS NULL")
    stage.stop("s.user_id IS NULL", "mentor_email", "staff_unknown")
    _stop_own(stage, run)
    stage.stop_conflicts(
        ("mentor_group", "unit_id", "user_id", "student_id", "starts_on"),
        [name for name in ("ends_on",) if name in stage.present],
    )
    stage.cursor.execute(
        """
        UPDATE staged SET school_year = extract(year FROM starts_on) - (extract(month FROM starts_on) < 7)::int;
        UPDATE staged s SET group_id = g.id FROM students_group g
         WHERE g.unit_id = s.unit_id AND g.kind = %s AND g.name = s.mentor_group AND g.school_year = s.school_year;
        """,
        [Group.Kind.MENTOR],
    )
    _make_groups(stage)
    _compare(stage, run)
    changes = _counted(stage, run)
    if run.apply:
        _apply(stage, run)
    return changes


def _stop_own(stage: Stage, run: Run) -> None:
    """Nobody gives herself sight of a protected pupil by making herself her mentor."""
    where = """s.user_id = %s
        AND EXISTS (SELECT 1 FROM students_student t JOIN students_person p ON p.id = t.person_id
                     WHERE t.id = s.student_id AND p.protection <> %s)
        AND NOT EXISTS (SELECT 1 FROM students_groupmember m JOIN students_groupstaff k USING (group_id)
                         WHERE m.student_id = s.student_id AND k.user_id = s.user_id
                           AND (m.ends_on IS NULL OR m.ends_on >= %s) AND (k.ends_on IS NULL OR k.ends_on >= %s))"""
    args = [getattr(run.by, "pk", None), Protection.NONE, run.day, run.day]
    stage.suspend(where, args)
    stage.stop(where, "mentor_email", "mentor_oneself", args=args)


def _make_groups(stage: Stage) -> None:
    """Groups of the rows; in a preview they go again with everything else."""
    stage.cursor.execute(
        """
        INSERT INTO students_group (unit_id, kind, name, school_year)
        SELECT DISTINCT unit_id, %s, mentor_group, school_year FROM staged WHERE group_id IS NULL;
        UPDATE staged s SET group_id = g.id FROM students_group g
         WHERE s.group_id IS NULL AND g.unit_id = s.unit_id AND g.kind = %s AND g.name = s.mentor_group
           AND g.school_year = s.school_year;
        """,
        [Group.Kind.MENTOR, Group.Kind.MENTOR],
    )


def _compare(stage: Stage, run: Run) -> None:
    has_end = "ends_on" in stage.present
    cursor = stage.cursor
    cursor.execute(f"""
        DROP TABLE IF EXISTS member, leader, member_gone, leader_gone;
        CREATE TEMP TABLE member ON COMMIT DROP AS
        SELECT s.line, s.group_id, s.student_id, s.organiser_id, s.unit_id, s.starts_on, m.id AS member_id,
               m.ends_on AS old_ends_on, {"s.ends_on" if has_end else "m.ends_on"} AS ends_on
          FROM (SELECT group_id, student_id, organiser_id, unit_id, starts_on, min(line) AS line,
                       CASE WHEN bool_or(ends_on IS NULL) THEN NULL ELSE max(ends_on) END AS ends_on
                  FROM staged GROUP BY 1, 2, 3, 4, 5) s
          LEFT JOIN students_groupmember m USING (group_id, student_id, starts_on);
    """)
    not_suspended = stage.not_suspended("g.unit_id", "m.student_id")
    cursor.execute(
        f"""
        CREATE TEMP TABLE member_gone ON COMMIT DROP AS
        SELECT m.id, m.group_id, m.student_id, g.unit_id, m.ends_on, GREATEST(%s::date, m.starts_on - 1) AS last_day
          FROM students_groupmember m JOIN students_group g ON g.id = m.group_id
         WHERE g.kind = %s AND g.unit_id = ANY(%s) AND (m.ends_on IS NULL OR m.ends_on >= %s)
           AND NOT EXISTS (SELECT 1 FROM member n WHERE n.member_id = m.id) AND {not_suspended}
        """,
        [run.day - timedelta(days=1), Group.Kind.MENTOR, list(run.whole.unit_ids), run.day],
    )
    _compare_leaders(stage, run)


def _compare_leaders(stage: Stage, run: Run) -> None:
    """A leadership's end is believed when every pupil of the group is in the file, else it is only a part of it."""
    cursor = stage.cursor
    cursor.execute("""
        CREATE TEMP TABLE leader ON COMMIT DROP AS
        WITH told AS (
            SELECT group_id, user_id, unnest(range_agg(daterange(starts_on, ends_on, '[]'))) AS days
              FROM staged WHERE ends_on IS NULL OR ends_on >= starts_on GROUP BY 1, 2
        ), period AS (
            SELECT group_id, user_id, lower(days) AS starts_on, upper(days) - 1 AS ends_on, days FROM told
        ), partly AS (
            SELECT DISTINCT m.group_id FROM students_groupmember m
             WHERE m.group_id IN (SELECT group_id FROM staged) AND (m.ends_on IS NULL OR m.ends_on >= m.starts_on)
               AND NOT EXISTS (SELECT 1 FROM member n WHERE n.member_id = m.id)
               AND NOT EXISTS (SELECT 1 FROM member_gone g WHERE g.id = m.id)
        )
        SELECT DISTINCT ON (p.group_id, p.user_id, coalesce(k.starts_on, p.starts_on))
               p.group_id, p.user_id, k.id AS staff_id, k.starts_on AS old_starts_on, k.ends_on AS old_ends_on,
               CASE WHEN k.id IS NULL OR p.group_id NOT IN (SELECT group_id FROM partly) THEN p.starts_on
                    ELSE LEAST(k.starts_on, p.starts_on) END AS starts_on,
               CASE WHEN k.id IS NULL OR p.group_id NOT IN (SELECT group_id FROM partly) THEN p.ends_on
                    WHEN k.ends_on IS NULL OR p.ends_on IS NULL THEN NULL
                    ELSE GREATEST(k.ends_on, p.ends_on) END AS ends_on
          FROM period p
          LEFT JOIN LATERAL (
               SELECT * FROM students_groupstaff k WHERE k.group_id = p.group_id AND k.user_id = p.user_id
                  AND daterange(k.starts_on, GREATEST(k.ends_on, k.starts_on), '[]') && p.days
                ORDER BY k.starts_on LIMIT 1) k ON true
         ORDER BY p.group_id, p.user_id, coalesce(k.starts_on, p.starts_on), p.starts_on
    """)
    cursor.execute(
        """
        CREATE TEMP TABLE leader_gone ON COMMIT DROP AS
        SELECT k.id, k.group_id, k.user_id, g.unit_id, k.ends_on, GREATEST(%s::date, k.starts_on - 1) AS last_day
          FROM students_groupstaff k JOIN students_group g ON g.id = k.group_id
         WHERE g.kind = %s AND g.unit_id = ANY(%s) AND (k.ends_on IS NULL OR k.ends_on >= %s)
           AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.group_id = k.group_id AND s.user_id = k.user_id)
           AND NOT EXISTS (SELECT 1 FROM suspended x WHERE x.unit_id IS NULL OR x.unit_id = g.unit_id)
        """,
        [run.day - timedelta(days=1), Group.Kind.MENTOR, list(run.whole.unit_ids), run.day],
    )


_MEMBER_CHANGED = "member_id IS NOT NULL AND ends_on IS DISTINCT FROM old_ends_on"
_LEADER_CHANGED = """l.staff_id IS NOT NULL
    AND (l.starts_on, l.ends_on) IS DISTINCT FROM (l.old_starts_on, l.old_ends_on)"""


def _counted(stage: Stage, run: Run) -> Changes:
    cursor, changes = stage.cursor, Changes()
    cursor.execute(f"""
        SELECT count(*) FILTER (WHERE n.member_id IS NULL),
               count(*) FILTER (WHERE n.member_id IS NOT NULL AND (
                   n.ends_on IS DISTINCT FROM n.old_ends_on OR EXISTS (
                       SELECT 1 FROM leader l WHERE l.group_id = s.group_id AND l.user_id = s.user_id
                          AND (l.staff_id IS NULL OR {_LEADER_CHANGED})))),
               count(*), count(DISTINCT s.student_id)
          FROM staged s JOIN member n USING (group_id, student_id, starts_on)
    """)
    changes.added, changes.changed, rows, changes.students = cursor.fetchone()
    changes.unchanged = rows - changes.added - changes.changed
    changes.gone = stage.scalar(
        "SELECT (SELECT count(*) FROM member_gone) + (SELECT count(*) FROM leader_gone)"
    )
    cursor.execute("SELECT DISTINCT unit_id FROM staged")
    changes.units = {row[0] for row in cursor.fetchall()} | set(run.whole.unit_ids)
    cursor.execute(
        f"""
        WITH touched AS (
            SELECT unit_id, count(*) AS n FROM (
                SELECT unit_id FROM member_gone UNION ALL SELECT unit_id FROM member WHERE {_MEMBER_CHANGED}) t
             GROUP BY 1 HAVING count(*) >= 20)
        SELECT unit_id, n, (SELECT count(*) FROM students_groupmember m JOIN students_group g ON g.id = m.group_id
                             WHERE g.unit_id = t.unit_id AND g.kind = %s AND (m.ends_on IS NULL OR m.ends_on >= %s))
          FROM touched t
        """,
        [Group.Kind.MENTOR, run.day],
    )
    changes.held = [
        {"unit": unit, "rows": n, "of": of, "what": "rows"}
        for unit, n, of in cursor.fetchall()
        if n * 10 > of
    ]
    changes.samples = _samples(stage)
    digest = stage.scalar("""
        SELECT concat_ws(':',
            (SELECT sum(hashtextextended(concat_ws(',', member_id, ends_on, old_ends_on), 0)) FROM member),
            (SELECT sum(hashtextextended(concat_ws(',', staff_id, starts_on, ends_on, old_ends_on), 0)) FROM leader),
            (SELECT sum(hashtextextended(g::text, 0)) FROM member_gone g),
            (SELECT sum(hashtextextended(g::text, 0)) FROM leader_gone g))
    """)
    changes.digest = f"{changes.added}:{changes.changed}:{changes.gone}:{digest}"
    return changes


def _samples(stage: Stage) -> dict[str, list[Sample]]:
    """Mentors first: there are few of them, and much hangs on each."""
    leaders = """
        SELECT l.*, g.name AS mentor_group, g.unit_id, concat_ws(' ', u.given_name, u.family_name) AS mentor,
               NULL::bigint AS student_id
          FROM {0} l JOIN students_group g ON g.id = l.group_id JOIN accounts_user u ON u.id = l.user_id"""
    members = "SELECT n.*, g.name AS mentor_group FROM {0} n JOIN students_group g ON g.id = n.group_id"
    order, most = "mentor_group, mentor", FEW // 2
    changed_leaders = few(stage, f"{leaders.format('leader')} WHERE {_LEADER_CHANGED}", order, most)
    gone_leaders = few(stage, leaders.format("leader_gone"), order, most)
    changed_members = few(stage, f"{members.format('member')} WHERE {_MEMBER_CHANGED}", "line")
    gone_members = few(stage, members.format("member_gone"), "mentor_group, student_id")
    changed = [
        _leader(row, [[name, row[f"old_{name}"], row[name]] for name in ("starts_on", "ends_on")])
        for row in changed_leaders
    ] + [_member(row, row["old_ends_on"], row["ends_on"]) for row in changed_members]
    gone = [_leader(row, [["ends_on", row["ends_on"], row["last_day"]]]) for row in gone_leaders] + [
        _member(row, row["ends_on"], row["last_day"]) for row in gone_members
    ]
    return {"changed": changed[:FEW], "gone": gone[:FEW]}


def _leader(row: dict, fields: list[list]) -> Sample:
    return Sample(
        name=row["mentor"],
        unit=row["unit_id"],
        about=[["mentor_group", row["mentor_group"]]],
        fields=[each for each in fields if each[1] != each[2]],
    )


def _member(row: dict, before: str | None, after: str | None) -> Sample:
    return Sample(
        line=row.get("line"),
        student=row["student_id"],
        unit=row["unit_id"],
        about=[["mentor_group", row["mentor_group"]]],
        fields=[["ends_on", before, after]],
    )


def _apply(stage: Stage, run: Run) -> None:
    batch = run.batch_id
    stage.cursor.execute(
        f"""
        UPDATE students_groupmember m SET ends_on = g.last_day, batch_id = %s FROM member_gone g WHERE g.id = m.id;
        UPDATE students_groupstaff k SET ends_on = g.last_day, batch_id = %s FROM leader_gone g WHERE g.id = k.id;
        UPDATE students_groupmember m SET ends_on = n.ends_on, batch_id = %s
          FROM member n WHERE n.member_id = m.id AND n.ends_on IS DISTINCT FROM n.old_ends_on;
        INSERT INTO students_groupmember (group_id, student_id, starts_on, ends_on, batch_id)
        SELECT group_id, student_id, starts_on, ends_on, %s FROM member WHERE member_id IS NULL;
        UPDATE students_groupstaff k SET starts_on = l.starts_on, ends_on = l.ends_on, batch_id = %s
          FROM leader l WHERE l.staff_id = k.id AND {_LEADER_CHANGED};
        INSERT INTO students_groupstaff (group_id, user_id, starts_on, ends_on, batch_id)
        SELECT group_id, user_id, starts_on, ends_on, %s FROM leader WHERE staff_id IS NULL;
        """,
        [batch] * 6,
    )
    record_rows(
        "import_mentor",
        by=run.by,
        about="students.groupmember",
        rows=f"""
            SELECT student_id, organiser_id, coalesce(member_id, 0), jsonb_build_object('batch', %s, 'group', group_id,
                   'new', member_id IS NULL, 'starts_on', starts_on, 'ends_on', ends_on, 'old', old_ends_on)
              FROM member WHERE member_id IS NULL OR {_MEMBER_CHANGED}
            UNION ALL
            SELECT g.student_id, u.organiser_id, g.id,
                   jsonb_build_object('batch', %s, 'ends_on', g.last_day, 'old', g.ends_on)
              FROM member_gone g JOIN accounts_schoolunit u ON u.id = g.unit_id""",
        params=[batch, batch],
    )
