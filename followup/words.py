"""How days, times and numbers are written in a sentence; as filters on every page too (templatetags/koll.py)."""

import re
from datetime import datetime
from functools import lru_cache

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

from followup import clock, figures

NBSP = "\N{NO-BREAK SPACE}"

# Days and times -------------------------------------------------------------------


DAYS = {
    "sv": ["mån", "tis", "ons", "tor", "fre", "lör", "sön"],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}
MONTHS = {
    "sv": ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}


def _local(value):
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def day(value) -> str:
    """tis 24 nov; with its year when that is not plain."""
    if not value:
        return ""
    value = _local(value)
    on = value.date() if isinstance(value, datetime) else value
    far = on.year != clock.today().year and abs((on - clock.today()).days) > 183
    language = "en" if get_language() == "en" else "sv"
    words = [DAYS[language][on.weekday()], str(on.day), MONTHS[language][on.month - 1]]
    return NBSP.join(words) + f" {on.year}" * far


def day_long(value) -> str:
    """tisdag 24 november; with its year when that is another."""
    if not value:
        return ""
    value = _local(value)
    on = value.date() if isinstance(value, datetime) else value
    return formats.date_format(on, "l j F" if on.year == clock.today().year else "l j F Y")


def clock_time(value) -> str:
    """10.31, in 24 hours."""
    if value in (None, ""):
        return ""
    return f"{_local(value):%H.%M}" if get_language() == "sv" else f"{_local(value):%H:%M}"


def moment(value) -> str:
    """tis 24 nov kl. 10.31"""
    if not value:
        return ""
    return _("%(day)s kl. %(time)s") % {"day": day(value), "time": clock_time(value)}


def this_moment() -> datetime:
    """Now, by our clock: {% this_moment as now %}."""
    return clock.now()


def week(value) -> str:
    """v. 46, by ISO 8601."""
    if not value:
        return ""
    value = _local(value)
    return _("v. %(number)s") % {"number": value.isocalendar().week}


def iso(value) -> str:
    """2026-11-24, for exports and for machines."""
    if not value:
        return ""
    value = _local(value)
    return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()


def dated(value) -> str:
    """A day as an element that machines read too."""
    if not value:
        return ""
    return format_html('<time datetime="{}">{}</time>', iso(value), day(value))


def minutes(value) -> str:
    """320 as 5 h 20 min."""
    if value is None:
        return ""
    hours, rest = divmod(int(value), 60)
    parts = [f"{hours}{NBSP}h"] * bool(hours) + [f"{rest}{NBSP}min"] * bool(rest or not hours)
    return " ".join(parts)


def of_today(value) -> bool:
    """Whether a moment or a day is today."""
    value = _local(value)
    return bool(value) and (value.date() if isinstance(value, datetime) else value) == clock.today()


def kept(sentence: str) -> str:
    """A number and its noun on one line, where the column is narrow: 20 skoldagar; and 5 h 20 min whole."""
    return re.sub(rf"(?<=\d) (?=[^\W\d])|(?<=\d{NBSP}h) (?=\d)", NBSP, sentence)


# Numbers, always with their noun ------------------------------------------------------

NOUNS = {
    "student": ngettext_lazy("%(shown)s elev", "%(shown)s elever", "n"),
    "flag": ngettext_lazy("%(shown)s flagga", "%(shown)s flaggor", "n"),
    "reason": ngettext_lazy("%(shown)s skäl", "%(shown)s skäl", "n"),
    "check_in": ngettext_lazy("%(shown)s avstämning", "%(shown)s avstämningar", "n"),
    "decision": ngettext_lazy("%(shown)s beslut", "%(shown)s beslut", "n"),
    "measure": ngettext_lazy("%(shown)s insats", "%(shown)s insatser", "n"),
    "day": ngettext_lazy("%(shown)s dag", "%(shown)s dagar", "n"),
    "school_day": ngettext_lazy("%(shown)s skoldag", "%(shown)s skoldagar", "n"),
    "week": ngettext_lazy("%(shown)s vecka", "%(shown)s veckor", "n"),
    "row": ngettext_lazy("%(shown)s rad", "%(shown)s rader", "n"),
    "file": ngettext_lazy("%(shown)s fil", "%(shown)s filer", "n"),
    "change": ngettext_lazy("%(shown)s ändring", "%(shown)s ändringar", "n"),
    "person": ngettext_lazy("%(shown)s person", "%(shown)s personer", "n"),
    "user": ngettext_lazy("%(shown)s användare", "%(shown)s användare", "n"),
    "school": ngettext_lazy("%(shown)s skola", "%(shown)s skolor", "n"),
    "lesson": ngettext_lazy("%(shown)s lektion", "%(shown)s lektioner", "n"),
    "reading": ngettext_lazy("%(shown)s läsning", "%(shown)s läsningar", "n"),
    "import": ngettext_lazy("%(shown)s inläsning", "%(shown)s inläsningar", "n"),
}


def thousands(value) -> str:
    """4 055, with a space that does not break."""
    return f"{int(value):,}".replace(",", NBSP)


def number(value, noun: str) -> str:
    """{{ 41|number:"student" }}: 41 elever."""
    return _number(int(value or 0), noun, get_language())


@lru_cache(maxsize=1000)
def _number(value: int, noun: str, _language: str) -> str:
    return NOUNS[noun] % {"n": value, "shown": thousands(value)}


# "ett" is left out: a sentence about one says it with its noun
SPELLED = [
    gettext_lazy("två"),
    gettext_lazy("tre"),
    gettext_lazy("fyra"),
    gettext_lazy("fem"),
    gettext_lazy("sex"),
    gettext_lazy("sju"),
    gettext_lazy("åtta"),
    gettext_lazy("nio"),
    gettext_lazy("tio"),
    gettext_lazy("elva"),
    gettext_lazy("tolv"),
]


def spelled(value) -> str:
    """två ... tolv as words, the way they are written in a sentence; else figures."""
    value = int(value or 0)
    return str(SPELLED[value - 2]) if 2 <= value <= 12 else thousands(value)


def listed(words) -> str:
    """mentor, kurator och rektor"""
    words = [str(word) for word in words]
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s och %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def decimal(value, decimals=1) -> str:
    """1,5; without decimals that are nought."""
    if value in (None, ""):
        return ""
    text = f"{figures.cut(value, int(decimals))}"
    text = re.sub(r"\.?0+$", "", text) if "." in text else text
    return text.replace(".", ",") if get_language() == "sv" else text


def percent(value, decimals=1) -> str:
    """17,2 %: cut, never rounded up (followup.figures). The value is per cent already."""
    if value in (None, ""):
        return ""
    return f"{decimal(value, decimals)}{NBSP}%"
