"""The nine kinds of file, as data: columns, which of them are required, and how each cell is read."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.permissions import ROLES, Place

from . import values
from .numbers import TEMPORARY, NationalNumber, read_number
from .reasons import Refused


@dataclass(frozen=True)
class Column:
    """One column: its Swedish heading, its English name, other headings that are safe to take for it."""

    heading: str
    name: str
    read: values.Reader
    required: bool = False
    also: tuple[str, ...] = ()
    sql: str = "text"
    empty: object = ""  # what an empty cell means
    may_be_empty: bool = False  # required as a heading, not in every row


Row = dict[str, object]


@dataclass(frozen=True)
class Kind:
    code: str
    label: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    facts: str  # what a row is, in the plural: "41 inskrivningar"
    check: Callable[[Row], None] = field(default=lambda row: None)

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _number(text: str) -> NationalNumber:
    return read_number(text, clock.today())


NUMBER = Column(
    "personnummer",
    "national_number",
    _number,
    required=True,
    also=("personnr", "pnr", "socialnumber", "student_socialnumber", "studentsocialnumber", "civicno"),
)
UNIT = Column(
    "skolenhetskod",
    "school_unit_code",
    values.read_unit_code,
    required=True,
    also=("skolenhetkod", "schoolunit", "schoolunitcode"),
)
UNIT_OPTIONAL = Column(UNIT.heading, UNIT.name, UNIT.read, also=UNIT.also)
GIVEN = Column(
    "förnamn",
    "given_name",
    values.text_of(100),
    required=True,
    also=("fname", "fname1", "first_name", "tilltalsnamn"),
)
FAMILY = Column(
    "efternamn", "family_name", values.text_of(100), required=True, also=("lname", "lname1", "last_name")
)
EMAIL = Column("e-post", "email", values.read_email, also=("epostadress", "mailadress", "email1", "mail"))
PHONE = Column(
    "telefon",
    "phone",
    values.text_of(40),
    also=("telefonnummer", "mobil", "mobilnummer", "mobile", "mobile1"),
)
STARTS = Column(
    "startdatum",
    "starts_on",
    values.read_date,
    required=True,
    also=("startdate", "fromdate", "start_date", "från och med"),
    sql="date",
    empty=None,
)
ENDS = Column(
    "slutdatum", "ends_on", values.read_date, also=("enddate", "todate", "end_date"), sql="date", empty=None
)
DAY = Column("datum", "date", values.read_date, required=True, sql="date")
MUNICIPALITY = Column("kommunkod", "municipality_code", values.read_municipality_code, also=("districtcode",))
ORGANISATION = Column(
    "organisationsnummer",
    "organisation_number",
    values.read_organisation_number,
    also=("organisationsnr", "orgnr", "peorgnr"),
)
SCHOOL_FORM = Column("skolform", "school_form", values.read_school_form, also=("schooltype",))


def _minutes(heading: str, name: str, *also: str, required: bool = True) -> Column:
    return Column(heading, name, values.read_minutes, required=required, also=also, sql="smallint", empty=0)


def _check_period(row: Row) -> None:
    start, end = row.get("starts_on"), row.get("ends_on")
    if start and end and end < start:
        raise Refused("ends_before_start", column="ends_on", starts_on=start.isoformat())


def _check_temporary(row: Row) -> None:
    number = row.get("national_number")
    if number and number.kind == TEMPORARY and not row.get("school_unit_code"):
        raise Refused("temporary_needs_unit", column="school_unit_code")


def _check_staff(row: Row) -> None:
    _check_period(row)
    role = ROLES[row["role"]]
    name, place = {
        Place.UNIT: ("school_unit_code", _("en skola (skolenhetskod)")),
        Place.ORGANISER: ("organisation_number", _("en huvudman (organisationsnummer)")),
        Place.MUNICIPALITY: ("municipality_code", _("en kommun (kommunkod)")),
    }[role.place]
    if not row.get(name):
        raise Refused("place_missing", column=name, role=str(role.name), place=str(place))


def _check_attendance(row: Row) -> None:
    absent = row["excused"] + row["unexcused"] + (row.get("unreported") or 0)
    if absent > row["scheduled"]:
        raise Refused(
            "more_absence_than_lessons", column="unexcused", absent=absent, scheduled=row["scheduled"]
        )


def _check_grade(row: Row) -> None:
    if row["kind"] != "warning" and not row.get("grade"):
        raise Refused("grade_missing", column="grade")
    if row["kind"] == "warning" and row.get("grade"):
        raise Refused("warning_with_grade", column="grade")


UNITS = Kind(
    "skolenheter",
    _("skolenheter"),
    (
        UNIT,
        Column(
            "skolenhet",
            "school_unit_name",
            values.text_of(200),
            required=True,
            also=("skolenhetsnamn", "skola", "schoolname", "skolans namn"),
        ),
        Column(
            "huvudman",
            "organiser",
            values.text_of(200),
            required=True,
            also=("huvudmans namn", "huvudmannens namn"),
        ),
        ORGANISATION,
        MUNICIPALITY,
        SCHOOL_FORM,
    ),
    ("school_unit_code",),
    _("skolenheter"),
)
STAFF = Kind(
    "personal",
    _("personal"),
    (
        Column(EMAIL.heading, EMAIL.name, EMAIL.read, required=True, also=EMAIL.also),
        GIVEN,
        FAMILY,
        Column("roll", "role", values.read_role, required=True),
        Column(UNIT.heading, UNIT.name, UNIT.read, required=True, also=UNIT.also, may_be_empty=True),
        ORGANISATION,
        MUNICIPALITY,
        Column("profession", "profession", values.text_of(60), also=("yrke", "befattning")),
        Column("anställningsnummer", "employee_number", values.text_of(40), also=("anstnr", "employee_id")),
        Column(STARTS.heading, STARTS.name, STARTS.read, also=STARTS.also, sql="date", empty=None),
        ENDS,
    ),
    ("email", "role", "school_unit_code", "starts_on"),
    _("uppdrag"),
    _check_staff,
)
STUDENTS = Kind(
    "elever",
    _("elever"),
    (
        NUMBER,
        GIVEN,
        FAMILY,
        UNIT_OPTIONAL,
        Column(
            "skydd",
            "protection",
            values.read_protection,
            also=("sekretessmarkering", "skyddad", "skyddade uppgifter"),
        ),
        MUNICIPALITY,
        EMAIL,
        PHONE,
    ),
    ("national_number",),
    _("elever"),
    _check_temporary,
)
GUARDIANS = Kind(
    "vardnadshavare",
    _("vårdnadshavare"),
    (
        NUMBER,
        GIVEN,
        FAMILY,
        Column("relation", "relation", values.text_of(60), required=True, also=("relationship",)),
        UNIT_OPTIONAL,
        EMAIL,
        PHONE,
    ),
    ("national_number", "given_name", "family_name"),
    _("vårdnadshavare"),
    _check_temporary,
)
ENROLMENTS = Kind(
    "inskrivningar",
    _("inskrivningar"),
    (
        NUMBER,
        UNIT,
        SCHOOL_FORM,
        Column(
            "program",
            "programme",
            values.text_of(20),
            also=("programkod", "programcode", "studievägskod", "studievagkod"),
        ),
        Column("årskurs", "year", values.read_year, also=("ak",), sql="smallint", empty=None),
        Column(
            "klass",
            "school_class",
            values.read_class,
            required=True,
            also=("class", "classname"),
            may_be_empty=True,
        ),
        STARTS,
        ENDS,
        Column("avgångsorsak", "end_reason", values.text_of(100), also=("avgangsorsak", "slutorsak")),
    ),
    ("national_number", "school_unit_code", "starts_on"),
    _("inskrivningar"),
    _check_period,
)
MENTOR_GROUPS = Kind(
    "mentorsgrupper",
    _("mentorsgrupper"),
    (
        Column("mentorsgrupp", "mentor_group", values.read_class, required=True),
        UNIT,
        Column("mentor", "mentor_email", values.read_email, required=True, also=("mentors e-post", "mentor")),
        NUMBER,
        STARTS,
        ENDS,
    ),
    ("mentor_group", "school_unit_code", "mentor_email", "national_number", "starts_on"),
    _("mentorskap"),
    _check_period,
)
ATTENDANCE = Kind(
    "narvaro",
    _("närvaro"),
    (
        NUMBER,
        UNIT,
        DAY,
        _minutes("planerat", "scheduled", "undv. tid", "planerade minuter"),
        _minutes("giltig", "excused", "gf min", "giltig frånvaro"),
        _minutes("ogiltig", "unexcused", "f min", "ogiltig frånvaro"),
        _minutes("sen", "late", "sen ankomst", "sena minuter", required=False),
        _minutes("orapporterat", "unreported", "orapporterade minuter", required=False),
    ),
    ("national_number", "school_unit_code", "date"),
    _("dagar"),
    _check_attendance,
)
ABSENCES = Kind(
    "franvaro",
    _("frånvaro per lektion"),
    (
        NUMBER,
        UNIT,
        DAY,
        Column(
            "tid",
            "time",
            values.read_time,
            required=True,
            also=("starttime", "klockslag", "starttid"),
            sql="time",
        ),
        Column("ämne", "subject", values.text_of(100), also=("gradesubject",)),
        _minutes("minuter", "minutes"),
        Column("slag", "kind", values.read_absence_kind, required=True),
    ),
    ("national_number", "school_unit_code", "date", "time"),
    _("lektioner"),
)
GRADES = Kind(
    "betyg",
    _("betyg"),
    (
        NUMBER,
        UNIT,
        Column("kod", "code", values.text_of(20), required=True, also=("kurskod", "ämneskod", "course_code")),
        Column("ämne", "subject", values.text_of(120), required=True, also=("gradesubject",)),
        Column("poäng", "points", values.read_small, also=("points",), sql="smallint", empty=None),
        Column("betyg", "grade", values.read_grade, required=True, may_be_empty=True),
        Column(DAY.heading, DAY.name, DAY.read, required=True, also=("betygsdatum", "gradedate"), sql="date"),
        Column("slag", "kind", values.read_entry_kind, required=True),
        Column("skala", "scheme", values.read_scheme),
        Column("nivå", "level", values.text_of(20)),
    ),
    ("national_number", "code", "date", "kind"),
    _("betyg och varningar"),
    _check_grade,
)

# In the order in which the files of one upload are read: who before what.
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (UNITS, STAFF, STUDENTS, ENROLMENTS, GUARDIANS, MENTOR_GROUPS, ATTENDANCE, ABSENCES, GRADES)
}
# Kinds whose headings may be mapped by hand and remembered for their source.
MAPPABLE = (STUDENTS, ENROLMENTS, ATTENDANCE)


def kind_choices() -> list[tuple[str, str]]:
    """Callable, so that a new kind is not a new migration."""
    return [(kind.code, kind.label) for kind in KINDS.values()]
