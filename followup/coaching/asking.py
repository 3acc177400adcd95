"""What check-ins ask of somebody today: for the start page."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from followup import clock
from followup.accounts.models import Grant
from followup.accounts.permissions import ROLES, Permission
from followup.coaching.models import CheckIn
from followup.coaching.queries import MISSED_DAYS, Booking, as_bookings, latest_class
from followup.coaching.taking_over import mine_or_left
from followup.questions import Blank, Question
from followup.risk.models import Decision
from followup.scoping import Scope
from students.models import Student, SupportMeasure, visible_ids

TOLD_DAYS = 14  # so long she is told what has been decided for her to do
WRITERS = [role.code for role in ROLES.values() if Permission.WRITE_CHECK_IN in role.permissions]


@dataclass(frozen=True)
class Asking:
    """Bookings until today, and talks that have not come about twice in a row."""

    bookings: list[Booking]
    twice_in_vain: list[CheckIn]


def asking_of(scope: Scope) -> Asking:
    """Of her own check-ins and those left to her, about pupils she still may write about; in one question."""
    found = list(
        _until(clock.today(), scope)
        .select_related("student", "by")
        .annotate(school_class=latest_class("student"))
        .order_by("next_on", "next_time", "at", "pk")
    )
    return Asking(
        bookings=as_bookings([one for one in found if one.next_on], scope.user),
        twice_in_vain=[one for one in found if not one.next_on],
    )


def come_to_nothing(scope: Scope):
    """The same without those of today: missed, or twice in vain."""
    return _until(clock.today() - timedelta(days=1), scope)


def _until(last: date, scope: Scope):
    since = _since()
    booked = Q(next_on__range=(since, last))
    in_vain = Q(next_on=None, made=False, made_before=False, at__gte=clock.at_noon(since))
    return (
        CheckIn.objects.last_of_each()  # scope: her own or left to her, about pupils she may write about
        .with_made_before()
        .filter(mine_or_left(scope), student__in=visible_ids(scope.only(Permission.WRITE_CHECK_IN)))
        .filter(booked | in_vain)
    )


def entrusted_to(scope: Scope):
    """What others have decided that she is to do, until she has written a check-in since.

    The flags go quiet with the decision, so nothing else on her start page would tell her.
    """
    return _decided_for(**_asked_by(scope))


def entrusted(scope: Scope) -> list[SupportMeasure]:
    return _entrusted.ask(**_asked_by(scope))


@Question
def _entrusted():
    found = _decided_for(Blank("me"), Blank("visible"), Blank("day"), Blank("told_since"))
    with_class = found.select_related("student", "made_by").annotate(school_class=latest_class("student"))
    return with_class.order_by("made_at", "pk")


def _asked_by(scope: Scope) -> dict:
    today = clock.today()
    return {
        "me": scope.user.pk,
        "visible": visible_ids(scope.only(Permission.WRITE_CHECK_IN)),
        "day": today,
        "told_since": clock.midnight(today - timedelta(days=TOLD_DAYS)),
    }


def _decided_for(me, visible, day, told_since):
    written = CheckIn.objects.standing().filter(
        student=OuterRef("student"), by=me, written_at__gt=OuterRef("made_at")
    )
    own = Decision.objects.filter(pk=OuterRef("decision_id"), recorded_by=me)
    return (
        SupportMeasure.objects.ongoing(day)  # scope: hers, about the visible ids that are handed in
        .filter(responsible=me, student__in=visible, made_at__gte=told_since)
        .exclude(made_by=None)
        .exclude(made_by=me)
        .filter(~Exists(own), ~Exists(written))
    )


@Question
def _left_bookings():
    working = (
        Grant.objects.current(Blank("day")).at_unit("unit").filter(user=OuterRef("by"), role__in=WRITERS)
    )
    return (
        CheckIn.objects.standing()  # scope: the visible ids are filled in
        .filter(~Exists(working), student__in=Blank("visible"), next_on__gte=Blank("since"))
        .exclude(by=Blank("me"))
        .values_list("pk", flat=True)
    )


def left_behind(scope: Scope) -> list[CheckIn]:
    """What somebody booked who no longer has a role at the school, with pupils whom nobody has met since.

    For those who look after the school, while the pupil has no mentor; her new mentor takes it over (`asking_of`).
    Most days nobody has left anything, so whether the pupils have a mentor is asked only where somebody has.
    """
    left = _left_bookings.ask(**_left_to_whom(scope))
    if not left:
        return []
    return list(
        _still_left(left, scope)
        .select_related("student", "by")
        .annotate(school_class=latest_class("student"))
        .order_by("next_on", "pk")
    )


def left_to_see_to(scope: Scope):
    """The same in one question, to be counted."""
    return _still_left(_left_bookings.within(**_left_to_whom(scope)), scope)


def _left_to_whom(scope: Scope) -> dict:
    visible = visible_ids(scope.only(Permission.WRITE_CHECK_IN))
    return {"visible": visible, "me": scope.user.pk, "since": _since(), "day": clock.today()}


def _still_left(left, scope: Scope):
    writing = scope.only(Permission.WRITE_CHECK_IN)
    pupils = Student.objects.visible_to(writing).without_mentor(scope.unit_ids).values("pk")
    return (
        CheckIn.objects.booked()  # scope: about pupils she may write about
        .unfollowed()
        .filter(pk__in=left, student__in=pupils)
    )


def _since() -> date:
    return clock.today() - timedelta(days=MISSED_DAYS)
