"""Where no letters leave, whoever has the server gives a new password; the privacy officer sees that it was done."""

import getpass

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from followup.audit.models import Event

NEW = "fyra ord på rad"


@pytest.fixture
def types(monkeypatch):
    """What is typed at the two questions."""

    def typed(*words):
        answers = iter(words)
        monkeypatch.setattr(getpass, "getpass", lambda prompt="": next(answers))

    return typed


def test_a_password_given_at_the_server_is_in_the_trace(client, world, types):
    types(NEW, NEW)
    call_command("changepassword", "Anna@example.org", verbosity=0)
    world.anna.refresh_from_db()
    assert world.anna.check_password(NEW)
    event = Event.objects.get(verb="accounts.set_password")
    assert (event.by_id, event.object_id, event.organiser_id) == (None, world.anna.pk, world.kommun.pk)
    client.force_login(world.pia)
    assert "bytte en användares lösenord på servern" in client.get(reverse("boards:trace")).content.decode()


def test_the_administrators_own_is_in_the_trace_too(world, types):
    types(NEW, NEW)
    call_command("changepassword", "sten@example.org", verbosity=0)
    assert Event.objects.get(verb="accounts.set_password").object_id == world.sten.pk


def test_what_was_not_changed_is_not_said_to_be(world, types):
    types(NEW, "ett annat", NEW, "ett annat", NEW, "ett annat")
    with pytest.raises(CommandError):
        call_command("changepassword", "anna@example.org", verbosity=0)
    with pytest.raises(CommandError):
        call_command("changepassword", "ingen@example.org", verbosity=0)
    assert not Event.objects.filter(verb="accounts.set_password").exists()
