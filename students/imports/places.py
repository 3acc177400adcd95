"""Which schools a run may touch, and for which schools and days its file is whole."""

from dataclasses import dataclass, field
from datetime import date

from followup.accounts.models import SchoolUnit

from .reasons import Refused


@dataclass(frozen=True)
class Place:
    unit_id: int
    organiser_id: int
    name: str


@dataclass
class Places:
    """The school units by code. `allowed` is None for the command line, which may touch them all."""

    by_code: dict[str, Place]
    allowed: frozenset[int] | None = None
    may_make_places: bool = False

    @classmethod
    def of(cls, allowed: set[int] | None, may_make_places: bool = False) -> "Places":
        units = SchoolUnit.objects.values_list("code", "pk", "organiser_id", "name")
        return cls(
            {code: Place(pk, organiser_id, name) for code, pk, organiser_id, name in units},
            None if allowed is None else frozenset(allowed),
            may_make_places or allowed is None,
        )

    def find(self, code: str) -> Place:
        place = self.by_code.get(code)
        if place is None:
            raise Refused("unit_unknown", column="school_unit_code")
        if self.allowed is not None and place.unit_id not in self.allowed:
            raise Refused("unit_outside", column="school_unit_code")
        return place

    @property
    def organiser_ids(self) -> set[int]:
        return {
            place.organiser_id
            for place in self.by_code.values()
            if self.allowed is None or place.unit_id in self.allowed
        }


@dataclass(frozen=True)
class Whole:
    """What a file is whole for: what is gone from it there is gone. Nothing, unless somebody says so."""

    unit_ids: tuple[int, ...] = ()
    first: date | None = None
    last: date | None = None
    # A proposal that nobody has changed: the schools and days of the file itself.
    as_the_file: bool = field(default=False, compare=False)
