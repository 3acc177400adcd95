"""Whether an account may be used today; asked at sign-in and at every click."""

from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import User
from followup.words import day


def why_no_sign_in(user: User) -> str:
    """Why this user may not sign in today, as a sentence to show her; nothing when she may."""
    if not user.is_active:
        return _("Kontot är stängt. Fråga den som sköter användare och roller hos er.")
    if user.grants.current().exists():
        return ""
    if coming := user.grants.filter(starts_on__gt=clock.today()).order_by("starts_on").first():
        return _("Din roll börjar gälla %(day)s. Då kan du logga in.") % {"day": day(coming.starts_on)}
    return _("Du har ingen roll som gäller idag. Fråga den som sköter användare och roller hos er.")
