"""Getting in and being somebody: the demo's cards, invitations, duties, own settings."""

from allauth.account import views as allauth_views
from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from followup.accounts import actions, forms, queries
from followup.scoping import SESSION_KEY


def _back(request, default: str = "today"):
    """Where the form says one came from, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if safe else default)


@login_not_required
def demo(request):
    """The first page of the demo: choose whom to be. Exists only in a database made as a demo."""
    if not queries.is_demo():
        raise Http404
    if request.method == "POST":
        person = get_object_or_404(queries.demo_people(), pk=forms.id_from(request.POST, "person"))
        return perform_login(request, person, redirect_url=_back(request).url)
    return render(request, "accounts/demo.html", {"cards": queries.demo_cards(), "next": _back(request).url})


@require_POST
def work_as(request):
    """Another of my duties or organisers; scope and trace carry it from now on."""
    duty, _, organiser_id = request.POST.get("working_as", "").partition(":")
    wanted = (duty, int(organiser_id) if organiser_id.isdecimal() and len(organiser_id) < 10 else None)
    if wanted not in request.scope.choices:
        raise Http404
    request.session[SESSION_KEY] = wanted
    return redirect("today")


@require_POST
def keyboard_moves(request):
    actions.set_keyboard_moves(request.user, on=request.POST.get("moves") == "on", by=request.user)
    return _back(request)


def change_password(request):
    """The invented people of the demo have no password to change."""
    if not request.user.has_usable_password():
        raise Http404
    return allauth_views.password_change(request)


@login_not_required
def forgotten(request):
    """A letter with a link; where no letters leave, whom to ask instead of waiting for one."""
    if not queries.sends_mail():
        return render(request, "accounts/forgotten.html")
    return allauth_views.password_reset(request)


@login_not_required
def welcome(request, token):
    """The link of an invitation: choose a password, and in. Used, replaced or old links say so."""
    invitation = queries.invitation_by(token)
    if invitation is None:
        return render(request, "accounts/invitation_over.html", status=410)
    form = forms.ChoosePasswordForm(request.POST or None, user=invitation.user)
    if form.is_valid():
        person = actions.accept_invitation(invitation, password=form.cleaned_data["password"])
        return perform_login(request, person, redirect_url=reverse("today"))
    return render(request, "accounts/welcome.html", {"form": form, "person": invitation.user})
