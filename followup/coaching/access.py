"""Who may write, change and read back check-ins: `check_` raises with the reason, `can_` asks."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.coaching.models import CheckIn
from followup.risk.access import asking
from followup.scoping import Scope, who_may
from students.models import Student

UNDO_SECONDS = 60  # the button stands for ten; a slow net gets the rest


def writable(scope: Scope):
    """The pupils that a scope may write check-ins about."""
    return Student.objects.visible_to(scope.only(Permission.WRITE_CHECK_IN))


def check_read(scope: Scope) -> None:
    scope.check(Permission.SEE_FOLLOW_UP)


def check_own_list(scope: Scope) -> None:
    scope.check(Permission.WRITE_CHECK_IN)


def check_write(scope: Scope, student: Student) -> None:
    """The pupil is in scope already; this is about the role by which she is."""
    if not writable(scope).filter(pk=student.pk).exists():
        raise PermissionDenied(
            _("Du ser eleven men får inte göra detta. Det får: %(who)s.")
            % {"who": who_may(Permission.WRITE_CHECK_IN)}
        )


def check_change(scope: Scope, check_in: CheckIn) -> None:
    """Only what one has written oneself, and only while it stands."""
    if check_in.by_id != scope.user.pk:
        raise PermissionDenied(_("Bara den som skrev avstämningen kan ändra den eller dra tillbaka den."))
    if check_in.withdrawn_at:
        raise PermissionDenied(_("Avstämningen är redan tillbakadragen."))
    check_write(scope, check_in.student)


def check_read_earlier(scope: Scope, check_in: CheckIn) -> None:
    """Earlier wording, and what was withdrawn: for the writer, and for the leader of the unit."""
    leads = check_in.unit_id in scope.units_where(Permission.SEE_SCHOOL_FIGURES)
    if check_in.by_id != scope.user.pk and not leads:
        raise PermissionDenied(_("Tidigare lydelser ser den som skrev och rektor."))


def may_undo(scope: Scope, check_in: CheckIn) -> bool:
    """Undone at once, without a reason, by the one who has just saved it."""
    young = clock.now() - check_in.written_at <= timedelta(seconds=UNDO_SECONDS)
    return young and can_change(scope, check_in)


can_read = asking(check_read)
can_write = asking(check_write)
can_change = asking(check_change)
can_read_earlier = asking(check_read_earlier)
