"""Figures for leaders: how many wait, how long, for what; and how long it takes from flag to action.

Counted in the database over whole units, protected pupils too, so no number that could be somebody is
told (`followup.figures.hide_small`); a name never.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Aggregate, Count, F, Func, IntegerField, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from followup import clock
from followup.figures import FEW, Hidden, hide_small, is_few
from followup.risk.indicators import declared
from followup.risk.models import Decision, Flag, FlagEvent
from students.models import Enrolment

AGES = (3, 7, 14)  # days: newer than three, up to a week, up to two weeks, longer
STEPS_OF_DAYS = 120  # flags raised within so many days are followed from step to step
NOT_YET = 9999


@dataclass(frozen=True)
class Bar:
    """A row: how many pupils, and how many of them have waited more than a week, where that may be told."""

    name: str
    students: int | Hidden
    longer: int | Hidden
    parts: tuple[int, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Step:
    """From flag to a step: half of the flags, and nine of ten, got there within so many days."""

    name: str
    half: int | None
    most: int | None


@dataclass(frozen=True)
class Overview:
    students: int
    flags: int | Hidden
    oldest: date | None
    late: int
    ages: list[int | Hidden]
    reasons: list[Bar]
    places: list[Bar]
    by_unit: bool

    @property
    def longest(self) -> int | Hidden:
        """How many have waited more than two weeks, where that may be told."""
        return self.ages[-1] if self.students >= FEW else Hidden.SMALL

    @property
    def oldest_days(self) -> int:
        return (clock.today() - self.oldest).days if self.oldest else 0


def overview(unit_ids: set[int]) -> Overview:
    waiting = _waiting(unit_ids)
    counted = waiting.aggregate(
        students=Count("student", distinct=True), flags=Count("pk"), oldest=Min("waiting_since"), **_older()
    )
    students, by_unit = counted["students"], len(unit_ids) > 1
    over = [students, *(counted[f"over{days}"] for days in AGES)]
    ages = hide_small([more - less for more, less in zip(over, [*over[1:], 0], strict=True)])
    reasons = _reasons(waiting)
    places = _places(waiting, by_unit=by_unit)
    few = any(is_few(row["students"]) for _name, row in reasons)  # with the sum, it could be found
    return Overview(
        students=students,
        flags=Hidden.BESIDE if few else counted["flags"],
        oldest=counted["oldest"],
        late=_late(unit_ids),
        ages=[Hidden.BESIDE for _age in ages] if is_few(students) else ages,
        reasons=_told_reasons(reasons, students, split=not any(isinstance(age, Hidden) for age in ages)),
        places=[] if is_few(students) else places,
        by_unit=by_unit,
    )


def steps(unit_ids: set[int]) -> list[Step] | None:
    """None where there are too few flags to say anything of how long it takes.

    Those that have not come so far yet count as taking for ever, so that nothing looks quicker than it is.
    """
    since = clock.today() - timedelta(days=STEPS_OF_DAYS)
    flags = Flag.objects.at_units(unit_ids).filter(opened_on__gte=since)
    what = FlagEvent.What
    reached = {
        "taken": [what.TAKEN, what.CONTACTED, what.DECIDED],  # who acts has taken it, also without saying so
        "contacted": [what.CONTACTED],
        "decided": [what.DECIDED],
    }
    flags = flags.annotate(**{name: _days_to(steps) for name, steps in reached.items()})
    counted = flags.aggregate(
        n=Count("pk"),
        **{f"{name}_half": Percentile(F(name), at=0.5) for name in reached},
        **{f"{name}_most": Percentile(F(name), at=0.9) for name in reached},
    )
    if counted["n"] < FEW:
        return None
    return [Step(name, _told(counted[f"{name}_half"]), _told(counted[f"{name}_most"])) for name in reached]


class Days(Func):
    """From one date to another as a whole number; Django's own minus gives an interval."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


class Percentile(Aggregate):
    """The smallest value that at least this part of the rows do not exceed."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(%(at)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()

    def __init__(self, expression, *, at: float):
        super().__init__(expression, at=str(at))


def _waiting(unit_ids):
    return Flag.objects.at_units(unit_ids).waiting().with_waiting_since()


def _older() -> dict:
    """Pupils with some flag that has waited more than so many days."""
    return {
        f"over{days}": Count(
            "student", distinct=True, filter=Q(waiting_since__lt=clock.today() - timedelta(days=days))
        )
        for days in AGES
    }


def _late(unit_ids) -> int:
    """Decisions whose day has passed and that nobody has followed up: open, never handled."""
    return (
        Decision.objects.at_units(unit_ids)
        .in_force()
        .filter(outcome="", follow_up_on__lt=clock.today())
        .count()
    )


def _reasons(waiting) -> list[tuple[str, dict]]:
    rows = waiting.values("indicator").annotate(students=Count("student", distinct=True), **_older())
    found = {row["indicator"]: row for row in rows}
    return [
        (str(indicator.name), found[code])
        for code, indicator in declared().items()
        if code in found and found[code]["students"]
    ]


def _told_reasons(reasons: list[tuple[str, dict]], students: int, *, split: bool) -> list[Bar]:
    """How long they have waited is told of every reason or of none: the ages of all tell what is left out."""
    counts = [row["students"] for _name, row in reasons]
    told = [Hidden.SMALL if is_few(count) else count for count in counts]
    small = told.count(Hidden.SMALL)
    at_least = students - sum(count for count in told if count)  # each pupil has some reason
    if small and students >= FEW and at_least - (FEW - 1) * (small - 1) >= FEW - 1:
        told = hide_small(counts)
    parts = [_parts(row) for _name, row in reasons]
    split = split and all(parts)
    return [
        Bar(name, number, row["over7"], of_reason)
        if split
        else Bar(name, number, Hidden.BESIDE, (0, number or 0, 0))
        for (name, row), number, of_reason in zip(reasons, told, parts, strict=True)
    ]


def _parts(row: dict) -> tuple[int, ...]:
    """Up to three days, up to a week, longer; nothing where one of them could be somebody."""
    parts = (row["students"] - row["over3"], row["over3"] - row["over7"], row["over7"])
    return () if any(map(is_few, parts)) else parts


def _places(waiting, *, by_unit: bool) -> list[Bar]:
    """By school where there are several, else by class; each pupil in one. None where the names tell all."""
    if by_unit:
        waiting = waiting.annotate(place=F("unit__name"))
    else:
        now = Enrolment.objects.covering().filter(student=OuterRef("student"), unit=OuterRef("unit"))
        waiting = waiting.annotate(place=Subquery(now.order_by("-starts_on").values("school_class")[:1]))
    rows = list(
        waiting.values("place")
        .annotate(students=Count("student", distinct=True))
        .order_by("-students", "place")
    )
    counts = [row["students"] for row in rows]
    if sum(counts) == len(counts):
        return []  # each stands here because of somebody, so of one
    told = hide_small(counts)
    return [
        Bar(row["place"] or "", number, 0, (0, number or 0, 0))
        for row, number in zip(rows, told, strict=True)
    ]


def _days_to(steps: list[str]):
    first = FlagEvent.objects.filter(flag=OuterRef("pk"), what__in=steps).order_by("pk").values("on")[:1]
    return Coalesce(Days(Subquery(first), F("opened_on")), NOT_YET, output_field=IntegerField())


def _told(days: int | None) -> int | None:
    return None if days is None or days >= NOT_YET else max(0, days)
