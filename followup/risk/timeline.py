"""Flags and decisions in a pupil's timeline."""

from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.offers import TimelineEntry
from followup.risk import sentences
from followup.risk.models import Decision, Flag
from followup.risk.queries import decided
from followup.risk.queries import flags as read
from followup.risk.queries.decided import DecisionRow
from followup.words import day


def entries(student, scope) -> list[TimelineEntry]:
    """For those who follow her up; each flag by the day it was raised, with what became of it."""
    rows = decided.decisions_about(scope, student)
    return [
        *(_raised(flag) for flag in read.flags_about(scope, student)),
        *(_decided(row) for row in rows),
        *(_followed_up(row.decision) for row in rows if row.decision.outcome),
    ]


def _raised(flag: Flag) -> TimelineEntry:
    """With the figure of the day it was raised, whatever it is now."""
    then = Flag(indicator=flag.indicator, **(flag.as_raised or {"level": flag.level, "value": flag.value}))
    then.evidence = then.evidence or flag.evidence
    parts = []
    if flag.taken_by:
        parts.append(_("%(name)s tog den %(day)s.") % {"name": flag.taken_by.name, "day": day(flag.taken_at)})
    if standing := sentences.standing(flag):
        parts.append(f"{standing}.")
    return TimelineEntry(
        on=flag.opened_on,
        kind="flag",
        icon="flag",
        title=_("Flagga: %(words)s") % {"words": sentences.inside(then)},
        text=" ".join(parts),
        url=reverse("risk:flag", args=[flag.pk]),
    )


def _decided(row: DecisionRow) -> TimelineEntry:
    decision = row.decision
    title = _("Beslut: %(choice)s") if not decision.withdrawn_at else _("Tillbakadraget beslut: %(choice)s")
    return TimelineEntry(
        on=clock.day_of(decision.recorded_at),
        kind="decision",
        icon="clipboard-check",
        title=title % {"choice": decision.get_choice_display()},
        text=" ".join(_said(row)),
        url=reverse("risk:decision", args=[decision.pk]),
        at=decision.recorded_at,
        by=decision.decided_by.name,
    )


def _said(row: DecisionRow):
    decision = row.decision
    if row.what:
        yield _ended(row.what)
    if row.responsible:
        yield _("Ansvarig: %(names)s.") % {"names": ", ".join(row.responsible)}
    if decision.reason:
        yield _ended(decision.reason)
    if decision.withdrawn_at:
        yield _("Tillbakadraget %(day)s: %(why)s") % {
            "day": day(decision.withdrawn_at),
            "why": _ended(decision.withdrawn_why),
        }
    elif decision.follow_up_on and not decision.outcome:
        yield _("Följs upp %(day)s.") % {"day": day(decision.follow_up_on)}
    if not decision.confirmed_at and not decision.withdrawn_at:
        yield _("Väntar på bekräftelse.")


def _followed_up(decision: Decision) -> TimelineEntry:
    return TimelineEntry(
        on=clock.day_of(decision.outcome_at),
        kind="decision",
        icon="clipboard-check",
        title=_("Uppföljt: %(choice)s") % {"choice": decision.get_choice_display()},
        text=_ended(decision.outcome),
        url=reverse("risk:decision", args=[decision.pk]),
        at=decision.outcome_at,
        by=decision.outcome_by.name,
    )


def _ended(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".!?…" else f"{text}."
