"""Drift: how the installation is, without any pupil. No error texts, since they may carry a row's values."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup import health
from followup.risk.models import Scan, ScanPart
from students.models import Batch

SHOWN = 10
TOO_LONG = timedelta(hours=2)
LOOKED_BACK = timedelta(days=7)


@dataclass(frozen=True)
class ImportLine:
    pk: int
    at: datetime
    what: str
    organiser: str
    state: str
    is_wrong: bool


@dataclass(frozen=True)
class ScanLine:
    day: date
    kind: str
    started_at: datetime
    minutes: float | None
    parts: int
    failed: int
    state: str
    is_wrong: bool


@dataclass(frozen=True)
class SystemPage:
    sentences: list[str]
    imports: list[ImportLine]
    scans: list[ScanLine]
    failed_units: list[tuple[str, int]]
    queue: int | None
    database_megabytes: int


def silent() -> list[str]:
    """Parts of the house that have not been heard of."""
    return health.what_is_silent()


def unfinished_night() -> Scan | None:
    """The latest night, when it failed or has been at it for too long."""
    scan = Scan.objects.filter(kind=Scan.Kind.NIGHT).order_by("-day").first()
    if scan is None or scan.state == Scan.State.DONE:
        return None
    stuck = scan.started_at < timezone.now() - TOO_LONG
    return scan if scan.state == Scan.State.FAILED or stuck else None


def failed_imports() -> str:
    """How many of the last week broke, in a sentence; the same here and on the start page."""
    count = Batch.objects.broken().filter(at__gte=timezone.now() - LOOKED_BACK).count()
    if not count:
        return ""
    return ngettext(
        "En inläsning har misslyckats den senaste veckan.",
        "%(count)s inläsningar har misslyckats den senaste veckan.",
        count,
    ) % {"count": count}


def system_page() -> SystemPage:
    return SystemPage(
        sentences=_sentences(),
        imports=_imports(),
        scans=_scans(),
        failed_units=_failed_units(),
        queue=health.queue_length(),
        database_megabytes=_database_megabytes(),
    )


def _sentences() -> list[str]:
    sentences = silent()
    if unfinished_night():
        sentences.append(_("Nattens skanning blev inte klar. Det som visas gäller natten före."))
    if failed := failed_imports():
        sentences.append(failed)
    return sentences


def _imports() -> list[ImportLine]:
    batches = Batch.objects.select_related("organiser").order_by("-pk")[:SHOWN]
    return [
        ImportLine(
            pk=batch.pk,
            at=batch.finished_at or batch.at,
            what=batch.kind_name or _("okänd fil"),
            organiser=str(batch.organiser or ""),
            state=batch.get_state_display(),
            is_wrong=batch.is_broken,
        )
        for batch in batches
    ]


def _scans() -> list[ScanLine]:
    failed = Count("parts", filter=Q(parts__state=ScanPart.State.FAILED))
    scans = Scan.objects.annotate(all_parts=Count("parts"), failed_parts=failed).order_by("-started_at")[
        :SHOWN
    ]
    return [
        ScanLine(
            day=scan.day,
            kind=scan.get_kind_display(),
            started_at=scan.started_at,
            minutes=(scan.finished_at - scan.started_at) / timedelta(minutes=1) if scan.finished_at else None,
            parts=scan.all_parts,
            failed=scan.failed_parts,
            state=scan.get_state_display(),
            is_wrong=scan.state == Scan.State.FAILED or bool(scan.failed_parts),
        )
        for scan in scans
    ]


def _failed_units() -> list[tuple[str, int]]:
    """Schools whose part of the latest scan failed, and how many times it was tried."""
    latest = Scan.objects.order_by("-started_at").values("pk")[:1]
    parts = ScanPart.objects.filter(scan__in=latest, state=ScanPart.State.FAILED).select_related("unit")
    return [(part.unit.name, part.attempts) for part in parts]


def _database_megabytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1048576")
        return cursor.fetchone()[0]
