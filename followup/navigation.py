"""The frame of every page: where I am, whose data, the places I may go to, and what waits for me there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet, Subquery
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import Organiser, User
from followup.accounts.permissions import Duty, Permission, Reach
from followup.offers import offered
from followup.readonly import SAFE_METHODS

REMEMBERED = 30  # seconds that the numbers of the rail may be old, where somebody else has acted


def sees_only_own(scope) -> bool:
    return not scope.units_with(Reach.WHOLE_UNIT, Reach.CONCERNED)


def _where_reach_is_own(scope) -> str:
    """Whoever sees only her own pupils reads "Mina elever"."""
    return gettext("Mina elever") if sees_only_own(scope) else gettext("Elever")


@dataclass(frozen=True)
class Place:
    """A place in the rail: shown to those who have any of the permissions, once its address exists."""

    url_name: str
    icon: str
    label: str | Promise | Callable
    permissions: frozenset[Permission] = frozenset()
    also: tuple[str, ...] = ()  # beginnings of other addresses that belong to it

    def open_to(self, scope) -> bool:
        return not self.permissions or any(scope.can(permission) for permission in self.permissions)

    def label_for(self, scope) -> str:
        return str(self.label(scope) if callable(self.label) else self.label)


P = Permission
PLACES = [
    Place("today", "sun", _("Idag"), also=("/ifragasatt/",)),
    Place(
        "boards:school",
        "bar-chart",
        _("Översikt"),
        frozenset({P.SEE_SCHOOL_FIGURES, P.SEE_ORGANISER_FIGURES}),
    ),
    Place("risk:waiting_list", "flag", _("Väntelista"), frozenset({P.SEE_WAITING_LIST})),
    Place("risk:decisions", "clipboard-check", _("Beslut"), frozenset({P.DECIDE})),
    Place("imports:list", "upload", _("Inläsning"), frozenset({P.IMPORT_FILES})),
    Place("students:list", "people", _where_reach_is_own, frozenset({P.SEE_STUDENTS})),
    Place("coaching:list", "chat-left-text", _("Avstämningar"), frozenset({P.WRITE_CHECK_IN})),
    Place(
        "accounts:users",
        "person-badge",
        _("Användare"),
        frozenset({P.MANAGE_STAFF}),
        also=("/roller/", "/skolor/", "/huvudman/"),
    ),
    Place("boards:trace", "shield-check", _("Granskningslogg"), frozenset({P.SEE_AUDIT})),
    Place("boards:system", "hdd-stack", _("Drift"), frozenset({P.SEE_SYSTEM})),
]


AT_THE_THUMB = 5  # places that the bottom bar of a phone holds; with more, four and "Mer"


@dataclass(frozen=True)
class RailItem:
    label: str
    url: str
    icon: str
    current: str = ""  # aria-current: page, or true on a page below it
    waiting: int = 0
    beyond: bool = False  # on a phone it stands under "Mer"


@dataclass(frozen=True)
class Choice:
    """Another duty or organiser that I may work in."""

    value: str
    label: str
    current: bool


def address(url_name: str, *args) -> str:
    """The address of a place, or nothing when its room is not built."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def addresses(url_name: str) -> Callable[[int], str]:
    """The addresses of many rows of one kind: asked for once, and the number of each put in."""
    before, after = reverse(url_name, args=[0]).rsplit("0", 1)
    return lambda pk: f"{before}{pk}{after}"


class _CountOf(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"


def waiting(scope) -> dict[str, int]:
    """How much waits for me in each place; asked every half minute at most, and afresh once I have acted."""
    key = _key(scope)
    numbers = cache.get(key)
    if numbers is None:
        numbers = count_waiting(scope)
        cache.set(key, numbers, REMEMBERED)
    return numbers


def only_reads(view):
    """For a view that is sent something and yet changes nothing: a search is a POST to keep names out of addresses."""
    view.only_reads = True
    return view


class NumbersMiddleware:
    """Whoever has sent something may have changed what waits for her: her next page counts it anew."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        view = request.resolver_match.func if request.resolver_match else None
        may_have_changed = request.method not in SAFE_METHODS and not getattr(view, "only_reads", False)
        if may_have_changed and getattr(request, "scope", None):
            cache.delete(_key(request.scope))
        return response


def _key(scope) -> str:
    day = clock.today().isoformat()
    return f"waiting:{scope.user.pk}:{scope.duty}:{scope.organiser_id}:{day}"


def count_waiting(scope) -> dict[str, int]:
    """The same, counted now, in one query.

    A module in `TODAY` may offer `waiting(scope) -> dict[url name, QuerySet]`; and `pupils_waiting(scope) ->
    list[QuerySet]` of rows about a pupil, of which "Idag" counts each pupil once, as its sentence does. Whoever
    sees more than her own pupils has things of every kind there: they bear their numbers in their own places,
    and "Idag" bears none, since a number would never be that of its sentence.
    """
    counted: dict[str, QuerySet] = {}
    for offer in offered("TODAY", "waiting", optional=True):
        counted |= {place: queryset.order_by().values("pk") for place, queryset in offer(scope).items()}
    if sees_only_own(scope):
        pupils = [
            queryset.order_by().values("student_id")
            for offer in offered("TODAY", "pupils_waiting", optional=True)
            for queryset in offer(scope)
        ]
        if pupils:
            counted["today"] = pupils[0].union(*pupils[1:]) if pupils[1:] else pupils[0].distinct()
    if not counted:
        return {}
    row = User.objects.filter(pk=scope.user.pk).values_list(*map(_CountOf, counted.values())).get()
    return {place: number or 0 for place, number in zip(counted, row, strict=True)}  # none() is no number


class Frame:
    """What base.html asks for; worked out only when it asks, so that a part of a page costs nothing."""

    def __init__(self, request):
        self.request = request
        self.scope = getattr(request, "scope", None)
        user = getattr(request, "user", None)
        self.user = user if user is not None and user.is_authenticated else None

    @property
    def home(self) -> str:
        return address("today") or "/"

    @property
    def is_demo(self) -> bool:
        return settings.DEMO or bool(self.user and self.user.is_invented)

    @property
    def is_empty(self) -> bool:
        """Nobody can sign in yet: the one who has installed it is told how to begin."""
        return not User.objects.exists()

    @property
    def keys(self) -> str:
        return "on" if self.user is None or self.user.keyboard_moves else "off"

    @property
    def place(self) -> str:
        return self.scope.place if self.scope else ""

    @property
    def title(self) -> str:
        return ", ".join(self.scope.titles) if self.scope else ""

    @property
    def search_url(self) -> str:
        may = self.scope and self.scope.can(Permission.SEE_STUDENTS)
        return address("student_search") if may else ""

    @property
    def switch_url(self) -> str:
        return address("accounts:work_as")

    @cached_property
    def items(self) -> list[RailItem]:
        if not self.scope:
            return []
        places = [(place, address(place.url_name)) for place in PLACES if place.open_to(self.scope)]
        places = [(place, url) for place, url in places if url]
        numbers = waiting(self.scope)
        here = self._here(places)
        return [
            RailItem(
                label=place.label_for(self.scope),
                url=url,
                icon=place.icon,
                current=("page" if self.request.path == url else "true") if url == here else "",
                waiting=numbers.get(place.url_name, 0),
                beyond=len(places) > AT_THE_THUMB and number >= AT_THE_THUMB - 1,
            )
            for number, (place, url) in enumerate(places)
        ]

    @property
    def beyond(self) -> list[RailItem]:
        return [item for item in self.items if item.beyond]

    @property
    def here_beyond(self) -> bool:
        return any(item.current for item in self.beyond)

    def _here(self, places: list[tuple[Place, str]]) -> str:
        """The place whose address is the longest beginning of this page's, or of the one it is shown as."""
        path = getattr(self.request, "shown_as", self.request.path)
        above = [
            (len(start), url)
            for place, url in places
            for start in (url, *place.also)
            if path == start or (start != "/" and path.startswith(start))
        ]
        return max(above, default=(0, ""))[1]

    @cached_property
    def choices(self) -> list[Choice]:
        if not self.scope or len(self.scope.choices) < 2:
            return []
        names = dict(
            Organiser.objects.filter(pk__in=[pk for _duty, pk in self.scope.choices]).values_list(
                "pk", "name"
            )
        )
        return [
            Choice(
                value=f"{duty}:{organiser_id or ''}",
                label=" · ".join(
                    filter(None, [str(Duty(duty).label).capitalize(), names.get(organiser_id, "")])
                ),
                current=(duty, organiser_id) == (self.scope.duty, self.scope.organiser_id),
            )
            for duty, organiser_id in self.scope.choices
        ]


def frame(request):
    """Context processor."""
    return {"frame": Frame(request)}
