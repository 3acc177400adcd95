"""Personal numbers: read exactly, or refused; a number that is nearly right belongs to another child."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from personnummer import personnummer

from students.imports.numbers import read_number
from students.imports.reasons import Refused

TODAY = date(2026, 11, 24)


def why(text: str) -> str:
    with pytest.raises(Refused) as refused:
        read_number(text, TODAY)
    assert str(refused.value)
    return refused.value.code


@pytest.mark.parametrize(
    "text",
    [
        "200802272393",
        "20080227-2393",
        "080227-2393",
        "0802272393",
        "20080227 2393",
        " 080227 - 2393 ",
        "20080227–2393",
    ],
)
def test_one_number_written_in_many_ways_is_one_person(text):
    assert read_number(text, TODAY).number == "200802272393"


def test_a_century_that_was_worked_out_is_said():
    assert read_number("080227-2393", TODAY).century_assumed
    assert not read_number("20080227-2393", TODAY).century_assumed


def test_plus_is_over_a_hundred():
    number = read_number("080227+2393", TODAY)
    assert (number.number, number.born) == ("190802272393", date(1908, 2, 27))


def test_a_coordination_number_is_born_sixty_days_earlier_than_it_says():
    number = read_number("20100970-2398", TODAY)
    assert (number.kind, number.born) == ("samordning", date(2010, 9, 10))


def test_a_temporary_number_keeps_its_letters():
    number = read_number("20130101tf01", TODAY)
    assert (number.number, number.kind, number.born) == ("20130101TF01", "temporary", date(2013, 1, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "number_missing"),
        ("   ", "number_missing"),
        ("0", "number_missing"),
        ("000000000000", "number_missing"),
        ("2,00901E+11", "number_e_notation"),
        ("2.00901E+11", "number_e_notation"),
        ("2E11", "number_e_notation"),
        ("200901020000", "number_e_notation"),
        ("802272393", "number_lost_zero"),
        ("200802272394", "number_check_digit"),
        ("200813272393", "number_date"),
        ("200802302393", "number_date"),
        ("209902272393", "number_future"),
        ("20120409", "number_is_birth_date"),
        ("2012-04-09", "number_is_birth_date"),
        ("Anna Lind", "number_shape"),
        ("20080227+2393", "number_shape"),
        ("20081327TF01", "number_date"),
        ("٢٠٠٨٠٢٢٧٢٣٩٣", "number_shape"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(text, code):
    assert why(text) == code


@given(st.dates(date(1930, 1, 1), TODAY), st.integers(1, 999), st.booleans())
def test_every_right_number_is_read_and_every_other_check_digit_refused(born, serial, coordination):
    day = born.day + 60 * coordination
    nine = f"{born:%y%m}{day:02}{serial:03}"
    century = f"{born:%Y}"[:2]
    right = [digit for digit in range(10) if personnummer.valid(f"{century}{nine}{digit}")]
    assert len(right) == 1
    number = read_number(f"{century}{nine}{right[0]}", TODAY)
    assert (number.born, number.kind) == (born, "samordning" if coordination else "personnummer")
    for wrong in set(range(10)) - set(right):
        assert why(f"{century}{nine}{wrong}") in ("number_check_digit", "number_e_notation")


@given(st.dates(date(1950, 1, 1), TODAY), st.integers(1, 999))
def test_ten_digits_never_become_somebody_older_or_unborn(born, serial):
    nine = f"{born:%y%m%d}{serial:03}"
    digit = next(d for d in range(10) if personnummer.valid(f"{born:%Y}"[:2] + f"{nine}{d}"))
    assert read_number(f"{nine[:6]}-{nine[6:]}{digit}", TODAY).born == born


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        number = read_number(text, TODAY)
    except Refused:
        return
    assert len(number.number) == 12
    assert number.born <= TODAY


@given(
    st.sampled_from(["200802272393", "20080227-2393", "0802272393"]),
    st.integers(0, 13),
    st.sampled_from("0123456789"),
)
def test_one_wrong_digit_is_never_repaired(text, place, digit):
    assume(place < len(text) and text[place].isdecimal() and text[place] != digit)
    changed = text[:place] + digit + text[place + 1 :]
    try:
        number = read_number(changed, TODAY)
    except Refused:
        return
    assert number.number != "200802272393"
