"""Organisers and their schools: the system administrator's."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from followup.accounts import actions, forms, queries
from followup.accounts.models import Organiser, SchoolUnit
from followup.accounts.permissions import Permission


def places(request):
    request.scope.check(Permission.MANAGE_PLACES)
    return render(request, "accounts/places.html", {"places": queries.places()})


def add_organiser(request):
    request.scope.check(Permission.MANAGE_PLACES)
    form = forms.OrganiserForm(request.POST or None)
    if form.is_valid():
        organiser = actions.add_organiser(by=request.user, **form.cleaned_data)
        messages.success(request, _("%(name)s är tillagd.") % {"name": organiser.name})
        return redirect("accounts:places")
    return render(request, "accounts/form.html", {"form": form, "title": _("Lägg till en huvudman")})


def add_unit(request):
    request.scope.check(Permission.MANAGE_PLACES)
    if not Organiser.objects.exists():
        messages.info(request, _("Lägg till huvudmannen först."))
        return redirect("accounts:add_organiser")
    form = forms.UnitForm(request.POST or None)
    if form.is_valid():
        unit = actions.add_unit(by=request.user, **form.cleaned_data)
        messages.success(request, _("%(name)s är tillagd.") % {"name": unit.name})
        return redirect("accounts:places")
    return render(request, "accounts/form.html", {"form": form, "title": _("Lägg till en skola")})


def change_organiser(request, pk):
    request.scope.check(Permission.MANAGE_PLACES)
    return _change(request, get_object_or_404(Organiser, pk=pk), forms.OrganiserForm)


def change_unit(request, pk):
    request.scope.check(Permission.MANAGE_PLACES)
    return _change(request, get_object_or_404(SchoolUnit, pk=pk), forms.UnitForm)


def _change(request, place, form_class):
    title = place.name
    form = form_class(request.POST or None, instance=place)
    if form.is_valid():
        place.refresh_from_db()  # the form has put its values on the object; the action compares
        actions.change_place(place, by=request.user, **form.cleaned_data)
        messages.success(request, _("Sparat."))
        return redirect("accounts:places")
    return render(request, "accounts/form.html", {"form": form, "title": title})
