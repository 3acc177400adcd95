"""`manage.py alive beat`: has it been heard of? For health checks of what has no address of its own."""

import sys

from django.core.management.base import BaseCommand

from followup.health import SILENT_AFTER, heard_of


class Command(BaseCommand):
    help = "Avslutas med 0 om delen har hörts av nyligen, annars med 1."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("who", choices=list(SILENT_AFTER))

    def handle(self, *, who, **options):
        if not heard_of(who):
            sys.exit(1)
