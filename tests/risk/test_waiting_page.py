"""The page of the waiting list: its sentences, its box, and what it costs with many pupils."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup.audit.models import Reading
from followup.risk.actions import mark_handled
from followup.risk.models import Scan, ScanPart
from followup.risk.queries import waiting
from students.models import Enrolment, GroupMember, Person, Student
from tests.world import TERM_START, TODAY, flag

pytestmark = pytest.mark.django_db
LIST = reverse("risk:waiting_list")


@pytest.fixture
def health(client, world):
    client.force_login(world.mette)
    return client


def text(client, address=LIST):
    page = client.get(address)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode())).replace("\xa0", " ")


def scanned(world, unit="norra", until=None, state="done", day=TODAY, known=2, kind="night"):
    scan = Scan.objects.create(kind=kind, day=day, state=state if state != "waiting" else "running")
    return ScanPart.objects.create(
        scan=scan,
        unit=getattr(world, unit),
        state=state,
        finished_at=scan.started_at if state == "done" else None,
        counts={"pupils": 3, "known": known} if state == "done" else {},
        facts_until={"narvaro": (until or TODAY - timedelta(days=1)).isoformat()} if state == "done" else {},
    )


def many(world, number):
    """Pupils by the hundred, each with three flags."""
    group = world.ella.memberships.get().group
    persons = Person.objects.bulk_create(
        Person(number_kind="missing", national_number="") for _ in range(number)
    )
    students = Student.objects.bulk_create(
        Student(person=p, organiser=world.kommun, given_name=f"Elev{n}", family_name="Provsson")
        for n, p in enumerate(persons)
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            student=s, unit=world.norra, programme="EK25", year=2, school_class="EK2b", starts_on=TERM_START
        )
        for s in students
    )
    GroupMember.objects.bulk_create(
        GroupMember(group=group, student=s, starts_on=TERM_START) for s in students
    )
    for s in students:
        for indicator in ("A1", "A2", "A3"):
            flag(s, world.norra, indicator)


class TestSentences:
    def test_no_flag_yet(self, health):
        assert "Inga flaggor ännu. Skanningen går i natt kl. 03.00, eller kör den nu." in text(health)

    def test_how_many_and_how_long(self, health, world):
        flag(world.ella, world.norra, opened_on=TODAY - timedelta(days=9))
        flag(world.ella, world.norra, "A2", value="320")
        flag(world.omar, world.norra, opened_on=TODAY - timedelta(days=2))
        page = text(health)
        assert "2 elever med 3 flaggor väntar. Äldst utan beslut: 9 dagar." in page
        assert "Den som har väntat längst utan beslut står först" in page
        assert "Ogiltig frånvaro 5 h 20 min" in page

    def test_contact_has_its_own_heading(self, health, world):
        mark_handled([flag(world.ella, world.norra)], by=world.karin, ref=1)
        assert "Kontakt finns, inget beslut" in text(health)

    def test_everybody_has_a_decision(self, health, world):
        from tests.risk.test_decisions import decide

        flag(world.ella, world.norra)
        decide(world, world.ella)
        assert "Alla har ett beslut. Nästa uppföljning är tis 15 dec." in text(health)

    def test_nobody_fits_the_filters(self, health, world):
        flag(world.ella, world.norra)
        assert "Ingen elev passar urvalet. Rensa urvalet" in text(health, LIST + "?vantat=14")

    def test_how_far_the_facts_reach(self, health, world):
        flag(world.ella, world.norra)
        scanned(world)
        assert "frånvaro till och med mån 23 nov · skannad" in text(health)

    def test_a_file_has_not_come(self, health, world):
        flag(world.ella, world.norra)
        scanned(world, until=TODAY - timedelta(days=4))
        assert "Frånvaron är från fre 20 nov. Filen för i går har inte kommit." in text(health)

    def test_the_night_was_not_finished(self, health, world):
        flag(world.ella, world.norra)
        scanned(world, day=TODAY - timedelta(days=1))
        scanned(world, state="failed")
        assert "Skanningen i natt blev inte klar. Det som visas gäller mån 23 nov." in text(health)

    def test_a_silent_feed_is_said(self, health, world):
        flag(world.ella, world.norra)
        scanned(world, known=1)
        assert "okänd, inte noll" in text(health)


class TestThePage:
    def test_the_first_pupil_has_the_box_or_the_one_that_is_chosen(self, health, world):
        flag(world.ella, world.norra, opened_on=TODAY - timedelta(days=9))
        flag(world.omar, world.norra)
        assert "Beslut om Ella Lindqvist" in text(health)
        assert "Beslut om Omar Haddad" in text(health, f"{LIST}?elev={world.omar.pk}")

    def test_the_box_alone_for_htmx(self, health, world):
        flag(world.ella, world.norra)
        part = health.get(reverse("risk:decide", args=[world.ella.pk]), headers={"HX-Request": "true"})
        assert "<html" not in part.content.decode()
        assert 'value="list"' in part.content.decode()
        assert part.headers["HX-Push-Url"] == f"{LIST}?elev={world.ella.pk}", "Back and reload find her again"

    def test_a_form_that_comes_back_beside_the_list_still_stands_under_its_place_in_the_rail(
        self, health, world
    ):
        flag(world.ella, world.norra)
        page = health.post(reverse("risk:decide", args=[world.ella.pk]), {"from": "list"})
        assert [item.url for item in page.context["frame"].items if item.current] == [LIST]

    def test_a_flag_stands_under_the_pupils_in_the_rail(self, health, world):
        page = health.get(reverse("risk:flag", args=[flag(world.ella, world.norra).pk]))
        here = [item.url for item in page.context["frame"].items if item.current]
        assert here == [reverse("students:list")]

    def test_rgt_01_another_school_in_the_address_shows_nothing_of_it(self, health, world):
        flag(world.ella, world.norra)
        saga = flag(world.saga, world.sodra)
        for address in (
            f"{LIST}?skola={world.sodra.pk}",
            f"{LIST}?elev={world.saga.pk}",
            f"{LIST}?mentor={world.per.pk}",
        ):
            page = text(health, address)
            assert "Saga" not in page
            assert "Södra" not in page
        assert health.get(reverse("risk:decide", args=[world.saga.pk])).status_code == 404
        assert health.get(reverse("risk:flag", args=[saga.pk])).status_code == 404
        assert health.post(reverse("risk:take", args=[saga.pk])).status_code == 404

    @pytest.mark.parametrize("who", ["karin", "jonas", "tore", "siv", "ulla", "lena", "pia", "sten"])
    def test_nobody_else_has_the_list(self, client, world, who):
        client.force_login(getattr(world, who))
        assert client.get(LIST).status_code == 403

    def test_protected_pupils_are_nowhere_on_it(self, health, world):
        flag(world.vera, world.norra)
        flag(world.ella, world.norra)
        assert "Vera" not in health.get(LIST).content.decode()

    def test_every_pupil_shown_is_in_the_trace(self, health, world):
        flag(world.ella, world.norra)
        flag(world.omar, world.norra)
        health.get(LIST)
        assert Reading.objects.latest("pk").student_ids == sorted([world.ella.pk, world.omar.pk])

    def test_ops_05_the_same_number_of_questions_for_3_30_and_500_pupils(self, health, world):
        flag(world.ella, world.norra)
        flag(world.omar, world.norra)
        scanned(world)
        health.get(LIST)
        asked = []
        for more in (1, 27, 470):
            many(world, more)
            with CaptureQueriesContext(
                connection,
            ) as questions:
                page = health.get(LIST)
            asked.append(len(questions))
        assert asked[0] == asked[1] == asked[2], asked
        assert asked[0] <= 20, asked
        assert page.content.decode().count("data-stop") == waiting.PER_PAGE

    def test_scan_now_is_ordered_for_her_units(self, health, world):
        health.post(reverse("risk:scan_now"))
        assert list(ScanPart.objects.values_list("unit", flat=True)) == [world.norra.pk]

    def test_without_redis_the_order_stands_and_is_said(self, health, settings, world):
        from celery import current_app

        url = current_app.conf.broker_url
        current_app.conf.broker_url = "redis://127.0.0.1:1/0"
        try:
            answer = health.post(reverse("risk:scan_now"), follow=True)
        finally:
            current_app.conf.broker_url = url
        assert "kön svarar inte" in answer.content.decode()
        assert Scan.objects.running().exists()

    def test_taken_once_the_second_is_told(self, health, world, client):
        ella = flag(world.ella, world.norra)
        client.force_login(world.karin)
        client.post(reverse("risk:take", args=[ella.pk]))
        ella.refresh_from_db()
        assert ella.taken_by == world.karin
        client.force_login(world.mette)
        answer = client.post(reverse("risk:take", args=[ella.pk]), follow=True)
        assert "har redan tagit den" in answer.content.decode()
        client.force_login(world.karin)
        client.post(reverse("risk:give_back", args=[ella.pk]))
        ella.refresh_from_db()
        assert ella.taken_by is None

    def test_what_was_taken_by_mistake_is_given_back_where_it_was_taken(self, health, world):
        """Else a slip keeps everybody else's hands off the pupil."""
        ella = flag(world.ella, world.norra)
        health.post(reverse("risk:take", args=[ella.pk]))
        page = health.get(LIST).content.decode()
        assert f'action="{reverse("risk:give_back", args=[ella.pk])}"' in page
        health.post(reverse("risk:give_back", args=[ella.pk]))
        page = health.get(LIST).content.decode()
        assert f'action="{reverse("risk:take", args=[ella.pk])}"' in page

    @pytest.mark.parametrize(("who", "status"), [("anna", 403), ("tore", 404), ("siv", 404), ("sten", 404)])
    def test_who_may_not_take(self, client, world, who, status):
        ella = flag(world.ella, world.norra)
        if who == "tore":
            from students.models import Group, GroupStaff

            group = Group.objects.create(unit=world.norra, kind="teaching", name="MA2b", school_year=2026)
            GroupStaff.objects.create(group=group, user=world.tore, starts_on=TERM_START)
            GroupMember.objects.create(group=group, student=world.ella, starts_on=TERM_START)
        client.force_login(getattr(world, who))
        assert client.post(reverse("risk:take", args=[ella.pk])).status_code == status
        if who == "tore":
            assert client.get(reverse("risk:flag", args=[ella.pk])).status_code == 404
