"""Protected identity: the one who is looked for must not be found here.

The last test walks every address of the house as everybody who is not near a protected pupil.
"""

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from django.utils import timezone

from followup.audit.models import Event
from followup.coaching.models import CheckIn
from followup.risk.models import Decision, Flag
from students import actions
from students.models import (
    Guardian,
    Involvement,
    NamedAccess,
    Person,
    Protection,
    ProtectionMark,
    Student,
)
from tests import world as worlds

DAY = timedelta(days=1)


def sees(world, user, student):
    return Student.objects.visible_to(world.scope(user)).filter(pk=student.pk).exists()


# Setting and clearing --------------------------------------------------------------------


def test_a_mark_holds_at_once(world):
    actions.set_protection(world.ella, by=world.ulla, protection=Protection.MARKED)
    for user, seen in [("karin", True), ("anna", True), ("ulla", False), ("mette", False)]:
        assert sees(world, user, world.ella) == seen, user
    event = Event.objects.get(verb="set_protection")
    assert (event.student_id, event.detail["after"]) == (world.ella.pk, "marked")


def test_the_strictest_source_counts(world):
    ProtectionMark.objects.create(
        person=world.ella.person, organiser=world.kommun, source="extens", protection=Protection.REGISTERED
    )
    person = actions.set_protection(world.ella, by=world.anna, protection=Protection.MARKED)
    assert person.protection == Protection.REGISTERED


def test_clearing_clears_our_marks_and_ends_the_named(world):
    actions.set_protection(world.ella, by=world.anna, protection=Protection.MARKED)
    actions.name_person(world.ella, by=world.anna, user=world.mette)
    assert not actions.clear_protection(world.ella, by=world.anna).is_protected
    assert sees(world, "ulla", world.ella)
    assert not NamedAccess.objects.current().exists()
    assert Event.objects.filter(verb="students.clear_protection").exists()


def test_another_organisers_mark_still_stands(client, world):
    ProtectionMark.objects.create(
        person=world.vera.person, organiser=world.aktie, source="annan", protection=Protection.MARKED
    )
    client.force_login(world.anna)
    client.post(reverse("students:clear_protection", args=[world.vera.pk]))
    assert Person.objects.get(pk=world.vera.person_id).is_protected


def test_a_mark_from_a_file_that_names_no_school_can_be_cleared(world):
    """It was nobody's: the head pressed "Ta bort skyddet", and the pupil stayed hidden from her teachers."""
    ProtectionMark.objects.create(person=world.vera.person, source="fil", protection=Protection.MARKED)
    assert not actions.clear_protection(world.vera, by=world.anna).is_protected


def test_a_mark_from_a_file_that_names_no_school_may_be_of_her_other_organiser(world):
    ProtectionMark.objects.create(person=world.vera.person, source="fil", protection=Protection.MARKED)
    Student.objects.create(
        person=world.vera.person, organiser=world.aktie, given_name="Vera", family_name="Skog"
    )
    assert actions.clear_protection(world.vera, by=world.anna).is_protected


def test_nobody_is_named_before_there_is_a_protection(client, world):
    """A registrar who names herself beforehand would read the address of every pupil who becomes protected."""
    client.force_login(world.ulla)
    client.post(reverse("students:name_person", args=[world.ella.pk]), {"user": world.ulla.pk})
    actions.set_protection(world.ella, by=world.anna, protection=Protection.MARKED)
    assert not sees(world, "ulla", world.ella)


def test_a_named_person_sees_her_and_then_no_longer(world):
    assert not sees(world, "mette", world.vera)
    named = actions.name_person(world.vera, by=world.anna, user=world.mette)
    assert sees(world, "mette", world.vera)
    actions.name_person(world.vera, by=world.anna, user=world.mette)
    assert NamedAccess.objects.count() == 1
    actions.end_named(named, by=world.anna)
    assert not sees(world, "mette", world.vera)


def test_a_name_with_an_end_ends(world, settings):
    actions.name_person(world.vera, by=world.anna, user=world.mette, until=worlds.TODAY + DAY)
    settings.KOLL_TODAY = worlds.TODAY + 2 * DAY
    assert not sees(world, "mette", world.vera)


# The pages -----------------------------------------------------------------------------------


def test_the_head_sets_names_and_clears(client, world):
    client.force_login(world.anna)
    url = reverse("students:protection", args=[world.ella.pk])
    client.post(url, {"protection": "protected_registration"})
    assert Person.objects.get(pk=world.ella.person_id).protection == "protected_registration"
    shown = client.get(url).content.decode()
    assert "Ingen är utsedd." in shown
    assert "Per Ost" not in shown  # not of this school
    name = reverse("students:name_person", args=[world.ella.pk])
    client.post(name, {"user": world.mette.pk, "until": "2026-12-24"})
    named = NamedAccess.objects.get()
    assert (named.user, named.named_by) == (world.mette, world.anna)
    client.post(reverse("students:end_named", args=[world.ella.pk, named.pk]))
    assert not NamedAccess.objects.current().exists()
    client.post(reverse("students:clear_protection", args=[world.ella.pk]))
    assert sees(world, "ulla", world.ella)


@pytest.mark.parametrize(
    ("who", "said"),
    [("ulla", "Du ser inte eleven längre, om du inte blir utsedd"), ("anna", "Du ser eleven även då")],
)
def test_what_will_happen_to_oneself_is_said_before(client, world, who, said):
    """The registrar had set it when she read that she could neither see the pupil nor take it back."""
    client.force_login(world.users[who])
    page = client.get(reverse("students:protection", args=[world.ella.pk])).content.decode()
    assert said in page
    back = reverse("students:detail", args=[world.ella.pk])
    assert f'<a class="btn btn-secondary" href="{back}">Avbryt</a>' in page
    client.post(reverse("students:protection", args=[world.ella.pk]), {"protection": "marked"})
    assert sees(world, who, world.ella) == (who == "anna")


def test_only_staff_of_her_school_can_be_named(client, world):
    client.force_login(world.anna)
    response = client.post(reverse("students:name_person", args=[world.vera.pk]), {"user": world.per.pk})
    assert response.status_code == 200
    assert not NamedAccess.objects.exists()


def test_the_registrar_marks_by_number_and_loses_sight(client, world):
    client.force_login(world.ulla)
    url = reverse("students:protected")
    response = client.post(url, {"number": "20090110-2392", "protection": "marked"}, follow=True)
    assert response.redirect_chain == [(url, 302)]
    assert Person.objects.get(pk=world.ella.person_id).is_protected
    shown = response.content.decode()
    assert "Skyddet är satt" in shown
    assert "Ella" not in shown


def test_whom_she_does_not_see_and_whom_nobody_knows_get_the_same_answer(client, world):
    """Else the registrar could try numbers to learn who is protected."""
    client.force_login(world.ulla)
    answers = {
        client.post(reverse("students:protected"), {"number": number, "protection": "marked"})
        .content.decode()
        .replace(number, "")
        .split("error-summary")[1]
        .split("</form>")[0]
        .split("csrfmiddlewaretoken")[0]
        for number in ("201004092381", "201212122389")
    }
    assert len(answers) == 1
    assert "Du ser ingen elev med det numret." in answers.pop()


@pytest.mark.parametrize("user", ["karin", "mette", "tore", "siv", "jonas"])
def test_others_may_not(client, world, user):
    client.force_login(world.users[user])
    assert client.get(reverse("students:protected")).status_code == 403
    status = client.post(
        reverse("students:protection", args=[world.ella.pk]), {"protection": "marked"}
    ).status_code
    assert status in (403, 404)
    assert not Person.objects.get(pk=world.ella.person_id).is_protected


def test_a_registrar_elsewhere_may_not_protect_the_pupils_she_mentors(client, world):
    """The right is the registrar's, at her school; she sees Ella as a mentor."""
    worlds.Grant.objects.create(
        user=world.karin, role="registrar", unit=world.sodra, starts_on=worlds.TERM_START
    )
    client.force_login(world.karin)
    url = reverse("students:protection", args=[world.ella.pk])
    assert client.post(url, {"protection": "marked"}).status_code == 403


def test_an_attempt_is_in_the_trace(client, world):
    """RGT-01: whoever types the address of another's pupil gets nothing, and it is seen."""
    client.force_login(world.per)
    assert client.get(reverse("students:detail", args=[world.vera.pk])).status_code == 404
    event = Event.objects.get(verb="audit.refuse")
    assert (event.by_id, event.student_id, event.detail["status"]) == (world.per.pk, world.vera.pk, 404)


# Nothing anywhere ---------------------------------------------------------------------------------

SECRETS = [
    "Skog",
    "Vera",
    "201004092381",
    "20100409-2381",
    "vera@example.org",
    "070-1740611",
    "Siwanna",
    "Om Vera",
    "Hemligt",
]


@pytest.fixture
def lived(world):
    """Vera with everything that any page could show of her."""
    vera = world.vera
    worlds.attendance(vera, world.norra, unexcused=300)
    worlds.attendance(world.ella, world.norra, unexcused=300)
    worlds.warning(vera, world.norra)
    Student.objects.filter(pk=vera.pk).update(email="vera@example.org", phone="070-1740611")
    Guardian.objects.create(student=vera, given_name="Siwanna", family_name="Skog", relation="mamma")
    for student in (vera, world.ella):
        flag = Flag.objects.create(
            student=student,
            unit=world.norra,
            indicator="A1",
            level="red",
            value=100,
            threshold=15,
            evidence={"days": 20},
            opened_on=worlds.TODAY - 20 * DAY,
            changed_on=worlds.TODAY,
            measured_on=worlds.TODAY,
        )
        Involvement.objects.create(
            student=student, unit=world.norra, why="flag", ref=flag.pk, since=worlds.TODAY - 20 * DAY
        )
    Decision.objects.create(
        student=vera,
        unit=world.norra,
        choice="none",
        reason="Hemligt",
        decided_by=world.anna,
        recorded_by=world.anna,
        follow_up_on=worlds.TODAY - DAY,
    )
    CheckIn.objects.create(
        student=vera,
        unit=world.norra,
        by=world.karin,
        at=timezone.make_aware(datetime(2026, 11, 17, 10)),
        made=True,
        channel="meeting",
        note="Om Vera",
        next_on=worlds.TODAY,
        form_uuid="00000000-0000-0000-0000-000000000001",
    )
    actions.dispute_fact(vera, by=world.karin, unit=world.norra, about="person", text="Om Vera")
    return world


def addresses(patterns=None, namespace=""):
    """(name, kwargs) of every address of ours."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from addresses(each.url_patterns, inner)
        elif isinstance(each, URLPattern) and each.name:
            yield namespace + each.name, list(each.pattern.converters)


def urls(world):
    """Every address with every id that could lead to her."""
    ids = {
        "pk": {
            world.vera.pk,
            *Flag.objects.filter(student=world.vera).values_list("pk", flat=True),
            *Decision.objects.values_list("pk", flat=True),
            *CheckIn.objects.values_list("pk", flat=True),
        },
        "unit": {world.norra.pk},
        "school_class": {"EK2b"},
        "about": {"person"},
        "ref": {"0"},
        "named": {1},
    }
    for name, kwargs in addresses():
        for values in product(*(sorted(ids.get(kwarg, {1})) for kwarg in kwargs)):
            try:
                yield reverse(name, kwargs=dict(zip(kwargs, values, strict=True)))
            except NoReverseMatch:
                continue


@pytest.mark.parametrize(
    "name", ["ulla", "mette", "tore", "siv", "jonas", "per", "eva", "lena", "pia", "sten"]
)
def test_a_protected_pupil_is_nowhere_for_those_who_are_not_near(client, lived, name):
    """PRV-02: no page, list, option, count of names, title or error tells of her."""
    user = lived.users[name]
    client.force_login(user)
    client.raise_request_exception = False
    walked = 0
    for url in dict.fromkeys(urls(lived)):
        if url.startswith("/konto/") or url == "/healthz":
            continue
        response = client.get(url)
        assert response.status_code < 500 or response.status_code == 503, url
        body = b"".join(response.streaming_content) if response.streaming else response.content
        told = [secret for secret in SECRETS if secret in body.decode(errors="ignore")]
        assert not told, (url, told)
        assert "Vera" not in str(response.headers)
        walked += 1
    assert walked > 40
    for text in ("skog", "vera", "201004092381", "20100409"):
        shown = client.post(reverse("student_search"), {"q": text}, follow=True).content.decode()
        if "<main" in shown:
            assert "Vera" not in shown
            assert f"/elever/{lived.vera.pk}/" not in shown


def test_the_walk_would_find_her(client, lived):
    """Her own mentor meets her on the way: the walk looks where pupils are shown."""
    client.force_login(lived.karin)
    met = [
        url for url in dict.fromkeys(urls(lived)) if "Vera" in client.get(url).content.decode(errors="ignore")
    ]
    assert len(met) >= 6
