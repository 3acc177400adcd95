"""Which kind of file this is, told by its headings; and what is missing when it cannot be told."""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches

from .kinds import KINDS, Kind
from .reasons import Refused
from .values import clean


def fold(heading: str) -> str:
    """A heading as it is matched: `Förnamn`, `FORNAMN` and `sprÃ¥k` as people meant them."""
    text = clean(heading)
    if "Ã" in text:
        with suppress(UnicodeDecodeError, UnicodeEncodeError):
            text = text.encode("cp1252").decode("utf-8")
    text = text.casefold().replace("%", "pct").translate(str.maketrans("åäöéèü", "aaoeeu"))
    return re.sub(r"[^a-z0-9]", "", text)


def _names(kind: Kind) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in kind.columns:
        for heading in (column.heading, column.name, *column.also):
            names.setdefault(fold(heading), column.name)
    return names


_NAMES = {code: _names(kind) for code, kind in KINDS.items()}


@dataclass(frozen=True)
class Recognised:
    """How a file's headings were read: kind, where each column stands, and what is not read."""

    kind: Kind
    positions: dict[str, int]  # column name -> position in the file
    headings: tuple[str, ...]
    ignored: tuple[str, ...] = field(default=())

    @property
    def missing_optional(self) -> list[str]:
        return [column.heading for column in self.kind.columns if column.name not in self.positions]


def fingerprint(headings: list[str]) -> str:
    """What a remembered mapping is kept under: asked again when the headings change."""
    return hashlib.sha256("\x1f".join(fold(heading) for heading in headings).encode()).hexdigest()


def positions(kind: Kind, headings: list[str]) -> dict[str, int]:
    """Where the columns of a kind stand; raises when one stands in two places."""
    found: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        if name := _NAMES[kind.code].get(fold(heading)):
            found.setdefault(name, []).append(position)
    for name, places in found.items():
        if len(places) > 1:
            # The format's own name goes before a synonym ("mobil" beside "telefon").
            own = [place for place in places if fold(headings[place]) == fold(kind.column(name).heading)]
            if len(own) != 1:
                raise Refused(
                    "file_column_twice",
                    heading=kind.column(name).heading,
                    headings=", ".join(headings[place] for place in places),
                )
            found[name] = own
    return {name: places[0] for name, places in found.items()}


def with_kind(kind: Kind, headings: list[str], chosen: dict[str, int] | None = None) -> Recognised:
    """The headings as columns of a given kind, by name or by a person's own mapping."""
    places = positions(kind, headings) if chosen is None else chosen
    for column in kind.required:
        if column.name not in places:
            raise _missing(kind, column.heading, headings, places)
    used = set(places.values())
    ignored = [
        heading for position, heading in enumerate(headings) if position not in used and heading.strip()
    ]
    return Recognised(kind, places, tuple(headings), tuple(ignored))


def candidates(headings: list[str]) -> list[Kind]:
    """The kinds whose required columns are all there, less those that explain only part of another's columns."""
    found: dict[str, set[int]] = {}
    for kind in KINDS.values():
        try:
            places = positions(kind, headings)
        except Refused:
            continue
        if all(column.name in places for column in kind.required):
            found[kind.code] = set(places.values())
    return [
        KINDS[code] for code, places in found.items() if not any(places < other for other in found.values())
    ]


def recognise(headings: list[str]) -> Recognised:
    """The one kind that the headings can be; raises with what is missing, or between which a person must choose."""
    fitting = candidates(headings)
    if len(fitting) == 1:
        return with_kind(fitting[0], headings)
    if fitting:
        raise Refused("file_several_kinds", kinds=_either([str(kind.label) for kind in fitting]))
    meant = nearest(headings)
    if meant is None:
        raise Refused("file_headings_unknown")
    return with_kind(meant, headings)  # raises, and says which column is missing


def nearest(headings: list[str]) -> Kind | None:
    """The kind that most of the required columns point at, if more than half of them do."""
    folded = {fold(heading) for heading in headings}
    best, best_share = None, 0.5
    for kind in KINDS.values():
        known = {_NAMES[kind.code][name] for name in folded if name in _NAMES[kind.code]}
        share = sum(column.name in known for column in kind.required) / len(kind.required)
        if share > best_share:
            best, best_share = kind, share
    return best


def _missing(kind: Kind, heading: str, headings: list[str], places: dict[str, int]) -> Refused:
    free = {
        fold(name): name for position, name in enumerate(headings) if position not in set(places.values())
    }
    guess = get_close_matches(fold(heading), [name for name in free if name], n=1, cutoff=0.6)
    if guess:
        return Refused("file_column_missing_guess", heading=heading, guess=free[guess[0]])
    return Refused("file_column_missing", heading=heading)


def _either(words: list[str]) -> str:
    from django.utils.translation import gettext as _

    return _("%(first)s eller %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
