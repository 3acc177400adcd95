"""Puts the golden files into the database without the importer, so that a wrong figure has one suspect."""

import csv
from datetime import date
from pathlib import Path

from followup.accounts.models import Organiser, SchoolUnit
from students.models import AttendanceDay, Enrolment, Grade, Person, Student

FILES = Path(__file__).parent.parent / "data" / "golden"
KINDS = {"betyg": Grade.Kind.FINAL, "varning": Grade.Kind.WARNING}


def rows(name: str) -> list[dict]:
    with (FILES / f"{name}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


def number(text: str) -> str:
    digits = text.replace("-", "").replace("+", "")
    return digits if len(digits) == 12 else f"20{digits}"


def load() -> None:
    units, students = {}, {}
    for row in rows("skolenheter"):
        organiser, _new = Organiser.objects.get_or_create(
            organisation_number=row["organisationsnummer"], defaults={"name": row["huvudman"]}
        )
        units[row["skolenhetskod"]] = SchoolUnit.objects.create(
            organiser=organiser, code=row["skolenhetskod"], name=row["skolenhet"]
        )

    def student(row, create=False) -> Student:
        unit, digits = units[row["skolenhetskod"]], number(row["personnummer"])
        key = (unit.organiser_id, digits)
        if create and key not in students:
            temporary = digits[8:10] == "TF"
            person, _new = Person.objects.get_or_create(
                national_number=digits,
                number_unit=unit if temporary else None,
                number_kind="temporary" if temporary else "personnummer",
            )
            students[key] = Student.objects.create(
                person=person,
                organiser=unit.organiser,
                given_name=row["förnamn"],
                family_name=row["efternamn"],
            )
        return students[key]

    for row in rows("elever"):
        student(row, create=True)
    Enrolment.objects.bulk_create(
        Enrolment(
            student=student(row),
            unit=units[row["skolenhetskod"]],
            starts_on=row["startdatum"],
            ends_on=row["slutdatum"] or None,
        )
        for row in rows("inskrivningar")
    )
    AttendanceDay.objects.bulk_create(
        [
            AttendanceDay(
                student=student(row),
                unit=units[row["skolenhetskod"]],
                organiser_id=units[row["skolenhetskod"]].organiser_id,
                date=date.fromisoformat(row["datum"]),
                scheduled=row["planerat"],
                excused=row["giltig"],
                unexcused=row["ogiltig"],
                late=row["sen"] or 0,
                unreported=row["orapporterat"] or 0,
            )
            for row in rows("narvaro")
        ],
        batch_size=5000,
    )
    Grade.objects.bulk_create(
        Grade(
            student=student(row),
            unit=units[row["skolenhetskod"]],
            code=row["kod"],
            subject=row["ämne"],
            value=row["betyg"],
            kind=KINDS[row["slag"]],
            on=row["datum"],
        )
        for row in rows("betyg")
    )
