"""A strange file is stopped and says so; it takes neither its neighbours nor the page with it."""

import io
import zipfile

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from students.imports import reading
from students.imports.models import Batch
from students.imports.reasons import Refused
from tests.imports.test_merge import ELEVER, OMAR
from tests.imports.test_pages import drop, sent

LONG = "x" * 200_000


@pytest.fixture
def sends(client, world, worker):
    client.force_login(world.ulla)

    def send(*texts) -> list[Batch]:
        with worker():
            drop(client, *(sent(f"{n}.csv", text) for n, text in enumerate(texts)))
        return list(Batch.objects.order_by("pk"))

    return send


@pytest.mark.parametrize(
    ("text", "error", "refused"),
    [
        (ELEVER + f'{OMAR};99900011;"{LONG}";Haddad\n{OMAR};99900011;Omar;Haddad\n', "", 1),
        (
            f"personnummer;{LONG};skolenhetskod;förnamn;efternamn\n{OMAR};;99900011;Omar;Haddad\n",
            "file_binary",
            None,
        ),
        (";".join(f"x{n}" for n in range(20_000)) + "\n", "file_binary", None),
        (ELEVER + f"{OMAR};99900099;\ufffe\uffff\u0001;=cmd|' /C calc'!A0\n", "", 1),
    ],
    ids=["a long cell", "a long heading", "many columns", "signs that no spreadsheet holds"],
)
def test_a_strange_file_is_told_of_and_its_neighbour_is_looked_at(client, sends, text, error, refused):
    """The page said "granskas" for ever, for every file that came with it."""
    strange, plain = sends(text, ELEVER + f"{OMAR};99900011;Omar;Haddad\n")
    assert (strange.error, strange.counts.get("refused")) == (error, refused)
    assert not strange.is_working
    assert plain.can_run
    for name in ("imports:batch", "imports:columns"):
        assert client.get(reverse(name, args=[strange.pk])).status_code == 200
    answer = client.get(reverse("imports:refused", args=[strange.pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value)


def test_a_workbook_that_swells_is_not_unpacked():
    """One upload of a few kilobytes took the memory of the web server."""
    workbook, small, swollen = Workbook(), io.BytesIO(), io.BytesIO()
    workbook.active.append(["personnummer", "skolenhetskod"])
    workbook.save(small)
    with zipfile.ZipFile(small) as old, zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
        with new.open("xl/media/more.xml", "w", force_zip64=True) as more:
            for _megabyte in range(257):
                more.write(b" " * 1024**2)
    with pytest.raises(Refused) as refused:
        reading.layout_of(swollen)
    assert refused.value.code == "file_too_big"
