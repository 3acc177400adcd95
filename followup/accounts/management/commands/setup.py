"""`manage.py setup`: the first organiser and administrator of an empty installation."""

import sys

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from followup.accounts import actions, queries
from followup.accounts.models import Installation, Organiser, User
from followup.supervisor import address_in


class Command(BaseCommand):
    help = "Gör den första huvudmannen och systemadministratören, och skriver ut inbjudan."

    def add_arguments(self, parser):
        parser.add_argument("--email", help=_("administratörens e-post"))
        parser.add_argument("--given-name", help=_("förnamn"))
        parser.add_argument("--family-name", help=_("efternamn"))
        parser.add_argument(
            "--organiser", help=_("huvudmannens namn (kan också komma med filen skolenheter)")
        )
        parser.add_argument("--organisation-number", help=_("huvudmannens organisationsnummer"))
        parser.add_argument(
            "--address", default=public_address(), help=_("adressen som Koll har i webbläsaren")
        )

    def handle(self, *, email, given_name, family_name, organiser, organisation_number, address, **options):
        if Installation.objects.filter(is_demo=True).exists():
            raise CommandError(_("Det här är en demo. Den har sina egna människor."))
        if admin := queries.administrator():
            raise CommandError(
                _(
                    "Här finns redan en systemadministratör: %(email)s. "
                    "Är lösenordet glömt: manage.py changepassword %(email)s"
                )
                % {"email": admin.email}
            )
        email = self._ask(email, _("Administratörens e-post"), check=validate_email).lower()
        waiting = User.objects.filter(email=email).first()
        if waiting is None:
            given_name = self._ask(given_name, _("Förnamn"))
            family_name = self._ask(family_name, _("Efternamn"))
        if not Organiser.objects.exists():
            organiser = self._ask(
                organiser, _("Huvudmannens namn (tomt: den kommer med filen skolenheter)"), optional=True
            )
            if organiser:
                organisation_number = self._ask(
                    organisation_number, _("Organisationsnummer, tio siffror"), check=ten_digits
                )
                organisation_number = ten_digits(organisation_number)
        link = actions.set_up(
            email=email,
            given_name=given_name or "",
            family_name=family_name or "",
            organiser=organiser or "",
            organisation_number=organisation_number or "",
            address=address,
        )
        if not link:
            self.stdout.write(_("Klart. %(email)s loggar in med sitt lösenord.") % {"email": email})
            return
        self.stdout.write(_("Klart. Öppna länken och välj ett lösenord (den gäller i sju dagar):"))
        self.stdout.write(link)

    def _ask(self, value, question, *, check=None, optional=False) -> str:
        """The argument, or what is typed; asks again until it is understood."""
        asked = value is None
        while True:
            if asked:
                if not sys.stdin.isatty():
                    if optional:
                        return ""
                    raise CommandError(_("Det här saknas: %(what)s. Se setup --help.") % {"what": question})
                value = input(f"{question}: ")
            value = value.strip()
            try:
                if not value and not optional:
                    raise ValidationError(_("Det behövs."))
                if value and check:
                    check(value)
                return value
            except ValidationError as error:
                if not asked:
                    raise CommandError(f"{question}: {' '.join(error.messages)}") from None
                self.stderr.write(" ".join(error.messages))


def public_address() -> str:
    """Where a browser finds this installation: where it runs just now, or its name behind the proxy."""
    behind = f"https://{settings.ALLOWED_HOSTS[0].lstrip('.')}" if settings.HTTPS else "http://127.0.0.1:8000"
    return address_in(settings.KOLL_DATA) or behind


def ten_digits(text: str) -> str:
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) != 10:
        raise ValidationError(_("Ett organisationsnummer har tio siffror."))
    return digits
