"""manage.py risk_report --day 2026-11-24: every enrolled pupil's indicators on a day, as CSV."""

import csv
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from followup import clock
from followup.risk.queries.report import report_rows


class Command(BaseCommand):
    help = "Skriver ut alla inskrivna elevers indikatorer för en dag som CSV. Ändrar ingenting."

    def add_arguments(self, parser):
        parser.add_argument("--day", help="åååå-mm-dd; idag om inget anges")

    def handle(self, *, day, **options):
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(["national_number", "indicator", "level", "value"])
        writer.writerows(report_rows(a_day(day)))


def a_day(text) -> date:
    try:
        return date.fromisoformat(str(text)) if text else clock.today()
    except ValueError as error:
        raise CommandError(f"{text} är ingen dag. Skriv den som 2026-11-24.") from error
