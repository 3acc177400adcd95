"""Who may do what with flags and decisions: `check_` raises with the reason, `can_` asks.

The pupil is in scope already (else the page does not exist); this is about the right to act.
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from followup.accounts.permissions import ROLES, Permission
from followup.risk.models import Decision
from followup.scoping import Scope, asking, who_may
from students.models import Student

DECIDING_ROLES = [role.code for role in ROLES.values() if Permission.DECIDE in role.permissions]


def check_see_waiting_list(scope: Scope) -> None:
    scope.check(Permission.SEE_WAITING_LIST)


def check_take(scope: Scope, student_id: int) -> None:
    _check_about(scope, Permission.TAKE_FLAG, student_id)


def check_decide(scope: Scope, unit_id: int | None = None) -> None:
    scope.check(Permission.DECIDE, unit_id)


def check_decide_about(scope: Scope, student_id: int, unit_id: int | None) -> None:
    """At a unit of the pupil's, by a role that reaches her."""
    if unit_id is None:
        raise PermissionDenied(_refusal(Permission.DECIDE))
    _check_about(scope, Permission.DECIDE, student_id)


def check_change(scope: Scope, decision: Decision) -> None:
    """One's own: the one who recorded it, or the one who decided."""
    _check_over(scope, decision)
    if scope.user.pk not in (decision.recorded_by_id, decision.decided_by_id):
        raise PermissionDenied(_("Bara den som beslutade eller antecknade beslutet kan ändra det."))
    if decision.withdrawn_at:
        raise PermissionDenied(_("Beslutet är redan tillbakadraget."))


def check_read_earlier(scope: Scope, decision: Decision) -> None:
    """What it said before it was corrected: for those who decide there."""
    _check_over(scope, decision)


def check_follow_up(scope: Scope, decision: Decision) -> None:
    """Anybody who decides there may write what it became; the one who decided may be on leave."""
    _check_over(scope, decision)
    if decision.withdrawn_at or decision.outcome:
        raise PermissionDenied(_("Beslutet är redan uppföljt eller tillbakadraget."))


def check_confirm(scope: Scope, decision: Decision) -> None:
    if scope.user.pk != decision.decided_by_id or decision.withdrawn_at:
        raise PermissionDenied(_("Bara den som beslutet tillskrivs kan bekräfta det."))


def check_run_scan(scope: Scope) -> None:
    scope.check(Permission.RUN_SCAN)


can_see_waiting_list = asking(check_see_waiting_list)
can_take = asking(check_take)
can_decide = asking(check_decide)
can_decide_about = asking(check_decide_about)
can_change = asking(check_change)
can_read_earlier = asking(check_read_earlier)
can_follow_up = asking(check_follow_up)
can_confirm = asking(check_confirm)
can_run_scan = asking(check_run_scan)


def _check_over(scope: Scope, decision: Decision) -> None:
    """Deciding at its unit, by a role that reaches the pupil: not as a team whom her protection keeps out."""
    check_decide(scope, decision.unit_id)
    _check_about(scope, Permission.DECIDE, decision.student_id)


def _check_about(scope: Scope, permission: Permission, student_id: int) -> None:
    """By a role that both reaches the pupil and has the right: a mentor who also teaches takes no flag
    of a pupil whom she only teaches."""
    if not Student.objects.visible_to(scope.only(permission)).filter(pk=student_id).exists():
        raise PermissionDenied(_refusal(permission))


def _refusal(permission: Permission) -> str:
    return _("Du ser eleven men får inte göra detta. Det får: %(who)s.") % {"who": who_may(permission)}
