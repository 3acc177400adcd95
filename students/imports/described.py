"""What each kind of file is, told to the one who is to make it: by kind, by column, with an empty file to fill in.

Example numbers are test numbers of the Swedish Tax Agency's series: nobody has them.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from followup.accounts.models import SchoolUnit

from .kinds import KINDS, Kind

# What a row says, and when the file is sent.
KIND_TEXTS: dict[str, str | Promise] = {
    "skolenheter": _("En rad för varje skola. Läses in först, och igen när en skola tillkommer."),
    "personal": _(
        "En rad för varje roll som någon har. Innehåller filen all personal på en skola mister den som saknas "
        "sin roll samma natt."
    ),
    "elever": _("En rad för varje elev, med namn och skydd. Skyddet gäller så snart filen är mottagen."),
    "vardnadshavare": _("En rad för varje vårdnadshavare till en elev."),
    "inskrivningar": _("En rad för varje tid som en elev har gått på en skola, med klass och program."),
    "mentorsgrupper": _("En rad för varje elev i en mentorsgrupp. Den avgör vilka elever en mentor ser."),
    "narvaro": _(
        "En rad för varje elev och skoldag, i minuter. En dag som har stått i en fil och inte står i nästa tas bort."
    ),
    "franvaro": _("En rad för varje lektion som en elev har varit borta från. Visas, men räknas inte."),
    "betyg": _("En rad för varje betyg eller betygsvarning."),
}

# By the column's English name: an example, and what is not plain from the heading.
COLUMN_TEXTS: dict[str, tuple[str, str | Promise]] = {
    "national_number": ("20090716-2382", _("Elevens. Tio eller tolv siffror; även tillfälliga nummer.")),
    "school_unit_code": ("99900011", _("Åtta siffror, ur Skolverkets register.")),
    "school_unit_name": ("Norra gymnasiet", ""),
    "organiser": ("Ekköpings kommun", ""),
    "organisation_number": ("212000-9990", _("Huvudmannens.")),
    "municipality_code": ("9999", _("Fyra siffror.")),
    "school_form": ("GY", _("GR, GY, GYAN eller det som skolan annars heter i registret.")),
    "email": ("namn@example.org", ""),
    "given_name": ("Tuva", ""),
    "family_name": ("Bergqvist", ""),
    "role": ("mentor", _("Rollens namn, som det står under Användare.")),
    "profession": ("kurator", ""),
    "employee_number": ("4711", ""),
    "starts_on": ("2026-08-17", _("År, månad, dag.")),
    "ends_on": ("2027-06-11", _("Tomt så länge det pågår.")),
    "protection": (
        "sekretessmarkering",
        _("Tomt, sekretessmarkering eller skyddad folkbokföring. Tomt tar aldrig bort ett skydd."),
    ),
    "phone": ("070-174 06 05", ""),
    "relation": ("förälder", ""),
    "programme": ("EK25", ""),
    "year": ("2", ""),
    "school_class": ("EK2b", _("Får vara tomt.")),
    "end_reason": ("bytt skola", ""),
    "mentor_group": ("EK2b", ""),
    "mentor_email": ("mentor@example.org", _("Mentorns e-post, som i personalfilen.")),
    "date": ("2026-11-24", _("År, månad, dag.")),
    "scheduled": ("300", _("Schemalagda minuter av lektioner som hölls. 0 är en dag utan schema.")),
    "excused": ("60", _("Minuter borta med giltigt skäl.")),
    "unexcused": ("0", _("Minuter borta utan giltigt skäl.")),
    "late": ("10", _("Minuter sen. Räknas inte som frånvaro.")),
    "unreported": ("0", _("Minuter som ingen har rapporterat. Varken närvaro eller frånvaro.")),
    "time": ("08:20", _("När lektionen började.")),
    "subject": ("Matematik", ""),
    "minutes": ("60", ""),
    "code": ("MATE1B00X", _("Kursens eller nivåns kod.")),
    "points": ("100", ""),
    "grade": ("C", _("A till F eller streck. Tomt för en varning.")),
    "kind": ("", ""),
    "scheme": ("GY25", _("GR, GY11 eller GY25.")),
    "level": ("1b", ""),
}
# `slag` means one thing for lessons and another for grades.
OWN_TEXTS: dict[tuple[str, str], tuple[str, str | Promise]] = {
    ("franvaro", "kind"): ("giltig", _("Giltig, ogiltig eller sen.")),
    ("betyg", "kind"): ("betyg", _("Betyg eller varning.")),
}


@dataclass(frozen=True)
class DescribedColumn:
    heading: str
    required: bool
    example: str
    text: str | Promise
    also: tuple[str, ...]


@dataclass(frozen=True)
class DescribedKind:
    kind: Kind
    text: str | Promise
    columns: list[DescribedColumn]


def described(unit: SchoolUnit | None = None) -> list[DescribedKind]:
    """Every kind, in the order in which the files of one upload are read; the examples are of the reader's own school.

    With a school that is not hers, a file made by the page would be stopped row by row.
    """
    own = _of_school(unit) if unit else {}
    return [DescribedKind(kind, KIND_TEXTS[kind.code], _columns(kind, own)) for kind in KINDS.values()]


def _of_school(unit: SchoolUnit) -> dict[str, str]:
    """The examples that are a school's, by column; what is not known of it keeps the made-up one."""
    organiser, municipality = unit.organiser, unit.municipality
    known = {
        "school_unit_code": unit.code,
        "school_unit_name": unit.name,
        "organiser": organiser.name,
        "organisation_number": organiser.shown_number,
        "municipality_code": municipality.code if municipality else "",
        "school_form": unit.school_form,
    }
    return {name: value for name, value in known.items() if value}


def empty_file(kind: Kind) -> bytes:
    """The headings alone, as Excel in Swedish opens and saves a CSV: semicolons, UTF-8 with its mark."""
    return (";".join(column.heading for column in kind.columns) + "\r\n").encode("utf-8-sig")


def _columns(kind: Kind, own: dict[str, str]) -> list[DescribedColumn]:
    found = []
    for column in kind.columns:
        example, text = OWN_TEXTS.get((kind.code, column.name)) or COLUMN_TEXTS[column.name]
        example = own.get(column.name, example)
        also = tuple(name for name in column.also if name != column.heading)
        found.append(DescribedColumn(column.heading, column.required, example, text, also))
    return found
