"""The worker's application, and the timetable: what happens by itself, and when.

Times are Swedish. A night that was missed is caught up by the scan itself, and a night that is started
twice does its work once, so the timetable needs no memory in the database.
"""

import os

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from celery.signals import heartbeat_sent
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "followup.settings")

app = Celery("followup")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["followup.demo", "students.drafts", "students.imports"])  # rooms within rooms
app.steps["worker"].add(DjangoStructLogInitStep)

# Nothing between 02.00 and 03.00: that hour is missing one night a year, and comes twice another.
# What is asked again and again expires, so that nothing piles up while no worker lives.
app.conf.beat_schedule = {
    # Varje natt: skanna alla elever.
    "night": {"task": "followup.risk.tasks.run_night", "schedule": crontab(hour=3, minute=0)},
    # Varje halvminut: ta igen en natt som missades, och ta över en skanning vars arbetare dog.
    "look after scans": {
        "task": "followup.risk.tasks.look_after_scans",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    # Varje minut: säg vilka inläsningar som avbröts, och ta upp dem som kön tappade.
    "look after imports": {
        "task": "students.imports.tasks.look_after",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Varje natt: gallra filer 30 dagar efter deras inläsning.
    "erase uploads": {"task": "students.imports.tasks.erase_old", "schedule": crontab(hour=4, minute=30)},
    # Varje natt: radera utkast vars tid är ute.
    "erase drafts": {
        "task": "students.drafts.tasks.erase_old_drafts",
        "schedule": crontab(hour=4, minute=40),
    },
    # Varje natt: radera sessioner som har gått ut.
    "erase sessions": {
        "task": "followup.accounts.tasks.erase_ended_sessions",
        "schedule": crontab(hour=4, minute=50),
    },
}
if settings.DEMO:
    # Varje natt i en demo: en skoldag till, före skanningen.
    app.conf.beat_schedule["demo day"] = {
        "task": "followup.demo.tasks.add_demo_day",
        "schedule": crontab(hour=1, minute=30),
    }


class Timekeeper(PersistentScheduler):
    """Beat, which also says that it lives."""

    def tick(self, *args, **kwargs):
        from followup.health import sign_of_life

        sign_of_life("beat")
        return super().tick(*args, **kwargs)


@heartbeat_sent.connect
def _worker_lives(**_kwargs):
    from followup.health import sign_of_life

    sign_of_life("worker")
