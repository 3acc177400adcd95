"""One file against the database: the same steps for a preview and for a run, so that they answer alike.

A preview takes all its steps back; a run keeps them, or takes them back too when it must wait for a
person. Everything lies in the caller's transaction: killed half-way, nothing is half-written.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import BinaryIO

from django.db import connection, transaction

from .facts import Changes
from .headings import Recognised
from .kinds import KINDS
from .merges.attendance import merge_attendance
from .merges.details import merge_absences, merge_grades, merge_guardians
from .merges.enrolments import merge_enrolments
from .merges.mentor_groups import merge_mentor_groups
from .merges.people import merge_students
from .merges.places import merge_units
from .merges.staff import merge_staff
from .models import Refusal
from .places import Places, Whole
from .progress import Progress
from .reading import Layout, rows
from .reasons import Refused
from .run import Run
from .samples import Sample
from .staging import Stage, copy_line

MERGES: dict[str, Callable[[Stage, Run], Changes]] = {
    "skolenheter": merge_units,
    "personal": merge_staff,
    "elever": merge_students,
    "inskrivningar": merge_enrolments,
    "vardnadshavare": merge_guardians,
    "mentorsgrupper": merge_mentor_groups,
    "narvaro": merge_attendance,
    "franvaro": merge_absences,
    "betyg": merge_grades,
}
assert MERGES.keys() == KINDS.keys()
# Nothing in a later file of the same upload rests on these, so a preview need not write them.
LEAVES = {"vardnadshavare", "mentorsgrupper", "narvaro", "franvaro", "betyg"}
_LOCK = 7001  # advisory locks: one import per organiser at a time


@dataclass
class Outcome:
    """What one file did, or in a preview would do."""

    rows: int = 0
    refused: int = 0
    repeated: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    students: int = 0
    centuries: list[tuple[int, int]] = field(default_factory=list)  # line, year of birth worked out by age
    warnings: dict[str, int] = field(default_factory=dict)
    held: list[dict] = field(default_factory=list)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    units: list[int] = field(default_factory=list)
    elsewhere: int = 0
    organisers: list[int] = field(default_factory=list)
    fingerprint: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def stored(self) -> int:
        return self.rows - self.refused

    def counts(self) -> dict:
        """What the batch keeps of it."""
        kept = asdict(self)
        for name in ("fingerprint", "held", "samples", "first", "last"):
            del kept[name]
        if not self.elsewhere:
            del kept["elsewhere"]  # its being there is what is asked for
        return kept

    def samples_kept(self) -> dict[str, list[dict]]:
        return asdict(self)["samples"]


def read_file(
    file: BinaryIO,
    layout: Layout,
    recognised: Recognised,
    places: Places,
    run: Run,
    keep: Callable[[Outcome], bool],
    refusals: BinaryIO,
) -> Outcome:
    """Merge one file; `keep` says of its outcome whether it stands. The refused rows go to `refusals`."""
    with (
        connection.cursor() as cursor,
        Stage(cursor, file, layout, recognised, places, Progress(run.batch_id)) as stage,
    ):
        _lock(cursor, [0] if recognised.kind.code == "skolenheter" else sorted(places.organiser_ids))
        point = transaction.savepoint()
        changes = MERGES[recognised.kind.code](stage, run)
        outcome = _outcome(stage, changes, run)
        for refusal in stage.refusals():
            refusals.write(copy_line(refusal))
        if keep(outcome):
            transaction.savepoint_commit(point)
        else:
            transaction.savepoint_rollback(point)
    return outcome


def _lock(cursor, organiser_ids: list[int]) -> None:
    for organiser_id in organiser_ids:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, organiser_id])


def _outcome(stage: Stage, changes: Changes, run: Run) -> Outcome:
    refused = stage.scalar("SELECT count(DISTINCT line) FROM stopped")
    outcome = Outcome(
        rows=stage.rows,
        refused=refused,
        repeated=stage.repeated,
        added=changes.added,
        changed=changes.changed,
        gone=changes.gone,
        unchanged=changes.unchanged,
        students=changes.students,
        warnings=stage.warnings,
        held=changes.held,
        samples=changes.samples,
        units=sorted(changes.units),
        elsewhere=changes.elsewhere,
    )
    if stage.assumed:
        outcome.warnings["century_assumed"] = len(stage.assumed)
        outcome.centuries = list(stage.assumed.values())[:20]
    if outcome.units:
        stage.cursor.execute(
            "SELECT DISTINCT organiser_id FROM accounts_schoolunit WHERE id = ANY(%s) ORDER BY 1",
            [outcome.units],
        )
        outcome.organisers = [row[0] for row in stage.cursor.fetchall()]
    told = [
        stage.rows,
        refused,
        changes.digest,
        run.whole.unit_ids,
        str(run.whole.first),
        str(run.whole.last),
    ]
    outcome.fingerprint = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return outcome


def keep_refusals(batch_id: int, refusals: BinaryIO) -> None:
    """The refused rows of a batch, instead of those of its last preview."""
    Refusal.objects.filter(batch=batch_id).delete()
    refusals.seek(0)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE TEMP TABLE IF NOT EXISTS refused_rows
                (line int, "column" text, value text, code text, params jsonb, "row" jsonb) ON COMMIT DROP;
            TRUNCATE refused_rows;
        """)
        cursor.cursor.copy_expert("COPY refused_rows FROM STDIN", refusals, 1 << 20)
        cursor.execute(
            """
            INSERT INTO students_refusal (batch_id, line, "column", value, code, params, "row")
            SELECT %s, line, "column", value, code, params, "row" FROM refused_rows ORDER BY line
            """,
            [batch_id],
        )


def units_and_days(file: BinaryIO, layout: Layout, recognised: Recognised, places: Places) -> Whole:
    """The schools and days that a file is about: what is proposed as what it is whole for."""
    unit_position = recognised.positions.get("school_unit_code")
    day_position = recognised.positions.get("date")
    if unit_position is None:
        return Whole()
    units: set = set()
    days: set = set()
    for _line, cells in rows(file, layout):
        if len(cells) > unit_position:
            units.add(cells[unit_position])
        if day_position is not None and len(cells) > day_position:
            days.add(cells[day_position])
    codes = {layout.text(cell) for cell in units}
    found = [places.by_code[code].unit_id for code in codes if code in places.by_code]
    if places.allowed is not None:
        found = [unit_id for unit_id in found if unit_id in places.allowed]
    read_days = sorted(filter(None, (_day(recognised, layout.text(cell)) for cell in days)))
    return Whole(
        tuple(sorted(found)),
        read_days[0] if read_days else None,
        read_days[-1] if read_days else None,
        as_the_file=True,
    )


def _day(recognised: Recognised, text: str) -> date | None:
    try:
        return recognised.kind.column("date").read(text) if text else None
    except Refused:
        return None
