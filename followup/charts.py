"""Charts drawn on the server: where each point lies, worked out here, drawn by templates/components/chart_*.html.

The same picture in page, print and PDF; each has its figures as a table beside it (WCAG 1.1.1, 1.4.1).
Why not a library: docs/adr/0006.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

NEAR = 9  # how far from a point of several lines one still hits it


@dataclass(frozen=True)
class Point:
    """One figure with its words. A `value` of None is unknown: the line breaks, it never falls to nought."""

    label: str
    value: float | None
    shown: str = ""

    @property
    def words(self) -> str:
        return f"{self.label}: {self.shown}"


@dataclass(frozen=True)
class Series:
    name: str
    points: list[Point]
    quiet: bool = False  # to compare with, drawn in grey


@dataclass(frozen=True)
class Spot:
    """A point where it lies, with its words and what answers to hover: all placed from the point's own x."""

    words: str
    x: float
    y: float
    tip: str  # where the box with the words stands: kept inside the picture
    tip_width: float
    hit_y: float
    last: bool = False

    @property
    def place(self) -> str:
        return _moved(self.x)


@dataclass(frozen=True)
class Line:
    name: str
    quiet: bool
    paths: list[str]
    spots: list[Spot]
    end: Spot | None
    name_y: float = 0


@dataclass(frozen=True)
class Mark:
    """A line of the grid, or a word on an axis."""

    at: float
    words: str


@dataclass(frozen=True)
class Drawing:
    """One size of a chart."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    lines: list[Line]
    rows: list[Mark] = field(default_factory=list)
    columns: list[Mark] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    hit_x: float = 0
    hit_width: float = 0
    hit_height: float = 0


@dataclass(frozen=True)
class Chart:
    """What a page shows: `{% chart page.chart %}`."""

    kind: str  # strip or lines
    title: str
    description: str
    series: list[Series]
    wide: Drawing
    narrow: Drawing | None = None
    ink: bool = False
    note: str = ""  # what the dashed lines are

    @property
    def labels(self) -> list[str]:
        return [point.label for point in self.series[0].points] if self.series else []

    @property
    def table(self) -> list[tuple[str, list[str]]]:
        """Each label with the words of every series."""
        return [
            (label, [series.points[number].shown for series in self.series])
            for number, label in enumerate(self.labels)
        ]


def strip(
    title: str,
    points: list[Point],
    *,
    limits: Sequence[float] = (),
    low: float = 0,
    high: float | None = None,
    description: str = "",
    note: str = "",
    ink: bool = False,
) -> Chart:
    """A small chart for a pupil's page: one line, its limits dashed, nothing on the axes."""
    series = [Series(title, points)]
    top = high if high is not None else _ceiling(series, limits)
    wide = _draw(series, 200, 52, left=5, right=6, top=7, bottom=6, low=low, high=top, limits=limits)
    return Chart("strip", title, description or _in_short(points), series, wide, ink=ink, note=note)


def lines(
    title: str,
    series: list[Series],
    *,
    unit: str = "",
    limits: Sequence[float] = (),
    low: float = 0,
    high: float | None = None,
    description: str = "",
) -> Chart:
    """Figures over time, at most two series; drawn in two sizes so that the words stay readable on a phone."""
    top = high if high is not None else _ceiling(series, limits)
    step = _step(top - low)
    top = low + step * ceil((top - low) / step)
    sizes = ((640, 250, 8), (340, 230, 4))
    wide, narrow = (
        _draw(series, width, height, left=50, right=14, top=18, bottom=30, low=low, high=top, limits=limits, step=step,
              unit=unit, most_columns=most)
        for width, height, most in sizes
    )  # fmt: skip
    return Chart("lines", title, description or _in_short(series[-1].points), series, wide, narrow)


@dataclass(frozen=True)
class BarPart:
    x: float
    width: float
    shade: int  # 1 light to 3 dark


def bar(numbers: list[int], most: int) -> list[BarPart]:
    """A stacked bar for a row of a table, in hundredths of the longest; darker is longer waited."""
    parts, x = [], 0.0
    for shade, number in enumerate(numbers, start=1):
        width = 100 * number / most if most else 0
        if width:
            parts.append(BarPart(round(x, 2), round(width, 2), shade))
        x += width
    return parts


def _in_short(points: list[Point]) -> str:
    known = [point for point in points if point.value is not None]
    return f"{known[0].words}. {known[-1].words}." if known else ""


def _ceiling(series: list[Series], limits: Sequence[float]) -> float:
    values = [point.value for each in series for point in each.points if point.value is not None]
    return max([*values, *limits, 0]) * 1.08 or 1


def _step(span: float) -> float:
    """A round step that gives three to five rows."""
    rough = span / 4 or 1
    size = 10 ** floor(log10(rough))
    return next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough)


def _draw(
    series, width, height, *, left, right, top, bottom, low, high, limits, step=0, unit="", most_columns=0
) -> Drawing:
    count = max((len(each.points) for each in series), default=0)
    across = (width - left - right) / max(1, count - 1)
    span = high - low or 1

    def x_of(number: int) -> float:
        return round(left + across * number, 1) if count > 1 else round((left + width - right) / 2, 1)

    def y_of(value: float) -> float:
        inside = min(max(value, low), high)
        return round(height - bottom - (height - top - bottom) * (inside - low) / span, 1)

    several = len(series) > 1
    drawn = [_line(each, x_of, y_of, width, several) for each in series]
    hit = round(max(across, 8), 1)
    return Drawing(
        width=width,
        height=height,
        left=left,
        right=width - right,
        top=top,
        bottom=height - bottom,
        lines=_names_apart(drawn),
        rows=_rows(low, high, step, unit, y_of) if step else [],
        columns=_columns(series, most_columns, x_of) if most_columns else [],
        limits=[y_of(limit) for limit in limits],
        hit_x=-hit / 2,
        hit_width=hit,
        hit_height=2 * NEAR if several else height,
    )


def _line(series: Series, x_of, y_of, width: int, several: bool) -> Line:
    spots, paths, path = [], [], []
    known = [number for number, point in enumerate(series.points) if point.value is not None]
    for number, point in enumerate(series.points):
        if point.value is None:
            paths, path = [*paths, path], []
            continue
        x, y = x_of(number), y_of(point.value)
        words = f"{series.name}, {point.words}" if several else point.words
        tip = round(len(words) * 7.4 + 14, 1)
        path.append(f"{x},{y}")
        spots.append(
            Spot(
                words=words,
                x=x,
                y=y,
                tip=_moved(min(max(x - tip / 2, 0), width - tip) - x, y - 34 if y > 40 else y + 12),
                tip_width=tip,
                hit_y=y - NEAR if several else 0,
                last=number == known[-1],
            )
        )
    paths = [" ".join(each) for each in [*paths, path] if len(each) > 1]
    return Line(series.name, series.quiet, paths, spots, spots[-1] if spots else None)


def _moved(x: float, y: float = 0) -> str:
    return f"translate({x:g} {y:g})"


def _names_apart(drawn: list[Line]) -> list[Line]:
    """Each name by the end of its line; the higher one above, the lower one below."""
    ends = sorted((line for line in drawn if line.end), key=lambda line: line.end.y)
    placed = []
    for line in drawn:
        below = len(ends) > 1 and line is ends[-1]
        y = line.end.y + (22 if below else -10) if line.end else 0
        placed.append(Line(line.name, line.quiet, line.paths, line.spots, line.end, round(y, 1)))
    return placed


def _rows(low, high, step, unit, y_of) -> list[Mark]:
    found, value = [], low
    while value <= high + step / 100:
        number = f"{value:g}".replace(".", ",")
        found.append(Mark(y_of(value), f"{number}{unit}"))
        value += step
    return found


def _columns(series, most: int, x_of) -> list[Mark]:
    labels = [point.label for point in series[0].points] if series else []
    every = max(1, ceil((len(labels) - 1) / max(1, most - 1)))
    chosen = list(range(0, len(labels), every))
    if labels and chosen[-1] != len(labels) - 1:
        if len(labels) - 1 - chosen[-1] < every / 2 + 0.5 and len(chosen) > 1:
            chosen.pop()
        chosen.append(len(labels) - 1)
    return [Mark(x_of(number), labels[number]) for number in chosen]
