"""Claims the parts of a scan in the database and works on them; any worker on any host, killed or not.

1. A part is noted as mine, with one attempt more: a short transaction of its own, so that a part that
   kills its workers is given up after a few attempts.
2. In the transaction that does the work its row is locked. The lock is the sign of life: a worker that
   is killed loses it with its connection, nothing of its work stands, and the part is free.
3. Done is written in that same transaction.

Parts of one organiser are taken several at a time, because one statement measures them together; a part
that has failed is tried alone, so that it cannot take others with it.
"""

import os
import socket
from datetime import date, timedelta
from uuid import uuid4

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import F, OuterRef, Q, Subquery

from followup import clock
from followup.accounts.models import SchoolUnit
from followup.risk import engine
from followup.risk.actions.flags import give_back_unseen
from followup.risk.measuring import Part
from followup.risk.models import Flag, Scan, ScanPart
from students.models import Enrolment, Grade

log = structlog.get_logger()

AT_ONCE = 20  # parts of one organiser in one transaction
ATTEMPTS = 3  # with an error
LIVES = 5  # with a worker that died
STUCK_AFTER = timedelta(seconds=20)  # nothing claimed and nothing finished for so long: somebody died
UNIT_LOCK = 7301  # advisory locks of this class: one scan at a time writes the flags of a unit

State = ScanPart.State


def add_parts(scan: Scan, unit_ids=None) -> None:
    """One part for each unit with pupils enrolled on the day or with open flags."""
    units = SchoolUnit.objects.filter(
        Q(pk__in=Enrolment.objects.covering(scan.day).values("unit"))
        | Q(pk__in=Flag.objects.open().values("unit"))
    )
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    ScanPart.objects.bulk_create(
        [ScanPart(scan=scan, unit=unit) for unit in units.order_by("organiser", "code")],
        ignore_conflicts=True,
    )


def work_on(scan: Scan) -> bool:
    """Takes some parts and does them; false when there is nothing left to take."""
    me = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"[:80]
    mine = _claim(scan, me)
    if mine:
        try:
            _do(scan, mine, me)
        except DatabaseError as error:
            if not connection.is_usable():
                raise  # the database went away: the parts are free, and the task is tried again
            _note_failure(mine, error)
    _finish(scan)
    return bool(mine)


def _claim(scan: Scan, me: str) -> list[int]:
    free = scan.parts.unfinished().select_for_update(skip_locked=True, of=("self",), no_key=True)
    with transaction.atomic():
        deadly = [part.pk for part in free.filter(attempts__gte=LIVES)]
        ScanPart.objects.filter(pk__in=deadly).update(
            state=State.FAILED, error="the worker died", finished_at=clock.now()
        )
        first = free.select_related("unit").order_by("-state", "attempts", "pk").first()
        if first is None:
            return []
        mine = [first.pk]
        if not first.attempts:
            others = free.filter(attempts=0, unit__organiser=first.unit.organiser_id).order_by("pk")
            mine = [part.pk for part in others[:AT_ONCE]]
        ScanPart.objects.filter(pk__in=mine).update(
            state=State.RUNNING, claimed_by=me, claimed_at=clock.now(), attempts=F("attempts") + 1
        )
        return mine


def _do(scan: Scan, mine: list[int], me: str) -> None:
    with transaction.atomic():
        parts = list(
            scan.parts.unfinished()
            .filter(pk__in=mine, claimed_by=me)
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("unit")
            .order_by("unit")
        )
        _notice_death_soon()
        _lock_units(parts)
        later = _measured_later(scan, parts)
        current = [part for part in parts if part.unit_id not in later]
        units: dict[int, dict] = {}
        if current:
            part = Part(current[0].unit.organiser_id, tuple(part.unit_id for part in current))
            outcome = engine.scan(part, scan.day, scan.indicators)
            units = outcome.units
            give_back_unseen(part.unit_ids)
            log.info(
                "scan_part_done", scan=scan.pk, units=len(current), written=outcome.written, **outcome.steps
            )
        graded = _graded_until(scan, parts)
        for part in parts:
            said, skipped = units.get(part.unit_id, {}), part.unit_id in later
            _close(part, said, graded[part.unit_id], skipped)
        ScanPart.objects.bulk_update(parts, ["state", "finished_at", "error", "counts", "facts_until"])


def _close(part: ScanPart, said: dict, graded: date | None, skipped: bool) -> None:
    part.state, part.finished_at, part.error = State.DONE, clock.now(), ""
    if skipped:
        part.counts = {"skipped": True}
    elif "known" in said:
        part.counts = {"pupils": said["pupils"], "known": said["known"]}
        part.facts_until = {"narvaro": said["narvaro"], "betyg": graded and graded.isoformat()}


def _graded_until(scan: Scan, parts: list[ScanPart]) -> dict[int, date]:
    """The last day on which each unit has graded or warned somebody."""
    latest = Grade.objects.filter(unit=OuterRef("pk"), on__lte=scan.day).order_by("-on").values("on")[:1]
    units = SchoolUnit.objects.filter(pk__in=[part.unit_id for part in parts])
    return dict(units.annotate(graded=Subquery(latest)).values_list("pk", "graded"))


def _notice_death_soon() -> None:
    """PostgreSQL is to find out within seconds that a worker, or its host, is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL client_connection_check_interval = '5s'; SET LOCAL tcp_keepalives_idle = 10;"
            "SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 3"
        )


def _lock_units(parts: list[ScanPart]) -> None:
    with connection.cursor() as cursor:
        for part in parts:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [UNIT_LOCK, part.unit_id])


def _measured_later(scan: Scan, parts: list[ScanPart]) -> set[int]:
    """Units that a scan of a later day has done already, after an import in the small hours, say."""
    return set(
        ScanPart.objects.filter(
            unit__in=[part.unit_id for part in parts],
            state=State.DONE,
            scan__day__gt=scan.day,
            scan__indicators=[],
        ).values_list("unit_id", flat=True)
    )


def _note_failure(mine: list[int], error: Exception) -> None:
    """By the kind of the error only: its text may carry values of a pupil."""
    kind = f"{type(error).__name__} {getattr(error.__cause__, 'pgcode', '') or ''}".strip()
    log.error("scan_part_failed", parts=mine, kind=kind)
    failed = ScanPart.objects.unfinished().filter(pk__in=mine)
    failed.update(state=State.WAITING, error=kind)
    failed.filter(attempts__gte=ATTEMPTS).update(state=State.FAILED, finished_at=clock.now())


def _finish(scan: Scan) -> None:
    """The last one out says how it went."""
    if not scan.parts.unfinished().exists():
        failed = scan.parts.filter(state=State.FAILED).exists()
        Scan.objects.running().filter(pk=scan.pk).update(
            state=Scan.State.FAILED if failed else Scan.State.DONE, finished_at=clock.now()
        )


def stuck():
    """Scans on which nobody has begun or finished anything for a while, though something is left."""
    lately = clock.now() - STUCK_AFTER
    moving = ScanPart.objects.filter(Q(claimed_at__gt=lately) | Q(finished_at__gt=lately))
    return Scan.objects.running().filter(started_at__lt=lately).exclude(pk__in=moving.values("scan"))


def night_day():
    """The night's D: the day that has just ended."""
    return clock.today() - timedelta(days=1)
