"""What the imports ask of somebody: files that wait for a person."""

from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.offers import TodayRow, TodaySection
from followup.scoping import Scope

from .kinds import KINDS
from .models import Batch
from .queries import page_of

_SHOWN = 10


def sections(scope: Scope) -> list[TodaySection]:
    if not scope.can(Permission.IMPORT_FILES):
        return []
    waiting = Batch.objects.visible_to(scope).waiting().select_related("file").order_by("at")
    rows = [_row(batch, scope) for batch in waiting[:_SHOWN]]
    return [TodaySection("needs_you", _("Behöver dig"), rows)] if rows else []


def waiting(scope: Scope) -> dict:
    if not scope.can(Permission.IMPORT_FILES):
        return {}
    return {"imports:list": Batch.objects.visible_to(scope).waiting()}


def _row(batch: Batch, scope: Scope) -> TodayRow:
    sentence, action = {
        Batch.State.MAPPING: (_("Rubrikerna känns inte igen."), _("Välj kolumner")),
        Batch.State.HELD: (_("Ovanligt mycket skulle ändras, så filen väntar."), _("Kontrollera")),
        Batch.State.INTERRUPTED: (_("Inläsningen avbröts. Inget lästes in."), _("Läs in igen")),
        Batch.State.PREVIEW: (_("Filen är inte inläst ännu. Se först vad som ändras."), _("Granska")),
    }[batch.state]
    kind = KINDS.get(batch.kind)
    url = page_of(batch, scope.user)
    return TodayRow(
        who=_("Inläsning: %(kind)s") % {"kind": kind.label} if kind else _("Inläsning"),
        where=batch.file_name,
        sentence=sentence,
        url=url,
        action=action,
        action_url=url,
        waiting_since=clock.day_of(batch.at),
    )
