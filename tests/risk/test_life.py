"""The life of a flag: opened once, refreshed, no longer met and why, met again, closed, quiet, returned."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from followup import clock
from followup.risk.actions import mark_handled, scan_now, set_threshold
from followup.risk.models import Flag, FlagEvent, ScanPart
from students.models import AttendanceDay, Enrolment, Involvement, Student
from tests.risk.life import Clock, days_before, flag, story, went
from tests.world import warning

D = date(2026, 11, 23)  # a Monday
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def nights(settings):
    return Clock(settings)


@pytest.fixture
def away(world):
    """Ella has been away 17 of 100 minutes on each of 20 days; the others were there."""
    days = days_before(D, 20)
    for name, student in world.students.items():
        unit = world.bjork if name == "tove" else world.sodra if name == "saga" else world.norra
        went(student, unit, days)
    went(world.ella, world.norra, days, scheduled=300, excused=51)
    return world


def test_flg_01_one_open_flag_and_not_one_per_night(away, nights):
    week = [D, TUESDAY, date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)]
    for day in week:
        went(away.ella, away.norra, day, excused=51)
        nights.night(day)
    assert flag(away.ella).value == Decimal("17.00")
    monday = date(2026, 11, 30)
    went(away.ella, away.norra, days_before(monday, 20), excused=66)
    nights.night(monday)
    one = Flag.objects.get(student=away.ella)
    assert (one.opened_on, one.value, one.level) == (D, Decimal("22.00"), "red")
    assert story(one) == ["opened", "changed"]


def test_a_scan_of_the_same_day_once_more_writes_nothing(away, nights):
    nights.scan(TUESDAY)
    before = list(Flag.objects.order_by("pk").values()), FlagEvent.objects.count()
    involved = list(Involvement.objects.order_by("pk").values())
    scan_now(day=TUESDAY)
    assert (list(Flag.objects.order_by("pk").values()), FlagEvent.objects.count()) == before
    assert list(Involvement.objects.order_by("pk").values()) == involved


def test_the_student_health_team_sees_a_flagged_pupil_and_keeps_her_30_days_after(away, nights):
    nights.night(D)
    seen = Student.objects.visible_to(away.scope("mette"))
    assert away.ella in seen
    assert away.omar not in seen
    went(away.ella, away.norra, days_before(date(2026, 11, 27), 20))
    nights.night(date(2026, 11, 27))
    nights.night(date(2026, 12, 11))
    closed = Flag.objects.get(student=away.ella)
    assert closed.closed_on == date(2026, 12, 11)
    involvement = Involvement.objects.get(student=away.ella, why="flag")
    assert involvement.until == closed.closed_on + timedelta(days=30)


def test_better_waits_for_a_new_known_day_and_then_closes_after_14_days(away, nights):
    """A window that slides past old absence is not a recovery."""
    went(away.ella, away.norra, days_before(D, 20))
    old = [date(2026, 10, 26), date(2026, 10, 27)]
    went(away.ella, away.norra, old, unexcused=120)
    nights.scan(D)
    assert flag(away.ella, "A2").value == 240
    nights.night(date(2026, 11, 29))  # nothing has come in; the two days have slid out of the window
    held = flag(away.ella, "A2")
    assert (held.no_longer_met_on, held.value, held.level) == (None, 240, "red")
    went(away.ella, away.norra, date(2026, 11, 30))
    nights.night(date(2026, 11, 30))
    better = flag(away.ella, "A2")
    assert (better.no_longer_met_on, better.no_longer_met_why) == (date(2026, 11, 30), "better")
    assert better not in Flag.objects.loud()
    nights.night(date(2026, 12, 13))
    assert flag(away.ella, "A2").closed_on is None
    nights.night(date(2026, 12, 14))
    closed = Flag.objects.get(student=away.ella, indicator="A2")
    assert (closed.closed_on, closed.closed_why) == (date(2026, 12, 14), "better")
    assert story(closed) == ["opened", "no_longer_met", "closed"]


def test_met_again_within_14_days_is_the_same_flag(away, nights):
    nights.scan(D)
    first = flag(away.ella)
    went(away.ella, away.norra, days_before(TUESDAY, 20))
    nights.scan(TUESDAY)
    assert flag(away.ella).no_longer_met_on == TUESDAY
    went(away.ella, away.norra, days_before(TUESDAY, 20), excused=90)
    nights.scan(date(2026, 11, 25))
    again = flag(away.ella)
    assert (again.pk, again.no_longer_met_on, again.value) == (first.pk, None, 30)
    assert story(again) == ["opened", "no_longer_met", "met_again"]


def test_scn_06_excused_afterwards_is_a_correction_and_the_flag_stays(world, nights):
    set_threshold(
        by=world.anna,
        organiser=world.kommun,
        indicator="A2",
        yellow=Decimal(300),
        red=Decimal(600),
        reason="fem timmar",
        valid_from=date(2026, 11, 24),
    )
    september = days_before(date(2026, 12, 30), 20)
    went(world.ella, world.norra, september)
    went(world.ella, world.norra, september[-6:], unexcused=60)
    nights.scan(date(2026, 12, 30))
    assert flag(world.ella, "A2").value == 360
    went(world.ella, world.norra, september[-3:], excused=60)
    nights.scan(date(2027, 1, 2))
    corrected = flag(world.ella, "A2")
    assert (corrected.value, corrected.level) == (180, "none")
    assert (corrected.no_longer_met_on, corrected.no_longer_met_why) == (date(2027, 1, 2), "corrected")
    assert corrected.closed_on is None
    values = list(corrected.events.values_list("what", "value"))
    assert values == [("opened", 360), ("no_longer_met", 180)]
    assert corrected not in Flag.objects.loud()


def test_a_changed_limit_is_said_as_such(away, nights):
    nights.scan(D)
    nights.settings.KOLL_TODAY = TUESDAY
    set_threshold(
        by=away.anna,
        organiser=away.kommun,
        unit=away.norra,
        indicator="A1",
        yellow=Decimal(20),
        red=Decimal(30),
        reason="prov",
    )
    went(away.ella, away.norra, TUESDAY, excused=51)
    nights.scan(TUESDAY)
    changed = flag(away.ella)
    assert (changed.no_longer_met_why, changed.value, changed.threshold) == ("rule", 17, 20)


def test_a_school_that_differs_has_its_own_limit(away, nights):
    nights.settings.KOLL_TODAY = D
    for unit, yellow in [(None, 40), (away.norra, 10)]:
        set_threshold(
            by=away.anna,
            organiser=away.kommun,
            unit=unit,
            indicator="A1",
            yellow=Decimal(yellow),
            red=Decimal(50),
            reason="prov",
        )
    went(away.saga, away.sodra, days_before(D, 20), excused=60)
    nights.scan(D)
    assert flag(away.ella).level == "yellow"
    assert not Flag.objects.filter(student=away.saga).exists()


def test_quiet_until_it_gets_two_percentage_points_worse(away, nights):
    nights.scan(D)
    one = flag(away.ella)
    mark_handled([one], by=away.karin, ref=1)
    one.refresh_from_db()
    assert one.quiet_until == D + timedelta(days=14)
    assert one not in Flag.objects.loud()
    days = days_before(TUESDAY, 20)
    went(away.ella, away.norra, days, excused=54)  # 18 %
    nights.scan(TUESDAY)
    assert flag(away.ella).quiet_until is not None
    went(away.ella, away.norra, days, excused=57)  # 19 %
    nights.scan(TUESDAY)
    returned = flag(away.ella)
    assert returned.quiet_until is None
    assert returned in Flag.objects.loud()
    assert story(returned)[-1] == "returned"
    assert returned.events.last().why == "worse"


def test_quiet_until_the_level_rises(away, nights):
    went(away.ella, away.norra, days_before(D, 20), excused=44)  # 14.66 %
    nights.scan(D)
    mark_handled([flag(away.ella)], by=away.karin, ref=1)
    went(away.ella, away.norra, days_before(TUESDAY, 20), excused=45)
    nights.scan(TUESDAY)
    assert flag(away.ella).events.last().why == "level"


def test_flg_05_waiting_for_ever_comes_back_when_its_date_has_passed(away, nights):
    nights.scan(D)
    mark_handled([flag(away.ella)], by=away.karin, ref=1, until=date(2026, 12, 18))
    for day in days_before(date(2026, 12, 18), 5):
        went(away.ella, away.norra, days_before(day, 20), excused=51)
    nights.scan(date(2026, 12, 18))
    assert flag(away.ella) in Flag.objects.quiet()
    nights.night(date(2026, 12, 18))  # the morning of the 19th
    returned = flag(away.ella)
    assert returned in Flag.objects.loud()
    assert (returned.events.last().what, returned.events.last().on) == ("returned", date(2026, 12, 19))


def test_a_silent_feed_heals_nobody_and_flags_nobody(away, nights):
    """No new file for two months: flags keep their level, and the unit's feed is what is missing."""
    nights.scan(D)
    later = date(2027, 1, 22)
    nights.night(later)
    one = flag(away.ella)
    assert (one.level, one.value, one.unknown_since, one.closed_on) == ("red", 17, later, None)
    assert not Flag.objects.filter(indicator="A0").exists()
    part = ScanPart.objects.get(scan__day=later, unit=away.norra)
    assert part.counts == {"pupils": 3, "known": 0}


def test_one_pupil_whom_nobody_reports_is_flagged_as_unknown_once(away, nights):
    AttendanceDay.objects.filter(student=away.omar, date__gt=days_before(D, 20)[3]).delete()
    AttendanceDay.objects.filter(student=away.omar, date__lt=D - timedelta(days=29)).delete()
    nights.scan(D)
    unknown = Flag.objects.get(student=away.omar)
    assert (unknown.indicator, unknown.level, unknown.value) == ("A0", "unknown", None)
    assert unknown.evidence["known"] == 4
    went(away.omar, away.norra, days_before(TUESDAY, 10))
    nights.scan(TUESDAY)
    assert flag(away.omar, "A0").no_longer_met_why == "better"


def test_a_flag_that_becomes_unknown_says_since_when_and_is_known_again(away, nights):
    nights.scan(D)
    AttendanceDay.objects.filter(student=away.ella).delete()
    nights.scan(TUESDAY)
    one = flag(away.ella)
    assert (one.level, one.unknown_since) == ("red", TUESDAY)
    assert not Flag.objects.filter(student=away.ella, indicator="A0").exists()
    went(away.ella, away.norra, days_before(date(2026, 11, 25), 20), excused=51)
    nights.scan(date(2026, 11, 25))
    assert flag(away.ella).unknown_since is None
    assert story(flag(away.ella)) == ["opened", "unknown", "known"]


def test_a_move_of_unit_takes_the_flag_along(away, nights):
    nights.scan(D)
    Enrolment.objects.filter(student=away.ella).update(ends_on=D)
    Enrolment.objects.create(student=away.ella, unit=away.sodra, starts_on=TUESDAY)
    nights.scan(TUESDAY)
    one = flag(away.ella)
    assert (one.unit, story(one)) == (away.sodra, ["opened", "moved"])
    assert away.ella in Student.objects.visible_to(away.scope("olle"))
    left = Involvement.objects.get(student=away.ella, unit=away.norra, why="flag")
    assert left.until == TUESDAY + timedelta(days=30)


def test_a_pupil_in_two_units_has_one_flag_that_both_see(away, nights):
    Enrolment.objects.create(student=away.ella, unit=away.sodra, starts_on=date(2026, 11, 2))
    nights.scan(D)
    assert flag(away.ella).unit == away.sodra
    for who in ("mette", "olle"):
        assert away.ella in Student.objects.visible_to(away.scope(who))


def test_two_enrolments_of_the_same_day_belong_to_the_lowest_code(away, nights):
    Enrolment.objects.create(student=away.ella, unit=away.sodra, starts_on=date(2026, 8, 17))
    nights.scan(D)
    assert flag(away.ella).unit == away.norra


def test_left_waits_14_days_for_a_new_enrolment(away, nights):
    nights.scan(D)
    Enrolment.objects.filter(student=away.ella).update(ends_on=D)
    nights.scan(TUESDAY)
    left = flag(away.ella)
    assert (left.no_longer_met_why, left.value, left.level) == ("left", 17, "red")
    nights.scan(date(2026, 12, 7))
    Enrolment.objects.create(student=away.ella, unit=away.sodra, starts_on=date(2026, 12, 7))
    nights.scan(date(2026, 12, 7))
    back = flag(away.ella)
    assert (back.pk, back.no_longer_met_on, back.unit) == (left.pk, None, away.sodra)
    Enrolment.objects.filter(student=away.ella, unit=away.sodra).delete()
    nights.scan(date(2026, 12, 8))
    nights.scan(date(2026, 12, 22))
    closed = Flag.objects.get(pk=left.pk)
    assert (closed.closed_on, closed.closed_why) == (date(2026, 12, 22), "left")


def test_a_move_to_another_organiser_closes_and_takes_nothing_along(away, nights):
    nights.scan(D)
    Enrolment.objects.filter(student=away.ella).update(ends_on=D)
    there = Student.objects.create(
        person=away.ella.person, organiser=away.aktie, given_name="Ella", family_name="Lindqvist"
    )
    Enrolment.objects.create(student=there, unit=away.bjork, starts_on=TUESDAY)
    nights.scan(TUESDAY)
    assert flag(away.ella).no_longer_met_why == "moved"
    nights.scan(date(2026, 12, 8))
    assert Flag.objects.get(student=away.ella).closed_why == "moved"
    assert not Flag.objects.filter(student=there, indicator="A1").exists()


def test_scn_12_a_new_school_year_begins_without_last_years_sins(world, nights):
    Enrolment.objects.filter(student=world.omar).update(starts_on=date(2026, 8, 17))
    june = days_before(date(2027, 6, 11), 20)
    for student in (world.omar, world.ella):
        went(student, world.norra, june)
    went(world.omar, world.norra, june[-5:], unexcused=300)
    nights.scan(date(2027, 6, 11))
    assert {one.indicator for one in Flag.objects.filter(student=world.omar)} == {"A1", "A2", "A3"}
    nights.scan(date(2027, 7, 1))
    assert set(Flag.objects.filter(student=world.omar).values_list("closed_why", flat=True)) == {"year_end"}
    assert not Flag.objects.open().filter(student=world.omar).exists()
    went(world.omar, world.norra, date(2027, 8, 17), unexcused=300)
    went(world.omar, world.norra, days_before(date(2027, 8, 20), 3))
    went(world.omar, world.norra, days_before(date(2027, 8, 24), 2))
    nights.night(date(2027, 8, 24))
    one = flag(world.omar)
    assert one.evidence["from"] == "2027-08-17"  # the first day of term counts, June does not
    assert one.evidence["absent"] == 300


def test_a_warning_lifted_by_a_grade_is_better_and_a_later_warning_goes_on(world, nights):
    warning(world.ella, world.norra, on=date(2026, 11, 20))
    nights.scan(D)
    one = flag(world.ella, "B1")
    assert (one.level, one.value, one.evidence["courses"][0]["subject"]) == ("red", 1, "Matematik nivå 2b")
    warning(world.ella, world.norra, on=TUESDAY, value="D", kind="final")
    nights.scan(TUESDAY)
    assert flag(world.ella, "B1").no_longer_met_why == "better"
    warning(world.ella, world.norra, on=date(2026, 11, 26))
    nights.scan(date(2026, 11, 26))
    assert flag(world.ella, "B1").pk == one.pk
    assert story(one) == ["opened", "no_longer_met", "met_again"]


def test_what_people_wrote_is_not_overwritten_by_the_night(away, nights):
    nights.scan(D)
    one = flag(away.ella)
    Flag.objects.filter(pk=one.pk).update(taken_by=away.karin, taken_at=clock.now())
    mark_handled([one], by=away.karin, ref=1)
    went(away.ella, away.norra, TUESDAY, excused=51)
    nights.scan(TUESDAY)
    after = flag(away.ella)
    assert (after.taken_by, after.quiet_until) == (away.karin, D + timedelta(days=14))
    assert after.measured_on == TUESDAY


def test_a_scan_of_yesterday_does_not_undo_a_scan_of_today(away, nights):
    """A file that came in at two in the morning was scanned as of today; the night is of yesterday."""
    nights.settings.KOLL_TODAY = TUESDAY
    scan_now(day=TUESDAY)
    before = list(Flag.objects.order_by("pk").values())
    scan = scan_now(day=D, kind="night")
    assert scan.state == "done"
    assert list(Flag.objects.order_by("pk").values()) == before
