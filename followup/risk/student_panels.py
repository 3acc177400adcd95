"""On a pupil's page: the flags that ask for something, the day somebody promised to come back, "Besluta";
and her absence, for all who see the facts.

Words only: no level or colour on her as a person; what is known and since when.
"""

from dataclasses import dataclass

from django.urls import reverse

from followup.accounts.permissions import Permission
from followup.offers import StudentPanel
from followup.risk import sentences
from followup.risk.absence_card import absence_card
from followup.risk.models import Flag
from followup.risk.queries import decided
from followup.risk.queries import flags as read
from followup.scoping import Scope
from students.access import can_see_facts


@dataclass(frozen=True)
class WaitingFlag:
    flag: Flag
    may_take: bool
    may_give_back: bool

    @property
    def words(self) -> sentences.Words:
        return sentences.sentence(self.flag)

    @property
    def standing(self) -> str:
        return sentences.standing(self.flag)


def panels(student, scope: Scope) -> list[StudentPanel]:
    found = []
    follows_up = scope.can(Permission.SEE_FOLLOW_UP)
    if can_see_facts(scope):
        card = absence_card(student, with_limits=follows_up)
        found.append(StudentPanel("strip", "risk/_absence_card.html", card, order=10))
    if not follows_up:
        return found
    if flags := _flags(student, scope):
        found.append(StudentPanel("waiting", "risk/_panel_flags.html", flags, order=10))
    if rows := [row for row in decided.decisions_about(scope, student) if row.is_promised]:
        found.append(StudentPanel("waiting", "risk/_panel_decisions.html", rows, order=20))
    if scope.can(Permission.DECIDE):
        found.append(
            StudentPanel(
                "action", "risk/_panel_decide.html", reverse("risk:decide", args=[student.pk]), order=10
            )
        )
    return found


def waits(student_ids, scope: Scope) -> dict[int, list[str]]:
    """What waits around each pupil of a class, in words."""
    found: dict[int, list[str]] = {}
    flags = Flag.objects.met().visible_to(scope)
    for flag in flags.filter(student__in=list(student_ids)).order_by("opened_on", "pk"):
        found.setdefault(flag.student_id, []).append(sentences.short(flag))
    return found


def _flags(student, scope: Scope) -> list[WaitingFlag]:
    """Open and met, the loud ones first; one button to take takes them all."""
    flags = [
        flag
        for flag in read.flags_about(scope, student)
        if flag.closed_on is None and flag.no_longer_met_on is None
    ]
    flags.sort(key=lambda flag: flag.is_quiet)
    may_take = scope.can(Permission.TAKE_FLAG)
    first_untaken = next((flag for flag in flags if flag.taken_by_id is None and not flag.is_quiet), None)
    return [
        WaitingFlag(
            flag,
            may_take=may_take and flag is first_untaken,
            may_give_back=flag.taken_by_id == scope.user.pk and not flag.is_quiet,
        )
        for flag in flags
    ]
