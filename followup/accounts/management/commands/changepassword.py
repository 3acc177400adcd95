"""`manage.py changepassword E-MAIL`: Django's own, the way back in where no letters leave, and in the trace."""

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from followup.accounts import actions
from followup.accounts.models import User


class Command(changepassword.Command):
    help = "Ger någon ett nytt lösenord, som skrivs två gånger. Det antecknas i granskningsloggen."

    @transaction.atomic
    def handle(self, *args, **options):
        options["username"] = (options["username"] or "").lower()  # as it is stored
        said = super().handle(*args, **options)
        actions.note_new_password(User.objects.get(email=options["username"]), by=None)
        return said
