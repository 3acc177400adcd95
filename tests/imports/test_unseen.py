"""A file is no way past protection: whoever may not see a pupil does not meet her in its rows either."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from students.imports.actions import settle_names
from students.models import Batch, EarlierFact, NamedAccess, Student
from tests.imports.reading_in import read_in
from tests.imports.test_merge import ELEVER, INSKRIVNINGAR, NARVARO, OMAR, SAGA, SKYDD, VERA
from tests.imports.test_pages import DAYS, drop, sent
from tests.world import TODAY, user

PAGES = ("imports:batch", "imports:refused", "imports:columns")


def said(client, batch, *names) -> str:
    """Everything that the pages and the file of refused rows tell of an import."""
    found = []
    for name in names or PAGES:
        answer = client.get(reverse(name, args=[batch.pk]))
        assert answer.status_code == 200
        if name == "imports:refused":
            sheet = load_workbook(BytesIO(answer.content)).active
            found += [str(cell.value) for row in sheet.iter_rows() for cell in row]
        else:
            found.append(answer.content.decode())
    return " ".join(found)


@pytest.fixture
def sends(registrar, worker):
    """The registrar sends a file; the worker looks at it."""

    def send(text) -> Batch:
        with worker():
            drop(registrar, sent("fil.csv", text))
        return Batch.objects.latest("pk")

    return send


@pytest.mark.parametrize(
    "text",
    [
        NARVARO + f"{VERA};99900011;2026-11-20;300;0;999;0;0\n",
        ELEVER + f"{VERA};99900099;Vera;Skog\n",
        ELEVER + f"{VERA};99900011;Anna;Berg\n",
        ELEVER + f"{VERA[:8]};99900011;Vera;Skog\n",
        ELEVER + f"{VERA[:-1]}5;99900011;Vera;Skog\n",
        SKYDD + "201107012390;99900011;Vera;Skog;sekretessmarkering\n",
        SKYDD + "201107012393;99900099;Disa;Skog;sekretessmarkering\n",
        INSKRIVNINGAR + f"{VERA[:8]}-{VERA[8:]};99900011;EK2z;2026-12-01;2026-11-01\n",
    ],
    ids=[
        "too much",
        "school",
        "names",
        "birth date",
        "check digit",
        "unknown number",
        "not a pupil yet",
        "dates",
    ],
)
def test_the_stopped_row_of_a_protected_pupil_is_not_shown(registrar, sends, text):
    """Her name and number came back on the page and in a file, to those from whom she is hidden."""
    batch = sends(text + f"{OMAR[:-1]}9;99900011;x;y;;;\n")
    assert batch.counts["refused"] == 2
    told = said(registrar, batch, "imports:batch", "imports:refused")
    for secret in (VERA, VERA[:8], "20110701", "Vera", "Skog", "Berg", "EK2z", "999;", "2026-12-01"):
        assert secret not in told
    assert "Raden visas inte för dig" in told, "but that it was stopped, and where"
    assert OMAR[:-1] in told


def test_the_first_rows_of_a_file_leave_out_a_protected_pupil(registrar, sends):
    batch = sends(f"nummer;heter\n{VERA};Vera Skog\n;Vera Maria Skog\n{OMAR};Omar Haddad\n")
    told = said(registrar, batch, "imports:columns")
    assert "Vera" not in told
    assert VERA not in told
    assert "Omar Haddad" in told


def test_who_is_named_for_her_sees_the_row(world, registrar, sends):
    NamedAccess.objects.create(student=world.vera, user=world.ulla, since=TODAY)
    batch = sends(ELEVER + f"{VERA};99900099;Vera;Skog\n")
    assert VERA in said(registrar, batch, "imports:batch", "imports:refused")


def test_nobody_renames_a_pupil_whom_she_does_not_see(world, registrar, sends):
    """A forged press on "Samma elev, byt namn" changed a protected pupil's name."""
    batch = sends(ELEVER + f"{VERA};99900011;Anna;Berg\n")
    answer = registrar.post(reverse("imports:settle", args=[batch.refusals.get().pk]), {"same": "yes"})
    assert answer.status_code == 404
    assert Student.objects.get(pk=world.vera.pk).family_name == "Skog"


def test_a_name_that_is_settled_twice_is_changed_once(world):
    refusal = read_in(ELEVER + f"{OMAR};99900011;Adam;Berg\n", by=world.ulla).refusals.get()
    for _press in range(2):
        settle_names(refusal=refusal, same=True, by=world.ulla)
    assert EarlierFact.objects.filter(kind="elever", student_id=world.omar.pk).count() == 1


def test_a_colleague_does_not_meet_another_schools_pupil(world, client, registrar, sends):
    """The sender had her in the file; the colleague at the same school had not."""
    batch = sends(DAYS + f"{SAGA};99900012;2026-11-23;300;0;60;0;0\n")
    assert SAGA in said(registrar, batch, "imports:batch", "imports:refused")
    client.force_login(user(world, "nora", "Ny", "registrar", unit=world.norra))
    told = said(client, batch, "imports:batch", "imports:refused")
    assert SAGA not in told
    assert "2,00901E+11" in told


def test_a_wide_file_gives_its_refused_rows_back(registrar, sends):
    """With more than fifty columns the file could not be fetched at all."""
    more = ";".join(f"x{n}" for n in range(60))
    batch = sends(
        f"personnummer;skolenhetskod;förnamn;efternamn;{more}\n{OMAR};99900099;Omar;Haddad{';' * 60}\n"
    )
    assert OMAR in said(registrar, batch, "imports:refused")
