"""Deciding about a pupil: one decision over all her flags, and nothing anybody wrote is lost."""

import re
import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from followup.audit.models import Event, Reading
from followup.risk import actions
from followup.risk.actions.decisions import Measure, MovedOn, seen_now
from followup.risk.models import Decision, Flag, FlagEvent
from followup.risk.queries import decided, waiting
from students.models import Involvement, Student, SupportMeasure
from tests.world import TODAY, flag

pytestmark = pytest.mark.django_db
IN_THREE_WEEKS = TODAY + timedelta(weeks=3)


def decide(world, student, by="mette", choice="mentor", seen=None, **changes):
    by = getattr(world, by)
    fields = {
        "by": by,
        "unit": world.norra,
        "choice": choice,
        "decided_by": by,
        "form_uuid": uuid4(),
        "seen": seen or seen_now(student),
        "follow_up_on": IN_THREE_WEEKS,
        "measure": Measure(world.karin),
    }
    return actions.decide(student, **(fields | changes))


def on_list(world, user="mette"):
    return [row.student.given_name for row in waiting.waiting_list(world.scope(user), waiting.Filters()).rows]


class TestTheDecisionItself:
    def test_it_is_over_all_flags_and_takes_the_pupil_off_the_list(self, world):
        flag(world.ella, world.norra)
        flag(world.ella, world.norra, "B1", "yellow", "1")
        made = decide(world, world.ella)
        assert on_list(world) == []
        flags = Flag.objects.filter(student=world.ella)
        assert {f.decision for f in flags} == {made}
        assert {f.quiet_until for f in flags} == {IN_THREE_WEEKS}
        assert {(f.handled_level, str(f.handled_value)) for f in flags} == {
            ("red", "17.00"),
            ("yellow", "1.00"),
        }
        assert Event.objects.filter(
            verb="risk.decide", student_id=world.ella.pk, by_id=world.mette.pk
        ).exists()

    def test_to_do_what_was_decided_does_not_bring_her_back_before_the_follow_up(self, world):
        mine = flag(world.ella, world.norra)
        made = decide(world, world.ella)
        actions.mark_handled([mine], by=world.karin, ref=7)  # a check-in: 14 days by itself
        mine.refresh_from_db()
        assert mine.quiet_until == IN_THREE_WEEKS
        assert (mine.decision, mine.contacted_on) == (made, TODAY)
        actions.mark_handled([mine], by=world.karin, ref=8, until=IN_THREE_WEEKS + timedelta(days=3))
        mine.refresh_from_db()
        assert mine.quiet_until == IN_THREE_WEEKS + timedelta(days=3)
        actions.unmark_handled([mine], by=world.karin, ref=8)
        mine.refresh_from_db()
        assert mine.quiet_until == IN_THREE_WEEKS

    def test_what_held_before_it_returned_keeps_it_quiet_no_longer(self, world):
        mine = flag(world.ella, world.norra)
        decide(world, world.ella)
        FlagEvent.objects.create(flag=mine, on=TODAY, what=FlagEvent.What.RETURNED, level="red", value="20")
        actions.mark_handled([mine], by=world.karin, ref=7)
        mine.refresh_from_db()
        assert mine.quiet_until == TODAY + timedelta(days=14)

    def test_a_near_follow_up_is_still_quiet_for_two_weeks(self, world):
        flag(world.ella, world.norra)
        decide(world, world.ella, follow_up_on=TODAY + timedelta(days=3))
        assert Flag.objects.get().quiet_until == TODAY + timedelta(days=14)

    def test_a_coach_gets_the_pupil_on_her_caseload(self, world):
        flag(world.ella, world.norra)
        assert not Student.objects.visible_to(world.scope("jonas")).exists()
        decide(world, world.ella, choice="coach", measure=Measure(world.jonas))
        assert list(Student.objects.visible_to(world.scope("jonas"))) == [world.ella]

    def test_the_responsible_supporter_sees_the_pupil_until_it_is_withdrawn(self, world):
        flag(world.ella, world.norra)
        made = decide(world, world.ella, choice="support", measure=Measure(world.siv, "läxhjälp tisdagar"))
        assert list(Student.objects.visible_to(world.scope("siv"))) == [world.ella]
        assert SupportMeasure.objects.get().what == "läxhjälp tisdagar"
        actions.withdraw(made, by=world.mette, why="fel elev")
        assert not Student.objects.visible_to(world.scope("siv")).exists()

    def test_no_action_needs_a_reason(self, world):
        from django.db import IntegrityError, transaction

        flag(world.ella, world.norra)
        with pytest.raises(IntegrityError), transaction.atomic():
            decide(world, world.ella, choice="none", reason="")
        assert decide(world, world.ella, choice="none", reason="Sjuk, åter på måndag").reason

    def test_recorded_for_the_head_it_is_in_force_and_waits_for_her(self, world):
        flag(world.ella, world.norra)
        made = decide(world, world.ella, decided_by=world.anna)
        assert on_list(world) == []
        assert made.confirmed_at is None
        assert list(decided.to_confirm(world.scope("anna"))) == [made]
        actions.confirm(made, by=world.anna)
        assert not decided.to_confirm(world.scope("anna")).exists()


class TestTakingBack:
    def test_withdrawn_the_flags_wait_again_and_the_measure_stops(self, world):
        flag(world.ella, world.norra, opened_on=date(2026, 11, 15))
        made = decide(world, world.ella)
        actions.withdraw(made, by=world.mette, why="gällde en annan")
        assert on_list(world) == ["Ella"]
        only = Flag.objects.get()
        assert (only.decision, only.quiet_until, only.handled_level) == (None, None, "")
        assert not SupportMeasure.objects.ongoing().exists()
        assert [e.what for e in FlagEvent.objects.filter(flag=only)] == ["opened", "decided", "reopened"]

    def test_withdrawn_an_earlier_contact_holds_again(self, world):
        ella = flag(world.ella, world.norra)
        actions.mark_handled([ella], by=world.karin, ref=7)
        made = decide(world, world.ella)
        actions.withdraw(made, by=world.mette, why="för tidigt")
        ella.refresh_from_db()
        assert ella.quiet_until == TODAY + timedelta(days=14)
        assert (
            waiting.waiting_list(world.scope("mette"), waiting.Filters()).rows[0].group == waiting.CONTACTED
        )

    def test_of_two_decisions_the_one_that_stands_keeps_it_quiet(self, world):
        flag(world.ella, world.norra)
        first = decide(world, world.ella)
        second = decide(world, world.ella, "anna", "inquiry", follow_up_on=IN_THREE_WEEKS + timedelta(days=9))
        actions.withdraw(first, by=world.mette, why="rektor tog det")
        assert Flag.objects.get().decision == second
        actions.withdraw(second, by=world.anna, why="ångrat")
        assert Flag.objects.get().decision is None
        assert on_list(world) == ["Ella"]

    def test_a_correction_keeps_the_earlier_wording(self, world):
        flag(world.ella, world.norra)
        made = decide(world, world.ella, reason="Pratat med Ela.")
        later = IN_THREE_WEEKS + timedelta(days=7)
        actions.correct(made, by=world.mette, reason="Pratat med Ella.", follow_up_on=later)
        made.refresh_from_db()
        assert made.reason == "Pratat med Ella."
        assert "Pratat med Ela." in made.events.values_list("reason", flat=True)
        assert Flag.objects.get().quiet_until == later


class TestFollowingUp:
    def test_ended_the_measure_stops_and_the_pupil_leaves_sight_after_a_month(self, world):
        flag(world.ella, world.norra)
        made = decide(world, world.ella)
        actions.follow_up(made, by=world.anna, outcome="Närvaron är god igen.")
        assert not decided.pending(world.scope("mette")).exists()
        assert SupportMeasure.objects.get().ended_on == TODAY
        ends = Involvement.objects.get(why="decision", ref=made.pk).until
        assert ends == TODAY + timedelta(days=30)

    def test_going_on_is_a_new_decision_with_the_same_measure(self, world):
        flag(world.ella, world.norra)
        made = decide(world, world.ella, choice="support", measure=Measure(world.siv, "läxhjälp"))
        later = IN_THREE_WEEKS + timedelta(weeks=4)
        actions.follow_up(made, by=world.mette, outcome="Halvvägs.", goes_on=True, next_on=later)
        following = decided.pending(world.scope("mette")).get()
        assert (following.follow_up_on, following.reason, following.choice) == (later, "Halvvägs.", "support")
        measure = SupportMeasure.objects.get()
        assert (measure.decision_id, measure.ended_on, measure.planned_end_on) == (following.pk, None, later)
        assert Flag.objects.get().decision == following
        assert Student.objects.visible_to(world.scope("siv")).exists()

    def test_flg_05_a_day_that_has_passed_is_overdue_and_open_never_handled(self, world, settings):
        flag(world.ella, world.norra)
        decide(world, world.ella)
        settings.KOLL_TODAY = IN_THREE_WEEKS + timedelta(days=181)
        found = decided.decision_list(world.scope("mette"))
        assert (found.late, found.oldest_days, found.rows[0].days_late) == (1, 181, 181)
        assert on_list(world) == ["Ella"], "its quiet is over: she waits for a decision again"


class TestTwoAtOnce:
    def test_the_second_is_told_of_the_firsts_decision(self, world):
        flag(world.ella, world.norra)
        seen = seen_now(world.ella)
        first = decide(world, world.ella, seen=seen)
        with pytest.raises(MovedOn) as moved:
            decide(world, world.ella, "anna", seen=seen)
        assert moved.value.decision_id == first.pk
        assert Decision.objects.count() == 1

    def test_a_flag_that_came_meanwhile_is_not_decided_unseen(self, world):
        flag(world.ella, world.norra)
        seen = seen_now(world.ella)
        new = flag(world.ella, world.norra, "A2", "red", "300")
        with pytest.raises(MovedOn) as moved:
            decide(world, world.ella, seen=seen)
        assert (moved.value.decision_id, moved.value.new_flags) == (0, {new.pk})

    def test_a_flag_that_went_away_does_not_stop_it(self, world):
        flag(world.ella, world.norra)
        gone = flag(world.ella, world.norra, "A2", "red", "300")
        seen = seen_now(world.ella)
        Flag.objects.filter(pk=gone.pk).update(no_longer_met_on=TODAY, no_longer_met_why="better")
        assert decide(world, world.ella, seen=seen)

    @pytest.mark.django_db(transaction=True)
    def test_two_connections_at_the_same_moment(self, world):
        flag(world.ella, world.norra)
        seen, gate, out = seen_now(world.ella), threading.Barrier(2), {}

        def one(name):
            try:
                gate.wait()
                out[name] = decide(world, world.ella, name, seen=seen)
            except MovedOn as moved:
                out[name] = moved
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(name,)) for name in ("mette", "anna")]
        [thread.start() for thread in threads]
        [thread.join(20) for thread in threads]
        assert sorted(type(each).__name__ for each in out.values()) == ["Decision", "MovedOn"]
        assert Decision.objects.count() == 1

    def test_the_same_form_twice_saves_once(self, world):
        flag(world.ella, world.norra)
        seen, uuid = seen_now(world.ella), uuid4()
        first = decide(world, world.ella, seen=seen, form_uuid=uuid)
        assert decide(world, world.ella, seen=seen, form_uuid=uuid) == first
        assert SupportMeasure.objects.count() == 1


class TestThePage:
    @pytest.fixture
    def health(self, client, world):
        flag(world.ella, world.norra, opened_on=TODAY - timedelta(days=9), evidence={"days": 20})
        flag(world.omar, world.norra, opened_on=TODAY - timedelta(days=2), evidence={"days": 20})
        client.force_login(world.mette)
        return client

    @staticmethod
    def opened(client, student):
        page = client.get(reverse("risk:decide", args=[student.pk])).content.decode()
        return {
            name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("proof", "seen", "from")
        }

    def send(self, client, student, fields, **changes):
        data = {"choice": "mentor", "follow_up_on": "2026-12-15", "reason": "", **fields, **changes}
        return client.post(reverse("risk:decide", args=[student.pk]), data)

    def test_save_and_next(self, health, world):
        fields = self.opened(health, world.ella)
        answer = self.send(health, world.ella, fields, decided_by=world.mette.pk)
        made = Decision.objects.get()
        assert answer.url == f"{reverse('risk:decide', args=[world.omar.pk])}?sparat={made.pk}"
        page = health.get(answer.url).content.decode()
        assert "Ångra" in page
        assert "Omar Haddad" in page

    def test_what_is_wrong_is_said_in_the_order_of_the_page(self, health, world):
        fields = self.opened(health, world.ella)
        page = self.send(health, world.ella, fields, choice="support", follow_up_on="").content.decode()
        summary = page.split('class="error-summary"')[1].split("</div>")[0]
        assert re.findall(r"#div_id_(\w+)", summary) == ["what", "responsible", "follow_up_on", "decided_by"]
        assert "Vad ska göras?</a> Skriv" in summary
        assert "Ansvarig</a>: Välj" in summary

    def test_nothing_is_answered_beforehand(self, health, world):
        page = health.get(reverse("risk:decide", args=[world.ella.pk])).content.decode()
        assert "checked" not in page
        assert "selected>Mette" not in page
        assert 'name="follow_up_on" value' not in page

    def test_what_is_missing_is_said_and_what_was_written_stays(self, health, world):
        fields = self.opened(health, world.ella)
        page = self.send(
            health,
            world.ella,
            fields,
            choice="support",
            reason="Kommer sent på måndagar",
            follow_up_on="03/04/2026",
        )
        text = page.content.decode()
        assert "Kommer sent på måndagar" in text
        for sentence in ("Skriv vad som ska göras.", "Välj vem som är ansvarig.", "Välj vem som beslutar."):
            assert sentence in text
        assert not Decision.objects.exists()

    def test_ui_05_an_old_tab_keeps_its_text(self, health, world):
        fields = self.opened(health, world.ella)
        long = "Elevens egna ord. " * 28
        health.force_login(world.mette)  # a new session, a new token
        answer = self.send(health, world.ella, fields, choice="none", reason=long, decided_by=world.mette.pk)
        assert answer.status_code == 302
        assert Decision.objects.get().reason == long.strip()

    def test_signed_out_the_text_waits_for_the_one_who_wrote_it(self, health, world):
        fields = self.opened(health, world.ella)
        health.logout()
        self.send(health, world.ella, fields, choice="none", reason="Det jag hann skriva")
        health.force_login(world.anna)
        assert (
            "Det jag hann skriva"
            not in health.get(reverse("risk:decide", args=[world.ella.pk])).content.decode()
        )
        health.force_login(world.mette)
        assert (
            "Det jag hann skriva" in health.get(reverse("risk:decide", args=[world.ella.pk])).content.decode()
        )

    def test_the_second_chooses_and_loses_nothing(self, health, world):
        fields = self.opened(health, world.ella)
        decide(world, world.ella, "anna", "inquiry", reason="Utred hemma")
        page = self.send(health, world.ella, fields, decided_by=world.mette.pk, reason="Min text")
        text = page.content.decode()
        assert "Anna Falk hann före" in text
        assert "Min text" in text
        again = {
            name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("proof", "seen", "from")
        }
        self.send(health, world.ella, again, decided_by=world.mette.pk, reason="Min text")
        assert set(Decision.objects.values_list("choice", flat=True)) == {"inquiry", "mentor"}

    def test_the_second_may_give_way(self, health, world):
        fields = self.opened(health, world.ella)
        decide(world, world.ella, "anna", "inquiry")
        self.send(health, world.ella, fields, cancel="1")
        assert Decision.objects.get().choice == "inquiry"

    def test_undo_within_a_minute_and_not_after(self, health, world, settings):
        fields = self.opened(health, world.ella)
        self.send(health, world.ella, fields, decided_by=world.mette.pk)
        made = Decision.objects.get()
        Decision.objects.update(recorded_at=made.recorded_at - timedelta(seconds=61))
        health.post(reverse("risk:undo", args=[made.pk]))
        assert Decision.objects.in_force().exists()
        Decision.objects.update(recorded_at=made.recorded_at)
        health.post(reverse("risk:undo", args=[made.pk]))
        assert not Decision.objects.in_force().exists()
        assert on_list(world) == ["Ella", "Omar"]

    def test_only_ones_own_decision_may_be_withdrawn(self, health, world):
        made = decide(world, world.ella, "anna")
        answer = health.post(reverse("risk:withdraw", args=[made.pk]), {"why": "nej"})
        assert answer.status_code == 403

    def test_reading_it_leaves_a_trace(self, health, world):
        health.get(reverse("risk:decide", args=[world.ella.pk]))
        reading = Reading.objects.latest("pk")
        assert (reading.page, reading.student_ids, reading.by_id) == (
            "decide",
            [world.ella.pk],
            world.mette.pk,
        )

    @pytest.mark.parametrize(
        ("who", "status"),
        [("mette", 200), ("anna", 200), ("karin", 403), ("olle", 404), ("bo", 404), ("sten", 404)],
    )
    def test_who_may(self, client, world, who, status):
        flag(world.ella, world.norra)
        client.force_login(getattr(world, who))
        assert client.get(reverse("risk:decide", args=[world.ella.pk])).status_code == status

    def test_pages_of_decisions_and_flags(self, health, world):
        made = decide(world, world.ella, decided_by=world.anna)
        assert health.get(reverse("risk:decisions")).status_code == 200
        page = health.get(reverse("risk:decision", args=[made.pk])).content.decode()
        assert "väntar på bekräftelse" in page
        health.force_login(world.anna)
        assert "Bekräfta" in health.get(reverse("risk:decisions")).content.decode()
        health.post(reverse("risk:confirm", args=[made.pk]))
        made.refresh_from_db()
        assert made.confirmed_at

    def test_a_corrected_decision_shows_what_it_said_before_to_those_who_decide(self, health, world):
        made = decide(world, world.ella, reason="Pratat med Ela.")
        for day in ("2026-12-15", "2026-12-22"):
            actions.correct(
                made, by=world.mette, reason="Pratat med Ella.", follow_up_on=date.fromisoformat(day)
            )
        shown = " ".join(health.get(reverse("risk:decision", args=[made.pk])).content.decode().split())
        assert "2 tidigare lydelser" in shown
        assert shown.count("Mette Lund rättade det") == 2
        earlier = shown[shown.index("2 tidigare lydelser") :]
        assert earlier.index("tis 22 dec") < earlier.index("Pratat med Ela.")
        health.force_login(world.karin)
        shown = health.get(reverse("risk:decision", args=[made.pk])).content.decode()
        assert "Pratat med Ella." in shown
        assert "Pratat med Ela." not in shown
