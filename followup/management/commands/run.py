"""`make run`: the whole house on this machine, with one command."""

import hashlib
import logging
import os
import shlex
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from followup import embedded
from followup.accounts.models import Installation, Organiser, User
from followup.plainly import CannotStart
from followup.supervisor import Supervisor, listen

WEB = [
    "gunicorn",
    "followup.wsgi",
    "--workers",
    "3",
    "--preload",
    "--graceful-timeout",
    "5",
    "--timeout",
    "60",
]
WORKER = ["celery", "-q", "-A", "followup", "worker", "--concurrency", "2", "--loglevel", "INFO"]
BEAT = ["celery", "-q", "-A", "followup", "beat", "--loglevel", "INFO"]


class Command(BaseCommand):
    help = "Startar Koll på den här datorn: webb, arbetsprocess och klocka."
    requires_system_checks = []  # `make test` checks; a start should be quick

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8000, help=_("port på 127.0.0.1"))

    def handle(self, *args, port, **options):
        logging.getLogger().setLevel(logging.WARNING)  # this terminal is for people; the parts log to files
        supervisor = Supervisor(settings.KOLL_DATA, mend=self.mend)
        supervisor.claim()
        listener = listen(port)
        supervisor.address = f"http://127.0.0.1:{port}"
        self.prepare()
        bind = ["--bind", f"fd://{listener.fileno()}", "--no-control-socket"]
        supervisor.add("Webbservern", "web", *WEB, *bind, pass_fds=(listener.fileno(),))
        supervisor.add("Arbetsprocessen", "worker", *WORKER)
        supervisor.add("Klockan", "beat", *BEAT)
        supervisor.run(self.say)

    def mend(self) -> None:
        if embedded.serving:
            embedded.serving.mend()

    def prepare(self) -> None:
        migrate()
        call_command("translations", "--compile")
        collect_static()
        if settings.DEMO:
            check_demo()
        else:
            Installation.objects.get_or_create(defaults={"is_demo": False})
        if settings.DEMO and not Installation.objects.exists():
            self.stdout.write(_("Gör demokommunen, en enda gång. Det tar en liten stund."))
            call_command("demo", stdout=self.stdout)

    def say(self, address: str) -> None:
        self.stdout.write(_("Koll är igång: %(address)s") % {"address": address})
        if settings.DEMO:
            self.stdout.write(
                _("Alla personer är påhittade. `make run DEMO=0 KOLL_DATA=/annan/mapp` börjar utan dem.")
            )
        elif not User.objects.exists():
            self.stdout.write(_("Ingen kan logga in ännu. Kör `%(command)s`.") % {"command": setup(address)})
        self.stdout.write(_("Allt sparas i %(folder)s. Avsluta med Ctrl-C.") % {"folder": settings.KOLL_DATA})
        self.stdout.flush()


def setup(address: str) -> str:
    """The next command, ready to be copied: on the same data, with a link to this address."""
    folder = f"KOLL_DATA={shlex.quote(str(settings.KOLL_DATA))} " if "KOLL_DATA" in os.environ else ""
    return f"{folder}.venv/bin/python manage.py setup --address {address}"


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def check_demo() -> None:
    """Invented people are never let in among real ones: a demo is marked when it is made, or not at all."""
    installation = Installation.objects.first()
    if not installation.is_demo if installation else Organiser.objects.exists():
        raise CannotStart(
            _(
                "Databasen är inte gjord som demo, så DEMO=1 får inte användas på den. "
                "Starta med DEMO=0, eller med en tom mapp: make run KOLL_DATA=/en/tom/mapp"
            )
        )


def collect_static() -> None:
    """Collect only when a file has changed since last time, because it takes some seconds."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(ignored), key=lambda found: found[0]):
            status = Path(storage.path(name)).stat()
            seen.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    if not mark.exists() or mark.read_text() != seen.hexdigest():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(seen.hexdigest())
