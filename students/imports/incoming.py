"""A file that has come in: what it is, and which schools and days it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from followup import clock

from . import engine
from .headings import Recognised, fingerprint, recognise, with_kind
from .kinds import KINDS
from .models import Batch, HeadingMapping
from .places import Places, Whole
from .reading import Layout, layout_of
from .reasons import Refused
from .records import records

KINDS_IN_ORDER = list(KINDS)
_OF_DAYS = (
    "narvaro",
    "franvaro",
)  # kinds that are whole for their own schools and days unless somebody says else


@dataclass
class Incoming:
    """One file of an upload, opened: what it is, or why it cannot be told."""

    name: str
    file: BinaryIO
    batch: Batch
    layout: Layout | None = None
    recognised: Recognised | None = None

    @property
    def order(self) -> int:
        return KINDS_IN_ORDER.index(self.recognised.kind.code) if self.recognised else len(KINDS_IN_ORDER)

    def close(self) -> None:
        self.file.close()


def look_at(*, name: str, file: BinaryIO, batch: Batch, kind: str = "") -> Incoming:
    """Recognise a file; a batch that cannot be read waits for somebody to choose its columns, or has failed."""
    incoming = Incoming(name, file, batch)
    batch.error, batch.error_params = "", {}
    try:
        incoming.layout = layout_of(file)
    except Refused as refused:
        fail(batch, refused)
        return incoming
    headings = list(incoming.layout.headings)
    batch.columns = {
        **batch.columns,
        "headings": headings,
        "read_as": incoming.layout.description,
    }
    try:
        incoming.recognised = _recognised(batch, headings, kind)
    except Refused as refused:
        batch.state = Batch.State.MAPPING
        batch.error, batch.error_params = refused.code, refused.params
        return incoming
    batch.kind = incoming.recognised.kind.code
    batch.columns["positions"] = incoming.recognised.positions
    return incoming


def _recognised(batch: Batch, headings: list[str], kind: str) -> Recognised:
    if "chosen" in batch.columns:  # by a person, for this file
        return with_kind(KINDS[batch.kind], headings, batch.columns["chosen"])
    if kind:
        return with_kind(KINDS[kind], headings)
    remembered = HeadingMapping.objects.filter(
        organiser=batch.organiser, source=batch.source, headings_hash=fingerprint(headings)
    ).first()
    if remembered:
        return with_kind(KINDS[remembered.kind], headings, remembered.columns)
    return recognise(headings)


def fail(batch: Batch, refused: Refused) -> None:
    batch.state = Batch.State.FAILED
    batch.error, batch.error_params = refused.code, refused.params


def propose_whole(incoming: Incoming, places: Places) -> Whole:
    """Attendance: the schools in the file and its days. All else is whole for nothing unless a person says so."""
    if incoming.recognised.kind.code not in _OF_DAYS:
        return Whole()
    return engine.units_and_days(incoming.file, incoming.layout, incoming.recognised, places)


def enrolled_in(files: Iterable[Incoming], places: Places) -> set[tuple[str, int, int]]:
    """(number, organiser, school unit) of the enrolments in the upload: where its waiting pupils belong.

    Of a pupil who goes to a school, no school that she has left.
    """
    going: set[tuple[str, int, int]] = set()
    left: set[tuple[str, int, int]] = set()
    for one in files:
        if not one.recognised or one.recognised.kind.code != "inskrivningar":
            continue
        for read in records(one.file, one.layout, one.recognised):
            number, ends_on = read.row.get("national_number"), read.row.get("ends_on")
            place = places.by_code.get(read.row.get("school_unit_code"))
            if number and place:
                has_left = ends_on is not None and ends_on < clock.today()
                (left if has_left else going).add((number.number, place.organiser_id, place.unit_id))
    placed = {(number, organiser_id) for number, organiser_id, _unit in going}
    return going | {enrolled for enrolled in left if enrolled[:2] not in placed}
