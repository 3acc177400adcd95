"""What the tests of this room share: a phone, a form filled in, a flag."""

from datetime import date

import pytest

from followup.coaching.models import CheckIn
from followup.risk.models import Flag
from students.drafts.proof import Proof

PASSWORD = "lösenord-för-tester"


class Phone:
    """A browser in somebody's hand: opens the form, writes in it, saves."""

    def __init__(self, client, user=None):
        self.client = client
        if user:
            self.sign_in(user)

    def sign_in(self, user):
        self.client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def open(self, student):
        """The proof of the form that stands on the page."""
        return str(self.page(student).context["form"].proof)

    def page(self, student):
        answer = self.client.get(f"/elever/{student.pk}/avstamning/")
        assert answer.status_code == 200, answer.status_code
        return answer

    def save(self, student, proof=None, **written):
        return self.client.post(
            f"/elever/{student.pk}/avstamning/", filled(proof or self.open(student), **written)
        )

    def take_back(self, check_in, why="Fel elev.", proof=None):
        """Opens the form in which a check-in is withdrawn, and sends it."""
        address = f"/avstamningar/{check_in.pk}/dra-tillbaka/"
        proof = proof or str(self.client.get(address).context["form"].proof)
        return self.client.post(address, {"proof": proof, "why": why})

    def keep(self, proof, **written):
        return self.client.post("/utkast/", filled(proof, **written))


def filled(proof, **written):
    usual = {"met": "yes", "channel": "meeting", "rating": "6", "note": "Lämnade in labben."}
    return {"proof": proof, **usual, **written}


@pytest.fixture
def phone(client):
    return lambda user=None: Phone(client, user)


@pytest.fixture
def flag(world):
    """Ella's open flag: 17 per cent absence."""
    return Flag.objects.create(
        student=world.ella,
        unit=world.norra,
        indicator="A1",
        level="red",
        value="17.25",
        threshold="15",
        evidence={"days": 20},
        opened_on=date(2026, 11, 20),
        changed_on=date(2026, 11, 23),
        measured_on=date(2026, 11, 23),
    )


def standing():
    return CheckIn.objects.standing()


def proof_of(user, student, form="check_in"):
    return str(Proof.fresh(user=user, student=student, form=form))


@pytest.fixture
def time_machine_at():
    """Moves the clock of the whole process."""
    import time_machine

    travellers = []

    def travel(moment):
        traveller = time_machine.travel(moment, tick=False)
        travellers.append(traveller)
        return traveller.start()

    yield travel
    for traveller in travellers:
        traveller.stop()
