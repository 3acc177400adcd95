"""Questions that are put together once: what they answer must follow the day and the one who asks."""

import pytest

from followup import clock
from followup.questions import Blank, Question
from students.models import Enrolment
from students.queries.lists import mentors_of
from tests.world import TODAY

pytestmark = pytest.mark.django_db


@Question
def going():
    return (
        Enrolment.objects.covering(Blank("day"))
        .filter(student__in=Blank("ids"))
        .values_list("student")
        .order_by("student")
    )


def test_each_time_the_day_and_the_pupils_are_those_of_the_page(world, settings):
    Enrolment.objects.filter(student=world.omar).update(ends_on=TODAY)
    both = [world.ella.pk, world.omar.pk]
    assert going.ask(day=TODAY, ids=both) == [(world.ella.pk,), (world.omar.pk,)]
    assert going.ask(day=clock.DAY + TODAY, ids=both) == [(world.ella.pk,)]
    assert going.ask(day=TODAY, ids=[world.saga.pk]) == [(world.saga.pk,)]
    assert going.ask(day=TODAY, ids=[]) == []


def test_a_mentor_who_leaves_today_is_no_mentor_tomorrow(world, settings):
    assert mentors_of([world.ella.pk])[world.ella.pk] == ["Karin Ahl"]
    world.karin.grants.update(ends_on=TODAY)
    settings.KOLL_TODAY = TODAY + clock.DAY
    assert mentors_of([world.ella.pk])[world.ella.pk] == []


def test_a_question_that_would_stay_on_the_day_it_was_put_together_is_refused(world):
    frozen = Question(lambda: Enrolment.objects.covering().values_list("student"))
    with pytest.raises(ValueError, match="same day for ever"):
        frozen.ask()


def test_objects_come_whole_and_each_asking_has_its_own(world, django_assert_num_queries):
    """The page of one pupil with the facts of another is the worst that could happen here."""
    going_where = Question(
        lambda: Enrolment.objects.filter(student=Blank("student")).select_related("student", "unit")
    )
    with django_assert_num_queries(2):
        (first,) = going_where.ask(student=world.ella.pk)
        (second,) = going_where.ask(student=world.saga.pk)
        assert (first.student, first.unit) == (world.ella, world.norra)
        assert (second.student, second.unit) == (world.saga, world.sodra)
