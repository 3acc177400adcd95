"""Facts by their key: what is new, changed and gone, found and written by set.

One statement finds what differs, one each writes the changed, the new and the gone. What was there
before is kept in the sparse history; a file that says nothing new writes nothing.
"""

from dataclasses import dataclass, field

from .places import Whole
from .samples import Sample, few
from .staging import Stage


@dataclass
class Changes:
    """What a merge did, or in a preview would do."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    students: int = 0
    digest: str = ""
    held: list[dict] = field(default_factory=list)
    samples: dict[str, list[Sample]] = field(default_factory=dict)  # of what is changed, and gone
    units: set[int] = field(default_factory=set)
    elsewhere: int = 0  # rows about no school that is known


@dataclass(frozen=True)
class Facts:
    """A table of facts and how the columns of `staged` go into it; `key` and `values` map target to source."""

    table: str
    kind: str
    key: dict[str, str]
    values: dict[str, str]
    day: str | None = None  # the column that the scope's days are about
    part: tuple[str, ...] = ()  # key columns that cut the table to the file's part of it
    extra: dict[str, str] = field(default_factory=dict)  # columns that only a new row gets
    has_unit: bool = True  # without one nothing is ever gone, and no unit is guarded
    only_reports: str = "false"  # SQL over a changed row n: it only reports what was unreported before


def _and(pairs, left: str, right: str) -> str:
    return " AND ".join(f'{left}."{a}" = {right}."{b}"' for a, b in pairs)


def _names(names, prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


def merge_facts(stage: Stage, facts: Facts, whole: Whole, batch_id: int, apply: bool) -> Changes:
    """Compare `staged` with the table and, when `apply`, make the table say what the file says."""
    values = {target: source for target, source in facts.values.items() if source in stage.present}
    cursor = stage.cursor
    part, part_args = _part(stage, facts)
    staged = stage.scalar("SELECT count(*) FROM staged")
    changes = Changes(students=stage.scalar("SELECT count(DISTINCT student_id) FROM staged"))
    cursor.execute("SELECT DISTINCT unit_id FROM staged WHERE unit_id IS NOT NULL")
    changes.units = {row[0] for row in cursor.fetchall()} | set(whole.unit_ids)

    inside, inside_args = _inside(facts, whole)
    exists = f"SELECT EXISTS (SELECT 1 FROM {facts.table} o WHERE ({part}) OR ({inside}))"
    if not stage.scalar(exists, [*part_args, *inside_args]):
        changes.added = staged  # nothing there yet: the common first load needs no comparison
        if apply and staged:
            _insert(stage, facts, values, "staged", batch_id)
        return _digested(changes)

    differs = (
        f"({_names(values, 'o.')}) IS DISTINCT FROM ({_names(values.values(), 's.')})" if values else "false"
    )
    first_key = next(iter(facts.key))
    olds = ", ".join(f'o."{name}" AS "old_{name}"' for name in values)
    cursor.execute(
        f"""
        DROP TABLE IF EXISTS diff, gone;
        CREATE TEMP TABLE diff ON COMMIT DROP AS
        SELECT s.*, o."{first_key}" IS NULL AS is_new, o.batch_id AS old_batch, to_jsonb(o) - 'batch_id' AS old
               {"," + olds if olds else ""}
          FROM staged s
          LEFT JOIN (SELECT * FROM {facts.table} o WHERE {part}) o ON {_and(facts.key.items(), "o", "s")}
         WHERE o."{first_key}" IS NULL OR {differs}
        """,
        part_args,
    )
    cursor.execute("SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM diff")
    changes.added, changes.changed = cursor.fetchone()
    changes.unchanged = staged - changes.added - changes.changed
    _find_gone(stage, facts, whole)
    changes.gone = stage.scalar("SELECT count(*) FROM gone")
    changes.held = _guard(stage, facts, values, whole, part, part_args)
    changes.samples = {
        "changed": _changed_samples(stage, facts, values) if changes.changed else [],
        "gone": _gone_samples(stage, facts, values) if changes.gone else [],
    }
    if apply:
        if changes.changed:
            _update(stage, facts, values, batch_id)
        if changes.added:
            _insert(stage, facts, values, "diff", batch_id)
        if changes.gone:
            _withdraw(stage, facts, batch_id)
    return _digested(changes, stage)


def _part(stage: Stage, facts: Facts) -> tuple[str, list]:
    """SQL: the part of the table that the file can be about, so that no more is read."""
    parts, args = ["true"], []
    for column in facts.part:
        source = facts.key[column]
        if column == facts.day:
            low, high = _first_and_last(stage, source)
            parts.append(f'o."{column}" BETWEEN %s AND %s')
            args += [low, high]
        else:
            stage.cursor.execute(f'SELECT DISTINCT "{source}" FROM staged')
            parts.append(f'o."{column}" = ANY(%s)')
            args.append([row[0] for row in stage.cursor.fetchall()])
    return " AND ".join(parts), args


def _first_and_last(stage: Stage, column: str):
    stage.cursor.execute(f'SELECT min("{column}"), max("{column}") FROM staged')
    return stage.cursor.fetchone()


def _find_gone(stage: Stage, facts: Facts, whole: Whole) -> None:
    """Rows inside what the file is whole for that it no longer has."""
    if not facts.has_unit:
        stage.cursor.execute(
            f"CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT o.*, NULL::int AS unit_id FROM {facts.table} o LIMIT 0"
        )
        return
    where, args = _inside(facts, whole)
    day = f'o."{facts.day}"' if facts.day else None
    stage.cursor.execute(
        f"""
        CREATE TEMP TABLE gone ON COMMIT DROP AS
        SELECT o.* FROM {facts.table} o
         WHERE {where} AND NOT EXISTS (SELECT 1 FROM staged s WHERE {_and(facts.key.items(), "o", "s")})
           AND {stage.not_suspended("o.unit_id", "o.student_id", day)}
        """,
        args,
    )


def _inside(facts: Facts, whole: Whole) -> tuple[str, list]:
    if not whole.unit_ids or not facts.has_unit:
        return "false", []
    where, args = "o.unit_id = ANY(%s)", [list(whole.unit_ids)]
    if "organiser_id" in facts.part:
        where += " AND o.organiser_id IN (SELECT organiser_id FROM accounts_schoolunit WHERE id = ANY(%s))"
        args.append(list(whole.unit_ids))
    if facts.day and whole.first and whole.last:
        where += f' AND o."{facts.day}" BETWEEN %s AND %s'
        args += [whole.first, whole.last]
    return where, args


def _changed_samples(stage: Stage, facts: Facts, values: dict) -> list[Sample]:
    found = []
    for row in few(stage, "SELECT * FROM diff WHERE NOT is_new", "line"):
        pairs = [(source, row[f"old_{target}"], row[source]) for target, source in values.items()]
        found.append(
            Sample(
                line=row["line"],
                student=row["student_id"],
                unit=row["unit_id"],
                about=[[source, row[source]] for source in _telling(facts).values()],
                fields=[[source, before, after] for source, before, after in pairs if before != after],
            )
        )
    return found


def _gone_samples(stage: Stage, facts: Facts, values: dict) -> list[Sample]:
    order = f'"{facts.day}", student_id' if facts.day else "student_id"
    return [
        Sample(
            student=row["student_id"],
            unit=row["unit_id"],
            about=[[source, row[target]] for target, source in _telling(facts).items()],
            fields=[
                [source, row[target], None]
                for target, source in values.items()
                if row[target] and target != "unit_id"
            ],
        )
        for row in few(stage, "SELECT * FROM gone", order)
    ]


def _telling(facts: Facts) -> dict[str, str]:
    """The parts of the key that tell a reader which row it is, beside whose."""
    return {target: source for target, source in facts.key.items() if not source.endswith("_id")}


def _guard(stage: Stage, facts: Facts, values: dict, whole: Whole, part: str, part_args: list) -> list[dict]:
    """Units of which more than 10 % of the rows (and at least 20) would be gone or changed."""
    if not facts.has_unit:
        return []
    counted = " AND ".join([f"NOT ({facts.only_reports})", _loses_something(values)])
    inside, inside_args = _inside(facts, whole)
    stage.cursor.execute(
        f"""
        WITH touched AS (
            SELECT unit_id, count(*) AS n FROM (
                SELECT unit_id FROM diff n WHERE NOT is_new AND {counted}
                UNION ALL SELECT unit_id FROM gone
            ) t GROUP BY unit_id HAVING count(*) >= 20
        )
        SELECT t.unit_id, t.n, (
            SELECT count(*) FROM {facts.table} o WHERE o.unit_id = t.unit_id AND (({part}) OR ({inside}))
        ) FROM touched t
        """,
        [*part_args, *inside_args],
    )
    return [
        {"unit": unit_id, "rows": n, "of": of, "what": "rows"}
        for unit_id, n, of in stage.cursor.fetchall()
        if n * 10 > of
    ]


def _loses_something(values: dict) -> str:
    """SQL: some value that was there is another one now; filling in what was empty loses nothing."""
    changed = [
        f'(n."old_{target}" IS DISTINCT FROM n."{source}" AND coalesce(n."old_{target}"::text, \'\') <> \'\')'
        for target, source in values.items()
    ]
    return "(" + (" OR ".join(changed) or "false") + ")"


def _history(stage: Stage, facts: Facts, source: str, why: str, batch_id: int) -> None:
    day = f'"{facts.day}"' if facts.day else "NULL::date"
    if source == "diff":
        old, batch, where = "old", "old_batch", "WHERE NOT is_new"
        day = f"(old ->> '{facts.day}')::date" if facts.day else "NULL::date"
    else:
        old, batch, where = "to_jsonb(g) - 'batch_id'", "batch_id", ""
    stage.cursor.execute(
        f"""
        INSERT INTO students_earlierfact
               (kind, student_id, unit_id, "on", why, "values", earlier_batch_id, batch_id, replaced_at)
        SELECT %s, student_id, unit_id, {day}, %s, {old}, {batch}, %s, now() FROM {source} g {where}
        """,
        [facts.kind, why, batch_id],
    )


def _update(stage: Stage, facts: Facts, values: dict, batch_id: int) -> None:
    _history(stage, facts, "diff", "changed", batch_id)
    sets = ", ".join(f'"{target}" = n."{source}"' for target, source in values.items())
    stage.cursor.execute(
        f"""
        UPDATE {facts.table} o SET {sets}, batch_id = %s FROM diff n
         WHERE NOT n.is_new AND {_and(facts.key.items(), "o", "n")}
        """,
        [batch_id],
    )


def _insert(stage: Stage, facts: Facts, values: dict, source: str, batch_id: int) -> None:
    every = {**facts.key, **facts.values}
    targets = [*every, *facts.extra, "batch_id"]
    sources = [
        f'n."{name}"' if name in stage.present or target in facts.key else _default(stage, name)
        for target, name in every.items()
    ]
    sources += [*facts.extra.values(), str(int(batch_id))]
    order = _names(facts.key.values(), "n.")
    only_new = "WHERE n.is_new" if source == "diff" else ""
    stage.cursor.execute(
        f"""
        INSERT INTO {facts.table} ({_names(targets)})
        SELECT {", ".join(sources)} FROM {source} n {only_new} ORDER BY {order}
        """
    )


def _default(stage: Stage, name: str) -> str:
    """What a new row holds in a column that the file does not have."""
    empty = stage.kind.column(name).empty
    return "NULL" if empty is None else repr(empty)


def _withdraw(stage: Stage, facts: Facts, batch_id: int) -> None:
    _history(stage, facts, "gone", "withdrawn", batch_id)
    pairs = [(name, name) for name in facts.key]
    stage.cursor.execute(f"DELETE FROM {facts.table} o USING gone g WHERE {_and(pairs, 'o', 'g')}")


def _digested(changes: Changes, stage: Stage | None = None) -> Changes:
    """What the comparison found, as one short text: the same again only if nothing has moved."""
    parts = [changes.added, changes.changed, changes.gone, changes.unchanged]
    if stage:
        parts.append(
            stage.scalar("""
                SELECT coalesce(sum(hashtextextended(old::text, 0)), 0) FROM diff WHERE NOT is_new""")
        )
        parts.append(stage.scalar("SELECT coalesce(sum(hashtextextended(g::text, 0)), 0) FROM gone g"))
    changes.digest = ":".join(map(str, parts))
    return changes
