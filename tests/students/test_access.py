"""Who sees whom. A leaked pupil is the worst fault; a pupil nobody finds is the next."""

from datetime import timedelta

import pytest

from followup.accounts.models import Grant, User
from followup.scoping import scope_for
from students.access import who_sees
from students.models import Group, GroupMember, GroupStaff, Involvement, NamedAccess, Student
from tests import world as worlds

DAY = timedelta(days=1)


def pairs_by_scope() -> set[tuple[int, int]]:
    """(user, pupil) by `visible_to`, in whichever duty and organiser the user may choose."""
    found = set()
    for user in User.objects.filter(is_active=True):
        for choice in scope_for(user).choices:
            seen = Student.objects.visible_to(scope_for(user, choice))
            found |= {(user.pk, pk) for pk in seen.values_list("pk", flat=True)}
    return found


def pairs_by_pupil() -> set[tuple[int, int]]:
    """The same, asked of each pupil."""
    students = Student.objects.select_related("person")
    return {(seer.user.pk, student.pk) for student in students for seer in who_sees(student)}


@pytest.fixture
def entangled(world):
    """The small world with every way of reaching a pupil, and some that must not reach."""
    worlds.coach(world.ella, world.norra, world.jonas)
    worlds.coach(world.vera, world.norra, world.jonas)
    for student in (world.ella, world.vera):
        Involvement.objects.create(
            student=student, unit=world.norra, why="flag", ref=1, since=worlds.TODAY - 5 * DAY
        )
    Involvement.objects.create(
        student=world.omar, unit=world.norra, why="flag", ref=2, since=worlds.TERM_START, until=worlds.TODAY
    )
    Involvement.objects.create(
        student=world.omar,
        unit=world.norra,
        why="assignment",
        user=world.siv,
        since=worlds.TERM_START,
        until=worlds.TODAY - DAY,  # ended yesterday
    )
    Involvement.objects.create(
        student=world.ella, unit=world.norra, why="assignment", user=world.siv, since=worlds.TERM_START
    )
    teaching = Group.objects.create(unit=world.norra, kind="teaching", name="MATE2B", school_year=2026)
    GroupStaff.objects.create(group=teaching, user=world.tore, starts_on=worlds.TERM_START)
    for student in (world.omar, world.vera):
        GroupMember.objects.create(group=teaching, student=student, starts_on=worlds.TERM_START)
    NamedAccess.objects.create(student=world.vera, user=world.mette, since=worlds.TODAY)
    NamedAccess.objects.create(student=world.vera, user=world.lena, since=worlds.TODAY)  # no pupils by role
    NamedAccess.objects.create(
        student=world.vera, user=world.siv, since=worlds.TERM_START, until=worlds.TODAY - DAY
    )
    Grant.objects.create(
        user=world.ulla, role="mentor", unit=world.sodra, starts_on=worlds.TERM_START
    )  # two roles at two schools
    Grant.objects.create(
        user=world.eva, role="school_leader", organiser=world.kommun, starts_on=worlds.TERM_START
    )  # a head of every unit of another organiser
    Grant.objects.create(
        user=world.per,
        role="student_health",
        unit=world.norra,
        starts_on=worlds.TERM_START,
        ends_on=worlds.TODAY - DAY,
    )
    left = worlds.student(world, "leo", "Hammar", "200901232394", world.norra, world.karin)
    left.enrolments.update(ends_on=worlds.TODAY - 31 * DAY)
    return world


def test_both_ends_of_who_may_see_whom_agree(entangled):
    """What the pupil's page says of who may see it is what really holds, for every pair."""
    assert pairs_by_pupil() == pairs_by_scope()


def test_the_pairs_are_those_of_the_roles(entangled):
    world = entangled
    names = {user.pk: name for name, user in world.users.items()}
    seen = {name: set() for name in world.students}
    students = {student.pk: name for name, student in world.students.items()}
    for user, student in pairs_by_scope():
        seen[students[student]].add(names[user])
    assert seen["ella"] == {"karin", "jonas", "siv", "mette", "anna", "ulla", "eva"}
    assert seen["omar"] == {"karin", "tore", "mette", "anna", "ulla", "eva"}
    assert seen["vera"] == {"karin", "jonas", "mette", "anna", "eva"}  # no teacher, registrar or ended name
    assert seen["saga"] == {"per", "eva"}
    assert seen["tove"] == {"eva"}
    assert seen["leo"] == {"karin"}  # left more than 30 days ago, still in the mentor's group


def test_protection_is_passed_by_the_role_that_passes_it_not_by_another_of_hers(world):
    """Several roles add up, but a head is let past protection at her own school alone, a mentor with her own."""
    student = worlds.student(
        world, "nora", "Dal", "201004092399", world.sodra, world.per, protection="marked"
    )
    Grant.objects.create(user=world.anna, role="registrar", unit=world.sodra, starts_on=worlds.TERM_START)
    Grant.objects.create(user=world.karin, role="teacher", unit=world.sodra, starts_on=worlds.TERM_START)
    teaching = Group.objects.create(unit=world.sodra, kind="teaching", name="MATE2B", school_year=2026)
    GroupStaff.objects.create(group=teaching, user=world.karin, starts_on=worlds.TERM_START)
    for each in (student, world.saga):
        GroupMember.objects.create(group=teaching, student=each, starts_on=worlds.TERM_START)
    for user in ("anna", "karin"):
        seen = Student.objects.visible_to(world.scope(user))
        assert {world.vera, world.saga} <= set(seen)
        assert student not in seen
        assert world.users[user] not in {seer.user for seer in who_sees(student)}


def test_mentor_on_leave_and_back(world):
    """RGT-05: the substitute sees the pupils meanwhile, the absent one does not, and then she does again."""
    group = Group.objects.get(kind="mentor", unit=world.norra)
    GroupStaff.objects.filter(group=group).update(ends_on=worlds.TERM_START + 45 * DAY)
    away = worlds.TERM_START + 46 * DAY
    substitute = worlds.user(world, "sara", "Vik", "mentor", unit=world.norra)
    GroupStaff.objects.create(group=group, user=substitute, starts_on=away, ends_on=worlds.TODAY + 30 * DAY)
    GroupStaff.objects.create(group=group, user=world.karin, starts_on=worlds.TODAY + 31 * DAY)

    def mentors():
        return {seer.user for seer in who_sees(world.ella) if "mentor" in seer.titles}

    assert mentors() == {substitute}
    assert world.ella not in Student.objects.visible_to(world.scope("karin"))
    assert GroupStaff.objects.filter(group=group).count() == 3


def test_the_mentor_is_back_on_her_day(world, settings):
    group = Group.objects.get(kind="mentor", unit=world.norra)
    GroupStaff.objects.filter(group=group).update(ends_on=worlds.TODAY)
    GroupStaff.objects.create(group=group, user=world.karin, starts_on=worlds.TODAY + 10 * DAY)
    settings.KOLL_TODAY = worlds.TODAY + 9 * DAY
    assert world.ella not in Student.objects.visible_to(world.scope("karin"))
    settings.KOLL_TODAY = worlds.TODAY + 10 * DAY
    assert world.ella in Student.objects.visible_to(world.scope("karin"))


def test_three_questions_however_many_work_at_the_school(entangled, django_assert_num_queries):
    student = Student.objects.select_related("person").get(pk=entangled.ella.pk)
    with django_assert_num_queries(3):  # enrolments, what ties her to people, grants
        who_sees(student)
