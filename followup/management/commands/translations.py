"""`manage.py translations`: the English catalogue, without GNU gettext."""

from django.core.management.base import BaseCommand, CommandError

from followup import catalogue


class Command(BaseCommand):
    help = "Den engelska katalogen: --check visar vad som saknas, --write skriver in nya texter, --compile kompilerar."
    requires_system_checks = []

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--check", action="store_true")
        what.add_argument("--write", action="store_true")
        what.add_argument("--compile", action="store_true")

    def handle(self, *, check, write, **options):
        if check:
            if lines := catalogue.problems():
                raise CommandError(
                    "\n".join([*lines, f"{len(lines)} texter att se över i {catalogue.CATALOGUE.name}"])
                )
            self.stdout.write("Alla texter finns på engelska.")
        elif write:
            self.stdout.write(f"{catalogue.write()} texter saknar engelska.")
        else:
            catalogue.compile_()
