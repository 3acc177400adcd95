"""The words of a flag: what is known and since when, never what the pupil is.

Everything that shows a flag takes its words here, so that list, pupil's page and flag's page say the
same. Works on whatever has indicator, level, value and evidence: a flag, or a step of its life.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.risk.indicators import Unit, declared
from followup.risk.models import Flag
from followup.risk.models.flag import Level
from followup.words import day, decimal, kept, minutes, percent

NAMED_COURSES = 3  # more than these are counted instead of named


@dataclass(frozen=True)
class Words:
    """A sentence with one part in bold."""

    before: str
    strong: str = ""
    after: str = ""

    def __str__(self):
        return " ".join(filter(None, [self.before, self.strong])) + self.after


def short(flag: Flag) -> str:
    """One reason on a list: "Frånvaro 17 %, 20 skoldagar"."""
    match flag.indicator:
        case "A0":
            return _("Frånvaron är okänd: %s") % _known_days(flag)
        case "A1":
            return kept(_("Frånvaro %(percent)s, %(days)s skoldagar") % _absence(flag))
        case "A2":
            return kept(_("Ogiltig frånvaro %(time)s, 30 dagar") % {"time": minutes(flag.value)})
        case "A3":
            return kept(_("Frånvarande %(days)s") % {"days": _in_a_row(flag)})
        case "B1":
            return _courses(flag)
    return flag.indicator


def inside(flag: Flag) -> str:
    """The same inside a sentence: "frånvaro 17 %, 20 skoldagar"."""
    return uncapped(short(flag))


def uncapped(words: str) -> str:
    return words if words[1:2] == " " else words[:1].lower() + words[1:]  # the grade F keeps its capital


def sentence(flag: Flag) -> Words:
    """The same with its period, as a sentence of its own."""
    match flag.indicator:
        case "A0":
            return Words(_("Frånvaron är okänd:"), _known_days(flag), _(" på 30 dagar"))
        case "A1":
            strong = _("%(percent)s de senaste %(days)s skoldagarna") % _absence(flag)
            return Words(_("Frånvaro"), kept(strong))
        case "A2":
            strong = _("%(time)s de senaste 30 dagarna") % {"time": minutes(flag.value)}
            return Words(_("Ogiltig frånvaro"), kept(strong))
        case "A3":
            return Words(_("Frånvarande"), kept(_in_a_row(flag)))
        case "B1":
            return Words(_courses(flag))
    return Words(flag.indicator)


def standing(flag: Flag) -> str:
    """What else is to be said of a flag: closed, no longer met, or unknown, since when and why."""
    if flag.closed_on:
        words = {"day": day(flag.closed_on), "why": flag.get_closed_why_display()}
        return _("Stängd %(day)s: %(why)s") % words
    if flag.no_longer_met_on:
        words = {"day": day(flag.no_longer_met_on), "why": flag.get_no_longer_met_why_display()}
        return _("Inte längre uppfylld sedan %(day)s: %(why)s") % words
    if flag.unknown_since and flag.level != Level.UNKNOWN:
        return _("Okänd sedan %(day)s") % {"day": day(flag.unknown_since)}
    return ""


def figure(indicator: str, value) -> str:
    """A value with its unit: 17 %, 5 h 20 min, 3 skoldagar, 2 kurser."""
    if value is None:
        return _("okänt")
    shown = {"n": decimal(value)}
    match declared()[indicator].unit:
        case Unit.PERCENT:
            return percent(value)
        case Unit.MINUTES:
            return minutes(value)
        case Unit.DAYS:
            return ngettext("%(n)s skoldag", "%(n)s skoldagar", int(value)) % shown
        case _:
            return ngettext("%(n)s kurs", "%(n)s kurser", int(value)) % shown


def limit(flag: Flag) -> str:
    """gräns 15 %: what the figure was compared with; the limit itself counts."""
    if flag.threshold is None or flag.indicator == "A0":
        return ""
    return _("gräns %s") % figure(flag.indicator, flag.threshold)


def period(flag: Flag) -> str:
    """mån 26 okt till tis 24 nov: the days that the figure looks at."""
    first, last = (flag.evidence.get(end) for end in ("from", "until"))
    if not first or not last:
        return ""
    return between(date.fromisoformat(first), date.fromisoformat(last))


def between(first: date, last: date) -> str:
    return _("%(first)s till %(last)s") % {"first": day(first), "last": day(last)}


def _absence(flag) -> dict:
    return {"percent": percent(flag.value), "days": flag.evidence.get("days", 20)}


def _in_a_row(flag) -> str:
    days = int(flag.value or 0)
    return ngettext("%(days)s skoldag", "%(days)s skoldagar i rad", days) % {"days": days}


def _known_days(flag) -> str:
    days = int(flag.evidence.get("known", 0))
    if not days:
        return _("ingen känd skoldag")
    return ngettext("%(days)s känd skoldag", "%(days)s kända skoldagar", days) % {"days": days}


def _courses(flag) -> str:
    """The courses, and whether it is a warning or an F."""
    courses = flag.evidence.get("courses", [])
    if not courses:
        return _("Ingen varning och inget F")
    if len(courses) > NAMED_COURSES:
        return _("Varning eller F i %(n)s kurser") % {"n": len(courses)}
    warned = [_course(course) for course in courses if course.get("kind") == "warning"]
    failed = [_course(course) for course in courses if course.get("kind") != "warning"]
    parts = []
    if warned:
        parts.append(_("Varning i %s") % _listed(warned))
    if failed:
        parts.append(_("F i %s") % _listed(failed))
    return ", ".join(parts)


def _course(course: dict) -> str:
    name = course["subject"][:1].lower() + course["subject"][1:]
    level = course.get("level")
    return f"{name} {level}" if level and not name.endswith(f" {level}") else name


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(first)s och %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
