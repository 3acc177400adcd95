"""Previewing and running files that are open: what the pages and the command line share."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import SchoolUnit, User
from followup.audit.actions import record
from followup.offers import offered
from followup.words import thousands

from . import engine, progress, protection
from .incoming import Incoming, enrolled_in, fail
from .models import UNEXPECTED, Batch
from .places import Places, Whole
from .reasons import Refused
from .run import Run

log = structlog.get_logger(__name__)
_IN_MEMORY = 8 * 1024 * 1024
_RUNNING = 7002  # advisory lock, held by the session that runs a batch: gone when it dies


@dataclass(frozen=True)
class Rights:
    """Who reads in, and where: `allowed` is None for the command line and whoever may make schools."""

    by: User | None = None
    allowed: frozenset[int] | None = None

    def places(self) -> Places:
        return Places.of(self.allowed)


def plan(incoming: Iterable[Incoming], rights: Rights) -> None:
    """Find out what the files would do, in the order they would be read; only protection marks stay."""
    files = sorted((one for one in incoming if one.recognised), key=lambda one: one.order)
    unplaced = _mark_protected(files, rights)
    answers = []
    with ExitStack() as stack, transaction.atomic():
        point = transaction.savepoint()
        for one in files:
            refusals = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            file_point = transaction.savepoint()
            try:
                places = rights.places()
                run = _run_of(one, rights, _enrolled_for(one, files, places))
                run.apply = one.recognised.kind.code not in engine.LEAVES
                outcome = engine.read_file(
                    one.file, one.layout, one.recognised, places, run, lambda _found: True, refusals
                )
                answers.append((one, outcome, refusals))
            except Refused as refused:
                transaction.savepoint_rollback(file_point)
                fail(one.batch, refused)
            except Exception as error:  # a fault of ours: said on its page, or it would be tried every minute
                transaction.savepoint_rollback(file_point)
                fail(one.batch, Refused(UNEXPECTED))
                log.error(
                    "preview_failed", batch=one.batch.pk, kind=one.batch.kind, error=type(error).__name__
                )
        transaction.savepoint_rollback(point)
        for one, outcome, _refusals in answers:
            _keep_outcome(one.batch, outcome, unplaced.get(one.batch.pk, 0))
            one.batch.state = Batch.State.PREVIEW
        for one in files:
            one.batch.finished_at = clock.now()
            one.batch.save()
        for one, _outcome, refusals in answers:
            engine.keep_refusals(one.batch.pk, refusals)


def run(one: Incoming, rights: Rights, *, beside: Iterable[Incoming] = (), release: bool = False) -> Batch:
    """Read one file in: all of it, or nothing. Held when the guard says so and nobody has released it."""
    batch = one.batch
    with claimed(_RUNNING, batch.pk) as mine:
        if not mine:
            return batch
        batch.state, batch.started_at, batch.error = Batch.State.RUNNING, clock.now(), ""
        progress.forget(batch.pk)
        batch.save()  # for all to see, before the work begins in a transaction of its own
        try:
            _run(one, rights, beside, release or batch.released_by_id is not None)
        except Refused as refused:
            fail(batch, refused)
            _end(batch)
        except Exception as error:
            batch.state, batch.error = Batch.State.FAILED, UNEXPECTED
            _end(batch)
            log.error("import_failed", batch=batch.pk, kind=batch.kind, error=type(error).__name__)
            raise
    return batch


def _run(one: Incoming, rights: Rights, beside: Iterable[Incoming], released: bool) -> None:
    batch, expected = one.batch, one.batch.fingerprint
    with transaction.atomic(), SpooledTemporaryFile(_IN_MEMORY) as refusals:
        unplaced = _mark_protected([one], rights)
        places = rights.places()
        outcome = engine.read_file(
            one.file,
            one.layout,
            one.recognised,
            places,
            _run_of(one, rights, _enrolled_for(one, [one, *beside], places)),
            lambda found: (released or not found.held) and expected in ("", found.fingerprint),
            refusals,
        )
        _keep_outcome(batch, outcome, unplaced.get(batch.pk, 0))
        if expected not in ("", outcome.fingerprint):
            batch.state, batch.error = Batch.State.PREVIEW, "moved"
            batch.released_by = batch.released_at = None  # what somebody let in was something else
        elif outcome.held and not released:
            batch.state = Batch.State.HELD
        else:
            batch.state = Batch.State.DONE
        _end(batch)
        engine.keep_refusals(batch.pk, refusals)
        record("run_import", by=rights.by, about=batch, organiser_id=batch.organiser_id, state=batch.state)


def _end(batch: Batch) -> None:
    batch.finished_at = clock.now()
    batch.save()


def _run_of(one: Incoming, rights: Rights, enrolled: set) -> Run:
    batch = one.batch
    units = (unit for unit in batch.whole_for_units if rights.allowed is None or unit in rights.allowed)
    return Run(
        batch_id=batch.pk,
        day=clock.day_of(batch.at),
        by=rights.by,
        source=batch.source,
        whole=Whole(tuple(units), batch.whole_from, batch.whole_until),
        enrolled=enrolled,
    )


def _enrolled_for(one: Incoming, files: Iterable[Incoming], places: Places) -> set:
    return enrolled_in(files, places) if one.recognised.kind.code == "elever" else set()


def _keep_outcome(batch: Batch, outcome: engine.Outcome, unplaced: int) -> None:
    if unplaced:
        outcome.warnings["protection_unplaced"] = unplaced
    batch.counts = outcome.counts()
    batch.samples = outcome.samples_kept()
    batch.unit_ids = outcome.units
    batch.fingerprint = outcome.fingerprint
    batch.held_because = outcome.held
    if batch.organiser_id is None and len(outcome.organisers) == 1:
        batch.organiser_id = outcome.organisers[0]


def _mark_protected(files: list[Incoming], rights: Rights) -> dict[int, int]:
    """Marks apply at once, whatever becomes of the rows and the file; gives the marks on unreadable numbers."""
    unplaced = {}
    for one in files:
        if one.recognised.kind.code == "elever":
            marks, unplaced[one.batch.pk] = protection.marks_in(
                one.file, one.layout, one.recognised, rights.places()
            )
            protection.mark_at_once(marks, by=rights.by, source=one.batch.source or "fil")
    return unplaced


def offer_to_follow(unit_ids: set[int]) -> None:
    """What must follow when facts have come in: the scan, first of all."""
    for follow in offered("AFTER_IMPORT", "after_import"):
        follow(sorted(unit_ids), clock.today())


def held_sentence(held: dict) -> str:
    """Why a file waits for a person, about one school unit."""
    unit = SchoolUnit.objects.filter(pk=held["unit"]).values_list("name", flat=True).first()
    values = {"unit": unit, "n": thousands(held["rows"]), "of": thousands(held["of"])}
    if held["what"] == "pupils":
        return (
            _(
                "%(n)s av %(of)s elever på %(unit)s skulle sluta, så filen läses inte in "
                "förrän någon har kontrollerat att den är hel."
            )
            % values
        )
    return (
        _(
            "%(n)s av %(of)s uppgifter på %(unit)s skulle ändras eller försvinna, så filen läses inte in "
            "förrän någon har kontrollerat den."
        )
        % values
    )


# Who is at work ---------------------------------------------------------------------------------------


@contextmanager
def claimed(kind: int, number: int) -> Iterator[bool]:
    """Whether this session alone works with something; let go at the end, or when the session dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, number])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, number])


def lost() -> QuerySet[Batch]:
    """Runs that nobody is running any more: they died.

    Asked in this order, and once more at the end, because a run may begin or end between the questions.
    """
    said = set(Batch.objects.filter(state=Batch.State.RUNNING).values_list("pk", flat=True))
    dead = said - running_ids() if said else said
    return Batch.objects.filter(pk__in=dead, state=Batch.State.RUNNING)


def running_ids() -> set[int]:
    """The batches that some session is running right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT objid FROM pg_locks JOIN pg_database d ON d.oid = database
             WHERE locktype = 'advisory' AND classid = %s AND granted AND d.datname = current_database()
            """,
            [_RUNNING],
        )
        return {row[0] for row in cursor.fetchall()}
