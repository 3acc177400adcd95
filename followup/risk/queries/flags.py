"""One flag: what it rests on and what has happened to it."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from followup.offers import once
from followup.questions import Blank, Question
from followup.risk import access, sentences
from followup.risk.models import Flag, FlagEvent
from followup.risk.queries.belonging import Belonging, belongings
from followup.risk.queries.evidence import Evidence, evidence_of
from followup.scoping import Scope
from students.access import can_dispute_about
from students.models import Student, followed_ids

What = FlagEvent.What
ICONS = {
    What.TAKEN: "person-check",
    What.RELEASED: "arrow-return-left",
    What.CONTACTED: "chat-left-text",
    What.DECIDED: "clipboard-check",
    What.REOPENED: "arrow-counterclockwise",
    What.NO_LONGER_MET: "check-circle",
    What.CLOSED: "check-circle",
    What.UNKNOWN: "question-circle",
}


@dataclass(frozen=True)
class Step:
    """A step of the flag's life, said in words."""

    event: FlagEvent
    words: str

    @property
    def icon(self) -> str:
        return ICONS.get(self.event.what, "flag")


@dataclass(frozen=True)
class FlagPage:
    flag: Flag
    student: Student
    belonging: Belonging
    evidence: Evidence
    standing: str
    steps: list[Step]
    may_take: bool
    may_give_back: bool
    may_decide: bool
    may_dispute: bool


def flag_page(scope: Scope, flag: Flag) -> FlagPage:
    open_now = flag.closed_on is None
    return FlagPage(
        flag=flag,
        student=flag.student,
        belonging=belongings([flag.student_id])[flag.student_id],
        evidence=evidence_of(flag),
        standing=sentences.standing(flag),
        steps=_steps(flag),
        may_take=open_now and flag.taken_by is None and access.can_take(scope, flag.student_id),
        may_give_back=open_now and flag.taken_by_id == scope.user.pk,
        may_decide=open_now and access.can_decide_about(scope, flag.student_id, flag.unit_id),
        may_dispute=can_dispute_about(scope, flag.student),
    )


def flags_about(scope: Scope, student: Student) -> list[Flag]:
    """Every flag of one pupil, open and closed, with what it said when it was raised (`as_raised`).

    Asked once for a page, whichever parts of it want them.
    """
    seen = followed_ids(scope)
    return once(student, scope, "flags", lambda: _of_one.ask(student=student.pk, visible=seen))


@Question
def _of_one():
    opened = FlagEvent.objects.filter(flag=OuterRef("pk"), what=What.OPENED).order_by("pk")
    as_raised = opened.values(said=JSONObject(level="level", value="value", evidence="evidence"))[:1]
    flags = Flag.objects.filter(
        student=Blank("student"), student__in=Blank("visible")
    )  # scope: the visible ids are handed in
    return (
        flags.annotate(as_raised=Subquery(as_raised)).select_related("taken_by").order_by("opened_on", "pk")
    )


def _steps(flag: Flag) -> list[Step]:
    """Latest first. What was withdrawn stays in the row, with its withdrawal above it."""
    return [Step(event, _said(flag, event)) for event in flag.events.select_related("by").order_by("-pk")]


def _said(flag: Flag, event: FlagEvent) -> str:
    """Where the value is the news, the value."""
    if event.what in (What.OPENED, What.CHANGED, What.RETURNED, What.MET_AGAIN) and event.value is not None:
        return sentences.figure(flag.indicator, event.value)
    if event.what == What.RELEASED and event.by is None:
        return _("Den som hade tagit den ser inte eleven längre.")
    return ""
