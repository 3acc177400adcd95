"""What lies on the registrar's desk: yesterday's file read in with three rows stopped, and a fact said to be wrong.

By the same verbs as real life, so that her pages show what they are for on the first morning.
"""

import csv
from datetime import date
from io import StringIO

from django.core.files.base import ContentFile

from followup.accounts.models import Grant, SchoolUnit, User
from followup.scoping import scope_for
from students.actions import dispute_fact
from students.imports.actions import plan_upload, receive, request_run, run_upload
from students.models import AttendanceDay, FactDispute, GroupMember

HEADINGS = ["personnummer", "skolenhetskod", "datum", "planerat", "giltig", "ogiltig", "sen", "orapporterat"]
SOURCE = "skolans frånvarosystem"


def fill_the_desk(day: date) -> None:
    registrar, unit = _with_card("registrar")
    file = ContentFile(_attendance(unit, day), name=f"narvaro_{day}.csv")
    upload = receive(files=[file], by=registrar, scope=scope_for(registrar), source=SOURCE)
    plan_upload(upload)
    request_run(upload=upload, by=registrar)
    run_upload(upload)
    _say_that_it_is_wrong(unit, day)


def _with_card(role: str) -> tuple[User, SchoolUnit]:
    grant = Grant.objects.filter(role=role).exclude(user__demo_card="").select_related("user", "unit").first()
    return grant.user, grant.unit


def _attendance(unit: SchoolUnit, day: date) -> bytes:
    """What Koll has for the day already, with the mistakes that files are known for in the last three rows."""
    rows = [
        [
            one.student.person.national_number,
            unit.code,
            day.isoformat(),
            one.scheduled,
            one.excused,
            one.unexcused,
            one.late,
            one.unreported,
        ]
        for one in AttendanceDay.objects.filter(organiser=unit.organiser_id, unit=unit, date=day)
        .select_related("student__person")
        .order_by("student")
    ]
    spoilt, misdated, overfull = rows[-3:]
    spoilt[0] = f"{int(spoilt[0][:6]) / 100_000:.5f}E+11".replace(".", ",")  # as Excel saves it
    misdated[2] = f"{day:%d/%m/%Y}"
    overfull[5] = overfull[3] + 60
    text = StringIO()
    csv.writer(text, delimiter=";").writerows([HEADINGS, *rows])
    return text.getvalue().encode()


def _say_that_it_is_wrong(unit: SchoolUnit, day: date) -> None:
    mentor, _unit = _with_card("mentor")
    own = GroupMember.objects.filter(group__staff__user=mentor).values("student")
    days = AttendanceDay.objects.filter(
        organiser=unit.organiser_id, unit=unit, date__lte=day, student__in=own, unexcused__gt=0
    )
    if away := days.select_related("student").order_by("-date", "student").first():
        dispute_fact(
            away.student,
            by=mentor,
            unit=unit,
            about=FactDispute.About.ATTENDANCE,
            on=away.date,
            text="Var med på studiebesöket hela eftermiddagen, det syns inte i närvaron.",
        )
