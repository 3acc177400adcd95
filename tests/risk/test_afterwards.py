"""What is done to a decision after it has been followed up, withdrawn or seen by somebody else's role."""

import pytest
from django.urls import reverse

from followup.accounts.models import Grant
from followup.risk import actions
from followup.risk.models import Decision
from students.models import Draft, Involvement
from tests.risk.test_decisions import IN_THREE_WEEKS, decide
from tests.world import TERM_START, TODAY, flag

pytestmark = pytest.mark.django_db


def test_a_correction_after_the_follow_up_does_not_open_the_pupil_for_ever(client, world):
    """The team was to lose sight of her a month after it ended; another day on the old decision undid that."""
    flag(world.ella, world.norra)
    made = decide(world, world.ella)
    actions.follow_up(made, by=world.mette, outcome="Det är bra nu.")
    ends = Involvement.objects.get(why="decision").until
    client.force_login(world.mette)
    page = client.get(reverse("risk:decision", args=[made.pk])).content.decode()
    assert "Rätta texten eller dagen" in page
    client.post(reverse("risk:correct", args=[made.pk]), {"reason": "Rättat.", "follow_up_on": "2027-06-01"})
    made = Decision.objects.get()
    assert (made.reason, made.follow_up_on) == ("Rättat.", IN_THREE_WEEKS)
    assert Involvement.objects.get(why="decision").until == ends


def test_what_is_withdrawn_is_neither_confirmed_nor_followed_up_by_an_old_tab(world):
    flag(world.ella, world.norra)
    made = decide(world, world.ella, decided_by=world.anna)
    actions.withdraw(Decision.objects.get(), by=world.mette, why="Fel elev.")
    actions.confirm(made, by=world.anna)
    actions.follow_up(made, by=world.anna, outcome="Bra.", goes_on=True, next_on=IN_THREE_WEEKS)
    actions.correct(made, by=world.mette, reason="Ny.", follow_up_on=TODAY)
    made = Decision.objects.get()
    assert (made.confirmed_at, made.outcome, made.reason) == (None, "", "")


def test_a_decision_is_confirmed_once(world):
    flag(world.ella, world.norra)
    made = decide(world, world.ella, decided_by=world.anna)
    first = actions.confirm(made, by=world.anna).confirmed_at
    assert actions.confirm(Decision.objects.get(), by=world.anna).confirmed_at == first


def test_a_mentor_of_the_team_does_not_follow_up_a_protected_pupil_as_the_team(client, world):
    """She sees Vera as her mentor; the team is kept out by the protection, and so is its right to decide."""
    Grant.objects.create(user=world.karin, role="student_health", unit=world.norra, starts_on=TERM_START)
    flag(world.vera, world.norra)
    made = decide(world, world.vera, by="anna")
    client.force_login(world.karin)
    assert client.get(reverse("risk:decision", args=[made.pk])).status_code == 200
    answer = client.post(
        reverse("risk:follow_up", args=[made.pk]), {"outcome": "Bra.", "then": "ends", "next_on": ""}
    )
    assert answer.status_code == 403


def test_a_form_about_one_pupil_decides_nothing_about_another(client, world):
    """Sent to another pupil's address it said "saved", and nothing was."""
    for student in (world.ella, world.omar):
        flag(student, world.norra)
    client.force_login(world.mette)
    pages = [reverse("risk:decide", args=[student.pk]) for student in (world.ella, world.omar)]
    form = client.get(pages[0]).context["form"]
    said = {"choice": "none", "reason": "Redan känt.", "decided_by": world.mette.pk, "proof": str(form.proof)}
    client.post(pages[0], said | {"seen": str(form.initial["seen"])})
    answer = client.post(pages[1], said | {"seen": client.get(pages[1]).context["form"].initial["seen"]})
    assert Decision.objects.count() == 1
    assert answer.status_code == 200
    assert "Redan känt." in answer.content.decode()


def test_an_outcome_is_not_lost_when_the_session_has_run_out(client, world):
    """She has written for ten minutes; signed in again, the text stands in the form of the same decision."""
    flag(world.ella, world.norra)
    made = decide(world, world.ella)
    client.force_login(world.mette)
    page = reverse("risk:decision", args=[made.pk])
    said = {"outcome": "Läxhjälpen fungerar.", "then": "ends", "next_on": ""}
    said["proof"] = str(client.get(page).context["outcome_form"].proof)
    client.logout()
    url = reverse("risk:follow_up", args=[made.pk])
    answer = client.post(url, said)
    assert answer.url == f"{reverse('account_login')}?next={url}"
    assert not Decision.objects.exclude(outcome="").exists()
    client.force_login(world.mette)
    shown = client.get(url)
    assert "Läxhjälpen fungerar." in shown.content.decode()
    assert client.get(page).context["outcome_form"].initial["outcome"] == "Läxhjälpen fungerar."
    said["proof"] = str(shown.context["outcome_form"].proof)
    assert client.post(url, said).url == reverse("risk:decisions")
    assert Decision.objects.get().outcome == "Läxhjälpen fungerar."
    assert not Draft.objects.unfinished().exists()
