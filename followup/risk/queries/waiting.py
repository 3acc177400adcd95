"""The waiting list: one row per pupil with open flags that nobody has decided about.

The same number of queries for 3, 30 and 500 pupils: the order and the page are made in the database, then
the flags, the classes and the mentors of one page are read at once.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, IntegerField, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.navigation import addresses
from followup.questions import Blank, Question
from followup.risk import sentences
from followup.risk.indicators import declared
from followup.risk.models import Decision, Flag
from followup.risk.models.flag import is_loud
from followup.risk.queries.belonging import Belonging, belongings
from followup.risk.queries.taken import takers
from followup.scoping import Scope
from followup.templatetags.koll import level, tag
from followup.words import day, number
from students.models import Enrolment, GroupMember, GroupStaff, Involvement, Student, followed_ids

PER_PAGE = 25
FLAGS_EACH = 5  # more indicators than this do not exist yet
WAITS, CONTACTED, NO_LONGER_MET = 1, 2, 3


@dataclass(frozen=True)
class Filters:
    """Which part of the list: ids and codes only, never a name of a person."""

    unit: int | None = None
    programme: str = ""
    year: int | None = None
    school_class: str = ""
    mentor: int | None = None
    older_than: int | None = None

    def __bool__(self):
        return self != Filters()


@dataclass(frozen=True)
class Options:
    """What the filters may be set to: only what occurs on the list."""

    units: list[tuple[int, str]]
    programmes: list[str]
    years: list[int]
    classes: list[str]
    mentors: list[tuple[int, str]]


class Listed(NamedTuple):
    """A pupil on the list: in which group, since when, how many flags of each kind."""

    student: int
    group: int
    since: date
    loud: int
    undecided: int
    contacted: int


@dataclass(frozen=True)
class Reason:
    """A flag as words with its level, for a list or a box."""

    flag: Flag

    @property
    def words(self) -> str:
        return sentences.short(self.flag)

    @property
    def name(self) -> str:
        return sentences.uncapped(str(declared()[self.flag.indicator].name))

    @property
    def tag(self) -> SafeString:
        """Its level, in shape and word."""
        if self.flag.no_longer_met_on:
            return tag(_("Under gränsen"), "check-circle")
        return level(self.flag.level)

    @property
    def standing(self) -> str:
        """What else is to be said: unknown since, no longer met and why; or decided already, beside a new reason."""
        standing = sentences.standing(self.flag)
        if standing or not self.flag.is_quiet:
            return standing
        rests = (
            _("beslutat, vilar till och med %(day)s")
            if self.flag.decision_id
            else _("vilar till och med %(day)s")
        )
        return rests % {"day": day(self.flag.quiet_until)}


@dataclass(frozen=True)
class Row:
    student: Student
    url: str
    group: int
    since: date
    days: int
    flags: list[Flag]
    belonging: Belonging
    several_units: bool = False

    @property
    def note(self) -> str:
        """EK2b · mentor Karin Ahl; and the school, for the one who works at several."""
        school = self.belonging.school if self.several_units else ""
        return " · ".join(filter(None, [self.belonging.words, school]))

    @property
    def reasons(self) -> list[Reason]:
        return [Reason(flag) for flag in self.flags]

    @property
    def waited(self) -> str:
        """Nine days, or since when it is no longer over its limit."""
        if self.group == NO_LONGER_MET:
            return day(self.since)
        return number(self.days, "day") if self.days else _("sedan idag")

    @property
    def contacted_on(self) -> date | None:
        return max((flag.contacted_on for flag in self.flags if flag.contacted_on), default=None)

    @property
    def done(self) -> str:
        """Kontakt tis 17 nov · Karin Ahl har tagit den"""
        said = [_("Kontakt %(day)s") % {"day": day(self.contacted_on)}] if self.contacted_on else []
        if names := ", ".join(user.name for user in takers(self.flags)):
            said.append(_("%(names)s har tagit den") % {"names": names})
        return " · ".join(said)


@dataclass(frozen=True)
class Counts:
    students: int
    flags: int
    oldest: date | None
    contacted: int = 0

    @property
    def oldest_days(self) -> int:
        return (clock.today() - self.oldest).days if self.oldest else 0


@dataclass(frozen=True)
class WaitingList:
    page: Page
    counts: Counts
    rows: list[Row] = field(default_factory=list)


def flags_on_list(scope: Scope):
    """Open flags at the units where she goes through the list; both units of a pupil see them."""
    return _on_list(**_asked_by(scope))


def listed(scope: Scope, filters: Filters | None = None) -> list[Listed]:
    """A row per pupil on the list, in its order."""
    if not filters:
        return [Listed(*row) for row in _whole_list.ask(**_asked_by(scope))]
    found = _ordered(_filtered(flags_on_list(scope), filters), clock.today())
    if filters.older_than:
        found = found.filter(since__lt=clock.today() - timedelta(days=filters.older_than))
    return [Listed(*row) for row in found]


@Question
def _whole_list():
    return _ordered(_on_list(Blank("visible"), Blank("units"), Blank("day")), Blank("day"))


def _asked_by(scope: Scope) -> dict:
    goes_through = scope.only(Permission.SEE_WAITING_LIST)
    return {
        "visible": followed_ids(goes_through),
        "units": goes_through.unit_ids,
        "day": clock.today(),
    }


def _on_list(visible, units, day):
    here = Involvement.objects.current(day).filter(
        student=OuterRef("student"), unit__in=units, why=Involvement.Why.FLAG
    )
    open_flags = Flag.objects.open().filter(student__in=visible)  # scope: the visible ids are handed in
    return open_flags.filter(Q(unit__in=units) | Exists(here))


def waiting_list(
    scope: Scope,
    filters: Filters,
    page_number: str | int | None = 1,
    everybody: list[Listed] | None = None,
    known: dict[int, Belonging] | None = None,
) -> WaitingList:
    """The sums and the page come from `listed`; then the flags, classes and mentors of one page are read.

    `everybody`: the list without filters, and `known`: where they all go, for the one who has asked already.
    """
    pupils = everybody if everybody is not None and not filters else listed(scope, filters)
    page = Paginator(pupils, PER_PAGE).get_page(page_number)
    return WaitingList(page=page, counts=_sums(pupils), rows=_rows(scope, list(page.object_list), known))


def counts(scope: Scope) -> Counts:
    """How many wait in all, and since when."""
    return _sums(listed(scope))


def longest(scope: Scope, at_most: int) -> list[Flag]:
    """Of those whom nobody has been in touch with, the ones who have waited longest: a flag of each."""
    school_class = Enrolment.objects.covering().filter(student=OuterRef("student")).order_by("-starts_on")
    flags = (
        flags_on_list(scope)
        .waiting()
        .filter(is_loud())
        .select_related("student")
        .with_waiting_since()
        .filter(waiting_since__lt=clock.today())
        .annotate(school_class=Subquery(school_class.values("school_class")[:1]))
        .order_by("waiting_since", "student__sort_key", "student", "indicator")
    )
    first_of = {}
    for flag in flags[: at_most * FLAGS_EACH]:
        first_of.setdefault(flag.student_id, flag)
    return list(first_of.values())[:at_most]


def belongings_of(everybody: list[Listed]) -> dict[int, Belonging]:
    """Where each on the list goes: for the filters, and for the rows of a page."""
    return belongings([pupil.student for pupil in everybody])


def options(belongings: Iterable[Belonging]) -> Options:
    places = {place for belonging in belongings for place in belonging.places}
    mentors = {mentor for belonging in belongings for mentor in belonging.mentors}
    return Options(
        units=sorted({(place.unit_id, place.school) for place in places}, key=lambda unit: unit[1]),
        programmes=sorted({place.programme for place in places if place.programme}),
        years=sorted({place.year for place in places if place.year}),
        classes=sorted({place.school_class for place in places if place.school_class}),
        mentors=sorted(((mentor.pk, mentor.name) for mentor in mentors), key=lambda mentor: mentor[1]),
    )


def next_waiting(scope: Scope, filters: Filters, after: int) -> int | None:
    """Who stands below a pupil on the list as it is before she is decided about; the first one after the last."""
    ids = [pupil.student for pupil in listed(scope, filters)]
    at = ids.index(after) if after in ids else -1
    return next((pk for pk in [*ids[at + 1 :], *ids] if pk != after), None)


def next_follow_up(scope: Scope) -> Decision | None:
    """The next day that somebody has promised to come back to, for the empty list."""
    return (
        Decision.objects.visible_to(scope)
        .in_force()
        .filter(outcome="", follow_up_on__gte=clock.today())
        .order_by("follow_up_on")
        .first()
    )


def any_flag_ever(scope: Scope) -> bool:
    units = scope.units_where(Permission.SEE_WAITING_LIST)
    return Flag.objects.filter(unit__in=units).exists()  # scope: whether, never who


def _met() -> Q:
    return Q(no_longer_met_on=None)


def _waits(day) -> Q:
    return _met() & (is_loud(day) | Q(decision=None))


def _gone() -> Q:
    return Q(no_longer_met_on__isnull=False, decision=None)


def _filtered(flags, filters: Filters):
    place = {
        key: value
        for key, value in {
            "unit": filters.unit,
            "programme__istartswith": filters.programme,
            "year": filters.year,
            "school_class": filters.school_class,
        }.items()
        if value
    }
    if place:
        flags = flags.filter(
            Exists(Enrolment.objects.covering().filter(student=OuterRef("student"), **place))
        )
    if filters.mentor:
        led = GroupStaff.objects.mentoring().filter(user=filters.mentor)
        flags = flags.filter(
            Exists(
                GroupMember.objects.covering().filter(
                    student=OuterRef("student"), group__in=led.values("group")
                )
            )
        )
    return flags


def _ordered(on_list, day):
    """One row per pupil in the order of the list: her group, how long she has waited, her name."""
    return (
        on_list.with_waiting_since()
        .order_by()
        .values("student")
        .annotate(
            loud=Count("pk", filter=_met() & is_loud(day)),
            undecided=Count("pk", filter=_met() & ~is_loud(day) & Q(decision=None)),
            gone=Count("pk", filter=_gone()),
            contacted=Count("pk", filter=_waits(day) & Q(contacted_on__isnull=False)),
            since=Coalesce(Min("waiting_since", filter=_waits(day)), Min("no_longer_met_on")),
        )
        .annotate(
            group=Case(
                When(loud__gt=0, then=WAITS),
                When(undecided__gt=0, then=CONTACTED),
                When(gone__gt=0, then=NO_LONGER_MET),
                output_field=IntegerField(),
            )
        )
        .filter(group__isnull=False)
        .order_by("group", "since", "student__sort_key", "student")
        .values_list("student", "group", "since", "loud", "undecided", "contacted")
    )


def _sums(pupils: list[Listed]) -> Counts:
    waiting = [pupil for pupil in pupils if pupil.group != NO_LONGER_MET]
    return Counts(
        students=len(waiting),
        flags=sum(pupil.loud + pupil.undecided for pupil in waiting),
        contacted=sum(1 for pupil in waiting if pupil.contacted),
        oldest=min((pupil.since for pupil in waiting), default=None),
    )


def _rows(scope: Scope, found: list[Listed], known: dict[int, Belonging] | None) -> list[Row]:
    ids = [row.student for row in found]
    flags = defaultdict(list)
    for flag in _open_flags.ask(ids=ids):
        flags[flag.student_id].append(flag)
    belonging = belongings(ids) if known is None else known
    today, decide = clock.today(), addresses("risk:decide")
    return [
        Row(
            student=flags[row.student][0].student,
            url=decide(row.student),
            group=row.group,
            since=row.since,
            days=(today - row.since).days,
            flags=flags[row.student],
            belonging=belonging[row.student],
            several_units=len(scope.unit_ids) > 1,
        )
        for row in found
        if flags[row.student]
    ]


@Question
def _open_flags():
    """Of the pupils that `listed` has just found."""
    return flags_in_order(Flag.objects.open().filter(student__in=Blank("ids")))  # scope: seen already


def flags_in_order(flags):
    """Those that are still met first, then the one that has waited longest."""
    return (
        flags.select_related("student", "taken_by", "unit")
        .with_waiting_since()
        .order_by(F("no_longer_met_on").asc(nulls_first=True), "waiting_since", "indicator", "pk")
    )
