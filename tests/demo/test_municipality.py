"""The demo is what a municipality judges us by: it must look like a school, and hold nobody real."""

from collections import Counter
from datetime import date, time, timedelta

import pytest
from django.db import transaction
from django.db.models import Count, F, Q, Sum

from followup import clock
from followup.accounts.models import SchoolUnit, User
from followup.calendar import easter
from followup.demo import municipality, numbers, registrar, schooldays, story
from students.models import AttendanceDay, Batch, Enrolment, FactDispute, Grade, GroupStaff, Person, Student

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """One municipality for all the tests of this module, rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.standing_at(clock.at_noon(date(2026, 11, 24))):
            municipality.build(students=900, seed=3, lived_in=False)
        yield
        transaction.set_rollback(True)


def share(days, of="absent"):
    sums = days.aggregate(
        absent=Sum(F("excused") + F("unexcused")), unexcused=Sum("unexcused"), scheduled=Sum("scheduled")
    )
    return sums["absent"] / sums["scheduled"] if of == "absent" else sums["unexcused"] / sums["absent"]


def test_absence_is_what_swedish_reports_say(demo):
    """Without it the waiting list of the demo is empty, or drowns, and nobody can judge the limits."""
    in_school = AttendanceDay.objects.filter(unit__school_form="GY")
    introductory = Student.objects.filter(enrolments__programme__startswith="IM").values("pk")
    assert 0.06 < share(in_school.exclude(student__in=introductory)) < 0.13
    assert 0.14 < share(in_school.filter(student__in=introductory)) < 0.30
    assert 0.20 < share(AttendanceDay.objects.all(), of="unexcused") < 0.35


def test_few_pupils_are_away_a_lot(demo):
    means = (
        AttendanceDay.objects.values("student")
        .annotate(absent=Sum(F("excused") + F("unexcused")), scheduled=Sum("scheduled"))
        .values_list("absent", "scheduled")
    )
    over = Counter(
        limit for absent, scheduled in means for limit in (15, 30) if absent * 100 >= scheduled * limit
    )
    assert 0.08 < over[15] / len(means) < 0.25
    assert 0.02 < over[30] / len(means) < 0.12


def test_who_is_away_has_more_warnings(demo):
    """The grades must hang together with the absence, or the demo teaches the wrong thing."""
    warned = set(Grade.objects.filter(Q(kind="warning") | Q(value="F")).values_list("student", flat=True))
    rates = {True: [0, 0], False: [0, 0]}
    for student, absent, scheduled in (
        AttendanceDay.objects.values("student")
        .annotate(absent=Sum(F("excused") + F("unexcused")), scheduled=Sum("scheduled"))
        .values_list("student", "absent", "scheduled")
    ):
        rates[absent * 100 > scheduled * 20][0] += student in warned
        rates[absent * 100 > scheduled * 20][1] += 1
    assert rates[True][0] / rates[True][1] > 1.5 * rates[False][0] / rates[False][1]


def test_the_year_ends_on_the_last_school_day_before_today(demo):
    assert AttendanceDay.objects.order_by("-date").first().date == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 7, 20), date(2026, 6, 12)),
        (date(2027, 1, 4), date(2026, 12, 21)),
        (date(2026, 11, 2), date(2026, 10, 23)),
        (date(2026, 11, 23), date(2026, 11, 20)),
    ],
)
def test_also_in_july_and_after_breaks(today, last):
    assert schooldays.last_school_day_before(today) == last


def test_a_demo_that_is_made_before_breakfast_holds_nothing_of_later_that_day():
    three = clock.at_noon(date(2026, 11, 24)) - timedelta(hours=9)
    with clock.standing_at(three):
        assert story.moment_of(date(2026, 11, 24), time(8, 20)) == three
        assert story.moment_of(date(2026, 11, 23), time(12)) == three - timedelta(hours=15)


def test_a_year_is_178_school_days_wherever_it_ends():
    for until in (date(2026, 6, 12), date(2026, 11, 24), date(2028, 2, 29)):
        assert len(schooldays.year_of_school_days(until)) == 178


def test_easter_moves():
    assert [easter(year) for year in (2025, 2026, 2027)] == [
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
    ]


def test_everybody_has_a_mentor_of_her_own_size(demo):
    assert not Enrolment.objects.exclude(student__memberships__group__staff__isnull=False).exists()
    sizes = GroupStaff.objects.annotate(size=Count("group__members")).values_list("size", flat=True)
    assert max(sizes) <= 15


def test_numbers_are_test_numbers_or_temporary_ones(demo):
    """A number that belongs to somebody would put a real child into a demo."""
    import gzip

    with gzip.open(numbers.TEST_NUMBERS, "rt") as lines:
        allowed = set(lines.read().split())
    for number, kind in Person.objects.values_list("national_number", "number_kind"):
        assert number in allowed or (kind == "temporary" and "TF" in number)


def test_when_the_test_numbers_run_out_the_rest_get_temporary_ones_of_their_unit():
    from random import Random

    dealt = numbers.Numbers(Random(1))
    found = [dealt.of_year(2020, unit_id=7) for _ in range(400)]
    assert len({number for number, _kind, _born in found}) == 400
    assert {kind for _number, kind, _born in found} == {"personnummer", "temporary"}


def test_the_people_of_the_cards_are_invented_and_cannot_sign_in_with_a_password(demo):
    cards = User.objects.exclude(demo_card="")
    assert cards.count() == 8
    assert not any(user.has_usable_password() or not user.is_invented for user in cards)


def test_one_more_day_comes_each_night_and_only_once(demo, settings):
    settings.KOLL_TODAY = date(2026, 11, 26)
    with transaction.atomic():
        assert municipality.add_day() == date(2026, 11, 25)
        assert AttendanceDay.objects.filter(date=date(2026, 11, 25)).count() > 700
        assert AttendanceDay.objects.filter(date=date(2026, 11, 24)).exists()  # the day that was missed
        assert municipality.add_day() is None
        transaction.set_rollback(True)


def test_everybody_has_a_mentor_who_works_there(demo):
    """Else the start page of the demo's leaders begins with pupils whom nobody looks after."""
    assert not Student.objects.without_mentor(SchoolUnit.objects.values("pk")).exists()


def test_the_registrar_finds_something_on_her_desk(demo):
    """Else whoever tries her card sees two empty pages, and learns nothing of what files do."""
    day = date(2026, 11, 23)
    with transaction.atomic(), clock.standing_at(clock.at_noon(date(2026, 11, 24))):
        registrar.fill_the_desk(day)
        batch = Batch.objects.latest("pk")
        assert (batch.state, batch.counts["refused"]) == ("done", 3)
        assert [batch.counts[what] for what in ("added", "changed", "gone")] == [0, 0, 0]
        assert len({refusal.reason for refusal in batch.refusals.all()}) == 3
        assert FactDispute.objects.open().count() == 1
        transaction.set_rollback(True)
