"""What people type is read as they mean it, and asked about when it may mean two things."""

from datetime import date, time
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, translation
from hypothesis import given
from hypothesis import strategies as st

from followup import fields

APRIL = date(2026, 4, 3)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-04-03",
        "20260403",
        " 2026-04-03 ",
        "2026/04/03",
        "2026.4.3",
        "2026\N{NON-BREAKING HYPHEN}04\N{NON-BREAKING HYPHEN}03",
        "3 april 2026",
        "3 apr 2026",
        "3 apr. 2026",
        "fredag 3 april 2026",
        "fre 3\N{NO-BREAK SPACE}apr 2026",
        "den 3:e april 2026",
        "3 April 2026",
    ],
)
def test_a_date_is_read_as_swedes_type_it(typed):
    assert fields.read_date(typed) == APRIL


@pytest.mark.parametrize(
    ("typed", "day"),
    [("24/11/2026", date(2026, 11, 24)), ("11/24/2026", date(2026, 11, 24)), ("5/5/2026", date(2026, 5, 5))],
)
def test_a_date_with_slashes_is_read_when_it_can_mean_one_day_only(typed, day):
    assert fields.read_date(typed) == day


def test_third_of_april_is_never_taken_for_the_fourth_of_march():
    with pytest.raises(ValidationError) as caught:
        fields.read_date("03/04/2026")
    assert caught.value.messages == ["Kan vara 3 april eller 4 mars. Skriv 2026-04-03."]


@pytest.mark.parametrize("typed", ["3/4", "03/04/26", "260403", "3-4-26", "3 4"])
def test_what_can_be_read_in_several_ways_is_asked_about(typed):
    with pytest.raises(ValidationError) as caught:
        fields.read_date(typed)
    assert caught.value.code == "ambiguous"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("3 april", "no_year"),
        ("18/12", "no_year"),
        ("30 februari 2026", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        ("0026-04-03", "no_such_day"),
        ("nästa vecka", "invalid"),
        ("3 brumaire 2026", "invalid"),
        ("2026-W14-5", "invalid"),
        ("1e9", "invalid"),
    ],
)
def test_a_date_that_cannot_be_is_told_plainly(typed, code):
    with pytest.raises(ValidationError) as caught:
        fields.read_date(typed)
    assert caught.value.code == code


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_survives_writing_and_reading(day):
    assert fields.read_date(day.isoformat()) == day
    assert fields.read_date(f"{day:%Y%m%d}") == day


@given(st.text(max_size=30))
def test_no_text_whatever_breaks_the_reading(text):
    for read in (fields.read_date, fields.read_time, fields.read_number):
        try:
            read(text)
        except ValidationError:
            continue


@pytest.mark.parametrize("typed", ["10.20", "10:20", "1020", "kl 10.20", "kl. 10.20"])
def test_a_time_is_read_as_people_write_it(typed):
    assert fields.read_time(typed) == time(10, 20)


@pytest.mark.parametrize("typed", ["25", "10.60", "10,20", "halv elva"])
def test_a_time_that_is_none_is_refused(typed):
    with pytest.raises(ValidationError):
        fields.read_time(typed)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("15", "15"),
        ("15 %", "15"),
        ("1 500", "1500"),
        ("1\N{NO-BREAK SPACE}500,25", "1500.25"),
        ("\N{MINUS SIGN}2", "-2"),
        ("0.125", "0.125"),
    ],
)
def test_a_number_is_read_with_a_decimal_comma(typed, value):
    assert fields.read_number(typed) == Decimal(value)


def test_a_thousand_is_never_taken_for_one():
    with pytest.raises(ValidationError) as caught:
        fields.read_number("1.500")
    assert caught.value.messages == ["Kan vara 1500 eller 1,5. Skriv ett av dem."]


@pytest.mark.parametrize("typed", ["1,2,3", "1e5", "NaN", "Infinity", "tio", "1 50"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValidationError):
        fields.read_number(typed)


class Form(forms.Form):
    on = fields.DateField(required=False)
    at = fields.TimeField(required=False)
    limit = fields.NumberField(required=False, min_value=0, max_value=100)
    days = fields.WholeNumberField(required=False, min_value=1)
    rating = fields.ScaleField(required=False)
    made = forms.ChoiceField(choices=[("yes", "Ja"), ("no", "Nej")], widget=fields.Segments, required=False)


def test_the_fields_clean_in_a_form_and_show_again_what_was_typed():
    form = Form({"on": "20261217", "at": "9", "limit": "12,5", "days": "3", "rating": "7", "made": "yes"})
    assert form.is_valid()
    assert form.cleaned_data == {
        "on": date(2026, 12, 17),
        "at": time(9, 0),
        "limit": Decimal("12.5"),
        "days": 3,
        "rating": 7,
        "made": "yes",
    }
    again = str(Form({"on": "03/04/2026"})["on"])
    assert 'value="03/04/2026"' in again


def test_a_stored_value_is_shown_in_the_shape_that_is_read():
    form = Form(initial={"on": APRIL, "at": time(9, 5), "limit": Decimal("12.5")})
    assert 'value="2026-04-03"' in str(form["on"])
    assert 'value="09.05"' in str(form["at"])
    assert 'value="12,5"' in str(form["limit"])


def test_limits_hold_after_reading():
    assert "limit" in Form({"limit": "101"}).errors
    assert "days" in Form({"days": "1,5"}).errors
    assert "days" in Form({"days": "0"}).errors


def test_the_form_answers_nothing_for_anybody():
    html = str(Form()["rating"]) + str(Form()["made"])
    assert "checked" not in html


@pytest.mark.parametrize(("sent", "value"), [("0", 0), ("10", 10), ("declined", "declined"), ("", None)])
def test_a_rating_tells_nought_from_nothing(sent, value):
    form = Form({"rating": sent})
    assert form.is_valid()
    assert form.cleaned_data["rating"] == value


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_plain_django_field_reads_a_slashed_date_either(language):
    with translation.override(language):
        assert formats.get_format("DATE_INPUT_FORMATS")[:2] == ["%Y-%m-%d", "%Y%m%d"]
        with pytest.raises(ValidationError):
            forms.DateField().clean("03/04/2026")
