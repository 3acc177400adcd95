"""Form fields that read what people in Sweden type, and ask when it can mean two things."""

import re
from datetime import date, time
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MONTHS = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
ENGLISH_MONTHS = {"may": 5, "oct": 10}
WEEKDAY = r"(?:(?:mån|tis|ons|tor|fre|lör|sön)[a-zåäö]*|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)"
SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"


ENDS = (gettext_lazy("inte alls bra"), gettext_lazy("mycket bra"))


# Reading ---------------------------------------------------------------------------


def read_date(text: str) -> date:
    """2026-04-03, 20260403, 3 april 2026 or 24/11/2026; never a guess between day and month."""
    text = _plain(text)
    if found := re.fullmatch(r"(\d{4})([-/. ]?)(\d{1,2})\2(\d{1,2})", text):
        year, separator, month, day = found.groups()
        if separator or len(text) == 8:
            return _day(year, month, day)
    if found := re.fullmatch(
        rf"(?:{WEEKDAY}\s+)?(?:den\s+)?(\d{{1,2}}):?[ae]?\s+([a-zåäö]{{3,}})\.?\s+(\d{{4}})", text
    ):
        day, month, year = found.groups()
        return _day(year, _month(month), day)
    if re.fullmatch(rf"(?:{WEEKDAY}\s+)?(?:den\s+)?\d{{1,2}}:?[ae]?\s+[a-zåäö]{{3,}}\.?", text):
        raise ValidationError(_("Skriv året också, till exempel 2026-04-03."), code="no_year")
    if found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text):
        return _day_and_month(*(int(part) for part in found.groups()))
    if re.fullmatch(r"(1[3-9]|2\d|3[01])[-/. ]\d{1,2}", text):
        raise ValidationError(_("Skriv året också, till exempel 2026-04-03."), code="no_year")
    if re.fullmatch(r"\d{1,2}[-/. ]\d{1,2}([-/. ]\d{2})?|\d{6}", text):
        raise ValidationError(
            _("Det kan läsas på flera sätt. Skriv år, månad och dag, till exempel 2026-04-03."),
            code="ambiguous",
        )
    raise ValidationError(_("Skriv datumet som 2026-04-03 eller 3 april 2026."), code="invalid")


def _day_and_month(first: int, second: int, year: int) -> date:
    """Day first is Swedish, month first American: read only when one of them is impossible, or both agree."""
    if first <= 12 and second <= 12 and first != second:
        swedish, american = _day(year, second, first), _day(year, first, second)
        raise ValidationError(
            _("Kan vara %(one)s eller %(other)s. Skriv %(iso)s."),
            params={"one": _in_words(swedish), "other": _in_words(american), "iso": swedish.isoformat()},
            code="ambiguous",
        )
    return _day(year, first, second) if second > 12 else _day(year, second, first)


def _day(year, month, day) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise ValidationError(_("Den dagen finns inte i kalendern."), code="no_such_day") from None
    if not 1900 <= found.year <= 2199:
        raise ValidationError(_("Kontrollera året."), code="no_such_day")
    return found


def _month(word: str) -> int:
    if word[:3] in MONTHS:
        return MONTHS.index(word[:3]) + 1
    if word[:3] in ENGLISH_MONTHS:
        return ENGLISH_MONTHS[word[:3]]
    raise ValidationError(_("Skriv datumet som 2026-04-03 eller 3 april 2026."), code="invalid")


def _in_words(day: date) -> str:
    months = _("januari februari mars april maj juni juli augusti september oktober november december")
    return f"{day.day} {months.split()[day.month - 1]}"


def read_time(text: str) -> time:
    """10.20, 10:20, 1020, kl 9, 9.30"""
    found = re.fullmatch(r"(?:kl\.?\s*)?(\d{1,2})(?:[.:]?(\d{2}))?", _plain(text))
    if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
        return time(int(found[1]), int(found[2] or 0))
    raise ValidationError(_("Skriv tiden som 10.20."), code="invalid")


def read_number(text: str) -> Decimal:
    """1,5 and 1.5 and 1 500; but 1.500 may be one and a half, or one and a half thousand."""
    text = _plain(text).replace("\N{MINUS SIGN}", "-").removesuffix("%").strip()
    if re.fullmatch(r"-?\d{1,3}( \d{3})+(,\d+)?", text):
        text = text.replace(" ", "")
    if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", text):
        either = text.replace(".", ""), text.replace(".", ",").rstrip("0")
        raise ValidationError(
            _("Kan vara %(thousands)s eller %(decimals)s. Skriv ett av dem."),
            params={"thousands": either[0], "decimals": either[1].rstrip(",")},
            code="ambiguous",
        )
    if not re.fullmatch(r"-?\d+([,.]\d+)?", text):
        raise ValidationError(_("Skriv ett tal, till exempel 1,5."), code="invalid")
    return Decimal(text.replace(",", "."))


def _plain(text: str) -> str:
    text = str(text).strip().lower()
    for space in SPACES:
        text = text.replace(space, " ")
    for dash in "\N{NON-BREAKING HYPHEN}\N{HYPHEN}\N{EN DASH}":
        text = text.replace(dash, "-")
    return re.sub(r"\s+", " ", text)


# Fields ----------------------------------------------------------------------------------


class DateField(forms.DateField):
    """A day. Text rather than the browser's calendar, which shows mm/dd/yyyy to many Swedes."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", DateInput())
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, date):
            return super().to_python(value)
        return read_date(value)


class TimeField(forms.TimeField):
    """A time of day, in 24 hours."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", TimeInput())
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, time):
            return super().to_python(value)
        return read_time(value)


class NumberField(forms.DecimalField):
    """A number with a decimal comma."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", NumberInput())
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, Decimal | int | float):
            return super().to_python(value)
        return read_number(value)


class WholeNumberField(forms.IntegerField):
    """A number without decimals."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", NumberInput())
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, int):
            return super().to_python(value)
        number = read_number(value)
        if number != number.to_integral_value():
            raise ValidationError(_("Skriv ett heltal."), code="invalid")
        return int(number)


# Widgets -----------------------------------------------------------------------------------


class DateInput(forms.DateInput):
    def __init__(self, attrs=None):
        usual = {
            "inputmode": "numeric",
            "autocomplete": "off",
            "placeholder": gettext_lazy("ÅÅÅÅ-MM-DD"),
            "size": 12,
        }
        super().__init__({**usual, **(attrs or {})}, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    def __init__(self, attrs=None):
        usual = {
            "inputmode": "decimal",
            "autocomplete": "off",
            "placeholder": gettext_lazy("TT.MM"),
            "size": 6,
        }
        super().__init__({**usual, **(attrs or {})}, format="%H.%M")


class NumberInput(forms.TextInput):
    """Text with a keyboard of figures: the browser's own number field refuses a comma in some languages."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "size": 8, **(attrs or {})})

    def format_value(self, value):
        if isinstance(value, Decimal | float | int):
            return f"{value}".replace(".", ",")
        return super().format_value(value)


class Segments(forms.RadioSelect):
    """One choice of few, side by side as buttons; nothing chosen beforehand."""

    template_name = "components/widgets/segments.html"


class Scale(forms.RadioSelect):
    """0 to 10 and "vill inte svara": two rows under the thumb. `ends` are the words for 0 and 10."""

    template_name = "components/widgets/scale.html"
    DECLINED = "declined"

    def __init__(self, attrs=None, ends=ENDS):
        self.ends = ends
        super().__init__(attrs)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["ends"] = self.ends
        return context


class ScaleField(forms.ChoiceField):
    """The pupil's own rating. Cleans to 0-10, to "declined", or to None when nothing was said."""

    def __init__(self, *, ends=ENDS, **kwargs):
        numbers = [(str(number), str(number)) for number in range(11)]
        kwargs.setdefault("widget", Scale(ends=ends))
        super().__init__(choices=[*numbers, (Scale.DECLINED, gettext_lazy("vill inte svara"))], **kwargs)

    def clean(self, value):
        value = super().clean(value)
        return int(value) if value.isdecimal() else value or None
