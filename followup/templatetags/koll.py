"""How things are written on a page: days, times, numbers with their noun, icons, cards."""

import re
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from django import template
from django.forms import CheckboxInput, Select
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

from followup import charts, clock, figures

register = template.Library()
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


@register.filter
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


@register.filter
def day_long(value) -> str:
    """tisdag 24 november; with its year when that is another."""
    if not value:
        return ""
    value = _local(value)
    on = value.date() if isinstance(value, datetime) else value
    return formats.date_format(on, "l j F" if on.year == clock.today().year else "l j F Y")


@register.filter(name="clock")
def clock_time(value) -> str:
    """10.31, in 24 hours."""
    if value in (None, ""):
        return ""
    return f"{_local(value):%H.%M}" if get_language() == "sv" else f"{_local(value):%H:%M}"


@register.filter
def moment(value) -> str:
    """tis 24 nov kl. 10.31"""
    if not value:
        return ""
    return _("%(day)s kl. %(time)s") % {"day": day(value), "time": clock_time(value)}


@register.simple_tag
def this_moment() -> datetime:
    """Now, by our clock: {% this_moment as now %}."""
    return clock.now()


@register.filter
def week(value) -> str:
    """v. 46, by ISO 8601."""
    if not value:
        return ""
    value = _local(value)
    return _("v. %(number)s") % {"number": value.isocalendar().week}


@register.filter
def iso(value) -> str:
    """2026-11-24, for exports and for machines."""
    if not value:
        return ""
    value = _local(value)
    return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()


@register.filter
def dated(value) -> str:
    """A day as an element that machines read too."""
    if not value:
        return ""
    return format_html('<time datetime="{}">{}</time>', iso(value), day(value))


@register.filter
def minutes(value) -> str:
    """320 as 5 h 20 min."""
    if value is None:
        return ""
    hours, rest = divmod(int(value), 60)
    parts = [f"{hours}{NBSP}h"] * bool(hours) + [f"{rest}{NBSP}min"] * bool(rest or not hours)
    return " ".join(parts)


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


@register.filter
def thousands(value) -> str:
    """4 055, with a space that does not break."""
    return f"{int(value):,}".replace(",", NBSP)


@register.filter
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


@register.filter
def spelled(value) -> str:
    """två ... tolv as words, the way they are written in a sentence; else figures."""
    value = int(value or 0)
    return str(SPELLED[value - 2]) if 2 <= value <= 12 else thousands(value)


@register.filter
def listed(words) -> str:
    """mentor, kurator och rektor"""
    words = [str(word) for word in words]
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s och %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


@register.filter
def decimal(value, decimals=1) -> str:
    """1,5; without decimals that are nought."""
    if value in (None, ""):
        return ""
    text = f"{figures.cut(value, int(decimals))}"
    text = re.sub(r"\.?0+$", "", text) if "." in text else text
    return text.replace(".", ",") if get_language() == "sv" else text


@register.filter
def percent(value, decimals=1) -> str:
    """17,2 %: cut, never rounded up (followup.figures). The value is per cent already."""
    if value in (None, ""):
        return ""
    return f"{decimal(value, decimals)}{NBSP}%"


# Icons, tags, cards --------------------------------------------------------------------


@lru_cache
def _drawing(name: str) -> str:
    source = files("bs_icon_templates").joinpath("templates", "bs_icon", f"{name}.svg").read_text("utf-8")
    inside = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", source, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', source)[1]
    return " ".join(
        f'<svg class="icon" viewBox="{box}" aria-hidden="true" focusable="false">{inside}</svg>'.split()
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Bootstrap icon, inline; always beside a word, so hidden for screen readers."""
    return mark_safe(_drawing(name))


LEVELS = {
    "red": ("exclamation-circle", gettext_lazy("Över röd gräns")),
    "yellow": ("exclamation-triangle", gettext_lazy("Över gul gräns")),
    "unknown": ("question-circle", gettext_lazy("Okänt")),
    "none": ("check-circle", gettext_lazy("Under gränsen")),
}


@register.simple_tag
def level(code: str) -> SafeString:
    """A level of an indicator as shape and word. Only inside the review, never on a person."""
    return _level(str(code) or "none", get_language())


@lru_cache
def _level(code: str, language: str) -> SafeString:
    shape, words = LEVELS[code]
    return format_html('<span class="tag tag-{}">{} {}</span>', code, icon(shape), words)


@register.simple_tag
def tag(words: str, icon_name: str = "", kind: str = "") -> SafeString:
    """A word in a box: {% tag "Skyddade uppgifter" "shield-lock" "ochre" %}."""
    shape = icon(icon_name) if icon_name else ""
    return format_html('<span class="tag{}">{} {}</span>', f" tag-{kind}" if kind else "", shape, words)


@register.simple_block_tag(takes_context=True)
def card(context, content, title="", note="", icon_name="", id="", classes="", plain=False, level=2):
    """{% card title="Behöver dig" note="frånvaro till och med mån 23 nov" %}...{% endcard %}"""
    return render_to_string(
        "components/card.html",
        {
            "content": content,
            "title": title,
            "note": note,
            "icon_name": icon_name,
            "id": id,
            "classes": classes,
            "plain": plain,
            "level": level,
        },
    )


# Charts -----------------------------------------------------------------------------------


@register.filter
def coordinate(value, plus=0) -> str:
    """A number as SVG writes it, whatever the language."""
    return f"{value + float(plus):g}"


@register.simple_tag
def chart(drawn, with_table=True) -> SafeString:
    """A chart of followup.charts, with its figures as a table."""
    name = sha256(f"{drawn.title}{drawn.table}".encode()).hexdigest()[:8]
    return render_to_string(
        "components/chart.html", {"chart": drawn, "id": f"c{name}", "with_table": with_table}
    )


@register.simple_tag
def bar(numbers, most) -> SafeString:
    """A stacked bar for a row of a table: {% bar row.parts page.most %}.

    Its figures stand in the same row, so it is hidden for screen readers; nothing in it but numbers.
    """
    parts = (
        f'<rect class="bar-{part.shade}" x="{part.x:g}" y="0" width="{part.width:g}" height="8"/>'
        for part in charts.bar(numbers, most)
    )
    return mark_safe(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


@register.simple_tag
def longest_of(rows) -> int:
    """The number that the longest bar of a table stands for: {% longest_of rows as most %}."""
    return max((sum(row.parts) for row in rows), default=0)


@register.filter
def told(value) -> str:
    """A number of people, or what is said where it is not told (followup.figures.hide_small)."""
    return value.value if isinstance(value, figures.Hidden) else thousands(value)


@register.filter
def few(value) -> str:
    """Fewer than five is not told: it could be somebody."""
    return "<5" if 0 < int(value) < 5 else thousands(value)


# Small words --------------------------------------------------------------------------------

BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
]
DEVICES = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
]


@register.simple_tag
def control(field) -> SafeString:
    """The input of a field as Bootstrap draws it: {% control field %}."""
    widget = field.field.widget
    kind = "form-control"
    if isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = "form-select"
    classes = [*widget.attrs.get("class", "").split(), kind, *(["is-invalid"] if field.errors else [])]
    return field.as_widget(attrs={"class": " ".join(dict.fromkeys(classes))})


@register.filter
def attributes(values: dict) -> SafeString:
    """Those of an element as HTML writes them."""
    written = (
        f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'
        for name, value in values.items()
        if value not in (None, False)
    )
    return mark_safe("".join(written))


@register.filter
def options(groups) -> SafeString:
    """What a select offers, as HTML writes it; ours are plain words, and in no groups."""
    written = (
        f'<option value="{escape(str(each["value"]))}"{" selected" if each["selected"] else ""}>'
        f"{escape(str(each['label']))}</option>"
        for _name, offered, _index in groups
        for each in offered
    )
    return mark_safe("".join(written))


@register.filter
def bare(field):
    """A field of allauth's without its placeholder and its link; the page says it better."""
    field.field.widget.attrs.pop("placeholder", None)
    field.help_text = ""
    return field


@register.filter
def device(user_agent: str) -> str:
    """Firefox, Windows: what one recognises of a browser's long name."""
    found = [next((word for mark, word in kind if mark in user_agent), "") for kind in (BROWSERS, DEVICES)]
    return ", ".join(filter(None, found)) or _("okänd webbläsare")


@register.filter
def of_today(value) -> bool:
    """Whether a moment or a day is today."""
    value = _local(value)
    return bool(value) and (value.date() if isinstance(value, datetime) else value) == clock.today()
