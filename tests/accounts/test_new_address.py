"""Whoever changes a colleague's e-mail could take over her account, so few may, and she is told at the old one."""

import pytest
from django.core import mail
from django.urls import reverse

from followup.accounts import actions
from followup.accounts.models import User
from followup.audit.models import Event
from tests.imports.reading_in import read_in

READ_ONLY = "ändrar bara systemadministratören e-posten"


@pytest.fixture
def change(client, django_capture_on_commit_callbacks):
    def post(user, **fields) -> int:
        said = {"given_name": user.given_name, "family_name": user.family_name, "email": user.email}
        with django_capture_on_commit_callbacks(execute=True):
            url = reverse("accounts:change_user", args=[user.pk])
            return client.post(url, said | fields).status_code

    return post


@pytest.fixture
def invited(world):
    """The head who comes next, not in yet, and with a fault of typing."""
    person = actions.add_user(email="nia@exmaple.org", given_name="Nia", family_name="Ny", by=world.ulla)
    actions.give_role(person, role="school_leader", unit=world.norra, by=world.ulla)
    return person


def email_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


@pytest.mark.parametrize("name", ["anna", "karin", "mette"])
def test_a_registrar_gives_nobody_who_is_in_another_address(client, world, change, name):
    """She gave the head an address of her own, asked for a new password, and read every check-in."""
    client.force_login(world.ulla)
    person = world.users[name]
    assert change(person, email="ulla.hemma@example.com", family_name="Strand") == 403
    assert email_of(person) == f"{name}@example.org"
    assert not Event.objects.filter(verb="accounts.change_user").exists()


def test_she_reads_why_and_whom_to_ask_and_changes_the_name(client, world, change):
    client.force_login(world.ulla)
    page = client.get(reverse("accounts:change_user", args=[world.anna.pk])).content.decode()
    assert READ_ONLY in page
    assert page.count("readonly") == 1
    assert change(world.anna, family_name="Strand") == 302
    assert User.objects.get(pk=world.anna.pk).name == "Anna Strand"
    assert not mail.outbox  # nobody gets a letter for a new name


def test_a_fault_of_typing_is_mended_until_she_has_chosen_a_password(client, world, change, invited):
    client.force_login(world.ulla)
    page = client.get(reverse("accounts:change_user", args=[invited.pk])).content.decode()
    assert READ_ONLY not in page
    assert "readonly" not in page
    assert change(invited, email="nia@example.org") == 302
    invited.refresh_from_db()
    link = actions.make_invitation(invited, by=world.ulla, address="")
    client.post(link, {"password": "fyra ord på rad"})
    client.force_login(world.ulla)
    assert change(invited, email="ulla.hemma@example.com") == 403


def test_the_old_address_is_told_of_a_new_one(client, world, change):
    client.force_login(world.sten)
    assert READ_ONLY not in client.get(reverse("accounts:change_user", args=[world.anna.pk])).content.decode()
    assert change(world.anna, email="anna.falk@example.com") == 302
    assert email_of(world.anna) == "anna.falk@example.com"
    (letter,) = mail.outbox
    assert letter.to == ["anna@example.org"]
    assert "Sten Sand har ändrat e-posten" in letter.body
    assert "example.com" not in letter.body


def test_a_staff_file_gives_nobody_another_address(world):
    """The e-mail is what a file knows her by: another one, with her number, is somebody else."""
    User.objects.filter(pk=world.anna.pk).update(employee_number="A17")
    read_in(
        "e-post;förnamn;efternamn;anställningsnummer;roll;skolenhetskod\n"
        "ulla.hemma@example.com;Anna;Falk;A17;rektor;99900011\n",
        by=world.ulla,
        allowed=[world.norra.pk],
    )
    assert email_of(world.anna) == "anna@example.org"
    assert not User.objects.get(email="ulla.hemma@example.com").has_usable_password()
