"""How days, figures and levels are written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from followup import charts, figures
from followup import words as writing
from followup.templatetags import koll

NBSP = "\N{NO-BREAK SPACE}"


def plain(text):
    return str(text).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 24), "tis 24 nov"),
        (date(2026, 11, 26), "tor 26 nov"),
        (date(2027, 1, 4), "mån 4 jan"),
        (date(2026, 3, 8), "sön 8 mar"),
        (date(2025, 11, 24), "mån 24 nov 2025"),
    ],
)
def test_a_day_is_short_and_has_its_year_when_it_would_be_mistaken(day, words):
    assert plain(writing.day(day)) == words


def test_a_day_is_english_in_english():
    with translation.override("en"):
        assert plain(writing.day(date(2026, 11, 24))) == "Tue 24 Nov"


def test_twenty_past_midnight_is_today():
    assert plain(writing.day(datetime(2026, 11, 23, 23, 20, tzinfo=UTC))) == "tis 24 nov"
    assert writing.clock_time(datetime(2026, 11, 23, 23, 20, tzinfo=UTC)) == "00.20"
    assert writing.of_today(datetime(2026, 11, 23, 23, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "week"), [(date(2026, 12, 28), 53), (date(2027, 1, 1), 53), (date(2027, 1, 4), 1)]
)
def test_weeks_are_iso_weeks(day, week):
    assert plain(writing.week(day)) == f"v. {week}"


def test_a_figure_is_cut_so_that_it_never_contradicts_its_level():
    assert plain(writing.percent(Decimal("9.99"))) == "9,9 %"
    assert plain(writing.percent(Decimal("10.00"))) == "10 %"
    assert plain(writing.percent(0)) == "0 %"
    assert figures.cut_percent(999, 10_000, 2) == Decimal("9.99")
    assert figures.cut_percent(2, 3, 1) == Decimal("66.6")


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (1, "student", "1 elev"),
        (41, "student", "41 elever"),
        (71, "flag", "71 flaggor"),
        (4055, "row", "4 055 rader"),
        (0, "day", "0 dagar"),
        (None, "day", "0 dagar"),
    ],
)
def test_a_number_has_its_noun(number, noun, words):
    assert plain(writing.number(number, noun)) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(320, "5 h 20 min"), (60, "1 h"), (45, "45 min"), (0, "0 min")]
)
def test_minutes_are_hours_and_minutes(minutes, words):
    assert plain(writing.minutes(minutes)) == words


def test_a_level_has_a_shape_and_a_word():
    for code, words in [("red", "Över röd gräns"), ("yellow", "Över gul gräns"), ("unknown", "Okänt")]:
        html = koll.level(code)
        assert words in html
        assert "<svg" in html


def test_an_icon_is_hidden_for_those_who_read_the_word():
    assert 'aria-hidden="true"' in koll.icon("flag")


def test_a_word_in_a_box_is_escaped():
    assert "<b>" not in koll.tag("<b>", "flag")


def test_unknown_breaks_the_line_and_never_falls_to_nought():
    points = [charts.Point(f"v. {n}", value, "") for n, value in enumerate([5, 6, None, 7, 8])]
    drawn = charts.strip("Frånvaro", points)
    assert len(drawn.wide.lines[0].paths) == 2
    assert len(drawn.wide.lines[0].spots) == 4


@pytest.mark.parametrize("values", [[], [None], [0], [0, 0], [3], [0.001, 100000]])
def test_a_chart_of_little_or_nothing_is_still_a_chart(values):
    points = [charts.Point(f"v. {n}", value, "") for n, value in enumerate(values)]
    assert koll.chart(charts.strip("Frånvaro", points, limits=[15]))
    assert koll.chart(charts.lines("Frånvaro", [charts.Series("i år", points)], unit=" %"))


def test_the_same_figures_stand_in_the_table_of_a_chart():
    points = [charts.Point("v. 46", 12, "12 %"), charts.Point("v. 47", None, "okänt")]
    html = koll.chart(charts.strip("Frånvaro", points))
    assert "Visa som tabell" in html
    assert "okänt" in html
    assert 'style="' not in html


def test_bars_share_one_measure():
    parts = charts.bar([3, 3, 2], 8)
    assert [part.width for part in parts] == [37.5, 37.5, 25]
    assert charts.bar([0, 0, 0], 0) == []
