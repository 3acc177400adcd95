"""What a check-in says, as one thing: to write it, to correct it, to tell whether two say the same."""

from dataclasses import dataclass
from datetime import date, time

from followup import clock


@dataclass(frozen=True)
class Said:
    """The content of a check-in, without who wrote it and when."""

    on: date
    made: bool
    channel: str
    rating: int | None = None
    rating_declined: bool = False
    note: str = ""
    agreed: str = ""
    agreed_done: bool = False
    next_on: date | None = None
    next_time: time | None = None
    next_place: str = ""
    flag_ids: frozenset[int] = frozenset()

    FIELDS = (
        "made",
        "channel",
        "rating",
        "rating_declined",
        "note",
        "agreed",
        "agreed_done",
        "next_on",
        "next_time",
        "next_place",
    )

    @classmethod
    def of(cls, check_in) -> "Said":
        return cls(
            on=clock.day_of(check_in.at),
            flag_ids=frozenset(flag.pk for flag in check_in.flags.all()),
            **{name: getattr(check_in, name) for name in cls.FIELDS},
        )

    def same_as(self, other: "Said") -> bool:
        """The same words; the day apart, since an unsaid day is today and the form may be sent tomorrow."""
        return (self.columns, self.flag_ids) == (other.columns, other.flag_ids)

    @property
    def columns(self) -> dict:
        """The fields of the row, by name."""
        return {name: getattr(self, name) for name in self.FIELDS}
