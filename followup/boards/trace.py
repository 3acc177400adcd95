"""Granskning: who read or did what about a pupil, by whom, when. For the privacy officer of one organiser.

She sees pupils as ids only, and finds one by her number; what she looks at is itself in the log. Protected
pupils are traced like all others: their readers are the ones that matter most (GDPR art. 15 and 33).
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup import clock
from followup.accounts.models import Grant, Organiser, SchoolUnit, User
from followup.accounts.permissions import ROLES, Duty, Place
from followup.audit.models import Event, Reading
from followup.audit.sentences import DONE, READ
from followup.words import day
from students.models import Student

ROWS_PER_PAGE = 20
LAST_PAGE = 200  # further back one chooses a period
NAMED_PUPILS = 5


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    duty: str
    what: str
    about: str
    detail: str


@dataclass(frozen=True)
class TracePage:
    lines: list[Line] = field(default_factory=list)
    student_ids: set[int] = field(default_factory=set)
    number: int = 1
    previous: int | None = None
    next: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What the privacy officer asks for; ids and days only, so that it may stand in the address."""

    student_id: int | None = None
    user_id: int | None = None
    kind: str = ""  # done or read; both when empty
    first: date | None = None
    last: date | None = None


def wanted_from(scope, address) -> Wanted | None:
    """What an address asks for; None when it names somebody who is not of her organiser."""
    student_id, user_id = number_in(address, "elev"), number_in(address, "person")
    if student_id and not is_own_student(scope, student_id):
        return None
    if user_id and not staff(scope).filter(pk=user_id).exists():
        return None
    return Wanted(
        student_id=student_id,
        user_id=user_id,
        kind=address.get("slag", "") if address.get("slag") in ("done", "read") else "",
        first=_day(address, "fran"),
        last=_day(address, "till"),
    )


def as_typed(wanted: Wanted) -> dict:
    """The same in the form, so that one can ask for more."""
    return {"pupil": wanted.student_id, "kind": wanted.kind, "first": wanted.first, "last": wanted.last}


def number_in(address, name: str) -> int | None:
    value = address.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 12 else None


def _day(address, name: str) -> date | None:
    try:
        return date.fromisoformat(address.get(name, ""))
    except ValueError:
        return None


def student_by_number(scope, text: str) -> int | None:
    """A pupil of her organiser, by the whole personal number or by the id that the log shows."""
    digits = re.sub(r"[\s-]", "", text).upper()
    own = Student.objects.filter(organiser=scope.organiser_id)  # scope: the privacy officer's organiser
    if re.fullmatch(r"\d{1,9}", digits):
        found = own.filter(pk=int(digits))
    elif re.fullmatch(r"\d{12}|\d{8}TF\d{2}", digits):
        found = own.filter(person__national_number=digits)
    elif re.fullmatch(r"\d{10}", digits):
        found = own.filter(person__national_number__in=["19" + digits, "20" + digits])
    else:
        return None
    return found.values_list("pk", flat=True).first()


def is_own_student(scope, student_id: int) -> bool:
    return Student.objects.filter(
        organiser=scope.organiser_id, pk=student_id
    ).exists()  # scope: her organiser


def staff(scope):
    """Everybody who has or has had a role at her organiser."""
    here = Q(unit__organiser=scope.organiser_id) | Q(organiser=scope.organiser_id)
    return User.objects.filter(pk__in=Grant.objects.filter(here).values("user"))


def staff_like(scope, words: str) -> list[User]:
    found = staff(scope)
    for word in words.split():
        found = found.filter(
            Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(email__icontains=word)
        )
    return list(found[:20])


def trace_page(scope, wanted: Wanted, number: int = 1) -> TracePage:
    """One page of both logs in the order of time, newest first; as many queries whatever is found."""
    number = min(max(number, 1), LAST_PAGE)
    enough = number * ROWS_PER_PAGE + 1
    entries = []
    if wanted.kind != "read":
        entries += _events(scope, wanted)[:enough]
    if wanted.kind != "done":
        entries += _readings(scope, wanted)[:enough]
    entries.sort(key=lambda entry: (entry.at, entry.pk), reverse=True)
    shown = entries[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE]
    words = _Words(shown)
    return TracePage(
        lines=[words.line(entry, wanted.student_id) for entry in shown],
        student_ids={pk for entry in shown for pk in _students_of(entry)},
        number=number,
        previous=number - 1 if number > 1 else None,
        next=number + 1 if len(entries) > number * ROWS_PER_PAGE and number < LAST_PAGE else None,
    )


def _events(scope, wanted: Wanted):
    """Those of her organiser; and those without one, of the house itself, or by or about somebody who works there.

    What the system administrator does to an account of the organiser's stands under no organiser.
    """
    people = staff(scope).values("pk")
    hers = Q(by_id=None) | Q(by_id__in=people)
    hers |= Q(about="accounts.user", object_id__in=people)
    hers |= Q(about="accounts.grant", object_id__in=Grant.objects.filter(user__in=people).values("pk"))
    events = Event.objects.filter(Q(organiser_id=scope.organiser_id) | (Q(organiser_id=None) & hers))
    if wanted.student_id:
        events = events.filter(student_id=wanted.student_id)
    return _within(events, wanted)


def _readings(scope, wanted: Wanted):
    readings = Reading.objects.filter(organiser_id=scope.organiser_id)
    if wanted.student_id:
        readings = readings.filter(student_ids__contains=[wanted.student_id])
    return _within(readings, wanted)


def _within(entries, wanted: Wanted):
    if wanted.user_id:
        entries = entries.filter(by_id=wanted.user_id)
    if wanted.first:
        entries = entries.filter(at__gte=clock.midnight(wanted.first))
    if wanted.last:
        entries = entries.filter(at__lt=clock.midnight(wanted.last, after=True))
    return entries.order_by("-at")


def _students_of(entry) -> list[int]:
    if isinstance(entry, Reading):
        return entry.student_ids
    return [entry.student_id] if entry.student_id else []


class _Words:
    """The sentences of a page, made when they are shown, with the names of its staff and schools read at once."""

    def __init__(self, entries):
        events = [entry for entry in entries if isinstance(entry, Event)]
        users = {entry.by_id for entry in entries} | {event.detail.get("user") for event in events}
        users |= {event.object_id for event in events if event.about == "accounts.user"}
        self.users = User.objects.in_bulk([pk for pk in users if isinstance(pk, int)])
        units = {event.detail.get("unit") for event in events}
        self.units = SchoolUnit.objects.in_bulk([pk for pk in units if isinstance(pk, int)])
        organisers = {_organiser_of_role(event) for event in events}
        self.organisers = Organiser.objects.in_bulk([pk for pk in organisers if isinstance(pk, int)])

    def line(self, entry, student_id: int | None) -> Line:
        read = isinstance(entry, Reading)
        what = (
            _("läste %(page)s") % {"page": READ.get(entry.page, entry.page)}
            if read
            else DONE.get(entry.verb, entry.verb)
        )
        return Line(
            at=entry.at,
            who=self._name(entry.by_id),
            duty=str(Duty(entry.duty).label) if entry.duty in Duty.values else "",
            what=str(what),
            about=_pupils(_students_of(entry), student_id),
            detail="" if read else self._detail(entry),
        )

    def _name(self, pk: int | None) -> str:
        if pk is None:
            return _("Koll")
        return self.users[pk].name if pk in self.users else _("användare %(id)s") % {"id": pk}

    def _detail(self, event: Event) -> str:
        """The ids and codes of the entry, in words: whom it was about, which role, which fields."""
        said = event.detail
        parts = []
        about = said.get("user") or (event.object_id if event.about == "accounts.user" else None)
        if about and about != event.by_id:
            parts.append(self._name(about))
        if said.get("role") in ROLES:
            parts.append(str(ROLES[said["role"]].name))
        if place := self._place(event):
            parts.append(place)
        for key, words in (("starts_on", _("från %(day)s")), ("ends_on", _("till %(day)s"))):
            if said.get(key):
                parts.append(words % {"day": day(date.fromisoformat(said[key]))})
        if said.get("fields"):
            parts.append(", ".join(_field_names(event.about, said["fields"])))
        return " · ".join(parts)

    def _place(self, event: Event) -> str:
        """Where: the school, or of a role that is for more than a school, the organiser or the installation."""
        said = event.detail
        if said.get("unit") in self.units:
            return self.units[said["unit"]].name
        if (organiser_id := _organiser_of_role(event)) in self.organisers:
            return self.organisers[organiser_id].name
        whole = said.get("role") in ROLES and ROLES[said["role"]].place == Place.INSTALLATION
        return _("hela installationen") if whole else ""


def _organiser_of_role(event: Event) -> int | None:
    """For whom a role of an organiser holds; where an entry does not say so, it is the one that it is about."""
    role = ROLES.get(event.detail.get("role"))
    if role is None or role.place != Place.ORGANISER:
        return None
    return event.detail.get("organiser") or event.organiser_id


def _field_names(about: str, fields: list[str]) -> list[str]:
    try:
        meta = apps.get_model(about)._meta
    except (LookupError, ValueError):
        return fields
    found = []
    for name in fields:
        try:
            found.append(str(meta.get_field(name).verbose_name))
        except FieldDoesNotExist:
            found.append(name)
    return found


def _pupils(ids: list[int], wanted: int | None) -> str:
    """elev 4711; elev 12, elev 13; 30 elever; 30 elever, bland dem elev 4711."""
    if not ids:
        return ""
    if len(ids) <= NAMED_PUPILS:
        return ", ".join(_("elev %(id)s") % {"id": pk} for pk in ids)
    many = ngettext("%(n)s elev", "%(n)s elever", len(ids)) % {"n": len(ids)}
    if wanted in ids:
        return _("%(many)s, bland dem elev %(id)s") % {"many": many, "id": wanted}
    return many
