"""Drafts: what survives, and who sees it when the sign-in has run out on a shared phone."""

import logging
from datetime import timedelta

import pytest
from django.urls import reverse

from followup import clock
from followup.coaching.models import CheckIn
from students.drafts import actions
from students.drafts.proof import Proof
from students.drafts.tasks import erase_old_drafts
from students.models import Draft, Student

from .conftest import Phone, filled, proof_of

pytestmark = pytest.mark.django_db
TEXT = "Ellas hemlighet"


def test_a_draft_waits_on_the_server_and_says_when(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    answer = mine.keep(proof, note=TEXT, rating="3")
    assert answer.json()["says"].startswith("sparat ")
    assert answer.json()["says"].endswith(" på servern")
    page = mine.page(world.ella)
    assert page.context["form"]["note"].value() == TEXT
    assert page.context["form"]["rating"].value() == "3"
    assert "Det är ett utkast som bara du ser." in page.content.decode()


def test_a_colleague_sees_nothing_of_it(world, phone):
    phone(world.karin).keep(proof_of(world.karin, world.ella), note=TEXT)
    page = phone(world.anna).page(world.ella)
    assert TEXT not in page.content.decode()
    assert page.context["form"].begun is None


def test_begin_again_empties_the_form(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    mine.keep(proof, note=TEXT)
    mine.client.post("/utkast/kasta/", {"proof": proof, "next": f"/elever/{world.ella.pk}/avstamning/"})
    assert mine.page(world.ella).context["form"].begun is None
    assert not Draft.objects.exclude(content={}).exists()


def test_begin_again_leads_nowhere_else(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    answer = mine.client.post("/utkast/kasta/", {"proof": proof, "next": "https://example.com/"})
    assert answer.url == "/"


def test_signed_out_while_writing_the_text_is_kept_and_the_page_is_told(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    mine.client.logout()
    assert mine.keep(proof, note=TEXT).status_code == 401
    mine.sign_in(world.karin)
    assert mine.page(world.ella).context["form"]["note"].value() == TEXT


def test_signed_out_without_script_the_text_waits_behind_the_sign_in(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    mine.client.logout()
    answer = mine.save(world.ella, proof, note=TEXT)
    assert answer.url == f"{reverse('account_login')}?next=/elever/{world.ella.pk}/avstamning/"
    assert TEXT not in mine.client.get(answer.url).content.decode()
    assert not CheckIn.objects.exists()
    mine.sign_in(world.karin)
    page = mine.page(world.ella)
    assert page.context["form"]["note"].value() == TEXT
    mine.save(world.ella, str(page.context["form"].proof), note=TEXT)
    assert CheckIn.objects.get().note == TEXT


def test_a_colleague_who_signs_in_on_the_same_phone_sees_nothing_and_saves_nothing(world, phone):
    hers = phone(world.karin)
    proof = hers.open(world.ella)
    hers.client.logout()
    other = Phone(hers.client, world.anna)
    assert other.keep(proof, note=TEXT).status_code == 409
    answer = other.client.post(f"/elever/{world.ella.pk}/avstamning/", filled(proof, note=TEXT), follow=True)
    assert TEXT not in answer.content.decode()
    assert TEXT not in other.page(world.ella).content.decode()
    assert not CheckIn.objects.exists()
    hers.sign_in(world.karin)
    assert hers.page(world.ella).context["form"]["note"].value() == TEXT


def test_only_asking_who_is_signed_in_keeps_nothing(world, phone):
    mine = phone(world.karin)
    proof = mine.open(world.ella)
    assert mine.client.post("/utkast/", {"proof": proof, "ask": "1"}).status_code == 200
    assert not Draft.objects.exists()


def test_ui_05_an_old_tab_after_a_new_sign_in_saves(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    mine = Phone(client, world.karin)
    proof = mine.open(world.ella)
    mine.sign_in(world.karin)  # in the second tab: session and CSRF token are new
    answer = mine.save(world.ella, proof, note="Fem hundra tecken. " * 26)
    assert answer.status_code == 302
    assert len(CheckIn.objects.get().note) > 490


def test_a_form_without_a_proof_of_hers_saves_nothing_but_keeps_the_text(world, phone):
    mine = phone(world.karin)
    for proof in (
        "",
        "påhittat",
        proof_of(world.karin, world.omar),
        proof_of(world.karin, world.ella, "annat"),
    ):
        answer = mine.save(world.ella, proof or " ", note=TEXT)
        assert answer.status_code == 200
        assert TEXT in answer.content.decode()
        assert "inget är sparat än" in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_saved_after_the_page_had_grown_too_old_the_same_text_does_not_come_back(world, phone):
    mine = phone(world.karin)
    mine.keep(mine.open(world.ella), note=TEXT)
    again = mine.save(world.ella, "för gammalt", note=TEXT)
    mine.save(world.ella, str(again.context["form"].proof), note=TEXT)
    assert CheckIn.objects.get().note == TEXT
    assert mine.page(world.ella).context["form"].begun is None


def test_a_closed_account_writes_no_draft(world, phone):
    mine = phone()
    proof = proof_of(world.karin, world.ella)
    world.karin.is_active = False
    world.karin.save()
    mine.keep(proof, note=TEXT)
    assert not Draft.objects.exists()


def test_what_is_longer_than_any_form_is_not_kept(world, phone):
    phone(world.karin).keep(proof_of(world.karin, world.ella), note="x" * 30_000)
    assert not Draft.objects.exists()


def test_the_form_stores_nothing_in_the_browser(world, phone):
    page = phone(world.karin).page(world.ella)
    assert page["Cache-Control"] == "no-store, private"
    assert 'autocomplete="off" class="check-in"' in page.content.decode()
    from pathlib import Path

    script = Path("static/drafts.js").read_text("utf-8")
    assert not any(word in script for word in ("localStorage", "sessionStorage", "indexedDB", "cookie"))


def test_what_was_begun_at_one_organiser_does_not_come_up_at_another(world):
    """A coach of both would carry one controller's text over to the other's pupil."""
    there = Student.objects.create(person=world.ella.person, organiser=world.aktie, given_name="Ella")
    actions.keep(proof=Proof.read(proof_of(world.karin, world.ella)), content={"note": [TEXT]})
    assert actions.begun(user=world.karin, student=world.ella, form="check_in").content == {"note": [TEXT]}
    assert actions.begun(user=world.karin, student=there, form="check_in") is None


def test_old_drafts_are_erased(world):
    for student in (world.ella, world.omar):
        proof = Proof.fresh(user=world.karin, student=student, form="check_in")
        actions.keep(proof=proof, content={"note": [TEXT]})
    Draft.objects.filter(person=world.ella.person).update(saved_at=clock.now() - timedelta(days=31))
    erase_old_drafts()
    assert [draft.person_id for draft in Draft.objects.all()] == [world.omar.person_id]


def test_prv_06_a_fault_while_saving_logs_neither_text_name_nor_number(world, phone, caplog):
    from django.db import connection

    mine = phone(world.karin)
    mine.client.raise_request_exception = False
    proof = mine.open(world.ella)
    with connection.cursor() as cursor:  # the database itself refuses, and repeats the row in its fault
        cursor.execute("ALTER TABLE coaching_checkin ADD CONSTRAINT nothing CHECK (note = '')")
    with caplog.at_level(logging.DEBUG):
        answer = mine.save(world.ella, proof, note=TEXT)
    assert answer.status_code == 500
    assert "Det du skrev är sparat som utkast" in answer.content.decode()
    assert Draft.objects.get().content["note"] == [TEXT]
    said = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "CheckViolation" in said
    for secret in (TEXT, "Lindqvist", world.ella.person.national_number):
        assert secret not in said
