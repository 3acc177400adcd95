"""How allauth behaves here: nobody signs up by herself; accounts come from staff files and invitations."""

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from followup.accounts.standing import why_no_sign_in
from followup.audit import actions as audit

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-posten eller lösenordet stämmer inte."),
        "enter_current_password": _("Skriv ditt nuvarande lösenord."),
        "incorrect_password": _("Lösenordet stämmer inte."),
        "invalid_login": _("E-posten eller lösenordet stämmer inte."),
        "invalid_password_reset": _("Länken gäller inte längre. Be om en ny."),
        "too_many_login_attempts": _("För många försök. Vänta fem minuter och försök igen."),
        "rate_limited": _("För många försök. Vänta en stund och försök igen."),
    }

    def is_open_for_signup(self, request):
        return False

    def pre_login(self, request, user, **kwargs):
        """The right password is not enough: the account must be open and a role in force today."""
        if refusal := why_no_sign_in(user):
            log.info("sign_in_refused", user=user.pk)
            messages.error(request, refusal)
            return redirect("account_login")
        return None

    def set_password(self, user, password):
        """On her page, or by the letter for a forgotten one: whoever did it reads as her from now on."""
        with transaction.atomic():
            super().set_password(user, password)
            audit.record("accounts.choose_password", by=user, about=user)

    def login(self, request, user):
        super().login(request, user)
        audit.record("accounts.sign_in", by=user, about=user)

    def authentication_failed(self, request, **credentials):
        log.info("sign_in_failed")
