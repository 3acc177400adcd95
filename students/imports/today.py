"""What the imports ask of somebody: files that wait for a person, and rows that were stopped."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.offers import TodayRow, TodaySection
from followup.scoping import Scope
from followup.words import number

from .kinds import KINDS
from .models import Batch
from .queries import is_own, page_of

_SHOWN = 10
STOPPED_DAYS = 14


def sections(scope: Scope) -> list[TodaySection]:
    if not scope.can(Permission.IMPORT_FILES):
        return []
    visible = Batch.objects.visible_to(scope).select_related("file")
    together = _together(visible.waiting().order_by("at", "pk"), scope)
    rows = [_row(files[0], scope) if len(files) == 1 else _bundle(files, scope) for files in together]
    rows += [_stopped(batch, scope) for batch in visible.with_stopped_rows(_since()).order_by("at", "pk")]
    return [TodaySection("needs_you", _("Behöver dig"), rows[:_SHOWN], total=len(rows))] if rows else []


def waiting(scope: Scope) -> dict:
    if not scope.can(Permission.IMPORT_FILES):
        return {}
    return {"imports:list": Batch.objects.visible_to(scope).waiting()}


def _since() -> date:
    return clock.today() - timedelta(days=STOPPED_DAYS)


def _together(batches, scope: Scope) -> list[list[Batch]]:
    """Each file that waits; those that came together and wait only to be looked through, as one."""
    found: dict[tuple, list[Batch]] = {}
    for batch in batches:
        together = batch.is_ready and is_own(batch, scope.user)
        found.setdefault((together, batch.file.upload_id if together else batch.pk), []).append(batch)
    return list(found.values())


def _row(batch: Batch, scope: Scope) -> TodayRow:
    if batch.is_held:
        sentence, action = _("Ovanligt mycket skulle ändras, så filen väntar."), _("Kontrollera")
        return _about(batch, scope, where=batch.file_name, sentence=sentence, action=action)
    sentence, action = {
        Batch.State.MAPPING: (_unmapped(batch), _("Välj kolumner")),
        Batch.State.INTERRUPTED: (_("Inläsningen avbröts. Inget lästes in."), _("Läs in igen")),
        Batch.State.PREVIEW: (_("Filen är inte inläst ännu. Se först vad som ändras."), _("Granska")),
    }[batch.state]
    return _about(batch, scope, where=batch.file_name, sentence=sentence, action=action)


def _unmapped(batch: Batch) -> str:
    """What its own page says; of headings that nobody knows, the beginning of it."""
    known = batch.error and batch.error != "file_headings_unknown"
    return batch.said if known else _("Rubrikerna känns inte igen.")


def _bundle(files: list[Batch], scope: Scope) -> TodayRow:
    return _about(
        files[0],
        scope,
        title=_("Inläsning: %(files)s") % {"files": number(len(files), "file")},
        where=files[0].source,
        sentence=_("Filerna är inte inlästa ännu. Se först vad som ändras."),
        action=_("Granska"),
    )


def _stopped(batch: Batch, scope: Scope) -> TodayRow:
    """Until the next file of its kind: a pupil of a stopped row is not followed up by what it said."""
    return _about(
        batch,
        scope,
        where=batch.file_name,
        strong=_("%(rows)s stoppades") % {"rows": number(batch.counts["refused"], "row")},
        after=_(" och lästes inte in."),
        action=_("Visa"),
    )


def _about(batch: Batch, scope: Scope, *, title: str = "", action: str, **said: str) -> TodayRow:
    kind = KINDS.get(batch.kind)
    url = page_of(batch, scope.user)
    return TodayRow(
        who=title or (_("Inläsning: %(kind)s") % {"kind": kind.label} if kind else _("Inläsning")),
        url=url,
        action=action,
        action_url=url,
        waiting_since=clock.day_of(batch.at),
        **said,
    )
