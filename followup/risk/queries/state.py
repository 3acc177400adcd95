"""What is to be said above and instead of the waiting list: how far the facts reach, and what went wrong."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.risk.models import ScanPart
from followup.risk.queries import waiting
from followup.risk.queries.facts import Part, UnitFacts, facts_of, latest_and_done
from followup.scoping import Scope
from followup.words import day


@dataclass(frozen=True)
class ListState:
    until: date | None = None
    scanned_at: datetime | None = None
    warnings: list[str] = field(default_factory=list)
    running: bool = False
    never: bool = False  # no flag has ever been raised here
    nothing: str = ""  # the sentence of a list that is empty because everything is done


def list_state(scope: Scope, *, nothing: bool) -> ListState:
    units = scope.units_where(Permission.SEE_WAITING_LIST)
    latest, done = latest_and_done(units)
    facts = facts_of(units, done)
    running = any(part.state in (ScanPart.State.WAITING, ScanPart.State.RUNNING) for part in latest)
    never = nothing and not waiting.any_flag_ever(scope)
    return ListState(
        until=min((unit.until for unit in facts if unit.until), default=None),
        scanned_at=min((unit.scanned_at for unit in facts if unit.scanned_at), default=None),
        warnings=_failures(latest, facts) + silences(facts),
        running=running,
        never=never,
        nothing=_nothing(scope) if nothing and not never else "",
    )


def _failures(latest: list[Part], facts: list[UnitFacts]) -> list[str]:
    failed = {part.unit_id: part for part in latest if part.state == ScanPart.State.FAILED}
    if not failed:
        return []
    reached = min((unit.day for unit in facts if unit.day and unit.unit.pk in failed), default=None)
    at_night = any(part.at_night for part in failed.values())
    what = _("Skanningen i natt blev inte klar.") if at_night else _("Skanningen blev inte klar.")
    if reached is None:
        return [what]
    return [what + " " + _("Det som visas gäller %(day)s.") % {"day": day(reached)}]


def silences(facts: list[UnitFacts]) -> list[str]:
    """Units whose files have not come, or hold too little to know anything; named where there are several."""
    several = len(facts) > 1
    said = []
    for unit in facts:
        if not unit.scanned_at or not unit.pupils:
            continue
        sentence = ""
        if unit.until is None or unit.late:
            sentence = unit.sentence
        elif unit.missing:
            sentence = _("Närvaron saknas för mer än hälften av eleverna: den är okänd, inte noll.")
        if sentence:
            said.append(f"{unit.unit.name}: {sentence}" if several else sentence)
    return said


def _nothing(scope: Scope) -> str:
    done = _("Alla har ett beslut.")
    following = waiting.next_follow_up(scope)
    if following is None:
        return done
    if following.follow_up_on == clock.today():
        return done + " " + _("Nästa uppföljning är idag.")
    return done + " " + _("Nästa uppföljning är %(day)s.") % {"day": day(following.follow_up_on)}
