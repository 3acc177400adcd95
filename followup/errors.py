"""When something is wrong: a plain sentence, a way on, and never a lost text."""

from urllib.parse import urlsplit

import structlog
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

LONGEST_KEPT = 200_000  # characters of a form that are shown again


def bad_request(request, exception=None):
    return _page(
        request,
        400,
        title=_("Det gick inte att läsa"),
        sentence=_("Sidan fick något den inte kunde läsa. Gå tillbaka, ladda om sidan och försök igen."),
    )


def permission_denied(request, exception=None):
    """Inside your scope without the right: says what you may not do, and who may."""
    reason = str(exception) if exception and str(exception) else ""
    return _page(
        request,
        403,
        title=_("Det här får du inte göra"),
        sentence=reason
        or _("Du får inte göra detta med dina roller. Fråga den som sköter användare och roller."),
    )


def page_not_found(request, exception=None):
    """Outside your scope, or nowhere: the same answer, so that it tells nothing."""
    return _page(
        request,
        404,
        title=_("Sidan finns inte"),
        sentence=_("Sidan finns inte, eller så hör den till någon annan."),
    )


def too_many_requests(request, exception=None):
    """The rate limits of the sign-in (allauth)."""
    return _page(
        request,
        429,
        title=_("För många försök"),
        sentence=_("För många försök på kort tid. Vänta fem minuter och försök igen."),
    )


def server_error(request):
    """Stands alone: no database, no session, no context processor, since any of them may be what broke."""
    context = {
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        "text_kept_at": getattr(request, "text_kept_at", None),  # by students.drafts.views.keeps_text
    }
    try:
        html = loader.get_template("500.html").render(context)
    except Exception:  # the template itself, or the static files' list
        html = (
            "<!doctype html><title>Koll</title><h1>Något gick fel hos oss</h1><p>Försök igen om en stund.</p>"
        )
    return HttpResponseServerError(html)


def csrf_failure(request, reason=""):
    """An old tab after a new sign-in: what was written is shown, and can be sent again by one press.

    Only for a form that came from our own page; what another site sends is neither shown nor offered
    again.
    """
    ours = _from_our_own_page(request)
    if request.user.is_authenticated:
        sentence = _("Du har loggat in på nytt sedan sidan öppnades. Läs igenom och spara.")
    else:
        sentence = _("Du är inte längre inloggad.")
    if not ours:
        sentence = _("Sidan var för gammal eller kom från ett annat håll. Inget har ändrats.")
    return _page(
        request,
        403,
        title=_("Inget har sparats ännu") if ours else _("Det gick inte att spara"),
        sentence=sentence,
        kept=_kept(request) if ours else [],
        files=bool(ours and request.FILES),
        sign_in=not request.user.is_authenticated,
    )


def signed_out(request):
    """A form sent after the session had ended: the text stays on the page while one signs in again."""
    return _page(
        request,
        401,
        title=_("Du har loggats ut"),
        sentence=_("Inloggningen hade gått ut, så inget har sparats ännu. Texten finns kvar här."),
        kept=_kept(request),
        files=bool(request.FILES),
        sign_in=True,
    )


class SignedInMiddleware(LoginRequiredMiddleware):
    """Every page wants a sign-in; a form or a part of a page that comes too late keeps its text."""

    def handle_no_permission(self, request, view_func):
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response.headers["X-Sign-In"] = reverse("account_login")
            return response
        if request.method == "POST" and not view_func.__module__.startswith("allauth."):
            return signed_out(request)
        return super().handle_no_permission(request, view_func)


def _page(request, status, **context):
    context.setdefault("kept", [])
    context["layout"] = "base.html" if getattr(request, "scope", None) else "base_bare.html"
    response = render(request, "error.html", {"status": status, **context}, status=status)
    add_never_cache_headers(response)
    return response


def _from_our_own_page(request) -> bool:
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(source).netloc == request.get_host()


def _kept(request) -> list[tuple[str, str]]:
    """The fields of the form, in order, without its old token."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2")
    ]
    return fields if sum(len(value) for _name, value in fields) <= LONGEST_KEPT else []
