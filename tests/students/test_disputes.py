"""Facts that are said to be wrong reach the one who keeps the records, and the answer comes back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from followup.audit.models import Event
from students import actions
from students.models import AttendanceDay, FactDispute
from tests import world as worlds

DAY = timedelta(days=1)


@pytest.fixture
def day(world):
    worlds.attendance(world.ella, world.norra, days=3, unexcused=240)
    return AttendanceDay.objects.filter(student=world.ella).latest("date")


def url_of(student, day):
    return reverse("students:dispute", args=[student.pk, "attendance", f"{day.date}.{day.unit_id}"])


def say(world, by="karin", student="ella", **kwargs):
    student = world.students[student]
    return actions.dispute_fact(
        student,
        by=world.users[by],
        unit=world.norra,
        about="attendance",
        text="Hon var på studiebesök.",
        detail="tis 24 nov, ogiltig 4 h",
        **kwargs,
    )


def write(client, url, **written):
    """Opens the form, as one does, and sends it."""
    return client.post(url, {"proof": str(client.get(url).context["form"].proof), **written})


def today(client, user):
    client.force_login(user)
    return client.get(reverse("today")).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_one_tap_and_a_sentence_go_to_the_registrar(client, world, day):
    client.force_login(world.karin)
    facts = client.get(reverse("students:facts", args=[world.ella.pk])).content.decode()
    assert url_of(world.ella, day) in facts
    form = client.get(url_of(world.ella, day)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "Närvaro: tis 24 nov, ogiltig 4 h" in form
    write(client, url_of(world.ella, day), text="Hon var på studiebesök.")
    shown = today(client, world.ulla)
    assert "Ella Lindqvist" in shown
    assert "närvaro: tis 24 nov, ogiltig 4 h" in shown
    assert "Hon var på studiebesök." in shown
    assert "En sak väntar på dig" in shown or "En elev väntar på dig" in shown


def test_the_fact_itself_stays_as_the_file_has_it(client, world, day):
    client.force_login(world.karin)
    write(client, url_of(world.ella, day), text="Fel")
    assert AttendanceDay.objects.get(pk=day.pk).unexcused == 240


def test_a_double_tap_says_it_once(client, world, day):
    client.force_login(world.karin)
    for _tap in range(2):
        write(client, url_of(world.ella, day), text="Fel")
    assert FactDispute.objects.count() == 1
    assert Event.objects.filter(verb="students.dispute_fact", student_id=world.ella.pk).count() == 1


def test_each_kind_of_fact_can_be_pointed_at(client, world):
    grade = worlds.warning(world.ella, world.norra)
    enrolment = world.ella.enrolments.get()
    client.force_login(world.karin)
    for about, ref in [
        ("grade", grade.pk),
        ("enrolment", enrolment.pk),
        ("mentor", 0),
        ("person", 0),
    ]:
        url = reverse("students:dispute", args=[world.ella.pk, about, ref])
        assert client.get(url).status_code == 200, about
        assert write(client, url, text="Fel").status_code == 302, about
    assert FactDispute.objects.count() == 4


@pytest.mark.parametrize(
    ("about", "ref"),
    [
        ("attendance", "2026-11-24"),
        ("attendance", "i går.1"),
        ("attendance", "2026-11-24.99999999999999999999"),
        ("grade", "x"),
        ("grade", "0"),
        ("betyg", "1"),
    ],
)
def test_a_fact_that_is_not_hers_does_not_exist(client, world, about, ref):
    client.force_login(world.karin)
    assert client.get(reverse("students:dispute", args=[world.ella.pk, about, ref])).status_code == 404


def test_another_pupils_grade_cannot_be_pointed_at(client, world):
    grade = worlds.warning(world.omar, world.norra)
    client.force_login(world.karin)
    assert client.get(reverse("students:dispute", args=[world.ella.pk, "grade", grade.pk])).status_code == 404


def test_an_empty_sentence_is_asked_for(client, world, day):
    client.force_login(world.karin)
    assert "Skriv vad som inte stämmer." in write(client, url_of(world.ella, day), text=" ").content.decode()


def test_the_answer_comes_back(client, world):
    dispute = say(world)
    client.force_login(world.ulla)
    url = reverse("students:answer_dispute", args=[dispute.pk])
    page = client.get(url)
    assert "Hon var på studiebesök." in page.content.decode()
    assert [item.label for item in page.context["frame"].items if item.current] == ["Idag"], "came from there"
    write(client, url, answer="Rättat i schemasystemet.")
    assert "Hon var på studiebesök" not in today(client, world.ulla)
    assert "Rättat i schemasystemet." in today(client, world.karin)
    facts = client.get(reverse("students:facts", args=[world.ella.pk])).content.decode()
    assert "Rättat i schemasystemet." in facts


def test_an_answer_waits_for_the_registrar_when_the_sign_in_has_run_out(client, world):
    url = reverse("students:answer_dispute", args=[say(world).pk])
    client.force_login(world.ulla)
    sent = {"proof": str(client.get(url).context["form"].proof), "answer": "Rättat i schemasystemet."}
    client.logout()
    assert client.post(url, sent).url == f"/konto/logga-in/?next={url}"
    assert not FactDispute.objects.exclude(answer="").exists()
    client.force_login(world.anna)
    assert "Rättat" not in client.post(url, sent, follow=True).content.decode()
    client.force_login(world.ulla)
    assert client.get(url).context["form"]["answer"].value() == "Rättat i schemasystemet."
    for _tap in range(2):
        assert client.post(url, sent).status_code == 302
    assert Event.objects.filter(verb="students.answer_dispute").count() == 1
    assert "Rättat i schemasystemet." in today(client, world.karin)


def test_signed_out_the_sentence_waits_for_the_one_who_wrote_it(client, world, day):
    url = url_of(world.ella, day)
    client.force_login(world.karin)
    proof = str(client.get(url).context["form"].proof)
    client.logout()
    answer = client.post(url, {"proof": proof, "text": "Hon var på studiebesök."})
    assert answer.url.startswith("/konto/logga-in/")
    assert not FactDispute.objects.exists()
    client.force_login(world.anna)
    assert "studiebesök" not in client.get(url).content.decode()
    client.force_login(world.karin)
    page = client.get(url)
    assert "Hon var på studiebesök." in page.content.decode()
    client.post(url, {"proof": str(page.context["form"].proof), "text": "Hon var på studiebesök."})
    assert FactDispute.objects.get().said_by == world.karin
    assert "studiebesök" not in client.get(url).content.decode()


def test_a_draft_about_one_day_is_not_shown_in_the_form_of_another(client, world):
    worlds.attendance(world.ella, world.norra, days=2, unexcused=240)
    first, second = AttendanceDay.objects.filter(student=world.ella).order_by("date")
    client.force_login(world.karin)
    proof = str(client.get(url_of(world.ella, first)).context["form"].proof)
    client.post("/utkast/", {"proof": proof, "text": "Hon var på studiebesök."})
    assert "studiebesök" in client.get(url_of(world.ella, first)).content.decode()
    assert "studiebesök" not in client.get(url_of(world.ella, second)).content.decode()


@pytest.mark.parametrize("sent", [{}, {"proof": "påhittat"}])
def test_without_a_proof_of_hers_nothing_is_said_and_the_text_stays(client, world, day, sent):
    client.force_login(world.karin)
    page = client.post(url_of(world.ella, day), {"text": "Hon var på studiebesök.", **sent}).content.decode()
    assert "Hon var på studiebesök." in page
    assert not FactDispute.objects.exists()


def test_each_day_and_each_warning_of_a_flag_can_be_pointed_at(client, world, day):
    grade = worlds.warning(world.ella, world.norra)
    course = {"code": grade.code, "on": grade.on.isoformat(), "kind": "warning", "value": ""}
    course |= {"subject": grade.subject, "level": ""}
    absence = worlds.flag(world.ella, world.norra, "A2", value="240.00", evidence={"days": 3})
    warned = worlds.flag(world.ella, world.norra, "B1", value="1.00", evidence={"courses": [course]})
    client.force_login(world.mette)
    for each, url in [
        (absence, url_of(world.ella, day)),
        (warned, reverse("students:dispute", args=[world.ella.pk, "grade", grade.pk])),
    ]:
        flag_url = reverse("risk:flag", args=[each.pk])
        back = f"?tillbaka={flag_url}%23evidence"
        assert url + back in client.get(flag_url).content.decode()
        assert write(client, url + back, text="Fel").url == f"{flag_url}#evidence"
        page = client.get(flag_url).content.decode()
        assert url not in page
        assert "väntar på svar" in page
    assert today(client, world.ulla).count("Stämmer inte:") == 2


def test_the_way_back_stays_in_the_house(client, world, day):
    client.force_login(world.karin)
    for elsewhere in ("https://example.org/", "//example.org", "javascript:alert(1)"):
        answer = write(client, f"{url_of(world.ella, day)}?tillbaka={elsewhere}", text="Fel")
        assert answer.url == reverse("students:facts", args=[world.ella.pk])


def test_only_one_answers(world):
    dispute = say(world)
    actions.answer_dispute(dispute, by=world.ulla, answer="Rättat.")
    with pytest.raises(ValidationError):
        actions.answer_dispute(dispute, by=world.ulla, answer="Står kvar.")
    assert FactDispute.objects.get().answer == "Rättat."


def test_who_may_answer(client, world):
    url = reverse("students:answer_dispute", args=[say(world).pk])
    for name, status in [("ulla", 200), ("karin", 403), ("anna", 403), ("per", 404), ("eva", 404)]:
        client.force_login(world.users[name])
        assert client.get(url).status_code == status, name


def test_of_a_protected_pupil_the_head_answers_and_the_registrar_sees_nothing(client, world):
    dispute = say(world, student="vera")
    assert "Vera" not in today(client, world.ulla)
    assert "Vera Skog" in today(client, world.anna)
    client.force_login(world.anna)
    url = reverse("students:answer_dispute", args=[dispute.pk])
    assert client.get(url).status_code == 200
    client.force_login(world.ulla)
    assert client.get(url).status_code == 404
