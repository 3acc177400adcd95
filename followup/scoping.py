"""What one request may see: who, in which duty, at which organiser.

Worked out once per request, in at most two queries; everything else asks the scope. A model that
knows pupils has `visible_to(scope)`; nothing else decides who sees whom.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import structlog
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from followup.accounts.models import Grant, SchoolUnit, User
from followup.accounts.permissions import ROLES, Duty, Permission, Place, Reach
from followup.accounts.standing import why_no_sign_in

SESSION_KEY = "working_as"


@dataclass
class Scope:
    """The rights of one user in one duty at one organiser.

    `grants` are the grants in force today that belong to this duty and organiser; an organiser of
    None means the whole installation (system administrator) or a municipality (KAA).
    """

    user: User
    duty: str
    organiser_id: int | None
    grants: list[Grant] = field(default_factory=list)
    choices: list = field(default_factory=list)
    _parts: dict[tuple, "Scope"] = field(
        default_factory=dict, repr=False, compare=False
    )  # shared by its parts

    def can(self, permission: Permission, unit_id: int | None = None) -> bool:
        """Whether any role here gives the permission, at a certain unit where one is named."""
        return any(
            permission in ROLES[grant.role].permissions
            for grant in self.grants
            if unit_id is None or unit_id in self._units_of(grant)
        )

    def check(self, permission: Permission, unit_id: int | None = None) -> None:
        if not self.can(permission, unit_id):
            raise PermissionDenied(
                _("Det här får du inte göra. Det får: %(who)s.") % {"who": who_may(permission)}
            )

    def only(self, permission: Permission) -> "Scope":
        """The same, by those roles alone that have a permission.

        `Student.objects.visible_to(scope.only(P.WRITE_CHECK_IN))`: a mentor who also teaches writes about
        her mentor pupils, not about every pupil whose name she sees in a teaching group.
        """
        return self.by(grant for grant in self.grants if permission in ROLES[grant.role].permissions)

    def by(self, grants) -> "Scope":
        """The same, by some of her grants alone.

        For the same grants always the same scope, so that what has been put together for it serves again.
        """
        kept = list(grants)
        if kept == self.grants:
            return self
        return self._parts.setdefault(tuple(grant.pk for grant in kept), replace(self, grants=kept))

    def units_with(self, *reaches: Reach) -> set[int]:
        """The units at which some role of hers has one of these reaches."""
        return {
            unit
            for grant in self.grants
            if ROLES[grant.role].reach in reaches
            for unit in self._units_of(grant)
        }

    def units_of_roles(self, *roles: str) -> set[int]:
        return {unit for grant in self.grants if grant.role in roles for unit in self._units_of(grant)}

    def units_where(self, permission: Permission) -> set[int]:
        return {
            unit
            for grant in self.grants
            if permission in ROLES[grant.role].permissions
            for unit in self._units_of(grant)
        }

    def _units_of(self, grant: Grant) -> set[int]:
        if grant.unit_id:
            return {grant.unit_id}
        if ROLES[grant.role].place == Place.INSTALLATION:
            return self._every_unit
        if grant.organiser_id and ROLES[grant.role].place in (Place.UNIT, Place.ORGANISER):
            return self._organiser_units
        return set()

    @cached_property
    def _organiser_units(self) -> set[int]:
        return set(SchoolUnit.objects.filter(organiser=self.organiser_id).values_list("pk", flat=True))

    @cached_property
    def _every_unit(self) -> set[int]:
        return set(SchoolUnit.objects.values_list("pk", flat=True))

    @cached_property
    def unit_ids(self) -> set[int]:
        """Every unit she works at in this duty."""
        return {unit for grant in self.grants for unit in self._units_of(grant)}

    @cached_property
    def units(self) -> list[SchoolUnit]:
        """The same, by name; the one school at which most people work has come with the role."""
        named = {grant.unit for grant in self.grants if grant.unit}
        if len(named) == len(self.unit_ids) == 1:
            return list(named)
        return list(SchoolUnit.objects.visible_to(self))

    @property
    def roles(self) -> set[str]:
        return {grant.role for grant in self.grants}

    @cached_property
    def titles(self) -> list[str]:
        return list(dict.fromkeys(str(grant.title) for grant in self.grants))

    @cached_property
    def place(self) -> str:
        """Whose data: the unit where there is one, else the organiser or the municipality."""
        units = {grant.unit for grant in self.grants if grant.unit}
        if len(units) == 1:
            return units.pop().name
        for grant in self.grants:
            organiser = grant.organiser or (grant.unit and grant.unit.organiser)
            if organiser:
                return organiser.name
            if grant.municipality:
                return grant.municipality.name
        return ""


def asking(check):
    """The question that a `check_...` answers: True where it does not raise."""

    def can(*args, **kwargs) -> bool:
        try:
            check(*args, **kwargs)
        except PermissionDenied:
            return False
        return True

    return can


def who_may(permission: Permission) -> str:
    """The roles that have a permission, as words."""
    return ", ".join(str(role.name) for role in ROLES.values() if permission in role.permissions)


def _key(grant: Grant) -> tuple[str, int | None]:
    organiser_id = grant.unit.organiser_id if grant.unit else grant.organiser_id
    return (str(ROLES[grant.role].duty), organiser_id)


def scope_for(user: User, wanted: tuple[str, int | None] | None = None) -> Scope:
    """The scope of a user in the duty and organiser she has chosen, else her first.

    A wish that is no longer hers (the grant has ended) falls back silently: rights are read from the
    grants at every request, so an ended role is gone at once.
    """
    grants = [
        grant
        for grant in Grant.objects.current()
        .filter(user=user)
        .select_related("unit__organiser", "organiser", "municipality")
        .order_by("pk")
        if grant.role in ROLES
    ]
    choices = list(dict.fromkeys(_key(grant) for grant in grants))
    order = list(Duty.values)
    choices.sort(key=lambda choice: order.index(choice[0]))
    chosen = wanted if wanted in choices else (choices[0] if choices else (Duty.SCHOOL.value, None))
    return Scope(
        user=user,
        duty=chosen[0],
        organiser_id=chosen[1],
        grants=[grant for grant in grants if _key(grant) == chosen],
        choices=choices,
    )


def scopes_of(users, *, like: Scope) -> list[Scope]:
    """What several colleagues may see in the same duty at the same organiser, asked in one question.

    Only those who have a role there today and may sign in.
    """
    grants = (
        Grant.objects.current()
        .filter(user__in=users, user__is_active=True)
        .select_related("user", "unit__organiser", "organiser", "municipality")
        .order_by("pk")
    )
    found: dict[int, Scope] = {}
    for grant in grants:
        if grant.role in ROLES and _key(grant) == (like.duty, like.organiser_id):
            scope = found.setdefault(grant.user_id, Scope(grant.user, like.duty, like.organiser_id))
            scope.grants.append(grant)
    return list(found.values())


class ScopeMiddleware:
    """Sets `request.scope`: None for the one who has not signed in.

    Whose last role has ended is signed out at her next click, with the reason.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.scope = None
        if request.user.is_authenticated:
            wanted = request.session.get(SESSION_KEY)
            request.scope = scope_for(request.user, tuple(wanted) if wanted else None)
            if not request.scope.grants:
                refusal = why_no_sign_in(request.user)
                logout(request)
                messages.error(request, refusal)
                request.scope = None
            else:  # for the trace and the logs
                structlog.contextvars.bind_contextvars(
                    duty=request.scope.duty, organiser_id=request.scope.organiser_id
                )
        return self.get_response(request)
