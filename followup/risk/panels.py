"""The leaders' page: a sentence first, then how long they have waited, for what, where, and how quickly we act."""

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.accounts.permissions import Permission
from followup.figures import FEW, Hidden
from followup.offers import Panel
from followup.risk import access
from followup.risk.queries import overview as read
from followup.risk.queries.facts import UnitFacts, facts_until
from followup.risk.queries.overview import Bar, Overview
from followup.risk.queries.state import silences
from followup.risk.sentences import Words
from followup.scoping import Scope
from followup.words import number, spelled
from students.ordering import sort_key


def figured_units(scope: Scope) -> set[int]:
    return scope.units_where(Permission.SEE_SCHOOL_FIGURES) | scope.units_where(
        Permission.SEE_ORGANISER_FIGURES
    )


def headline(scope: Scope) -> Words:
    """12 elever med 19 flaggor väntar på beslut. Fem har väntat mer än två veckor."""
    return _headline(_overview(scope))


def warnings(scope: Scope) -> list[str]:
    return silences(_facts(scope))


def until(scope: Scope) -> date | None:
    """How far the attendance reaches, at the school where it reaches least."""
    return min((unit.until for unit in _facts(scope) if unit.until), default=None)


def panels(scope: Scope) -> list[Panel]:
    found = _overview(scope)
    made = [Panel(_("Väntelistan efter ålder"), "risk/_panel_ages.html", _ages(found), wide=False)]
    made.append(_steps(scope))
    if found.students:
        made.append(Panel(_("Vad eleverna väntar på"), "risk/_panel_reasons.html", _reasons(found)))
    if found.places:
        title = _("Skolorna") if found.by_unit else _("Klasserna")
        first = _("Skola") if found.by_unit else _("Klass")
        rows = _named(found, scope)
        told, few = [row for row in rows if row.students], [row for row in rows if not row.students]
        made.append(Panel(title, "risk/_panel_places.html", {"first": first, "told": told, "few": few}))
    return made


def _facts(scope: Scope) -> list[UnitFacts]:
    if not hasattr(scope, "_facts"):
        scope._facts = facts_until(figured_units(scope))
    return scope._facts


def _overview(scope: Scope) -> Overview:
    """Asked once for a page: the headline and the panels say the same."""
    if not hasattr(scope, "_overview"):
        scope._overview = read.overview(figured_units(scope))
    return scope._overview


def _headline(found: Overview) -> Words:
    if not found.students:
        return Words("", _("Ingen elev väntar på beslut."), _late(found))
    if found.students < FEW:
        return Words("", _("Färre än fem elever väntar på beslut."), _oldest(found) + _late(found))
    students = number(found.students, "student")
    strong = _("%(students)s väntar på beslut.") % {"students": students}
    if found.flags:
        strong = _("%(students)s med %(flags)s väntar på beslut.") % {
            "students": students,
            "flags": number(found.flags, "flag"),
        }
    longest = ""
    if found.longest:
        longest = " " + _("%(count)s har väntat mer än två veckor.") % {
            "count": capfirst(spelled(found.longest))
        }
    return Words("", strong, longest + _oldest(found) + _late(found))


def _oldest(found: Overview) -> str:
    if not found.oldest_days:
        return ""
    return " " + _("Äldst: %(days)s.") % {"days": number(found.oldest_days, "day")}


def _late(found: Overview) -> str:
    if not found.late:
        return ""
    if found.late < FEW:
        return " " + _("Färre än fem uppföljningar har passerat sin dag.")
    return " " + ngettext(
        "%(count)s uppföljning har passerat sin dag.",
        "%(count)s uppföljningar har passerat sin dag.",
        found.late,
    ) % {"count": found.late}


def _ages(found: Overview) -> list[Bar]:
    names = [_("till och med 3 dagar"), _("4 till 7 dagar"), _("8 till 14 dagar"), _("mer än två veckor")]
    shades = ((1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1))
    rows = [
        Bar(name, count, 0, tuple((count or 0) * shade for shade in shaded))
        for name, count, shaded in zip(names, found.ages, shades, strict=True)
    ]
    late = found.late if found.late == 0 or found.late >= FEW else Hidden.SMALL
    return [*rows, Bar(_("uppföljning som passerat sin dag"), late, 0, (0, 0, late or 0))]


def _reasons(found: Overview) -> dict:
    return {"rows": found.reasons, "split": not any(isinstance(bar.longer, Hidden) for bar in found.reasons)}


def _named(found: Overview, scope: Scope) -> list[Bar]:
    """A class leads to its pupils on the waiting list, for those who have one."""
    nameless = _("skola saknas") if found.by_unit else _("klass saknas")
    leads = not found.by_unit and access.can_see_waiting_list(scope)
    waiting_list = reverse("risk:waiting_list")
    rows = [
        Bar(
            row.name or nameless,
            row.students,
            0,
            row.parts,
            f"{waiting_list}?{urlencode({'klass': row.name})}" if leads and row.name else "",
        )
        for row in found.places
    ]
    return sorted(rows, key=lambda row: (not row.students, -(row.students or 0), sort_key(row.name)))


def _steps(scope: Scope) -> Panel:
    names = {
        "taken": _("Någon har tagit den"),
        "contacted": _("Första kontakten"),
        "decided": _("Beslut"),
    }
    steps = read.steps(figured_units(scope))
    rows = [(names[step.name], _within(step.half), _within(step.most)) for step in steps or []]
    return Panel(_("Från flagga till handling"), "risk/_panel_steps.html", rows, wide=False)


def _within(days: int | None) -> str:
    if days is None:
        return _("inte ännu")
    return _("samma dag") if days == 0 else number(days, "day")
