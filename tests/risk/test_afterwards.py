"""What is done to a decision after it has been followed up, withdrawn or seen by somebody else's role."""

import pytest
from django.urls import reverse

from followup.accounts.models import Grant
from followup.audit.models import Event
from followup.risk import actions
from followup.risk.models import Decision
from students.models import Draft, Involvement
from tests.risk.test_decisions import IN_THREE_WEEKS, decide
from tests.world import TERM_START, TODAY, flag

pytestmark = pytest.mark.django_db
VERBS = ["risk.follow_up_decision", "risk.correct_decision", "risk.withdraw_decision"]


def write(client, decision, form, address, **written):
    """Opens the page of the decision and sends one of its forms."""
    page = client.get(reverse("risk:decision", args=[decision.pk]))
    sent = {"proof": str(page.context[f"{form}_form"].proof), **written}
    return client.post(reverse(address, args=[decision.pk]), sent)


def test_a_correction_after_the_follow_up_does_not_open_the_pupil_for_ever(client, world):
    """The team was to lose sight of her a month after it ended; another day on the old decision undid that."""
    flag(world.ella, world.norra)
    made = decide(world, world.ella)
    actions.follow_up(made, by=world.mette, outcome="Det är bra nu.")
    ends = Involvement.objects.get(why="decision").until
    client.force_login(world.mette)
    write(client, made, "correction", "risk:correct", reason="Rättat.", follow_up_on="2027-06-01")
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


@pytest.mark.parametrize("place", ["list", "page"])
@pytest.mark.parametrize(
    ("choice", "written"),
    [
        ("support", {"what": "läxhjälp", "responsible": "siv", "planned_end_on": "2027-01-15"}),
        ("coach", {"coach": "eva", "starts_on": "2026-11-30"}),
        ("inquiry", {"responsible": "siv"}),
        ("mentor", {}),
        ("none", {"reason": "Sjuk i influensa.", "follow_up_on": ""}),
    ],
)
def test_what_was_decided_stands_in_the_form_again_after_it_was_undone(client, world, choice, written, place):
    """A slip of the finger costs one tap, not the whole text."""
    Grant.objects.create(user=world.eva, role="coach", unit=world.norra, starts_on=TERM_START)
    flag(world.ella, world.norra)
    client.force_login(world.mette)
    form = client.get(reverse("risk:decide", args=[world.ella.pk])).context["form"]
    people = {
        name: getattr(world, who).pk for name, who in written.items() if name in ("responsible", "coach")
    }
    usual = {
        "choice": choice,
        "decided_by": world.anna.pk,
        "follow_up_on": "2026-12-15",
        "reason": "Så är det.",
    }
    sent = {**usual, **written, **people}
    client.post(
        reverse("risk:decide", args=[world.ella.pk]),
        {"proof": str(form.proof), "seen": form["seen"].value(), **sent},
    )
    made = Decision.objects.get()
    answer = client.post(reverse("risk:undo", args=[made.pk]), {"from": place}, follow=True)
    assert "Det du skrev finns kvar här." in answer.content.decode()
    assert ("elev=" in answer.redirect_chain[-1][0]) == (place == "list")
    again = answer.context["form"]
    filled = {field.name: str(field.value() or "") for field in again if field.name != "seen"}
    if choice == "mentor":
        assert filled.pop("mentor") == str(world.karin.pk)
    assert {name: value for name, value in filled.items() if value} == {
        name: str(value) for name, value in sent.items() if value
    }


def test_a_measure_that_was_withdrawn_the_same_day_has_no_days(client, world):
    flag(world.ella, world.norra)
    made = decide(world, world.ella)
    actions.withdraw(made, by=world.mette, why="Fel elev.")
    client.force_login(world.mette)
    page = client.get(reverse("risk:decision", args=[made.pk])).content.decode()
    assert "blev inte av" in page


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


AFTERWARDS = [
    ("outcome", "risk:follow_up", {"outcome": "Läxhjälpen fungerar.", "then": "ends", "next_on": ""}),
    ("correction", "risk:correct", {"reason": "Läxhjälpen fungerar.", "follow_up_on": "2026-12-18"}),
    ("withdrawal", "risk:withdraw", {"why": "Läxhjälpen fungerar."}),
]


@pytest.mark.parametrize(("name", "address", "said"), AFTERWARDS)
def test_what_is_written_about_a_decision_is_not_lost_when_the_session_has_run_out(
    client, world, name, address, said
):
    """She has written for ten minutes; signed in again, the text stands in the form of the same decision."""
    flag(world.ella, world.norra)
    made = decide(world, world.ella, decided_by=world.anna)
    client.force_login(world.mette)
    page, url = reverse("risk:decision", args=[made.pk]), reverse(address, args=[made.pk])
    sent = said | {"proof": str(client.get(page).context[f"{name}_form"].proof)}
    client.logout()
    assert client.post(url, sent).url == f"{reverse('account_login')}?next={url}"
    client.force_login(world.anna)  # a colleague on the same phone, with the same right
    assert "fungerar" not in client.post(url, sent, follow=True).content.decode()
    assert "fungerar" not in client.get(page).content.decode()
    client.force_login(world.mette)
    written = next(iter(said))
    for shown in (client.get(url), client.get(page)):
        form = shown.context[f"{name}_form"]
        assert form[written].value() == "Läxhjälpen fungerar."
        assert name == "outcome" or '<details class="more" open>' in shown.content.decode()
    now = Decision.objects.get()
    assert (now.outcome, now.changed_at, now.withdrawn_at) == ("", None, None)
    sent = said | {"proof": str(form.proof)}
    after = [client.post(url, sent).url for _tap in range(2)]
    assert after[0] == after[1]
    now = Decision.objects.get()
    assert "Läxhjälpen fungerar." in (now.outcome, now.reason, now.withdrawn_why)
    assert Event.objects.filter(verb__in=VERBS).count() == 1
    assert not Draft.objects.unfinished().exists()


@pytest.mark.parametrize(("name", "address", "said"), AFTERWARDS)
def test_without_a_proof_of_hers_a_decision_stays_as_it_is_and_the_text_too(
    client, world, name, address, said
):
    flag(world.ella, world.norra)
    made = decide(world, world.ella)
    client.force_login(world.mette)
    shown = client.post(reverse(address, args=[made.pk]), said | {"proof": "påhittat"})
    assert "Läxhjälpen fungerar." in shown.content.decode()
    now = Decision.objects.get()
    assert (now.outcome, now.changed_at, now.withdrawn_at) == ("", None, None)


def test_the_forms_about_a_decision_do_not_mix_what_was_begun(client, world):
    flag(world.ella, world.norra)
    made = decide(world, world.ella, reason="Pratat med Ella.")
    client.force_login(world.mette)
    page = reverse("risk:decision", args=[made.pk])
    proof = str(client.get(page).context["withdrawal_form"].proof)
    client.post("/utkast/", {"proof": proof, "why": "Fel elev."})
    shown = client.get(page)
    assert shown.context["withdrawal_form"]["why"].value() == "Fel elev."
    assert shown.context["correction_form"]["reason"].value() == "Pratat med Ella."
    assert shown.context["outcome_form"]["outcome"].value() is None
    assert shown.content.decode().count('<details class="more" open>') == 1
