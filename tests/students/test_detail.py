"""The pupil's page: whom it shows to whom, and that what it says is so."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from followup.accounts.models import Grant
from followup.audit.models import Reading
from followup.coaching.models import CheckIn
from followup.risk.models import Decision, Flag
from students.models import (
    AttendanceDay,
    Batch,
    EarlierFact,
    Enrolment,
    Group,
    GroupMember,
    GroupStaff,
    Guardian,
    Involvement,
    NamedAccess,
    Student,
)
from students.queries.attendance import Minutes, days_of, figure_of, weeks_of
from students.queries.detail import header_of
from tests import world as worlds

DAY = timedelta(days=1)


def text(response):
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def page(client, user, student, side="detail", **params):
    client.force_login(user)
    return client.get(reverse(f"students:{side}", args=[student.pk]), params)


@pytest.fixture
def followed(world):
    """Ella with something of everything."""
    worlds.attendance(world.ella, world.norra, excused=30)
    worlds.warning(world.ella, world.norra)
    worlds.warning(world.ella, world.norra, "Engelska 6", "ENGENG06", date(2026, 6, 5), "C", "final")
    worlds.warning(world.ella, world.norra, "Historia 1b", "HISHIS01b", date(2026, 6, 5), "-", "final")
    Involvement.objects.create(
        student=world.ella, unit=world.norra, why="flag", ref=1, since=worlds.TODAY - DAY
    )
    CheckIn.objects.create(
        student=world.ella,
        unit=world.norra,
        by=world.karin,
        at=timezone.make_aware(datetime(2026, 11, 17, 10)),
        made=True,
        channel="meeting",
        note="Hemligt om måndagarna",
        form_uuid="00000000-0000-0000-0000-000000000001",
    )
    Flag.objects.create(
        student=world.ella,
        unit=world.norra,
        indicator="A1",
        level="yellow",
        value=10,
        threshold=10,
        evidence={"days": 20},
        opened_on=worlds.TODAY - DAY,
        changed_on=worlds.TODAY,
        measured_on=worlds.TODAY,
    )
    Decision.objects.create(
        student=world.ella,
        unit=world.norra,
        choice="none",
        reason="Hemligt skäl",
        decided_by=world.mette,
        recorded_by=world.mette,
    )
    Student.objects.filter(pk=world.ella.pk).update(
        email="ella@example.org", phone="070-1740605", home_municipality_code="0001"
    )
    Guardian.objects.create(
        student=world.ella,
        given_name="Maj",
        family_name="Lindqvist",
        relation="mamma",
        phone="070-1740606",
    )
    return world


def teaches(world, user, student):
    group = Group.objects.create(unit=world.norra, kind="teaching", name="MA2b", school_year=2026)
    GroupStaff.objects.create(group=group, user=user, starts_on=worlds.TERM_START)
    GroupMember.objects.create(group=group, student=student, starts_on=worlds.TERM_START)


# Who sees what ---------------------------------------------------------------------


def test_the_page_says_who_she_is_why_i_see_it_and_who_else_may(client, followed):
    shown = text(page(client, followed.karin, followed.ella))
    assert "<h1>Ella Lindqvist</h1>" in shown
    assert "Ekonomiprogrammet · Norra gymnasiet" in shown
    assert "mentor Karin Ahl" in shown
    assert "Du ser sidan som mentor." in shown
    assert "Tre andra har tillgång" in shown  # student health, head, registrar
    others = text(page(client, followed.karin, followed.ella, "who_sees"))
    for name in ("Mette Lund", "Anna Falk", "Ulla Brandt"):
        assert name in others
    assert "kurator" in others
    assert "Per Ost" not in others


def test_the_title_never_names_a_pupil(client, followed):
    """It lands in the browser's history, and on a projector."""
    for side in ("detail", "facts", "who_sees", "protection"):
        for student in (followed.ella, followed.vera):
            shown = text(page(client, followed.anna, student, side))
            title = shown[shown.index("<title>") : shown.index("</title>")]
            assert student.given_name not in title
            assert student.family_name not in title


def test_a_reading_is_in_the_trace(client, followed):
    for side in ("detail", "facts", "who_sees"):
        page(client, followed.karin, followed.ella, side)
        assert Reading.objects.get(page=f"students:{side}").student_ids == [followed.ella.pk]


@pytest.mark.parametrize("user", ["per", "eva", "jonas", "siv", "olle", "lena", "pia", "sten"])
def test_outside_the_scope_she_does_not_exist(client, followed, user):
    """RGT-01: another school's pupil, typed by hand."""
    for side in ("detail", "facts", "who_sees", "protection"):
        assert page(client, followed.users[user], followed.ella, side).status_code == 404


def test_the_one_who_follows_up_sees_the_text_and_the_one_who_keeps_records_does_not(client, followed):
    """HND-01, its kind: restricted text follows the reading right, also in the page's source."""
    secret = ["Hemligt", "gräns", "Avstämning med"]
    shown = text(page(client, followed.ulla, followed.ella))
    assert not [words for words in secret if words in shown]
    assert "Det som väntar" not in shown
    assert "Avstämningar</a>" not in shown
    assert "Betygsvarning" in shown


def test_a_teacher_sees_name_and_class_only(client, followed):
    teaches(followed, followed.tore, followed.ella)
    shown = text(page(client, followed.tore, followed.ella))
    assert "Ella Lindqvist" in shown
    assert "Du ser namn och klass." in shown
    for words in ("Hemligt", "Betygsvarning", "070-1740605", "Frånvaro</h3>", "Stämmer inte"):
        assert words not in shown
    assert page(client, followed.tore, followed.ella, "facts").status_code == 403


def test_a_mentor_who_also_teaches_reads_only_of_her_own_group(client, followed):
    """Roles add up, but not so that teaching a class opens the check-ins of all its pupils."""
    other = worlds.user(followed, "rut", "Ahl", "mentor", "teacher", unit=followed.norra)
    teaches(followed, other, followed.ella)
    worlds.student(followed, "leo", "Hammar", "200902032399", followed.norra, other)
    shown = text(page(client, other, followed.ella))
    assert "Du ser sidan som undervisande lärare." in shown
    assert "Hemligt" not in shown
    assert page(client, other, followed.ella, "facts").status_code == 403
    assert "Du ser sidan som mentor och undervisande lärare." in text(page(client, other, followed.leo))
    assert page(client, other, followed.leo, "facts").status_code == 200
    assert not Flag.objects.visible_to(followed.scope(other)).exists()
    assert not Decision.objects.visible_to(followed.scope(other)).exists()
    assert not CheckIn.objects.visible_to(followed.scope(other)).exists()


def test_contact_and_guardians_are_for_those_who_follow_up(client, followed):
    for user in (followed.karin, followed.mette, followed.anna, followed.ulla):
        shown = text(page(client, user, followed.ella, "facts"))
        assert "070-1740605" in shown
        assert "Maj Lindqvist" in shown
        assert "20090110-2392" in shown


def test_contact_of_a_protected_pupil_is_for_the_named_only(client, followed):
    """PRV-02: not even her mentor and her head see where she lives or whom to call, unless named."""
    Student.objects.filter(pk=followed.vera.pk).update(
        email="vera@example.org", phone="070-1740611", home_municipality_code="0001"
    )
    Guardian.objects.create(
        student=followed.vera, given_name="Siwanna", family_name="Skog", relation="mamma", phone="070-1740612"
    )
    small = ["070-1740611", "070-1740612", "vera@example.org", "Siwanna", "20100409-2381", "2010-04-09"]
    for user in (followed.karin, followed.anna):
        shown = text(page(client, user, followed.vera, "facts"))
        assert not [fact for fact in small if fact in shown]
        assert "Kontaktuppgifterna visas bara för den som är utsedd" in shown
    NamedAccess.objects.create(student=followed.vera, user=followed.mette, since=worlds.TODAY)
    shown = text(page(client, followed.mette, followed.vera, "facts"))
    assert all(fact in shown for fact in small[:4])
    assert "utsedd för eleven" in shown


def test_guardians_are_not_shown_once_she_is_of_age(client, followed, settings):
    settings.KOLL_TODAY = date(2027, 1, 10)
    shown = text(page(client, followed.karin, followed.ella, "facts"))
    assert "Eleven är myndig" in shown
    assert "Maj" not in shown


# What it says ------------------------------------------------------------------------


def test_unknown_is_said_and_never_drawn_as_nought(client, world):
    worlds.attendance(world.ella, world.norra, unreported=300)
    shown = text(page(client, world.karin, world.ella))
    assert "för få skoldagar är rapporterade" in shown
    assert not re.search(r"\b0 %", shown)


def test_the_figure_is_cut_like_the_indicators_and_never_rounded_up(world):
    """SCN-08: 149 of 994 is not 15 %."""
    worlds.attendance(world.ella, world.norra, days=6, scheduled=142, excused=21)
    first = AttendanceDay.objects.filter(student=world.ella).earliest("date")
    AttendanceDay.objects.filter(pk=first.pk).update(excused=21 + 23)
    worlds.attendance(world.ella, world.norra, until=first.date - DAY, days=1, scheduled=142)
    figure = figure_of(world.ella, days_of(world.ella))
    assert sum(each.minutes.scheduled for each in days_of(world.ella)) == 994
    assert (str(figure.percent), figure.days) == ("14.9", 7)


def test_days_of_two_schools_are_added(world):
    worlds.attendance(world.ella, world.norra, days=1)
    worlds.attendance(world.ella, world.sodra, days=1, scheduled=60, unexcused=60)
    (day,) = days_of(world.ella)
    assert day.minutes == Minutes(scheduled=360, unexcused=60)


def test_days_outside_her_enrolments_do_not_count(world):
    worlds.attendance(world.ella, world.norra, days=20, unexcused=300)
    Enrolment.objects.filter(student=world.ella).update(starts_on=worlds.TODAY - 8 * DAY)
    assert figure_of(world.ella, days_of(world.ella)).days == 7


def test_week_53_holds_its_days_over_new_year(world, settings):
    """TIM-04: 28 Dec 2026 and 1 Jan 2027 are week 53, 4 Jan is week 1, in that order."""
    settings.KOLL_TODAY = date(2027, 1, 5)
    for on in (date(2026, 12, 28), date(2027, 1, 1), date(2027, 1, 4)):
        worlds.attendance(world.ella, world.norra, until=on, days=1)
    weeks = weeks_of(days_of(world.ella))
    assert [(week.monday.isocalendar()[:2], len(week.days)) for week in weeks] == [
        ((2027, 1), 1),
        ((2026, 53), 2),
    ]


def test_the_timeline_says_week_53(client, world, settings):
    settings.KOLL_TODAY = date(2027, 1, 5)
    worlds.attendance(world.ella, world.norra, until=date(2027, 1, 1), days=1, unexcused=300)
    shown = text(page(client, world.karin, world.ella, visa="franvaro"))
    assert "Frånvarande 5 h v. 53" in shown


def test_last_year_is_apart(client, world, settings):
    """SCN-12, its kind: what was in June is last year's, and not in this year's list."""
    settings.KOLL_TODAY = date(2027, 8, 18)
    Enrolment.objects.filter(student=world.ella).update(ends_on=None)
    worlds.attendance(world.ella, world.norra, until=date(2027, 6, 8), days=5, unexcused=300)
    worlds.attendance(world.ella, world.norra, until=date(2027, 8, 17), days=1, unexcused=300)
    assert sum(len(week.days) for week in weeks_of(days_of(world.ella))) == 1
    shown = text(page(client, world.karin, world.ella, "facts", lasar=2026))
    assert shown.count("Stämmer inte<span") >= 5


def test_a_dash_is_not_an_f_and_a_warning_is_no_grade(client, followed):
    shown = text(page(client, followed.karin, followed.ella, visa="betyg"))
    assert "Betygsvarning i matematik nivå 2b" in shown
    assert "2 betyg" in shown
    assert "Historia 1b streck" in shown
    assert "1 av 2" in shown
    assert "godkända, varning i matematik nivå 2b" in shown


def test_each_filter_shows_its_kind(client, followed):
    for code in ("avstamningar", "beslut", "flaggor", "franvaro", "betyg", "påhittat"):
        assert page(client, followed.karin, followed.ella, visa=code).status_code == 200


def test_a_long_timeline_is_leafed_through(client, world):
    for number in range(45):
        worlds.warning(
            world.ella, world.norra, f"Ämne {number}", f"AMNE{number}", worlds.TODAY - number * DAY
        )
    shown = text(page(client, world.karin, world.ella, visa="betyg"))
    assert "Sida 1 av 3" in shown
    assert "visa=betyg" in shown.split('rel="next"')[1][:120]


def test_a_changed_fact_shows_what_it_was_and_which_file_changed_it(client, followed):
    batch = Batch.objects.create(kind="narvaro", finished_at=timezone.make_aware(datetime(2026, 10, 2, 6)))
    day = AttendanceDay.objects.filter(student=followed.ella).latest("date")
    AttendanceDay.objects.filter(pk=day.pk).update(batch_id=batch.pk)
    EarlierFact.objects.create(
        kind="narvaro",
        student_id=followed.ella.pk,
        unit_id=day.unit_id,
        on=day.date,
        why="changed",
        values={"scheduled": 300, "unexcused": 240},
        batch_id=batch.pk,
    )
    shown = text(page(client, followed.karin, followed.ella, "facts"))
    assert "tidigare ogiltig 4 h, ändrad av fil fre 2 okt" in shown


def test_a_withdrawn_day_is_told(client, followed):
    """IMP-03: what a file took away is not silently gone."""
    EarlierFact.objects.create(
        kind="narvaro",
        student_id=followed.ella.pk,
        unit_id=followed.norra.pk,
        on=worlds.TODAY,
        why="withdrawn",
        values={"unexcused": 60},
    )
    shown = text(page(client, followed.karin, followed.ella, "facts"))
    assert "tis 24 nov: ogiltig 1 h, borttagen av en senare fil" in shown


def test_the_mentors_periods_are_three(client, world):
    """RGT-05"""
    GroupStaff.objects.filter(group__unit=world.norra).update(ends_on=date(2026, 9, 30))
    group = Group.objects.get(unit=world.norra)
    sara = worlds.user(world, "sara", "Vik", "mentor", unit=world.norra)
    GroupStaff.objects.create(group=group, user=sara, starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31))
    GroupStaff.objects.create(group=group, user=world.karin, starts_on=date(2027, 1, 1))
    shown = text(page(client, sara, world.ella, "facts"))
    mentors = shown[shown.index('id="mentor"') :]
    assert mentors.count("Karin Ahl") == 2
    assert mentors.count("Sara Vik") == 1


def test_a_birth_date_stays_what_it_was(client, world, settings):
    """TIM-02: whatever the hour, in summer and winter."""
    world.ella.person.birth_date = date(2011, 7, 1)
    world.ella.person.save()
    assert "född 2011-07-01" in text(page(client, world.karin, world.ella, "facts"))


def test_few_questions_and_as_many_for_a_long_history(client, followed):
    """OPS-05, and the measure of the bench: at most 20 queries."""

    client.force_login(followed.karin)

    def asked(side):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(f"students:{side}", args=[followed.ella.pk]))
        return len(queries)

    few = {side: asked(side) for side in ("detail", "facts", "who_sees")}
    for number in range(30):
        worlds.warning(followed.ella, followed.norra, f"Ämne {number}", f"AMNE{number}")
        Grant.objects.create(
            user=worlds.user(followed, f"ny{number}", "Ny"),
            role="school_leader",
            unit=followed.norra,
            starts_on=worlds.TERM_START,
        )
    worlds.attendance(followed.ella, followed.norra, until=worlds.TODAY - 28 * DAY, days=40)
    assert {side: asked(side) for side in few} == few
    assert max(few.values()) <= 20, few


def test_nobody_else_is_said_plainly(world):
    Grant.objects.exclude(user=world.karin).update(ends_on=worlds.TODAY - DAY)
    student = (
        Student.objects.select_related("person").prefetch_related("enrolments__unit").get(pk=world.ella.pk)
    )
    assert header_of(world.scope("karin"), student).others == "Ingen annan har tillgång"
