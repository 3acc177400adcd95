"""What flags and decisions put on other rooms' pages: Idag, the pupil's page, the class."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup.navigation import count_waiting
from followup.risk import student_panels, timeline, today
from followup.risk.actions import mark_handled, set_threshold, take, withdraw
from followup.risk.actions.decisions import UNDONE, Measure
from followup.risk.models import Flag
from tests.risk.test_decisions import IN_THREE_WEEKS, decide
from tests.risk.test_waiting_page import many, scanned
from tests.world import TODAY, attendance, flag

pytestmark = pytest.mark.django_db


def days_ago(days):
    return TODAY - timedelta(days=days)


def rows(world, who, kind="needs_you"):
    return [
        row for section in today.sections(world.scope(who)) if section.kind == kind for row in section.rows
    ]


def said(row):
    return " ".join(f"{row.sentence} {row.strong}{row.after}".split()).replace("\xa0", " ")


def words_of(client, address):
    page = client.get(address)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode())).replace("\xa0", " ")


class TestIdag:
    def test_a_mentors_own_pupils_one_row_each_longest_first(self, world):
        flag(world.omar, world.norra, evidence={"days": 20}, opened_on=days_ago(2))
        flag(world.ella, world.norra, evidence={"days": 20}, opened_on=days_ago(4))
        flag(world.ella, world.norra, "A2", value="320")
        flag(world.saga, world.sodra)
        first, second = rows(world, "karin")
        assert (first.who, second.who) == ("Ella Lindqvist", "Omar Haddad")
        assert said(first) == "Frånvaro 17 % de senaste 20 skoldagarna, och ett skäl till."
        assert first.where.replace("\xa0", " ") == "EK2b · väntar sedan fre 20 nov"
        assert (first.action, first.action_posts) == ("Jag tar den", True)

    def test_taken_by_me_the_next_step_is_a_check_in_and_others_do_not_see_it(self, world):
        take(flag(world.ella, world.norra), by=world.karin)
        assert rows(world, "karin")[0].action == "Skriv avstämning"
        assert [row.who for row in rows(world, "mette")] == ["Väntelistan"]

    def test_handled_nothing_is_asked(self, world):
        mark_handled([flag(world.ella, world.norra)], by=world.karin, ref=1)
        assert rows(world, "karin") == []

    def test_the_team_sees_the_list_as_one_row(self, world):
        flag(world.ella, world.norra, opened_on=days_ago(9))
        flag(world.omar, world.norra)
        assert [said(row) for row in rows(world, "mette")] == [
            "2 elever med 2 flaggor väntar på beslut. Äldst: 9 dagar."
        ]

    def test_the_leader_sees_who_has_waited_longest(self, world):
        flag(world.ella, world.norra, opened_on=days_ago(9), evidence={"days": 20})
        assert [row.who for row in rows(world, "anna")] == ["Väntelistan", "Ella Lindqvist"]

    def test_a_decision_in_my_name_waits_for_me(self, world):
        flag(world.ella, world.norra)
        decide(world, world.ella, decided_by=world.anna)
        (row,) = rows(world, "anna")
        assert said(row) == "Mette Lund har antecknat i ditt namn: mentor följer."
        assert (row.action, row.action_posts) == ("Bekräfta", True)

    def test_what_i_promised_and_what_colleagues_let_pass(self, world, settings):
        flag(world.ella, world.norra)
        decide(world, world.ella)
        settings.KOLL_TODAY = IN_THREE_WEEKS
        Flag.objects.all().delete()
        (row,) = rows(world, "mette")
        assert (said(row), row.action) == ("Mentor följer. Vad blev det?", "Följ upp")
        settings.KOLL_TODAY = IN_THREE_WEEKS + timedelta(days=1)
        assert [said(row) for row in rows(world, "anna")] == [
            "En uppföljning som en kollega lovat har passerat sin dag."
        ]

    def test_good_news(self, world):
        better = flag(world.ella, world.norra, opened_on=days_ago(20))
        Flag.objects.filter(pk=better.pk).update(
            value="4.00", no_longer_met_on=days_ago(1), no_longer_met_why="better"
        )
        (row,) = rows(world, "karin", "good_news")
        assert said(row) == "Frånvaro har gått från 17 % till 4 %."
        Flag.objects.update(no_longer_met_why="corrected")
        assert rows(world, "karin", "good_news") == []

    def test_a_file_that_has_not_come_is_said(self, world):
        scanned(world, until=days_ago(4))
        for who in ("karin", "mette", "anna", "ulla"):
            assert said(rows(world, who, "notice")[0]).startswith("Frånvaron är från fre 20 nov."), who

    @pytest.mark.parametrize(
        ("who", "at_list", "at_decisions", "at_today"),
        [("mette", 2, 0, None), ("anna", 3, 1, None), ("karin", None, None, 3), ("tore", None, None, None)],
    )
    def test_the_numbers_in_the_rail(self, world, who, at_list, at_decisions, at_today):
        for student in (world.ella, world.omar, world.vera):
            flag(student, world.norra)
            flag(student, world.norra, "A2", value="320")
        flag(world.saga, world.sodra)
        decide(world, world.saga, unit=world.sodra, decided_by=world.olle, measure=None)
        made = decide(world, world.omar, decided_by=world.anna)
        withdraw(made, by=world.anna, why="nej")
        decide(world, world.omar, "anna", decided_by=world.anna)
        withdraw(world.omar.decisions.last(), by=world.anna, why="nej")
        later = decide(world, world.omar, decided_by=world.anna)
        Flag.objects.filter(decision=later).update(decision=None, quiet_until=None)
        numbers = count_waiting(world.scope(who))
        assert numbers.get("risk:waiting_list") == at_list
        assert numbers.get("risk:decisions") == at_decisions
        assert numbers.get("today") == at_today

    @pytest.mark.parametrize(
        "who", ["karin", "jonas", "mette", "anna", "ulla", "tore", "siv", "lena", "sten"]
    )
    def test_everybodys_start_page_opens(self, client, world, who):
        flag(world.ella, world.norra, evidence={"days": 20}, opened_on=days_ago(2))
        scanned(world)
        client.force_login(getattr(world, who))
        page = words_of(client, reverse("today"))
        assert ("Ella" in page) == (who in ("karin", "anna"))


class TestThePupilsPage:
    def test_what_waits_is_said_without_level_or_colour(self, client, world):
        attendance(world.ella, world.norra, unexcused=51)
        flag(world.ella, world.norra, evidence={"days": 20}, opened_on=days_ago(4))
        client.force_login(world.karin)
        page = words_of(client, reverse("students:detail", args=[world.ella.pk]))
        assert "Frånvaro 17 % de senaste 20 skoldagarna" in page
        assert "Jag tar den" in page
        assert "röd gräns" not in page

    def test_what_is_promised_stands_there_until_it_is_followed_up(self, client, world):
        flag(world.ella, world.norra, evidence={"days": 20})
        made = decide(world, world.ella, choice="support", measure=Measure(world.siv, "läxhjälp"))
        client.force_login(world.mette)
        page = words_of(client, reverse("students:detail", args=[world.ella.pk]))
        assert "läxhjälp" in page
        assert "Vilar till och med tis 15 dec" in page
        assert "Besluta" in page
        withdraw(made, by=world.mette, why="fel")
        assert not [
            panel
            for panel in student_panels.panels(world.ella, world.scope("mette"))
            if panel.template.endswith("_decisions.html")
        ]

    def test_the_timeline_tells_the_whole_story_but_not_what_was_undone(self, world):
        raised = flag(world.ella, world.norra, evidence={"days": 20}, opened_on=days_ago(4))
        Flag.objects.filter(pk=raised.pk).update(value="22.00")
        undone = decide(world, world.ella)
        withdraw(undone, by=world.mette, why=UNDONE)
        decide(world, world.ella, "anna", "inquiry", reason="Vi vet för lite.")
        entries = timeline.entries(world.ella, world.scope("karin"))
        assert [entry.title.replace("\xa0", " ") for entry in entries] == [
            "Flagga: frånvaro 17 %, 20 skoldagar",
            "Beslut: frånvaroutredning",
        ]
        assert "Vi vet för lite." in entries[1].text

    def test_a_failed_course_keeps_its_capital_inside_a_sentence(self, world):
        courses = [{"code": "HIST1000X", "subject": "Historia", "kind": "F"}]
        flag(world.ella, world.norra, "B1", "yellow", "1", evidence={"courses": courses})
        told = [entry.title for entry in timeline.entries(world.ella, world.scope("karin"))]
        assert "Flagga: F i historia" in told

    def test_who_only_teaches_her_sees_none_of_it(self, world):
        flag(world.ella, world.norra)
        assert timeline.entries(world.ella, world.scope("tore")) == []
        assert student_panels.panels(world.ella, world.scope("tore")) == []
        assert student_panels.waits([world.ella.pk], world.scope("tore")) == {}
        assert student_panels.waits([world.ella.pk], world.scope("karin"))


def test_the_numbers_are_remembered_and_new_as_soon_as_i_have_acted(client, world, monkeypatch):
    monkeypatch.setattr("followup.navigation.REMEMBERED", 30)
    ella = flag(world.ella, world.norra)
    client.force_login(world.karin)
    assert "väntar: 1" in words_of(client, reverse("today"))
    mark_handled([ella], by=world.karin, ref=1)
    assert "väntar: 1" in words_of(client, reverse("today")), "asked of the database at every page"
    client.post(reverse("student_search"), {"q": "ella"})
    assert "väntar: 1" in words_of(client, reverse("today")), (
        "counted anew after a search, which changes nothing"
    )
    client.post(reverse("risk:take", args=[ella.pk]))
    assert "väntar: 1" not in words_of(client, reverse("today"))


@pytest.mark.parametrize("who", ["karin", "mette", "anna"])
def test_ops_05_the_start_page_asks_as_much_for_many_as_for_few(client, world, who):
    """And at most 20 questions, the measure of the bench."""
    scanned(world)
    for student in (world.ella, world.omar):
        flag(student, world.norra, opened_on=days_ago(3))
    client.force_login(getattr(world, who))

    def asked():
        with CaptureQueriesContext(connection) as questions:
            client.get(reverse("today"))
        return len(questions)

    few = asked()
    many(world, 30)
    assert asked() == few
    assert few <= 20


class TestTheAbsenceCard:
    @staticmethod
    def chart(world):
        (card,) = (
            panel.data
            for panel in student_panels.panels(world.ella, world.scope("karin"))
            if panel.template == "risk/_absence_card.html"
        )
        return card.chart

    def test_the_limits_of_her_own_school_are_drawn_and_said(self, client, world):
        attendance(world.ella, world.norra, excused=30)
        assert self.chart(world).note.replace("\N{NO-BREAK SPACE}", " ") == (
            "Streckat: skolans gränser 10 % och 15 %"
        )
        for unit, yellow, red in [(None, 12, 20), (world.norra, 8, 25)]:
            set_threshold(
                by=None,
                organiser=world.kommun,
                unit=unit,
                indicator="A1",
                yellow=Decimal(yellow),
                red=Decimal(red),
                reason="Beslut i nämnden.",
            )
        chart = self.chart(world)
        said = "Streckat: skolans gränser 8 % och 25 %"
        assert chart.note.replace("\N{NO-BREAK SPACE}", " ") == said
        assert len(chart.wide.limits) == 2
        assert chart.wide.limits == sorted(chart.wide.limits, reverse=True)
        client.force_login(world.karin)
        html = client.get(reverse("students:detail", args=[world.ella.pk])).content.decode()
        html = html.replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")
        assert html.count(said) == 3  # the picture's description, under it, and on its table
        assert html.count('class="limit"') == 2

    def test_the_registrar_sees_it_without_limits_and_a_teacher_not_at_all(self, world):
        attendance(world.ella, world.norra, excused=30)
        (panel,) = student_panels.panels(world.ella, world.scope("ulla"))
        assert (panel.data.chart.wide.limits, panel.data.chart.note) == ([], "")
        assert student_panels.panels(world.ella, world.scope("tore")) == []
