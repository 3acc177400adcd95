"""What one room offers to another: the shapes, and how they are found.

A room never imports a room above it. What crosses is furniture: a module of a known name that offers
functions or declarations, listed in settings in order, the way MIDDLEWARE is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings


@dataclass(frozen=True)
class TodayRow:
    """Something that is mine to do (or good news), on the start page.

    `waiting_since` orders the rows (longest wait first); `at` is the time of a booked check-in today.
    `sentence` may hold one `strong` part, shown in bold. `action` posts when `action_posts`.
    """

    who: str
    where: str = ""
    sentence: str = ""
    strong: str = ""
    after: str = ""
    url: str = ""
    action: str = ""
    action_url: str = ""
    action_posts: bool = False
    main: bool = False
    waiting_since: date | None = None
    at: datetime | None = None
    student_id: int | None = None


@dataclass(frozen=True)
class TodaySection:
    """One card of the start page. `kind` is booked, needs_you, to_know, good_news, notice or first_steps."""

    kind: str
    title: str
    rows: list[TodayRow] = field(default_factory=list)
    note: str = ""
    total: int | None = None
    more_url: str = ""


class Coming(NamedTuple):
    """What comes next, in a sentence, for the one who has nothing to do; and whom it names."""

    sentence: str
    student_id: int | None = None


@dataclass(frozen=True)
class TimelineEntry:
    """A dated entry about one pupil."""

    on: date
    kind: str  # check_in, decision, flag, absence, grade, record
    icon: str
    title: str
    text: str = ""
    url: str = ""
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class StudentPanel:
    """A piece of the pupil's page; `template` finds `data`, and `student` whom it is about.

    `slot` says where: `waiting` (the template draws one or more `<li class="row-line two">` in the card
    "Det som väntar"; nothing waiting, no panel), `strip` (a card of components/figure.html) or `action`
    (a button beside the name, on a phone in the bar at the thumb).
    """

    slot: str
    template: str
    data: Any = None
    order: int = 0


@dataclass(frozen=True)
class Panel:
    """A piece of a leaders' page: a sentence first, then a template with its data."""

    title: str
    template: str
    data: Any
    sentence: str = ""
    wide: bool = True


def offered(setting: str, name: str, optional: bool = False) -> Iterable[Callable]:
    """The function `name` of every module listed in a setting, in its order.

    `TODAY` modules offer `sections(scope) -> list[TodaySection]` and, if they like,
    `waiting(scope) -> dict[url name, QuerySet]` (the numbers in the rail), `pupils_waiting(scope) ->
    list[QuerySet]` (the same of the start page, for those who see only their own pupils) and `comes_next(scope) -> Coming`
    or None (for the one who has nothing to do); `TIMELINE` modules
    `entries(student, scope) -> list[TimelineEntry]`; `STUDENT_PANELS` modules
    `panels(student, scope) -> list[StudentPanel]` and, if they like, `waits(student_ids, scope) ->
    dict[student id, list[str]]` (what waits around each pupil of a class, in words); `AFTER_IMPORT` modules
    `after_import(unit_ids, day) -> None`; `AFTER_ROLE_END` modules `after_role_end(user) -> None`, inside the
    transaction; `PANELS` modules `panels(scope) -> list[Panel]` and, if they
    like, `headline(scope) -> Words`, `warnings(scope) -> list[str]` and `until(scope) -> date`;
    `RISK_INDICATORS` modules `INDICATORS`, a list.
    """
    for path in getattr(settings, setting):
        module = import_module(path)
        if not optional or hasattr(module, name):
            yield getattr(module, name)


def once(subject, scope, name: str, ask: Callable) -> Any:
    """What several parts of a page ask about one subject under one scope: asked once, kept on the subject.

    Never across requests: the subject is fetched anew in each.
    """
    asked = subject.__dict__.setdefault("_asked", {})
    key = (name, scope.user.pk, tuple(grant.pk for grant in scope.grants))
    if key not in asked:
        asked[key] = ask()
    return asked[key]
