"""Writing the trace: `record` for one act, `record_many` for a bulk act (one entry per pupil)."""

from collections.abc import Iterable

import structlog
from django.db import connection
from django.utils import timezone

from followup.audit.models import Event


def _context() -> dict:
    """Who is asking in which duty, as the scope middleware has said it; tasks carry it on from their request."""
    context = structlog.contextvars.get_contextvars()
    return {
        "request_id": str(context.get("request_id") or context.get("task_id") or "")[:64],
        "duty": context.get("duty", ""),
        "organiser_id": context.get("organiser_id"),
    }


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

    `detail` holds ids, codes, dates and names of fields; never a person's name, number or text. Duty and
    organiser are those of the request where none are named.
    """
    context = _context()
    return Event.objects.create(
        by_id=getattr(by, "pk", None),
        duty=duty or context["duty"],
        verb=verb,
        about=about._meta.label_lower if about is not None else "",
        object_id=getattr(about, "pk", None),
        student_id=student_id,
        organiser_id=context["organiser_id"] if organiser_id is None else organiser_id,
        detail=detail,
        request_id=context["request_id"],
    )


def record_many(
    verb: str, *, by, student_ids: Iterable[int], about: str = "", organiser_id=None, duty: str = "", **detail
) -> int:
    """Adds one entry per pupil for a bulk act; returns how many. `detail` is the same for all."""
    context = _context()
    events = [
        Event(
            by_id=getattr(by, "pk", None),
            duty=duty or context["duty"],
            verb=verb,
            about=about,
            student_id=student_id,
            organiser_id=context["organiser_id"] if organiser_id is None else organiser_id,
            detail=detail,
            request_id=context["request_id"],
        )
        for student_id in student_ids
    ]
    Event.objects.bulk_create(events, batch_size=5000)
    return len(events)


def record_rows(verb: str, *, by, rows: str, params=(), about: str = "", duty: str = "") -> int:
    """Adds one entry per row of a SELECT of (student_id, organiser_id, object_id, detail), inside the database.

    For what machines do to many pupils at once; the same promise as `record_many`, each with its own detail.
    """
    context = _context()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {Event._meta.db_table}
                   (at, by_id, duty, verb, about, object_id, student_id, organiser_id, detail, request_id)
            SELECT %s, %s, %s, %s, %s, r.object_id, r.student_id, r.organiser_id, r.detail, %s
              FROM ({rows}) r (student_id, organiser_id, object_id, detail)
            """,
            [
                timezone.now(),
                getattr(by, "pk", None),
                duty or context["duty"],
                verb,
                about,
                context["request_id"],
                *params,
            ],
        )
        return cursor.rowcount
