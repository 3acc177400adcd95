"""What flags and decisions ask of one user: her own pupils' flags, what she took, what she promised."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.questions import Blank, Question
from followup.risk import sentences
from followup.risk.indicators import declared
from followup.risk.models import Flag, FlagEvent
from followup.risk.queries.belonging import Belonging, belongings
from followup.scoping import Scope
from students.models import Student, followed_ids, visible_ids

OWN = ("mentor", "coach")
NEWS_DAYS = 7


@dataclass(frozen=True)
class OwnPupil:
    """A pupil of mine whose flags ask for something, or of whom there is good news."""

    student: Student
    flags: list[Flag]
    belonging: Belonging

    @property
    def since(self) -> date:
        return min(flag.waiting_since for flag in self.flags)

    @property
    def first(self) -> Flag:
        return self.flags[0]

    @property
    def is_mine(self) -> bool:
        return any(flag.taken_by_id for flag in self.flags)


def asking_of(scope: Scope):
    """Loud flags that nobody has taken among the pupils she is mentor or coach of, and those she took."""
    return _asking(clock.today(), **_asked_by(scope.only(Permission.TAKE_FLAG)))


def own_pupils(scope: Scope) -> list[OwnPupil]:
    """Those who have waited longest first; each with all that asks for something."""
    taking = scope.only(Permission.TAKE_FLAG)
    return _by_pupil(_asks.ask(day=clock.today(), **_asked_by(taking)))


def recovered(scope: Scope) -> list[OwnPupil]:
    """Good news of the week: no longer met because it has become better, for mentor, coach and taker."""
    since = clock.today() - timedelta(days=NEWS_DAYS)
    return _by_pupil(_became_better.ask(since=since, **_asked_by(scope)))


def _asked_by(scope: Scope) -> dict:
    """Who asks, whom she follows up, and of whom she is mentor or coach."""
    near = scope.by(grant for grant in scope.grants if grant.role in OWN)
    return {
        "me": scope.user.pk,
        "visible": followed_ids(scope),
        "own": visible_ids(near),
    }


def _asking(day, me, visible, own):
    mine = Q(taken_by=me) | Q(taken_by=None, student__in=own)
    return Flag.objects.loud(day).filter(mine, student__in=visible)  # scope: the visible ids are handed in


@Question
def _asks():
    found = _asking(Blank("day"), Blank("me"), Blank("visible"), Blank("own"))
    in_order = found.with_waiting_since().order_by("waiting_since", "student__sort_key", "indicator")
    return in_order.select_related("student")


@Question
def _became_better():
    """Of pupils for whom nothing else asks: with seventy per cent away there is no good news in a day at school."""
    still = Flag.objects.met().filter(student=OuterRef("student"))  # scope: of the pupils seen below
    mine = Q(taken_by=Blank("me")) | Q(decision__decided_by=Blank("me")) | Q(student__in=Blank("own"))
    return (
        Flag.objects.filter(mine, student__in=Blank("visible"))  # scope: the visible ids are filled in
        .filter(~Exists(still), no_longer_met_on__gte=Blank("since"), no_longer_met_why=Flag.Closed.BETTER)
        .select_related("student")
        .with_waiting_since()
        .order_by("-no_longer_met_on", "student__sort_key", "pk")
    )


def at_worst(flags: list[Flag]) -> dict[int, FlagEvent]:
    """The worst step of each flag, in one query: what it has recovered from."""
    steps = (
        FlagEvent.objects.filter(flag__in=flags, value__isnull=False)
        .order_by("flag_id", "-value", "pk")
        .distinct("flag_id")
    )
    return {step.flag_id: step for step in steps}


def became(flag: Flag, worst: FlagEvent | None) -> sentences.Words:
    """Frånvaro: från 17 % till 9,1 %."""
    name = str(declared()[flag.indicator].name)
    if worst is None or flag.value is None or worst.value <= flag.value:
        return sentences.Words(name + ":", _("inte längre över gränsen"))
    was, now = (sentences.figure(flag.indicator, value) for value in (worst.value, flag.value))
    return sentences.Words(_("%(what)s har gått från %(was)s till") % {"what": name, "was": was}, now)


def _by_pupil(flags: list[Flag]) -> list[OwnPupil]:
    found = defaultdict(list)
    for flag in flags:
        found[flag.student].append(flag)
    belonging = belongings([student.pk for student in found])
    return [OwnPupil(student, flags, belonging[student.pk]) for student, flags in found.items()]
