"""Search: not found leads to a second record, and to a pupil whom nobody follows up."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from followup.accounts.tasks import erase_ended_sessions
from followup.audit.models import Reading
from students.forms import SearchForm
from students.models import Student
from tests import world as worlds


@pytest.fixture
def names(world):
    """The pupils of case UI-01, and some that must not be found instead of them."""
    for key, given_name, family_name, number in [
        ("asa", "Åsa-Karin", "Öberg", "200901232394"),
        ("jose", "José", "Åkerlund", "200902022390"),
        ("sean", "Sean", "O’Brien", "200903032397"),
        ("oberg", "Asa", "Oberg", "200904042394"),
    ]:
        made = worlds.student(world, key, family_name, number, world.norra, world.karin)
        Student.objects.filter(pk=made.pk).update(given_name=given_name)
    return world


def found(world, text, user="anna"):
    names = {student.pk: name for name, student in world.students.items()}
    seen = Student.objects.visible_to(world.scope(user)).matching(text).in_name_order()
    return [names[pk] for pk in seen.values_list("pk", flat=True)]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("asa karin oberg", "asa"),
        ("ÖBERG", "asa"),
        ("Öberg Åsa", "asa"),
        ("A\N{COMBINING RING ABOVE}sa", "asa"),
        ("jose", "jose"),
        ("o'brien", "sean"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brien", "sean"),
        ("brien", "sean"),
        ("åsa-k", "asa"),
        ("  Karin   öb ", "asa"),
        ("JOSÉ", "jose"),
        ("akerlund", "jose"),
        ("öberg, åsa", "asa"),
    ],
)
def test_each_way_of_writing_a_name_finds_its_pupil(names, text, who):
    assert who in found(names, text)


def test_swedish_letters_are_themselves(names):
    """Whoever writes ö means ö; whoever has no ö on the keyboard finds both."""
    assert found(names, "öberg") == ["asa"]
    assert found(names, "oberg") == ["oberg", "asa"]


@pytest.mark.parametrize(
    "text", ["200901102392", "20090110-2392", "090110-2392", "0901102392", "20090110", "2009-01-10", "090110"]
)
def test_a_number_is_found_however_it_is_written(world, text):
    assert found(world, text) == ["ella"]


def test_a_temporary_number_is_found(world):
    worlds.student(world, "leo", "Hammar", "200901012380", world.norra, world.karin)
    person = world.leo.person
    person.national_number, person.number_kind, person.number_unit = "20130101TF01", "temporary", world.norra
    person.save()
    assert found(world, "20130101-tf01") == ["leo"]


def test_found_in_swedish_order(names):
    assert found(names, "20") == []
    every = Student.objects.visible_to(names.scope("anna")).in_name_order()
    assert [student.family_name for student in every] == [
        "Haddad",
        "Lindqvist",
        "Oberg",
        "O’Brien",
        "Skog",
        "Åkerlund",
        "Öberg",
    ]


@pytest.mark.parametrize("user", ["per", "eva", "lena", "sten", "pia"])
def test_others_find_nobody_of_this_school(world, user):
    assert found(world, "lindqvist", user) == []
    assert found(world, "200901102392", user) == []


@pytest.mark.parametrize("user", ["ulla", "mette", "tore", "jonas", "siv", "per"])
def test_a_protected_pupil_is_not_found_by_those_not_near(world, user):
    assert found(world, "skog", user) == []
    assert found(world, "201004092381", user) == []


@given(text=st.text(max_size=100))
@pytest.mark.django_db
def test_no_text_breaks_the_search(text):
    form = SearchForm({"q": text})
    if form.is_valid():
        assert list(Student.objects.matching(form.cleaned_data["q"])[:1]) == []


def search(client, text):
    return client.post(reverse("student_search"), {"q": text})


def test_the_words_are_never_in_an_address(client, world):
    client.force_login(world.karin)
    response = search(client, "Lindqvist")
    assert "Ella" in response.content.decode()
    assert "Ella" in client.get(reverse("student_search")).content.decode()  # going back
    assert response.headers["Cache-Control"] == "no-store, private"


def test_the_search_is_in_the_trace_with_whom_it_showed(client, world):
    client.force_login(world.karin)
    search(client, "Lindqvist")
    reading = Reading.objects.get(page="students:search")
    assert (reading.student_ids, reading.by_id) == ([world.ella.pk], world.karin.pk)


def test_a_search_that_found_nobody_is_in_the_trace_too(client, world):
    client.force_login(world.karin)
    assert "Ingen elev hittades" in search(client, "Wiklund").content.decode()
    assert Reading.objects.get(page="students:search").student_ids == []


def test_nothing_is_logged_of_the_words(client, world, caplog):
    """PRV-06: search words and numbers are in no log line."""
    client.force_login(world.karin)
    search(client, "Lindqvist")
    search(client, "20090110-2392")
    assert not any("ndqvist" in line or "2392" in line for line in caplog.text.splitlines())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a", "Skriv minst två bokstäver."),
        ("2009", "Skriv minst sex siffror av numret."),
        ("-", "Skriv minst"),
    ],
)
def test_too_little_is_said(client, world, text, sentence):
    client.force_login(world.karin)
    assert sentence in search(client, text).content.decode()


def test_twenty_are_shown_and_more_is_said(client, world):
    for number in range(21):
        worlds.student(world, f"bo{number:02}", "Berg", f"20090101{1000 + number}", world.norra, world.karin)
    client.force_login(world.karin)
    page = search(client, "berg").content.decode()
    assert page.count("<tr>") == 21  # the headings and twenty
    assert "Fler än 20 elever passar" in page


def test_the_search_dies_with_the_sign_in(client, world):
    """A colleague on the same phone sees nothing of it."""
    client.force_login(world.karin)
    search(client, "Lindqvist")
    client.logout()
    client.force_login(world.per)
    assert "Lindqvist" not in client.get(reverse("student_search")).content.decode()
    assert Session.objects.count() == 1


def test_the_words_are_erased_with_the_ended_session(client, world):
    client.force_login(world.karin)
    search(client, "Lindqvist")
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    erase_ended_sessions()
    assert not Session.objects.exists()


def test_whoever_sees_no_pupils_cannot_search(client, world):
    client.force_login(world.lena)
    assert client.get(reverse("student_search")).status_code == 403
