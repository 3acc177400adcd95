"""Personal numbers: read exactly, or refused; never repaired.

A number that is nearly right belongs to another child.
"""

import re
from dataclasses import dataclass
from datetime import date

from .reasons import Refused

PERSONAL, COORDINATION, TEMPORARY = "personnummer", "samordning", "temporary"

_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_E_NOTATION = re.compile(r"\d(?:[.,]\d*)?E\+?\d+", re.IGNORECASE)
_TEMPORARY = re.compile(r"(\d{8})-?(TF\d{2})", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{2})?(\d{6})([-+]?)(\d{4})", re.ASCII)


@dataclass(frozen=True)
class NationalNumber:
    """Twelve characters that name a person; a temporary one names her only together with a school unit."""

    number: str
    kind: str
    born: date
    century_assumed: bool = False

    def __str__(self) -> str:
        return self.number


def read_number(text: str, today: date) -> NationalNumber:
    """Read a personal, coordination or temporary number as of a day; ten digits get their century by age."""
    compact = re.sub(r"\s", "", text).translate(_HYPHENS)
    if not compact.strip("0-+"):
        raise Refused("number_missing")
    if match := _TEMPORARY.fullmatch(compact):
        born = _birth_date(match[1])
        if born > today:
            raise Refused("number_future")
        return NationalNumber(match[1] + match[2].upper(), TEMPORARY, born)
    if _E_NOTATION.fullmatch(compact):
        raise Refused("number_e_notation")
    match = _NUMBER.fullmatch(compact)
    if match is None or not compact.isascii():
        raise Refused(_why_not(compact, today))
    century, six, sign, last = match.groups()
    if century and sign == "+":
        raise Refused("number_shape")
    if last[:3] == "000":
        raise Refused("number_e_notation" if last == "0000" else "number_check_digit")
    if century:
        born = _birth_date(century + six)
    else:
        born = _youngest(six, today, over_100=sign == "+")
    if born > today:
        raise Refused("number_future")
    if _check_digit(six + last[:3]) != int(last[3]):
        raise Refused("number_check_digit")
    kind = COORDINATION if int(six[4:6]) > 60 else PERSONAL
    return NationalNumber(f"{born.year:04}"[:2] + six + last, kind, born, century_assumed=not century)


def _birth_date(eight: str) -> date:
    day = int(eight[6:8])
    try:
        return date(int(eight[:4]), int(eight[4:6]), day - 60 if day > 60 else day)
    except ValueError:
        raise Refused("number_date") from None


def _youngest(six: str, today: date, over_100: bool) -> date:
    """The century by age: the youngest she can be, or with + the youngest above a hundred."""
    for century in range(today.year // 100, 17, -1):
        try:
            born = _birth_date(f"{century}{six}")
        except Refused:
            continue  # 29 February falls in some centuries only
        if born <= today and (not over_100 or today.year - born.year >= 100):
            return born
    raise Refused("number_date")


def _check_digit(nine: str) -> int:
    total = sum(sum(divmod(int(digit) * (2 - index % 2), 10)) for index, digit in enumerate(nine))
    return -total % 10


def _why_not(compact: str, today: date) -> str:
    digits = compact.replace("-", "")
    if digits.isdecimal() and len(digits) == 8:
        try:
            if _birth_date(digits) <= today:
                return "number_is_birth_date"
        except Refused:
            pass
    if compact.isdecimal() and len(compact) in (9, 11):
        return "number_lost_zero"
    return "number_shape"
