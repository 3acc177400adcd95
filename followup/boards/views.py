"""The start page of everybody, and the leaders' pages."""

from django.shortcuts import render

from followup.boards import queries


def today(request):
    """Idag: what is mine to do, for whatever roles I have."""
    page = queries.start_page(request.scope)
    if page.student_ids:
        request.reading.add(page.student_ids, page="today")
    return render(request, "boards/today.html", {"page": page})
