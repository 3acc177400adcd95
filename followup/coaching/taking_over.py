"""Talks that a colleague had under way with a pupil whose mentor I am now.

A booking belongs to the one who made it for as long as she still meets the pupil. When she does not (leave, a
change of mentor, a role that has ended) it stands with the pupil's mentor, until the mentor has written a
check-in; that one follows it, so that it does not come back when the colleague does.
"""

from django.db.models import Q

from followup import clock
from followup.accounts.permissions import Permission
from followup.coaching.models import CheckIn
from followup.offers import once
from followup.questions import Blank, Question
from followup.scoping import Scope, scopes_of
from students.models import Group, GroupMember, Student, visible_ids


def mine_or_left(scope: Scope) -> Q:
    """Check-ins of my own, and those that were left to me."""
    return Q(by=scope.user) | left_to(scope)


def left_to(scope: Scope) -> Q:
    """Written about my mentor pupils by colleagues who can no longer write about them; asked once."""
    return once(scope, scope, "left_to", lambda: _left_to(scope))


def left_about(student: Student, scope: Scope) -> list[CheckIn]:
    """The last ones left to me about one pupil, the earliest booking first."""
    check_ins = CheckIn.objects.last_of_each().filter(left_to(scope), student=student)  # scope: my pupil
    return list(check_ins.order_by("next_on", "next_time", "pk"))


def _left_to(scope: Scope) -> Q:
    units = scope.units_of_roles("mentor")
    if not units:
        return Q(pk__in=[])
    asked = {"me": scope.user.pk, "units": units, "day": clock.today()}
    writers = _writers.ask(**asked)
    if not writers:
        return Q(pk__in=[])
    pupils = _pupils(**asked)
    still_theirs = Q(by=scope.user)
    for colleague in scopes_of(writers, like=scope):
        may_write = colleague.only(Permission.WRITE_CHECK_IN)
        still_theirs |= Q(by=colleague.user, student__in=visible_ids(may_write))
    return Q(student__in=pupils) & ~still_theirs


@Question
def _writers():
    """Colleagues who have written about my mentor pupils."""
    pupils = _pupils(Blank("me"), Blank("units"), Blank("day"))
    written = CheckIn.objects.standing().filter(student__in=pupils).exclude(by=Blank("me"))
    return written.values_list("by", flat=True).distinct()


def _pupils(me, units, day):
    """Those in the mentor groups that somebody leads."""
    led = GroupMember.objects.led_by(me, units=units, kinds=[Group.Kind.MENTOR], day=day)
    return led.values("student")
