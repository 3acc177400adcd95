"""The values of single cells: one reader for each sort of value. What is ambiguous is refused, never guessed."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, time

from followup.accounts.permissions import ROLES

from .reasons import Refused

# Zero-width signs, byte order marks, soft hyphens and direction marks that come along from Excel and the web.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_MOJIBAKE = re.compile("Ã[\x80-\xbf¥¤¶…„–©¨¼‰€]|Â[\xa0-\xbf]")
_EXCEL_DATE = re.compile(
    r"\d{1,2}-(jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec)\w{0,2}\.?"
    r"|(jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec)\w{0,2}\.?-\d{2}",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[0-9]{1,9}")
_EMAIL = re.compile(r"[^\s@,;:<>\"()]+@[^\s@,;:<>\"().]+(\.[^\s@,;:<>\"().]+)+")

Reader = Callable[[str], object]


class ExcelDate(str):
    """A spreadsheet cell that holds a date, written as ISO: right in a date column, ruined in any other."""


def clean(text: str) -> str:
    """The text as a person sees it: no invisible signs, single spaces, composed letters."""
    if isinstance(text, ExcelDate):
        return text
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = " ".join(text.split())
    if text.startswith("'") and text[1:2] in {*"0123456789+=-"}:
        text = text[1:]  # Excel's sign for "this is text"
    return text


def text_of(limit: int) -> Reader:
    def read_text(text: str) -> str:
        if isinstance(text, ExcelDate):
            raise Refused("excel_date")
        if "\ufffd" in text:
            raise Refused("unreadable")
        if _MOJIBAKE.search(text):
            raise Refused("mojibake")
        if len(text) > limit:
            raise Refused("too_long", limit=limit)
        return text

    return read_text


def read_class(text: str) -> str:
    """Classes such as 1-2 and 6-7 are real, and Excel makes dates of them."""
    if _EXCEL_DATE.fullmatch(text):
        raise Refused("excel_date")
    return text_of(40)(text)


def read_date(text: str) -> date:
    """2026-11-24 or 20261124, nothing else."""
    match = re.fullmatch(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})", text)
    if match:
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            raise Refused("date_unreal") from None
    raise _why_not_a_date(text)


def _why_not_a_date(text: str) -> Refused:
    match = re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})", text)
    if match:
        a, b, year = (int(part) for part in match.groups())
        try:
            first, second = date(year, b, a), date(year, a, b)
        except ValueError:
            return Refused("date_shape")
        if first != second:
            return Refused(
                "date_ambiguous",
                first=_in_words(first),
                second=_in_words(second),
                first_iso=first.isoformat(),
                second_iso=second.isoformat(),
            )
    return Refused("date_shape")


def _in_words(day: date) -> str:
    months = "januari februari mars april maj juni juli augusti september oktober november december"
    return f"{day.day} {months.split()[day.month - 1]}"


def read_whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Refused("whole_number")
    return int(text)


def read_minutes(text: str) -> int:
    minutes = read_whole(text)
    if minutes > 1440:
        raise Refused("too_many_minutes")
    return minutes


def read_small(text: str) -> int:
    """Points, years: a whole number that fits its column."""
    number = read_whole(text)
    if number > 32_000:
        raise Refused("whole_number")
    return number


def read_year(text: str) -> int:
    """Årskurs: a number, also as "åk 2"."""
    return read_small(re.sub(r"^(åk|årskurs)\.?\s*", "", text, flags=re.IGNORECASE))


def read_time(text: str) -> time:
    match = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]00)?", text)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise Refused("time_shape")
    return time(int(match[1]), int(match[2]))


def read_unit_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{8}", text):
        raise Refused("unit_code_shape")
    return text


def read_organisation_number(text: str) -> str:
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"16[0-9]{10}", digits):
        digits = digits[2:]  # the register writes a century before organisations too
    if not re.fullmatch(r"[0-9]{10}", digits) or not digits.strip("0"):
        raise Refused("organisation_number_shape")
    return digits


def read_municipality_code(text: str) -> str:
    """Four digits; three where Excel has dropped the nought that 11 counties' codes begin with."""
    if not re.fullmatch(r"[0-9]{3,4}", text):
        raise Refused("municipality_code_shape")
    return text.zfill(4)


def read_email(text: str) -> str:
    address = text.removeprefix("mailto:").lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise Refused("email_shape")
    return address


def read_protection(text: str) -> str:
    """The mark of protected identity. A text that is not understood counts as marked."""
    word = text.casefold()
    if word in {"0", "nej", "n", "no", "false", "falskt", "ingen", "inga", "none", "-"}:
        return "none"
    if word in {
        "skyddad folkbokföring",
        "skyddad folkbokforing",
        "kvarskrivning",
        "protected_registration",
        "protected registration",
    }:
        return "protected_registration"
    return "marked"


def one_of(**choices: tuple[str, ...]) -> Reader:
    """A closed list: stored value = the words that mean it, the first one shown to people."""
    meaning = {word: value for value, words in choices.items() for word in words}
    shown = ", ".join(words[0] for words in choices.values())

    def read_choice(text: str) -> str:
        try:
            return meaning[text.casefold()]
        except KeyError:
            raise Refused("choice", choices=shown) from None

    read_choice.words = {value: words[0] for value, words in choices.items()}
    return read_choice


def read_role(text: str) -> str:
    """The Swedish name of a role. The right to run the installation is never given by a file."""
    word = text.casefold()
    for role in ROLES.values():
        if word in {role.code, str(role.name).casefold(), *(synonym.casefold() for synonym in role.synonyms)}:
            if role.code == "system_admin":
                raise Refused("role_not_by_file")
            return role.code
    names = [str(role.name) for role in ROLES.values() if role.code != "system_admin"]
    raise Refused("choice", choices=", ".join(names))


def read_grade(text: str) -> str:
    grade = text.upper().translate(str.maketrans("–—−", "---"))
    if grade not in {"A", "B", "C", "D", "E", "F", "-"}:
        raise Refused("choice", choices="A, B, C, D, E, F, -")
    return grade


read_school_form = one_of(
    FSK=("FSK", "fsk", "förskoleklass", "f-klass"),
    GR=("GR", "gr", "grundskola", "gr11", "se.grundskoleutbildning.grundskola"),
    GRAN=("GRAN", "gran", "grs", "grs11", "anpassad grundskola", "grundsärskola"),
    SP=("SP", "sp", "specialskola"),
    SAM=("SAM", "sam", "sameskola"),
    GY=("GY", "gy", "gymnasieskola", "gymnasium"),
    GYAN=("GYAN", "gyan", "gys", "gys13", "anpassad gymnasieskola", "gymnasiesärskola"),
    VUX=("VUX", "vux", "vux12", "komvux"),
)
read_absence_kind = one_of(
    excused=("giltig", "giltig frånvaro", "anmäld frånvaro", "förälderanmäld frånvaro", "excused"),
    unexcused=("ogiltig", "ogiltig frånvaro", "oanmäld frånvaro", "oanmäld", "unexcused"),
    late=("sen", "sen ankomst", "late"),
)
read_entry_kind = one_of(
    final=("betyg", "slutbetyg", "grade"),
    term=("terminsbetyg",),
    warning=("varning", "betygsvarning", "warning"),
)
read_scheme = one_of(GR=("GR", "gr", "gr11", "lgr22"), GY11=("GY11", "gy11"), GY25=("GY25", "gy25"))
