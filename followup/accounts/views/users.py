"""Användare och roller: who has what and until when, and how it is changed."""

from smtplib import SMTPException

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from followup.accounts import access, actions, forms, queries
from followup.accounts.models import Grant, User
from followup.accounts.permissions import Permission
from followup.words import day


def users(request):
    """The list; a search for a name is a POST, so that no name stands in an address."""
    request.scope.check(Permission.MANAGE_STAFF)
    form = forms.FilterForm(request.GET, scope=request.scope)
    chosen = form.cleaned_data if form.is_valid() else {}
    words = request.POST.get("words", "").replace("\0", "").strip()[:100]
    page = queries.users_page(request.scope, **chosen, words=words, number=request.GET.get("sida", 1))
    context = {
        "page": page,
        "form": form,
        "chosen": any(chosen.values()),
        "may_places": access.manages_all(request.scope),
        "sends_mail": queries.sends_mail(),
        "no_letters": queries.NO_LETTERS,
    }
    return render(request, "accounts/users.html", context)


class NoLettersLeave(OSError):
    """There is no EMAIL_URL, and she is not the one who hands links over."""


def user(request, pk):
    page = queries.user_page(request.scope, _managed(request, pk))
    shown = queries.hands_over_links(request.scope)
    link = request.session.get("invitation_link", {}).get(str(pk), "") if shown else ""
    letters = {"sends_mail": queries.sends_mail(), "hands_over": shown, "no_letters": queries.NO_LETTERS}
    return render(request, "accounts/user.html", {"page": page, "link": link, **letters})


def add_user(request):
    """By hand: the colleague, her first role and the letter, in one go. Who is here already gets the role."""
    request.scope.check(Permission.MANAGE_STAFF)
    form = forms.NewUserForm(request.POST or None, scope=request.scope)
    if form.is_valid():
        person = User.objects.filter(email=form.cleaned_data["email"]).first()
        try:
            with transaction.atomic():
                person, new = _added(request, form, person)
        except actions.AlreadyGranted as already:
            form.add_error("role", _already(already.grant))
        except NoLettersLeave:
            form.add_error("email", queries.NO_LETTERS)
        except (OSError, SMTPException):
            form.add_error(
                "email", _("Brevet kunde inte skickas, så inget har sparats. Försök igen om en stund.")
            )
        else:
            if new:
                messages.success(request, _("%(name)s är tillagd och inbjuden.") % {"name": person.name})
            else:
                messages.success(
                    request, _("%(name)s fanns redan och har fått rollen.") % {"name": person.name}
                )
            return redirect("accounts:user", pk=person.pk)
    return render(request, "accounts/form.html", {"form": form, "title": _("Lägg till en kollega")})


def _added(request, form, person):
    new = person is None
    if new:
        names = {name: form.cleaned_data[name] for name in ("given_name", "family_name", "employee_number")}
        person = actions.add_user(email=form.cleaned_data["email"], by=request.user, **names)
    granted = form.granted
    access.check_give(request.scope, person, granted["role"], getattr(granted["unit"], "pk", None))
    actions.give_role(person, by=request.user, **granted)
    if new:
        _invite(request, person)
    return person, new


def _already(grant: Grant) -> str:
    if grant.ends_on:
        return _("Hen har den rollen där till %(day)s.") % {"day": day(grant.ends_on)}
    return _("Hen har redan den rollen där.")


def _managed(request, pk):
    request.scope.check(Permission.MANAGE_STAFF)
    return get_object_or_404(queries.managed_users(request.scope), pk=pk)


def _invite(request, person):
    """The letter; where no letter leaves, its link is shown on the page, or nobody would get in."""
    hands_over = queries.hands_over_links(request.scope)
    if not (hands_over or queries.sends_mail()):
        raise NoLettersLeave
    link = actions.invite(person, by=request.user, address=request.build_absolute_uri("/"))
    if hands_over:
        request.session["invitation_link"] = {str(person.pk): link}


def change_user(request, pk):
    person = _managed(request, pk)
    access.check_change(request.scope, person)
    form = forms.ChangeUserForm(request.POST or None, user=person, scope=request.scope)
    if form.is_valid():
        if form.cleaned_data["email"] != person.email:
            access.check_change_email(request.scope, person)
        actions.change_user(person, by=request.user, **form.cleaned_data)
        messages.success(request, _("Sparat."))
        return redirect("accounts:user", pk=pk)
    return render(request, "accounts/form.html", {"form": form, "title": person.name})


def give_role(request, pk):
    person = _managed(request, pk)
    form = forms.RoleForm(request.POST or None, scope=request.scope, user=person)
    if form.is_valid():
        granted = form.granted
        access.check_give(request.scope, person, granted["role"], getattr(granted["unit"], "pk", None))
        try:
            actions.give_role(person, by=request.user, **granted)
        except actions.AlreadyGranted as already:
            form.add_error("role", _already(already.grant))
        else:
            messages.success(request, _("%(name)s har fått rollen.") % {"name": person.name})
            return redirect("accounts:user", pk=pk)
    title = _("Ny roll för %(name)s") % {"name": person.name}
    return render(request, "accounts/form.html", {"form": form, "title": title})


def end_role(request, pk):
    request.scope.check(Permission.MANAGE_STAFF)
    grants = access.managed_grants(request.scope, Grant.objects.unended())
    grant = get_object_or_404(grants.select_related("user", "unit", "organiser", "municipality"), pk=pk)
    access.check_end(request.scope, grant)
    form = forms.EndRoleForm(request.POST if request.method == "POST" else None, grant=grant)
    if form.is_valid():
        actions.end_grant(grant, by=request.user, last_day=form.cleaned_data["last_day"])
        messages.success(
            request, _("Rollen avslutas.") if form.cleaned_data["last_day"] else _("Rollen är avslutad.")
        )
        return redirect("accounts:user", pk=grant.user_id)
    return render(request, "accounts/end_role.html", {"form": form, "grant": grant})


@require_http_methods(["GET", "POST"])
def close_user(request, pk):
    """Asks first: no role comes back by itself when the account is opened again."""
    person = _managed(request, pk)
    access.check_change(request.scope, person)
    if request.method == "GET":
        return render(request, "accounts/close_user.html", {"page": queries.user_page(request.scope, person)})
    actions.close_user(person, by=request.user)
    messages.success(
        request, _("Kontot är stängt. Det %(name)s har skrivit finns kvar.") % {"name": person.name}
    )
    return redirect("accounts:user", pk=pk)


@require_POST
def open_user(request, pk):
    person = _managed(request, pk)
    access.check_change(request.scope, person)
    actions.open_user(person, by=request.user)
    messages.success(request, _("Kontot är öppet igen. Ge %(name)s en roll.") % {"name": person.name})
    return redirect("accounts:user", pk=pk)


@require_POST
def invite(request, pk):
    person = _managed(request, pk)
    access.check_invite(request.scope, person)
    try:
        _invite(request, person)
    except (OSError, SMTPException):
        messages.error(request, _("Brevet kunde inte skickas. Försök igen om en stund."))
    else:
        if queries.sends_mail():
            messages.success(request, _("Inbjudan är skickad till %(email)s.") % {"email": person.email})
        else:
            messages.success(request, _("Inbjudan är klar. Länken står här nedanför."))
    return redirect("accounts:user", pk=pk)


@require_POST
def invite_all(request):
    """Everybody who has a role but no way in: after a staff file, or when letters have run out."""
    request.scope.check(Permission.MANAGE_STAFF)
    people = list(queries.uninvited(request.scope)[:200])
    try:
        sent = actions.invite_many(people, by=request.user, address=request.build_absolute_uri("/"))
    except (OSError, SMTPException):
        messages.error(request, _("Alla brev kunde inte skickas. Försök igen om en stund."))
    else:
        text = ngettext("En inbjudan är skickad.", "%(count)s inbjudningar är skickade.", sent)
        messages.success(request, text % {"count": sent})
    return redirect("accounts:users")
