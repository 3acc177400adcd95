"""Protection marks of a file of pupils: set at once, before anything else is decided about the file.

Also from a row that is refused and from a file that is held: a mark that waits is a mark that was
missed. Never cleared by a file; the strictest source counts (one row per source).
"""

from typing import BinaryIO

from django.db.models import Q

from followup.audit.actions import record_rows
from students.models.person import Person, Protection, ProtectionMark

from .headings import Recognised
from .numbers import TEMPORARY
from .places import Places
from .reading import Layout
from .records import records

_STRICTNESS = list(Protection.values)


def marks_in(
    file: BinaryIO, layout: Layout, recognised: Recognised, places: Places
) -> tuple[dict[tuple[str, int | None], tuple], int]:
    """The marked numbers with (kind, birth date, protection, organiser); and how many marks have no readable number."""
    found: dict[tuple[str, int | None], tuple] = {}
    unplaced = 0
    if recognised.kind.code != "elever" or "protection" not in recognised.positions:
        return found, unplaced
    for record in records(file, layout, recognised):
        protection = record.row.get("protection")
        if protection in (None, Protection.NONE):
            continue
        number = record.row.get("national_number")
        place = places.by_code.get(record.row.get("school_unit_code"))
        if number is None or (number.kind == TEMPORARY and place is None):
            unplaced += 1
            continue
        key = (number.number, place.unit_id if number.kind == TEMPORARY else None)
        if key in found:
            protection = _strictest(protection, found[key][2])
        found[key] = (number.kind, number.born, protection, place and place.organiser_id)
    return found, unplaced


def mark_at_once(marks: dict[tuple[str, int | None], tuple], *, by, source: str) -> int:
    """Set the marks that are new or stricter; returns how many persons got stricter protection."""
    if not marks:
        return 0
    persons = _persons(marks)
    kept = {
        (mark.person_id, mark.organiser_id): mark
        for mark in ProtectionMark.objects.filter(
            person__in=[person.pk for person in persons.values()], source=source
        )
    }
    new, stricter, protected = [], [], []
    for key, (_kind, _born, protection, organiser_id) in marks.items():
        person = persons[key]
        mark = kept.get((person.pk, organiser_id))
        if mark is None:
            new.append(
                ProtectionMark(
                    person=person, organiser_id=organiser_id, source=source, protection=protection, set_by=by
                )
            )
        elif _strictest(protection, mark.protection) != mark.protection:
            mark.protection, mark.set_by = protection, by
            stricter.append(mark)
        if _strictest(protection, person.protection) != person.protection:
            person.protection = protection
            protected.append(person)
    ProtectionMark.objects.bulk_create(new)
    ProtectionMark.objects.bulk_update(stricter, ["protection", "set_by"])
    Person.objects.bulk_update(protected, ["protection"])
    record_rows(
        "set_protection",
        by=by,
        about="students.person",
        rows="""SELECT t.id, t.organiser_id, p.id, jsonb_build_object('protection', p.protection, 'source', %s)
                  FROM students_person p LEFT JOIN students_student t ON t.person_id = p.id
                 WHERE p.id = ANY(%s)""",
        params=["file", [person.pk for person in protected]],
    )
    return len(protected)


def _persons(marks: dict) -> dict[tuple[str, int | None], Person]:
    numbers = Q(national_number__in=[number for number, _unit in marks])
    known = {(p.national_number, p.number_unit_id): p for p in Person.objects.filter(numbers)}
    made = [
        Person(national_number=number, number_unit_id=unit, number_kind=kind, birth_date=born)
        for (number, unit), (kind, born, _protection, _organiser) in marks.items()
        if (number, unit) not in known
    ]
    Person.objects.bulk_create(made)
    return known | {(p.national_number, p.number_unit_id): p for p in made}


def _strictest(one: str, other: str) -> str:
    return max(one, other, key=_STRICTNESS.index)
