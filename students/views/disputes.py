"""Saying that an imported fact is wrong, and answering that."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from students import actions
from students.access import check_answer_dispute, check_dispute, check_see_facts, scope_about
from students.forms import AnswerForm, DisputeForm
from students.models import FactDispute
from students.queries import detail
from students.queries.disputes import disputed_fact


def dispute(request, pk: int, about: str, ref: str):
    student = get_object_or_404(detail.students_with_facts(request.scope), pk=pk)
    here = scope_about(request.scope, student)
    check_dispute(here)
    check_see_facts(here)
    fact = disputed_fact(student, about, ref)
    if fact is None:
        raise Http404
    request.reading.add(student, page="students:dispute")
    back = redirect("students:facts", pk)
    form = DisputeForm(request.POST or None, back_url=back.url)
    if request.method == "POST" and form.is_valid():
        actions.dispute_fact(
            student,
            by=request.user,
            unit=fact.unit,
            about=about,
            on=fact.on,
            detail=fact.detail,
            text=form.cleaned_data["text"],
        )
        messages.success(request, _("Tack. Skoladministratören får veta det och svarar dig."))
        return back
    return render(request, "students/dispute.html", {"form": form, "fact": fact, "student": student})


def answer_dispute(request, pk: int):
    disputes = FactDispute.objects.visible_to(request.scope).select_related("student__person", "said_by")
    dispute = get_object_or_404(disputes, pk=pk)
    check_answer_dispute(request.scope, dispute)
    request.reading.add(dispute.student, page="students:answer_dispute")
    back = redirect("today")
    form = AnswerForm(request.POST or None, back_url=back.url)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_dispute(dispute, by=request.user, answer=form.cleaned_data["answer"])
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Svaret är skickat till %(name)s.") % {"name": dispute.said_by.name})
            return back
    return render(
        request,
        "students/answer_dispute.html",
        {"form": form, "dispute": dispute, "student": dispute.student},
    )
