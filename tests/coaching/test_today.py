"""Idag and the list: what is booked, what did not come about, and what comes next."""

from datetime import date

import pytest

from followup.boards.queries import start_page
from followup.coaching import queries, student_panels, timeline, today
from followup.coaching.models import CheckIn
from followup.navigation import count_waiting
from followup.risk.actions import withdraw
from tests.risk.test_decisions import decide
from tests.world import flag

from .conftest import standing

pytestmark = pytest.mark.django_db


def sections(world, user="karin"):
    return {section.kind: section.rows for section in today.sections(world.scope(user))}


def test_what_is_booked_today_comes_by_time_with_what_was_agreed(world, phone, settings):
    mine = phone(world.karin)
    settings.KOLL_TODAY = date(2026, 11, 17)
    mine.save(world.omar, next="2026-11-24 14.00")
    mine.save(world.ella, agreed="lämna in labbrapporten", next="2026-11-24 10.20, rum 214")
    settings.KOLL_TODAY = date(2026, 11, 24)
    booked = sections(world)["booked"]
    assert [row.student_id for row in booked] == [world.ella.pk, world.omar.pk]
    assert (booked[0].sentence, booked[0].strong) == ("rum 214. Förra gången:", "lämna in labbrapporten")
    assert [row.main for row in booked] == [True, False]
    mine.save(world.ella)
    assert [row.student_id for row in sections(world)["booked"]] == [world.omar.pk]


def test_a_booked_time_that_passed_in_silence_asks_for_a_word(world, phone, settings):
    settings.KOLL_TODAY = date(2026, 11, 12)
    phone(world.karin).save(world.ella, next="2026-11-19 10.20")
    settings.KOLL_TODAY = date(2026, 11, 24)
    (row,) = sections(world)["needs_you"]
    assert (row.student_id, row.waiting_since) == (world.ella.pk, date(2026, 11, 19))
    assert row.strong == "blev inte av, eller är inte skriven"


def test_two_attempts_in_a_row_are_said(world, phone, settings):
    mine = phone(world.karin)
    settings.KOLL_TODAY = date(2026, 11, 3)
    mine.save(world.ella, met="no")
    assert sections(world)["needs_you"] == []
    settings.KOLL_TODAY = date(2026, 11, 10)
    mine.save(world.ella, met="no")
    (row,) = sections(world)["needs_you"]
    assert row.strong == "Två avstämningar i rad blev inte av"
    assert row.after.replace("\N{NO-BREAK SPACE}", " ") == ", senast tis 10 nov."
    mine.save(world.ella)
    assert sections(world)["needs_you"] == []


def test_the_mentor_is_told_what_the_team_has_decided_that_she_is_to_do(world, phone):
    flag(world.ella, world.norra)
    decide(world, world.ella)
    (row,) = sections(world)["needs_you"]
    assert (row.student_id, row.strong) == (world.ella.pk, "mentor följer")
    assert count_waiting(world.scope("karin"))["today"] == 1
    assert sections(world, "mette")["needs_you"] == [], "she decided it herself"
    phone(world.karin).save(world.ella)
    assert sections(world)["needs_you"] == []


def test_the_number_beside_idag_is_the_one_its_sentence_says(world, phone, settings):
    """Missed, decided for her and flagged: each pupil once, however much asks about her."""
    settings.KOLL_TODAY = date(2026, 11, 12)
    phone(world.karin).save(world.omar, next="2026-11-19 10.20")
    settings.KOLL_TODAY = date(2026, 11, 24)
    flag(world.omar, world.norra)
    decide(world, world.ella)
    flag(world.ella, world.norra, indicator="B1")
    scope = world.scope("karin")
    assert "två elever väntar på dig" in start_page(scope).sentence.lower()
    assert count_waiting(scope)["today"] == 2


@pytest.mark.parametrize("user", ["mette", "anna", "ulla"])
def test_whoever_has_things_of_every_kind_on_idag_sees_no_number_there(world, user):
    flag(world.ella, world.norra, taken_by=world.users[user])
    assert "today" not in count_waiting(world.scope(user))


def test_what_was_withdrawn_or_told_long_ago_is_not_told(world, settings):
    made = decide(world, world.ella)
    settings.KOLL_TODAY = date(2026, 12, 9)
    assert sections(world)["needs_you"] == []
    settings.KOLL_TODAY = date(2026, 11, 25)
    assert sections(world)["needs_you"] != []
    withdraw(made, by=world.mette, why="fel elev")
    assert sections(world)["needs_you"] == []


def test_nothing_to_do_says_what_comes(world, phone):
    phone(world.karin).save(world.omar, next="2026-11-26 10.00")
    sentence = today.comes_next(world.scope("karin")).sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert sentence == "Nästa avstämning är tor 26 nov med Omar."


def test_a_colleagues_bookings_are_hers(world, phone):
    phone(world.karin).save(world.ella, next="2026-11-24 10.20")
    assert sections(world, "anna")["booked"] == []


def test_a_pupil_who_is_no_longer_mine_is_not_asked_after(world, phone, settings):
    from students.models import GroupMember

    settings.KOLL_TODAY = date(2026, 11, 17)
    phone(world.karin).save(world.ella, next="2026-11-24 10.20")
    GroupMember.objects.filter(student=world.ella).update(ends_on=date(2026, 11, 20))
    settings.KOLL_TODAY = date(2026, 11, 24)
    assert sections(world)["booked"] == []


def test_tim_04_week_53_runs_into_january_and_is_one_week(world, phone, settings):
    mine = phone(world.karin)
    for on in (date(2026, 12, 28), date(2027, 1, 1), date(2027, 1, 4)):
        settings.KOLL_TODAY = on
        mine.save(world.ella)
    weeks = queries.list_page(world.scope("karin")).weeks
    assert [(week.year, week.number, len(week.check_ins)) for week in weeks] == [(2027, 1, 1), (2026, 53, 2)]


def test_tim_twenty_past_midnight_is_today(world, phone, settings, time_machine_at):
    settings.KOLL_TODAY = None
    time_machine_at("2026-11-24T23:20:00Z")  # 00.20 on Wednesday in Sweden
    phone(world.karin).save(world.ella)
    (entry,) = timeline.entries(world.ella, world.scope("karin"))
    assert entry.on == date(2026, 11, 25)


def test_tim_02_the_next_day_never_slips_however_often_it_is_saved(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, next="other", next_on="2026-12-01", next_time="00.20")
    saved = CheckIn.objects.get()
    for _time in range(2):
        page = mine.client.get(f"/avstamningar/{saved.pk}/andra/")
        form = page.context["form"]
        written = {
            name: form[name].value() or "" for name in form.fields if name not in ("flags", "agreed_done")
        }
        mine.client.post(
            f"/avstamningar/{saved.pk}/andra/", {**written, "proof": str(page.context["form"].proof)}
        )
    saved.refresh_from_db()
    assert (saved.next_on, f"{saved.next_time:%H.%M}") == (date(2026, 12, 1), "00.20")


def test_the_list_shows_mine_and_asks_the_same_number_of_questions_for_many(
    world, phone, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.world import student

    mine = phone(world.karin)
    mine.save(world.ella, next="2026-11-30 10.00")
    with CaptureQueriesContext(connection) as few:
        html = mine.client.get("/avstamningar/").content.decode()
    assert "Ella Lindqvist" in html
    for number in range(12):
        made = student(world, f"elev{number}", "Test", f"2009010123{number:02}", world.norra, world.karin)
        mine.save(made, next="2026-11-30 10.00")
    with CaptureQueriesContext(connection) as many:
        mine.client.get("/avstamningar/")
    assert len(many) == len(few)


def test_the_timeline_tells_what_was_said_to_those_who_follow_up(world, phone):
    phone(world.karin).save(world.ella, rating="0", agreed="Ringa Per", next="2026-12-01 10.20")
    (entry,) = timeline.entries(world.ella, world.scope("anna"))
    assert entry.title == "Avstämning, möte"
    assert entry.text.replace("\N{NO-BREAK SPACE}", " ") == (
        "Lämnade in labben. Trivsel 0 av 10. Kom överens om: Ringa Per. Nästa gång tis 1 dec 10.20."
    )
    assert timeline.entries(world.ella, world.scope("tore")) == []


def test_what_was_taken_back_is_in_no_list(world, phone):
    mine = phone(world.karin)
    answer = mine.save(world.ella, next="2026-11-24 16.00")
    mine.client.post(answer.url.replace("sparad", "angra"))
    assert not standing().exists()
    assert timeline.entries(world.ella, world.scope("karin")) == []
    assert sections(world)["booked"] == []


def test_her_own_ratings_are_drawn_as_she_gave_them(world, phone):
    mine = phone(world.karin)
    for rating in ("7", "declined", "5"):
        mine.save(world.ella, rating=rating)
    panels = student_panels.panels(world.ella, world.scope("karin"))
    card = next(panel.data for panel in panels if panel.slot == "strip")
    assert card.value == "5 av 10"
    assert [point.value for point in card.chart.series[0].points] == [7, 5]


def test_only_those_who_may_write_get_the_button(world):
    slots = [panel.slot for panel in student_panels.panels(world.ella, world.scope("karin"))]
    assert "action" in slots
    assert student_panels.panels(world.ella, world.scope("ulla")) == []


def test_the_pupils_page_says_what_is_booked_and_what_came_to_nothing(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, next="2026-12-01 10.20, rum 214")
    mine.save(world.omar, met="no")
    mine.save(world.omar, met="no")
    html = mine.client.get(f"/elever/{world.ella.pk}/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "Nästa avstämning <b>tis 1 dec 10.20</b>, rum 214, med Karin Ahl" in html
    assert f'href="/elever/{world.ella.pk}/avstamning/">Skriv avstämning' in html
    assert (
        "Två avstämningar i rad blev inte av" in mine.client.get(f"/elever/{world.omar.pk}/").content.decode()
    )
    assert student_panels.waits([world.ella.pk, world.omar.pk], world.scope("karin")) == {
        world.omar.pk: ["Två avstämningar i rad blev inte av"]
    }


def test_a_coach_sees_how_far_they_have_come(world, phone, settings):
    from tests.world import coach

    measure = coach(world.ella, world.norra, world.jonas)
    measure.starts_on, measure.planned_end_on = date(2026, 11, 9), date(2026, 12, 20)
    measure.save()
    his = phone(world.jonas)
    his.save(world.ella, next="2026-11-24 16.00")
    (row,) = sections(world, "jonas")["booked"]
    assert row.where == "EK2b · vecka 3 av 6"
    assert his.page(world.ella).context["page"].where.endswith("vecka 3 av 6 med dig")
