"""What the pages about users and places show."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup import clock
from followup.accounts import access
from followup.accounts.actions import SALT
from followup.accounts.models import Grant, Installation, Invitation, Organiser, SchoolUnit, User
from followup.accounts.permissions import ROLES, Permission
from followup.words import day

ROWS_PER_PAGE = 30
NO_PASSWORD = "!"  # how Django marks a password that nobody has chosen
TOLD_DAYS = 14  # so long the one who leads a school is told who has come to see its pupils
SEEING = [role.code for role in ROLES.values() if Permission.SEE_STUDENTS in role.permissions]

# The demo ------------------------------------------------------------------------------


def is_demo() -> bool:
    """Both asked for and made as one: a real database never becomes a demo."""
    return settings.DEMO and Installation.objects.filter(is_demo=True).exists()


def sends_mail() -> bool:
    """Without EMAIL_URL, as on one's own machine, a letter reaches nobody."""
    return settings.EMAIL_BACKEND != "django.core.mail.backends.console.EmailBackend"


NO_LETTERS = gettext_lazy("Inga brev skickas härifrån: systemadministratören bjuder in och ger länken.")


def hands_over_links(scope) -> bool:
    """Whether an invitation's link is shown: in the demo, and to the administrator where no letters leave."""
    return is_demo() or (not sends_mail() and access.manages_all(scope))


ICONS = {
    "mentor": "chat-left-text",
    "coach": "person-hearts",
    "teacher": "book",
    "support_staff": "compass",
    "student_health": "people",
    "school_leader": "bar-chart",
    "registrar": "upload",
    "organiser_leader": "building",
    "privacy_officer": "shield-check",
    "system_admin": "hdd-stack",
}


@dataclass(frozen=True)
class DemoCard:
    pk: int
    name: str
    role: str
    does: str
    icon: str


def demo_people():
    return User.objects.filter(is_invented=True, is_active=True).exclude(demo_card="")


def demo_cards() -> list[DemoCard]:
    """One card per invented person, in the order of the roles."""
    people = demo_people().prefetch_related(_grants(Grant.objects.current(), "current_grants"))
    order = list(ROLES)
    found = []
    for person in people:
        if person.current_grants:
            grant = person.current_grants[0]
            card = DemoCard(
                pk=person.pk,
                name=person.name,
                role=f"{grant.title}, {grant.place}",
                does=person.demo_card,
                icon=ICONS.get(grant.role, "person"),
            )
            found.append((order.index(grant.role), person.pk, card))
    return [card for _role, _pk, card in sorted(found, key=lambda each: each[:2])]


def _grants(grants, name: str) -> Prefetch:
    return Prefetch(
        "grants", grants.select_related("unit", "organiser", "municipality").order_by("starts_on", "pk"), name
    )


# Users -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoleLine:
    """mentor · Norra gymnasiet · till och med fre 18 dec"""

    pk: int
    title: str
    place: str
    period: str
    state: str
    from_file: bool
    may_end: bool = False


@dataclass(frozen=True)
class UserRow:
    pk: int
    name: str
    email: str
    roles: list[RoleLine]
    state: str
    is_closed: bool


@dataclass(frozen=True)
class UsersPage:
    page: Page
    rows: list[UserRow]
    total: int
    uninvited: int
    searched: str = ""


def _period(grant: Grant) -> str:
    if grant.state == "coming":
        if grant.ends_on:
            return _("%(first)s till %(last)s") % {"first": day(grant.starts_on), "last": day(grant.ends_on)}
        return _("från %(first)s") % {"first": day(grant.starts_on)}
    if grant.state == "ended":
        if grant.ends_on < grant.starts_on:
            return _("gällde aldrig")
        return _("%(first)s till %(last)s") % {"first": day(grant.starts_on), "last": day(grant.ends_on)}
    if grant.ends_on:
        return _("till %(last)s") % {"last": day(grant.ends_on)}
    return _("tills vidare")


def _line(grant: Grant, may_end: bool = False) -> RoleLine:
    return RoleLine(
        pk=grant.pk,
        title=str(grant.title),
        place=str(grant.place),
        period=_period(grant),
        state=grant.state,
        from_file=grant.from_file,
        may_end=may_end,
    )


def _state(user: User) -> str:
    """What became of her way in, in words."""
    if not user.is_active:
        return _("stängt")
    if user.last_login:
        return _("senast inloggad %(day)s") % {"day": day(user.last_login)}
    if user.is_invented:
        return _("påhittad person")
    if not user.has_usable_password():
        if user.invited_at is None:
            return _("inte inbjuden")
        if user.invited_at < oldest_held():
            return _("inbjudan har gått ut")
        return _("inbjuden %(day)s") % {"day": day(user.invited_at)}
    return _("har inte loggat in ännu")


def oldest_held() -> datetime:
    """Invitations sent before this have run out; real time, since the signature counts in it too."""
    return timezone.now() - timedelta(days=settings.INVITATION_DAYS)


def _with_invited(users):
    newest = Invitation.objects.filter(user=OuterRef("pk")).order_by("-sent_at").values("sent_at")[:1]
    return users.annotate(invited_at=Subquery(newest))


def _never_in() -> Q:
    return Q(password__startswith=NO_PASSWORD, is_active=True, is_invented=False)


def uninvited(scope):
    """Those who have a role but no way in: no password, and no invitation that still holds."""
    held = Invitation.objects.filter(user=OuterRef("pk"), sent_at__gte=oldest_held())
    roles = Grant.objects.unended().filter(user=OuterRef("pk"))
    return User.objects.managed_by(scope).filter(_never_in(), Exists(roles), ~Exists(held))


def _in_state(users, state: str):
    current = Exists(Grant.objects.current().filter(user=OuterRef("pk")))
    invited = Exists(Invitation.objects.filter(user=OuterRef("pk")))
    return {
        "active": lambda: users.filter(current, is_active=True),
        "invited": lambda: users.filter(_never_in(), invited),
        "uninvited": lambda: users.filter(_never_in(), ~invited),
        "without": lambda: users.filter(~current, is_active=True),
        "closed": lambda: users.filter(is_active=False),
    }.get(state, lambda: users)()


def users_page(scope, *, unit=None, role="", state="", words="", number=1) -> UsersPage:
    users = _in_state(User.objects.managed_by(scope), state)
    if unit or role:
        grants = access.managed_grants(scope, Grant.objects.unended()).filter(user=OuterRef("pk"))
        if unit:
            grants = grants.filter(unit=unit)
        if role:
            grants = grants.filter(role=role)
        users = users.filter(Exists(grants))
    for word in words.split():
        users = users.filter(
            Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(email__icontains=word)
        )
    ordered = _with_invited(users).prefetch_related(
        _grants(access.managed_grants(scope, Grant.objects.unended()), "shown")
    )
    page = Paginator(ordered, ROWS_PER_PAGE).get_page(number)
    rows = [
        UserRow(
            pk=user.pk,
            name=user.name,
            email=user.email,
            roles=[_line(grant) for grant in user.shown],
            state=_state(user),
            is_closed=not user.is_active,
        )
        for user in page
    ]
    return UsersPage(page, rows, page.paginator.count, uninvited(scope).count(), words)


@dataclass(frozen=True)
class UserPage:
    user: User
    state: str
    now: list[RoleLine] = field(default_factory=list)
    coming: list[RoleLine] = field(default_factory=list)
    ended: list[RoleLine] = field(default_factory=list)
    may_change: bool = False
    may_invite: bool = False
    may_give: bool = False
    invited_before: bool = False


def user_page(scope, user: User) -> UserPage:
    """Who has what and until when, also what is over; and what may be done about it."""
    grants = (
        access.managed_grants(scope, user.grants.all())
        .select_related("unit", "organiser", "municipality")
        .order_by("-starts_on", "-pk")
    )
    lines = [_line(grant, grant.state != "ended" and access.can_end(scope, grant)) for grant in grants]
    return UserPage(
        user=user,
        state=_state(user),
        now=[line for line in lines if line.state == "current"],
        coming=[line for line in lines if line.state == "coming"],
        ended=[line for line in lines if line.state == "ended"],
        may_change=access.can_change(scope, user),
        may_invite=access.can_invite(scope, user),
        may_give=user.pk != scope.user.pk and user.is_active,
        invited_before=user.invited_at is not None,
    )


def managed_users(scope):
    """Where the pages about one user start from: outside it, she does not exist."""
    return _with_invited(User.objects.managed_by(scope))


def new_sight(scope) -> list[Grant]:
    """The roles that others have lately given at the schools that this scope leads, and that see pupils.

    Whoever manages staff can make up a colleague; the one who leads the school is told of each. A role that
    only goes on is nothing new, and what nobody gave came with the demo or the setup.
    """
    units = scope.units_where(Permission.SEE_SCHOOL_FIGURES)
    if not units:
        return []
    first = clock.today() - timedelta(days=TOLD_DAYS)
    since = clock.midnight(first)
    going_on = Grant.objects.unended(first).filter(
        user=OuterRef("user"), role=OuterRef("role"), unit=OuterRef("unit"), granted_at__lt=since
    )
    return list(
        Grant.objects.at_place(units, [scope.organiser_id])
        .filter(~Exists(going_on), role__in=SEEING, granted_at__gte=since)
        .exclude(user=scope.user)
        .exclude(granted_by=scope.user)
        .exclude(granted_by=None, from_file=False)
        .select_related("user", "unit", "organiser", "granted_by")
    )


def invitation_by(token: str) -> Invitation | None:
    """The invitation of a signed link; None when it is used, replaced, too old or forged."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=timedelta(days=settings.INVITATION_DAYS))
    except signing.BadSignature:
        return None
    invitation = Invitation.objects.select_related("user").filter(pk=pk, accepted_at=None).first()
    if invitation is None or not invitation.user.is_active or invitation.user.has_usable_password():
        return None
    newer = Invitation.objects.filter(user=invitation.user, pk__gt=invitation.pk)
    return None if newer.exists() else invitation


def administrator() -> User | None:
    """A system administrator who has chosen her password; the installation is set up when there is one."""
    roles = Grant.objects.unended().filter(user=OuterRef("pk"), role="system_admin")
    return (
        User.objects.filter(Exists(roles), is_active=True).exclude(password__startswith=NO_PASSWORD).first()
    )


# Places ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceRow:
    organiser: Organiser
    units: list[SchoolUnit]


def places() -> list[PlaceRow]:
    """Every organiser with its schools, and how many work there."""
    units = (
        SchoolUnit.objects.select_related("municipality")
        .annotate(staff=Count("grant__user", filter=_unended("grant__"), distinct=True))
        .order_by("name")
    )
    organisers = Organiser.objects.select_related("municipality").prefetch_related(
        Prefetch("units", units, to_attr="shown")
    )
    return [PlaceRow(organiser, organiser.shown) for organiser in organisers]


def _unended(prefix: str) -> Q:
    return Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": clock.today()})
