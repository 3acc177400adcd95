"""A few of the rows that a file changes or no longer has, so that a count can be looked into.

Picked by set while the rows lie in their temporary tables, and kept with the batch until its file is
erased. A protected pupil is never among them; whether a reader sees the others is asked when they are shown.
"""

import json
from dataclasses import dataclass, field
from datetime import date, time

from django.utils.translation import gettext as _

from followup.accounts.permissions import ROLES
from followup.words import clock_time, day, number
from students.models.person import Protection
from students.models.student import Student

from .kinds import KINDS, Kind
from .models import Batch
from .staging import Stage

FEW = 5
MOST_STAFF = 200  # who loses a role is listed by name, whole
_LOOKED_AT = 10  # times as many as are wanted, so that some are left without the protected


@dataclass(frozen=True)
class Sample:
    """One row: `about` are (column, value) that tell which, `fields` are (column, before, after)."""

    fields: list[list]
    line: int | None = None
    student: int | None = None
    name: str = ""  # of staff or a school; a pupil's is looked up when it is shown
    unit: int | None = None
    about: list[list] = field(default_factory=list)
    pupils: int = 0  # who would be without her as their mentor


def few(stage: Stage, rows: str, order: str, most: int = FEW) -> list[dict]:
    """The first of some rows that a SELECT gives, as dictionaries; it must name a `student_id`."""
    stage.cursor.execute(
        f"""
        SELECT to_jsonb(x)::text FROM (
            SELECT * FROM (SELECT * FROM ({rows}) r ORDER BY {order} LIMIT {most * _LOOKED_AT}) d
             WHERE NOT EXISTS (
                SELECT 1 FROM students_student t JOIN students_person p ON p.id = t.person_id
                 WHERE t.id = d.student_id AND p.protection <> %s)
             ORDER BY {order} LIMIT {most}) x
        """,
        [Protection.NONE],
    )
    return [json.loads(text) for (text,) in stage.cursor.fetchall()]


# As words on a page -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """One value of a row: what it was and what it becomes; of a row that goes only one, with no `after`."""

    heading: str
    before: str
    after: str = ""


@dataclass(frozen=True)
class Row:
    line: int | None
    name: str
    about: str
    moves: list[Move]
    student: Student | None = None


@dataclass(frozen=True)
class Table:
    """Some of the `total` rows; `hidden` says that others are about pupils whom the reader does not see."""

    title: str
    who: str
    rows: list[Row]
    total: int
    in_file: bool
    hidden: bool


def tables(batch: Batch, students: dict[int, Student], units: dict[int, str]) -> list[Table]:
    """The samples of a file, with the names that a reader sees: `students` are those visible to her."""
    found = []
    for which, title in (("changed", _changed_title(batch)), ("gone", _gone_title(batch))):
        total, kept = batch.counts.get(which, 0), batch.samples.get(which)
        if not total or kept is None:
            continue
        changed = which == "changed"
        rows = [row for each in kept if (row := _row(Sample(**each), batch, changed, students, units))]
        # A mentor's rows are many and her sample is one, so there the kept ones are counted.
        wanted = len(kept) if batch.kind == "mentorsgrupper" else min(total, FEW)
        found.append(Table(title, _who(batch), rows, total, in_file=changed, hidden=len(rows) < wanted))
    return found


def changed_lines(batch: Batch) -> list[tuple[int, list[str]]]:
    """Which columns change in some of the rows, without a value."""
    kind = KINDS[batch.kind]
    found = [Sample(**each) for each in batch.samples.get("changed", ())]
    return [
        (each.line, [_heading(kind, column) for column, *_values in each.fields])
        for each in found
        if each.line
    ]


def _changed_title(batch: Batch) -> str:
    return _("Det här ändrades") if batch.state == Batch.State.DONE else _("Det här ändras")


def _gone_title(batch: Batch) -> str:
    done = batch.state == Batch.State.DONE
    if batch.kind == "personal":
        return _("De här förlorade en roll") if done else _("De här förlorar en roll")
    if batch.kind in ("inskrivningar", "mentorsgrupper"):
        return _("Det här avslutades") if done else _("Det här avslutas")
    return _("Det här drogs tillbaka") if done else _("Det här dras tillbaka")


def _who(batch: Batch) -> str:
    named = {"personal": _("Namn"), "skolenheter": _("Skola"), "mentorsgrupper": _("Elev eller mentor")}
    return named.get(batch.kind) or _("Elev")


def _row(
    sample: Sample, batch: Batch, changed: bool, students: dict[int, Student], units: dict[int, str]
) -> Row | None:
    kind, student = KINDS[batch.kind], students.get(sample.student)
    if sample.student and student is None:
        return None
    about = [_word(kind, column, value, units) for column, value in sample.about]
    if batch.kind == "vardnadshavare":
        about = [" ".join(about)]  # her given name and her family name
    if len(batch.unit_ids) > 1:
        about.append(units.get(sample.unit, ""))
    if sample.pupils:
        about.append(_("mentor för %(students)s") % {"students": number(sample.pupils, "student")})
    moves = []
    for column, before, after in sample.fields:
        words = [_word(kind, column, value, units) or _("tomt") for value in (before, after)]
        if changed:
            moves.append(Move(_heading(kind, column), *words))
        elif column == "ends_on":
            moves.append(Move(_("sista dag"), words[1]))
        else:
            moves.append(Move(_heading(kind, column), words[0]))
    name = student.name if student else sample.name
    return Row(sample.line, name, ", ".join(filter(None, about)), moves, student)


def _heading(kind: Kind, column: str) -> str:
    return _("skolenhet") if column == "unit_id" else kind.column(column).heading


def _word(kind: Kind, column: str, value: object, units: dict[int, str]) -> str:
    """A value in the file's own words, days as on every page."""
    if value in (None, ""):
        return ""
    if column == "unit_id":
        return units.get(value, "")
    if column == "role":
        return str(ROLES[value].name)
    found = kind.column(column)
    if found.sql == "date":
        return day(date.fromisoformat(value))
    if found.sql == "time":
        return clock_time(time.fromisoformat(value))
    return str(getattr(found.read, "words", {}).get(value, value))
