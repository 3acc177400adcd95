"""manage.py scan: measures today and lets the flags live on, in this process."""

from django.core.management.base import BaseCommand, CommandError

from followup import clock
from followup.risk.actions.scans import rehearse, scan_now
from followup.risk.indicators import declared
from followup.risk.management.commands.risk_report import a_day
from followup.risk.models import FlagEvent, Scan


class Command(BaseCommand):
    help = "Skannar idag. En annan dag går bara att pröva, med --dry-run."

    def add_arguments(self, parser):
        parser.add_argument("--day", help="åååå-mm-dd; idag om inget anges")
        parser.add_argument("--indicator", action="append", default=[], help="bara denna (kan upprepas)")
        parser.add_argument("--dry-run", action="store_true", help="visa vad som skulle ske, ändra inget")

    def handle(self, *, day, indicator, dry_run, **options):
        day = a_day(day)
        chosen = [indicator] if isinstance(indicator, str) else indicator
        if unknown := set(chosen) - set(declared()):
            raise CommandError(f"Indikatorn {unknown.pop()} finns inte. Det finns {', '.join(declared())}.")
        if dry_run:
            outcome = rehearse(day, chosen)
            self.stdout.write(f"Prov för {day}: inget är ändrat. Det här skulle ske:")
            self._tell(outcome.steps)
            return
        if day != clock.today():
            raise CommandError(f"{day} är inte idag. En annan dag går bara att pröva: lägg till --dry-run.")
        scan = scan_now(day=day, indicators=chosen)
        if scan.state != Scan.State.DONE:
            raise CommandError("Skanningen blev inte klar. Kör den igen; det som är gjort görs inte om.")
        self.stdout.write(f"Skanningen för {day} är klar.")
        events = FlagEvent.objects.filter(at__gte=scan.started_at, at__lte=scan.finished_at, by=None)
        self._tell({what: events.filter(what=what).count() for what in FlagEvent.What.values})

    def _tell(self, steps: dict[str, int]) -> None:
        names = dict(FlagEvent.What.choices)
        told = [f"  {n} {names[what]}" for what, n in steps.items() if n and what in names]
        self.stdout.write("\n".join(told) or "  ingenting")
