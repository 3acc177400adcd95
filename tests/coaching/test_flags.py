"""What a check-in does to the flags it answers, and what is left when it is corrected or taken back."""

from datetime import date, timedelta

import pytest

from followup.coaching.models import CheckIn
from followup.risk.models import Flag, FlagEvent
from tests.risk.test_decisions import decide

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)


def steps(flag):
    return list(flag.events.values_list("what", flat=True))


def test_a_ticked_flag_goes_quiet_for_fourteen_days(world, phone, flag):
    phone(world.karin).save(world.ella, flags=[flag.pk])
    flag.refresh_from_db()
    assert flag.quiet_until == TUESDAY + timedelta(days=14)
    assert (flag.handled_level, str(flag.handled_value)) == ("red", "17.25")
    assert steps(flag) == ["contacted"]


def test_a_later_next_time_keeps_it_quiet_till_then(world, phone, flag):
    phone(world.karin).save(world.ella, flags=[flag.pk], next="2026-12-15 10.20")
    flag.refresh_from_db()
    assert flag.quiet_until == date(2026, 12, 15)


def test_an_earlier_next_time_does_not_wake_it_before_fourteen_days(world, phone, flag):
    phone(world.karin).save(world.ella, flags=[flag.pk], next="2026-12-01 10.20")
    flag.refresh_from_db()
    assert flag.quiet_until == TUESDAY + timedelta(days=14)


def test_the_mentor_who_does_what_was_decided_does_not_cut_the_decisions_rest_short(world, phone, flag):
    decide(world, world.ella, follow_up_on=date(2026, 12, 18))
    phone(world.karin).save(world.ella, flags=[flag.pk], next="2026-12-01 10.20")
    flag.refresh_from_db()
    assert flag.quiet_until == date(2026, 12, 18)


def test_a_decision_after_a_contact_sets_the_day_alone(world, phone, flag):
    phone(world.karin).save(world.ella, flags=[flag.pk], next="2026-12-22 10.20")
    decide(world, world.ella, follow_up_on=date(2026, 12, 11))
    flag.refresh_from_db()
    assert flag.quiet_until == date(2026, 12, 11)


def test_a_flag_that_is_not_ticked_stays_loud(world, phone, flag):
    phone(world.karin).save(world.ella)
    assert Flag.objects.loud().get() == flag
    assert steps(flag) == []


def test_flg_03_a_contact_is_shown_but_decides_nothing(world, phone, flag):
    phone(world.karin).save(world.ella, channel="phone", flags=[flag.pk])
    flag.refresh_from_db()
    assert (flag.contacted_on, flag.decision, flag.closed_on) == (TUESDAY, None, None)
    assert flag.no_longer_met_on is None


def test_another_pupils_flag_cannot_be_answered(world, phone, flag):
    phone(world.karin).save(world.omar, flags=[flag.pk])
    flag.refresh_from_db()
    assert flag.quiet_until is None
    assert not CheckIn.objects.get().flags.exists()


def test_a_flag_that_closed_while_she_wrote_is_no_fault_of_hers(world, phone, flag):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    Flag.objects.update(closed_on=TUESDAY, closed_why="better")
    assert mine.save(world.ella, proof, flags=[flag.pk]).status_code == 302


def test_undone_at_once_the_flag_is_as_it_was(world, phone, flag):
    mine = phone(world.karin)
    mine.client.post(mine.save(world.ella, flags=[flag.pk]).url.replace("sparad", "angra"))
    flag.refresh_from_db()
    assert (flag.quiet_until, flag.handled_level, flag.handled_value, flag.contacted_on) == (
        None,
        "",
        None,
        None,
    )


def test_withdrawing_the_later_of_two_leaves_the_earlier(world, phone, flag, settings):
    mine = phone(world.karin)
    settings.KOLL_TODAY = date(2026, 11, 20)
    mine.save(world.ella, flags=[flag.pk])
    settings.KOLL_TODAY = TUESDAY
    mine.save(world.ella, flags=[flag.pk], next="2026-12-22 10.00")
    later = CheckIn.objects.latest("pk")
    mine.take_back(later)
    flag.refresh_from_db()
    assert (flag.quiet_until, flag.contacted_on) == (date(2026, 12, 4), date(2026, 11, 20))


def test_withdrawing_the_earlier_of_two_leaves_the_later(world, phone, flag, settings):
    mine = phone(world.karin)
    settings.KOLL_TODAY = date(2026, 11, 20)
    mine.save(world.ella, flags=[flag.pk])
    settings.KOLL_TODAY = TUESDAY
    mine.save(world.ella, flags=[flag.pk])
    earlier = CheckIn.objects.earliest("pk")
    mine.take_back(earlier)
    flag.refresh_from_db()
    assert (flag.quiet_until, flag.contacted_on) == (date(2026, 12, 8), TUESDAY)


def correct(mine, check_in, **written):
    page = mine.client.get(f"/avstamningar/{check_in.pk}/andra/")
    said = {"met": "yes", "channel": "meeting", "rating": "6", "note": "Lämnade in labben.", "next": "none"}
    return mine.client.post(
        f"/avstamningar/{check_in.pk}/andra/", {**said, **written, "proof": str(page.context["form"].proof)}
    )


def test_a_tick_taken_away_and_put_back_by_correction_holds(world, phone, flag):
    mine = phone(world.karin)
    mine.save(world.ella, flags=[flag.pk])
    check_in = CheckIn.objects.get()
    correct(mine, check_in)
    flag.refresh_from_db()
    assert flag.quiet_until is None
    correct(mine, check_in, flags=[flag.pk])
    flag.refresh_from_db()
    assert flag.quiet_until == TUESDAY + timedelta(days=14)


def test_corrected_to_an_attempt_it_handles_nothing(world, phone, flag):
    mine = phone(world.karin)
    mine.save(world.ella, flags=[flag.pk])
    correct(mine, CheckIn.objects.get(), met="no", flags=[flag.pk])
    flag.refresh_from_db()
    assert flag.quiet_until is None


def test_a_mended_spelling_adds_no_step_to_the_flag(world, phone, flag):
    mine = phone(world.karin)
    mine.save(world.ella, flags=[flag.pk])
    correct(mine, CheckIn.objects.get(), note="Lämnade in labben!", flags=[flag.pk])
    assert FlagEvent.objects.filter(flag=flag).count() == 1
