"""How far the facts of a unit reach, and which units' feeds are missing: said on every page of its pupils."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import SchoolUnit
from followup.questions import Blank, Question
from followup.risk.models import Scan, ScanPart
from followup.scoping import Scope
from followup.words import day as day_words


@dataclass(frozen=True)
class UnitFacts:
    """What the last finished scan of one unit saw.

    `until` is the last day on which any of its pupils is known (None: no absence read in this school
    year); `missing`: fewer than half of the pupils are known, so it is the feed that is silent.
    """

    unit: SchoolUnit
    until: date | None = None
    grades_until: date | None = None
    pupils: int = 0
    known: int = 0
    day: date | None = None
    scanned_at: datetime | None = None

    @property
    def missing(self) -> bool:
        return 2 * self.known < self.pupils

    @property
    def late(self) -> bool:
        """Whether a weekday between the last known day and today has passed without facts."""
        return self.scanned_at is not None and bool(self.pupils) and _weekdays_after(self.until) > 0

    @property
    def sentence(self) -> str:
        """Frånvaron är från fre 20 nov. Filen för i går har inte kommit."""
        if self.scanned_at is None:
            return _("Ingen skanning har gått ännu. Nästa går i natt kl. 03.00.")
        if self.until is None:
            return _("Ingen frånvaro är inläst det här läsåret: frånvaron är okänd, inte noll.")
        reach = {"day": day_words(self.until)}
        if not self.late:
            return _("Frånvaro till och med %(day)s.") % reach
        if _weekdays_after(self.until) == 1:
            return _("Frånvaron är från %(day)s. Filen för i går har inte kommit.") % reach
        return _("Frånvaron är från %(day)s. Inget har kommit in sedan dess.") % reach


def facts_until(unit_ids: Iterable[int]) -> list[UnitFacts]:
    """One per unit, in name order, from its last finished part of a scan."""
    return facts_of(unit_ids, latest_and_done(unit_ids)[1])


def facts_of_scope(scope: Scope) -> list[UnitFacts]:
    """The same, for the units at which somebody works."""
    last = {part.unit_id: part for part in latest_and_done(scope.unit_ids)[1]}
    return [_facts(unit, last.get(unit.pk)) for unit in scope.units]


class Part(NamedTuple):
    """Of a part of a scan what the pages say of it."""

    unit_id: int
    state: str
    counts: dict
    facts_until: dict
    finished_at: datetime | None
    day: date
    kind: str

    @property
    def at_night(self) -> bool:
        return self.kind == Scan.Kind.NIGHT

    @property
    def is_counted(self) -> bool:
        """Finished, and of all indicators: it says how many pupils are known."""
        return self.state == ScanPart.State.DONE and "pupils" in self.counts


def facts_of(unit_ids: Iterable[int], last_parts: Iterable[Part]) -> list[UnitFacts]:
    """The same, for the one who has the parts already."""
    last = {part.unit_id: part for part in last_parts}
    return [_facts(unit, last.get(unit.pk)) for unit in _units.ask(units=list(unit_ids))]


@Question
def _units():
    return SchoolUnit.objects.filter(pk__in=Blank("units"))


@Question
def _last_parts():
    of_unit = ScanPart.objects.filter(unit=OuterRef("pk")).order_by("-pk").values("pk")
    done = of_unit.filter(state=ScanPart.State.DONE, counts__has_key="pupils")
    units = SchoolUnit.objects.filter(pk__in=Blank("units")).annotate(
        latest=Subquery(of_unit[:1]), done=Subquery(done[:1])
    )
    return (
        ScanPart.objects.filter(Q(pk__in=units.values("latest")) | Q(pk__in=units.values("done")))
        .order_by("-pk")
        .values_list("unit", "state", "counts", "facts_until", "finished_at", "scan__day", "scan__kind")
    )


def latest_and_done(unit_ids: Iterable[int]) -> tuple[list[Part], list[Part]]:
    """Of each unit the latest part, and the latest that was finished and counted; however many there have been."""
    found: dict[int, list[Part]] = {}
    for part in (Part(*row) for row in _last_parts.ask(units=list(unit_ids))):
        found.setdefault(part.unit_id, []).append(part)
    latest = [parts[0] for parts in found.values()]
    finished = [part for parts in found.values() for part in parts if part.is_counted]
    return latest, finished


def _facts(unit: SchoolUnit, part: Part | None) -> UnitFacts:
    if part is None:
        return UnitFacts(unit)
    reach = {kind: date.fromisoformat(day) for kind, day in part.facts_until.items() if day}
    return UnitFacts(
        unit=unit,
        until=reach.get("narvaro"),
        grades_until=reach.get("betyg"),
        pupils=part.counts.get("pupils", 0),
        known=part.counts.get("known", 0),
        day=part.day,
        scanned_at=part.finished_at,
    )


def _weekdays_after(day: date | None) -> int:
    if day is None:
        return 0
    between = (day + timedelta(days=n) for n in range(1, (clock.today() - day).days))
    return sum(1 for each in between if each.weekday() < 5)
