"""Deciding about a pupil, and coming back to what was decided."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import push_url

from followup.risk import access, actions
from followup.risk.actions.decisions import UNDONE, MovedOn, may_undo
from followup.risk.forms import CorrectionForm, DecisionForm, OutcomeForm, WithdrawalForm
from followup.risk.models import Decision
from followup.risk.queries import decided, deciding, waiting
from followup.risk.views.waiting import (
    DRAFT,
    address_of_row,
    box,
    decision_form,
    filters_of,
    just_saved,
    narrowed,
    show_list,
)
from students.drafts import actions as drafts
from students.drafts.views import begun_form, keeps_text, written_form
from students.models import Student, SupportMeasure


@keeps_text
def decide(request, pk):
    """One decision over all the pupil's flags: a page of its own, and the box beside the waiting list."""
    student = get_object_or_404(Student.objects.visible_to(request.scope), pk=pk)
    case = deciding.case_of(request.scope, student)
    access.check_decide_about(request.scope, pk, case.unit.pk if case else None)
    if request.method != "POST":
        return _show(request, case, decision_form(request, case))
    if "cancel" in request.POST:
        return _cancel(request, student)
    form = written_form(request, DecisionForm, student, DRAFT, case=case)
    if not form.is_valid():
        return _show(request, case, form)
    following = waiting.next_waiting(request.scope, filters_of(request), after=student.pk)
    try:
        decision = actions.decide(
            student,
            by=request.user,
            unit=case.unit,
            form_uuid=form.proof.form_uuid,
            measure=form.measure,
            **form.decided,
        )
    except MovedOn as moved:
        return _choose_again(request, student, moved)
    drafts.finish(proof=form.proof)
    return redirect(_after(request, student, decision, following))


def _show(request, case, form, **context):
    context |= {"case": case, "form": form, "narrowed": narrowed(request), "saved": just_saved(request)}
    place = request.POST.get("from") or request.GET.get("fran") or "page"
    if place == "list":
        return show_list(request, chosen=case.student, **context)
    context |= box(request, case)
    if request.headers.get("HX-Request"):
        request.reading.add(case.student, page="decide")
        part = render(request, "risk/_decision.html", {**context, "place": "list"})
        return push_url(part, address_of_row(request, case.student))
    request.reading.add(case.student, page="decide")
    return render(request, "risk/decide.html", {**context, "place": place})


def _choose_again(request, student, moved: MovedOn):
    """Somebody was quicker, or a flag has come: nothing is saved, what she wrote stands, and she chooses."""
    case = deciding.case_of(request.scope, student)
    posted = request.POST.copy()
    posted["seen"] = str(moved.now)
    form = DecisionForm(posted, case=case)
    form.proof = request.proof
    return _show(request, case, form, moved=moved)


def _cancel(request, student):
    if request.proof:
        drafts.finish(proof=request.proof)
    if request.POST.get("from") == "student":
        return redirect("students:detail", student.pk)
    return redirect(f"{reverse('risk:waiting_list')}?{narrowed(request)}")


def _after(request, student, decision, following) -> str:
    """To the next one on the list; on a page of her own, to the next one's page."""
    place, saved = request.POST.get("from"), f"sparat={decision.pk}"
    if place == "student":
        return f"{reverse('students:detail', args=[student.pk])}?{saved}"
    kept = f"{narrowed(request)}&{saved}".lstrip("&")
    if following and place == "page":
        return f"{reverse('risk:decide', args=[following])}?{kept}"
    return f"{reverse('risk:waiting_list')}?{kept}" + (f"&elev={following}" if following else "")


def decisions(request):
    """Beslut: what waits for my confirmation, what is late, and what is to be followed up next."""
    access.check_decide(request.scope)
    mine = request.GET.get("visa") == "mina"
    found = decided.decision_list(request.scope, mine=mine, page_number=request.GET.get("sida"))
    request.reading.add([row.student for row in found.rows + found.to_confirm], page="decisions")
    return render(request, "risk/decisions.html", {"found": found, "mine": mine})


def decision(request, pk):
    """One decision: what was decided, by whom, what it set going; to follow up, correct or withdraw."""
    return _show_decision(request, _found(request, pk))


def _show_decision(request, found, sent=None):
    """`sent`: the one of its forms that was sent, or that she was writing when her sign-in ran out."""
    scope = request.scope
    change = access.can_change(scope, found)

    def form(form_class, may: bool):
        if isinstance(sent, form_class):
            return sent
        return _form(begun_form, request, form_class, found) if may else None

    request.reading.add(found.student, page="decision")
    return render(
        request,
        "risk/decision.html",
        {
            "row": decided.rows_of([found])[0],
            "decision": found,
            "may_list": access.can_decide(scope),
            "reasons": [waiting.Reason(flag) for flag in decided.flags_decided(found)],
            "corrections": decided.corrections(found) if access.can_read_earlier(scope, found) else [],
            "may_confirm": not found.confirmed_at and access.can_confirm(scope, found),
            "outcome_form": form(OutcomeForm, access.can_follow_up(scope, found)),
            "correction_form": form(CorrectionForm, change),
            "withdrawal_form": form(WithdrawalForm, change),
            "sent": sent,
        },
    )


@require_POST
def confirm(request, pk):
    found = _found(request, pk)
    access.check_confirm(request.scope, found)
    actions.confirm(found, by=request.user)
    messages.success(request, _("Beslutet är bekräftat."))
    return redirect("risk:decisions")


@keeps_text
def correct(request, pk):
    found = _found(request, pk)
    access.check_change(request.scope, found)
    form = _form(written_form, request, CorrectionForm, found)
    if not form.is_valid():
        return _show_decision(request, found, form)
    actions.correct(found, by=request.user, **form.cleaned_data)
    drafts.finish(proof=form.proof)
    messages.success(request, _("Rättelsen är sparad. Den tidigare lydelsen finns kvar."))
    return redirect("risk:decision", found.pk)


@keeps_text
def withdraw(request, pk):
    found = _found(request, pk)
    if found.withdrawn_by_id == request.user.pk:  # a second tap
        return redirect("risk:decision", found.pk)
    access.check_change(request.scope, found)
    form = _form(written_form, request, WithdrawalForm, found)
    if not form.is_valid():
        return _show_decision(request, found, form)
    actions.withdraw(found, by=request.user, why=form.cleaned_data["why"])
    drafts.finish(proof=form.proof)
    messages.success(request, _("Beslutet är tillbakadraget."))
    return redirect("risk:decision", found.pk)


@require_POST
def undo(request, pk):
    """Ångra: at once after saving, without a reason; what was written waits in the form."""
    found = _found(request, pk)
    access.check_change(request.scope, found)
    if not may_undo(found, request.user):
        messages.warning(request, _("Det har gått för lång tid. Dra tillbaka beslutet här i stället."))
        return redirect("risk:decision", found.pk)
    measure = SupportMeasure.objects.filter(decision_id=found.pk).first()
    actions.withdraw(found, by=request.user, why=UNDONE)
    content = DecisionForm.content_of(found, measure)
    drafts.begin_with(user=request.user, student=found.student, form=DRAFT, content=content)
    messages.success(request, _("Beslutet är ångrat. Det du skrev finns kvar här."))
    if request.POST.get("from") == "list":
        return redirect(address_of_row(request, found.student))
    return redirect("risk:decide", found.student_id)


@keeps_text
def follow_up(request, pk):
    found = _found(request, pk)
    if found.outcome_by_id == request.user.pk:  # a second tap
        return redirect("risk:decisions")
    access.check_follow_up(request.scope, found)
    form = _form(written_form, request, OutcomeForm, found)
    if not form.is_valid():
        return _show_decision(request, found, form)
    chosen = form.cleaned_data
    actions.follow_up(
        found,
        by=request.user,
        outcome=chosen["outcome"],
        goes_on=chosen["then"] == OutcomeForm.GOES_ON,
        next_on=chosen["next_on"],
    )
    drafts.finish(proof=form.proof)
    messages.success(request, _("Uppföljningen är sparad."))
    return redirect("risk:decisions")


def _form(fill, request, form_class, found: Decision):
    """One of the forms on its page, begun or written; a draft of it belongs to this decision."""
    return fill(request, form_class, found.student, f"{form_class.name}.{found.pk}", decision=found)


def _found(request, pk) -> Decision:
    found = get_object_or_404(
        Decision.objects.visible_to(request.scope).select_related(
            "student", "unit", "decided_by", "recorded_by", "outcome_by", "withdrawn_by"
        ),
        pk=pk,
    )
    return found
