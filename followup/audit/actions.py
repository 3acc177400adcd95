"""Writing the trace: `record` for one act, `record_many` for a bulk act (one entry per pupil)."""

from collections.abc import Iterable

import structlog

from followup.audit.models import Event


def _request_id() -> str:
    context = structlog.contextvars.get_contextvars()
    return str(context.get("request_id") or context.get("task_id") or "")[:64]


def record(
    verb: str,
    *,
    by,
    about=None,
    student_id: int | None = None,
    organiser_id: int | None = None,
    duty: str = "",
    **detail,
) -> Event:
    """Adds one entry, inside the transaction of the act: without the entry the act does not stand.

    `detail` holds ids, codes, dates and names of fields; never a person's name, number or text.
    """
    return Event.objects.create(
        by_id=getattr(by, "pk", None),
        duty=duty,
        verb=verb,
        about=about._meta.label_lower if about is not None else "",
        object_id=getattr(about, "pk", None),
        student_id=student_id,
        organiser_id=organiser_id,
        detail=detail,
        request_id=_request_id(),
    )


def record_many(
    verb: str, *, by, student_ids: Iterable[int], about: str = "", organiser_id=None, duty: str = "", **detail
) -> int:
    """Adds one entry per pupil for a bulk act; returns how many. `detail` is the same for all."""
    request_id = _request_id()
    events = [
        Event(
            by_id=getattr(by, "pk", None),
            duty=duty,
            verb=verb,
            about=about,
            student_id=student_id,
            organiser_id=organiser_id,
            detail=detail,
            request_id=request_id,
        )
        for student_id in student_ids
    ]
    Event.objects.bulk_create(events, batch_size=5000)
    return len(events)
