"""Whatever comes in, night after night: what a list shows is what the measure says, and nothing doubles."""

from datetime import date, timedelta
from itertools import pairwise

from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from followup.risk.actions import mark_handled, scan_now
from followup.risk.measuring import Part, measure
from followup.risk.models import Flag, FlagEvent
from students.models import AttendanceDay, Enrolment
from tests import world as small_world
from tests.risk.life import days_before, went
from tests.world import warning

FIRST = date(2026, 11, 2)

NIGHTS = st.lists(
    st.one_of(
        st.tuples(st.just("there"), st.just(0)),
        st.tuples(st.just("there"), st.just(0)),
        st.tuples(st.just("away"), st.sampled_from([60, 150, 300])),
        st.tuples(st.just("silent"), st.just(0)),  # no file came
        st.tuples(st.just("rewritten"), st.sampled_from([0, 100, 300])),  # the last week comes anew
        st.tuples(st.just("withdrawn"), st.just(0)),  # everything is gone
        st.tuples(st.just("warned"), st.just(0)),
        st.tuples(st.just("graded"), st.just(0)),
        st.tuples(st.just("left"), st.just(0)),
        st.tuples(st.just("back"), st.just(0)),
        st.tuples(st.just("handled"), st.just(0)),
        st.tuples(st.just("weeks"), st.sampled_from([10, 20])),  # holidays
    ),
    min_size=3,
    max_size=14,
)


class LivesOfFlags(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.world = small_world.build()
        for name in ("omar", "vera"):  # somebody else at the unit is known, so that unknown is hers
            went(cls.world.students[name], cls.world.norra, days_before(date(2027, 4, 30), 130))

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(nights=NIGHTS, begins=st.sampled_from([0, 30, 60]))
    def test_whatever_comes_in(self, nights, begins):
        self.ella, self.day = self.world.ella, FIRST
        went(self.ella, self.world.norra, days_before(FIRST - timedelta(days=3), 25), excused=begins)
        for what, how in nights:
            self.happens(what, how)
            with override_settings(KOLL_TODAY=self.day):
                scan_now(day=self.day)
                self.what_is_shown_is_what_is_measured()
                self.nothing_doubles()
            self.day += timedelta(days=1)
            while self.day.weekday() > 4:
                self.day += timedelta(days=1)

    def happens(self, what, how):
        ella, norra = self.ella, self.world.norra
        if what == "there":
            went(ella, norra, self.day)
        elif what == "away":
            went(ella, norra, self.day, unexcused=how)
        elif what == "rewritten":
            went(ella, norra, days_before(self.day, 5), excused=how)
        elif what == "withdrawn":
            AttendanceDay.objects.filter(student=ella).delete()
        elif what == "warned":
            if not ella.grades.filter(on=self.day, kind="warning").exists():
                warning(ella, norra, on=self.day)
        elif what == "graded":
            if not ella.grades.filter(on=self.day, kind="final").exists():
                warning(ella, norra, on=self.day, value="E", kind="final")
        elif what == "left":
            Enrolment.objects.filter(student=ella).update(ends_on=self.day - timedelta(days=1))
        elif what == "back":
            Enrolment.objects.filter(student=ella).update(ends_on=None)
        elif what == "weeks":
            self.day += timedelta(days=how)
        elif what == "handled":
            with override_settings(KOLL_TODAY=self.day):
                mark_handled(Flag.objects.met().filter(student=ella), by=self.world.karin, ref=1)

    def what_is_shown_is_what_is_measured(self):
        units = tuple(unit.pk for unit in (self.world.norra, self.world.sodra))
        found = {
            row.indicator: row
            for row in measure(Part(self.world.kommun.pk, units), self.day)
            if row.student_id == self.ella.pk
        }
        flags = {flag.indicator: flag for flag in Flag.objects.open().filter(student=self.ella)}
        for flag in flags.values():
            if not found:
                assert flag.no_longer_met_on is not None, "left, and still waiting"
        for code, row in found.items():
            flag = flags.get(code)
            if row.level in ("yellow", "red"):
                assert flag, f"{code} is over its limit without a flag"
                assert (flag.level, flag.value, flag.measured_on) == (row.level, row.value, self.day)
                assert flag.no_longer_met_on is None
                assert flag.unknown_since is None
            elif row.level == "none" and flag and flag.no_longer_met_on:
                assert (flag.level, flag.value) == ("none", row.value)
                assert self.day - flag.no_longer_met_on < timedelta(days=14)
            elif row.level == "none" and flag:
                assert flag.evidence["last"] == row.evidence["last"], f"{code} should be better by now"
            elif row.level == "unknown" and code != "A0" and flag:
                assert flag.unknown_since is not None

    def nothing_doubles(self):
        before = (
            list(Flag.objects.order_by("pk").values()),
            FlagEvent.objects.count(),
            list(self.ella.involvements.order_by("pk").values()),
        )
        scan_now(day=self.day)
        assert before == (
            list(Flag.objects.order_by("pk").values()),
            FlagEvent.objects.count(),
            list(self.ella.involvements.order_by("pk").values()),
        )
        for flag in Flag.objects.filter(student=self.ella):
            told = [event.what for event in flag.events.all()]
            assert told[0] == "opened"
            assert told.count("closed") == (1 if flag.closed_on else 0)
            assert all(a != b for a, b in pairwise(told) if a not in ("changed", "contacted"))
