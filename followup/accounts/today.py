"""What the start page tells the one who leads a school: who has come to see its pupils, and by whom."""

from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.accounts import queries
from followup.accounts.models import Grant, User
from followup.accounts.permissions import Permission
from followup.offers import TodayRow, TodaySection
from followup.words import day, listed

NAMED = 5  # of those who came the same way; more are told as a number


def sections(scope) -> list[TodaySection]:
    """One row, whoever came: there is nothing to do about it unless somebody in it is wrong."""
    grants = queries.new_sight(scope)
    if not grants:
        return []
    url = reverse("accounts:users") if scope.can(Permission.MANAGE_STAFF) else ""
    several = len({grant.unit_id for grant in grants}) > 1
    row = TodayRow(
        who=_("Nya som ser elever"),
        where=scope.place,
        sentence=" ".join(
            _came(list(same), several, from_file, by)
            for (from_file, by), same in groupby(sorted(grants, key=_order), _way)
        ),
        url=url,
        action=_("Användare och roller") if url else "",
        action_url=url,
    )
    note = _("de senaste %(days)s dagarna") % {"days": queries.TOLD_DAYS}
    return [TodaySection("to_know", _("Att veta"), [row], note=note)]


def _way(grant: Grant) -> tuple[bool, User | None]:
    return grant.from_file, grant.granted_by


def _order(grant: Grant) -> tuple:
    return grant.from_file, grant.granted_by_id or 0, grant.granted_at, grant.pk


def _came(grants: list[Grant], several: bool, from_file: bool, by: User | None) -> str:
    """Nia Ny (rektor) och Ola Ny (mentor) fick sin roll av Ulla Brandt."""
    words = {"who": _who(grants, several), "by": by.name if by else ""}
    if not from_file:
        return _("%(who)s fick sin roll av %(by)s.") % words
    if by is None:
        return _("%(who)s ser elever, ur en fil.") % words
    return _("%(who)s ser elever, ur en fil från %(by)s.") % words


def _who(grants: list[Grant], several: bool) -> str:
    """By name with their roles, while they are so few that one reads them."""
    people: dict[User, list[str]] = {}
    for grant in grants:
        people.setdefault(grant.user, []).append(_role(grant, several))
    if len(people) > NAMED:
        return ngettext("%(n)s ny kollega", "%(n)s nya kollegor", len(people)) % {"n": len(people)}
    return listed(f"{person.name} ({', '.join(roles)})" for person, roles in people.items())


def _role(grant: Grant, several: bool) -> str:
    words = {"role": f"{grant.title} {grant.place}" if several else str(grant.title)}
    if grant.state == "coming":
        return _("%(role)s från %(day)s") % {**words, "day": day(grant.starts_on)}
    return _("%(role)s, avslutad") % words if grant.state == "ended" else words["role"]
