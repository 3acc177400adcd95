"""Ordering scans: by the clock, by a person, after an import, by hand; and the one dry run that is not."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import structlog
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from followup import clock
from followup.accounts.models import User
from followup.audit import actions as audit
from followup.risk import engine, scanning
from followup.risk.models import Scan
from followup.risk.queries.report import whole_organisers

log = structlog.get_logger()
HANDS = 4  # tasks sent at once; each goes on until nothing is left to take


def order_scan(
    *,
    by: User | None,
    kind: str = Scan.Kind.BUTTON,
    unit_ids: Iterable[int] | None = None,
    day: date | None = None,
) -> Scan:
    """Orders a scan of today for some units (all where none are named), and tells the workers.

    The order itself stands in the database. Where Redis is down `scan.is_sent` is false: the scan waits
    until a worker looks for it, and the page says so.
    """
    scan = make_scan(by=by, kind=kind, unit_ids=unit_ids, day=day)
    scan.is_sent = None  # not yet, where the order is part of something bigger
    transaction.on_commit(lambda: setattr(scan, "is_sent", send(scan)))
    return scan


def scan_now(
    *,
    by: User | None = None,
    kind: str = Scan.Kind.BUTTON,
    unit_ids: Iterable[int] | None = None,
    day: date | None = None,
    indicators: Iterable[str] = (),
    hands: int = 1,
) -> Scan:
    """The same, done here before it returns; with as many hands as a worker has, where that is said."""
    scan = make_scan(by=by, kind=kind, unit_ids=unit_ids, day=day, indicators=indicators)
    if hands == 1:
        _work_through(scan)
    else:
        with ThreadPoolExecutor(hands) as pool:
            for done in [pool.submit(_work_apart, scan) for _hand in range(hands)]:
                done.result()
    scan.refresh_from_db()
    return scan


def _work_through(scan: Scan) -> None:
    while scanning.work_on(scan):
        pass


def _work_apart(scan: Scan) -> None:
    try:
        _work_through(scan)
    finally:
        connection.close()  # this thread's own


@transaction.atomic
def make_scan(*, by, kind, unit_ids=None, day=None, indicators=()) -> Scan:
    scan = Scan.objects.create(
        kind=kind,
        day=day or clock.today(),
        ordered_by=by,
        indicators=list(indicators),
        started_at=clock.now(),
    )
    scanning.add_parts(scan, unit_ids)
    audit.record("risk.scan", by=by, about=scan, kind=str(kind), day=scan.day.isoformat())
    return scan


def make_night() -> tuple[Scan, bool]:
    """The night's scan, and whether it was made now: there is one for each day, whoever starts it."""
    day = scanning.night_day()
    if scan := Scan.objects.filter(kind=Scan.Kind.NIGHT, day=day).exclude(state=Scan.State.RUNNING).first():
        return scan, False
    with transaction.atomic():
        Scan.objects.bulk_create(
            [Scan(kind=Scan.Kind.NIGHT, day=day, started_at=clock.now())], ignore_conflicts=True
        )
        scan = Scan.objects.select_for_update().get(kind=Scan.Kind.NIGHT, day=day)
        new = scan.state == Scan.State.RUNNING and not scan.parts.exists()
        if new:
            scanning.add_parts(scan)
            audit.record("risk.scan", by=None, about=scan, kind="night", day=day.isoformat())
    return scan, new


def send(scan: Scan) -> bool:
    """Tells the workers that there is something to take; false where nobody could be told."""
    try:
        for _hand in range(min(HANDS, scan.parts.count()) or 1):
            current_app.send_task("followup.risk.tasks.scan_part", [scan.pk], retry=False)
    except OperationalError:
        log.warning("scan_not_sent", scan=scan.pk)
        return False
    return True


def rehearse(day: date, indicators: Iterable[str] = ()) -> engine.Outcome:
    """What a scan of a day would do with the flags as they stand now; writes nothing."""
    total = engine.Outcome()
    for part in whole_organisers():
        with transaction.atomic():
            outcome = engine.scan(part, day, list(indicators))
            transaction.set_rollback(True)
        for what, n in outcome.steps.items():
            total.add(what, n)
        total.written += outcome.written
        total.units |= outcome.units
    return total
