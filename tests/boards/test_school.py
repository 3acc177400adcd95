"""Översikt: a leader sees at a glance what waits, and nobody can be found behind a number."""

import re
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from followup.figures import FEW, Hidden, hide_small
from followup.risk.actions import take
from followup.risk.models import Flag
from followup.risk.queries.overview import overview
from students.models import Student
from tests.risk.test_decisions import IN_THREE_WEEKS, decide
from tests.risk.test_waiting_page import many, scanned
from tests.world import TODAY, flag, student

PAGE = reverse("boards:school")


def possible(told, total):
    """Everything that the numbers could be, for who sees what is told of them and their sum."""
    ways = [
        range(1, FEW)
        if one is Hidden.SMALL
        else range(total + 1)
        if one is Hidden.BESIDE and all(isinstance(each, Hidden) for each in told)
        else range(FEW, total + 1)
        if one is Hidden.BESIDE
        else [one]
        for one in told
    ]
    return [numbers for numbers in product(*ways) if sum(numbers) == total]


class TestHiding:
    @given(st.lists(st.integers(0, 12), max_size=4).filter(lambda numbers: sum(numbers) >= FEW))
    def test_dsh_02_nobody_is_found_from_the_total(self, numbers):
        """One of six could be counted out from "<5" beside a hidden five; four and four from eight."""
        told = hide_small(numbers)
        found = possible(told, sum(numbers))
        assert tuple(numbers) in found
        for at, number in enumerate(numbers):
            if 0 < number < FEW:
                assert isinstance(told[at], Hidden)
                assert len({each[at] for each in found}) > 1

    @given(st.lists(st.integers(0, 40), max_size=8))
    def test_dsh_02_what_is_told_is_true(self, numbers):
        told = list(zip(numbers, hide_small(numbers), strict=True))
        assert all(0 < number < FEW for number, shown in told if shown is Hidden.SMALL)
        assert all(shown == number for number, shown in told if not isinstance(shown, Hidden))
        hidden = [number for number, shown in told if isinstance(shown, Hidden)]
        if hidden and len(hidden) < len(numbers):
            assert len(hidden) > 1
            assert sum(hidden) >= FEW

    def test_three_boys_and_twenty_two_girls(self):
        assert hide_small([1, 9, 20]) == [Hidden.SMALL, Hidden.BESIDE, 20], "nine are not fewer than five"
        assert hide_small([6, 7, 0]) == [6, 7, 0]
        assert hide_small([1, 5, 20, 30]) == [Hidden.SMALL, Hidden.BESIDE, Hidden.BESIDE, 30]
        assert hide_small([12, 2]) == [Hidden.BESIDE, Hidden.BESIDE], "nothing is left to tell"
        assert hide_small([0, 0, 4, 4]) == [Hidden.BESIDE] * 4, "four and four are eight in no other way"


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

    def told(self, world, waiting: dict[str, list[int]]):
        """The leader's figures of pupils by the days that they have waited, for each reason."""
        for indicator, days in waiting.items():
            for n, ago in enumerate(days):
                pupil = Student.objects.filter(given_name=f"P{n}").first() or student(
                    world, f"p{n}", "Provsson", f"20090101{n:04}", world.norra
                )
                flag(pupil, world.norra, indicator, opened_on=TODAY - timedelta(days=ago))
        return overview({world.norra.pk})

    def test_a_few_with_one_reason_are_not_found_from_the_sum_of_flags(self, world):
        """12 pupils with 15 flags, 12 of them for absence: the three with a warning could be counted out."""
        figures = self.told(world, {"A1": [1] * 12, "B1": [1] * 3})
        assert [bar.students for bar in figures.reasons] == [12, Hidden.SMALL]
        assert isinstance(figures.flags, Hidden)

    def test_a_few_with_one_reason_are_not_found_from_the_sum_of_pupils(self, world):
        """16 pupils, 12 of them for absence, the others fewer than five: four."""
        for n in range(12, 16):
            flag(
                student(world, f"q{n}", "Provsson", f"20080101{n:04}", world.norra),
                world.norra,
                "B1",
                opened_on=TODAY,
            )
        figures = self.told(world, {"A1": [1] * 12})
        assert figures.students == 16
        assert all(isinstance(bar.students, Hidden) for bar in figures.reasons)

    def test_the_reasons_do_not_tell_what_the_ages_hide(self, world):
        """6, 10 and 23 by reason beside "–", 10, "<5" and 20 by age: three have waited one to two weeks."""
        figures = self.told(world, {"A1": [1] * 6 + [5] * 10 + [10] * 3 + [20] * 20})
        assert figures.ages == [Hidden.BESIDE, 10, Hidden.SMALL, 20]
        assert [(bar.longer, bar.parts) for bar in figures.reasons] == [(Hidden.BESIDE, (0, 39, 0))]

    def test_the_ages_do_not_tell_what_a_reason_hides(self, world):
        """Each pupil has one flag: those who have waited long for one reason are the rest of all who have."""
        figures = self.told(world, {"A1": [1] * 6 + [20] * 8})
        for n in range(20, 32):
            pupil = student(world, f"q{n}", "Provsson", f"20080101{n:04}", world.norra)
            flag(pupil, world.norra, "B1", opened_on=TODAY - timedelta(days=1 if n < 30 else 20))
        figures = overview({world.norra.pk})
        assert figures.ages == [16, 0, 0, 10]
        assert [bar.longer for bar in figures.reasons] == [Hidden.BESIDE] * 2

    def test_four_classes_with_one_each_are_not_listed(self, client, world):
        """ "Färre än fem" over four rows of "<5" is one in each."""
        for n, school_class in enumerate(["A1", "B1", "C1", "D1"]):
            pupil = student(
                world, f"p{n}", "Provsson", f"20090101{n:04}", world.norra, school_class=school_class
            )
            flag(pupil, world.norra, opened_on=TODAY - timedelta(days=(1, 5, 10, 20)[n]))
        page = self.words(client, world.anna)
        assert "Klasserna" not in page
        assert "8 till 14 dagar –" in page

    def test_classes_with_no_number_that_may_be_told_are_named_without_one(self, client, world):
        """Eight rows of dashes tell a head nothing but that the page is broken."""
        for n, school_class in enumerate(["A1"] * 3 + ["B1"] * 3):
            pupil = student(
                world, f"p{n}", "Provsson", f"20090101{n:04}", world.norra, school_class=school_class
            )
            flag(pupil, world.norra)
        page = self.words(client, world.anna)
        assert "Klasserna A1 B1 Här väntar någon." in page

    def test_classes_with_few_are_named_after_those_with_a_number(self, client, world):
        """Twenty rows of "<5" hide the five classes that a head should look at."""
        for n, school_class in enumerate(["A1"] * 7 + ["B1"] * 2 + ["C1"] * 6):
            pupil = student(
                world, f"p{n}", "Provsson", f"20090101{n:04}", world.norra, school_class=school_class
            )
            flag(pupil, world.norra)
        page = self.words(client, world.anna)
        assert "Klasserna Klass antal A1 7 B1 C1 Här väntar också någon." in page

    def test_flg_05_overdue_is_counted_as_open(self, client, world, settings):
        many(world, 6)
        for pupil in {found.student for found in Flag.objects.select_related("student")}:
            decide(world, pupil)
        settings.KOLL_TODAY = IN_THREE_WEEKS + timedelta(days=181)
        Flag.objects.update(closed_on=TODAY, closed_why="better")
        page = self.words(client, world.anna)
        assert "6 uppföljningar har passerat sin dag." in page

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
        for found in flags[1::3]:
            decide(world, found.student)
        page = self.words(client, world.anna)
        assert "Någon har tagit den 4 dagar 4 dagar" in page, (
            "who decides has taken it, also without saying so"
        )

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
