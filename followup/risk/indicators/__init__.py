"""What a risk indicator is: a small declared thing that staff, and the pupil, can ask "why?" of.

An indicator names its limits, its window and one sentence, and measures by one SELECT over a *read*: one
summary per pupil of the facts it needs. Indicators with the same read share it, so that the days of a
pupil are read once a night however many indicators look at them. `followup.risk.measuring` puts the
reads, the limits and the SELECTs together; nobody else runs them.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from followup.offers import offered


class Unit(TextChoices):
    """What a value counts."""

    PERCENT = "percent", _("procent")
    MINUTES = "minutes", _("minuter")
    DAYS = "days", _("dagar")
    COURSES = "courses", _("kurser")


@dataclass(frozen=True)
class Read:
    """Facts of the pupils asked about, gathered once per part: common table expressions.

    They start from `asked` and end with a table of the read's name, with at most one row for each
    student_id and day that is asked. `columns` are what it gives to the pupil's summary (null where it
    has no row; window functions see all that is asked). They may use the parameters `%(organiser)s`,
    `%(since)s` and `%(until)s`, which bound the days of all that is asked.
    """

    name: str
    sql: str
    columns: str


@dataclass(frozen=True)
class Indicator:
    """One question about a pupil on a day D; facts after D do not count.

    `select` are columns over the pupil's summary: `is_known` (false: the value is unknown), `amount` and
    `per` (the value is amount / per, cut to two decimals and never rounded; limits are compared as
    amount >= limit * per, in whole numbers), `counts` (false: below every limit whatever the amount),
    `red_anyway`, `raises_unknown` (being unknown is itself the reason) and `last_day` (the last known
    day; null where it is not days that are known). `evidence` is an expression over the same, worked out only for the rows that need it.
    """

    code: str
    name: str | Promise
    sentence: str | Promise  # could be shown to the pupil
    unit: Unit
    yellow: Decimal
    red: Decimal
    worse_by: Decimal  # so much worse than when it was handled, and the flag returns
    window: str | Promise
    source: str  # the kind of facts it rests on: narvaro, betyg
    read: Read
    select: str
    evidence: str
    starts_over: bool = True  # with the school year, on 1 July
    in_report: bool = True


@lru_cache
def declared() -> dict[str, Indicator]:
    """The indicators by code, in the order of settings.RISK_INDICATORS."""
    listed = offered("RISK_INDICATORS", "INDICATORS")
    return {indicator.code: indicator for indicators in listed for indicator in indicators}
