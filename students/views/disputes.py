"""Saying that an imported fact is wrong, and answering that."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from students import actions
from students.access import check_answer_dispute, check_dispute, check_see_facts, scope_about
from students.drafts import actions as drafts
from students.drafts.views import keeps_text, written_form
from students.forms import AnswerForm, DisputeForm
from students.models import FactDispute
from students.queries import detail
from students.queries.disputes import disputed_fact


@keeps_text
def dispute(request, pk: int, about: str, ref: str):
    """One tap beside the fact, one sentence; then back to where the fact stood."""
    student = get_object_or_404(detail.students_with_facts(request.scope), pk=pk)
    here = scope_about(request.scope, student)
    check_dispute(here)
    check_see_facts(here)
    fact = disputed_fact(student, about, ref)
    if fact is None or "\0" in ref:
        raise Http404
    request.reading.add(student, page="students:dispute")
    form = written_form(request, DisputeForm, student, f"{about}.{ref}")
    if form.is_valid():
        actions.dispute_fact(
            student,
            by=request.user,
            unit=fact.unit,
            about=about,
            on=fact.on,
            detail=fact.detail,
            text=form.cleaned_data["text"],
        )
        drafts.finish(proof=form.proof)
        messages.success(request, _("Tack. Skoladministratören får veta det och svarar dig."))
        return redirect(_back(request, pk))
    context = {"form": form, "fact": fact, "student": student, "back_url": _back(request, pk)}
    return render(request, "students/dispute.html", context)


@keeps_text
def answer_dispute(request, pk: int):
    disputes = FactDispute.objects.visible_to(request.scope).select_related("student__person", "said_by")
    dispute = get_object_or_404(disputes, pk=pk)
    check_answer_dispute(request.scope, dispute)
    request.reading.add(dispute.student, page="students:answer_dispute")
    form = written_form(request, AnswerForm, dispute.student, f"answer.{pk}")
    if form.is_valid():
        try:
            actions.answer_dispute(dispute, by=request.user, answer=form.cleaned_data["answer"])
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            drafts.finish(proof=form.proof)
            messages.success(request, _("Svaret är skickat till %(name)s.") % {"name": dispute.said_by.name})
            return redirect("today")
    context = {"form": form, "dispute": dispute, "student": dispute.student}
    return render(request, "students/answer_dispute.html", context)


def _back(request, pk: int) -> str:
    """The page on which the fact stood, if it is one of ours; else the facts of the pupil."""
    came_from = request.GET.get("tillbaka", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if ours else reverse("students:facts", args=[pk])
