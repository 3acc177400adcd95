"""What every merge of one run knows: whose, when, for what the file is whole, and whether to write."""

from dataclasses import dataclass, field
from datetime import date

from followup.accounts.models import User

from .places import Whole


@dataclass
class Run:
    batch_id: int
    day: date  # the file's date: who is gone from it left the day before
    by: User | None = None
    source: str = ""
    whole: Whole = field(default_factory=Whole)
    apply: bool = True
    # (number, organiser, school unit) of the enrolments in the same upload: where a waiting pupil belongs.
    enrolled: set[tuple[str, int, int]] = field(default_factory=set)
