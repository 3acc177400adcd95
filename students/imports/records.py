"""Rows to records: each cell read by its column's reader, everything that is wrong with a row collected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .headings import Recognised
from .kinds import Column, Row
from .reading import UNCLOSED, Cell, Layout, rows
from .reasons import Problem, Refused

_CACHED_VALUES = 20_000


@dataclass(slots=True)
class Record:
    """One row: its values as far as they could be read, and why it is stopped, if it is."""

    line: int
    cells: list[Cell]
    row: Row
    problems: list[Problem]


class CellReader:
    """One column's cells; equal cells are read once."""

    def __init__(self, column: Column, layout: Layout):
        self.column, self.layout = column, layout
        self.required = column.required and not column.may_be_empty
        self.known: dict[Cell, object] = {}

    def read(self, cell: Cell) -> object:
        """The value, None when empty, or the Refused that says why not."""
        try:
            return self.known[cell]
        except KeyError:
            pass
        if len(self.known) > _CACHED_VALUES:
            self.known.clear()
        value = self._read(self.layout.text(cell))
        if type(cell) in (bytes, str):  # a date cell equals its text, and is not the same
            self.known[cell] = value
        return value

    def _read(self, text: str) -> object:
        if not text:
            if self.required:
                return Refused("number_missing" if self.column.name == "national_number" else "missing")
            return None
        try:
            return self.column.read(text)
        except Refused as refused:
            return refused


class RecordReader:
    """Reads the rows of one file as records."""

    def __init__(self, layout: Layout, recognised: Recognised):
        self.layout, self.recognised = layout, recognised
        self.width = len(layout.headings)
        self.readers = [
            (recognised.positions[column.name], CellReader(column, layout))
            for column in recognised.kind.columns
            if column.name in recognised.positions
        ]

    def record(self, line: int, cells: list[Cell]) -> Record:
        if cells == [UNCLOSED]:
            return Record(line, cells, {}, [Problem(line, "", "", "unclosed_quote")])
        if len(cells) > self.width:
            cells = self._without_empty_end(cells)
        row: Row = {}
        problems: list[Problem] = []
        widths = {"cells": len(cells), "headings": self.width}
        if len(cells) > self.width:
            problems.append(Problem(line, "", "", "too_many_cells", widths))
        for position, reader in self.readers:
            column = reader.column
            if position >= len(cells):
                if reader.required and not any(p.code == "too_few_cells" for p in problems):
                    problems.append(Problem(line, "", "", "too_few_cells", widths))
                row[column.name] = None
                continue
            value = reader.read(cells[position])
            if type(value) is Refused:
                shown = self.layout.text(cells[position])
                problems.append(Problem(line, column.heading, shown, value.code, value.params))
            else:
                row[column.name] = value
        if not problems:
            try:
                self.recognised.kind.check(row)
            except Refused as refused:
                problems.append(self._problem_of_row(refused, line, cells))
        return Record(line, cells, row, problems)

    def _without_empty_end(self, cells: list[Cell]) -> list[Cell]:
        end = len(cells)
        while end > self.width and not self.layout.text(cells[end - 1]):
            end -= 1
        return cells[:end]

    def _problem_of_row(self, refused: Refused, line: int, cells: list[Cell]) -> Problem:
        heading = self.recognised.kind.column(refused.column).heading
        return Problem(line, heading, self.shown(cells, refused.column), refused.code, refused.params)

    def shown(self, cells: list[Cell], column: str) -> str:
        """What stands in a column of a row, as a person sees it."""
        position = self.recognised.positions.get(column)
        if position is None or position >= len(cells):
            return ""
        return self.layout.text(cells[position])


def records(file: BinaryIO, layout: Layout, recognised: Recognised) -> Iterator[Record]:
    """Every row of a file as a record, the refused ones too."""
    reader = RecordReader(layout, recognised)
    for line, cells in rows(file, layout):
        yield reader.record(line, cells)
