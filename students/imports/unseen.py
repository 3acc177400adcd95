"""Which rows of a file are kept from the one who looks: those about protected pupils whom she does not see.

A file brings a pupil's name, number and address past every page that hides her, so its rows are asked about
before they are shown or handed out. A colleague of the sender is kept from other schools' rows as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission
from followup.scoping import Scope
from students.models.person import Person, Protection
from students.models.student import Student
from students.ordering import words

from .kinds import KINDS
from .models import Batch, Refusal
from .numbers import read_number
from .reasons import Refused

_LIKE_A_NUMBER = re.compile(r"\d{6}.*(\d{4}|TF\d{2})", re.IGNORECASE)


def unseen_refusals(refusals: list[Refusal], scope: Scope) -> set[int]:
    """The ids of those of some refused rows that the reader must not see."""
    found = {refusal.pk for refusal in refusals if _is_marked(refusal)}
    found |= _of_other_schools({refusal.pk: (refusal.row, refusal.batch) for refusal in refusals}, scope)
    found |= _about_unseen({refusal.pk: refusal.row for refusal in refusals}, scope)
    holders = {refusal.pk: refusal.params.get("student") for refusal in refusals}
    hidden = set(_unseen(scope).filter(pk__in=set(holders.values()) - {None}).values_list("pk", flat=True))
    return found | {pk for pk, student in holders.items() if student in hidden}


def unseen_rows(rows: list[list[str]], scope: Scope, batch: Batch) -> set[int]:
    """The places of those of some rows that the reader must not see."""
    at = batch.columns.get("positions", {}).get("protection")
    marked = {n for n, row in enumerate(rows) if _says_protected(row, at)}
    others = _of_other_schools({n: (row, batch) for n, row in enumerate(rows)}, scope)
    return marked | others | _about_unseen(dict(enumerate(rows)), scope)


def reason_without_row(refusal: Refusal) -> str:
    """What is wrong with a row that is not shown, without what stands in it."""
    said = _("Raden visas inte för dig. Rätta den i skolans system.")
    return said if refusal.params else f"{refusal.reason} {said}"


def _of_other_schools(rows: dict[int, tuple[list, Batch]], scope: Scope) -> set[int]:
    """Shown to the sender, who has them in her file; a colleague sees only what is about her own schools.

    Of a row that names no school, only those about a pupil whom she sees.
    """
    sent = {key: row for key, (row, batch) in rows.items() if batch.by_id != scope.user.pk}
    if not sent:
        return set()
    units = scope.units_where(Permission.IMPORT_FILES)
    own = {unit.code for unit in scope.units if unit.pk in units}
    codes = {key: _unit_code(row, rows[key][1]) for key, row in sent.items()}
    numbers = {key: _numbers(row) for key, row in sent.items() if not codes[key]}
    seen = _seen_numbers(set().union(*numbers.values()), scope)
    of_seen = {key for key, of_row in numbers.items() if of_row & seen}
    return {key for key, code in codes.items() if code not in own and key not in of_seen}


def _unit_code(row: list, batch: Batch) -> str:
    at = batch.columns.get("positions", {}).get("school_unit_code")
    text = str(row[at]).strip() if at is not None and at < len(row) else ""
    return text if re.fullmatch(r"\d{8}", text) else ""


def _seen_numbers(numbers: set[str], scope: Scope) -> set[str]:
    if not numbers:
        return set()
    seen = Student.objects.visible_to(scope).filter(person__national_number__in=numbers)
    return set(seen.values_list("person__national_number", flat=True))


def _is_marked(refusal: Refusal) -> bool:
    """A row that says protected about somebody whose number cannot be read, so that nobody is known by it."""
    at = refusal.batch.columns.get("positions", {}).get("protection")
    return _says_protected(refusal.row, at) and not _numbers(refusal.row)


def _says_protected(row: list, at: int | None) -> bool:
    text = str(row[at]).strip() if at is not None and at < len(row) else ""
    return bool(text) and KINDS["elever"].column("protection").read(text) != Protection.NONE


def _about_unseen(rows: dict[int, list], scope: Scope) -> set[int]:
    """By number; where none can be read, by both names."""
    numbers = {key: _numbers(row) for key, row in rows.items()}
    wanted = set().union(*numbers.values())
    hidden = _hidden_numbers(wanted, scope)
    found = {key for key, of_row in numbers.items() if of_row & hidden}
    nameless = {key for key, of_row in numbers.items() if not of_row}
    if nameless:
        by_word = _unseen_names(scope)
        found |= {key for key in nameless if _names_one(rows[key], by_word)}
    return found


def _numbers(row: Iterable) -> set[str]:
    found = set()
    for cell in map(str, row):
        if _LIKE_A_NUMBER.search(cell):
            try:
                found.add(read_number(cell, clock.today()).number)
            except Refused:
                continue
    return found


def _hidden_numbers(numbers: set[str], scope: Scope) -> set[str]:
    """Those of protected people, also of those who are no pupils yet, except the pupils whom she sees."""
    if not numbers:
        return set()
    protected = Person.objects.filter(national_number__in=numbers).exclude(protection=Protection.NONE)
    seen = Student.objects.visible_to(scope).filter(person__in=protected)
    return set(protected.exclude(pk__in=seen.values("person")).values_list("national_number", flat=True))


def _unseen(scope: Scope):
    return Student.objects.exclude(person__protection=Protection.NONE).exclude(
        pk__in=Student.objects.visible_to(scope).values("pk")
    )


def _unseen_names(scope: Scope) -> dict[str, list[set[str]]]:
    """A word of each name -> all its words."""
    found = defaultdict(list)
    for given_name, family_name in _unseen(scope).values_list("given_name", "family_name"):
        name = words(f"{given_name} {family_name}")
        if name:
            found[name[-1]].append(set(name))
    return found


def _names_one(row: Iterable, by_word: dict[str, list[set[str]]]) -> bool:
    said = {word for cell in row for word in words(str(cell))}
    return any(name <= said for word in said & by_word.keys() for name in by_word[word])
