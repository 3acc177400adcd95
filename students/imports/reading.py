"""Bytes to rows: what schools' systems and Excel write, whatever they call it.

A CSV file is read line by line as bytes and decoded cell by cell, so that a file of ten million rows
needs no memory and its many equal cells are decoded once.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import BinaryIO

from openpyxl import load_workbook

from .headings import fold
from .kinds import KINDS
from .reasons import Refused
from .values import ExcelDate, clean

Cell = bytes | str
UNCLOSED = "\0"  # what a row that no quotation mark ends is read as
_UNPACKED_LIMIT = 2 * 1024**3
_AT_ONCE_LIMIT = 256 * 1024**2  # what is unpacked into memory: all but the sheets, which are read row by row
_MOST_COLUMNS = 16_000  # a spreadsheet holds few more
_KNOWN = {
    fold(name) for kind in KINDS.values() for c in kind.columns for name in (c.heading, c.name, *c.also)
}


@dataclass(frozen=True)
class Layout:
    """How a file is written, and the headings of its first row."""

    format: str  # csv or xlsx
    headings: tuple[str, ...]
    heading_line: int
    encoding: str = "utf-8"
    delimiter: str = ";"

    def text(self, cell: Cell) -> str:
        """A cell as a person sees it."""
        if isinstance(cell, bytes):
            cell = cell.decode(self.encoding, "replace")
        return clean(cell)

    @property
    def description(self) -> str:
        if self.format == "xlsx":
            return "Excel"
        names = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}
        return f"CSV, {names[self.encoding]}, {'tab' if self.delimiter == chr(9) else self.delimiter}"


def layout_of(file: BinaryIO) -> Layout:
    """Look at a file: its format, encoding, delimiter and headings; raises with what to export instead."""
    file.seek(0)
    start = file.read(8192)
    if not start.strip(b"\xef\xbb\xbf\0 \t\r\n"):
        raise Refused("file_empty")
    if start.startswith(b"PK"):
        _check_archive(file)
        return _spreadsheet_layout(file)
    _check_text(start)
    encoding = _encoding(file)
    file.seek(0)
    return _csv_layout(file, encoding)


def rows(file: BinaryIO, layout: Layout) -> Iterator[tuple[int, list[Cell]]]:
    """The rows below the headings with the line each began on; blank rows are left out."""
    if layout.format == "xlsx":
        yield from _spreadsheet_rows(file, layout.heading_line)
        return
    file.seek(0)
    for line_number, cells in _csv_rows(file, layout.encoding, layout.delimiter):
        if line_number > layout.heading_line:
            yield line_number, cells


# What it is not -----------------------------------------------------------------------------------


def _check_archive(file: BinaryIO) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            sizes = {member.filename: member.file_size for member in archive.infolist()}
    except zipfile.BadZipFile:
        raise Refused("file_broken") from None
    if "xl/workbook.xml" not in names:
        if "word/document.xml" in names:
            raise Refused("file_word")
        raise Refused("file_ods" if {"mimetype", "content.xml"} <= names else "file_zip")
    at_once = [size for name, size in sizes.items() if not name.startswith("xl/worksheets/")]
    if sum(sizes.values()) > _UNPACKED_LIMIT or sum(at_once) > _AT_ONCE_LIMIT:
        raise Refused("file_too_big")


def _check_text(start: bytes) -> None:
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("file_xls")
    if start.startswith(b"%PDF"):
        raise Refused("file_pdf")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("file_utf16")
    if b"\0" in start:
        raise Refused("file_utf16" if start.count(b"\0") > len(start) // 4 else "file_binary")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        is_html = any(tag in text for tag in (b"<html", b"<table", b"<!doctype html"))
        raise Refused("file_html" if is_html else "file_xml")
    if text.startswith((b'{"', b"[{", b"{\n", b"{\r")):
        raise Refused("file_json")
    if text.startswith(b"{\\rtf"):
        raise Refused("file_word")


# CSV ------------------------------------------------------------------------------------------------


def _encoding(file: BinaryIO) -> str:
    """UTF-8 if all of the file is that, else Windows-1252."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(1 << 20):
            utf8.decode(chunk)
        utf8.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _csv_layout(file: BinaryIO, encoding: str) -> Layout:
    declared = None
    for line_number, line in enumerate(file, start=1):
        text = line.decode(encoding, "replace").lstrip("\ufeff").strip("\r\n")
        bare = clean(text.strip('"'))
        if declared is None and bare[:4].casefold() == "sep=" and len(text.strip().strip('"')) <= 5:
            declared = (text.strip().strip('"') + "\t")[4:5]
            continue
        if not bare.strip(";,\t "):
            continue
        delimiter, headings = _split_headings(text, declared)
        return Layout("csv", headings, line_number, encoding, delimiter)
    raise Refused("file_empty")


def _split_headings(text: str, declared: str | None) -> tuple[str, tuple[str, ...]]:
    """Split at the delimiter that gives the most headings we know, then the most headings."""
    best: tuple[tuple[int, int], str, tuple[str, ...]] = ((-1, -1), ";", ())
    for delimiter in [declared] if declared else [";", ",", "\t"]:
        try:
            headings = _trimmed(next(csv.reader([text], delimiter=delimiter), []))
        except csv.Error:  # no heading is that long
            raise Refused("file_binary") from None
        score = (sum(fold(heading) in _KNOWN for heading in headings), len(headings))
        if score > best[0]:
            best = (score, delimiter, headings)
    _, delimiter, headings = best
    if len(headings) < 2:
        raise Refused("file_one_column")
    if len(headings) > _MOST_COLUMNS:
        raise Refused("file_binary")
    return delimiter, headings


def _trimmed(cells: list) -> tuple[str, ...]:
    """Headings as people see them, without the empty columns at the end."""
    headings = [clean("" if cell is None else str(cell)) for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def _csv_rows(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    split = delimiter.encode()
    blank = b"\r\n \t" + split
    line_number = 0
    lines = iter(file)
    for line in lines:
        line_number += 1
        if b'"' not in line:
            if line.strip(blank):
                yield line_number, line.rstrip(b"\r\n").split(split)
            continue
        began = line_number
        text = line.decode(encoding, "replace")
        while text.count('"') % 2:  # a line break inside a quoted cell
            if (more := next(lines, None)) is None or line_number - began >= 20:
                yield began, [UNCLOSED]
                break
            line_number += 1
            text += more.decode(encoding, "replace")
        else:
            try:
                cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
            except csv.Error:  # a cell of more than 131 072 signs: its end is missing
                cells = [UNCLOSED]
            if any(cell.strip() for cell in cells):
                yield began, cells


# Excel ----------------------------------------------------------------------------------------------


def _workbook_rows(file: BinaryIO) -> Iterator[tuple[int, list]]:
    file.seek(0)
    try:
        workbook = load_workbook(file, read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # some systems write the wrong ones
        for line_number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if any(cell is not None and str(cell).strip() for cell in cells):
                yield line_number, list(cells)
    except Refused:
        raise
    except Exception:  # openpyxl raises whatever its parsers raise
        raise Refused("file_broken") from None


def _spreadsheet_layout(file: BinaryIO) -> Layout:
    for line_number, cells in _workbook_rows(file):
        headings = _trimmed(cells)
        if len(headings) < 2:
            raise Refused("file_one_column")
        return Layout("xlsx", headings, line_number)
    raise Refused("file_empty")


def _spreadsheet_rows(file: BinaryIO, heading_line: int) -> Iterator[tuple[int, list[Cell]]]:
    for line_number, cells in _workbook_rows(file):
        if line_number > heading_line:
            yield line_number, [_as_text(cell) for cell in cells]


def _as_text(value: object) -> str:
    """A spreadsheet cell as text, by its type: what Excel has made a date of is told apart."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return str(value).replace(".", ",")
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return ExcelDate(value.date().isoformat() if midnight else value.isoformat(" ", "minutes"))
    if isinstance(value, date):
        return ExcelDate(value.isoformat())
    if isinstance(value, time):
        return value.isoformat("minutes")
    return str(value)
