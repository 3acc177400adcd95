"""What schools' systems and Excel write is read for what it means, or stopped with what to do."""

import zipfile
from datetime import date, datetime, time
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from students.imports import headings, kinds, reading, records, values
from students.imports.reasons import SENTENCES, Refused, sentence

HEAD = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat"
ROW = "200901102392;99900011;2026-11-23;300;0;60;0;0"


def read(content: bytes):
    file = BytesIO(content)
    layout = reading.layout_of(file)
    return layout, list(records.records(file, layout, headings.recognise(list(layout.headings))))


def why(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read(content)
    return refused.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(encoding, delimiter, end):
    text = end.join(["personnummer;förnamn;efternamn", "200901102392;Åsa;Öberg", ""]).replace(";", delimiter)
    layout, found = read(text.encode(encoding))
    assert (layout.delimiter, found[0].row["given_name"], found[0].row["family_name"]) == (
        delimiter,
        "Åsa",
        "Öberg",
    )
    assert found[0].line == 2


def test_a_sep_line_is_used_and_lines_keep_their_numbers():
    _layout, found = read(f"sep=;\n\n{HEAD};;\n;;;;;;;\n{ROW};;\n\n".encode())
    assert [record.line for record in found] == [5]
    assert not found[0].problems


def test_a_delimiter_and_a_line_break_inside_quotes():
    _layout, found = read(
        'personnummer;förnamn;efternamn\n200901102392;"Åsa; ""Ås""";"Öberg\nLind"\n200809062383;Bo;Ek\n'.encode()
    )
    assert found[0].row["given_name"] == 'Åsa; "Ås"'
    assert found[0].row["family_name"] == "Öberg Lind"
    assert found[1].line == 4


def test_an_unclosed_quote_stops_its_row_only_and_says_so():
    _layout, found = read('personnummer;förnamn;efternamn\n200901102392;"Åsa;Öberg\n'.encode())
    assert [p.code for r in found for p in r.problems] == ["unclosed_quote"]


def test_rows_that_are_too_long_or_too_short():
    _layout, found = read(f"{HEAD}\n{ROW};5\n200901102392;99900011;2026\n{ROW};;;\n".encode())
    assert [[p.code for p in r.problems][:1] for r in found] == [["too_many_cells"], ["date_shape"], []]
    assert "too_few_cells" in [p.code for p in found[1].problems]


def test_everything_wrong_with_a_row_is_said_at_once():
    _layout, found = read(f"{HEAD}\n2,00901E+11;999;03/04/2026;-5;1,5;x;0;0\n".encode())
    assert [(p.column, p.code) for p in found[0].problems] == [
        ("personnummer", "number_e_notation"),
        ("skolenhetskod", "unit_code_shape"),
        ("datum", "date_ambiguous"),
        ("planerat", "whole_number"),
        ("giltig", "whole_number"),
        ("ogiltig", "whole_number"),
    ]


def test_more_absence_than_lessons():
    _layout, found = read(f"{HEAD}\n200901102392;99900011;2026-11-23;360;0;420;0;0\n".encode())
    assert found[0].problems[0].sentence == (
        "Mer frånvaro och orapporterat (420 min) än lektionstid (360 min) samma dag. Kontrollera i skolans system."
    )


# Excel -----------------------------------------------------------------------------------------------------


def workbook(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def test_a_spreadsheet_reads_like_its_text():
    content = workbook(
        HEAD.split(";"),
        [200901102392, 99900011, datetime(2026, 11, 23), 300, 0, 60.0, None, None],
        [None] * 8,
    )
    layout, found = read(content)
    _text, same = read(f"{HEAD}\n200901102392;99900011;2026-11-23;300;0;60;;\n".encode())
    assert layout.description == "Excel"
    assert [r.row for r in found] == [r.row for r in same]


def test_a_number_cell_that_lost_digits_is_refused():
    content = workbook(
        HEAD.split(";"),
        [200901000000.0, "99900011", "2026-11-23", 300, 0, 0, 0, 0],
        [802272393, "99900011", "2026-11-23", 300, 0, 0, 0, 0],
    )
    _layout, found = read(content)
    assert [r.problems[0].code for r in found] == ["number_e_notation", "number_lost_zero"]


def test_excels_dates_in_a_class_column_are_refused():
    head = ["personnummer", "skolenhetskod", "klass", "startdatum"]
    content = workbook(
        head,
        ["200901102392", "99900011", date(2026, 2, 1), date(2026, 8, 17)],
        ["200901102392", "99900011", "2-jan", "2026-08-17"],
    )
    _layout, found = read(content)
    assert [[(p.column, p.code) for p in r.problems] for r in found] == [[("klass", "excel_date")]] * 2


def test_times_of_day_from_a_spreadsheet():
    head = ["personnummer", "skolenhetskod", "datum", "tid", "minuter", "slag"]
    _layout, found = read(
        workbook(head, ["200901102392", "99900011", "2026-11-23", time(8, 10), 60, "Ogiltig"])
    )
    assert (found[0].row["time"], found[0].row["kind"]) == (time(8, 10), "unexcused")


def archive(*names) -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "file_xls"),
        (b"%PDF-1.7", "file_pdf"),
        (archive("elever.csv"), "file_zip"),
        (archive("word/document.xml"), "file_word"),
        (archive("mimetype", "content.xml"), "file_ods"),
        (b"PK\x03\x04 broken", "file_broken"),
        (archive("xl/workbook.xml"), "file_broken"),
        (b"<html><table>", "file_html"),
        (b"<?xml version='1.0'?><elever/>", "file_xml"),
        (b'{"elever": []}', "file_json"),
        ("personnummer;x".encode("utf-16"), "file_utf16"),
        (b"GIF89a\0\1\2\3", "file_binary"),
        (b"personnummer\n200901102392\n", "file_one_column"),
    ],
)
def test_other_formats_get_a_sentence_about_what_to_export(content, code):
    assert why(content) == code


# Headings ------------------------------------------------------------------------------------------------------


def test_headings_are_matched_as_people_write_them():
    found = headings.recognise(["PERSONNR", "Skolenhetkod", "Fornamn", " Efter namn ", "Kull", "F %"])
    assert found.kind is kinds.STUDENTS
    assert found.ignored == ("Kull", "F %")
    vklass = headings.recognise(["Personnr", "Skolenhetskod", "Datum", "Undv. tid", "GF min", "F min"])
    assert vklass.positions["unexcused"] == 5


@pytest.mark.parametrize("trap", ["F %", "absence", "Kull"])
def test_headings_that_mean_other_things_elsewhere_are_never_taken(trap):
    assert all(headings.fold(trap) not in names for names in headings._NAMES.values())


def test_a_missing_column_is_named_with_a_guess():
    with pytest.raises(Refused) as refused:
        headings.recognise(["personnummer", "skolenhetskod", "datum", "planerad", "giltig", "ogiltig"])
    assert str(refused.value) == "Kolumnen planerat saknas, menade du planerad?"


def test_two_kinds_that_fit_are_asked_about_never_guessed():
    with pytest.raises(Refused) as refused:
        headings.recognise(["personnummer", "förnamn", "efternamn", "skolenhetskod", "klass", "startdatum"])
    assert str(refused.value) == "Filen kan vara elever eller inskrivningar. Välj vilken den är."


def test_a_column_twice_is_asked_about():
    with pytest.raises(Refused) as refused:
        headings.with_kind(kinds.STUDENTS, ["Personnr", "socialnumber", "förnamn", "efternamn"])
    assert refused.value.code == "file_column_twice"


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.code)
@pytest.mark.parametrize("name", ["heading", "name"])
def test_every_kind_is_known_by_its_own_swedish_and_english_headings(kind, name):
    for columns in (kind.columns, kind.required):
        assert headings.recognise([getattr(column, name) for column in columns]).kind is kind


def test_a_fingerprint_changes_with_the_headings():
    assert headings.fingerprint(["Personnr", "Klass"]) == headings.fingerprint(["PERSONNR ", "klass"])
    assert headings.fingerprint(["Personnr", "Klass"]) != headings.fingerprint(["Klass", "Personnr"])


# Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2026", "date_ambiguous"),
        ("24/11/2026", "date_shape"),
        ("2026-02-30", "date_unreal"),
        ("26-11-24", "date_shape"),
        ("today", "date_shape"),
        ("46350", "date_shape"),
        ("2026-1124", "date_shape"),
    ],
)
def test_dates_that_are_not_plain_are_refused(text, code):
    with pytest.raises(Refused) as refused:
        values.read_date(text)
    assert refused.value.code == code


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_both_forms_of_a_date_read_alike(day):
    assert values.read_date(f"{day:%Y-%m-%d}") == values.read_date(f"{day:%Y%m%d}") == day


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    once = values.clean(text)
    assert values.clean(once) == once or once.startswith("'")


@pytest.mark.parametrize("text", ["ja", "1", "x", "sekretess", "vet ej", "okänt", "Sekretessmarkering"])
def test_a_protection_that_is_not_understood_counts_as_marked(text):
    assert values.read_protection(text) == "marked"


@given(
    st.lists(
        st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"])), min_size=3, max_size=3),
        max_size=8,
    )
)
def test_any_table_written_as_csv_is_read_row_by_row(table):
    """The reader never loses a row, joins two, or fails on what stands in a cell."""
    import csv
    from io import StringIO

    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["personnummer", "förnamn", "efternamn"])
    writer.writerows(table)
    _layout, found = read(text.getvalue().encode())
    told = [row for row in table if any(cell.strip() for cell in row)]
    assert len(found) == len(told)


def test_every_reason_has_its_sentence():
    made = {
        "limit": 1,
        "choices": "",
        "first": "",
        "second": "",
        "first_iso": "",
        "second_iso": "",
        "cells": 1,
    }
    made |= {
        "headings": 1,
        "absent": 1,
        "scheduled": 1,
        "starts_on": "",
        "role": "",
        "place": "",
        "organiser": "",
    }
    made |= {"lines": "", "heading": "", "guess": "", "kinds": ""}
    for code in SENTENCES:
        assert "%(" not in sentence(code, made)
