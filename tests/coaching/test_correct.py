"""Correcting and taking back one's own: what stays readable, and for whom."""

import pytest

from followup.audit.models import Event
from followup.coaching.models import CheckIn
from students.models import Draft

from .test_flags import correct

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, note="Första lydelsen.")
    return mine, CheckIn.objects.get()


def read(mine, check_in):
    return mine.client.get(f"/avstamningar/{check_in.pk}/")


def test_a_correction_says_that_it_is_one_and_keeps_the_earlier_wording(world, written):
    mine, check_in = written
    correct(mine, check_in, note="Andra lydelsen.")
    html = read(mine, check_in).content.decode()
    assert "ändrad" in html
    assert html.index("Andra lydelsen.") < html.index("En tidigare lydelse") < html.index("Första lydelsen.")
    assert Event.objects.get(verb="coaching.correct_check_in").detail == {"fields": ["note"]}


def test_earlier_wording_is_for_the_writer_and_the_leader(world, written, phone):
    mine, check_in = written
    correct(mine, check_in, note="Andra lydelsen.")
    assert "Första lydelsen." in read(phone(world.anna), check_in).content.decode()
    from tests.world import coach

    coach(world.ella, world.norra, world.jonas)
    html = read(phone(world.jonas), check_in).content.decode()
    assert "Andra lydelsen." in html
    assert "Första lydelsen." not in html


def test_nobody_else_corrects_or_takes_back(world, written, phone):
    _mine, check_in = written
    for address in ("andra", "dra-tillbaka", "sparad"):
        answer = phone(world.anna).client.get(f"/avstamningar/{check_in.pk}/{address}/")
        assert answer.status_code == 403, address
    assert "Bara den som skrev" in answer.content.decode()
    phone(world.anna).client.post(f"/avstamningar/{check_in.pk}/angra/")
    check_in.refresh_from_db()
    assert check_in.withdrawn_at is None


def test_saving_the_same_again_is_no_correction(world, written):
    mine, check_in = written
    correct(mine, check_in, note="Första lydelsen.")
    check_in.refresh_from_db()
    assert check_in.changed_at is None
    assert not Event.objects.filter(verb="coaching.correct_check_in").exists()


def test_taking_back_wants_a_reason(world, written):
    mine, check_in = written
    answer = mine.take_back(check_in, " ")
    assert "Skriv varför." in answer.content.decode()
    check_in.refresh_from_db()
    assert check_in.withdrawn_at is None


def test_the_reason_waits_for_her_when_the_sign_in_has_run_out(world, written, phone):
    mine, check_in = written
    address = f"/avstamningar/{check_in.pk}/dra-tillbaka/"
    proof = str(mine.client.get(address).context["form"].proof)
    mine.client.logout()
    answer = mine.take_back(check_in, "Det var om Omar.", proof)
    assert answer.url == f"/konto/logga-in/?next={address}"
    colleague = phone(world.anna)
    assert "Det var om Omar." not in colleague.take_back(check_in, "Det var om Omar.", proof).content.decode()
    assert "Det var om Omar." not in colleague.client.get("/").content.decode()
    check_in.refresh_from_db()
    assert check_in.withdrawn_at is None
    mine.sign_in(world.karin)
    page = mine.client.get(address)
    assert page.context["form"]["why"].value() == "Det var om Omar."
    mine.take_back(check_in, "Det var om Omar.", str(page.context["form"].proof))
    check_in.refresh_from_db()
    assert check_in.withdrawn_why == "Det var om Omar."
    assert not Draft.objects.unfinished().exists()


def test_a_second_tap_takes_back_nothing_more_and_is_no_fault(world, written):
    mine, check_in = written
    proof = str(mine.client.get(f"/avstamningar/{check_in.pk}/dra-tillbaka/").context["form"].proof)
    for _tap in range(2):
        assert mine.take_back(check_in, proof=proof).url == f"/avstamningar/{check_in.pk}/"
    assert Event.objects.filter(verb="coaching.withdraw_check_in").count() == 1


def test_without_a_proof_of_hers_nothing_is_taken_back_and_the_reason_stays(world, written):
    mine, check_in = written
    assert "Det var om Omar." in mine.take_back(check_in, "Det var om Omar.", "påhittat").content.decode()
    check_in.refresh_from_db()
    assert check_in.withdrawn_at is None


def test_what_is_taken_back_is_still_read_by_writer_and_leader_only(world, written, phone):
    mine, check_in = written
    mine.take_back(check_in)
    assert "Fel elev." in read(mine, check_in).content.decode()
    assert "Fel elev." in read(phone(world.anna), check_in).content.decode()
    from tests.world import coach

    coach(world.ella, world.norra, world.jonas)
    assert read(phone(world.jonas), check_in).status_code == 404


def test_undone_at_once_the_text_waits_in_the_form(world, written):
    mine, check_in = written
    answer = mine.client.post(f"/avstamningar/{check_in.pk}/angra/", follow=True)
    check_in.refresh_from_db()
    assert check_in.withdrawn_at
    assert "Första lydelsen." in answer.content.decode()
    assert answer.context["form"]["rating"].value() == "6"


def test_undone_then_saved_again_is_one(world, written):
    mine, check_in = written
    mine.client.post(f"/avstamningar/{check_in.pk}/angra/")
    mine.save(world.ella, note="Första lydelsen.")
    assert CheckIn.objects.standing().count() == 1
    assert not Draft.objects.unfinished().exists()


def test_back_to_the_old_form_after_undoing_loses_nothing(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    saved = mine.save(world.ella, proof, note="Ord.")
    mine.client.post(saved.url.replace("sparad", "angra"))
    answer = mine.client.post(
        f"/elever/{world.ella.pk}/avstamning/",
        {"proof": proof, "met": "yes", "channel": "meeting", "note": "Ord."},
        follow=True,
    )
    assert "Ord." in answer.content.decode()
    assert not CheckIn.objects.standing().exists()
    mine.save(world.ella, str(answer.context["form"].proof), note="Ord.")
    assert CheckIn.objects.standing().count() == 1


def test_a_minute_later_it_is_too_late_to_undo(world, written):
    from datetime import timedelta

    mine, check_in = written
    CheckIn.objects.update(written_at=check_in.written_at - timedelta(minutes=2))
    answer = mine.client.post(f"/avstamningar/{check_in.pk}/angra/", follow=True)
    check_in.refresh_from_db()
    assert check_in.withdrawn_at is None
    assert "Det har gått för lång tid." in answer.content.decode()


def test_a_withdrawn_one_cannot_be_corrected(world, written):
    mine, check_in = written
    mine.take_back(check_in)
    assert mine.client.get(f"/avstamningar/{check_in.pk}/andra/").status_code == 403


def test_after_saving_the_next_one_waiting_is_named(world, phone, settings):
    from datetime import date

    mine = phone(world.karin)
    settings.KOLL_TODAY = date(2026, 11, 17)
    mine.save(world.omar, next="2026-11-24 14.00")
    settings.KOLL_TODAY = date(2026, 11, 24)
    answer = mine.client.get(mine.save(world.ella).url)
    assert "Nästa: Omar Haddad 14.00" in answer.content.decode()
    assert 'data-fades="10"' in answer.content.decode()
