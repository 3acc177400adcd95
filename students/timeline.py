"""What the records date about a pupil: grades and warnings, absence week by week, schools begun and left."""

from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followup.offers import TimelineEntry
from followup.scoping import Scope
from followup.words import listed, minutes, percent, week
from students.access import can_see_facts
from students.models import Enrolment, Grade, Student
from students.queries.attendance import Week, this_year, weeks_of


def entries(student: Student, scope: Scope) -> list[TimelineEntry]:
    if not can_see_facts(scope):
        return []
    facts = reverse("students:facts", args=[student.pk])
    return [
        *(_absence(each, facts) for each in weeks_of(this_year(student)) if each.minutes.absent),
        *_grades(student, facts),
        *(entry for each in student.enrolments.all() for entry in _enrolment(each)),
    ]


def _absence(shown: Week, facts: str) -> TimelineEntry:
    """v. 46: frånvarande 3 h 20 min. Varav 1 h ogiltig, 1 hel dag, 13,3 % av lektionstiden."""
    total = shown.minutes
    parts = []
    if total.unexcused:
        parts.append(_("varav %(time)s ogiltig") % {"time": minutes(total.unexcused)})
    if shown.whole_days:
        parts.append(
            ngettext("%(count)s hel dag", "%(count)s hela dagar", shown.whole_days)
            % {"count": shown.whole_days}
        )
    if total.percent is not None:
        parts.append(_("%(percent)s av lektionstiden") % {"percent": percent(total.percent)})
    if total.unreported:
        parts.append(_("%(time)s är inte rapporterat") % {"time": minutes(total.unreported)})
    return TimelineEntry(
        on=shown.last_day,
        kind="absence",
        icon="calendar-week",
        title=_("Frånvarande %(time)s %(week)s")
        % {"time": minutes(total.absent), "week": week(shown.monday)},
        text=_sentence(parts),
        url=f"{facts}#narvaro",
    )


def _grades(student: Student, facts: str) -> list[TimelineEntry]:
    """A warning stands by itself; the grades of one day stand together."""
    found = []
    grades = sorted(student.grades.all(), key=lambda each: (each.on, each.kind == Grade.Kind.WARNING))
    for (on, is_warning), same in groupby(grades, lambda each: (each.on, each.kind == Grade.Kind.WARNING)):
        same = list(same)
        if is_warning:
            title = _("Betygsvarning i %(subjects)s") % {"subjects": listed(_lower(each) for each in same)}
            text = ""
        elif len(same) == 1:
            title = _("%(grade)s i %(subject)s") % {"grade": _value(same[0]), "subject": _lower(same[0])}
            text = ""
        else:
            title = ngettext("%(count)s betyg", "%(count)s betyg", len(same)) % {"count": len(same)}
            text = ", ".join(f"{each.subject} {_short(each)}" for each in same)
        found.append(
            TimelineEntry(
                on=on, kind="grade", icon="mortarboard", title=title, text=text, url=f"{facts}#betyg"
            )
        )
    return found


def _enrolment(each: Enrolment) -> list[TimelineEntry]:
    where = f"{each.unit.name}, {each.school_class}" if each.school_class else each.unit.name
    found = [
        TimelineEntry(
            on=each.starts_on,
            kind="record",
            icon="box-arrow-in-right",
            title=_("Började på %(where)s") % {"where": where},
        )
    ]
    if each.ends_on and not each.is_current and each.ends_on >= each.starts_on:
        found.append(
            TimelineEntry(
                on=each.ends_on,
                kind="record",
                icon="box-arrow-right",
                title=_("Slutade på %(where)s") % {"where": where},
                text=_sentence([each.end_reason]) if each.end_reason else "",
            )
        )
    return found


def _value(grade: Grade) -> str:
    return _("Streck") if grade.value == "-" else _("Betyg %(value)s") % {"value": grade.value}


def _short(grade: Grade) -> str:
    return _("streck") if grade.value == "-" else grade.value


def _lower(grade: Grade) -> str:
    return grade.subject[:1].lower() + grade.subject[1:]


def _sentence(parts: list[str]) -> str:
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
