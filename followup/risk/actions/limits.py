"""Limits: set for a place from a day on, with author and reason; never changed, only followed by the next."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import Organiser, SchoolUnit, User
from followup.audit import actions as audit
from followup.risk.indicators import declared
from followup.risk.models import Threshold


@transaction.atomic
def set_threshold(
    *,
    by: User | None,
    organiser: Organiser,
    indicator: str,
    yellow: Decimal,
    red: Decimal,
    reason: str,
    unit: SchoolUnit | None = None,
    valid_from: date | None = None,
) -> Threshold:
    """Sets a limit for an organiser, or for one of its units, from today or a later day.

    The flags that it no longer meets say "gränsen ändrades" at the next scan.
    """
    valid_from = valid_from or clock.today()
    if indicator not in declared():
        raise ValidationError(_("Det finns ingen indikator %s.") % indicator)
    if valid_from < clock.today():
        raise ValidationError(_("En gräns kan inte gälla bakåt i tiden."))
    if not 0 < yellow <= red:
        raise ValidationError(_("Den röda gränsen ligger under den gula, eller så är den gula noll."))
    if not reason.strip():
        raise ValidationError(_("Skriv varför gränsen ändras."))
    if unit and unit.organiser_id != organiser.pk:
        raise ValidationError(_("Skolenheten hör till en annan huvudman."))
    threshold = Threshold.objects.create(
        organiser=organiser,
        unit=unit,
        indicator=indicator,
        yellow=yellow,
        red=red,
        valid_from=valid_from,
        reason=reason.strip(),
        set_by=by,
        set_at=clock.now(),
    )
    audit.record(
        "risk.set_threshold",
        by=by,
        about=threshold,
        organiser_id=organiser.pk,
        indicator=indicator,
        yellow=str(yellow),
        red=str(red),
        valid_from=valid_from.isoformat(),
    )
    return threshold
