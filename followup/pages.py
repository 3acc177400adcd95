"""Pages about the service itself: the accessibility statement, the cookies, and in DEBUG the components."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import ngettext


@login_not_required
def accessibility(request):
    """Statement by lagen (2018:1937) om tillgänglighet till digital offentlig service."""
    return render(request, "pages/accessibility.html")


@login_not_required
def cookies(request):
    """What is stored in the reader's browser (lagen 2022:482 om elektronisk kommunikation 9 kap. 28 §)."""
    hours = settings.SESSION_COOKIE_AGE // 3600
    return render(
        request,
        "pages/cookies.html",
        {"session_age": ngettext("%(n)s timme", "%(n)s timmar", hours) % {"n": hours}},
    )
