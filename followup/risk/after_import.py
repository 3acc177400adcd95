"""When facts have come in, the units that they concern are scanned, as of today."""

from collections.abc import Iterable
from datetime import date

from followup.risk.actions.scans import order_scan
from followup.risk.models import Scan


def after_import(unit_ids: Iterable[int], day: date) -> None:
    """The scan's D is today, whatever days the file was about (`day` is the last of them)."""
    unit_ids = list(unit_ids)
    if unit_ids:
        order_scan(by=None, kind=Scan.Kind.IMPORT, unit_ids=unit_ids)
