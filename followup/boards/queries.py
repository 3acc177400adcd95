"""What the start page shows: what every room offers, gathered, put in order and said in one sentence."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup import clock
from followup.accounts.permissions import Permission
from followup.offers import Coming, Panel, TodayRow, TodaySection, offered
from followup.words import day_long, spelled

ORDER = ["first_steps", "notice", "booked", "needs_you", "to_know", "good_news"]


@dataclass(frozen=True)
class StartPage:
    """Idag: the sections that have something to say, and the sentence on top."""

    day: date
    sentence: str
    notices: list[TodayRow] = field(default_factory=list)
    sections: list[TodaySection] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    nothing: str = ""

    @property
    def student_ids(self) -> set[int]:
        rows = [*self.notices, *(row for section in self.sections for row in section.rows), *self.coming]
        return {row.student_id for row in rows if row.student_id}


def start_page(scope) -> StartPage:
    """Gathers what the rooms offer to one user; each room asks its own few questions."""
    offers = [section for sections in offered("TODAY", "sections") for section in sections(scope)]
    merged = [merged for kind in ORDER if (merged := _merged(kind, offers))]
    notices = [row for section in merged if section.kind == "notice" for row in section.rows]
    sections = [section for section in merged if section.kind != "notice"]
    today = clock.today()
    to_do = {section.kind for section in sections} & {"first_steps", "booked", "needs_you"}
    coming = [] if to_do else _what_comes(scope)
    sentences = [_("Inget väntar på dig idag."), *(each.sentence for each in coming)]
    return StartPage(
        day=today,
        sentence=_sentence(today, sections),
        notices=notices,
        sections=sections,
        coming=coming,
        nothing="" if to_do else " ".join(sentences),
    )


def _merged(kind: str, offers: list[TodaySection]) -> TodaySection | None:
    """One card per kind, whichever rooms its rows come from."""
    same = [section for section in offers if section.kind == kind and section.rows]
    if not same:
        return None
    rows = [row for section in same for row in section.rows]
    if kind == "booked":
        rows.sort(key=lambda row: (row.at is None, row.at))
    elif kind == "needs_you":
        rows.sort(key=lambda row: row.waiting_since or date.max)
    return TodaySection(
        kind=kind,
        title=same[0].title,
        rows=rows,
        note=next((section.note for section in same if section.note), ""),
        total=sum(len(section.rows) if section.total is None else section.total for section in same),
        more_url=next((section.more_url for section in same if section.more_url), ""),
    )


def _what_comes(scope) -> list[Coming]:
    """What the rooms say comes next, for the one who has nothing to do."""
    return [coming for comes in offered("TODAY", "comes_next", optional=True) if (coming := comes(scope))]


def _sentence(today: date, sections: list[TodaySection]) -> str:
    """Tisdag 24 november, vecka 48. Två avstämningar är bokade, tre elever väntar på dig."""
    by_kind = {section.kind: section for section in sections}
    parts = []
    if booked := by_kind.get("booked"):
        parts.append(
            ngettext("en avstämning är bokad", "%(count)s avstämningar är bokade", booked.total)
            % {"count": spelled(booked.total)}
        )
    if waiting := by_kind.get("needs_you"):
        parts.append(_who_waits(waiting))
    when = _("%(day)s, vecka %(week)s.") % {
        "day": capfirst(day_long(today)),
        "week": today.isocalendar().week,
    }
    return f"{when} {capfirst(', '.join(parts))}." if parts else when


def _who_waits(waiting: TodaySection) -> str:
    """Pupils where every row is about a pupil, else things."""
    whole = waiting.total == len(waiting.rows)
    if all(row.student_id for row in waiting.rows):
        count = len({row.student_id for row in waiting.rows}) if whole else waiting.total
        return ngettext("en elev väntar på dig", "%(count)s elever väntar på dig", count) % {
            "count": spelled(count)
        }
    return ngettext("en sak väntar på dig", "%(count)s saker väntar på dig", waiting.total) % {
        "count": spelled(waiting.total)
    }


@dataclass(frozen=True)
class Board:
    """Översikt: what the rooms say of a whole school, or of all the organiser's schools."""

    place: str
    headlines: list
    warnings: list[str]
    until: date | None
    panels: list[Panel]


def check_figures(scope) -> None:
    if not scope.can(Permission.SEE_ORGANISER_FIGURES):
        scope.check(Permission.SEE_SCHOOL_FIGURES)


def board(scope) -> Board:
    return Board(
        place=scope.place,
        headlines=[headline(scope) for headline in offered("PANELS", "headline", optional=True)],
        warnings=[said for warn in offered("PANELS", "warnings", optional=True) for said in warn(scope)],
        until=min(
            (day for reach in offered("PANELS", "until", optional=True) if (day := reach(scope))),
            default=None,
        ),
        panels=[panel for panels in offered("PANELS", "panels") for panel in panels(scope)],
    )
