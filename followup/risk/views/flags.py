"""A flag opened into what it rests on, and taking it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from followup.navigation import address
from followup.risk import access, actions
from followup.risk.models import Flag
from followup.risk.queries import flags as read


def flag(request, pk):
    """The flag's figure with its period and limit, the dated rows it counts, and every step of its life."""
    found = _found(request, pk)
    request.reading.add(found.student, page="flag")
    request.shown_as = address("students:detail", found.student_id)
    return render(
        request,
        "risk/flag.html",
        {"page": read.flag_page(request.scope, found)},
    )


@require_POST
def take(request, pk):
    """Jag tar den: I answer for that something happens."""
    found = _found(request, pk)
    access.check_take(request.scope, found.student_id)
    taken = actions.take(found, by=request.user)
    if taken:
        messages.success(request, _("Du har tagit den. Nästa steg är att prata med eleven."))
    elif found.taken_by_id != request.user.pk:
        messages.warning(request, _("Någon annan hann före och har redan tagit den."))
    return redirect(_back(request, found))


@require_POST
def give_back(request, pk):
    found = _found(request, pk)
    access.check_take(request.scope, found.student_id)
    actions.give_back(found, by=request.user)
    messages.success(request, _("Du har lämnat tillbaka den. Den väntar på någon annan."))
    return redirect(_back(request, found))


def _found(request, pk) -> Flag:
    return get_object_or_404(
        Flag.objects.visible_to(request.scope).select_related(
            "student", "unit", "taken_by", "decision", "student__person"
        ),
        pk=pk,
    )


def _back(request, found: Flag) -> str:
    """Where she came from, if that was one of our own pages; else the flag."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if ours else reverse("risk:flag", args=[found.pk])
