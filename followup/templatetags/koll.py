"""What every page is furnished with: words for days and numbers, icons, tags, cards, charts, controls."""

import re
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from django import template
from django.forms import CheckboxInput, Select
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from followup import charts, figures, words

register = template.Library()

for written in (
    words.day,
    words.day_long,
    words.moment,
    words.week,
    words.iso,
    words.dated,
    words.minutes,
    words.of_today,
    words.thousands,
    words.number,
    words.spelled,
    words.listed,
    words.decimal,
    words.percent,
):
    register.filter(written)
register.filter("clock", words.clock_time)
register.simple_tag(words.this_moment)

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
    return value.value if isinstance(value, figures.Hidden) else words.thousands(value)


@register.filter
def few(value) -> str:
    """Fewer than five is not told: it could be somebody."""
    return "<5" if 0 < int(value) < 5 else words.thousands(value)


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
