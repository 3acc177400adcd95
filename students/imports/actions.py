"""Reading in files: received, previewed, run, released. The command line and the pages use the same verbs."""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import SchoolUnit, User
from followup.audit.actions import record
from followup.offers import offered

from . import engine, protection
from .headings import Recognised, fingerprint, recognise, with_kind
from .kinds import KINDS
from .models import Batch, HeadingMapping
from .places import Places, Whole
from .reading import Layout, layout_of
from .reasons import Refused
from .records import records
from .run import Run

log = structlog.get_logger(__name__)
_ALIVE = 7002  # advisory lock of a batch that is being run
_IN_MEMORY = 8 * 1024 * 1024
KINDS_IN_ORDER = list(KINDS)


@dataclass
class Incoming:
    """One file of an upload, opened: what it is, or why it cannot be told."""

    name: str
    file: BinaryIO
    batch: Batch
    layout: Layout | None = None
    recognised: Recognised | None = None
    marks: dict = field(default_factory=dict)
    unplaced_marks: int = 0

    @property
    def order(self) -> int:
        return KINDS_IN_ORDER.index(self.recognised.kind.code) if self.recognised else len(KINDS_IN_ORDER)


def look_at(*, name: str, file: BinaryIO, batch: Batch, kind: str = "") -> Incoming:
    """Recognise a file; a batch that cannot be read says why and waits for columns, or has failed."""
    incoming = Incoming(name, file, batch)
    try:
        incoming.layout = layout_of(file)
    except Refused as refused:
        _fail(batch, refused)
        return incoming
    headings = list(incoming.layout.headings)
    try:
        incoming.recognised = _recognised(batch, headings, kind)
    except Refused as refused:
        batch.state = Batch.State.MAPPING
        batch.error, batch.error_params = refused.code, refused.params
        return incoming
    batch.kind = incoming.recognised.kind.code
    batch.columns = incoming.recognised.positions
    batch.error, batch.error_params = "", {}
    return incoming


def _recognised(batch: Batch, headings: list[str], kind: str) -> Recognised:
    if batch.columns and batch.kind:  # chosen by a person for this file
        return with_kind(KINDS[batch.kind], headings, batch.columns)
    if kind:
        return with_kind(KINDS[kind], headings)
    remembered = HeadingMapping.objects.filter(
        organiser=batch.organiser, source=batch.source, headings_hash=fingerprint(headings)
    ).first()
    if remembered:
        return with_kind(KINDS[remembered.kind], headings, remembered.columns)
    return recognise(headings)


def _fail(batch: Batch, refused: Refused) -> None:
    batch.state = Batch.State.FAILED
    batch.error, batch.error_params = refused.code, refused.params


def propose_whole(incoming: Incoming, places: Places) -> Whole:
    """Attendance: the schools in the file and its days. All else is whole for nothing unless a person says so."""
    if incoming.recognised.kind.code not in ("narvaro", "franvaro"):
        return Whole()
    return engine.units_and_days(incoming.file, incoming.layout, incoming.recognised, places)


def plan(
    *, incoming: Iterable[Incoming], by: User | None, allowed: set[int] | None, may_make_places=False
) -> None:
    """Find out what the files would do, in the order they would be read; only protection marks stay."""
    files = sorted((one for one in incoming if one.recognised), key=lambda one: one.order)
    _mark_protected(files, by, allowed, may_make_places)
    answers = []
    with ExitStack() as stack, transaction.atomic():
        point = transaction.savepoint()
        enrolled = enrolled_in(files, Places.of(allowed, may_make_places))
        for one in files:
            places = Places.of(allowed, may_make_places)
            if one.recognised.kind.code == "elever":
                enrolled = enrolled_in(files, places)  # now that the upload's own schools are known
            refusals = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            one_point = transaction.savepoint()
            try:
                this = _run_of(one, by, enrolled)
                this.apply = one.recognised.kind.code not in engine.LEAVES
                outcome = engine.read_file(
                    one.file, one.layout, one.recognised, places, this, lambda _found: True, refusals
                )
                answers.append((one, outcome, refusals))
            except Refused as refused:
                transaction.savepoint_rollback(one_point)
                _fail(one.batch, refused)
        transaction.savepoint_rollback(point)
        for one, outcome, _refusals in answers:
            _keep_outcome(one, outcome)
            one.batch.state = Batch.State.PREVIEW
        for one in files:
            one.batch.save()
        for one, _outcome, refusals in answers:
            engine.keep_refusals(one.batch.pk, refusals)


def run(
    *,
    incoming: Incoming,
    by: User | None,
    allowed: set[int] | None,
    may_make_places: bool = False,
    enrolled: set[tuple[str, int]] | None = None,
    release: bool = False,
) -> Batch:
    """Read one file in: all of it, or nothing. Held when the guard says so and nobody has released it."""
    batch = incoming.batch
    _start(batch)
    try:
        with transaction.atomic(), SpooledTemporaryFile(_IN_MEMORY) as refusals:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_ALIVE, batch.pk])
            _mark_protected([incoming], by, allowed, may_make_places)
            places = Places.of(allowed, may_make_places)
            expected = batch.fingerprint
            released = release or batch.released_by_id is not None
            outcome = engine.read_file(
                incoming.file,
                incoming.layout,
                incoming.recognised,
                places,
                _run_of(incoming, by, enrolled or set()),
                lambda found: (released or not found.held) and expected in ("", found.fingerprint),
                refusals,
            )
            _keep_outcome(incoming, outcome)
            if expected not in ("", outcome.fingerprint):
                batch.state, batch.error = Batch.State.PREVIEW, "moved"
            elif outcome.held and not released:
                batch.state = Batch.State.HELD
            else:
                batch.state = Batch.State.DONE
            batch.finished_at = clock.now()
            batch.save()
            engine.keep_refusals(batch.pk, refusals)
            record("run_import", by=by, about=batch, organiser_id=batch.organiser_id, state=batch.state)
    except Refused as refused:
        _fail(batch, refused)
        batch.finished_at = clock.now()
        batch.save()
    except Exception as error:
        batch.state, batch.error = Batch.State.FAILED, "unexpected"
        batch.finished_at = clock.now()
        batch.save(update_fields=["state", "error", "finished_at"])
        log.error("import_failed", batch=batch.pk, kind=batch.kind, error=type(error).__name__)
        raise
    return batch


def _start(batch: Batch) -> None:
    """Say that it runs, for all to see, before the work begins in a transaction of its own."""
    batch.state, batch.started_at, batch.error = Batch.State.RUNNING, clock.now(), ""
    batch.save()


def _run_of(one: Incoming, by: User | None, enrolled: set) -> Run:
    batch = one.batch
    return Run(
        batch_id=batch.pk,
        day=clock.day_of(batch.at),
        by=by,
        source=batch.source,
        whole=Whole(tuple(batch.whole_for_units), batch.whole_from, batch.whole_until),
        enrolled=enrolled,
    )


def _keep_outcome(one: Incoming, outcome: engine.Outcome) -> None:
    batch = one.batch
    if one.unplaced_marks:
        outcome.warnings["protection_unplaced"] = one.unplaced_marks
    batch.counts = outcome.counts()
    batch.fingerprint = outcome.fingerprint
    batch.held_because = outcome.held
    if batch.organiser_id is None and len(outcome.organisers) == 1:
        batch.organiser_id = outcome.organisers[0]


def _mark_protected(files: list[Incoming], by, allowed, may_make_places) -> None:
    """Marks apply at once, whatever becomes of the rows and the file."""
    for one in files:
        if one.recognised.kind.code != "elever":
            continue
        places = Places.of(allowed, may_make_places)
        one.marks, one.unplaced_marks = protection.marks_in(one.file, one.layout, one.recognised, places)
        protection.mark_at_once(one.marks, by=by, source=one.batch.source or "fil")


def enrolled_in(files: list[Incoming], places: Places) -> set[tuple[str, int]]:
    """(number, organiser) of every enrolment in the upload: where its waiting pupils belong."""
    found: set[tuple[str, int]] = set()
    for one in files:
        if not one.recognised or one.recognised.kind.code != "inskrivningar":
            continue
        for read in records(one.file, one.layout, one.recognised):
            row = read.row
            number, place = row.get("national_number"), places.by_code.get(row.get("school_unit_code"))
            if number and place:
                found.add((number.number, place.organiser_id))
    return found


def offer_to_follow(unit_ids: set[int]) -> None:
    """What must follow when facts have come in: the scan, first of all."""
    for follow in offered("AFTER_IMPORT", "after_import"):
        follow(sorted(unit_ids), clock.today())


def held_sentence(held: dict) -> str:
    """Why a file waits for a person, about one school unit."""
    unit = SchoolUnit.objects.filter(pk=held["unit"]).values_list("name", flat=True).first()
    values = {"unit": unit, "n": held["rows"], "of": held["of"]}
    if held["what"] == "pupils":
        return _("%(n)s av %(of)s elever på %(unit)s skulle sluta. Kontrollera att filen är hel.") % values
    return (
        _("%(n)s av %(of)s uppgifter på %(unit)s skulle ändras eller försvinna. Kontrollera filen.") % values
    )


def checksum_of(file: BinaryIO) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


ERASED_AFTER = timedelta(days=30)
