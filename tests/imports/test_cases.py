"""The cases of imports: what went wrong for users of other systems must not go wrong here."""

from datetime import date

import pytest

from followup.audit.models import Event
from students.models import Absence, AttendanceDay, EarlierFact, Enrolment, Grade, Person, Student
from tests.imports.reading_in import codes, did, read_in

NARVARO = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig\n"
LEKTIONER = "personnummer;skolenhetskod;datum;tid;minuter;slag\n"
ELEVER = "personnummer;skolenhetskod;förnamn;efternamn\n"
INSKRIVNINGAR = "personnummer;skolenhetskod;klass;startdatum;slutdatum\n"


def test_imp_01_an_empty_number_never_matches_anybody(world):
    """One child would get everybody's truancy."""
    pupils = "personnummer;skolenhetskod;förnamn;efternamn\n;99900011;Tove;Ask\n   ;99900011;Milo;Brand\n0;99900011;Sara;Ceder\n"
    for _run in range(2):
        assert codes(read_in(pupils)) == [(2, "number_missing"), (3, "number_missing"), (4, "number_missing")]
    days = read_in(NARVARO + ";99900011;2026-11-23;300;0;300\n000000000000;99900011;2026-11-23;300;0;300\n")
    assert codes(days) == [(2, "number_missing"), (3, "number_missing")]
    assert not AttendanceDay.objects.exists()
    assert Person.objects.count() == 5


def test_imp_03_absence_removed_at_the_source_disappears_here(world):
    """Counts were 1-2 too high for one pupil in eleven, and nobody knew why."""
    rows = [
        f"200901102392;99900011;2026-09-{d};{t};60;ogiltig\n"
        for d, t in [("14", "08:10"), ("14", "09:20"), ("16", "08:10")]
    ]
    first = read_in(LEKTIONER + "".join(rows))
    assert did(first) == (3, 0, 0, 0)
    week = ([world.norra], date(2026, 9, 14), date(2026, 9, 18))
    second = read_in(LEKTIONER + "".join(rows[1:]), whole=week)
    assert did(second) == (0, 0, 1, 0)
    assert Absence.objects.count() == 2
    read_in(LEKTIONER + "200809062383;99900011;2026-09-21;08:10;60;ogiltig\n")
    assert Absence.objects.filter(student=world.ella).count() == 2
    withdrawn = EarlierFact.objects.get()
    assert (withdrawn.student_id, withdrawn.on, withdrawn.why) == (
        world.ella.pk,
        date(2026, 9, 14),
        "withdrawn",
    )
    assert withdrawn.values["starts_at"] == "08:10:00"
    assert (withdrawn.earlier_batch_id, withdrawn.batch_id) == (first.pk, second.pk)


def test_imp_03_a_day_that_is_gone_is_withdrawn_and_other_days_and_schools_are_not(world):
    days = [f"200901102392;99900011;2026-11-{d};300;0;60\n" for d in (16, 17, 18, 19, 20)]
    other = "200810252395;99900012;2026-11-17;300;0;60\n"
    read_in(NARVARO + "".join(days) + other)
    batch = read_in(NARVARO + "".join(days[1:2] + days[3:4]))  # whole for Norra, 17 to 19 November
    assert did(batch) == (0, 0, 1, 0)
    assert AttendanceDay.objects.count() == 5
    assert not AttendanceDay.objects.filter(date=date(2026, 11, 18)).exists()


def test_a_refused_row_is_not_a_gone_row(world):
    """A number that Excel ruined suspends withdrawal for its school and day, and only there."""
    rows = [
        f"{n};99900011;2026-11-{d};300;0;60\n" for n in ("200901102392", "200809062383") for d in (18, 19, 20)
    ]
    read_in(NARVARO + "".join(rows))
    ruined = NARVARO + rows[0] + rows[2] + "2,00809E+11;99900011;2026-11-19;300;0;60\n"
    batch = read_in(ruined)
    assert did(batch) == (0, 0, 2, 1)  # the 18th and 20th of the second pupil are gone, the 19th is in doubt
    assert set(AttendanceDay.objects.filter(date=date(2026, 11, 19)).values_list("student", flat=True)) == {
        world.ella.pk,
        world.omar.pk,
    }


def test_imp_05_invisible_characters_change_nothing(world):
    """The clerk sees a correct file that "has no personnummer"."""
    read_in(ELEVER + "20120409-2389;99900011;Anna;Lind\n")
    ruined = "\ufeffpersonnummer;skolenhetskod\u00a0;förnamn;efternamn\n20120409-\u200b2389;99900011;Anna;  Lind\u00a0\n"
    batch = read_in(ruined)
    assert did(batch) == (0, 0, 0, 0)
    assert Student.objects.filter(family_name="Lind").count() == 1
    two_spaces = read_in(ELEVER + "201204092389;99900011;Anna  Maria;Lind\n")
    assert did(two_spaces) == (0, 1, 0, 0)
    assert Student.objects.get(family_name="Lind").given_name == "Anna Maria"


@pytest.mark.parametrize("order", [1, -1])
def test_imp_07_the_same_pupil_twice_is_a_conflict_and_preview_equals_result(world, order):
    """A clerk approves "no change" and a failed grade appears."""
    head = "personnummer;skolenhetskod;kod;ämne;betyg;datum;slag\n"
    rows = [f"200901102392;99900011;MATMAT01b;Matematik 1b;{grade};2026-06-10;betyg\n" for grade in "EF"][
        ::order
    ]
    others = "".join(f"200809062383;99900011;KURS{n:02};Kurs {n};C;2026-06-10;betyg\n" for n in range(10))
    text = head + rows[0] + others + rows[1]
    preview = read_in(text, plan=True)
    assert codes(preview) == [(2, "conflict"), (13, "conflict")]
    assert preview.refusals.first().reason.startswith("Rad 13 gäller samma sak")
    assert not Grade.objects.exists()
    result = read_in(text)
    assert did(result) == did(preview) == (10, 0, 0, 2)
    assert not Grade.objects.filter(code="MATMAT01b").exists()


def test_imp_07_two_equal_rows_are_one(world):
    batch = read_in(NARVARO + "200901102392;99900011;2026-11-23;300;0;60\n" * 2)
    assert did(batch) == (1, 0, 0, 0)
    assert batch.counts["repeated"] == 1


def test_imp_07_a_day_twice_with_different_minutes_goes_in_with_neither(world):
    batch = read_in(
        NARVARO
        + "200901102392;99900011;2026-11-23;300;0;60\n20090110-2392;99900011;20261123;300;0;120\n"
        + "200809062383;99900011;2026-11-23;300;0;0\n"
    )
    assert codes(batch) == [(2, "conflict"), (3, "conflict")]
    assert AttendanceDay.objects.get().student == world.omar


def test_imp_09_twins_without_number_are_never_assigned_by_machine(world, client):
    """One twin carries the other's absence and talk notes."""
    read_in(
        ELEVER + "20120409-2389;99900011;Ella;Strand\n20120409-2397;99900011;Elis;Strand\n",
        INSKRIVNINGAR + "201204092389;99900011;7A;2026-08-17;\n201204092397;99900011;7A;2026-08-17;\n",
    )
    batch = read_in(
        ELEVER + "2012-04-09;99900011;E.;Strand\n2012-04-09;99900011;;Strand\n",
        by=world.ulla,
        allowed=[world.norra.pk],
    )
    assert [code for _line, code in codes(batch)] == [
        "number_is_birth_date",
        "missing",
        "number_is_birth_date",
    ]
    assert Student.objects.filter(family_name="Strand").count() == 2
    from students.imports import queries

    scope = world.scope("ulla")
    rows = {row.refusal.line: row for row in queries.file_page(batch, scope, 1).stopped if row.known_as}
    assert {pupil.name for pupil in rows[2].known_as} == {"Ella Strand", "Elis Strand"}
    assert {pupil.name for pupil in rows[3].known_as} == {"Ella Strand", "Elis Strand"}


def test_imp_11_the_right_number_on_the_wrong_child_waits(world):
    """A family is called about somebody else's child."""
    batch = read_in(ELEVER + "200901102392;99900011;Karim;Haddad\n200809062383;99900011;Omar;Haddad\n")
    assert codes(batch) == [(2, "names_changed")]
    world.ella.refresh_from_db()
    assert world.ella.name == "Ella Lindqvist"


def test_a_new_family_name_alone_is_an_ordinary_change(world):
    batch = read_in(ELEVER + "200901102392;99900011;Ella;Strand\n")
    assert did(batch) == (0, 1, 0, 0)
    world.ella.refresh_from_db()
    assert world.ella.name == "Ella Strand"


def test_imp_13_no_green_message_over_refused_rows(world, golden_numbers):
    """Four pupils are missing all autumn, or support is called for every file."""
    numbers = golden_numbers(49)
    read_in(ELEVER + "".join(f"{n};99900011;Elev;Nummer{i}\n" for i, n in enumerate(numbers)))
    rows = [f"{n};99900011;7A;2026-08-17;\n" for n in numbers[:47]]
    rows += [
        ";99900011;7A;2026-08-17;\n",
        f"{numbers[47]};99900099;7A;2026-08-17;\n",
        f"{numbers[5]};99900011;7B;2026-08-17;\n",
    ]
    batch = read_in(INSKRIVNINGAR + "".join(rows))
    assert batch.counts["rows"] - batch.counts["refused"] == 46
    assert codes(batch) == [(7, "conflict"), (49, "number_missing"), (50, "unit_unknown"), (51, "conflict")]
    assert Enrolment.objects.filter(school_class="7A").count() == 46


def test_tim_02_dates_never_slip_a_day(world):
    """Wrong birth date: wrong match, wrong age, wrong register."""
    for _time in range(2):
        read_in(
            ELEVER + "201107012393;99900011;Disa;Norén\n",
            INSKRIVNINGAR + "201107012393;99900011;7A;2026-08-17;2026-12-22\n",
        )
    student = Student.objects.get(family_name="Norén")
    assert student.person.birth_date == date(2011, 7, 1)
    enrolment = student.enrolments.get()
    assert (enrolment.starts_on, enrolment.ends_on) == (date(2026, 8, 17), date(2026, 12, 22))


def test_prv_08_bulk_acts_are_logged_one_entry_per_pupil(world, golden_numbers):
    """Bulk writes skip the usual signals, so the log has holes just there."""
    numbers = golden_numbers(200)
    read_in(
        ELEVER + "".join(f"{n};99900011;Elev;Nummer{i}\n" for i, n in enumerate(numbers)),
        INSKRIVNINGAR + "".join(f"{n};99900011;7A;2026-08-17;\n" for n in numbers),
    )
    batch = read_in(
        INSKRIVNINGAR + "".join(f"{n};99900011;8A;2026-08-17;\n" for n in numbers),
        by=world.ulla,
        release=True,
    )
    events = Event.objects.filter(verb="import_enrolment", detail__batch=batch.pk)
    assert events.count() == 200
    assert events.values("student_id").distinct().count() == 200
    event = events.first()
    assert event.by_id == world.ulla.pk
    assert event.detail["old"] == {"school_class": "7A"}
    assert event.detail["to"] == {"school_class": "8A"}
    assert event.organiser_id == world.kommun.pk
