"""Decisions about a pupil: made, confirmed, corrected, followed up, withdrawn."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import SchoolUnit, User
from followup.audit import actions as audit
from followup.risk.actions.flags import mark_handled, unmark_handled
from followup.risk.models import Decision, Flag
from students.models import Involvement, Student, SupportMeasure

SEEN_AFTER_DAYS = 30  # so long after the follow-up the pupil still concerns those who decided
UNDO_SECONDS = 60  # the page offers it for ten; a slow net must not make it a lie
UNDONE = "ångrat"


@dataclass(frozen=True)
class Seen:
    """What somebody had before her eyes when she decided: the flags, and the latest decision."""

    flags: frozenset[int]
    decision: int = 0

    def __str__(self):
        return f"{self.decision}:{','.join(map(str, sorted(self.flags)))}"

    @classmethod
    def parse(cls, text: str) -> "Seen":
        decision, _colon, flags = text.partition(":")
        return cls(frozenset(int(pk) for pk in flags.split(",") if pk), int(decision))


def seen_now(student: Student) -> Seen:
    flags = Flag.objects.met().filter(student=student)
    latest = Decision.objects.in_force().filter(student=student).order_by("-pk").first()
    return Seen(frozenset(flags.values_list("pk", flat=True)), latest.pk if latest else 0)


class MovedOn(Exception):
    """Something came in between: another's decision, or a new flag. Nothing was saved; she chooses."""

    def __init__(self, now: Seen, before: Seen):
        self.now = now
        self.decision_id = now.decision if now.decision != before.decision else 0
        self.new_flags = now.flags - before.flags


@dataclass(frozen=True)
class Measure:
    """What a decision sets going: who does what, from when, until when it is planned."""

    responsible: User | None = None
    what: str = ""
    starts_on: date | None = None
    planned_end_on: date | None = None


@transaction.atomic
def decide(
    student: Student,
    *,
    by: User,
    unit: SchoolUnit,
    choice: str,
    decided_by: User,
    form_uuid: UUID,
    seen: Seen,
    reason: str = "",
    follow_up_on: date | None = None,
    measure: Measure | None = None,
) -> Decision:
    """One decision over all the pupil's flags, in force at once, also when it is recorded for another.

    The pupil's row is locked, so that of two who decide at the same time the second one finds the first
    one's decision (`MovedOn`). The same form sent twice saves once.
    """
    Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    if again := Decision.objects.filter(form_uuid=form_uuid, recorded_by=by).first():
        return again
    now = seen_now(student)
    if now.decision != seen.decision or not now.flags <= seen.flags:
        raise MovedOn(now, seen)
    decision = Decision.objects.create(
        student=student,
        unit=unit,
        choice=choice,
        reason=reason,
        decided_by=decided_by,
        confirmed_at=clock.now() if decided_by == by else None,
        recorded_by=by,
        recorded_at=clock.now(),
        follow_up_on=follow_up_on,
        form_uuid=form_uuid,
    )
    _set_going(decision, measure or Measure())
    flags = Flag.objects.open().filter(student=student)
    mark_handled(flags, by=by, ref=decision.pk, until=follow_up_on, decision=decision)
    _record("risk.decide", decision, by=by, choice=choice, decided_by=decided_by.pk)
    return decision


@transaction.atomic
def confirm(decision: Decision, *, by: User) -> Decision:
    decision = Decision.objects.select_for_update(no_key=True).get(pk=decision.pk)
    if decision.confirmed_at or decision.withdrawn_at:
        return decision
    decision.confirmed_at = clock.now()
    decision.save(update_fields=["confirmed_at"])
    _record("risk.confirm_decision", decision, by=by)
    return decision


@transaction.atomic
def correct(decision: Decision, *, by: User, reason: str, follow_up_on: date | None) -> Decision:
    """Another wording or another day; every earlier wording is kept. Another choice is a new decision.

    What has been followed up keeps its day: a new one would open the pupil to the team again, and for ever.
    """
    decision = Decision.objects.select_for_update(no_key=True).get(pk=decision.pk)
    if decision.withdrawn_at:
        return decision
    follow_up_on = decision.follow_up_on if decision.outcome else follow_up_on
    changed = [
        name
        for name, value in (("reason", reason), ("follow_up_on", follow_up_on))
        if getattr(decision, name) != value
    ]
    if not changed:
        return decision
    decision.reason, decision.follow_up_on = reason, follow_up_on
    decision.changed_at, decision.changed_by = clock.now(), by
    decision.save(update_fields=[*changed, "changed_at", "changed_by"])
    if "follow_up_on" in changed:
        mark_handled(decision.flags.all(), by=by, ref=decision.pk, until=follow_up_on, decision=decision)
        _keep_in_sight(decision)
    _record("risk.correct_decision", decision, by=by, fields=changed)
    return decision


@transaction.atomic
def withdraw(decision: Decision, *, by: User, why: str) -> Decision:
    """Takes the decision back: its measures stop, and the flags are again what they were without it."""
    decision = Decision.objects.select_for_update(no_key=True).get(pk=decision.pk)
    if decision.withdrawn_at:
        return decision
    decision.withdrawn_at, decision.withdrawn_by, decision.withdrawn_why = clock.now(), by, why
    decision.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    yesterday = clock.today() - timedelta(days=1)
    SupportMeasure.objects.filter(decision_id=decision.pk, ended_on=None).update(
        ended_on=yesterday, end_reason=_("Beslutet drogs tillbaka.")
    )
    _involvements(decision).update(until=yesterday)
    unmark_handled(Flag.objects.filter(student=decision.student_id), by=by, ref=decision.pk, decision=True)
    _record("risk.withdraw_decision", decision, by=by)
    return decision


def may_undo(decision: Decision, by: User) -> bool:
    """Just saved, and by her: the slip of a finger needs no reason."""
    fresh = clock.now() - decision.recorded_at < timedelta(seconds=UNDO_SECONDS)
    return decision.recorded_by_id == by.pk and fresh and decision.withdrawn_at is None


@transaction.atomic
def follow_up(
    decision: Decision,
    *,
    by: User,
    outcome: str,
    goes_on: bool = False,
    next_on: date | None = None,
) -> Decision:
    """Says what it became. Either it ends here, or it goes on as a decision of its own with a new day."""
    decision = Decision.objects.select_for_update(no_key=True).get(pk=decision.pk)
    if decision.outcome or decision.withdrawn_at:
        return decision
    decision.outcome, decision.outcome_by, decision.outcome_at = outcome, by, clock.now()
    decision.save(update_fields=["outcome", "outcome_by", "outcome_at"])
    measures = SupportMeasure.objects.filter(decision_id=decision.pk, ended_on=None)
    if goes_on:
        _go_on(decision, measures, by=by, next_on=next_on)
    else:
        measures.update(ended_on=clock.today(), end_reason=_("Uppföljd."))
        until = clock.today() + timedelta(days=SEEN_AFTER_DAYS)
        _involvements(decision).update(until=until)
    _record("risk.follow_up_decision", decision, by=by, goes_on=goes_on)
    return decision


def _go_on(decision: Decision, measures, *, by: User, next_on: date | None) -> None:
    successor = Decision.objects.create(
        student=decision.student,
        unit=decision.unit,
        choice=decision.choice,
        reason=decision.outcome,
        decided_by=by,
        confirmed_at=clock.now(),
        recorded_by=by,
        recorded_at=clock.now(),
        follow_up_on=next_on,
    )
    _involvements(decision).filter(why=Involvement.Why.MEASURE).update(ref=successor.pk)
    measures.update(decision_id=successor.pk, planned_end_on=next_on)
    _keep_in_sight(successor)
    flags = Flag.objects.open().filter(student=decision.student)
    mark_handled(flags, by=by, ref=successor.pk, until=next_on, decision=successor)


def _set_going(decision: Decision, measure: Measure) -> None:
    """The measure that the choice means, and whom the pupil concerns from now on."""
    if decision.choice != Decision.Choice.NONE:
        SupportMeasure.objects.create(
            student=decision.student,
            unit=decision.unit,
            kind=decision.choice,
            what=measure.what,
            responsible=measure.responsible,
            starts_on=measure.starts_on or clock.today(),
            planned_end_on=measure.planned_end_on or decision.follow_up_on,
            decision_id=decision.pk,
            made_by=decision.decided_by,
            made_at=decision.recorded_at,
        )
    _keep_in_sight(decision, responsible=measure.responsible)


def _keep_in_sight(decision: Decision, responsible: User | None = None) -> None:
    """The pupil concerns the team until the follow-up is done, and the responsible person meanwhile."""
    place = {"student": decision.student, "unit": decision.unit, "ref": decision.pk}
    until, since = _sight_ends(decision), clock.today()
    Involvement.objects.update_or_create(
        **place,
        user=None,
        why=Involvement.Why.DECISION,
        defaults={"until": until},
        create_defaults={"since": since, "until": until},
    )
    if responsible:
        Involvement.objects.get_or_create(
            **place, user=responsible, why=Involvement.Why.MEASURE, defaults={"since": since}
        )


def _sight_ends(decision: Decision) -> date | None:
    """A decision that nobody will follow up leaves sight by itself; the others when they are followed up."""
    return None if decision.follow_up_on else clock.today() + timedelta(days=SEEN_AFTER_DAYS)


def _involvements(decision: Decision):
    return Involvement.objects.filter(
        student=decision.student_id,
        ref=decision.pk,
        why__in=[Involvement.Why.DECISION, Involvement.Why.MEASURE],
    )


def _record(verb: str, decision: Decision, *, by: User, **detail) -> None:
    audit.record(
        verb,
        by=by,
        about=decision,
        student_id=decision.student_id,
        organiser_id=decision.unit.organiser_id,
        **detail,
    )
