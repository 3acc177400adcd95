"""Så ska filerna se ut: whoever makes a file by the page makes one that goes in."""

from io import BytesIO

import pytest
from django.urls import reverse

from students.imports import headings, reading
from students.imports.described import described, empty_file
from students.imports.kinds import KINDS


@pytest.mark.parametrize("one", described(), ids=lambda one: one.kind.code)
def test_the_empty_file_is_known_by_its_headings_and_takes_the_examples(one):
    columns = {column.heading: column for column in one.kind.columns}
    row = ";".join(column.example for column in one.columns)
    file = BytesIO(empty_file(one.kind) + row.encode())
    layout = reading.layout_of(file)
    assert headings.recognise(list(layout.headings)).kind == one.kind
    [(_line, cells)] = reading.rows(file, layout)
    for told, cell in zip(one.columns, cells, strict=True):
        columns[told.heading].read(cell.decode())  # raises where the example would be stopped


@pytest.mark.django_db
def test_the_page_tells_every_kind_and_every_column(client, world):
    client.force_login(world.ulla)
    page = client.get(reverse("imports:formats")).content.decode()
    for kind in KINDS.values():
        assert reverse("imports:empty", args=[kind.code]) in page
        for column in kind.columns:
            assert column.heading in page
    assert reverse("imports:formats") in client.get(reverse("imports:list")).content.decode()


@pytest.mark.django_db
def test_an_empty_file_opens_in_a_swedish_excel(client, world):
    client.force_login(world.ulla)
    answer = client.get(reverse("imports:empty", args=["narvaro"]))
    assert answer["Content-Disposition"] == 'attachment; filename="narvaro.csv"'
    assert answer.content.startswith("\ufeffpersonnummer;skolenhetskod;datum;planerat".encode())
    assert client.get("/inlasning/filer/annat.csv").status_code == 404


@pytest.mark.django_db
def test_the_examples_are_of_her_own_school_and_its_code_is_told(client, world):
    """A file made after the example of a school that is not hers is stopped, every row of it."""
    unit, other = world.norra, world.sodra
    unit.code, unit.name = "99100001", "Norra porten"
    unit.save()
    client.force_login(world.ulla)
    page = client.get(reverse("imports:formats")).content.decode()
    assert "Dina skolors koder" in page
    assert "99900011" not in page
    assert "Norra gymnasiet" not in page
    assert page.count("99100001") > 5
    assert other.name not in page
    for one in described(unit):
        examples = {column.heading: column.example for column in one.columns}
        assert examples.get("skolenhetskod", unit.code) == unit.code
