"""Whoever changes a colleague's e-mail could take over her account: she is told at the address that she has."""

from django.core import mail
from django.urls import reverse

from followup.accounts.models import User


def change(client, user, capture, **fields):
    said = {"given_name": user.given_name, "family_name": user.family_name, "email": user.email}
    with capture(execute=True):
        client.post(reverse("accounts:change_user", args=[user.pk]), said | fields)


def test_the_old_address_is_told_of_a_new_one(client, world, django_capture_on_commit_callbacks):
    """A registrar gave the head an address of her own, asked for a new password, and read every check-in."""
    client.force_login(world.ulla)
    change(client, world.anna, django_capture_on_commit_callbacks, email="ulla.hemma@example.com")
    assert User.objects.get(pk=world.anna.pk).email == "ulla.hemma@example.com"
    (letter,) = mail.outbox
    assert letter.to == ["anna@example.org"]
    assert "Ulla Brandt har ändrat e-posten" in letter.body
    assert "example.com" not in letter.body


def test_nobody_gets_a_letter_for_a_new_name(client, world, django_capture_on_commit_callbacks):
    client.force_login(world.ulla)
    change(client, world.anna, django_capture_on_commit_callbacks, family_name="Strand")
    assert not mail.outbox
