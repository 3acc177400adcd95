"""One pupil's page: who she is, why I see her, what waits, the strip of charts, the timeline."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Prefetch, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from followup.accounts.models import Municipality
from followup.accounts.permissions import Permission
from followup.offers import StudentPanel, TimelineEntry, offered
from followup.scoping import Scope, who_may
from followup.words import day, listed, spelled
from students.access import Seer, can_see_facts, can_see_follow_up, who_sees
from students.models import Enrolment, Student
from students.queries.attendance import this_year
from students.queries.lists import Placement, placement
from students.queries.sources import latest_sources

PER_PAGE = 20
SHOWN = {  # in the address -> the kind of a timeline entry, and what it is called
    "": ("", gettext_lazy("Allt")),
    "avstamningar": ("check_in", gettext_lazy("Avstämningar")),
    "beslut": ("decision", gettext_lazy("Beslut")),
    "flaggor": ("flag", gettext_lazy("Flaggor")),
    "franvaro": ("absence", gettext_lazy("Frånvaro")),
    "betyg": ("grade", gettext_lazy("Betyg")),
}
OF_FOLLOW_UP = {"check_in", "decision", "flag"}


@dataclass(frozen=True)
class Header:
    """What stands on top of every page about one pupil."""

    student: Student
    placements: list[Placement]
    mentors: list[str]
    seers: list[Seer]
    mine: Seer | None
    scope: Scope  # with only the roles by which I see her

    @property
    def about(self) -> str:
        """Ella Lindqvist · EK2b, Norra gymnasiet: at the foot of every sheet of paper."""
        places = (", ".join(filter(None, [each.school_class, each.school])) for each in self.placements)
        return " · ".join([self.student.name, *places])

    @property
    def why(self) -> str:
        """Du ser sidan som mentor."""
        if self.mine is None:
            return ""
        sentence = _("Du ser sidan som %(titles)s") % {"titles": listed(self.mine.titles)}
        return (
            _("%(sentence)s, utsedd för eleven.") % {"sentence": sentence}
            if self._by_name
            else f"{sentence}."
        )

    @property
    def _by_name(self) -> bool:
        return bool(self.mine and self.mine.named and self.student.person.is_protected)

    @property
    def others(self) -> str:
        """Fyra andra har tillgång"""
        count = len(self.seers) - bool(self.mine)
        if not count:
            return _("Ingen annan har tillgång")
        return (
            ngettext("En annan har tillgång", "%(count)s andra har tillgång", count)
            % {"count": spelled(count)}
        ).capitalize()


@dataclass(frozen=True)
class StudentPage:
    header: Header
    panels: dict[str, list[StudentPanel]]
    timeline: Page
    shown: str
    shows: list[tuple[str, str]]
    sees_facts: bool
    sees_follow_up: bool
    until: date | None = None
    sources: list[str] = field(default_factory=list)  # said on paper

    @property
    def reach(self) -> str:
        return _("till och med %(day)s") % {"day": day(self.until)} if self.until else ""

    @property
    def nothing_waits(self) -> str:
        return _("Inget väntar kring %(name)s.") % {"name": self.header.student.given_name}

    @property
    def nothing_dated(self) -> str:
        nothing = {
            "avstamningar": _("Inga avstämningar ännu."),
            "beslut": _("Inga beslut ännu."),
            "flaggor": _("Inga flaggor ännu."),
            "franvaro": _("Ingen frånvaro det här läsåret."),
            "betyg": _("Inga betyg eller varningar ännu."),
        }
        return nothing.get(self.shown, _("Inget har hänt ännu."))

    @property
    def only_the_name(self) -> str:
        """For whoever sees her name but neither follows up nor keeps the records: who does."""
        return _("Du ser namn och klass. Frånvaro och avstämningar ser: %(who)s.") % {
            "who": who_may(Permission.SEE_FOLLOW_UP)
        }


def students_with_facts(scope: Scope):
    """The pupils a scope sees, with the facts that every part of a pupil's page asks for."""
    home = Municipality.objects.filter(code=OuterRef("home_municipality_code"))
    enrolments = Enrolment.objects.select_related("unit").order_by("-starts_on", "pk")
    return (
        Student.objects.visible_to(scope)
        .select_related("person", "organiser")
        .prefetch_related(Prefetch("enrolments", enrolments), "grades")
        .annotate(home=Subquery(home.values("name")))
    )


def header_of(scope: Scope, student: Student) -> Header:
    current = [each for each in student.enrolments.all() if each.is_current] or list(
        student.enrolments.all()
    )[:1]
    seers = who_sees(student)
    mine = next((seer for seer in seers if seer.user == scope.user), None)
    return Header(
        student=student,
        placements=[placement(each) for each in current],
        mentors=[seer.user.name for seer in seers if seer.is_mentor],
        seers=seers,
        mine=mine,
        scope=scope.by(grant for grant in scope.grants if mine and grant in mine.grants),
    )


def student_page(header: Header, shown: str, number, *, on_paper: bool = False) -> StudentPage:
    """On paper the whole timeline is on one page, and it says where the facts came from."""
    student, scope = header.student, header.scope
    shown = shown if shown in SHOWN else ""
    kind = SHOWN[shown][0]
    sees_facts, sees_follow_up = can_see_facts(scope), can_see_follow_up(scope)
    entries = [entry for entry in _entries(scope, student) if not kind or entry.kind == kind]
    days = this_year(student) if sees_facts else []
    return StudentPage(
        header=header,
        panels=_panels(scope, student),
        timeline=Paginator(entries, max(PER_PAGE, len(entries) if on_paper else 0)).get_page(number),
        shown=shown,
        shows=[
            (code, str(label))
            for code, (kind, label) in SHOWN.items()
            if sees_follow_up or kind not in OF_FOLLOW_UP
        ],
        sees_facts=sees_facts,
        sees_follow_up=sees_follow_up,
        until=days[-1].on if days else None,
        sources=latest_sources(student) if on_paper and sees_facts else [],
    )


def _entries(scope: Scope, student: Student) -> list[TimelineEntry]:
    """What every room has dated about her, the latest first."""
    entries = [entry for of_room in offered("TIMELINE", "entries") for entry in of_room(student, scope)]
    return sorted(entries, key=lambda entry: (entry.on, entry.at is not None, entry.at or 0), reverse=True)


def _panels(scope: Scope, student: Student) -> dict[str, list[StudentPanel]]:
    found = defaultdict(list, {"waiting": [], "strip": [], "action": []})
    for panels_of in offered("STUDENT_PANELS", "panels"):
        for panel in panels_of(student, scope):
            found[panel.slot].append(panel)
    return {slot: sorted(panels, key=lambda panel: panel.order) for slot, panels in found.items()}
