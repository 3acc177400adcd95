"""The measures against the cases, and against a plain loop that counts the days one by one."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from followup.risk.actions import scan_now, set_threshold
from followup.risk.indicators import declared
from followup.risk.measuring import Part, measure
from followup.risk.models import Flag
from followup.risk.queries.evidence import evidence_of
from followup.risk.sentences import sentence, short
from students.models import AttendanceDay, Enrolment, Grade
from tests import world as small_world
from tests.risk.life import days_before, flag, went
from tests.world import warning

TUESDAY = date(2026, 11, 24)


def measured(student, indicator, day=TUESDAY):
    units = [unit.pk for unit in student.organiser.units.all()]
    found = measure(Part(student.organiser_id, tuple(units)), day)
    return next(row for row in found if row.student_id == student.pk and row.indicator == indicator)


def words(text) -> str:
    return str(text).replace("\xa0", " ")


# Cases ---------------------------------------------------------------------------


def test_scn_02_a_break_and_a_study_day_are_no_absence(world):
    """Leave over Christmas is the school days in it; a study day without timetable is nothing."""
    january = date(2027, 1, 11)
    for student, unit in ((world.ella, world.norra), (world.saga, world.sodra)):
        went(student, unit, days_before(date(2026, 12, 18), 40))
        went(student, unit, [date(2026, 12, 21), date(2026, 12, 22), january], excused=300)
        went(student, unit, date(2026, 11, 13), scheduled=0 if unit == world.norra else 300)
    assert measured(world.ella, "A3", january).value == 3
    went(world.saga, world.sodra, date(2026, 11, 13), excused=300)
    assert measured(world.ella, "A1", date(2026, 11, 24)).value == 0
    assert measured(world.saga, "A1", date(2026, 11, 24)).value == Decimal("5.00")


def test_scn_02_a_school_trip_is_presence(world):
    """An activity of the school comes as scheduled minutes without absence."""
    went(world.ella, world.norra, days_before(TUESDAY, 20))
    assert (measured(world.ella, "A1").value, measured(world.ella, "A1").level) == (0, "none")


def test_scn_04_lessons_that_nobody_has_reported_are_neither(world):
    """Three weeks with registers for Mondays and Wednesdays only: 25 %, and 36 lessons unreported."""
    weeks = days_before(date(2026, 11, 27), 15)
    for day in weeks:
        if day.weekday() in (0, 2):
            went(world.ella, world.norra, day, scheduled=240, excused=60)
        else:
            went(world.ella, world.norra, day, scheduled=240, unreported=240)
    friday = date(2026, 11, 27)
    assert measured(world.ella, "A1", friday).value == Decimal("25.00")
    assert measured(world.ella, "A1", friday).evidence["days"] == 6
    went(world.ella, world.norra, [day for day in weeks[-5:] if day.weekday() in (0, 2)], excused=300)
    assert measured(world.ella, "A3", friday).value == 2  # the unreported Tuesday does not break the run
    AttendanceDay.objects.filter(student=world.ella, date__lt=weeks[-5]).delete()
    assert measured(world.ella, "A1", friday).level == "unknown"  # two known days alone


@pytest.mark.parametrize(
    ("limit", "absent", "scheduled", "level", "shown"),
    [
        (15, 150, 1000, "yellow", "15 %"),
        (15, 149, 994, "none", "14,9 %"),
        (29, 29, 100, "yellow", "29 %"),
    ],
)
def test_scn_08_the_limit_itself_counts_and_no_screen_says_it_too_early(
    world, limit, absent, scheduled, level, shown
):
    set_threshold(
        by=world.anna,
        organiser=world.kommun,
        indicator="A1",
        yellow=Decimal(limit),
        red=Decimal(99),
        reason="prov",
    )
    days = days_before(TUESDAY, 5)
    share, rest = divmod(scheduled, 5)
    for n, day in enumerate(days):
        went(
            world.ella,
            world.norra,
            day,
            scheduled=share + (rest if n == 0 else 0),
            excused=absent // 5 + (absent % 5 if n == 0 else 0),
        )
    row = measured(world.ella, "A1")
    assert row.level == level
    made = Flag(indicator="A1", level=row.level, value=row.value, evidence=row.evidence)
    assert words(short(made)) == f"Frånvaro {shown}, 5 skoldagar"
    assert words(sentence(made)) == f"Frånvaro {shown} de senaste 5 skoldagarna"


def test_scn_10_days_before_the_enrolment_do_not_count(world):
    """Hodan starts on 5 October; the source also holds 35 days of absence from before."""
    Enrolment.objects.filter(student=world.ella).update(starts_on=date(2026, 10, 5))
    before = days_before(date(2026, 10, 2), 35)
    went(world.ella, world.norra, before, excused=300)
    after = days_before(date(2026, 11, 6), 25)
    went(world.ella, world.norra, after)
    went(world.ella, world.norra, after[-20:][:4], excused=300)
    assert measured(world.ella, "A1", date(2026, 11, 6)).value == Decimal("20.00")
    Enrolment.objects.filter(student=world.ella).update(starts_on=date(2026, 10, 28))
    assert measured(world.ella, "A1", date(2026, 11, 6)).evidence["days"] == 8  # corrected start


def test_the_words_of_each_indicator(world):
    days = days_before(TUESDAY, 20)
    went(world.ella, world.norra, days)
    went(world.ella, world.norra, days[-3:], scheduled=320, unexcused=107)
    went(world.omar, world.norra, days)
    went(world.omar, world.norra, days[-3:], excused=300)
    went(world.vera, world.norra, days[-4:])
    warning(world.ella, world.norra)
    warning(world.omar, world.norra)
    warning(world.omar, world.norra, subject="Engelska 5", code="ENGENG05")
    warning(world.omar, world.norra, subject="Historia 1b", code="HIS", value="F", kind="final")
    scan_now()
    said = {
        (one.student_id, one.indicator): (words(sentence(one)), words(short(one)))
        for one in Flag.objects.all()
    }
    assert said == {
        (world.ella.pk, "A2"): (
            "Ogiltig frånvaro 5 h 21 min de senaste 30 dagarna",
            "Ogiltig frånvaro 5 h 21 min, 30 dagar",
        ),
        (world.ella.pk, "B1"): ("Varning i matematik nivå 2b", "Varning i matematik nivå 2b"),
        (world.omar.pk, "A1"): ("Frånvaro 15 % de senaste 20 skoldagarna", "Frånvaro 15 %, 20 skoldagar"),
        (world.omar.pk, "A3"): ("Frånvarande 3 skoldagar i rad", "Frånvarande 3 skoldagar i rad"),
        (world.omar.pk, "B1"): (
            "Varning i engelska 5 och matematik nivå 2b, F i historia 1b",
            "Varning i engelska 5 och matematik nivå 2b, F i historia 1b",
        ),
        (world.vera.pk, "A0"): (
            "Frånvaron är okänd: 4 kända skoldagar på 30 dagar",
            "Frånvaron är okänd: 4 kända skoldagar",
        ),
    }


def test_a_flag_opens_into_the_very_days_it_counts(world):
    days = days_before(TUESDAY, 25)
    went(world.ella, world.norra, days, excused=60)
    went(world.ella, world.norra, days[-3:], unexcused=300)
    went(world.ella, world.norra, days[-5], scheduled=0)  # a day without timetable is not among them
    scan_now()
    total = evidence_of(flag(world.ella, "A1"))
    assert [row.on for row in total.days] == [day for day in days[::-1] if day != days[-5]][:20]
    assert flag(world.ella, "A1").value == Decimal(total.absent * 10000 // total.reported) / 100
    assert words(total.limit) == "gräns 15 %"
    unauthorised = evidence_of(flag(world.ella, "A2"))
    assert [row.on for row in unauthorised.days] == days[-3:][::-1]
    assert unauthorised.unexcused == flag(world.ella, "A2").value == 900
    in_a_row = evidence_of(flag(world.ella, "A3"))
    assert [row.on for row in in_a_row.days] == days[-3:][::-1]
    assert words(in_a_row.period) == "fre 20 nov till tis 24 nov"


def test_two_schools_that_report_the_same_day_are_added(world):
    Enrolment.objects.create(student=world.ella, unit=world.sodra, starts_on=date(2026, 9, 1))
    days = days_before(TUESDAY, 10)
    went(world.ella, world.norra, days, scheduled=200, excused=200)
    went(world.ella, world.sodra, days, scheduled=100)
    row = measured(world.ella, "A1")
    assert (row.value, row.evidence["days"]) == (Decimal("66.66"), 10)
    assert measured(world.ella, "A3").value == 0


@pytest.mark.parametrize(
    ("subject", "core"),
    [
        ("Matematik", True),
        ("Matematik 1b", True),
        ("Matematik nivå 2b", True),
        ("Svenska 3", True),
        ("Svenska som andraspråk nivå 1", True),
        ("Engelska 7", True),
        ("Matematiknära teknik", False),
        ("Matematik specialisering", False),
        ("Svenska för döva", False),
        ("Engelska och världen", False),
    ],
)
def test_core_subjects_by_name_and_level_only(world, subject, core):
    warning(world.ella, world.norra, subject=subject)
    assert measured(world.ella, "B1").level == ("red" if core else "yellow")


# Properties ------------------------------------------------------------------------

FIRST, LAST = date(2026, 6, 20), date(2026, 11, 30)


def reported_days():
    """Days of one or two units, with gaps, days without timetable, and days not reported at all."""

    @st.composite
    def a_day(draw):
        scheduled = draw(st.sampled_from([0, 60, 240, 300, 330]))
        unreported = draw(st.sampled_from([0, 0, 0, scheduled // 2, scheduled]))
        absent = draw(st.sampled_from([0, 0, 0, (scheduled - unreported) // 3, scheduled - unreported]))
        unexcused = draw(st.integers(0, absent))
        return scheduled, absent - unexcused, unexcused, unreported

    on = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
    return st.dictionaries(st.tuples(on, st.sampled_from(["norra", "sodra"])), a_day(), max_size=70)


def plainly(days: dict, spans: list, day: date) -> dict:
    """The rules of the import format, one day at a time: level and value of A1, A2 and A3."""
    added = defaultdict(lambda: [0, 0, 0])
    for (on, _unit), (scheduled, excused, unexcused, unreported) in days.items():
        if on > day or on < day - timedelta(days=59) or on < date(2026, 7, 1):
            continue
        if not any(first <= on and (last is None or on <= last) for first, last in spans):
            continue
        added[on][0] += scheduled - unreported
        added[on][1] += excused + unexcused
        added[on][2] += unexcused
    known = sorted(((on, *sums) for on, sums in added.items() if sums[0] > 0), reverse=True)
    month = [row for row in known if row[0] >= day - timedelta(days=29)]
    if len(month) < 5:
        return dict.fromkeys(["A1", "A2", "A3"], ("unknown", None))
    reported, absent = sum(row[1] for row in known[:20]), sum(row[2] for row in known[:20])
    a1 = "red" if absent * 100 >= 15 * reported else "yellow" if absent * 100 >= 10 * reported else "none"
    minutes = sum(row[3] for row in month)
    enough = sum(1 for row in month if row[3]) >= 2
    a2 = "none" if not enough or minutes < 120 else "yellow" if minutes < 240 else "red"
    run = 0
    for row in known:
        if row[2] < row[1]:
            break
        run += 1
    a3 = "none" if run < 3 else "yellow" if run < 5 else "red"
    return {
        "A1": (a1, Decimal(absent * 10000 // reported) / 100),
        "A2": (a2, Decimal(minutes)),
        "A3": (a3, Decimal(run)),
    }


SPANS = st.sampled_from(
    [
        [(date(2026, 8, 17), None)],
        [(date(2026, 6, 1), None)],
        [(date(2026, 8, 17), date(2026, 10, 2)), (date(2026, 10, 20), None)],
        [(date(2026, 8, 17), date(2026, 10, 2)), (date(2026, 10, 1), None)],
        [(date(2026, 11, 2), None)],
    ]
)


class MeasuresAgreeWithAPlainLoop(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.world = small_world.build()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(
        days=reported_days(),
        spans=SPANS,
        day=st.sampled_from([date(2026, 11, 24), date(2026, 9, 10), date(2026, 11, 8)]),
    )
    def test_whatever_has_been_reported(self, days, spans, day):
        ella = self.world.ella
        units = {"norra": self.world.norra, "sodra": self.world.sodra}
        Enrolment.objects.filter(student=ella).delete()
        for n, (first, last) in enumerate(spans):
            unit = units["norra" if n % 2 == 0 else "sodra"]
            Enrolment.objects.create(student=ella, unit=unit, starts_on=first, ends_on=last)
        for (on, unit), (scheduled, excused, unexcused, unreported) in days.items():
            went(
                ella,
                units[unit],
                on,
                scheduled=scheduled,
                excused=excused,
                unexcused=unexcused,
                unreported=unreported,
            )
        if not any(first <= day and (last is None or day <= last) for first, last in spans):
            return
        found = {
            row.indicator: (row.level, row.value)
            for row in measure(Part(self.world.kommun.pk, tuple(unit.pk for unit in units.values())), day)
            if row.student_id == ella.pk
        }
        right = plainly(days, spans, day)
        assert {code: found[code] for code in right} == right


def test_every_indicator_can_be_said_and_shown(world):
    for code, indicator in declared().items():
        made = Flag(indicator=code, level="yellow", value=Decimal(1), evidence={"courses": []})
        assert str(indicator.name)
        assert str(indicator.sentence).endswith(".")
        assert str(sentence(made))
        assert short(made)
    assert Grade.objects.count() == 0
