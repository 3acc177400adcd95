"""The waiting list, with the decision about one pupil beside it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from followup.accounts.permissions import Permission
from followup.risk import access
from followup.risk.actions.decisions import may_undo
from followup.risk.actions.scans import order_scan
from followup.risk.forms import DecisionForm, WaitingFilterForm
from followup.risk.models import Decision
from followup.risk.queries import deciding, state, waiting
from students.drafts.views import begun_form
from students.models import Student

DRAFT = "decision"
KEPT = ("skola", "program", "arskurs", "klass", "mentor", "vantat", "sida")


def waiting_list(request):
    """Väntelista: who waits, why, since when; the one who has waited longest first."""
    access.check_see_waiting_list(request.scope)
    return show_list(request)


def show_list(request, chosen: Student | None = None, **context):
    """The list as the address narrows it; beside it the chosen pupil, with a form that is being filled in."""
    scope = request.scope
    request.shown_as = reverse("risk:waiting_list")  # also where a form beside it is sent back to be mended
    everybody = waiting.listed(scope)
    known = waiting.belongings_of(everybody)
    filter_form = WaitingFilterForm(request.GET, waiting.options(known.values()))
    found = waiting.waiting_list(scope, filter_form.filters, request.GET.get("sida"), everybody, known)
    if chosen is None:
        row = _chosen(request.GET.get("elev"), found.rows)
        chosen = row.student if row else None
        context["case"] = case = deciding.case_of(scope, chosen, row) if row else None
        context["form"] = decision_form(request, case) if case else None
    shown = {row.student.pk for row in found.rows} | ({chosen.pk} if chosen else set())
    request.reading.add(shown, page="waiting_list")
    return render(
        request,
        "risk/waiting_list.html",
        {
            "found": found,
            "filter_form": filter_form,
            "filtered": bool(filter_form.filters),
            "state": state.list_state(scope, nothing=not found.counts.students),
            "chosen_pk": chosen.pk if chosen else None,
            "narrowed": narrowed(request),
            "asked": f"?{narrowed(request)}" if narrowed(request) else "",
            "saved": just_saved(request),
            "may_scan": access.can_run_scan(scope),
            **box(request, context.get("case")),
            **context,
        },
    )


def decision_form(request, case) -> DecisionForm:
    """An empty form about the pupil, or the one that she has begun."""
    form = begun_form(request, DecisionForm, case.student, DRAFT, case=case)
    form.initial["seen"] = str(case.seen)  # what she saw when she began is not what she sees now
    return form


def box(request, case) -> dict:
    """What the decision box offers beside the form: to take it or give it back."""
    me = request.user.pk
    return {
        "may_give_back": next((flag.pk for flag in case.flags if flag.taken_by_id == me), None)
        if case
        else None,
        "may_take": bool(case) and case.unit.pk in request.scope.units_where(Permission.TAKE_FLAG),
    }


def filters_of(request) -> waiting.Filters:
    if not narrowed(request):
        return waiting.Filters()
    known = waiting.belongings_of(waiting.listed(request.scope))
    return WaitingFilterForm(request.GET, waiting.options(known.values())).filters


def narrowed(request) -> str:
    """The filters of this address, to come back to: without the pupil and what was just saved."""
    return urlencode({name: value for name, value in request.GET.items() if value and name in KEPT})


def address_of_row(request, student: Student) -> str:
    """The list with one pupil's box open, as it stands in the address field."""
    kept = f"{narrowed(request)}&elev={student.pk}".lstrip("&")
    return f"{reverse('risk:waiting_list')}?{kept}"


def just_saved(request) -> Decision | None:
    """What she saved a moment ago, while she may still undo it."""
    pk = request.GET.get("sparat", "")
    decision = Decision.objects.visible_to(request.scope).filter(pk=pk).first() if pk.isdecimal() else None
    return decision if decision and may_undo(decision, request.user) else None


def _chosen(pk: str | None, rows: list[waiting.Row]) -> waiting.Row | None:
    """The pupil that the address names, else the first on the list."""
    by_id = {str(row.student.pk): row for row in rows}
    return by_id.get(pk or "") or next(iter(rows), None)


@require_POST
def scan_now(request):
    """Kör skanningen nu: ordered in the database, so it is not lost when nobody can be told at once."""
    access.check_run_scan(request.scope)
    scan = order_scan(by=request.user, unit_ids=request.scope.units_where(Permission.RUN_SCAN))
    if scan.is_sent:
        messages.success(request, _("Skanningen är beställd. Listan är ny om en stund: ladda om sidan."))
    else:
        messages.warning(
            request,
            _("Skanningen är beställd men kön svarar inte. Den görs så snart kön är igång igen."),
        )
    return redirect("risk:waiting_list" if access.can_see_waiting_list(request.scope) else "today")
