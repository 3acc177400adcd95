"""Lists of pupils: all I see, and a class."""

import pytest
from django.urls import reverse

from followup.audit.models import Reading
from students.models import Enrolment
from students.programmes import programme_choices
from tests import world as worlds


def page(client, user, url, **params):
    client.force_login(user)
    return client.get(url, params)


def text(response):
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def many(world, count, **kwargs):
    for number in range(count):
        worlds.student(
            world, f"nr{number:03}", "Berg", f"20080101{1000 + number}", world.norra, world.karin, **kwargs
        )


LIST = "/elever/"


def test_a_mentor_sees_her_own(client, world):
    shown = text(page(client, world.karin, LIST))
    assert "Mina elever" in shown
    assert "3 elever" in shown  # protected Vera is her own too
    assert "Wiklund" not in shown


def test_a_list_is_in_the_trace(client, world):
    page(client, world.karin, LIST)
    reading = Reading.objects.get(page="students:list")
    assert set(reading.student_ids) == {world.ella.pk, world.omar.pk, world.vera.pk}


def test_only_own_schools_and_classes_can_be_chosen(client, world):
    """RGT-01: another school's class is not in the filter, and typed by hand it chooses nothing."""
    Enrolment.objects.filter(student=world.omar).update(school_class="NA2a")
    shown = text(page(client, world.anna, LIST))
    assert "NA2a" in shown
    assert "BF1a" not in shown
    shown = text(page(client, world.anna, LIST, klass="BF1a", skola=world.sodra.pk))
    assert "Wiklund" not in shown
    assert 'value="BF1a"' not in shown


def test_the_choice_narrows(client, world):
    Enrolment.objects.filter(student=world.omar).update(school_class="NA2a", programme="NA25")
    shown = text(page(client, world.anna, LIST, klass="NA2a"))
    assert "Haddad" in shown
    assert "Lindqvist" not in shown
    shown = text(page(client, world.anna, LIST, program="EK"))
    assert "Haddad" not in shown
    assert "Rensa urvalet" in shown


def test_a_choice_that_fits_nobody_says_so(client, world):
    Enrolment.objects.filter(student=world.omar).update(school_class="NA2a", programme="NA25")
    assert "Ingen elev passar urvalet" in text(page(client, world.anna, LIST, klass="NA2a", program="EK"))


def test_another_school_of_the_same_pupil_is_not_offered(client, world):
    """A pupil with two schools does not show the classes of the other one in the filter."""
    worlds.Enrolment.objects.create(
        student=world.ella, unit=world.sodra, school_class="VO9x", starts_on=worlds.TERM_START
    )
    worlds.Enrolment.objects.filter(student=world.omar).update(school_class="NA2a")
    shown = text(page(client, world.anna, LIST))
    assert 'value="VO9x"' not in shown


def test_fifty_on_a_page_each_once(client, world):
    many(world, 58)
    first = text(page(client, world.karin, LIST))
    second = text(page(client, world.karin, LIST, sida=2))
    assert "Sida 1 av 2" in first
    hits = [shown.count(" Berg</a>") for shown in (first, second)]
    assert sum(hits) == 58
    assert first.count("<tr>") == 51


def test_how_far_the_attendance_reaches_is_said(client, world):
    worlds.attendance(world.ella, world.norra, until=worlds.TODAY.replace(day=23))
    assert "frånvaro till och med mån 23 nov" in text(page(client, world.karin, LIST))


def test_silence_is_said(client, world):
    assert "ingen frånvaro har kommit på två månader" in text(page(client, world.karin, LIST))


def test_a_teacher_does_not_see_how_attendance_goes(client, world):
    group = worlds.Group.objects.create(unit=world.norra, kind="teaching", name="MA2b", school_year=2026)
    worlds.GroupStaff.objects.create(group=group, user=world.tore, starts_on=worlds.TERM_START)
    worlds.GroupMember.objects.create(group=group, student=world.ella, starts_on=worlds.TERM_START)
    shown = text(page(client, world.tore, LIST))
    assert "Lindqvist" in shown
    assert "frånvaro" not in shown


@pytest.mark.parametrize("size", [1, 10])
def test_the_same_questions_for_few_and_many(client, world, size, django_assert_max_num_queries):
    """OPS-05: as fast in October as in the demonstration."""
    many(world, 3 * size)
    client.force_login(world.anna)
    counts = {}
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.post(reverse("student_search"), {"q": "berg"})
    for url in (LIST, f"/elever/klass/{world.norra.pk}/EK2b/", reverse("student_search")):
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts[url] = len(asked)
    assert max(counts.values()) <= 20, counts
    test_the_same_questions_for_few_and_many.counts.append(tuple(counts.values()))
    assert len(set(test_the_same_questions_for_few_and_many.counts)) == 1


test_the_same_questions_for_few_and_many.counts = []


def test_a_class_with_a_slash_in_its_name_has_a_page(client, world):
    Enrolment.objects.filter(student=world.ella).update(school_class="5/6 å")
    url = reverse("students:class", args=[world.norra.pk, "5/6 å"])
    shown = text(page(client, world.karin, url))
    assert "Lindqvist" in shown
    assert "Haddad" not in shown


def test_a_class_of_another_school_does_not_exist(client, world):
    """RGT-01"""
    url = reverse("students:class", args=[world.sodra.pk, "BF1a"])
    assert page(client, world.anna, url).status_code == 404
    assert page(client, world.per, url).status_code == 200


def test_a_protected_pupil_is_not_counted_in_her_class(client, world):
    url = reverse("students:class", args=[world.norra.pk, "EK2b"])
    assert "2 elever" in text(page(client, world.ulla, url))
    assert "3 elever" in text(page(client, world.karin, url))


def test_a_programme_is_chosen_once_for_the_old_and_the_new_syllabus(client, world):
    """They are read side by side for years; who chose one code lost the classes of the other."""
    assert programme_choices(["NA25", "BF25", "BF", "IMV", "X"]) == [
        ("BF", "Barn- och fritidsprogrammet"),
        ("NA", "Naturvetenskapsprogrammet"),
        ("IMV", "Programinriktat val"),
        ("X", "X"),
    ]
    Enrolment.objects.filter(student=world.omar).update(programme="NA25")
    Enrolment.objects.filter(student=world.ella).update(programme="NA")
    found = text(page(client, world.karin, LIST, program="NA"))
    assert "Ella" in found
    assert "Omar" in found
    assert "Vera" not in found
