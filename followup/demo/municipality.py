"""Puts the demo municipality together."""

from datetime import date
from random import Random

from django.db import connection, transaction

from followup import clock
from followup.accounts.models import Installation, Organiser
from followup.calendar import DAY
from followup.demo import facts, grades, pupils, schooldays, schools, story
from followup.demo.numbers import Numbers
from students.models import Batch

KINDS = ["elever", "inskrivningar", "vardnadshavare", "mentorsgrupper", "narvaro", "betyg"]


class NotADemo(Exception):
    """The database was not made as a demo, and must not become one."""


def mark_as_demo() -> None:
    """Marks an empty database as a demo; refuses one that already holds an organiser."""
    installation = Installation.objects.first()
    if installation is None and not Organiser.objects.exists():
        Installation.objects.create(is_demo=True)
    elif installation is None or not installation.is_demo or Organiser.objects.exists():
        raise NotADemo


def build(*, students: int = 2000, seed: int = 1, lived_in: bool = True, say=lambda text: None) -> None:
    """Fills an empty database with the demo municipality, up to the last school day before today."""
    until = schooldays.last_school_day_before(clock.today())
    year = clock.school_year(until)
    days = schooldays.year_of_school_days(until)
    chance = Random(seed)
    numbers = Numbers(chance)
    with transaction.atomic():
        mark_as_demo()
        laid = schools.lay_schools(students, chance)
        batches = _batches(until)
        for number, school in enumerate(laid):
            seats = pupils.places(school, year)
            schools.hire(
                school,
                pupils.mentors_needed(seats),
                schooldays.term_starts(year),
                chance,
                with_cards=number == 0,
                with_neighbour=number == 2,
            )
            facts.note_tendencies(
                pupils.enrol(
                    school,
                    seats,
                    school_year=year,
                    days=len(days),
                    numbers=numbers,
                    chance=chance,
                    protected=2 if number == 0 else 0,
                    batch_ids=batches,
                )
            )
            say(f"{school.unit.name}: {len(seats)} elever")
        schools.hire_officers(laid[0].unit.organiser, schooldays.term_starts(year))
        for number, day in enumerate(days):
            facts.live_day(day, number=number, seed=seed, batch_id=batches["narvaro"])
        say(f"{len(days)} skoldagar, till och med {until}")
        grades.give_grades(year, until, seed=seed, batch_id=batches["betyg"])
        if lived_in:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            story.live_through(days, chance=chance, say=say)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")


def add_day() -> date | None:
    """One more school day, the last before today, if it is not there yet; returns it, or None."""
    day = schooldays.last_school_day_before(clock.today())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('demo day'))")
        cursor.execute("SELECT max(date) FROM students_attendanceday")
        last = cursor.fetchone()[0]
        if last is None or last >= day:
            return None
        missing = schooldays.school_days(last + DAY, day)
        facts.note_tendencies_from_facts(last - 60 * DAY, 0)
        batch = Batch.objects.create(
            kind="narvaro",
            source="demo",
            file_name=f"narvaro_{day}.csv",
            state=Batch.State.DONE,
            finished_at=clock.now(),
        )
        for one in missing:
            facts.live_day(one, number=one.toordinal(), seed=1, batch_id=batch.pk)
    return day


def _batches(until: date) -> dict[str, int]:
    """One import run per kind, so that each fact can say where it came from."""
    return {
        kind: Batch.objects.create(
            kind=kind,
            source="demo",
            file_name=f"{kind}_{until}.csv",
            state=Batch.State.DONE,
            at=clock.now(),
            finished_at=clock.now(),
        ).pk
        for kind in KINDS
    }
