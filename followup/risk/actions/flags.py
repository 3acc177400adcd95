"""Taking a flag, giving it back, and handling it: quiet for a while, because somebody did something."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from followup import clock
from followup.accounts.models import User
from followup.audit import actions as audit
from followup.risk.models import Decision, Flag, FlagEvent
from followup.risk.queries.taken import out_of_reach, out_of_reach_of
from students.models import Student

QUIET_DAYS = 14
What = FlagEvent.What


@transaction.atomic
def take(flag: Flag, *, by: User) -> list[Flag]:
    """Takes the flag and the pupil's other open ones that nobody has taken: she is one person."""
    flags = list(_locked(flag.student).filter(taken_by=None))
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(taken_by=by, taken_at=clock.now())
    _note(flags, What.TAKEN, by=by)
    for one in flags:
        audit.record("risk.take", by=by, about=one, student_id=one.student_id)
    return flags


@transaction.atomic
def give_back(flag: Flag, *, by: User) -> list[Flag]:
    """Gives back what one has taken for this pupil, so that somebody else sees that it waits."""
    flags = list(_locked(flag.student).filter(taken_by=by))
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(taken_by=None, taken_at=None)
    _note(flags, What.RELEASED, by=by)
    for one in flags:
        audit.record("risk.give_back", by=by, about=one, student_id=one.student_id)
    return flags


@transaction.atomic
def give_back_unseen(unit_ids: Iterable[int], *, by: None = None) -> list[Flag]:
    """Takes back what somebody has taken and no longer sees, the same night as her role or her group ended."""
    return _give_back(out_of_reach(unit_ids), by=by)


@transaction.atomic
def give_back_of(user: User, *, by: None = None) -> list[Flag]:
    """The same for one person, the moment her role ends: nobody else would take what a colleague seems to have."""
    return _give_back(out_of_reach_of(user), by=by)


def _give_back(unseen, *, by: None) -> list[Flag]:
    unseen = unseen.values("pk")
    locked = Flag.objects.filter(pk__in=unseen).select_for_update(of=["self"], no_key=True)
    flags = list(locked.select_related("unit").order_by("pk"))
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(taken_by=None, taken_at=None)
    _note(flags, What.RELEASED, by=by)
    pupils_of = defaultdict(list)
    for flag in flags:
        pupils_of[flag.unit.organiser_id].append(flag.student_id)
    for organiser_id, student_ids in pupils_of.items():
        audit.record_many(
            "risk.give_back", by=by, about="risk.flag", student_ids=student_ids, organiser_id=organiser_id
        )
    return flags


@transaction.atomic
def mark_handled(
    flags: Iterable[Flag], *, by: User, ref: int, until: date | None = None, decision: Decision | None = None
) -> None:
    """A contact (a ticked check-in, `ref` is its id) or a decision makes flags quiet.

    For 14 days or until the day that was set, whichever is later. The level and the value of now are
    kept: worse than that wakes the flag before the day.
    """
    quiet_until = max(filter(None, [until, clock.today() + timedelta(days=QUIET_DAYS)]))
    ids = [flag.pk for flag in flags]
    flags = list(Flag.objects.open().filter(pk__in=ids).select_for_update(no_key=True).order_by("pk"))
    what = What.DECIDED if decision else What.CONTACTED
    _note(flags, what, by=by, ref=ref, until=quiet_until)
    _settle(flags)


@transaction.atomic
def unmark_handled(flags: Iterable[Flag], *, by: User, ref: int, decision: bool = False) -> None:
    """The contact or the decision was withdrawn: the flags are again what they were without it."""
    what = What.DECIDED if decision else What.CONTACTED
    handled = FlagEvent.objects.filter(what=what, ref=ref, flag__in=[flag.pk for flag in flags])
    flags = list(
        Flag.objects.open()
        .filter(pk__in=handled.values("flag"))
        .select_for_update(no_key=True)
        .order_by("pk")
    )
    _note(flags, What.REOPENED, by=by, ref=ref, why=what)
    _settle(flags)


def _locked(student: Student):
    return Flag.objects.open().filter(student=student).select_for_update(no_key=True).order_by("pk")


def _note(flags: list[Flag], what: str, *, by: User, ref=None, until=None, why="") -> None:
    FlagEvent.objects.bulk_create(
        FlagEvent(
            flag=flag,
            at=clock.now(),
            on=clock.today(),
            what=what,
            by=by,
            level=flag.level,
            value=flag.value,
            threshold=flag.threshold,
            ref=ref,
            until=until,
            why=why,
        )
        for flag in flags
    )


def _settle(flags: list[Flag]) -> None:
    """Reads from each flag's steps what holds for it now; what was withdrawn does not count."""
    steps = FlagEvent.objects.filter(
        flag__in=flags, what__in=[What.CONTACTED, What.DECIDED, What.REOPENED, What.RETURNED]
    )
    by_flag: dict[int, list[FlagEvent]] = {flag.pk: [] for flag in flags}
    for step in steps.order_by("pk"):
        by_flag[step.flag_id].append(step)
    for flag in flags:
        _settle_one(flag, by_flag[flag.pk])
    Flag.objects.bulk_update(
        flags, ["quiet_until", "handled_level", "handled_value", "contacted_on", "decision"]
    )


def _settle_one(flag: Flag, steps: list[FlagEvent]) -> None:
    standing: list[FlagEvent] = []
    for step in steps:
        if step.what == What.REOPENED:  # what comes after it counts: a corrected check-in, ticked again
            standing = [one for one in standing if (one.what, one.ref) != (step.why, step.ref)]
        else:
            standing.append(step)
    last = standing[-1] if standing else None
    holds = last if last and last.what != What.RETURNED else None
    flag.quiet_until = _rests_until(standing) if holds else None
    flag.handled_level = holds.level if holds else ""
    flag.handled_value = holds.value if holds else None
    contacts = [step.on for step in standing if step.what == What.CONTACTED]
    decisions = [step.ref for step in standing if step.what == What.DECIDED]
    flag.contacted_on = contacts[-1] if contacts else None
    flag.decision_id = decisions[-1] if decisions else None


def _rests_until(standing: list[FlagEvent]) -> date:
    """The day of the last step; a contact does not cut short what the team has decided since the flag returned."""
    until = standing[-1].until
    for step in reversed(standing):
        if step.what == What.RETURNED:
            break
        if step.what == What.DECIDED:
            return max(until, step.until)
    return until
