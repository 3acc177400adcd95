"""`manage.py demo`: fills an empty database with the demo municipality."""

from django.core.management.base import BaseCommand, CommandError

from followup.demo import municipality


class Command(BaseCommand):
    help = "Gör en påhittad kommun i en tom databas."

    def add_arguments(self, parser):
        parser.add_argument("--students", type=int, default=2000, help="antal elever")
        parser.add_argument("--seed", type=int, default=1, help="samma tal ger samma kommun")

    def handle(self, *, students, seed, **options):
        try:
            municipality.build(students=students, seed=seed, say=self.stdout.write)
        except municipality.NotADemo:
            raise CommandError(
                "Databasen är inte tom. En demo kan bara göras i en tom databas, så att riktiga uppgifter aldrig blandas med påhittade."
            ) from None
