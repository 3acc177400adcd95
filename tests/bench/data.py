"""The measured data: a demo of the wanted size, made once per folder."""

from django.core.management import call_command

from followup.accounts.models import Installation
from followup.demo import municipality
from tests.bench.lines import say, timed


def fill_once(pupils: int, seed: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if Installation.objects.exists():
        return
    with timed() as watch:
        municipality.build(students=pupils, seed=seed, lived_in=False)
    say("demo.build", watch.seconds, "s", pupils=pupils)
