"""Indicators measured at night, the flags they raise, and what people decide about them."""

from followup.risk.models.decision import Decision
from followup.risk.models.flag import Flag, FlagEvent
from followup.risk.models.scan import Scan, ScanPart
from followup.risk.models.threshold import Threshold

__all__ = ["Decision", "Flag", "FlagEvent", "Scan", "ScanPart", "Threshold"]
