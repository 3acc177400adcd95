"""The worker's part of an import: ids only, everything else is in the database."""

import structlog
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from . import actions
from .models import Batch, Upload

log = structlog.get_logger(__name__)


@shared_task
def plan_upload(upload_id: int) -> None:
    actions.plan_upload(Upload.objects.select_related("by").get(pk=upload_id))


@shared_task
def run_upload(upload_id: int) -> None:
    actions.run_upload(Upload.objects.select_related("by").get(pk=upload_id))


@shared_task
def look_after() -> None:
    """Every minute: what was killed is said to be, and what the queue lost is taken up."""
    actions.mark_interrupted()
    for state, task in ((Batch.State.PREVIEW, plan_upload), (Batch.State.QUEUED, run_upload)):
        waiting = Batch.objects.filter(state=state, file__isnull=False)
        if state == Batch.State.PREVIEW:
            waiting = waiting.filter(finished_at=None)
        for upload_id in waiting.values_list("file__upload", flat=True).distinct().order_by("file__upload"):
            queue(task, upload_id)


@shared_task
def erase_old() -> None:
    actions.erase_old(by=None)


def queue(task, upload_id: int) -> bool:
    """Hand over to the worker once everything is saved; False when the queue does not answer just now.

    Nothing is lost then: the row waits in the database, and `look_after` takes it up.
    """
    answered = []

    def send():
        try:
            task.apply_async([upload_id], retry=False)
            answered.append(True)
        except OperationalError:
            log.warning("queue_silent", task=task.name)
            answered.append(False)

    transaction.on_commit(send)
    return all(answered)
