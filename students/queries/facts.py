"""What the files say about one pupil, fact by fact: where each comes from, what it was before."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followup import clock
from followup.words import day, minutes
from students.access import can_dispute, can_protect, can_see_contact
from students.age import is_of_age
from students.models import (
    EarlierFact,
    Enrolment,
    FactDispute,
    Grade,
    Group,
    GroupMember,
    GroupStaff,
    Guardian,
    Student,
)
from students.programmes import programme_name
from students.queries.attendance import Minutes, Week, days_of, weeks_of
from students.queries.detail import Header
from students.queries.sources import sources as sources_of

MINUTES = [
    ("scheduled", gettext_lazy("planerat")),
    ("excused", gettext_lazy("giltig")),
    ("unexcused", gettext_lazy("ogiltig")),
    ("late", gettext_lazy("sen")),
    ("unreported", gettext_lazy("orapporterat")),
]


@dataclass(frozen=True)
class DayRow:
    """One day at one school: its minutes, its source, and what it was before."""

    on: date
    unit_id: int
    school: str
    minutes: Minutes
    source: str
    earlier: list[str]

    @property
    def ref(self) -> str:
        """How an address points at it: the day and the school."""
        return f"{self.on.isoformat()}.{self.unit_id}"


@dataclass(frozen=True)
class WeekRow:
    week: Week
    days: list[DayRow]
    withdrawn: list[str]


@dataclass(frozen=True)
class GradeRow:
    grade: Grade
    source: str
    earlier: list[str]

    @property
    def words(self) -> str:
        return grade_words(self.grade)

    @property
    def subject(self) -> str:
        """With its level, which some sources write in the subject already."""
        subject, level = self.grade.subject, self.grade.level
        return subject if not level or subject.endswith(level) else f"{subject} {level}"


@dataclass(frozen=True)
class EnrolmentRow:
    enrolment: Enrolment
    programme: str
    source: str
    earlier: list[str]


@dataclass(frozen=True)
class MentorRow:
    """One mentor's period with this pupil: leave, substitute and return are periods of their own."""

    name: str
    group: str
    starts_on: date
    ends_on: date | None
    source: str


@dataclass(frozen=True)
class Contact:
    student: Student
    guardians: list[Guardian]
    of_age: bool
    home: str
    source: str


@dataclass(frozen=True)
class SchoolYear:
    start: int

    @property
    def words(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02}"


@dataclass(frozen=True)
class FactsPage:
    header: Header
    year: int
    years: list[SchoolYear]
    weeks: list[WeekRow]
    grades: list[GradeRow]
    enrolments: list[EnrolmentRow]
    mentors: list[MentorRow]
    contact: Contact | None
    disputes: list[FactDispute]
    may_dispute: bool
    may_protect: bool
    names_before: list[str]

    @property
    def several_schools(self) -> bool:
        return len({row.unit_id for each in self.weeks for row in each.days}) > 1


def facts_page(header: Header, year: int | None) -> FactsPage:
    student, scope = header.student, header.scope
    this = clock.school_year(clock.today())
    year = year if year in (this - 1, this) else this
    days = days_of(student, year)
    grades = sorted(student.grades.all(), key=lambda each: (each.on, each.pk), reverse=True)
    enrolments = list(student.enrolments.all())
    periods = list(_mentor_periods(student))
    earlier = list(EarlierFact.objects.filter(student_id=student.pk).order_by("replaced_at", "pk"))
    facts = [*(part for each in days for part in each.parts), *grades, *enrolments, student]
    sources = sources_of(
        {fact.batch_id for fact in [*facts, *earlier]} | {batch_id for *_, batch_id in periods}
    )
    before = _before(earlier, sources)
    return FactsPage(
        header=header,
        year=year,
        years=[SchoolYear(this), SchoolYear(this - 1)],
        weeks=_weeks(days, enrolments, sources, before, earlier),
        grades=[
            GradeRow(each, sources[each.batch_id], before["betyg", each.on, each.code]) for each in grades
        ],
        enrolments=[
            EnrolmentRow(
                each,
                programme_name(each.programme),
                sources[each.batch_id],
                before["inskrivningar", each.starts_on, each.unit_id],
            )
            for each in enrolments
        ],
        mentors=[MentorRow(*period, sources[batch_id]) for *period, batch_id in periods],
        contact=_contact(student, sources) if can_see_contact(scope, student) else None,
        disputes=list(student.disputes.select_related("said_by", "answered_by").order_by("-said_at")),
        may_dispute=can_dispute(scope),
        may_protect=can_protect(scope),
        names_before=before["elever", None, student.pk],
    )


def _weeks(days, enrolments, sources, before, earlier) -> list[WeekRow]:
    gone = defaultdict(list)
    for each in earlier:
        if each.kind == "narvaro" and each.why == EarlierFact.Why.WITHDRAWN and each.on:
            gone[each.on].append(
                _("%(day)s: %(values)s, borttagen av %(source)s")
                % {
                    "day": day(each.on),
                    "values": in_minutes(each.values),
                    "source": sources[each.batch_id] or _("en senare fil"),
                }
            )
    schools = {each.unit_id: each.unit.name for each in enrolments}
    rows = []
    for week in weeks_of(days):
        shown = [
            DayRow(
                on=each.on,
                unit_id=part.unit_id,
                school=schools.get(part.unit_id, ""),
                minutes=part.minutes,
                source=sources[part.batch_id],
                earlier=before["narvaro", each.on, part.unit_id],
            )
            for each in week.days
            for part in each.parts
        ]
        withdrawn = [words for on in sorted(gone) if 0 <= (on - week.monday).days < 7 for words in gone[on]]
        rows.append(WeekRow(week, shown, withdrawn))
    return rows


def _before(earlier: list[EarlierFact], sources) -> dict[tuple, list[str]]:
    """What each fact was before a file changed it, in words, under (kind, day, unit or code)."""
    found = defaultdict(list)
    for each in earlier:
        if each.why != EarlierFact.Why.CHANGED:
            continue
        found[each.kind, each.on, _key(each)].append(
            _("tidigare %(values)s, ändrad av %(source)s")
            % {"values": _in_words(each), "source": sources[each.batch_id] or _("en senare fil")}
        )
    return found


def _key(each: EarlierFact):
    match each.kind:
        case "betyg":
            return each.values.get("code")
        case "elever":
            return each.student_id
    return each.unit_id


def grade_words(grade: Grade) -> str:
    """A, streck, varning: a dash is not an F, and a warning is no grade."""
    if grade.kind == Grade.Kind.WARNING:
        return _("varning")
    return _("streck") if grade.value == "-" else grade.value


def _in_words(each: EarlierFact) -> str:
    match each.kind:
        case "elever":
            return f"{each.values.get('given_name', '')} {each.values.get('family_name', '')}".strip()
        case "narvaro":
            return in_minutes(each.values)
        case "betyg":
            return each.values.get("value") or _("varning")  # as it stood
        case "inskrivningar":
            return _enrolment_before(each.values)
    return ""


def in_minutes(values: dict) -> str:
    """ogiltig 4 h av planerat 5 h"""
    words = [
        f"{name} {minutes(values[column])}"
        for column, name in MINUTES
        if column != "scheduled" and values.get(column)
    ]
    return ", ".join(words) or _("närvarande")


def _enrolment_before(values: dict) -> str:
    parts = [values.get("school_class") or "", values.get("starts_on") or "", values.get("ends_on") or ""]
    return " ".join(part for part in parts if part)


def _mentor_periods(student: Student):
    """Her mentors, each from the later to the earlier of the two ends; the latest first."""
    rows = GroupMember.objects.filter(student=student, group__kind=Group.Kind.MENTOR).values_list(
        "group", "starts_on", "ends_on"
    )
    members = list(rows)
    staff = GroupStaff.objects.filter(group__in=[group for group, *_ends in members]).select_related(
        "user", "group"
    )
    periods = []
    for group_id, joined, left in members:
        for each in staff:
            since, until = max(joined, each.starts_on), min(left or date.max, each.ends_on or date.max)
            if each.group_id == group_id and since <= until:
                ends = None if until == date.max else until
                periods.append((each.user.name, each.group.name, since, ends, each.batch_id))
    return sorted(periods, key=lambda period: period[2], reverse=True)


def _contact(student: Student, sources) -> Contact:
    """Guardians only until she is of age: then the role has ended (föräldrabalken 9 kap. 1 §)."""
    born = student.person.birth_date
    of_age = bool(born and is_of_age(born))
    guardians = [] if of_age else list(student.guardians.order_by("family_name", "given_name"))
    home = student.home or student.home_municipality_code
    return Contact(student, guardians, of_age, home, sources[student.batch_id])
