"""A staff file is no way round the rule that nobody gives herself a role, nor to another's account."""

import pytest

from followup.accounts.models import Grant, User
from students.models import Student
from tests.imports.reading_in import codes, did, read_in
from tests.imports.test_merge import ELLA, GRUPPER, PERSONAL, VERA
from tests.world import TODAY, user

DATED = "e-post;förnamn;efternamn;roll;skolenhetskod;startdatum;slutdatum\n"


def roles(user) -> list[str]:
    return sorted(Grant.objects.current().filter(user=user).values_list("role", flat=True))


@pytest.mark.parametrize("role", ["rektor", "kurator", "mentor"])
def test_a_registrar_gives_herself_no_sight_of_pupils(world, role):
    """With one row in a file she could read every check-in, and every protected pupil."""
    text = (
        PERSONAL
        + f"ulla@example.org;Ulla;Brandt;{role};99900011\nny@example.org;Ny;Kollega;mentor;99900011\n"
    )
    batch = read_in(text, by=world.ulla, allowed=[world.norra.pk])
    assert codes(batch) == [(2, "role_to_oneself")]
    assert roles(world.ulla) == ["registrar"]
    assert roles(User.objects.get(email="ny@example.org")) == ["mentor"]


def test_nor_a_longer_time(world):
    Grant.objects.filter(user=world.ulla).update(ends_on=TODAY)
    for row in (";", "2026-08-01;", "2026-08-01;2027-06-30", "2026-11-25;2027-06-30"):
        batch = read_in(
            DATED + f"ulla@example.org;Ulla;Brandt;skoladministratör;99900011;{row}\n",
            by=world.ulla,
            allowed=[world.norra.pk],
        )
        assert codes(batch) == [(2, "role_to_oneself")], row
    assert Grant.objects.get(user=world.ulla).ends_on == TODAY


def test_what_she_has_may_stand_in_the_file_and_does_not_end_by_it(world):
    """The file of the whole school holds her too, or lacks her; those who have left must go all the same."""
    gone = user(world, "gun", "Borta", "mentor", unit=world.norra)
    Grant.objects.filter(user__in=[gone, world.ulla]).update(from_file=True)
    batch = read_in(
        PERSONAL + "ulla@example.org;Ulla;Brandt;skoladministratör;99900011\n",
        by=world.ulla,
        allowed=[world.norra.pk],
    )
    assert did(batch) == (0, 0, 0, 0)
    batch = read_in(
        PERSONAL + "ulla@example.org;Ulla;Brandt;rektor;99900011\n",
        by=world.ulla,
        allowed=[world.norra.pk],
        whole=([world.norra],),
    )
    assert did(batch) == (0, 0, 1, 1)
    assert (roles(gone), roles(world.ulla)) == ([], ["registrar"])


def test_a_file_renames_nobody_who_works_elsewhere_too(world):
    """What stands in the trace as "Sten Sand" must be he, whatever a school's file calls him."""
    read_in(
        PERSONAL
        + "sten@example.org;Ulla;Brandt;mentor;99900011\nkarin@example.org;Karin;Strand;mentor;99900011\n",
        by=world.ulla,
        allowed=[world.norra.pk],
    )
    assert User.objects.get(pk=world.sten.pk).name == "Sten Sand"
    assert User.objects.get(pk=world.karin.pk).name == "Karin Strand"


def test_a_registrar_makes_herself_no_mentor_of_a_protected_pupil(world):
    """A mentor passes protection; she who teaches a little and reads in the files could pass by a row of her own."""
    Grant.objects.create(user=world.ulla, role="mentor", unit=world.norra, starts_on=TODAY)
    batch = read_in(
        GRUPPER
        + f"EK2b Ulla;99900011;ulla@example.org;{VERA};2026-11-24;\n"
        + f"EK2b Ulla;99900011;ulla@example.org;{ELLA};2026-11-24;\n"
        + f"EK2b Karin;99900011;karin@example.org;{VERA};2026-08-17;\n",
        by=world.ulla,
        allowed=[world.norra.pk],
        whole=([world.norra],),
    )
    assert codes(batch) == [(2, "mentor_oneself")]
    assert not Student.objects.visible_to(world.scope("ulla")).filter(pk=world.vera.pk).exists()
    assert Student.objects.visible_to(world.scope("karin")).filter(pk=world.vera.pk).exists()
