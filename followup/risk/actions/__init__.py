"""What people do with flags and decisions, and what the machine is ordered to do; a file per noun."""

from followup.risk.actions.decisions import (
    Measure,
    Seen,
    confirm,
    correct,
    decide,
    follow_up,
    seen_now,
    withdraw,
)
from followup.risk.actions.flags import give_back, mark_handled, take, unmark_handled
from followup.risk.actions.limits import set_threshold
from followup.risk.actions.scans import order_scan, rehearse, scan_now

__all__ = [
    "Measure",
    "Seen",
    "confirm",
    "correct",
    "decide",
    "follow_up",
    "give_back",
    "mark_handled",
    "order_scan",
    "rehearse",
    "scan_now",
    "seen_now",
    "set_threshold",
    "take",
    "unmark_handled",
    "withdraw",
]
