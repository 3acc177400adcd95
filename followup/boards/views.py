"""The start page of everybody, and the leaders' pages."""

from django.shortcuts import render

from followup.accounts.permissions import Permission
from followup.boards import queries
from followup.boards.system import system_page


def today(request):
    """Idag: what is mine to do, for whatever roles I have."""
    page = queries.start_page(request.scope)
    if page.student_ids:
        request.reading.add(page.student_ids, page="today")
    return render(request, "boards/today.html", {"page": page})


def system(request):
    """Drift: last imports and scans, queue and failures; no pupil on it."""
    request.scope.check(Permission.SEE_SYSTEM)
    return render(request, "boards/system.html", {"page": system_page()})
