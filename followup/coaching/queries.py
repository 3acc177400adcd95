"""What the pages about check-ins read: one small record per page, a few questions each."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup import clock
from followup.accounts.permissions import Permission
from followup.coaching import access
from followup.coaching.calendar import NextTime, propose
from followup.coaching.models import CheckIn
from followup.coaching.said import Said
from followup.coaching.taking_over import left_about, mine_or_left
from followup.offers import once
from followup.questions import Blank, Question
from followup.risk import sentences
from followup.risk.models import Flag
from followup.words import clock_time, day, spelled
from students.models import Enrolment, Student, SupportMeasure, followed_ids, visible_ids

LOOKED_BACK = 20  # check-ins with one pupil that the form looks at
MISSED_DAYS = 60  # so long a booked time that nothing was written about is asked after
RECENT_DAYS = 60


# The form -------------------------------------------------------------------------------


@dataclass(frozen=True)
class FormPage:
    """What the form knows before anything is written in it."""

    student: Student
    unit_id: int
    where: str
    last: str = ""
    channel: str = ""
    agreed: str = ""
    agreed_on: date | None = None
    proposal: NextTime | None = None
    flags: list[tuple[int, str]] = field(default_factory=list)


def form_page(student: Student, scope) -> FormPage:
    """For a new check-in."""
    enrolment = enrolment_of(student, scope)
    earlier = _earlier_ones(student, scope)
    mine = next((one for one in earlier if one.by_id == scope.user.pk), None)
    last = mine or (earlier[0] if earlier else None)
    of_others = any(one.by_id != scope.user.pk for one in earlier)
    left = next((one for one in left_about(student, scope) if one.next_on), None) if of_others else None
    week = weeks_with(scope.user, [student.pk]).get(student.pk)
    with_me = week and _("%(week)s med dig") % {"week": week}
    return FormPage(
        student=student,
        unit_id=enrolment.unit_id,
        where=" · ".join(filter(None, [enrolment.school_class, enrolment.unit.name, with_me])),
        last=_last(last, scope),
        channel=last.channel if last else "",
        proposal=propose(clock.today(), _booked(left or mine)),
        flags=_asked_about(flags_of(student, scope)),
        **_agreement(earlier),
    )


def correction_page(check_in: CheckIn, scope) -> FormPage:
    """For one's own check-in, once more: also the flags that it has answered and that are closed since."""
    ticked = Flag.objects.visible_to(scope).filter(check_ins=check_in)
    flags = sorted({*flags_of(check_in.student, scope), *ticked}, key=lambda flag: flag.pk)
    return FormPage(
        student=check_in.student,
        unit_id=check_in.unit_id,
        where=" · ".join(filter(None, [check_in.school_class, check_in.unit.name])),
        last=_("Ändrar avstämningen %(day)s") % {"day": day(check_in.at)},
        channel=check_in.channel,
        proposal=_booked(check_in) or propose(clock.today()),
        flags=_asked_about(flags),
        **_agreement(_earlier_ones(check_in.student, scope, before=check_in)),
    )


def _earlier_ones(student: Student, scope, before: CheckIn | None = None) -> list[CheckIn]:
    earlier = CheckIn.objects.visible_to(scope).standing().filter(student=student)
    if before:
        earlier = earlier.filter(at__lt=before.at)
    return list(earlier.select_related("by").latest_first()[:LOOKED_BACK])


def _asked_about(flags) -> list[tuple[int, str]]:
    return [(flag.pk, str(sentences.sentence(flag))) for flag in flags]


def flags_of(student: Student, scope):
    """The flags that a check-in may answer: open and still met."""
    return Flag.objects.visible_to(scope).met().filter(student=student).order_by("opened_on", "pk")


def enrolment_of(student: Student, scope) -> Enrolment:
    """The latest one at a unit of hers, else the latest of all: a named person may work elsewhere."""
    enrolments = list(student.enrolments.select_related("unit").order_by("-starts_on", "-pk"))
    if not enrolments:
        raise PermissionDenied(_("Eleven har ingen inskrivning, så avstämningen hör inte till någon skola."))
    return next((one for one in enrolments if one.unit_id in scope.unit_ids), enrolments[0])


def _booked(check_in: CheckIn | None) -> NextTime | None:
    if check_in is None or check_in.next_on is None:
        return None
    return NextTime(check_in.next_on, check_in.next_time, check_in.next_place)


def _agreement(latest_first: list[CheckIn]) -> dict:
    """What was agreed last, unless a later check-in says that it was done."""
    for one in latest_first:
        if one.agreed:
            return {"agreed": one.agreed, "agreed_on": clock.day_of(one.at)}
        if one.agreed_done:
            break
    return {}


def _last(check_in: CheckIn | None, scope) -> str:
    if check_in is None:
        return ""
    words = {"day": day(check_in.at), "who": check_in.by.name, "channel": check_in.get_channel_display()}
    if not check_in.made:
        return _("Senast %(day)s: försök, %(channel)s") % words
    if check_in.by_id == scope.user.pk:
        return _("Senast %(day)s, %(channel)s") % words
    return _("Senast %(day)s, %(channel)s med %(who)s") % words


def weeks_with(user, student_ids) -> dict[int, str]:
    """vecka 3 av 6, for those whom a user coaches until a planned end."""
    if not student_ids:
        return {}
    measures = SupportMeasure.objects.ongoing().filter(
        student__in=student_ids,
        responsible=user,
        kind=SupportMeasure.Kind.COACH,
        planned_end_on__gte=clock.today(),
    )
    return {measure.student_id: _week_of(measure) for measure in measures.order_by("starts_on")}


def _week_of(measure: SupportMeasure) -> str:
    week = (clock.today() - measure.starts_on).days // 7 + 1
    weeks = (measure.planned_end_on - measure.starts_on).days // 7 + 1
    return _("vecka %(week)s av %(weeks)s") % {"week": week, "weeks": weeks}


# After saving ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Booking:
    """A next time that somebody has set with a pupil, and what they agreed on."""

    student: Student
    where: str
    on: date
    time: datetime | None
    place: str
    agreed: str

    @property
    def when(self) -> str:
        """10.20; the day as well when it is not today."""
        parts = [] if self.on == clock.today() else [day(self.on)]
        return " ".join([*parts, *([clock_time(self.time)] if self.time else [])])


def check_ins_about(student, scope) -> list[CheckIn]:
    """Those about one pupil that stand, the latest first; asked once for a page, whichever parts want them."""
    seen = followed_ids(scope)
    return once(student, scope, "check_ins", lambda: _of_one.ask(student=student.pk, visible=seen))


@Question
def _of_one():
    check_ins = CheckIn.objects.standing().filter(
        student=Blank("student"), student__in=Blank("visible")
    )  # scope: the visible ids are handed in
    return check_ins.select_related("by").latest_first()


def under_way(check_ins: list[CheckIn]) -> list[tuple[CheckIn, CheckIn | None]]:
    """The last of each writer, and the one before it; the same as `last_of_each` asks of the database.

    Of one pupil's check-ins that stand, the latest first.
    """
    standing = {one.pk for one in check_ins}
    of_writer: dict[int, list[CheckIn]] = {}
    for one in check_ins:
        of_writer.setdefault(one.by_id, []).append(one)
    return [
        (last, next(iter(before), None))
        for last, *before in of_writer.values()
        if last.followed_by_id not in standing
    ]


def bookings(scope):
    """Check-ins of mine, or left to me, that say when the next one is; about pupils I still may write about."""
    return (
        CheckIn.objects.booked()  # scope: her own or left to her, about pupils she may write about
        .filter(mine_or_left(scope), student__in=visible_ids(scope.only(Permission.WRITE_CHECK_IN)))
        .order_by("next_on", "next_time", "pk")
    )


def booking_rows(check_ins, user) -> list[Booking]:
    """Bookings with the pupil's class and how far we have come, in the order of the check-ins."""
    found = check_ins.select_related("student", "by").annotate(school_class=latest_class("student"))
    return as_bookings(list(found), user)


def as_bookings(check_ins: list[CheckIn], user) -> list[Booking]:
    weeks = weeks_with(user, [one.student_id for one in check_ins])
    return [
        Booking(
            student=one.student,
            where=" · ".join(
                filter(None, [one.school_class, weeks.get(one.student_id), _left_by(one, user)])
            ),
            on=one.next_on,
            time=datetime.combine(one.next_on, one.next_time) if one.next_time else None,
            place=one.next_place,
            agreed=one.agreed,
        )
        for one in check_ins
    ]


def _left_by(check_in: CheckIn, user) -> str:
    return "" if check_in.by_id == user.pk else _("bokat av %(name)s") % {"name": check_in.by.name}


def latest_class(student: str) -> Subquery:
    latest = Enrolment.objects.filter(student=OuterRef(student)).order_by("-starts_on", "-pk")
    return Subquery(latest.values("school_class")[:1])


def next_waiting(scope) -> Booking | None:
    """Who is booked next, today or before; what is later can wait."""
    due = bookings(scope).filter(next_on__lte=clock.today()).order_by("-next_on", "next_time")
    rows = booking_rows(due[:1], scope.user)
    return rows[0] if rows else None


@dataclass(frozen=True)
class Shown:
    """One check-in to read: its own words, what it did, and earlier wording for those who may."""

    check_in: CheckIn
    where: str
    flags: list["Answered"]
    earlier: list["Wording"] = field(default_factory=list)


@dataclass(frozen=True)
class Answered:
    """A flag that a check-in answers, and how long it is quiet if it still is."""

    words: str
    quiet_until: date | None


@dataclass(frozen=True)
class Wording:
    until: datetime
    said: CheckIn  # a row of the history has the same fields


def shown(check_in: CheckIn, scope) -> Shown:
    return Shown(
        check_in=check_in,
        where=check_in.school_class or "",
        flags=[_answered(flag) for flag in check_in.flags.order_by("pk")],
        earlier=_earlier(check_in) if access.can_read_earlier(scope, check_in) else [],
    )


def _answered(flag: Flag) -> Answered:
    quiet = flag.quiet_until and flag.quiet_until >= clock.today() and flag.closed_on is None
    return Answered(str(sentences.sentence(flag)), flag.quiet_until if quiet else None)


def _earlier(check_in: CheckIn) -> list[Wording]:
    """Each wording that was replaced, newest first, and when."""
    rows = check_in.events.order_by("pgh_id")
    return [
        Wording(until=after.withdrawn_at or after.changed_at, said=before)
        for before, after in pairwise(rows)
        if any(getattr(before, name) != getattr(after, name) for name in (*Said.FIELDS, "at"))
    ][::-1]


# The list ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """Check-ins of one ISO week: v. 53 of 2026 runs into January."""

    year: int
    number: int
    check_ins: list[CheckIn]


@dataclass(frozen=True)
class ListPage:
    booked: list[Booking]
    missed: list[Booking]
    weeks: list[Week]

    @property
    def sentence(self) -> str:
        """Två är bokade. En blev inte av, eller är inte skriven."""
        booked, missed = len(self.booked), len(self.missed)
        parts = []
        if booked:
            parts.append(ngettext("En är bokad.", "%(count)s är bokade.", booked))
        if missed:
            parts.append(
                ngettext(
                    "En blev inte av, eller är inte skriven.",
                    "%(count)s blev inte av, eller är inte skrivna.",
                    missed,
                )
            )
        counts = iter([count for count in (booked, missed) if count])
        return " ".join(part % {"count": capfirst(spelled(next(counts)))} for part in parts)

    @property
    def student_ids(self) -> set[int]:
        recent = (one.student_id for week in self.weeks for one in week.check_ins)
        return {*(row.student.pk for row in [*self.booked, *self.missed]), *recent}


def list_page(scope) -> ListPage:
    """My check-ins: booked ahead, those nothing was written about, and the recent ones by week."""
    today = clock.today()
    rows = booking_rows(bookings(scope).filter(next_on__gte=today - timedelta(days=MISSED_DAYS)), scope.user)
    return ListPage(
        booked=[row for row in rows if row.on >= today],
        missed=[row for row in rows if row.on < today][::-1],
        weeks=by_week(recent(scope)),
    )


def recent(scope) -> list[CheckIn]:
    since = clock.at_noon(clock.today() - timedelta(days=RECENT_DAYS))
    return list(
        CheckIn.objects.visible_to(scope)
        .standing()
        .filter(by=scope.user, at__gte=since)
        .select_related("student")
        .annotate(school_class=latest_class("student"))
        .latest_first()
    )


def by_week(check_ins: list[CheckIn]) -> list[Week]:
    """In the order given; a week is never split at the turn of the year."""

    def iso_week(check_in: CheckIn) -> tuple[int, int]:
        year, week, _weekday = clock.day_of(check_in.at).isocalendar()
        return year, week

    return [Week(year, number, list(group)) for (year, number), group in groupby(check_ins, iso_week)]
