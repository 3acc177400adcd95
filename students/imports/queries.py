"""What the import pages show: one small record per page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.urls import reverse

from followup import clock
from followup.accounts.models import SchoolUnit, User
from followup.accounts.permissions import Permission
from followup.scoping import Scope
from students.models.student import Student

from . import progress, running, samples, told
from .headings import positions
from .kinds import KINDS
from .models import Batch, Refusal, Upload
from .numbers import read_number
from .reading import layout_of, rows
from .reasons import Refused
from .storage import opened
from .unseen import reason_without_row, unseen_refusals, unseen_rows

PER_PAGE = 50
_FIRST = 5


@dataclass(frozen=True)
class StoppedRow:
    """A refused row as it is shown; `known_as` are pupils that it may be about, of those one sees.

    Of a `hidden` row, about a pupil who is protected, only where it stands and what is wrong is told.
    """

    refusal: Refusal
    known_as: tuple[Student, ...] = ()
    name: str = ""  # as the row itself has it, where nobody is known
    can_settle: bool = False
    hidden: bool = False

    @property
    def reason(self) -> str:
        return reason_without_row(self.refusal) if self.hidden else self.refusal.reason


@dataclass
class FileCard:
    """One file of an upload: what it is, what it would do or did, and what stands in the way."""

    batch: Batch
    kind: str
    whole: str
    can_change_whole: bool
    figures: list[told.Figure] = field(default_factory=list)
    sentence: str = ""
    held: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    tables: list[samples.Table] = field(default_factory=list)
    stopped: list[StoppedRow] = field(default_factory=list)
    stopped_page: Page | None = None
    percent: int | None = None
    students: set[int] = field(default_factory=set)


@dataclass
class UploadPage:
    upload: Upload
    cards: list[FileCard]

    @property
    def is_working(self) -> bool:
        return any(card.batch.is_working for card in self.cards)

    @property
    def runnable(self) -> list[FileCard]:
        """What the one button reads in: all that has been previewed and needs nobody's release."""
        return [card for card in self.cards if card.batch.is_ready]

    @property
    def held(self) -> list[FileCard]:
        return [card for card in self.cards if card.batch.is_held]

    @property
    def has_read_in(self) -> bool:
        return any(card.batch.state == Batch.State.DONE for card in self.cards)

    @property
    def changes(self) -> int:
        return sum(card.batch.changes for card in self.runnable)

    @property
    def students(self) -> set[int]:
        return set().union(*(card.students for card in self.cards)) if self.cards else set()


@dataclass(frozen=True)
class HeadingRow:
    heading: str
    read_as: str


def list_page(scope: Scope, page: int) -> Page:
    """The imports that one may see, the newest first."""
    batches = Batch.objects.visible_to(scope).select_related("by", "file").order_by("-pk")
    return Paginator(batches, PER_PAGE).get_page(page)


def own_units(scope: Scope) -> list[SchoolUnit]:
    """The schools whose files one reads in."""
    units = SchoolUnit.objects.filter(pk__in=scope.units_where(Permission.IMPORT_FILES))
    return list(units.select_related("organiser", "municipality").order_by("name"))


def is_own(batch: Batch, user: User) -> bool:
    """Whether she sent it: the page of an upload is its sender's alone."""
    return batch.file_id is not None and batch.by_id == user.pk


def page_of(batch: Batch, user: User) -> str:
    """Where a file is looked at and read in; for a colleague, its own page."""
    if is_own(batch, user):
        return reverse("imports:upload", args=[batch.file.upload_id])
    return reverse("imports:batch", args=[batch.pk])


def upload_page(upload: Upload, scope: Scope) -> UploadPage:
    batches = list(Batch.objects.filter(file__upload=upload).order_by("pk"))
    return UploadPage(upload, _cards(batches, scope, _first_refusals(batches)))


def file_page(batch: Batch, scope: Scope, page: int) -> FileCard:
    refusals = Paginator(batch.refusals.select_related("batch"), PER_PAGE).get_page(page)
    card = _cards([batch], scope, {batch.pk: list(refusals)})[0]
    card.stopped_page = refusals
    return card


def _first_refusals(batches: list[Batch]) -> dict[int, list[Refusal]]:
    """The first few of every file, in one query."""
    few = Refusal.objects.select_related("batch").order_by("line", "pk")
    fetched = Batch.objects.filter(pk__in=[batch.pk for batch in batches]).prefetch_related(
        Prefetch("refusals", queryset=few[:_FIRST], to_attr="few")
    )
    return {batch.pk: batch.few for batch in fetched}


def _cards(batches: list[Batch], scope: Scope, refusals: dict[int, list[Refusal]]) -> list[FileCard]:
    unit_ids = {pk for batch in batches for pk in (*batch.whole_for_units, *batch.unit_ids)}
    names = dict(SchoolUnit.objects.filter(pk__in=unit_ids).values_list("pk", "name"))
    at_work = any(batch.state == Batch.State.RUNNING for batch in batches)
    lost = set(running.lost().values_list("pk", flat=True)) if at_work else set()
    percents = progress.of([batch.pk for batch in batches if batch.is_working])
    sampled = _sampled_pupils(batches, scope)
    every_refusal = [row for found in refusals.values() for row in found]
    known, hidden = _known_pupils(every_refusal, scope), unseen_refusals(every_refusal, scope)
    cards = []
    for batch in batches:
        if batch.pk in lost:
            batch.state, batch.error = Batch.State.INTERRUPTED, "interrupted"
        kind = KINDS.get(batch.kind)
        stopped = [
            StoppedRow(refusal, hidden=True) if refusal.pk in hidden else _stopped(refusal, known)
            for refusal in refusals.get(batch.pk, [])
        ]
        tables = samples.tables(batch, sampled, names)
        cards.append(
            FileCard(
                batch=batch,
                kind=str(kind.label) if kind else "",
                whole=told.whole(batch, names),
                can_change_whole=(batch.can_run or batch.is_held)
                and batch.kind not in ("skolenheter", "elever", "vardnadshavare"),
                figures=told.figures(batch) if batch.counts else [],
                sentence=told.sentence(batch),
                held=[running.held_sentence(held) for held in batch.held_because],
                warnings=list(told.warnings(batch)),
                tables=tables,
                stopped=stopped,
                percent=percents.get(batch.pk),
                students={pupil.pk for row in stopped for pupil in row.known_as}
                | {row.student.pk for table in tables for row in table.rows if row.student},
            )
        )
    return cards


def _sampled_pupils(batches: list[Batch], scope: Scope) -> dict[int, Student]:
    """The pupils whom the samples are about, of those one sees."""
    ids = {each["student"] for batch in batches for found in batch.samples.values() for each in found}
    return Student.objects.visible_to(scope).in_bulk(ids - {None}) if ids - {None} else {}


def _known_pupils(refusals: list[Refusal], scope: Scope) -> dict[int, tuple[Student, ...]]:
    """Pupils whom refused rows may be about: the number's holder, or those with the birth date and name."""
    if not refusals:
        return {}
    holders = {r.pk: r.params["student"] for r in refusals if r.code == "names_changed"}
    born = {r.pk: _birth_date(r.value) for r in refusals if r.code == "number_is_birth_date"}
    visible = Student.objects.visible_to(scope).select_related("person")
    numbers = {r.pk: _number(r) for r in refusals if r.pk not in holders and r.pk not in born}
    of_number: dict[str, Student] = {}
    if wanted := set(filter(None, numbers.values())):
        of_number = {p.person.national_number: p for p in visible.filter(person__national_number__in=wanted)}
    found = {pk: (of_number[n],) for pk, n in numbers.items() if n in of_number}
    if holders:
        pupils = visible.in_bulk(set(holders.values()))
        found |= {pk: (pupils[student],) for pk, student in holders.items() if student in pupils}
    if born:
        pupils = list(visible.filter(person__birth_date__in=set(filter(None, born.values()))))
        for refusal in refusals:
            if refusal.pk in born:
                words = {word.casefold() for cell in refusal.row for word in str(cell).split()}
                found[refusal.pk] = tuple(
                    pupil
                    for pupil in pupils
                    if pupil.person.birth_date == born[refusal.pk]
                    and {word.casefold() for word in pupil.family_name.split()} & words
                )
    return found


def _number(refusal: Refusal) -> str:
    """The personal number of a refused row, where it can be read."""
    text = _cell(refusal, "national_number")
    try:
        return read_number(text, clock.today()).number if text else ""
    except Refused:
        return ""


def _cell(refusal: Refusal, column: str) -> str:
    position = refusal.batch.columns.get("positions", {}).get(column)
    return str(refusal.row[position]) if position is not None and position < len(refusal.row) else ""


def _birth_date(text: str) -> date | None:
    digits = text.replace("-", "").strip()
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _stopped(refusal: Refusal, known: dict[int, tuple[Student, ...]]) -> StoppedRow:
    pupils = known.get(refusal.pk, ())
    can_settle = refusal.code == "names_changed" and bool(pupils) and refusal.settled_at is None
    name = "" if pupils else f"{_cell(refusal, 'given_name')} {_cell(refusal, 'family_name')}".strip()
    return StoppedRow(refusal, pupils, name, can_settle)


def pupils_in(batch: Batch, scope: Scope) -> set[int]:
    """The pupils whom the refused rows of a file are about, for the log of readings."""
    numbers = {_number(refusal) for refusal in batch.refusals.select_related("batch").iterator()} - {""}
    pupils = Student.objects.visible_to(scope).filter(person__national_number__in=numbers)
    return set(pupils.values_list("pk", flat=True))


def pupils_among(cells: Iterable[str], scope: Scope) -> set[int]:
    """The pupils whose numbers stand in some cells, for the log of readings."""
    numbers = set()
    for cell in cells:
        try:
            numbers.add(read_number(cell, clock.today()).number)
        except Refused:
            continue
    pupils = Student.objects.visible_to(scope).filter(person__national_number__in=numbers)
    return set(pupils.values_list("pk", flat=True)) if numbers else set()


def heading_rows(batch: Batch) -> list[HeadingRow]:
    """How the headings were read; those that are not read too."""
    kind = KINDS.get(batch.kind)
    if kind is None:
        return []
    places = batch.columns.get("positions", {})
    read = {position: kind.column(name).heading for name, position in places.items()}
    return [
        HeadingRow(heading, read.get(position, ""))
        for position, heading in enumerate(batch.columns.get("headings", []))
        if heading
    ]


def ten_rows(batch: Batch, scope: Scope) -> list[list[str]]:
    """The first rows of a file, for the one who chooses its columns; empty where she must not see a row."""
    with opened(batch.file) as file:
        try:
            layout = layout_of(file)
        except Refused:
            return []
        found = []
        for _line, cells in rows(file, layout):
            found.append([layout.text(cell) for cell in cells][: len(layout.headings)])
            if len(found) == 10:
                break
    hidden = unseen_rows(found, scope, batch)
    return [[] if n in hidden else row for n, row in enumerate(found)]


def proposed_columns(batch: Batch, kind_code: str) -> dict[str, int]:
    """What can be told of the columns for a kind, as a start for the one who chooses."""
    try:
        return positions(KINDS[kind_code], batch.columns.get("headings", []))
    except Refused:
        return {}
