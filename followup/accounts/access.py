"""Who may give whom which role; `check_...` raises with the reason.

A registrar sees to the staff of her own schools; the system administrator to everybody. Nobody gives
herself a role, so that the one who gives sight of pupils and the one who gets it are always two.
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup.accounts.models import Grant, User
from followup.accounts.permissions import ROLES, Permission, Place, Role
from followup.scoping import asking

EMAIL_STANDS = gettext_lazy(
    "När hen har valt ett lösenord ändrar bara systemadministratören e-posten. Fråga där om den är fel."
)


def manages_all(scope) -> bool:
    """The system administrator; a registrar manages the staff of her own schools."""
    return scope.can(Permission.MANAGE_STAFF) and scope.can(Permission.MANAGE_PLACES)


def managed_grants(scope, grants):
    """The roles that this scope sees to; what somebody does elsewhere is not a registrar's business."""
    if manages_all(scope):
        return grants
    return grants.filter(unit__in=scope.units_where(Permission.MANAGE_STAFF))


def roles_to_give(scope) -> list[Role]:
    """The roles that this scope may give: those that do something yet, and for a registrar those of a school."""
    return [
        role
        for role in ROLES.values()
        if role.permissions and (manages_all(scope) or role.place == Place.UNIT)
    ]


def check_give(scope, user: User, role: str, unit_id: int | None) -> None:
    scope.check(Permission.MANAGE_STAFF)
    if user.pk == scope.user.pk:
        raise PermissionDenied(_("Du kan inte ge dig själv en roll. Be en annan administratör."))
    if manages_all(scope):
        return
    if ROLES[role].place != Place.UNIT:
        raise PermissionDenied(_("Den rollen får bara systemadministratören ge."))
    if unit_id not in scope.units_where(Permission.MANAGE_STAFF):
        raise PermissionDenied(_("Du kan bara ge roller på dina egna skolor."))


def check_end(scope, grant: Grant) -> None:
    scope.check(Permission.MANAGE_STAFF)
    if grant.user_id == scope.user.pk:
        raise PermissionDenied(_("Du kan inte avsluta din egen roll. Be en annan administratör."))
    if not manages_all(scope) and grant.unit_id not in scope.units_where(Permission.MANAGE_STAFF):
        raise PermissionDenied(_("Rollen gäller inte någon av dina skolor."))


def check_change(scope, user: User) -> None:
    """Names and the account itself: only by the one who manages all the places where she works.

    What somebody is called and whether she gets in is not the business of one school of several.
    """
    scope.check(Permission.MANAGE_STAFF)
    if user.pk == scope.user.pk:
        raise PermissionDenied(_("Du kan inte ändra ditt eget konto här. Be en annan administratör."))
    if manages_all(scope):
        return
    own = scope.units_where(Permission.MANAGE_STAFF)
    if any(grant.unit_id not in own for grant in user.grants.unended()):
        raise PermissionDenied(_("Hen arbetar på fler ställen än dina skolor. Be systemadministratören."))


def check_change_email(scope, user: User) -> None:
    """A fault of typing is mended until she has chosen a password; from then on, by the one who manages everything.

    Else a registrar could give the head of her school another e-mail, ask for a new password and read as the head.
    """
    check_change(scope, user)
    if user.has_usable_password() and not manages_all(scope):
        raise PermissionDenied(EMAIL_STANDS)


def check_invite(scope, user: User) -> None:
    scope.check(Permission.MANAGE_STAFF)
    if not user.is_active:
        raise PermissionDenied(_("Kontot är stängt."))
    if user.has_usable_password():
        raise PermissionDenied(
            _("Hen har redan valt ett lösenord, och kan be om ett nytt på inloggningssidan.")
        )


can_end = asking(check_end)
can_change = asking(check_change)
can_change_email = asking(check_change_email)
can_invite = asking(check_invite)
