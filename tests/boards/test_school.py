"""Översikt: a leader sees at a glance what waits, and nobody can be found behind a number."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from followup.figures import FEW, Hidden, hide_small
from followup.risk.actions import take
from followup.risk.models import Flag
from tests.risk.test_decisions import IN_THREE_WEEKS, decide
from tests.risk.test_waiting_page import many, scanned
from tests.world import TODAY, flag

PAGE = reverse("boards:school")


class TestHiding:
    @given(st.lists(st.integers(0, 40), max_size=8))
    def test_dsh_02_nothing_hidden_can_be_found_from_the_total(self, numbers):
        told = hide_small(numbers)
        hidden = [number for number, shown in zip(numbers, told, strict=True) if isinstance(shown, Hidden)]
        assert not any(number < FEW for number, shown in zip(numbers, told, strict=True) if shown and number)
        assert all(
            0 < number < FEW for number, shown in zip(numbers, told, strict=True) if shown is Hidden.SMALL
        )
        assert all(
            shown == number
            for number, shown in zip(numbers, told, strict=True)
            if not isinstance(shown, Hidden)
        )
        if hidden and len(hidden) < len(numbers):
            assert len(hidden) > 1
            assert sum(hidden) >= FEW

    def test_three_boys_and_twenty_two_girls(self):
        assert hide_small([1, 4]) == [Hidden.SMALL, Hidden.SMALL]
        assert hide_small([1, 9, 20]) == [Hidden.SMALL, Hidden.BESIDE, 20], "nine are not fewer than five"
        assert hide_small([6, 7, 0]) == [6, 7, 0]
        assert hide_small([12, 2]) == [Hidden.BESIDE, Hidden.SMALL]


@pytest.mark.django_db
class TestThePage:
    def words(self, client, user):
        client.force_login(user)
        page = client.get(PAGE)
        assert page.status_code == 200
        text = re.sub(r"<svg.*?</svg>", " ", page.content.decode(), flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " ").replace("&lt;", "<")

    def test_the_sentence_comes_first_and_no_name_anywhere(self, client, world):
        many(world, 12)
        Flag.objects.update(opened_on=TODAY - timedelta(days=9))
        scanned(world)
        page = self.words(client, world.anna)
        assert "12 elever med 36 flaggor väntar på beslut. Äldst: 9 dagar." in page
        assert "frånvaro till och med mån 23 nov" in page
        assert "Provsson" not in page
        assert "8 till 14 dagar 12" in page

    def test_few_are_not_told(self, client, world):
        flag(world.ella, world.norra)
        flag(world.vera, world.norra)
        page = self.words(client, world.anna)
        assert "Färre än fem elever väntar på beslut." in page
        assert "Frånvaro <5" in page
        assert "2 elever" not in page

    def test_flg_05_overdue_is_counted_as_open(self, client, world, settings):
        many(world, 6)
        for student in {found.student for found in Flag.objects.select_related("student")}:
            decide(world, student)
        settings.KOLL_TODAY = IN_THREE_WEEKS + timedelta(days=181)
        Flag.objects.update(closed_on=TODAY, closed_why="better")
        page = self.words(client, world.anna)
        assert "6 uppföljningar har passerat sin dag: de räknas som öppna." in page

    def test_from_flag_to_action(self, client, world):
        many(world, 5)
        flags = list(Flag.objects.order_by("student", "pk"))
        for found in flags:
            Flag.objects.filter(pk=found.pk).update(opened_on=TODAY - timedelta(days=4))
        for found in flags[:9:3]:
            take(found, by=world.karin)
        page = self.words(client, world.anna)
        assert "Någon har tagit den 4 dagar inte ännu" in page
        assert "Beslut inte ännu inte ännu" in page

    def test_a_class_leads_to_its_pupils_on_the_waiting_list(self, client, world):
        many(world, 12)
        client.force_login(world.anna)
        leads = f"{reverse('risk:waiting_list')}?klass=EK2b"
        assert f'href="{leads}"' in client.get(PAGE).content.decode()
        assert "12 elever" in client.get(leads).content.decode()

    def test_rgt_01_the_head_sees_her_own_school_only(self, client, world):
        many(world, 7)
        client.force_login(world.anna)
        page = self.words(client, world.anna)
        assert "7 elever" in page
        assert "Södra" not in page

    def test_the_organisers_leader_sees_schools_and_no_classes(self, client, world):
        many(world, 7)
        flag(world.saga, world.sodra)
        page = self.words(client, world.lena)
        assert "8 elever" in page
        assert "Norra gymnasiet" in page
        assert "EK2b" not in page
        assert "Norra gymnasiet 7" not in page, "7 of 8 would tell the one at the other school"

    @pytest.mark.parametrize("who", ["karin", "jonas", "mette", "tore", "siv", "ulla", "pia", "sten"])
    def test_nobody_else(self, client, world, who):
        client.force_login(getattr(world, who))
        assert client.get(PAGE).status_code == 403

    def test_the_same_number_of_questions_for_many(self, client, world):
        scanned(world)
        many(world, 3)
        client.force_login(world.anna)
        asked = []
        for more in (0, 100):
            many(world, more)
            with CaptureQueriesContext(connection) as questions:
                client.get(PAGE)
            asked.append(len(questions))
        assert asked[0] == asked[1] <= 20
