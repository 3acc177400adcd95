"""A check-in: what it must have, what it does, and that it is saved once."""

from datetime import date, time

import pytest

from followup.audit.models import Event, Reading
from followup.coaching.models import CheckIn
from students.models import Draft

from .conftest import standing

pytestmark = pytest.mark.django_db


def test_a_mentor_writes_what_was_said(world, phone):
    answer = phone(world.karin).save(
        world.ella,
        agreed="Fråga Per om extra tid",
        next="2026-12-01 10.20, rum 214",
    )
    saved = CheckIn.objects.get()
    assert answer.url == f"/avstamningar/{saved.pk}/sparad/"
    assert (saved.made, saved.channel, saved.rating, saved.note) == (True, "meeting", 6, "Lämnade in labben.")
    assert (saved.next_on, saved.next_time, saved.next_place) == (date(2026, 12, 1), time(10, 20), "rum 214")
    assert (saved.by, saved.unit, saved.agreed) == (world.karin, world.norra, "Fråga Per om extra tid")


def test_nothing_is_ticked_beforehand_but_that_they_met(world, phone, flag):
    html = phone(world.karin).page(world.ella).content.decode()
    checked = [part for part in html.split("<input")[1:] if " checked" in part.split(">")[0]]
    assert len(checked) == 1
    assert 'name="met" value="yes"' in checked[0]


def test_the_channel_of_last_time_is_preset(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, channel="phone")
    assert mine.page(world.ella).context["form"]["channel"].value() == "phone"


def test_an_empty_form_is_not_a_check_in(world, phone):
    answer = phone(world.karin).save(world.ella, rating="", note="")
    assert answer.status_code == 200
    assert "Skriv en mening, eller låt eleven välja en siffra." in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_whoever_will_not_answer_is_not_a_zero(world, phone):
    phone(world.karin).save(world.ella, rating="declined")
    saved = CheckIn.objects.get()
    assert (saved.rating, saved.rating_declined) == (None, True)


def test_zero_is_an_answer(world, phone):
    phone(world.karin).save(world.ella, rating="0", note="")
    assert CheckIn.objects.get().rating == 0


def test_an_attempt_wants_only_the_channel(world, phone, flag):
    phone(world.karin).save(world.ella, met="no", rating="5", note="", flags=[flag.pk])
    saved = CheckIn.objects.get()
    assert (saved.made, saved.rating) == (False, None)
    flag.refresh_from_db()
    assert flag.quiet_until is None, "nobody was met, so nothing is handled"


def test_a_text_written_before_it_became_an_attempt_is_not_lost(world, phone):
    phone(world.karin).save(world.ella, met="no", note="Ringde två gånger.")
    assert CheckIn.objects.get().note == "Ringde två gånger."


def test_faults_keep_every_word_and_say_where(world, phone):
    answer = phone(world.karin).save(world.ella, channel="", next="other", next_on="03/04/2027")
    html = answer.content.decode()
    assert "Lämnade in labben." in html
    assert "Kan vara 3 april eller 4 mars" in html
    assert 'href="#div_id_channel"' in html


def test_the_next_time_cannot_have_been(world, phone):
    answer = phone(world.karin).save(world.ella, next="other", next_on="2026-11-23")
    assert "Dagen har redan varit." in answer.content.decode()


def test_a_typed_next_time_counts_without_script_and_without_the_button(world, phone):
    phone(world.karin).save(world.ella, next_on="20261130", next_time="9.15")
    saved = CheckIn.objects.get()
    assert (saved.next_on, saved.next_time) == (date(2026, 11, 30), time(9, 15))


def test_what_was_agreed_is_shown_next_time_until_it_is_done(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, agreed="Lämna in labbrapporten")
    mine.save(world.ella, note="Vi pratade om annat.")
    assert mine.page(world.ella).context["page"].agreed == "Lämna in labbrapporten"
    mine.save(world.ella, agreed_done="on")
    assert mine.page(world.ella).context["page"].agreed == ""


def test_a_talk_of_another_day_is_dated_that_day(world, phone):
    phone(world.karin).save(world.ella, on="2026-11-20")
    assert CheckIn.objects.get().at.date() == date(2026, 11, 20)


def test_a_talk_of_tomorrow_is_refused(world, phone):
    assert "Dagen har inte varit än." in phone(world.karin).save(world.ella, on="2026-11-25").content.decode()


def test_chk_02_no_old_draft_in_a_new_form(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    mine.keep(proof, note="Ellas berättelse")
    mine.save(world.ella, proof, note="Ellas berättelse")
    for student in (world.omar, world.ella):
        page = mine.page(student)
        assert "Ellas berättelse" not in page.content.decode().split("Senast")[0]
        assert page.context["form"]["note"].value() is None
    assert not Draft.objects.filter(content__note__isnull=False).exists()


def test_chk_02_a_draft_that_arrives_after_saving_does_not_come_back(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    mine.save(world.ella, proof, note="Ellas berättelse")
    mine.keep(proof, note="Ellas berättelse")
    assert mine.page(world.ella).context["form"].begun is None


def test_chk_04_a_double_tap_saves_once(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    answers = [mine.save(world.ella, proof) for _tap in range(2)]
    assert answers[0].url == answers[1].url
    assert standing().count() == 1


def test_chk_04_back_and_save_shows_an_empty_form_that_cannot_be_saved(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, mine.open(world.ella))
    page = mine.page(world.ella)  # no-store: Back asks the server again
    assert page["Cache-Control"] == "no-store, private"
    answer = mine.save(world.ella, str(page.context["form"].proof), rating="", note="")
    assert answer.status_code == 200
    assert standing().count() == 1


def test_chk_04_back_to_an_old_page_with_other_words_becomes_a_question_not_a_second_check_in(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    mine.save(world.ella, proof, note="Första lydelsen.")
    answer = mine.save(world.ella, proof, note="Andra lydelsen.")
    saved = CheckIn.objects.get()
    assert saved.note == "Första lydelsen."
    assert answer.url == f"/avstamningar/{saved.pk}/andra/"
    html = mine.client.get(answer.url).content.decode()
    assert "Andra lydelsen." in html
    assert "sparades redan" in html


def test_chk_04_two_talks_on_one_day_are_two(world, phone):
    mine = phone(world.karin)
    mine.save(world.ella, note="Samma ord.")
    mine.save(world.ella, note="Samma ord.")
    assert standing().count() == 2


def test_two_tabs_lose_nothing_and_double_nothing(world, phone):
    mine = phone(world.karin)
    first, second = mine.open(world.ella), mine.open(world.ella)
    mine.keep(first, note="Från den ena fliken.")
    mine.keep(second, note="Från den andra.")
    mine.save(world.ella, second, note="Från den andra.")
    assert mine.page(world.ella).context["form"]["note"].value() == "Från den ena fliken."
    mine.save(world.ella, first, note="Från den ena fliken.")
    assert standing().count() == 2
    assert mine.page(world.ella).context["form"].begun is None


def test_a_pupil_of_another_school_does_not_exist(world, phone):
    for student in (world.saga, world.tove):
        assert phone(world.karin).client.get(f"/elever/{student.pk}/avstamning/").status_code == 404


def test_a_teacher_is_told_who_may(world, phone):
    from students.models import Group, GroupMember, GroupStaff

    group = Group.objects.create(unit=world.norra, kind="teaching", name="MA2b", school_year=2026)
    GroupStaff.objects.create(group=group, user=world.tore, starts_on=date(2026, 8, 17))
    GroupMember.objects.create(group=group, student=world.ella, starts_on=date(2026, 8, 17))
    answer = phone(world.tore).client.get(f"/elever/{world.ella.pk}/avstamning/")
    assert answer.status_code == 403
    assert "elevcoach" in answer.content.decode()


def test_a_mentor_does_not_write_about_pupils_she_only_teaches(world, phone):
    from followup.accounts.models import Grant
    from students.models import Group, GroupMember, GroupStaff
    from tests.world import student

    noah = student(world, "noah", "Ek", "201004202384", world.norra)
    Grant.objects.create(user=world.karin, role="teacher", unit=world.norra, starts_on=date(2026, 8, 1))
    group = Group.objects.create(unit=world.norra, kind="teaching", name="MA2b", school_year=2026)
    GroupStaff.objects.create(group=group, user=world.karin, starts_on=date(2026, 8, 17))
    GroupMember.objects.create(group=group, student=noah, starts_on=date(2026, 8, 17))
    assert phone(world.karin).client.get(f"/elever/{noah.pk}/avstamning/").status_code == 403


def test_opening_and_saving_leave_their_trace(world, phone):
    phone(world.karin).save(world.ella)
    assert Reading.objects.filter(page="check_in", student_ids=[world.ella.pk], by_id=world.karin.pk).exists()
    event = Event.objects.get(verb="coaching.write_check_in")
    assert (event.by_id, event.student_id, event.organiser_id) == (
        world.karin.pk,
        world.ella.pk,
        world.kommun.pk,
    )
    assert "Lämnade" not in str(event.detail)


def test_a_protected_pupil_is_written_about_by_her_own_and_does_not_exist_for_others(world, phone):
    from students.models import Involvement

    Involvement.objects.create(student=world.vera, unit=world.norra, why="flag", since=date(2026, 11, 20))
    address = f"/elever/{world.vera.pk}/avstamning/"
    assert phone(world.mette).client.get(address).status_code == 404
    saved = phone(world.karin).save(world.vera, next="2026-11-24 16.00")
    assert saved.status_code == 302
    check_in = CheckIn.objects.get()
    assert phone(world.mette).client.get(f"/avstamningar/{check_in.pk}/").status_code == 404
    assert phone(world.anna).client.get(f"/avstamningar/{check_in.pk}/").status_code == 200


def test_no_name_stands_in_a_title_or_an_address(world, phone):
    mine = phone(world.karin)
    saved = mine.save(world.ella)
    for address in (f"/elever/{world.ella.pk}/avstamning/", saved.url, saved.url.replace("sparad/", "")):
        html = mine.client.get(address).content.decode()
        title = html.split("<title>")[1].split("</title>")[0]
        assert "Ella" not in title + address
