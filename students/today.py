"""What the records ask of somebody: facts that are said to be wrong, and the answers."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.permissions import Permission, Reach
from followup.offers import TodayRow, TodaySection
from followup.questions import Blank, Question
from followup.scoping import Scope
from followup.words import day, number
from students.forms import LACKING
from students.models import FactDispute, visible_ids
from students.queries import lists

ANSWER_SHOWN_DAYS = 7


def sections(scope: Scope) -> list[TodaySection]:
    found = []
    if scope.can(Permission.SEE_RECORDS) or scope.can(Permission.SET_PROTECTION):
        found.append(_to_answer(scope))
    if scope.can(Permission.DISPUTE_FACT):
        found.append(_answered(scope))
    if scope.units_with(Reach.WHOLE_UNIT):  # whoever can see to it
        found.append(_without_mentor(scope))
    return [section for section in found if section.rows]


def _to_answer(scope: Scope) -> TodaySection:
    disputes = FactDispute.objects.open().to_answer(scope).select_related("student", "said_by")
    return TodaySection(
        "needs_you",
        _("Behöver dig"),
        [
            TodayRow(
                who=dispute.student.name,
                where=_("sagt av %(name)s %(day)s")
                % {"name": dispute.said_by.name, "day": day(dispute.said_at)},
                sentence=_("Stämmer inte:"),
                strong=dispute.fact,
                after=f". {dispute.text}",
                url=reverse("students:detail", args=[dispute.student_id]),
                action=_("Svara"),
                action_url=reverse("students:answer_dispute", args=[dispute.pk]),
                waiting_since=clock.day_of(dispute.said_at),
                student_id=dispute.student_id,
            )
            for dispute in disputes.order_by("said_at")
        ],
    )


def _without_mentor(scope: Scope) -> TodaySection:
    """When a mentor has left, nobody reads what waits around her pupils until they have a new one."""
    count = lists.how_many_without_mentor(scope)
    url = f"{reverse('students:list')}?mentor={LACKING}"
    row = TodayRow(
        who=_("Elever utan mentor"),
        where=scope.place,
        sentence=_("%(students)s har ingen mentor just nu.") % {"students": number(count, "student")},
        url=url,
        action=_("Visa"),
        action_url=url,
    )
    return TodaySection("needs_you", _("Behöver dig"), [row] if count else [])


@Question
def _answered_to():
    answered = FactDispute.objects.filter(  # scope: the visible ids are filled in
        said_by=Blank("me"), answered_at__gte=Blank("since"), student__in=Blank("visible")
    )
    return answered.select_related("student", "answered_by").order_by("-answered_at")


def _answered(scope: Scope) -> TodaySection:
    since = clock.now() - timedelta(days=ANSWER_SHOWN_DAYS)
    disputes = _answered_to.ask(me=scope.user.pk, since=since, visible=visible_ids(scope))
    return TodaySection(
        "good_news",
        _("Bra nyheter"),
        [
            TodayRow(
                who=dispute.student.name,
                where=_("svar av %(name)s %(day)s")
                % {"name": dispute.answered_by.name, "day": day(dispute.answered_at)},
                sentence=_("Du sa att %(fact)s inte stämmer.") % {"fact": dispute.fact},
                strong=dispute.answer,
                url=reverse("students:facts", args=[dispute.student_id]),
                student_id=dispute.student_id,
            )
            for dispute in disputes
        ],
    )
