"""Staff and what they may: users by e-mail, one dated grant per role and place.

Who is gone from a whole file loses the right the same night: rights are read from the grants' dates.
"""

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from followup import clock
from followup.accounts.permissions import ROLES, Place
from followup.audit.actions import record_rows

from ..facts import Changes
from ..run import Run
from ..samples import MOST_STAFF, Sample, few
from ..staging import Stage

_OWN = "role_to_oneself"
_SAME_PLACE = """g.user_id = s.user_id AND g.role = s.role
   AND g.unit_id IS NOT DISTINCT FROM s.unit_id AND g.organiser_id IS NOT DISTINCT FROM s.at_organiser
   AND g.municipality_id IS NOT DISTINCT FROM s.at_municipality"""


def merge_staff(stage: Stage, run: Run) -> Changes:
    stage.fill()
    _place(stage)
    _stop_own(stage, run)
    present = [
        name
        for name in ("given_name", "family_name", "profession", "employee_number", "ends_on")
        if name in stage.present
    ]
    stage.stop_conflicts(
        ("email", "role", "unit_id", "at_organiser", "at_municipality", "starts_on"), present
    )
    changes = _compare(stage, run)
    if run.apply:
        _apply(stage, run)
    return changes


def _place(stage: Stage) -> None:
    """The place that each role demands; only the columns of that place count."""
    by_place = {place: [code for code, role in ROLES.items() if role.place == place] for place in Place}
    cursor = stage.cursor
    cursor.execute("""
        ALTER TABLE staged ADD at_organiser integer, ADD at_municipality text, ADD user_id bigint;
        UPDATE staged s SET user_id = u.id FROM accounts_user u WHERE u.email = s.email;
    """)
    cursor.execute("UPDATE staged SET unit_id = NULL WHERE NOT role = ANY(%s)", [by_place[Place.UNIT]])
    if not stage.places.may_make_places:
        stage.stop("NOT s.role = ANY(%s)", "role", "role_in_own_organiser_only", args=[by_place[Place.UNIT]])
    cursor.execute(
        """
        UPDATE staged s SET at_organiser = o.id FROM accounts_organiser o
         WHERE s.role = ANY(%s) AND o.organisation_number = s.organisation_number;
        UPDATE staged s SET at_municipality = m.code FROM accounts_municipality m
         WHERE s.role = ANY(%s) AND m.code = s.municipality_code;
        """,
        [by_place[Place.ORGANISER], by_place[Place.MUNICIPALITY]],
    )
    stage.stop(
        "s.role = ANY(%s) AND s.at_organiser IS NULL",
        "organisation_number",
        "organiser_unknown",
        args=[by_place[Place.ORGANISER]],
    )
    stage.stop(
        "s.role = ANY(%s) AND s.at_municipality IS NULL",
        "municipality_code",
        "municipality_unknown",
        args=[by_place[Place.MUNICIPALITY]],
    )


def _stop_own(stage: Stage, run: Run) -> None:
    """Nobody gives herself a role, by a file neither: what she has already may stand there."""
    lengthens = "s.starts_on <> g.starts_on" if "ends_on" not in stage.present else "true"
    stage.stop(
        f"""s.user_id = %s AND NOT EXISTS (
            SELECT 1 FROM accounts_grant g
             WHERE {_SAME_PLACE} AND (g.ends_on IS NULL OR g.ends_on >= %s)
               AND g.starts_on <= coalesce(s.starts_on, g.starts_on)
               AND (g.ends_on IS NULL OR s.ends_on <= g.ends_on OR NOT coalesce({lengthens}, false)))""",
        "role",
        _OWN,
        args=[getattr(run.by, "pk", None), run.day],
    )


def _compare(stage: Stage, run: Run) -> Changes:
    cursor = stage.cursor
    allowed, by = stage.places.allowed, getattr(run.by, "pk", None)
    profession = "s.profession" if "profession" in stage.present else "coalesce(g.profession, '')"
    ends_on = "s.ends_on" if "ends_on" in stage.present else "g.ends_on"
    cursor.execute(
        f"""
        DROP TABLE IF EXISTS diff, gone;
        CREATE TEMP TABLE diff ON COMMIT DROP AS
        SELECT DISTINCT ON (s.email, s.role, s.unit_id, s.at_organiser, s.at_municipality, coalesce(s.starts_on, g.starts_on))
               s.line, s.email, s.given_name, s.family_name, s.employee_number, s.role, s.unit_id, s.at_organiser,
               s.at_municipality, g.id AS grant_id, g.id IS NULL AS is_new, u.id AS user_id,
               coalesce(s.starts_on, %s::date) AS starts_on, {ends_on} AS ends_on, {profession} AS profession,
               (g.ends_on IS DISTINCT FROM {ends_on} OR g.profession IS DISTINCT FROM {profession}) AS differs,
               (u.given_name, u.family_name) IS DISTINCT FROM (s.given_name, s.family_name) AND c.may AS renamed,
               c.may AS may_change,
               g.ends_on AS old_ends_on, g.profession AS old_profession, u.given_name AS old_given_name,
               u.family_name AS old_family_name, md5(g::text || u::text) AS old
          FROM staged s
          LEFT JOIN accounts_user u ON u.email = s.email
          LEFT JOIN LATERAL (
               SELECT g.* FROM accounts_grant g
                WHERE {_SAME_PLACE}
                  AND CASE WHEN s.starts_on IS NOT NULL THEN g.starts_on = s.starts_on
                           ELSE g.ends_on IS NULL OR g.ends_on >= %s END
                ORDER BY g.starts_on DESC LIMIT 1) g ON true
          CROSS JOIN LATERAL (SELECT u.id IS NULL OR (u.id IS DISTINCT FROM %s AND NOT EXISTS (
               SELECT 1 FROM accounts_grant e WHERE NOT %s AND e.user_id = u.id
                  AND (e.ends_on IS NULL OR e.ends_on >= %s)
                  AND (e.unit_id IS NULL OR NOT e.unit_id = ANY(%s)))) AS may) c
         ORDER BY s.email, s.role, s.unit_id, s.at_organiser, s.at_municipality, coalesce(s.starts_on, g.starts_on), s.line
        """,
        [run.day, run.day, by, allowed is None, run.day, sorted(allowed or ())],
    )
    cursor.execute(
        f"""
        CREATE TEMP TABLE gone ON COMMIT DROP AS
        SELECT g.*, GREATEST(%s::date, g.starts_on - 1) AS last_day FROM accounts_grant g
         WHERE g.from_file AND g.unit_id = ANY(%s) AND (g.ends_on IS NULL OR g.ends_on >= %s)
           AND NOT EXISTS (SELECT 1 FROM staged s WHERE {_SAME_PLACE})
           AND NOT EXISTS (SELECT 1 FROM stopped WHERE code <> %s) AND g.user_id IS DISTINCT FROM %s
        """,
        [run.day - timedelta(days=1), list(run.whole.unit_ids), run.day, _OWN, by],
    )
    return _counted(stage, run)


def _counted(stage: Stage, run: Run) -> Changes:
    cursor, changes = stage.cursor, Changes()
    cursor.execute("""
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new AND (differs OR renamed)),
               count(*) FILTER (WHERE NOT is_new AND NOT differs AND NOT renamed) FROM diff
    """)
    changes.added, changes.changed, changes.unchanged = cursor.fetchone()
    changes.gone = stage.scalar("SELECT count(*) FROM gone")
    cursor.execute("SELECT DISTINCT unit_id FROM staged WHERE unit_id IS NOT NULL")
    changes.units = {row[0] for row in cursor.fetchall()} | set(run.whole.unit_ids)
    changes.elsewhere = stage.scalar("SELECT count(*) FROM staged WHERE unit_id IS NULL")
    cursor.execute(
        """
        WITH touched AS (
            SELECT unit_id, count(*) AS n FROM (
                SELECT unit_id FROM gone
                UNION ALL SELECT unit_id FROM diff WHERE NOT is_new AND differs AND ends_on IS NOT NULL) t
             WHERE unit_id IS NOT NULL GROUP BY 1 HAVING count(*) >= 20)
        SELECT unit_id, n, (SELECT count(*) FROM accounts_grant g WHERE g.unit_id = t.unit_id
                             AND (g.ends_on IS NULL OR g.ends_on >= %s)) FROM touched t
        """,
        [run.day],
    )
    changes.held = [
        {"unit": unit, "rows": n, "of": of, "what": "rows"}
        for unit, n, of in cursor.fetchall()
        if n * 10 > of
    ]
    changes.samples = _samples(stage)
    moved = stage.scalar("""
        SELECT coalesce(sum(hashtextextended(old, 0)), 0) FROM diff WHERE NOT is_new AND (differs OR renamed)""")
    ended = stage.scalar("SELECT coalesce(sum(hashtextextended(g::text, 0)), 0) FROM gone g")
    changes.digest = f"{changes.added}:{changes.changed}:{changes.gone}:{changes.unchanged}:{moved}:{ended}"
    return changes


def _samples(stage: Stage) -> dict[str, list[Sample]]:
    """A few of those who change; of those who lose a role, all by name."""
    changed = few(
        stage,
        "SELECT *, NULL::bigint AS student_id FROM diff WHERE NOT is_new AND (differs OR renamed)",
        "line",
    )
    gone = few(
        stage,
        """SELECT x.*, u.given_name, u.family_name, NULL::bigint AS student_id, (
                  SELECT count(DISTINCT m.student_id) FROM students_group g
                    JOIN students_groupstaff k ON k.group_id = g.id AND k.user_id = x.user_id
                     AND (k.ends_on IS NULL OR k.ends_on > x.last_day)
                    JOIN students_groupmember m ON m.group_id = g.id AND (m.ends_on IS NULL OR m.ends_on > x.last_day)
                   WHERE x.role = 'mentor' AND g.kind = 'mentor' AND g.unit_id = x.unit_id) AS pupils
             FROM gone x JOIN accounts_user u ON u.id = x.user_id""",
        "family_name, given_name, role",
        MOST_STAFF,
    )
    fields = ("given_name", "family_name", "profession", "ends_on")
    return {
        "changed": [
            _sample(row, [[name, row[f"old_{name}"], row[name]] for name in fields], row["line"])
            for row in changed
        ],
        "gone": [_sample(row, [["ends_on", row["ends_on"], row["last_day"]]]) for row in gone],
    }


def _sample(row: dict, fields: list[list], line: int | None = None) -> Sample:
    return Sample(
        line=line,
        name=f"{row['given_name']} {row['family_name']}",
        unit=row["unit_id"],
        about=[["role", row["role"]], ["profession", row["profession"]]],
        pupils=row.get("pupils", 0),
        fields=[each for each in fields if (each[1] or "") != (each[2] or "")],
    )


def _apply(stage: Stage, run: Run) -> None:
    cursor = stage.cursor
    no_password = make_password(None)
    cursor.execute(
        """
        INSERT INTO accounts_user (email, given_name, family_name, employee_number, password, is_active,
                                   is_invented, demo_card, keyboard_moves, made_at)
        SELECT DISTINCT ON (email) email, given_name, family_name, coalesce(employee_number, ''), %s, true,
               false, '', true, now()
          FROM diff WHERE user_id IS NULL ORDER BY email, line;
        UPDATE diff d SET user_id = u.id FROM accounts_user u WHERE d.user_id IS NULL AND u.email = d.email;
        UPDATE accounts_user u SET given_name = d.given_name, family_name = d.family_name
          FROM diff d WHERE d.renamed AND u.id = d.user_id;
        """,
        [no_password],
    )
    if "employee_number" in stage.present:
        cursor.execute("""
            UPDATE accounts_user u SET employee_number = d.employee_number FROM diff d
             WHERE u.id = d.user_id AND d.may_change AND d.employee_number <> '' AND u.employee_number <> d.employee_number
        """)
    cursor.execute(
        """
        INSERT INTO accounts_grant (user_id, role, unit_id, organiser_id, municipality_id, profession, starts_on,
                                    ends_on, from_file, batch_id, granted_by_id, granted_at)
        SELECT user_id, role, unit_id, at_organiser, at_municipality, coalesce(profession, ''), starts_on,
               ends_on, true, %(batch)s, %(by)s, %(now)s
          FROM diff WHERE is_new;
        UPDATE accounts_grant g SET granted_by_id = %(by)s, granted_at = %(now)s
          FROM diff d WHERE d.grant_id = g.id AND d.differs AND g.ends_on < %(day)s
           AND (d.ends_on IS NULL OR d.ends_on >= %(day)s);
        UPDATE accounts_grant g SET ends_on = d.ends_on, profession = d.profession, from_file = true, batch_id = %(batch)s
          FROM diff d WHERE d.grant_id = g.id AND d.differs;
        UPDATE accounts_grant g SET ends_on = x.last_day, batch_id = %(batch)s FROM gone x WHERE x.id = g.id;
        """,
        {
            "batch": run.batch_id,
            "by": getattr(run.by, "pk", None),
            "now": clock.now(),
            "day": run.day,
        },
    )
    _record(run)


def _record(run: Run) -> None:
    record_rows(
        "import_grant",
        by=run.by,
        about="accounts.grant",
        rows="""
            SELECT NULL::bigint, coalesce(at_organiser, n.organiser_id), coalesce(grant_id, 0), jsonb_build_object(
                   'batch', %s, 'user', user_id, 'role', role, 'unit', unit_id, 'organiser', at_organiser,
                   'starts_on', starts_on, 'ends_on', ends_on, 'new', is_new)
              FROM diff LEFT JOIN accounts_schoolunit n ON n.id = unit_id WHERE is_new OR differs
            UNION ALL
            SELECT NULL, n.organiser_id, g.id, jsonb_build_object('batch', %s, 'user', user_id, 'role', role,
                   'unit', unit_id, 'ends_on', last_day)
              FROM gone g JOIN accounts_schoolunit n ON n.id = unit_id""",
        params=[run.batch_id, run.batch_id],
    )
