"""Idag: without it nobody knows what is hers to do."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup import offers
from followup.boards import queries
from followup.coaching.models import CheckIn
from followup.offers import TodayRow, TodaySection
from followup.risk.models import Flag
from students.actions import dispute_fact
from students.models import Involvement
from tests import world as worlds

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def offered_sections(monkeypatch):
    """Puts given sections in the place of what the rooms offer."""

    def offer(*sections):
        monkeypatch.setattr(
            queries,
            "offered",
            lambda setting, name, **_: [lambda scope: list(sections)] if name == "sections" else [],
        )

    return offer


def test_nothing_to_do_is_said(client, world, offered_sections):
    offered_sections()
    client.force_login(world.karin)
    page = client.get(reverse("today")).content.decode()
    assert "Tisdag 24 november, vecka 48." in page
    assert "Inget väntar på dig idag." in page


def test_the_sentence_counts_what_waits(world, offered_sections):
    at = datetime(2026, 11, 24, 10, 20, tzinfo=STOCKHOLM)
    offered_sections(
        TodaySection(
            "booked",
            "Avstämningar idag",
            [TodayRow("Leo", student_id=1, at=at), TodayRow("Tilde", student_id=2, at=at)],
        ),
        TodaySection("needs_you", "Behöver dig", [TodayRow("A", student_id=3), TodayRow("A", student_id=3)]),
        TodaySection("needs_you", "Behöver dig", [TodayRow("B", student_id=4), TodayRow("C", student_id=5)]),
    )
    sentence = queries.start_page(world.scope("karin")).sentence
    assert sentence == ("Tisdag 24 november, vecka 48. Två avstämningar är bokade, tre elever väntar på dig.")


def test_one_is_said_as_one(world, offered_sections):
    offered_sections(TodaySection("needs_you", "Behöver dig", [TodayRow("Fil", sentence="stoppad")]))
    assert queries.start_page(world.scope("ulla")).sentence.endswith("En sak väntar på dig.")


def test_what_has_waited_longest_comes_first_whichever_room_it_is_from(world, offered_sections):
    offered_sections(
        TodaySection("needs_you", "Behöver dig", [TodayRow("ny", waiting_since=date(2026, 11, 23))]),
        TodaySection("needs_you", "Behöver dig", [TodayRow("gammal", waiting_since=date(2026, 11, 2))]),
        TodaySection("good_news", "Bra nyheter", [TodayRow("bättre")]),
        TodaySection("booked", "Avstämningar idag", [TodayRow("bokad")]),
    )
    page = queries.start_page(world.scope("karin"))
    assert [section.kind for section in page.sections] == ["booked", "needs_you", "good_news"]
    assert [row.who for row in page.sections[1].rows] == ["gammal", "ny"]


def test_week_53_is_called_53(world, offered_sections, settings):
    offered_sections()
    settings.KOLL_TODAY = date(2027, 1, 1)
    assert "vecka 53." in queries.start_page(world.scope("karin")).sentence
    settings.KOLL_TODAY = date(2027, 1, 4)
    assert "vecka 1." in queries.start_page(world.scope("karin")).sentence


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("TODAY", "sections"),
        ("TIMELINE", "entries"),
        ("STUDENT_PANELS", "panels"),
        ("AFTER_IMPORT", "after_import"),
        ("AFTER_ROLE_END", "after_role_end"),
        ("PANELS", "panels"),
        ("RISK_INDICATORS", "INDICATORS"),
    ],
)
def test_everything_listed_is_there(setting, name):
    assert list(offers.offered(setting, name))


@pytest.mark.parametrize("user", ["karin", "mette", "ulla", "anna"])
def test_as_many_questions_for_thirty_pupils_as_for_three(client, world, user):
    """OPS-05: Idag is opened by everybody at eight o'clock."""
    client.force_login(world.users[user])

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("today")).status_code == 200
        return len(queries)

    def more(numbers):
        for number in numbers:
            student = worlds.student(
                world, f"nr{number}", "Berg", f"20080101{1000 + number}", world.norra, world.karin
            )
            flag = Flag.objects.create(
                student=student,
                unit=world.norra,
                indicator="A1",
                level="red",
                value=20,
                threshold=15,
                evidence={"days": 20},
                opened_on=worlds.TODAY,
                changed_on=worlds.TODAY,
                measured_on=worlds.TODAY,
            )
            Involvement.objects.create(
                student=student, unit=world.norra, why="flag", ref=flag.pk, since=worlds.TODAY
            )
            CheckIn.objects.create(
                student=student,
                unit=world.norra,
                by=world.karin,
                at=datetime(2026, 11, 17, 10, tzinfo=STOCKHOLM),
                made=True,
                channel="meeting",
                next_on=worlds.TODAY,
                form_uuid=UUID(int=number),
            )
            dispute_fact(student, by=world.karin, unit=world.norra, about="person", text="Fel")

    more(range(3))
    few = asked()
    more(range(3, 30))
    assert asked() == few
    assert few <= 20
