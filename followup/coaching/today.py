"""What the start page shows of check-ins: those booked today, and those that did not come about."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.coaching import asking, queries
from followup.coaching.models import CheckIn
from followup.navigation import address
from followup.offers import Coming, TodayRow, TodaySection
from followup.words import clock_time, day


def sections(scope) -> list[TodaySection]:
    if not scope.can(Permission.WRITE_CHECK_IN):
        return []
    mine = asking.asking_of(scope)
    today = [row for row in mine.bookings if row.on == clock.today()]
    missed = [_missed(row) for row in mine.bookings if row.on < clock.today()]
    in_vain = [_twice_in_vain(one) for one in mine.twice_in_vain]
    return [
        TodaySection("booked", _("Avstämningar idag"), [_booked(row, not n) for n, row in enumerate(today)]),
        TodaySection(
            "needs_you", _("Behöver dig"), [*missed, *in_vain, *_entrusted(scope), *_left_behind(scope)]
        ),
    ]


def waiting(scope) -> dict:
    """The number in the rail: booked today, or before without anything written."""
    if not scope.can(Permission.WRITE_CHECK_IN):
        return {}
    since = clock.today() - timedelta(days=queries.MISSED_DAYS)
    return {
        "coaching:list": queries.bookings(scope).filter(next_on__lte=clock.today(), next_on__gte=since),
    }


def pupils_waiting(scope) -> list:
    if not scope.can(Permission.WRITE_CHECK_IN):
        return []
    found = [asking.come_to_nothing(scope), asking.entrusted_to(scope)]
    if scope.units_of_roles("coach"):  # a mentor's pupils have a mentor
        found.append(asking.left_to_see_to(scope))
    return found


def comes_next(scope) -> Coming | None:
    """Nästa avstämning är tor 26 nov med Leo."""
    if not scope.can(Permission.WRITE_CHECK_IN):
        return None
    ahead = queries.bookings(scope).filter(next_on__gt=clock.today()).select_related("student").first()
    if ahead is None:
        return None
    words = {"day": day(ahead.next_on), "name": ahead.student.given_name}
    return Coming(_("Nästa avstämning är %(day)s med %(name)s.") % words, ahead.student_id)


def _booked(row: queries.Booking, first: bool) -> TodayRow:
    """Kl. 10.20, rum 214. Förra gången: lämna in labbrapporten före fredag."""
    place = row.place
    if row.agreed:
        last = _("Förra gången:") if place or not row.time else _("förra gången:")
        place = f"{place}. {last}" if place else last
    return TodayRow(
        who=row.student.name,
        where=row.where,
        sentence=place,
        strong=row.agreed,
        at=row.time,
        url=_page_of(row.student.pk),
        action=_("Skriv avstämning"),
        action_url=_form_of(row.student.pk),
        main=first,
        student_id=row.student.pk,
    )


def _missed(row: queries.Booking) -> TodayRow:
    when = " ".join(filter(None, [day(row.on), clock_time(row.time)]))
    return TodayRow(
        who=row.student.name,
        where=row.where,
        sentence=_("Avstämningen %(when)s") % {"when": when},
        strong=_("blev inte av, eller är inte skriven"),
        after=".",
        url=_page_of(row.student.pk),
        action=_("Skriv avstämning"),
        action_url=_form_of(row.student.pk),
        waiting_since=row.on,
        student_id=row.student.pk,
    )


def _twice_in_vain(one: CheckIn) -> TodayRow:
    """A pupil whom I, or the one I took over from, have tried to meet twice in a row, with no new time booked."""
    return TodayRow(
        who=one.student.name,
        where=one.school_class or "",
        strong=_("Två avstämningar i rad blev inte av"),
        after=_(", senast %(day)s") % {"day": day(one.at)} + ".",
        url=_page_of(one.student_id),
        action=_("Skriv avstämning"),
        action_url=_form_of(one.student_id),
        waiting_since=clock.day_of(one.at),
        student_id=one.student_id,
    )


def _entrusted(scope) -> list[TodayRow]:
    """Mette Lund har beslutat: mentor följer. Du är ansvarig."""
    return [
        TodayRow(
            who=one.student.name,
            where=" · ".join(
                filter(None, [one.school_class, _("beslutat %(day)s") % {"day": day(one.made_at)}])
            ),
            sentence=_("%(name)s har beslutat:") % {"name": one.made_by.name},
            strong=": ".join(filter(None, [one.get_kind_display(), one.what])),
            after=_(". Du är ansvarig."),
            url=_page_of(one.student_id),
            action=_("Skriv avstämning"),
            action_url=_form_of(one.student_id),
            waiting_since=clock.day_of(one.made_at),
            student_id=one.student_id,
        )
        for one in asking.entrusted(scope)
    ]


def _left_behind(scope) -> list[TodayRow]:
    """Per Ost bokade en avstämning tor 26 nov men har inte kvar sin roll här."""
    return [
        TodayRow(
            who=one.student.name,
            where=one.school_class or "",
            sentence=_("%(name)s bokade en avstämning %(day)s")
            % {"name": one.by.name, "day": day(one.next_on)},
            strong=_("men har inte kvar sin roll här"),
            after=".",
            url=_page_of(one.student_id),
            action=_("Skriv avstämning"),
            action_url=_form_of(one.student_id),
            waiting_since=one.next_on,
            student_id=one.student_id,
        )
        for one in asking.left_behind(scope)
    ]


def _page_of(student_id: int) -> str:
    return address("students:detail", student_id)


def _form_of(student_id: int) -> str:
    return reverse("coaching:check_in", args=[student_id])
