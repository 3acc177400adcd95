"""Decisions that somebody is to come back to, and those that wait for a name to be confirmed."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from django.core.paginator import Page, Paginator
from django.db.models import Q

from followup import clock
from followup.accounts.permissions import Permission
from followup.offers import once
from followup.questions import Blank, Question
from followup.risk.actions.decisions import UNDONE
from followup.risk.models import Decision, FlagEvent
from followup.risk.queries.belonging import Belonging, belongings
from followup.scoping import Scope
from students.models import SupportMeasure, followed_ids

PER_PAGE = 100


@dataclass(frozen=True)
class DecisionRow:
    decision: Decision
    belonging: Belonging = field(default_factory=Belonging)
    measures: list[SupportMeasure] = field(default_factory=list)

    @property
    def is_promised(self) -> bool:
        """In force, with a day to come back to, and nobody has said what became of it."""
        decision = self.decision
        return bool(decision.follow_up_on and not decision.outcome and not decision.withdrawn_at)

    @property
    def student(self):
        return self.decision.student

    @property
    def responsible(self) -> list[str]:
        return [measure.responsible.name for measure in self.measures if measure.responsible]

    @property
    def what(self) -> str:
        return ", ".join(measure.what for measure in self.measures if measure.what)

    @property
    def days_late(self) -> int:
        due = self.decision.follow_up_on
        return max(0, (clock.today() - due).days) if due else 0

    @property
    def when(self) -> str:
        """late, today or later."""
        due = self.decision.follow_up_on
        if due is None:
            return "later"
        return "late" if due < clock.today() else "today" if due == clock.today() else "later"


@dataclass(frozen=True)
class DecisionList:
    """Beslut: what waits for my confirmation, then by the day that somebody promised to come back."""

    page: Page
    rows: list[DecisionRow]
    to_confirm: list[DecisionRow]
    late: int
    oldest: date | None

    @property
    def oldest_days(self) -> int:
        return (clock.today() - self.oldest).days if self.oldest else 0


def pending(scope: Scope):
    """In force, with a day to come back to and no outcome; at the units where she decides."""
    return (
        Decision.objects.in_force()
        .visible_to(scope.only(Permission.DECIDE))
        .filter(unit__in=scope.units_where(Permission.DECIDE), outcome="", follow_up_on__isnull=False)
    )


def decisions_about(scope: Scope, student) -> list[DecisionRow]:
    """Every decision about one pupil; asked once for a page, whichever parts of it want them."""
    return once(student, scope, "decisions", lambda: rows_about_one(_of(student, scope)))


def _of(student, scope: Scope) -> list[Decision]:
    seen = followed_ids(scope)
    decisions = _of_one.ask(student=student.pk, visible=seen)
    for decision in decisions:
        decision.student = student
    return decisions


@Question
def _of_one():
    decisions = Decision.objects.filter(
        student=Blank("student"), student__in=Blank("visible")
    )  # scope: the visible ids are handed in
    return (
        decisions.exclude(withdrawn_why=UNDONE)
        .select_related("decided_by", "outcome_by", "withdrawn_by")
        .order_by("pk")
    )


def to_confirm(scope: Scope):
    return Decision.objects.visible_to(scope).awaiting_confirmation_by(scope.user)


def asking_of(scope: Scope):
    """To confirm, and to follow up today or before: what the number in the rail counts."""
    due = Q(follow_up_on__lte=clock.today(), outcome="")
    return (
        Decision.objects.in_force()
        .visible_to(scope.only(Permission.DECIDE))
        .filter(due | Q(confirmed_at=None), decided_by=scope.user)
    )


@Question
def _asks():
    due = Q(unit__in=Blank("units"), outcome="", follow_up_on__lte=Blank("day"))
    to_confirm = Q(decided_by=Blank("me"), confirmed_at=None)
    return (
        Decision.objects.in_force()  # scope: the visible ids are filled in
        .filter(due | to_confirm, student__in=Blank("visible"))
        .select_related("student", "recorded_by")
        .order_by("follow_up_on", "pk")
    )


@dataclass(frozen=True)
class Asking:
    """What decisions ask of one user today, in one question."""

    to_confirm: list[Decision]
    due: list[Decision]
    late_of_others: list[Decision]


def asking(scope: Scope) -> Asking:
    """Hers to confirm and to follow up; and what colleagues have promised and let pass."""
    deciding, me = scope.only(Permission.DECIDE), scope.user.pk
    found = _asks.ask(
        me=me,
        visible=followed_ids(deciding),
        units=deciding.unit_ids,
        day=clock.today(),
    )
    return Asking(
        to_confirm=[one for one in found if one.decided_by_id == me and one.confirmed_at is None],
        due=[one for one in found if one.decided_by_id == me and one.is_due],
        late_of_others=[one for one in found if one.decided_by_id != me and one.is_late],
    )


def decision_list(scope: Scope, *, mine: bool = False, page_number=1) -> DecisionList:
    decisions = pending(scope).select_related("student", "decided_by").order_by("follow_up_on", "pk")
    if mine:
        decisions = decisions.filter(decided_by=scope.user)
    late = decisions.filter(follow_up_on__lt=clock.today())
    page = Paginator(decisions, PER_PAGE).get_page(page_number)
    waiting = to_confirm(scope).select_related("student", "decided_by", "recorded_by").order_by("pk")
    found, mine_to_confirm = list(page.object_list), list(waiting)
    rows = {row.decision.pk: row for row in rows_of(found + mine_to_confirm)}
    dates = list(late.values_list("follow_up_on", flat=True))
    return DecisionList(
        page=page,
        rows=[rows[decision.pk] for decision in found],
        to_confirm=[rows[decision.pk] for decision in mine_to_confirm],
        late=len(dates),
        oldest=min(dates, default=None),
    )


def rows_of(decisions: list[Decision]) -> list[DecisionRow]:
    """Decisions with class, mentor and measures, in four queries whatever their number."""
    if not decisions:
        return []
    belonging = belongings(list({decision.student_id for decision in decisions}))
    return [replace(row, belonging=belonging[row.decision.student_id]) for row in rows_about_one(decisions)]


def rows_about_one(decisions: list[Decision]) -> list[DecisionRow]:
    """The same where the page says already who she is and where she goes."""
    measures = defaultdict(list)
    made = SupportMeasure.objects.filter(decision_id__in=[decision.pk for decision in decisions])
    for measure in made.select_related("responsible") if decisions else ():
        measures[measure.decision_id].append(measure)
    return [DecisionRow(decision, measures=measures[decision.pk]) for decision in decisions]


@dataclass(frozen=True)
class Correction:
    """One correction: who made it and when, and what it said before and after."""

    before: Decision  # rows of the history have the same fields
    after: Decision

    @property
    def reason(self) -> bool:
        return self.before.reason != self.after.reason

    @property
    def follow_up_on(self) -> bool:
        return self.before.follow_up_on != self.after.follow_up_on


def corrections(decision: Decision) -> list[Correction]:
    """Each wording that was replaced, the latest first."""
    rows = decision.events.select_related("changed_by").order_by("pgh_id")
    found = [Correction(before, after) for before, after in pairwise(rows)]
    return [one for one in reversed(found) if one.reason or one.follow_up_on]


def flags_decided(decision: Decision):
    """The flags it was about, whatever has become of them since; in the order they opened."""
    about = FlagEvent.objects.filter(what=FlagEvent.What.DECIDED, ref=decision.pk)
    return decision.student.flags.filter(pk__in=about.values("flag")).order_by("opened_on", "pk")
