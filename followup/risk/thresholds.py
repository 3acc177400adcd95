"""Which limits hold where, on which day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from followup.accounts.models import SchoolUnit
from followup.risk.indicators import declared
from followup.risk.models import Threshold


@dataclass(frozen=True)
class Limit:
    unit_id: int
    day: date
    indicator: str
    yellow: Decimal
    red: Decimal


def limits(unit_ids: Iterable[int], days: Iterable[date]) -> list[Limit]:
    """The limits of every indicator at these units on these days.

    The unit's own row wins over its organiser's, which wins over what the indicator declares; among
    rows of one place the latest that holds from the day or before it.
    """
    return limits_at(dict(SchoolUnit.objects.filter(pk__in=unit_ids).values_list("pk", "organiser_id")), days)


def limits_at(organisers: dict[int, int], days: Iterable[date]) -> list[Limit]:
    """The same for the one who knows whose each unit is: unit -> organiser."""
    days = sorted(days)
    rows: dict[tuple, list[Threshold]] = {}
    for row in Threshold.objects.filter(
        Q(unit__in=organisers) | Q(unit=None, organiser__in=set(organisers.values())),
        valid_from__lte=days[-1],
    ).order_by("-valid_from"):
        place = ("unit", row.unit_id) if row.unit_id else ("organiser", row.organiser_id)
        rows.setdefault((*place, row.indicator), []).append(row)
    found = []
    for unit_id, organiser_id in organisers.items():
        for code, indicator in declared().items():
            own, common = (
                rows.get(("unit", unit_id, code), []),
                rows.get(("organiser", organiser_id, code), []),
            )
            for day in days:
                holding = (row for row in [*own, *common] if row.valid_from <= day)
                row = next(holding, indicator)
                found.append(Limit(unit_id, day, code, row.yellow, row.red))
    return found
