"""What a file changes, and what it leaves alone."""

from datetime import date

import pytest

from followup.accounts.models import Grant, Organiser, SchoolUnit, User
from followup.scoping import scope_for
from students.imports.models import Batch
from students.models import (
    AttendanceDay,
    EarlierFact,
    Enrolment,
    Grade,
    GroupMember,
    GroupStaff,
    Guardian,
    Person,
    ProtectionMark,
    Student,
)
from tests.imports.reading_in import codes, did, read_in, read_in_school

ELEVER = "personnummer;skolenhetskod;förnamn;efternamn\n"
SKYDD = "personnummer;skolenhetskod;förnamn;efternamn;skydd\n"
INSKRIVNINGAR = "personnummer;skolenhetskod;klass;startdatum;slutdatum\n"
NARVARO = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat\n"
PERSONAL = "e-post;förnamn;efternamn;roll;skolenhetskod\n"
GRUPPER = "mentorsgrupp;skolenhetskod;mentor;personnummer;startdatum;slutdatum\n"
ELLA, OMAR, VERA, SAGA = "200901102392", "200809062383", "201004092381", "200810252395"


# Protection ----------------------------------------------------------------------------------------------


def test_a_protection_mark_applies_at_once_also_from_a_refused_row(world):
    batch = read_in(SKYDD + f"{ELLA};99900099;Ella;Lindqvist;sekretessmarkering\n")
    assert codes(batch) == [(2, "unit_unknown")]
    world.ella.person.refresh_from_db()
    assert world.ella.person.protection == "marked"


def test_a_protection_mark_applies_at_once_also_in_a_preview(world):
    read_in(SKYDD + f"{ELLA};99900011;Ella;Lindqvist;skyddad folkbokföring\n", plan=True)
    world.ella.person.refresh_from_db()
    assert world.ella.person.protection == "protected_registration"


def test_a_mark_for_somebody_not_known_yet_waits_for_her(world):
    read_in(SKYDD + "201107012393;;Disa;Norén;ja\n")
    assert not Student.objects.filter(family_name="Norén").exists()
    read_in(ELEVER + "201107012393;99900011;Disa;Norén\n")
    assert Student.objects.get(family_name="Norén").person.protection == "marked"


@pytest.mark.parametrize(
    "text", [ELEVER + f"{VERA};99900011;Vera;Skog\n", SKYDD + f"{VERA};99900011;Vera;Skog;\n"]
)
def test_a_missing_column_or_an_empty_cell_never_clears_a_mark(world, text):
    read_in(text)
    assert Person.objects.get(national_number=VERA).protection == "marked"


def test_the_strictest_source_counts_with_one_row_per_source(world):
    for source, word in [("A", "skyddad folkbokföring"), ("B", "något okänt"), ("B", "sekretessmarkering")]:
        read_in(SKYDD + f"{ELLA};99900011;Ella;Lindqvist;{word}\n", source=source)
    marks = ProtectionMark.objects.filter(person=world.ella.person)
    assert dict(marks.values_list("source", "protection")) == {"A": "protected_registration", "B": "marked"}
    world.ella.person.refresh_from_db()
    assert world.ella.person.protection == "protected_registration"


# Pupils ----------------------------------------------------------------------------------------------------


def test_a_row_without_school_unit_waits_for_an_enrolment_in_the_same_upload(world):
    waiting = "personnummer;förnamn;efternamn\n201107012393;Disa;Norén\n"
    assert codes(read_in(waiting)) == [(2, "waits_for_enrolment")]
    elever, _inskrivningar = read_in(waiting, INSKRIVNINGAR + "201107012393;99900021;7A;2026-08-17;\n")
    assert did(elever) == (1, 0, 0, 0)
    assert Student.objects.get(family_name="Norén").organiser == world.aktie


def test_a_missing_column_changes_nothing(world):
    read_in(
        f"personnummer;skolenhetskod;förnamn;efternamn;telefon\n{ELLA};99900011;Ella;Lindqvist;070-1740605\n"
    )
    read_in(ELEVER + f"{ELLA};99900011;Ella;Strand\n")
    world.ella.refresh_from_db()
    assert (world.ella.family_name, world.ella.phone) == ("Strand", "070-1740605")


def test_a_temporary_number_belongs_to_its_school(world):
    read_in(ELEVER + "20130101TF01;99900011;Ada;Ny\n20130101TF01;99900012;Bea;Ny\n20130101tf01;;Cea;Ny\n")
    assert Person.objects.filter(national_number="20130101TF01").count() == 2
    assert Student.objects.filter(family_name="Ny").count() == 2
    read_in(NARVARO + "20130101TF01;99900012;2026-11-23;300;0;60;0;0\n")
    assert AttendanceDay.objects.get().student.given_name == "Bea"


def test_another_organisers_pupil_is_not_known_here(world):
    """Nothing leaks from one organiser to another."""
    batch = read_in(NARVARO + f"{ELLA};99900021;2026-11-23;300;0;60;0;0\n")
    assert codes(batch) == [(2, "student_unknown")]


# Enrolments ----------------------------------------------------------------------------------------------------


def enrolment(student):
    return Enrolment.objects.filter(student=student).order_by("starts_on")


def test_enrolments_end_only_where_the_file_is_whole(world):
    only_ella = INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;\n"
    assert did(read_in(only_ella)) == (0, 0, 0, 0)
    batch = read_in(only_ella, whole=([world.norra],))
    assert did(batch) == (0, 0, 2, 0)
    assert enrolment(world.omar).get().ends_on == date(2026, 11, 23)
    assert enrolment(world.saga).get().ends_on is None


def test_she_who_returns_is_opened_again(world):
    both = INSKRIVNINGAR + "".join(f"{n};99900011;EK2b;2026-08-17;\n" for n in (ELLA, OMAR, VERA))
    without_end = both.replace(";slutdatum", "").replace("2026-08-17;", "2026-08-17")
    for again in (both, without_end):
        read_in(INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;\n", whole=([world.norra],))
        assert enrolment(world.omar).get().ends_on == date(2026, 11, 23)
        read_in(again, whole=([world.norra],))
        assert enrolment(world.omar).get().ends_on is None


def test_a_file_without_slutdatum_does_not_open_what_a_file_ended(world):
    read_in(INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-17;2026-10-30\n")
    read_in(f"personnummer;skolenhetskod;klass;startdatum\n{ELLA};99900011;EK2b;2026-08-17\n")
    assert enrolment(world.ella).get().ends_on == date(2026, 10, 30)


def test_a_moved_start_date_is_the_same_enrolment(world):
    before = enrolment(world.ella).get().pk
    batch = read_in(
        INSKRIVNINGAR + f"{ELLA};99900011;EK2b;2026-08-24;\n", whole=([world.norra],), release=True
    )
    moved = enrolment(world.ella).get()
    assert (moved.pk, moved.starts_on, moved.ends_on) == (before, date(2026, 8, 24), None)
    assert EarlierFact.objects.get(why="changed").on == date(2026, 8, 17)
    assert batch.counts["changed"] == 1


def test_two_periods_on_the_same_days_are_refused(world):
    rows = f"{ELLA};99900011;EK2b;2026-08-17;2026-10-30\n{ELLA};99900011;EK2c;2026-10-01;\n"
    batch = read_in(INSKRIVNINGAR + rows)
    assert codes(batch) == [(2, "overlaps"), (3, "overlaps")]
    assert enrolment(world.ella).get().school_class == "EK2b"


def test_one_period_becomes_two(world):
    rows = f"{ELLA};99900011;EK2b;2026-08-17;2026-10-30\n{ELLA};99900011;EK2c;2026-10-31;\n"
    assert did(read_in(INSKRIVNINGAR + rows)) == (1, 1, 0, 0)
    assert [e.school_class for e in enrolment(world.ella)] == ["EK2b", "EK2c"]


# The guard ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def full_school(world, golden_numbers):
    numbers = golden_numbers(60)
    read_in_school(numbers, "99900012", "BF1a")
    return numbers


def test_a_file_that_would_end_many_waits_for_a_person(world, full_school):
    half = INSKRIVNINGAR + "".join(f"{n};99900012;BF1a;2026-08-17;\n" for n in full_school[:30])
    batch = read_in(half, whole=([world.sodra],))
    assert batch.state == Batch.State.HELD
    assert batch.held_because == [{"unit": world.sodra.pk, "rows": 31, "of": 61, "what": "pupils"}]
    assert Enrolment.objects.filter(unit=world.sodra, ends_on=None).count() == 61
    released = read_in(half, whole=([world.sodra],), release=True)
    assert released.state == Batch.State.DONE
    assert Enrolment.objects.filter(unit=world.sodra, ends_on=None).count() == 30


def test_six_of_sixty_may_leave(world, full_school):
    most = INSKRIVNINGAR + "".join(f"{n};99900012;BF1a;2026-08-17;\n" for n in [*full_school[:55], SAGA])
    assert read_in(most, whole=([world.sodra],)).state == Batch.State.DONE


def days(numbers, minutes, day="2026-11-20"):
    return "".join(f"{n};99900012;{day};{minutes}\n" for n in numbers)


def test_attendance_that_changes_much_waits_and_what_was_unreported_does_not_count(world, full_school):
    read_in(NARVARO + days(full_school, "300;0;0;0;300"))
    reported = read_in(NARVARO + days(full_school, "300;60;60;10;0"))
    assert (reported.state, did(reported)) == (Batch.State.DONE, (0, 60, 0, 0))
    changed = read_in(NARVARO + days(full_school, "300;0;120;0;0"))
    assert changed.state == Batch.State.HELD
    assert set(AttendanceDay.objects.values_list("unexcused", flat=True)) == {60}
    gone = read_in(NARVARO + days(full_school[:30], "300;60;60;10;0"))
    assert gone.state == Batch.State.HELD
    assert AttendanceDay.objects.count() == 60


def test_nineteen_changed_days_do_not_wait(world, full_school):
    read_in(NARVARO + days(full_school, "300;60;0;0;0"))
    changed = read_in(
        NARVARO + days(full_school[:19], "300;0;60;0;0") + days(full_school[19:], "300;60;0;0;0")
    )
    assert (changed.state, did(changed)) == (Batch.State.DONE, (0, 19, 0, 0))
    earlier = EarlierFact.objects.filter(kind="narvaro")
    assert earlier.count() == 19
    assert earlier.first().values["excused"] == 60


# Preview equals result ------------------------------------------------------------------------------------------------


def test_a_run_refuses_when_what_it_was_compared_with_has_moved(world):
    from io import BytesIO

    from students.imports import running
    from students.imports.incoming import look_at

    text = NARVARO + f"{ELLA};99900011;2026-11-20;300;0;60;0;0\n"
    batch = Batch(file_name="narvaro.csv")
    one = look_at(name="narvaro.csv", file=BytesIO(text.encode()), batch=batch)
    batch.save()
    running.plan([one], running.Rights())
    assert batch.counts["added"] == 1
    read_in(text.replace("60;0;0", "120;0;0"))
    running.run(one, running.Rights())
    assert (batch.state, batch.error) == (Batch.State.PREVIEW, "moved")
    assert AttendanceDay.objects.get().unexcused == 120
    running.plan([one], running.Rights())
    running.run(one, running.Rights())
    assert batch.state == Batch.State.DONE
    assert AttendanceDay.objects.get().unexcused == 60


# Staff and mentor groups --------------------------------------------------------------------------------------------


def test_rgt_03_staff_gone_from_the_file_lose_the_right_the_same_night(world, client):
    """A year of notes disappears with the account, or the account stays open for years."""
    both = PERSONAL + "ny@example.org;Ny;Mentor;mentor;99900011\nlisa@example.org;Lisa;Kvar;mentor;99900011\n"
    read_in(both)
    gone = User.objects.get(email="ny@example.org")
    assert scope_for(gone).unit_ids == {world.norra.pk}
    batch = read_in(both.replace("ny@example.org;Ny;Mentor;mentor;99900011\n", ""), whole=([world.norra],))
    assert batch.counts["gone"] == 1  # people made by hand are not of the file
    grant = Grant.objects.get(user=gone)
    assert grant.ends_on == date(2026, 11, 23)
    assert not scope_for(gone).grants
    assert User.objects.filter(pk=gone.pk).exists()


def test_a_role_that_changes_in_the_file(world):
    read_in(PERSONAL + "ny@example.org;Ny;Person;mentor;99900011\n")
    read_in(PERSONAL + "ny@example.org;Ny;Person;kurator;99900011\n", whole=([world.norra],))
    new = User.objects.get(email="ny@example.org")
    assert {grant.role for grant in scope_for(new).grants} == {"student_health"}


def test_a_registrar_gives_no_roles_beyond_her_schools(world):
    text = (
        "e-post;förnamn;efternamn;roll;skolenhetskod;organisationsnummer\n"
        "a@example.org;A;A;huvudmannens ledning;;2120009990\n"
        "b@example.org;B;B;mentor;99900012;\n"
        "c@example.org;C;C;systemadministratör;;\n"
        "d@example.org;D;D;mentor;;\n"
    )
    batch = read_in(text, by=world.ulla, allowed=[world.norra.pk])
    assert codes(batch) == [
        (2, "role_in_own_organiser_only"),
        (3, "unit_outside"),
        (4, "role_not_by_file"),
        (5, "place_missing"),
    ]


def leaders(name):
    return list(
        GroupStaff.objects.filter(user__given_name=name)
        .order_by("starts_on")
        .values_list("starts_on", "ends_on")
    )


def test_a_mentor_on_leave_her_substitute_and_her_return_are_three_periods(world):
    def rows(mentor, start, end):
        return "".join(f"M1;99900011;{mentor}@example.org;{n};{start};{end}\n" for n in (ELLA, OMAR))

    read_in(GRUPPER + rows("karin", "2026-08-17", ""))
    mine = GroupStaff.objects.filter(group__name="M1")
    assert list(mine.values_list("starts_on", "ends_on")) == [(date(2026, 8, 17), None)]
    read_in(GRUPPER + rows("karin", "2026-08-17", "2026-09-30") + rows("per", "2026-10-01", ""))
    periods = list(mine.order_by("starts_on").values_list("user__given_name", "starts_on", "ends_on"))
    assert periods == [("Karin", date(2026, 8, 17), date(2026, 9, 30)), ("Per", date(2026, 10, 1), None)]
    assert GroupMember.objects.filter(group__name="M1", student=world.ella, ends_on=None).count() == 1


def test_a_part_of_a_group_does_not_end_its_mentor(world):
    read_in(GRUPPER + "".join(f"M1;99900011;karin@example.org;{n};2026-08-17;\n" for n in (ELLA, OMAR)))
    read_in(GRUPPER + f"M1;99900011;karin@example.org;{OMAR};2026-08-17;2026-10-30\n")
    assert GroupStaff.objects.get(group__name="M1").ends_on is None
    assert GroupMember.objects.get(group__name="M1", student=world.omar).ends_on == date(2026, 10, 30)


# Other kinds ----------------------------------------------------------------------------------------------------------


def test_schools_and_their_organisers_come_from_their_file(world):
    head = "skolenhetskod;skolenhet;huvudman;organisationsnummer;skolform\n"
    batch = read_in(
        head
        + "99900031;Nya skolan;Nya AB;559900-1234;GR\n"
        + "99900011;Norra gymnasieskolan;Ekköpings kommun;2120009990;GY\n"
        + "99900012;Södra gymnasiet;Annan;5599001234;GY\n"
        + "99900032;Okänd;Utan nummer;;GR\n"
    )
    assert codes(batch) == [(4, "organiser_conflict"), (5, "organiser_unknown")]
    assert SchoolUnit.objects.get(code="99900031").organiser == Organiser.objects.get(
        organisation_number="5599001234"
    )
    assert SchoolUnit.objects.get(code="99900011").name == "Norra gymnasieskolan"
    assert Organiser.objects.get(name="Nya AB").kind == "independent"


def test_guardians_follow_the_pupil(world):
    text = f"personnummer;förnamn;efternamn;relation;telefon\n{ELLA};Maria;Lindqvist;mor;0701\n{ELLA};Jan;Lindqvist;far;\n"
    assert did(read_in(text)) == (2, 0, 0, 0)
    assert did(read_in(text.replace("0701", "0702"))) == (0, 1, 0, 0)
    assert Guardian.objects.get(given_name="Maria").phone == "0702"


def test_grades_and_warnings(world):
    head = "personnummer;skolenhetskod;kod;ämne;poäng;betyg;datum;slag\n"
    text = (
        head
        + f"{ELLA};99900011;MATE2B00X;Matematik nivå 2b;100;F;2026-06-10;betyg\n{ELLA};99900011;SVEN1000X;Svenska;100;;2026-10-10;varning\n"
    )
    assert did(read_in(text)) == (2, 0, 0, 0)
    assert did(read_in(text.replace(";F;", ";E;"))) == (0, 1, 0, 0)
    grade = Grade.objects.get(code="MATE2B00X")
    assert (grade.value, grade.kind, grade.scheme) == ("E", "final", "GY25")
    assert Grade.objects.get(code="SVEN1000X").kind == "warning"
    bad = head + f"{ELLA};99900011;A;A;;;2026-06-10;betyg\n{ELLA};99900011;B;B;;F;2026-06-10;varning\n"
    assert codes(read_in(bad)) == [(2, "grade_missing"), (3, "warning_with_grade")]


def test_one_broken_file_never_stops_the_others(world):
    good = NARVARO + f"{ELLA};99900011;2026-11-20;300;0;60;0;0\n"
    broken, fine = read_in(b"%PDF-1.7 ...", good)
    assert (broken.state, broken.error) == (Batch.State.FAILED, "file_pdf")
    assert fine.state == Batch.State.DONE


def test_days_before_the_first_enrolment_and_after_today_are_told(world):
    batch = read_in(
        NARVARO
        + "".join(f"{ELLA};99900011;{d};300;0;0;0;0\n" for d in ("2026-08-14", "2026-11-20", "2026-11-25"))
    )
    assert batch.counts["warnings"] == {"before_enrolment": 1, "after_today": 1}
    assert AttendanceDay.objects.count() == 3


def test_lessons_that_differ_from_the_day_are_reported_and_never_added_up(world):
    read_in(NARVARO + f"{ELLA};99900011;2026-11-20;300;0;60;0;0\n")
    lessons = "personnummer;skolenhetskod;datum;tid;minuter;slag\n"
    batch = read_in(lessons + f"{ELLA};99900011;2026-11-20;08:10;90;ogiltig\n")
    assert batch.counts["warnings"] == {"lessons_differ_from_days": 1}
    assert AttendanceDay.objects.get().unexcused == 60


def test_a_number_of_ten_digits_gets_its_century_and_says_so(world):
    batch = read_in(NARVARO + "090110-2392;99900011;2026-11-20;300;0;60;0;0\n")
    assert AttendanceDay.objects.get().student == world.ella
    assert batch.counts["centuries"] == [(2, 2009)]
