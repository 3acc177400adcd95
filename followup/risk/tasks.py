"""The night as tasks. The timetable is in followup/celery.py."""

from datetime import time

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from followup import clock
from followup.risk import scanning
from followup.risk.actions.scans import make_night, send
from followup.risk.models import Scan

NIGHT_STARTS = time(3)
DATABASE_AWAY = {
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_kwargs": {"max_retries": 10, "countdown": 5},
}


@shared_task(**DATABASE_AWAY)
def run_night() -> None:
    """Scans the day that has just ended. Two nights at once do the work once."""
    scan, _new = make_night()
    if scan.state == Scan.State.RUNNING:
        send(scan)


@shared_task(**DATABASE_AWAY)
def scan_part(scan_id: int) -> None:
    """Takes some parts of a scan, and comes back for more while there are any."""
    scan = Scan.objects.running().filter(pk=scan_id).first()
    if scan and scanning.work_on(scan):
        scan_part.delay(scan_id)


@shared_task(**DATABASE_AWAY)
def look_after_scans() -> None:
    """Every half minute: a night that was missed is caught up, a scan whose worker died is taken over."""
    if timezone.localtime(clock.now()).time() >= NIGHT_STARTS:
        scan, new = make_night()
        if new:
            send(scan)
    for scan in scanning.stuck():
        send(scan)
