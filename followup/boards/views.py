"""The start page of everybody, and the leaders' pages."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from followup.accounts.permissions import Permission
from followup.boards import queries
from followup.boards import trace as tracing
from followup.boards.forms import TraceForm
from followup.boards.system import system_page


def today(request):
    """Idag: what is mine to do, for whatever roles I have."""
    page = queries.start_page(request.scope)
    if page.student_ids:
        request.reading.add(page.student_ids, page="today")
    return render(request, "boards/today.html", {"page": page})


def school(request):
    """Översikt: a sentence first, then figures; never a name, and no number that could be somebody."""
    queries.check_figures(request.scope)
    return render(request, "boards/school.html", {"page": queries.board(request.scope)})


def system(request):
    """Drift: last imports and scans, queue and failures; no pupil on it."""
    request.scope.check(Permission.SEE_SYSTEM)
    return render(request, "boards/system.html", {"page": system_page()})


def trace(request):
    """Granskning. The search is a POST and leads to an address of ids and days; each look is logged itself."""
    request.scope.check(Permission.SEE_AUDIT)
    if request.method == "POST":
        form = TraceForm(request.POST, scope=request.scope)
        if form.is_valid():
            return redirect(f"{reverse('boards:trace')}?{urlencode(form.address)}")
        return render(
            request, "boards/trace.html", {"form": form, "page": None, "wanted": None, "person": None}
        )
    wanted = tracing.wanted_from(request.scope, request.GET)
    if wanted is None:
        raise Http404
    page = tracing.trace_page(request.scope, wanted, tracing.number_in(request.GET, "sida") or 1)
    request.reading.add(page.student_ids, page="trace", reason="audit")
    context = {
        "form": TraceForm(initial=tracing.as_typed(wanted), scope=request.scope),
        "page": page,
        "wanted": wanted,
        "person": tracing.staff(request.scope).filter(pk=wanted.user_id).first() if wanted.user_id else None,
    }
    return render(request, "boards/trace.html", context)
