"""The words of a flag: what is known and since when, never what the pupil is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.risk.models import Flag
from followup.risk.models.flag import Level
from followup.templatetags.koll import day, decimal, minutes, percent


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
    if flag.level == Level.UNKNOWN:
        return _("Frånvaron är okänd")
    match flag.indicator:
        case "A1":
            return _("Frånvaro %(percent)s, %(days)s skoldagar") % {
                "percent": percent(flag.value),
                "days": flag.evidence.get("days", 20),
            }
        case "A2":
            return _("Ogiltig frånvaro %(time)s, 30 dagar") % {"time": minutes(flag.value)}
        case "A3":
            return _("Frånvarande %(days)s skoldagar i rad") % {"days": decimal(flag.value)}
        case "B1":
            return _warned(flag)
    return flag.indicator


def sentence(flag: Flag) -> Words:
    """The same with its period, as a sentence of its own."""
    if flag.level == Level.UNKNOWN:
        since = flag.unknown_since or flag.opened_on
        return Words(
            _("Frånvaron är okänd,"), _("för få skoldagar är rapporterade"), _(", sedan %s") % day(since)
        )
    match flag.indicator:
        case "A1":
            return Words(
                _("Frånvaro"),
                _("%(percent)s de senaste %(days)s skoldagarna")
                % {"percent": percent(flag.value), "days": flag.evidence.get("days", 20)},
            )
        case "A2":
            return Words(
                _("Ogiltig frånvaro"), _("%(time)s de senaste 30 dagarna") % {"time": minutes(flag.value)}
            )
        case "A3":
            return Words(
                _("Frånvarande"),
                ngettext("%(days)s skoldag i rad", "%(days)s skoldagar i rad", int(flag.value))
                % {"days": decimal(flag.value)},
            )
        case "B1":
            return Words(_warned(flag))
    return Words(flag.indicator)


def _warned(flag: Flag) -> str:
    """The courses, and whether it is a warning or an F."""
    courses = flag.evidence.get("courses", [])
    warned = [course["subject"] for course in courses if course.get("kind") == "warning"]
    failed = [course["subject"] for course in courses if course.get("kind") != "warning"]
    parts = []
    if warned:
        parts.append(_("Varning i %s") % _listed(warned))
    if failed:
        parts.append(_("F i %s") % _listed(failed))
    return ", ".join(parts) or _("Varning eller F")


def _listed(names: list[str]) -> str:
    names = [name[:1].lower() + name[1:] for name in names]
    return (
        names[0]
        if len(names) == 1
        else _("%(first)s och %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
    )
